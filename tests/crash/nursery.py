"""Starts servers in no time: a process that has imported and compiled everything forks one for each line it reads.

Each line on standard input is a JSON object of `ziggurat serve` options. Answered are the line `pid NUMBER`, and then
what `ziggurat serve` itself prints when it is ready, or `exit NUMBER`.
"""

import json
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from ziggurat.app.access.create_organization import create_organization
from ziggurat.app.access.read_organization import find_organization
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.cli.serve import serve
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Database
from ziggurat.store.schema import migrate


def warm_up() -> None:
    """Do once what loads the compiled code, so that no child has to."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'warm.db'}")
        migrate(database)
        create_organization(database, "warm", 0, "nursery")
        scope = find_organization(database, "warm")
        assert scope is not None, "it was just made"
        context = Context(database, scope, "nursery", time.time_ns() // 1_000)
        rules = {"qualification": {"measure": "points_earned"}, "tiers": [{"name": "One", "from": 1}]}
        publish_program(context, {"name": "warm", "edition": 1, **rules})
        ingest_events(context, [Event("a", EventType.POINTS_EARNED, 0, id="1", points=1)])
        database.dispose()


def main() -> None:
    """Fork servers until standard input ends; then end them all."""
    import ziggurat.http.application
    import ziggurat.http.native.application  # noqa: F401 - imported for the children

    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody stays a zombie
    children = []
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            print(f"pid {os.getpid()}", flush=True)
            print(f"exit {serve(**json.loads(line))}", flush=True)
            os._exit(0)
        children.append(child)
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
