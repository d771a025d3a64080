"""Refresh 20 audiences over a million members, and take single events: `script/bench audiences [MEMBERS] [EVENTS]`.

For each audience: a bare SQL count of its condition, the refresh that fills it, the one that finds nothing to do, and
one after a percent of the members have changed. Then what one event costs with and without the audiences.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from tests.support.postgres import postgres_server
from ziggurat.app.audience_views import SaidRule
from ziggurat.app.context import Context
from ziggurat.app.create_audience import create_audience
from ziggurat.app.ingest_events import ingest_events
from ziggurat.app.load_audiences import load_audience
from ziggurat.app.refresh_audience import refresh_audience
from ziggurat.engine.scores import day_of
from ziggurat.program.calendar import calendar
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Database
from ziggurat.store.repositories import audience_upkeep, organizations, profiles
from ziggurat.store.repositories.profiles import Profile
from ziggurat.store.rows import write_rows
from ziggurat.store.schema import migrate
from ziggurat.store.tables import members
from ziggurat.store.tables.base import canonical_json

NOW = calendar("UTC").parse("2025-07-01")
BATCH = 50_000
RULES: list[list[SaidRule]] = [
    *[
        [SaidRule("points_balance", "greater_than_or_equal", (low,)), SaidRule("points_balance", "less_than", (high,))]
        for low, high in ((0, 500), (500, 2_000), (2_000, 5_000), (5_000, 10**9))
    ],
    *[[SaidRule("lifetime_value", "between", (low, low + 500))] for low in (0, 1_000, 2_000, 4_000)],
    [SaidRule("order_count", "greater_than", (20,))],
    [SaidRule("average_order_value", "greater_than", (120,))],
    [SaidRule("activity_rank", "equals", (5,))],
    [SaidRule("purchase_frequency_rank", "in", (4, 5))],
    [SaidRule("monetary_score", "greater_than", (300,))],
    [SaidRule("country", "in", ("FR", "DE")), SaidRule("points_lifetime", "greater_than", (1_000,))],
    [SaidRule("country", "not_equals", ("FR",)), SaidRule("monetary_rank", "greater_than_or_equal", (3,))],
    [SaidRule("metadata.tier", "equals", ("gold",))],
    [SaidRule("metadata.tags", "contains", ("vip",))],
    [SaidRule("email", "contains", ("7@",)), SaidRule("activity_score", "greater_than", (1,))],
    [SaidRule("last_order_at", "less_than", ("2025-01-01",)), SaidRule("order_count", "greater_than", (5,))],
    [SaidRule("points_balance", "greater_than", (9_000,), "a"), SaidRule("order_count", "greater_than", (45,), "b")],
]


def fill(database: Database, count: int) -> Context:
    """An organization of `count` members with profiles as they would be."""
    random = np.random.default_rng(1)
    with database.writing() as connection:
        scope = organizations.create(connection, "Bench", created_at=0).scope
        audience_upkeep.begin(connection, scope, 30, NOW)
        audience_upkeep.set_profiles_ready(connection, scope, NOW, day_of(NOW))
    for start in range(0, count, BATCH):
        ids = range(start + 1, min(start + BATCH, count) + 1)
        with database.writing() as connection:
            columns = ("id", "external_id", "attributes", "created_at", "absorbed", "version")
            people = [(number, f"m{number:08d}", canonical_json({}), NOW, 0, 1) for number in ids]
            write_rows(connection, scope, members, columns, people)
            profiles.save(connection, scope, [profile(random, number) for number in ids])
        if database.is_sqlite and ids[-1] == count:
            with database.writing() as connection:
                connection.exec_driver_sql(
                    "INSERT INTO counters VALUES (?, 'members', ?) ON CONFLICT DO UPDATE SET taken = excluded.taken",
                    (scope.organization_id, count),
                )
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"SELECT setval('members_numbers', {count})")
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")
    return Context(database, scope, "bench", NOW)


def profile(random: Any, number: int) -> Profile:
    """A member with amounts drawn at random."""
    units, low = random.integers(0, 10_000, 8).tolist(), random.integers(0, 6, 5).tolist()
    email = f"m{number}@shop.example"
    facts = {"metadata.tier": "sgold" if low[3] == 0 else "ssilver", "metadata.tags": ("svip",) if low[4] == 0 else ()}
    orders = units[3] % 50
    return Profile(
        member_id=number,
        member=f"m{number:08d}",
        email=email,
        email_folded=email,
        phone=None,
        full_name=None,
        status="active",
        country=("FR", "DE", "IT", "ES", "US", None)[low[3]],
        region=None,
        city=None,
        created_at=NOW,
        enrolled_at=None,
        last_order_at=NOW - units[4] * 3_600_000_000,
        last_activity_at=NOW,
        points_balance=units[0] * 10_000,
        points_lifetime=units[1] * 10_000,
        lifetime_value=units[2] * 10_000,
        order_count=orders * 10_000,
        average_order_value=units[2] * 10_000 // max(orders, 1),
        activity_score=units[5] * 10,
        purchase_frequency_score=units[6] * 10,
        monetary_score=units[7] * 500,
        activity_rank=low[0],
        purchase_frequency_rank=low[1],
        monetary_rank=low[2],
        facts=facts,
        changed_at=NOW,
    )


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    started = perf_counter()
    found = work()
    return perf_counter() - started, found


def count(context: Context, audience: str) -> int:
    """How many profiles satisfy the audience's rules: the bare count."""
    with context.database.reading() as connection:
        return profiles.count_matching(
            connection, context.scope, load_audience(connection, context, audience).rules, {}
        )


