"""Refresh 20 audiences over a million members, and take single events: `script/bench audiences [MEMBERS] [EVENTS]`.

For each audience: a bare SQL count of its condition, the refresh that fills it, the one that finds nothing to do, and
one after a percent of the members have changed. A refresh is compared with what it cannot do without: the bare count,
and writing the rows of those who join and leave (for a shadow of the audience, in one transaction, at the driver's own
speed). Then what one event costs with and without the audiences, and how long a file of 100,000 rows takes.
"""

import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from tests.support.postgres import postgres_server
from ziggurat.app.audiences.audience_views import ImportView
from ziggurat.app.audiences.create_audience import create_audience
from ziggurat.app.audiences.import_members import create_import, read_import, upload_import
from ziggurat.app.audiences.refresh_audience import refresh_audience
from ziggurat.app.audiences.run_imports import run_imports
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.events.load_audiences import load_audience
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.engine.scores import day_of
from ziggurat.program.calendar import calendar
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Database
from ziggurat.store.objects import LocalObjects
from ziggurat.store.repositories import audience_upkeep, memberships, organizations, profiles
from ziggurat.store.repositories.memberships import Change, Differences
from ziggurat.store.repositories.profiles import Profile
from ziggurat.store.rows import write_rows
from ziggurat.store.schema import migrate
from ziggurat.store.scope import among
from ziggurat.store.tables import audience_changes, audience_members, members
from ziggurat.store.tables.audiences import AudienceKind
from ziggurat.store.tables.base import canonical_json

ROWS = 100_000
"""Rows of the file that is imported."""
SHADOWS = 10_000
"""Numbers of audiences that there are not, for rows written beside those of the real ones."""
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


def events_of(round_: int, how_many: int, members_count: int) -> list[Event]:
    """Orders of random members, the same in each round."""
    random = np.random.default_rng(1)
    made = []
    for number, member in enumerate(random.integers(1, members_count, how_many).tolist()):
        amount = int(random.integers(1, 500)) * 10_000
        at = NOW - 10_000_000 + round_ * 1_000_000 + number
        made.append(Event(f"m{member:08d}", EventType.ORDER_PLACED, at, points=amount, amount=amount))
    return made


def one_by_one(context: Context, members_count: int, events_count: int) -> float:
    """The median seconds that one event takes, of members who have had one before."""
    ingest_events(context, events_of(1, events_count, members_count))
    again = events_of(2, events_count, members_count)
    return median(timed(partial(ingest_events, context, [event]))[0] for event in again)


@dataclass(slots=True)
class Measured:
    """One audience: its public id, a number for the rows written beside it, and what was measured by name."""

    id: str
    shadow: int
    members: int = 0
    changed: int = 0
    count: float = 0.0
    write: float = 0.0
    refresh: float = 0.0

    @property
    def ratio(self) -> float:
        """The refresh, to what it cannot do without."""
        return self.refresh / (self.count + self.write)


def measured(context: Context, before: Measured, first_number: int, repeats: int = 1) -> Measured:
    """Time the bare count, one refresh (the quickest of `repeats`), and the bare writing of what that has changed."""
    one = Measured(before.id, before.shadow)
    with context.database.reading() as connection:
        loaded = load_audience(connection, context, one.id)
        found = memberships.differences(connection, context.scope, loaded.row.id, loaded.rules, {})
    one.changed = len(found.joining) + len(found.leaving)
    one.count = min(timed(lambda: count(context, one.id))[0] for _ in range(3))
    one.refresh, view = min(
        (timed(lambda: refresh_audience(context, one.id)) for _ in range(repeats)), key=itemgetter(0)
    )
    assert view.joined + view.left == one.changed
    one.members = view.members
    if one.changed:
        one.write = timed(lambda: write_bare(context, one.shadow, found, first_number))[0]
    return one


