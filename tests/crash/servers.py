"""Real `ziggurat serve` processes on one database, to be killed and started again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 120
_READY = re.compile(r"Ziggurat listens on (http://\S+)")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    pid: int
    address: str


class Servers:
    """As many servers as asked for, all on the database at `url`."""

    def __init__(self, nursery: "subprocess.Popen[str]", url: str, count: int) -> None:
        self._nursery = nursery
        self._url = url
        self.running = [self._start() for _ in range(count)]
        self.kills = 0

    @property
    def addresses(self) -> list[str]:
        return [server.address for server in self.running]

    def kill(self, places: Sequence[int]) -> None:
        """`kill -9` those at `places`, and wait until they are gone."""
        for place in places:
            os.kill(self.running[place].pid, signal.SIGKILL)
            self.kills += 1
        for place in places:
            wait_until_gone(self.running[place].pid)

    def restart(self, places: Sequence[int]) -> None:
        """Start those at `places` again."""
        for place in places:
            self.running[place] = self._start()

    def _start(self) -> Server:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps({"database": self._url, "port": 0}) + "\n")
        self._nursery.stdin.flush()
        pid = int(self._nursery.stdout.readline().removeprefix("pid "))
        line = self._nursery.stdout.readline()
        found = _READY.match(line)
        if not found:
            raise RuntimeError(f"the server did not start: {line}")
        return Server(pid, found[1])


def wait_until_gone(pid: int) -> None:
    """Wait until there is no process `pid`."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.001)
    raise TimeoutError(f"process {pid} is still there")


@contextmanager
def servers(url: str, count: int, log: Path) -> Iterator[Servers]:
    """`count` servers on the database at `url` for the length of the block; their logs go to `log`."""
    with log.open("a") as errors:
        nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "ZIGGURAT_LOG_LEVEL": "warning"},
        )
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    try:
        line = nursery.stdout.readline()
        if line != "ready\n":
            raise RuntimeError(f"no servers can be started: {log.read_text()}")
        started = Servers(nursery, url, count)
        yield started
    finally:
        nursery.stdin.close()
        nursery.stdout.close()
        nursery.wait(PATIENCE_S)
