"""Real processes to send requests to, databases for them, and how much they have worked."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.support.load import Run
from tests.support.postgres import PostgresServer, postgres_server
from ziggurat.store.database import Database
from ziggurat.store.schema import migrate, open_database

SERVE = ("-c", "from ziggurat.cli.main import run; run()", "serve", "--port", "0", "--database")
BARE = ("-m", "benchmarks.support.bare_app")
_TICKS = os.sysconf("SC_CLK_TCK")


class Store:
    """Databases of one kind: one that is filled, and copies of it."""

    def __init__(self, folder: Path, server: PostgresServer | None) -> None:
        self.folder, self.server = folder, server
        self.name = "PostgreSQL" if server else "SQLite"
        self._template = server.create() if server else str(folder / "template.db")
        self._made = 0

    def fill(self, work: Callable[[Database], object]) -> None:
        """Fill the template."""
        url = self._url(self._template)
        database = Database(url, synchronous="NORMAL", statement_timeout_ms=600_000)
        migrate(database)
        database.dispose()
        database = open_database(url, synchronous="NORMAL", statement_timeout_ms=600_000)
        work(database)
        database.dispose()
        if self.server:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
                connection.execute("CHECKPOINT")

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The address of a copy of what was filled, for as long as the block lasts."""
        if self.server:
            name = self.server.create(self._template)
            try:
                yield self._url(name)
            finally:
                self.server.drop(name)
            return
        self._made += 1
        path = self.folder / f"copy{self._made}.db"
        shutil.copyfile(self._template, path)
        try:
            yield self._url(str(path))
        finally:
            for file in self.folder.glob(f"{path.name}*"):
                file.unlink()

    def _url(self, name: str) -> str:
        return self.server.url_of(name) if self.server else f"sqlite:///{name}"


DATABASES = ("sqlite", "postgresql", "both")


def stores(database: str, folder: Path) -> Iterator[Store]:
    """A store for each database that `database`, one of DATABASES, names; a server runs until the next is asked for."""
    if database != "postgresql":
        yield Store(folder, None)
    if database != "sqlite":
        with postgres_server(durable=True) as server:
            yield Store(folder, server)


class Servers:
    """Running processes, the ports they listen on, and what else works for them (PostgreSQL's backends)."""

    def __init__(self, processes: Sequence["subprocess.Popen[str]"], ports: list[int]) -> None:
        self.processes, self.ports = processes, ports

    def cpu(self) -> float:
        """Seconds that the processes have worked."""
        return sum(_worked(process.pid) for process in self.processes)

    def written(self) -> int:
        """Bytes that the processes have written: to files and, little beside, to connections and the log."""
        return sum(written(process.pid) for process in self.processes)

    def measured(self, send: Callable[[list[int]], Run]) -> Run:
        """What `send` shows, and how much the servers worked for it."""
        worked, wrote = self.cpu(), self.written()
        run = send(self.ports)
        run.cpu, run.written = self.cpu() - worked, self.written() - wrote
        return run


@contextmanager
def serving(command: Sequence[str], url: str, count: int, log: Path) -> Iterator[Servers]:
    """`count` processes over one database; they are done with when the block ends."""
    running: list[subprocess.Popen[str]] = []
    try:
        with log.open("w") as errors:
            for _ in range(count):
                words = [sys.executable, *command, url]
                running.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True))
        yield Servers(running, [_port_of(process, log) for process in running])
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.communicate(timeout=60)


def _port_of(process: "subprocess.Popen[str]", log: Path) -> int:
    assert process.stdout is not None
    found = re.search(r":(\d+)$", process.stdout.readline().strip())
    if found is None:
        raise RuntimeError(log.read_text())
    return int(found[1])


def written(pid: int) -> int:
    """Bytes that a process has written so far."""
    return int(re.findall(r"wchar: (\d+)", Path(f"/proc/{pid}/io").read_text())[0])


def _worked(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