def events_of(round_: int, how_many: int, members_count: int) -> Iterator[Event]:
    """Orders of random members."""
    random = np.random.default_rng(round_)
    for number, member in enumerate(random.integers(1, members_count, how_many).tolist()):
        amount = int(random.integers(1, 500)) * 10_000
        at = NOW - 1_000_000 + number
        yield Event(f"m{member:08d}", EventType.ORDER_PLACED, at, points=amount, amount=amount)


def one_by_one(context: Context, events: Iterator[Event]) -> float:
    """The median seconds that one event takes."""
    return median(timed(lambda event=event: ingest_events(context, [event]))[0] for event in events)  # type: ignore[misc]


def measure(name: str, database: Database, members_count: int, events_count: int) -> None:
    """Print everything about one database."""
    seconds, context = timed(lambda: fill(database, members_count))
    print(f"\n{name}: {members_count:,} members made in {seconds:.0f} s")
    without = one_by_one(without_audiences(database), events_of(1, events_count, members_count))
    made = [create_audience(context, f"Audience {number}", rules=rules) for number, rules in enumerate(RULES)]
    print(f"{'':>4} {'members':>9} {'count':>9} {'fill':>9} {'again':>9} {'ratio':>6} {'after 1 %':>10} {'changed':>8}")
    rows = []
    for number, audience in enumerate(made):
        count(context, audience.id)
        bare = min(timed(lambda id_=audience.id: count(context, id_))[0] for _ in range(3))  # type: ignore[misc]
        filling, view = timed(lambda id_=audience.id: refresh_audience(context, id_))  # type: ignore[misc]
        again = min(timed(lambda id_=audience.id: refresh_audience(context, id_))[0] for _ in range(3))  # type: ignore[misc]
        rows.append([number, view.members, bare, filling, again])
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE audience_members")
    change_some(context, members_count)
    for row, audience in zip(rows, made, strict=True):
        again = min(timed(lambda id_=audience.id: count(context, id_))[0] for _ in range(2))  # type: ignore[misc]
        seconds, view = timed(lambda id_=audience.id: refresh_audience(context, id_))  # type: ignore[misc]
        number, in_it, bare, filling, nothing = row
        print(
            f"{number:>4} {in_it:>9,} {bare * 1e3:>6.0f} ms {filling * 1e3:>6.0f} ms {nothing * 1e3:>6.0f} ms "
            f"{nothing / bare:>6.2f} {seconds * 1e3:>7.0f} ms {view.joined + view.left:>8,}"
        )
    total = [sum(row[column] for row in rows) for column in (2, 3, 4)]
    print(
        f"all: counts {total[0]:.2f} s, filling {total[1]:.2f} s, again {total[2]:.2f} s = {total[2] / total[0]:.2f} x"
    )
    with_them = one_by_one(context, events_of(2, events_count, members_count))
    print(f"one event: {without * 1e3:.2f} ms without audiences, {with_them * 1e3:.2f} ms with {len(made)} of them")


def change_some(context: Context, members_count: int) -> None:
    """Give one member in a hundred other amounts."""
    random = np.random.default_rng(3)
    ids = sorted(set(random.integers(1, members_count, members_count // 100).tolist()))
    with context.database.writing() as connection:
        profiles.save(connection, context.scope, [profile(random, number) for number in ids])


def without_audiences(database: Database) -> Context:
    """An organization that uses none."""
    with database.writing() as connection:
        scope = organizations.create(connection, "Plain", created_at=0).scope
    return Context(database, scope, "bench", NOW)


@contextmanager
def databases(folder: str) -> Iterator[dict[str, Database]]:
    """Both of them, as durable as in service."""
    with postgres_server(durable=True) as server:
        opened = {
            "SQLite": Database(f"sqlite:///{Path(folder) / 'bench.db'}"),
            "PostgreSQL": Database(server.url_of(server.create())),
        }
        for database in opened.values():
            migrate(database)
        yield opened
        for database in opened.values():
            database.dispose()


def main() -> None:
    """Measure both."""
    members_count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    events_count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory() as folder, databases(folder) as opened:
        for name, database in opened.items():
            measure(name, database, members_count, events_count)


if __name__ == "__main__":
    main()
