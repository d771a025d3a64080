"""`ziggurat serve`: the API, the faces and the worker in one process."""

from __future__ import annotations

import gc
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Collection

    from fastapi import FastAPI

    from ziggurat.http.settings import Settings

_GC_OBJECTS = 50_000
_SHUTDOWN_SECONDS = 10


def serve(
    *, database: str | None = None, host: str | None = None, port: int | None = None, face: str | None = None
) -> int:
    """Serve the API, with the worker in the same process, until stopped.

    A SQLite file is made, or brought to this version's schema; PostgreSQL is for `ziggurat migrate`.

    Settings come from the environment (docs/settings.md); what is said here wins. One line is printed when requests
    are answered; logs go to standard error. The first start ever takes some seconds longer: the evaluator is compiled.

    Args:
        database: Where everything is kept: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        face: Vendor face to serve at the root, instead of the native API.
    """
    from ziggurat.app.events.evaluate_members import warm_up
    from ziggurat.http.application import create_app
    from ziggurat.http.json_logs import configure_logs
    from ziggurat.http.settings import Settings

    settings = Settings.from_environment(database_url=database, host=host, port=port, face=face)
    _prepare(settings)
    warm_up()
    app = create_app(settings)
    configure_logs(settings.log_level, settings.log_format)
    return _run(app, settings)


def _prepare(settings: Settings) -> None:
    """Bring a SQLite file to this version's schema."""
    from ziggurat.store.database import Database
    from ziggurat.store.schema import migrate

    opened = Database(settings.database_url)
    try:
        if opened.is_sqlite:
            migrate(opened)
    finally:
        opened.dispose()


def _run(app: FastAPI, settings: Settings) -> int:
    import uvicorn

    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    listening = _listen(settings)
    if listening is None:
        return 1
    shown = listening.getsockname()
    address = f"[{shown[0]}]" if ":" in shown[0] else shown[0]

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                print(f"Ziggurat listens on http://{address}:{shown[1]}", flush=True)

    stop = threading.Event()
    workers = _start_workers(app, settings, stop)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_OBJECTS, 20, 20)
    try:
        Server(config).run(sockets=[listening])
    finally:
        stop.set()
        for worker in workers:
            worker.join(_SHUTDOWN_SECONDS)
        listening.close()
    return 0


def _listen(settings: Settings) -> socket.socket | None:
    import socket

    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        listening.close()
        problem = getattr(error, "strerror", None) or error
        print(
            f"cannot listen on {settings.host} port {settings.port}: {problem} (choose others with --host and --port)",
            file=sys.stderr,
        )
        return None
    return listening


def _start_workers(app: FastAPI, settings: Settings, stop: threading.Event) -> list[threading.Thread]:
    from ziggurat.app.upkeep.worker import Share, Worker, start_workers
    from ziggurat.http.face_mounts import face_renderers

    service, renderers = app.state.service, face_renderers()

    def make(shares: Collection[Share]) -> Worker:
        return Worker(
            service.database,
            service.clock,
            private_targets=settings.webhook_private_targets,
            renderers=renderers,
            shares=shares,
            objects=service.objects,
        )

    return start_workers(make, stop, settings.worker_threads)
