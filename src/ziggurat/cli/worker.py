"""`ziggurat worker`: timers, activations and webhooks, in a process of their own."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from ziggurat.cli.database import opened, present
from ziggurat.cli.inputs import Flag

if TYPE_CHECKING:
    from collections.abc import Collection

    from ziggurat.app.upkeep.worker import Share

_SHUTDOWN_SECONDS = 10


def worker(*, database: str | None = None, once: Flag = False) -> int:
    """Work off what is due (timers, activations, webhooks) until stopped; any number may run on PostgreSQL.

    Args:
        database: Where everything is kept (default: ZIGGURAT_DATABASE_URL, or ziggurat.db here).
        once: Stop when nothing is left to do now.
    """
    from ziggurat.app.events.evaluate_members import warm_up
    from ziggurat.app.upkeep.worker import Share, Worker, start_workers
    from ziggurat.http.face_mounts import face_renderers
    from ziggurat.http.json_logs import configure_logs
    from ziggurat.http.settings import Settings
    from ziggurat.store.objects import open_objects

    settings = Settings.from_environment(database_url=database)
    configure_logs(settings.log_level, settings.log_format)
    warm_up()
    objects, renderers = open_objects(settings.objects), face_renderers()
    with opened(database) as found:

        def make(shares: Collection[Share]) -> Worker:
            return Worker(
                found,
                present,
                private_targets=settings.webhook_private_targets,
                renderers=renderers,
                shares=shares,
                objects=objects,
            )

        if once:
            print(f"{make(tuple(Share)).run_until_idle():,} things done")
            return 0
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        threads = start_workers(make, stop, max(settings.worker_threads, 1))
        print("The worker is at work.", flush=True)
        stop.wait()
        for thread in threads:
            thread.join(_SHUTDOWN_SECONDS)
    return 0
