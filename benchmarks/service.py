"""The service under load: real `ziggurat serve` processes over HTTP, beside what the same work costs bare.

    script/bench service [--database sqlite|postgresql|both] [--workers 1,2] [--members 100000] [--rounds 3]

Members have 10 to 1,000 events each, one has 10,000 (`support.base`); every figure is of a copy of the same filled
database, durable as in production (fsync on, logs on).

Ingest: batches of 1,000 events of members at random through `POST /v1/events`, evaluated, over two connections for each
process. Beside it, in turns: the very same rows of the ledger and nothing else (no member looked up, no history, no
state, no move), made beforehand, in one call of the same driver and one commit a batch, by one thread for each process.

Reading: `GET /v1/members/{id}` over 32 connections, evaluated, with risks and opportunities. Beside it, in turns: the
same framework, served alike, answering the member's row alone, by the same store, without key, checks and log.

"CPU" is what the server processes worked for one event or request, all their threads; PostgreSQL's own is not in it.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.support.base import BUSY, Base, fill
from benchmarks.support.load import Run, get, post, send
from benchmarks.support.servers import BARE, DATABASES, SERVE, Servers, Store, serving, stores, written
from ziggurat.app.access.read_organization import find_organization
from ziggurat.app.events.evaluate_members import warm_up
from ziggurat.http.fields import instant_text
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Database
from ziggurat.store.event_rows import COLUMNS, content_hash, row_of
from ziggurat.store.rows import write_rows
from ziggurat.store.schema import open_database
from ziggurat.store.scope import Scope
from ziggurat.store.sequences import take
from ziggurat.store.tables import events as events_table

BATCH = 1_000
READERS = 32


def now_us() -> int:
    return time.time_ns() // 1_000


def made_up(chance: random.Random, count: int, members: int, prefix: str) -> list[Event]:
    """`count` earnings of members at random, dated just now."""
    now = now_us() - count
    return [
        Event(
            f"m{chance.randrange(members)}",
            EventType.POINTS_EARNED,
            now + place,
            id=f"{prefix}-{place:07d}",
            points=chance.randrange(1, 100) * SCALE,
        )
        for place in range(count)
    ]


def wire(event: Event) -> str:
    points = (event.points or 0) // SCALE
    return (
        f'{{"id":"{event.id}","member":"{event.member}","type":"points.earned",'
        f'"occurred_at":"{instant_text(event.occurred_at)}","points":{points}}}'
    )


def bodies(events: Sequence[Event], size: int, secret: str) -> list[bytes]:
    """Requests of `size` events each; one alone is no list."""
    parts = [events[start : start + size] for start in range(0, len(events), size)]
    texts = [",".join(map(wire, part)) for part in parts]
    return [post("/v1/events", secret, (text if size == 1 else f"[{text}]").encode()) for text in texts]


class Bare:
    """The ledger's rows of events, written and nothing else."""

    def __init__(self, url: str, base: Base, threads: int) -> None:
        self.database: Database = open_database(url)
        scope = find_organization(self.database, "default")
        assert scope is not None
        self.scope: Scope = scope
        self.base, self.pool = base, ThreadPoolExecutor(threads)

    def write(self, events: Sequence[Event]) -> Run:
        """Write `events`, BATCH at a time."""
        with self.database.writing() as connection:
            numbers = take(connection, self.scope, "events", len(events))
        rows = [
            row_of(event, self.base.first + int(event.member[1:]), number, event.occurred_at, content_hash(event), None)
            for event, number in zip(events, numbers, strict=True)
        ]
        parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
        started, worked, wrote = time.perf_counter(), time.process_time(), written(os.getpid())
        run = Run(list(self.pool.map(self._one, parts)))
        run.wall, run.cpu = time.perf_counter() - started, time.process_time() - worked
        run.written = written(os.getpid()) - wrote
        return run

    def _one(self, rows: Sequence[tuple[object, ...]]) -> float:
        started = time.perf_counter()
        with self.database.writing() as connection:
            write_rows(connection, self.scope, events_table, COLUMNS, rows)
        return time.perf_counter() - started

    def close(self) -> None:
        self.pool.shutdown()
        self.database.dispose()


def told(name: str, run: Run, each: int, unit: str) -> float:
    ordered = sorted(run.seconds)
    done = len(ordered) * each
    rate = done / run.wall
    middle, slow = ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3
    cpu = run.cpu / done * 1e6
    print(f"  {name:38} {rate:9,.0f} {unit}/s  p50 {middle:8.2f} ms  p99 {slow:8.2f} ms  CPU {cpu:7.1f} µs", flush=True)
    return rate


