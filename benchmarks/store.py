"""Batches of 1,000 events into the ledger: what each step costs beside the bare driver.

    script/bench store [--members 20000] [--batches 60]

Steps: the same rows through the bare driver; `events.insert`; and all of an ingest but the evaluation: members locked
or made, events inserted, packed histories appended to and read. Durable as in production (fsync on).
"""

import argparse
import contextlib
import gc
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection

from tests.support.postgres import postgres_server
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Database
from ziggurat.store.event_rows import COLUMNS, content_hash, row_of
from ziggurat.store.repositories import events, history, members, organizations
from ziggurat.store.repositories.events import Arrival
from ziggurat.store.rows import write_rows
from ziggurat.store.schema import open_database
from ziggurat.store.scope import Scope
from ziggurat.store.tables import events as events_table

BATCH = 1_000
Step = Callable[[Connection, Scope, list[Event], int], None]


def bare(
    connection: Connection, scope: Scope, batch: list[Event], number: int, rows: Sequence[tuple[object, ...]]
) -> None:
    write_rows(connection, scope, events_table, COLUMNS, rows)


def rows_for(batch: list[Event], number: int) -> list[tuple[object, ...]]:
    first = 10_000_000 + number * BATCH
    return [
        row_of(event, int(event.member[1:]), first + n, 0, content_hash(event), None) for n, event in enumerate(batch)
    ]


def insert(connection: Connection, scope: Scope, batch: list[Event], number: int) -> None:
    events.insert(connection, scope, [Arrival(int(event.member[1:]), event) for event in batch], number)


def ingest(connection: Connection, scope: Scope, batch: list[Event], number: int) -> None:
    known = members.ensure(connection, scope, {event.member for event in batch}, created_at=0)
    arrivals = [Arrival(known[event.member].id, event) for event in batch]
    receipts = events.insert(connection, scope, arrivals, number)
    history.append(connection, scope, arrivals, [receipt.sequence for receipt in receipts])


def batches(count: int, population: int, seed: str) -> Iterator[list[Event]]:
    chance = random.Random(seed)
    for number in range(count):
        yield [
            Event(
                f"m{chance.randrange(population)}",
                EventType.ORDER_PLACED,
                (number * BATCH + n) * 1_000_000,
                id=f"{seed}-{number}-{n}",
                points=chance.randrange(10**6),
                amount=chance.randrange(10**7),
                currency="EUR",
            )
            for n in range(BATCH)
        ]


def measure(database: Database, name: str, count: int, population: int) -> None:
    steps: dict[str, Step | None] = {
        "bare": None,
        "insert": insert,
        "ingest": ingest,
    }
    for step, do in steps.items():
        with database.writing() as connection:
            scope = organizations.create(connection, step, created_at=0).scope
        spent = 0.0
        for number, batch in enumerate(batches(count, population, step)):
            rows = rows_for(batch, number)
            started = time.perf_counter()
            with database.writing() as connection:
                if do is None:
                    bare(connection, scope, batch, number, rows)
                else:
                    do(connection, scope, batch, number)
            spent += time.perf_counter() - started
        print(f"{name:11} {step:12} {count * BATCH / spent:12,.0f} events/s")


@contextlib.contextmanager
def both() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder, postgres_server(durable=True) as server:
        yield {"sqlite": f"sqlite:///{Path(folder) / 'bench.db'}", "postgresql": server.url_of(server.create())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--batches", type=int, default=60)
    asked = parser.parse_args()
    gc.freeze()
    gc.set_threshold(50_000)  # as the service sets it
    with both() as urls:
        for name, url in urls.items():
            database = open_database(url)
            measure(database, name, asked.batches, asked.members)
            database.dispose()


if __name__ == "__main__":
    main()
