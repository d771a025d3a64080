"""The worker: what has to be done without being asked, in bounded steps, until it is told to stop."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from secrets import token_hex
from threading import Event, Thread

from ziggurat import limits
from ziggurat.app.audiences.run_audiences import run_audiences
from ziggurat.app.audiences.run_imports import run_imports
from ziggurat.app.audiences.run_syncs import run_syncs
from ziggurat.app.programs.run_activations import start_due_activations, step_activations
from ziggurat.app.upkeep.forget_expired import forget_expired
from ziggurat.app.upkeep.run_due import run_due
from ziggurat.app.webhooks.deliver_webhooks import Renderer, deliver_webhooks
from ziggurat.app.webhooks.dispatch_outbox import dispatch_outbox
from ziggurat.store.database import Database
from ziggurat.store.errors import DatabaseGoneError, StoreError
from ziggurat.store.objects import Objects

log = logging.getLogger("ziggurat.worker")

_IDLE_S = 1.0
_TROUBLE_S = 5.0


class Share(StrEnum):
    """Kinds of work that do not have to wait for each other."""

    DECISIONS = "decisions"
    """Timers, activations, audiences, imports, and handing messages to endpoints: waits for the database only."""
    WEBHOOKS = "webhooks"
    SYNCS = "syncs"


class Worker:
    """Timers, activations, outbox and webhooks; any number of workers may run on one PostgreSQL database.

    Args:
        database: where everything is kept.
        clock: the time, UTC microseconds.
        private_targets: whether webhooks and syncs may go to addresses that are not on the open internet.
        renderers: the webhook envelopes of dialects other than the native one.
        shares: what it does; waiting for slow receivers or sources, a worker does nothing else meanwhile.
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
        shares: Collection[Share] = tuple(Share),
        objects: Objects | None = None,
        idle_s: float = _IDLE_S,
    ) -> None:
        self.database = database
        self.clock = clock
        self.private_targets = private_targets
        self.renderers = renderers or {}
        self.shares = frozenset(shares)
        self.objects = objects
        self.idle_s = idle_s
        self.name = f"worker-{token_hex(6)}"
        self._next_housekeeping = 0

    def run(self, stop: Event) -> None:
        """Work until `stop` is set.

        A database that is away for a while does not end it; what fails by itself rests for a while and keeps nothing
        else from being done.
        """
        parts = self._parts()
        resting: dict[str, float] = {}
        while not stop.is_set():
            done = 0
            for name, work in parts.items():
                if stop.is_set() or time.monotonic() < resting.get(name, 0.0):
                    continue
                try:
                    done += work()
                except DatabaseGoneError as error:
                    log.warning("the database could not: %s (%s)", error, error.code)
                    stop.wait(_TROUBLE_S)
                    break
                except StoreError as error:
                    log.warning("the database could not, for %s: %s (%s)", name, error, error.code)
                    resting[name] = time.monotonic() + _TROUBLE_S
                except Exception:
                    log.exception("%s failed; tried again in a while", name)
                    resting[name] = time.monotonic() + _TROUBLE_S
            if not done:
                stop.wait(self.idle_s)

    def step(self) -> int:
        """One bounded step of everything; how much there was to do."""
        return sum(work() for work in self._parts().values())

    def _parts(self) -> dict[str, Callable[[], int]]:
        """What there is to do, by name; each part does a bounded share when it is called, and says how much it was."""
        database, clock, objects, private = self.database, self.clock, self.objects, self.private_targets
        parts: dict[str, Callable[[], int]] = {}
        if Share.DECISIONS in self.shares:
            parts["scheduled revisions"] = lambda: start_due_activations(database, clock())
            parts["activations"] = lambda: step_activations(database, self.name, clock())
            parts["timers"] = lambda: run_due(database, clock())
            parts["audiences"] = lambda: run_audiences(database, clock())
            if objects is not None:
                parts["imports"] = lambda: run_imports(database, objects, self.name, clock)
            parts["outbox"] = lambda: dispatch_outbox(database, clock())
            parts["housekeeping"] = self._keep_house
        if Share.SYNCS in self.shares and objects is not None:
            parts["syncs"] = lambda: run_syncs(database, objects, clock, private_targets=private)
        if Share.WEBHOOKS in self.shares:
            parts["webhooks"] = lambda: deliver_webhooks(
                database, clock, private_targets=private, renderers=self.renderers
            )
        return parts

    def _keep_house(self) -> int:
        """Now and then: nothing waits for it."""
        now = self.clock()
        if now < self._next_housekeeping:
            return 0
        self._next_housekeeping = now + limits.HOUSEKEEPING_SECONDS * 1_000_000
        return forget_expired(self.database, now)

    def run_until_idle(self, steps_max: int = 10_000) -> int:
        """Work until nothing is left to do now; how much it was."""
        total = 0
        for _ in range(steps_max):
            done = self.step()
            total += done
            if not done:
                break
        return total


def start_workers(make: Callable[[Collection[Share]], Worker], stop: Event, deciding: int = 1) -> list[Thread]:
    """Threads at work until `stop` is set: `deciding` of them on decisions, and one on each other share.

    `make` makes the worker for some shares. With `deciding` 0 there are none at all.
    """
    shares = [Share.DECISIONS] * deciding + ([Share.WEBHOOKS, Share.SYNCS] if deciding else [])
    threads = [
        Thread(target=make((share,)).run, args=(stop,), name=f"worker-{share}-{number}", daemon=True)
        for number, share in enumerate(shares)
    ]
    for thread in threads:
        thread.start()
    return threads
