"""`ziggurat worker`: timers, activations and webhooks, in a process of their own."""

from __future__ import annotations

import signal
import threading

from ziggurat.cli.database import opened, present
from ziggurat.cli.inputs import Flag


def worker(*, database: str | None = None, once: Flag = False) -> int:
    """Work off what is due (timers, activations, webhooks) until stopped; any number may run on PostgreSQL.

    Args:
        database: Where everything is kept (default: ZIGGURAT_DATABASE_URL, or ziggurat.db here).
        once: Stop when nothing is left to do now.
    """
    from ziggurat.app.worker import Worker
    from ziggurat.http.settings import Settings
    from ziggurat.store.objects import open_objects

    settings = Settings.from_environment(database_url=database)
    with opened(database) as found:
        working = Worker(
            found, present, private_targets=settings.webhook_private_targets, objects=open_objects(settings.objects)
        )
        if once:
            print(f"{working.run_until_idle():,} things done")
            return 0
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        print("The worker is at work.", flush=True)
        working.run(stop)
    return 0
