"""Requests over kept connections, as many at a time as asked: how long each took, and all of them together.

The requests are bytes made beforehand, so that hardly anything but the server works while the clock runs.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

_OK = range(200, 300)


@dataclass(slots=True)
class Run:
    """How long `seconds` each request took, and `wall` all of them.

    `cpu` is how many seconds the servers worked meanwhile, `written` how many bytes they handed to the system.
    """

    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0
    cpu: float = 0.0
    written: int = 0

    def add(self, other: "Run") -> None:
        """Take in what another run showed."""
        self.seconds += other.seconds
        self.wall += other.wall
        self.cpu += other.cpu
        self.written += other.written


def get(path: str, secret: str) -> bytes:
    """A GET as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {secret}\r\n\r\n".encode()


def post(path: str, secret: str, body: bytes) -> bytes:
    """A POST of JSON as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {secret}\r\n"
    return f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def send(ports: Sequence[int], connections: int, requests: Sequence[bytes]) -> Run:
    """Send all `requests`, each connection one after the other; connections are spread over `ports`."""
    loop = uvloop.new_event_loop()
    try:
        return loop.run_until_complete(_send(loop, ports, connections, requests))
    finally:
        loop.close()


async def _send(
    loop: asyncio.AbstractEventLoop, ports: Sequence[int], connections: int, requests: Sequence[bytes]
) -> Run:
    run, waiting = Run(), iter(requests)
    clients = [_Client(waiting, run, loop.create_future()) for _ in range(min(connections, len(requests)))]
    for place, client in enumerate(clients):
        await loop.create_connection(lambda client=client: client, "127.0.0.1", ports[place % len(ports)])  # type: ignore[misc]
    started = time.perf_counter()
    for client in clients:
        client.next()
    await asyncio.gather(*(client.done for client in clients))
    run.wall = time.perf_counter() - started
    for client in clients:
        client.transport.close()
    return run


class _Client(asyncio.Protocol):
    """One connection: sends a request, waits for its answer, sends the next."""

    transport: asyncio.Transport

    def __init__(self, waiting: Iterator[bytes], run: Run, done: "asyncio.Future[None]") -> None:
        self.waiting, self.run, self.done = waiting, run, done
        self.got, self.missing, self.sent_at = b"", -1, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its type

    def next(self) -> None:
        request = next(self.waiting, None)
        if request is None:
            self.done.set_result(None)
            return
        self.got, self.missing, self.sent_at = b"", -1, time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self.missing < 0:
            self.got += data
            head, end, rest = self.got.partition(b"\r\n\r\n")
            if not end:
                return
            if int(head[9:12]) not in _OK:
                self.done.set_exception(RuntimeError(self.got.decode()))
                return
            at = head.lower().index(b"content-length:") + 15
            self.missing = int(head[at:].split(b"\r", 1)[0]) - len(rest)
        else:
            self.missing -= len(data)
        if self.missing == 0:
            self.run.seconds.append(time.perf_counter() - self.sent_at)
            self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))