def write_bare(context: Context, shadow: int, found: Differences, first_number: int) -> None:
    """Write the rows of those who join and leave, for the audience `shadow`, and nothing else."""
    joins = [(shadow, member, NOW) for member in found.joining]
    everybody = [*((member, True) for member in found.joining), *((member, False) for member in found.leaving)]
    changes = [
        (shadow, member, joined, NOW, "refresh", number)
        for number, (member, joined) in enumerate(everybody, first_number)
    ]
    with context.database.writing() as connection:
        write_rows(connection, context.scope, audience_members, ("audience_id", "member_id", "since"), joins)
        if found.leaving:
            gone = among(connection, audience_members.c.member_id, found.leaving)
            mine = audience_members.c.audience_id == shadow
            connection.execute(context.scope.delete(audience_members).where(mine, gone))
        write_rows(connection, context.scope, audience_changes, Change._fields, changes)


def show(phase: str, rows: list[Measured]) -> None:
    """Print one table, and its sums."""
    print(f"\n{phase}\n{'':>4} {'members':>9} {'changed':>9} {'count':>9} {'write':>9} {'refresh':>9} {'ratio':>6}")
    whole = Measured("", 0)
    for number, one in enumerate(rows):
        _print(f"{number:>4}", one)
        whole.members += one.members
        whole.changed += one.changed
        whole.count += one.count
        whole.write += one.write
        whole.refresh += one.refresh
    _print(" all", whole)


def _print(label: str, one: Measured) -> None:
    times = " ".join(f"{seconds * 1e3:>6.0f} ms" for seconds in (one.count, one.write, one.refresh))
    print(f"{label} {one.members:>9,} {one.changed:>9,} {times} {one.ratio:>6.2f}")


def measure(name: str, database: Database, members_count: int, events_count: int) -> None:
    """Print everything about one database."""
    seconds, context = timed(lambda: fill(database, members_count))
    print(f"\n{name}: {members_count:,} members made in {seconds:.0f} s")
    plain = one_by_one(without_audiences(database), members_count, events_count)
    made = [create_audience(context, f"Audience {number}", rules=rules) for number, rules in enumerate(RULES)]
    rows = [Measured(audience.id, SHADOWS + number) for number, audience in enumerate(made)]
    for row in rows:
        count(context, row.id)
    show("filled for the first time", [measured(context, row, 0) for row in rows])
    tidy(database)
    show("nothing changed", [measured(context, row, 0, repeats=3) for row in rows])
    change_some(context, members_count)
    show("one member in a hundred changed", [measured(context, row, members_count) for row in rows])
    with_them = one_by_one(context, members_count, events_count)
    print(f"\none event: {plain * 1e3:.2f} ms without audiences, {with_them * 1e3:.2f} ms with {len(made)} of them")


def import_rows(database: Database, folder: Path) -> None:
    """Print how long a file of 100,000 rows takes, every hundredth of them bad, and what the same file takes again."""
    with database.writing() as connection:
        scope = organizations.create(connection, "Lists", created_at=0).scope
    context = Context(database, scope, "bench", NOW)
    audience = create_audience(context, "List", AudienceKind.STATIC).id
    rows = [f"m{number}@shop.example,Member {number},Lyon" for number in range(ROWS)]
    rows[::100] = ["nobody,Nobody,Rome"] * len(rows[::100])
    data = "\n".join(["email,full_name,city", *rows]).encode()
    objects = LocalObjects(folder)

    def work() -> ImportView:
        made = create_import(context, audience)
        upload_import(context, objects, made.id, io.BytesIO(data))
        while run_imports(database, objects, "bench", lambda: NOW):
            pass
        return read_import(context, made.id)

    for when in ("import", "again"):
        seconds, view = timed(work)
        said = f"{view.rows_done:,} rows, {view.rows_failed:,} bad, {view.members_created:,} members made"
        print(f"{when}: {said}, in {seconds:.1f} s")


def tidy(database: Database) -> None:
    """What autovacuum does in its own time, done now."""
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE audience_members")


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
            import_rows(database, Path(folder) / "objects")


if __name__ == "__main__":
    main()