def ingest(servers: Servers, bare: Bare, base: Base, chance: random.Random, asked: argparse.Namespace) -> None:
    full, plain = Run(), Run()
    connections = 2 * len(servers.ports)
    for turn in range(asked.rounds + 1):
        events = made_up(chance, asked.batches * BATCH, base.members, f"e{turn}")
        requests = bodies(events, BATCH, base.secret)
        run = servers.measured(partial(send, connections=connections, requests=requests))
        beside = bare.write(events)
        if turn:  # the first one warms up
            full.add(run)
            plain.add(beside)
    rate = told("ingest, 1,000 a request", full, BATCH, "events")
    least = told("bare inserts of the same rows, 1,000 each", plain, BATCH, "rows  ")
    print(f"  {'':38} ingest is {rate / least:.0%} of bare inserts; by CPU {plain.cpu / full.cpu:.0%}", flush=True)
    if bare.database.is_sqlite:
        each = full.written / len(full.seconds) / BATCH, plain.written / len(plain.seconds) / BATCH
        print(f"  {'':38} written {each[0]:,.0f} bytes an event, bare {each[1]:,.0f}", flush=True)


def singles(servers: Servers, base: Base, chance: random.Random, asked: argparse.Namespace) -> None:
    for connections in (1, READERS):
        events = made_up(chance, asked.singles, base.members, f"s{connections}")
        requests = bodies(events, 1, base.secret)
        run = servers.measured(partial(send, connections=connections, requests=requests))
        told(f"one event a request, {connections} at a time", run, 1, "events")
    busy = [Event(BUSY, EventType.POINTS_EARNED, now_us() - 100 + n, id=f"busy-{n}", points=SCALE) for n in range(100)]
    run = servers.measured(partial(send, connections=1, requests=bodies(busy, 1, base.secret)))
    told("one event of the one with 10,000", run, 1, "events")


def reads(servers: Servers, beside: Servers, base: Base, chance: random.Random, asked: argparse.Namespace) -> None:
    full, plain = Run(), Run()
    for turn in range(asked.rounds + 1):
        names = [f"m{chance.randrange(base.members)}" for _ in range(asked.reads)]
        requests = [get(f"/v1/members/{name}", base.secret) for name in names]
        load = partial(send, connections=READERS, requests=requests)
        run, bare = servers.measured(load), beside.measured(load)
        if turn:
            full.add(run)
            plain.add(bare)
    rate = told(f"read a member, {READERS} at a time", full, 1, "reads ")
    least = told("bare framework and the member's row", plain, 1, "reads ")
    print(f"  {'':38} reading is {rate / least:.0%} of it; by CPU {plain.cpu / full.cpu:.0%}", flush=True)


def measure(store: Store, base: Base, workers: int, asked: argparse.Namespace, folder: Path) -> None:
    processes = "1 process" if workers == 1 else f"{workers} processes"
    print(f"\n{store.name}, {processes}", flush=True)
    chance = random.Random(workers)
    with ExitStack() as stack:
        url, other = stack.enter_context(store.copy()), stack.enter_context(store.copy())
        servers = stack.enter_context(serving(SERVE, url, workers, folder / "serve.log"))
        if "ingest" in asked.only:
            bare = Bare(other, base, workers)
            stack.callback(bare.close)
            ingest(servers, bare, base, chance, asked)
        if "singles" in asked.only:
            singles(servers, base, chance, asked)
        if "reads" in asked.only:
            beside = stack.enter_context(serving(BARE, url, workers, folder / "bare.log"))
            reads(servers, beside, base, chance, asked)


def run(store: Store, asked: argparse.Namespace, folder: Path) -> None:
    bases: list[Base] = []
    print(f"\n{store.name}: filling a database", flush=True)
    started = time.perf_counter()
    store.fill(lambda database: bases.append(fill(database, asked.members, now_us())))
    base = bases[0]
    took = time.perf_counter() - started
    print(f"{store.name}: {base.members:,} members and {base.events:,} events, filled in {took:.0f} s", flush=True)
    for workers in map(int, asked.workers.split(",")):
        measure(store, base, workers, asked, folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=DATABASES, default="both")
    parser.add_argument("--workers", default="1,2", help="how many processes, with commas between")
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each pair; one more warms up")
    parser.add_argument("--batches", type=int, default=20, help="batches of 1,000 in a turn")
    parser.add_argument("--singles", type=int, default=1_000)
    parser.add_argument("--reads", type=int, default=2_000, help="reads in a turn")
    parser.add_argument("--only", default="ingest,singles,reads")
    asked = parser.parse_args()
    warm_up()  # the kernel is compiled before anything is measured
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for store in stores(asked.database, folder):
            run(store, asked, folder)


if __name__ == "__main__":
    main()
