"""The worker: what has to be done without being asked, in bounded steps, until it is told to stop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from secrets import token_hex
from threading import Event

from ziggurat.app.deliver_webhooks import Renderer, deliver_webhooks
from ziggurat.app.dispatch_outbox import dispatch_outbox
from ziggurat.app.run_activations import start_due_activations, step_activations
from ziggurat.app.run_audiences import run_audiences
from ziggurat.app.run_due import run_due
from ziggurat.app.run_imports import run_imports
from ziggurat.app.run_syncs import run_syncs
from ziggurat.store.database import Database
from ziggurat.store.errors import StoreError
from ziggurat.store.objects import Objects

log = logging.getLogger("ziggurat.worker")

_IDLE_S = 1.0
_TROUBLE_S = 5.0


class Worker:
    """Timers, activations, outbox and webhooks; any number of workers may run on one PostgreSQL database.

    Args:
        database: where everything is kept.
        clock: the time, UTC microseconds.
        private_targets: whether webhooks and syncs may go to addresses that are not on the open internet.
        renderers: the webhook envelopes of dialects other than the native one.
        webhooks: whether this worker delivers webhooks.
        objects: where files for imports are; None: this worker does no imports and syncs.
        idle_s: how long to rest when there is nothing to do.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], int],
        *,
        private_targets: bool = False,
        renderers: Mapping[str, Renderer] | None = None,
        webhooks: bool = True,
        objects: Objects | None = None,
        idle_s: float = _IDLE_S,
    ) -> None:
        self.database = database
        self.clock = clock
        self.private_targets = private_targets
        self.renderers = renderers or {}
        self.webhooks = webhooks
        self.objects = objects
        self.idle_s = idle_s
        self.name = f"worker-{token_hex(6)}"

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; a database that is away for a while does not end it."""
        while not stop.is_set():
            try:
                done = self.step()
            except StoreError as error:
                log.warning("the database could not: %s (%s)", error, error.code)
                stop.wait(_TROUBLE_S)
            except Exception:
                log.exception("a step failed; it is tried again")
                stop.wait(_TROUBLE_S)
            else:
                if not done:
                    stop.wait(self.idle_s)

    def step(self) -> int:
        """One bounded step of everything; how much there was to do."""
        done = start_due_activations(self.database, self.clock())
        done += step_activations(self.database, self.name, self.clock())
        done += run_due(self.database, self.clock())
        done += run_audiences(self.database, self.clock())
        if self.objects is not None:
            done += run_imports(self.database, self.objects, self.name, self.clock)
            done += run_syncs(self.database, self.objects, self.clock, private_targets=self.private_targets)
        done += dispatch_outbox(self.database, self.clock())
        if self.webhooks:
            done += deliver_webhooks(
                self.database, self.clock, private_targets=self.private_targets, renderers=self.renderers
            )
        return done

    def run_until_idle(self, steps_max: int = 10_000) -> int:
        """Work until nothing is left to do now; how much it was."""
        total = 0
        for _ in range(steps_max):
            done = self.step()
            total += done
            if not done:
                break
        return total
