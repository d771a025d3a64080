"""Batches of 1,000 events through the use case, evaluation and all, beside bare inserts of the same rows.

    script/bench service [--database sqlite|postgresql] [--members 100000] [--batches 60] [--before 0] [--profile]

Then single events, and reading a member beside reading her row. Durable as in production (fsync on). `--before N` gives
every member N events of history first, which is not measured.
"""

import argparse
import cProfile
import gc
import pstats
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from tests.support.postgres import postgres_server
from ziggurat.app.context import Context
from ziggurat.app.create_organization import create_organization
from ziggurat.app.evaluation import warm_up
from ziggurat.app.ingest_events import ingest_events
from ziggurat.app.publish_program import publish_program
from ziggurat.app.read_member import read_member
from ziggurat.app.read_organization import find_organization
from ziggurat.program.amounts import SCALE
from ziggurat.program.calendar import calendar
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Database
from ziggurat.store.event_rows import COLUMNS, content_hash, row_of
from ziggurat.store.repositories import members
from ziggurat.store.rows import write_rows
from ziggurat.store.schema import open_database
from ziggurat.store.tables import events as events_table

BATCH = 1_000
NOW = calendar("UTC").parse("2025-07-01")
DAY = 86_400_000_000
PROGRAM = {
    "name": "Coffee Club",
    "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
    "expiration": {"type": "fixed_duration", "period": {"months": 12}, "round_up": "day"},
    "downgrade": {"type": "single_level", "grace_period": {"months": 1, "round_up": True}},
    "base_tier": {"name": "Member"},
    "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}, {"name": "Platinum", "from": 10000}],
}


def made_up(random_: random.Random, count: int, number: int, start: int, end: int, prefix: str) -> list[Event]:
    """`count` earnings of `number` members, in order of time."""
    step = (end - start) // max(count, 1)
    return [
        Event(
            f"m{random_.randrange(number)}",
            EventType.POINTS_EARNED,
            start + place * step,
            id=f"{prefix}{place:09d}",
            points=random_.randrange(1, 100) * SCALE,
        )
        for place in range(count)
    ]


@contextmanager
def fresh(kind: str, folder: str, name: str) -> Iterator[Database]:
    """A new database, durable."""
    if kind == "sqlite":
        database = open_database(f"sqlite:///{folder}/{name}.db")
        yield database
        database.dispose()
        return
    with postgres_server(durable=True) as server:
        database = open_database(server.url_of(server.create()))
        yield database
        database.dispose()


def context_in(database: Database) -> Context:
    create_organization(database, "Bench", NOW)
    scope = find_organization(database, "Bench")
    assert scope is not None
    return Context(database, scope, "bench", NOW)


def timed(work: Callable[[int], object], count: int) -> list[float]:
    """Seconds of each of `count` calls."""
    found = []
    for place in range(count):
        started = time.perf_counter()
        work(place)
        found.append(time.perf_counter() - started)
    return found


def told(name: str, seconds: Sequence[float], each: int, unit: str) -> float:
    ordered = sorted(seconds)
    rate = len(seconds) * each / sum(seconds)
    middle, slow = ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3
    print(f"{name:28} {rate:12,.0f} {unit}/s   p50 {middle:8.2f} ms   p99 {slow:8.2f} ms")
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--batches", type=int, default=60)
    parser.add_argument("--before", type=int, default=0)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    warm_up()
    random_ = random.Random(1)
    start = NOW - 300 * DAY
    before = made_up(random_, arguments.members * arguments.before, arguments.members, start - 300 * DAY, start, "b")
    batch = made_up(random_, arguments.batches * BATCH, arguments.members, start, NOW, "e")
    single = made_up(random_, 500, arguments.members, NOW - DAY, NOW, "s")
    with tempfile.TemporaryDirectory() as folder:
        with fresh(arguments.database, folder, "full") as database:
            context = context_in(database)
            publish_program(context, PROGRAM)
            for place in range(0, len(before), 10_000):
                _live(context, before[place : place + 10_000])
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000)  # as `ziggurat serve` does
            profile = cProfile.Profile()
            if arguments.profile:
                profile.enable()
            seconds = timed(lambda n: _live(context, batch[n * BATCH : (n + 1) * BATCH]), arguments.batches)
            profile.disable()
            full = told("ingest, 1,000 at a time", seconds, BATCH, "events")
            told("ingest, one at a time", timed(lambda n: ingest_events(context, single[n : n + 1]), 500), 1, "events")
            names = [event.member for event in single]
            told("read a member", timed(lambda n: read_member(context, names[n]), 500), 1, "reads")
            told("read her row", timed(lambda n: _row(context, names[n]), 500), 1, "reads")
            if arguments.profile:
                pstats.Stats(profile).sort_stats("tottime").print_stats(40)
        with fresh(arguments.database, folder, "bare") as database:
            context = context_in(database)
            rows = [
                row_of(event, int(event.member[1:]) + 1, place + 1, NOW, content_hash(event), None)
                for place, event in enumerate(batch)
            ]
            seconds = timed(lambda n: _bare(context, rows[n * BATCH : (n + 1) * BATCH]), arguments.batches)
            bare = told("bare inserts, 1,000 at once", seconds, BATCH, "rows")
    print(f"ingest is {full / bare:.0%} of bare inserts")


def _live(context: Context, events: Sequence[Event]) -> object:
    """Ingest events when they happen: what is dated before what is known costs a correction."""
    return ingest_events(replace(context, now=events[-1].occurred_at), events)


def _row(context: Context, name: str) -> object:
    with context.database.reading() as connection:
        return members.get(connection, context.scope, name)


def _bare(context: Context, rows: Sequence[tuple[object, ...]]) -> None:
    with context.database.writing() as connection:
        write_rows(connection, context.scope, events_table, COLUMNS, rows)


if __name__ == "__main__":
    main()
