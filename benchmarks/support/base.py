"""A made-up base of members with 10 to 1,000 events each, written straight into a database, states and all.

How many events somebody has follows Pareto's law, as loyalty bases do: most members have few, some have hundreds
(46 on average). One member besides has 10,000.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ziggurat import limits
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.app.access.read_organization import find_organization
from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_evaluated
from ziggurat.app.events.settle_members import settle_members
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import EventType
from ziggurat.store.chunks import Chunk
from ziggurat.store.database import Database
from ziggurat.store.event_rows import COLUMNS
from ziggurat.store.packing import HAS_POINTS, QUALIFYING, RECORD, TYPE_CODES
from ziggurat.store.repositories import history, members
from ziggurat.store.rows import write_rows
from ziggurat.store.sequences import take
from ziggurat.store.tables import events, member_history
from ziggurat.store.tables import members as members_table

ORGANIZATION = "default"
DAY_US = 86_400_000_000
EARNED = TYPE_CODES[EventType.POINTS_EARNED]
FEWEST, MOST = 10, 1_000
BUSY = "busy"
BUSY_EVENTS = 10_000
_ROWS_AT_ONCE = 50_000
_MEMBERS_AT_ONCE = 1_000
_PAST_US = 400 * DAY_US
_REST = (None, None, True, None, None, None, None)
"""Of a row of COLUMNS what stands after `points`."""
PROGRAM = {
    "name": "Coffee Club",
    "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
    "expiration": {"type": "fixed_duration", "period": {"months": 12}, "round_up": "day"},
    "downgrade": {"type": "single_level", "grace_period": {"months": 1, "round_up": True}},
    "base_tier": {"name": "Member"},
    "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}, {"name": "Platinum", "from": 10000}],
}
"""What `docs/program-document.md` begins with, more or less: one sum over a rolling window."""


@dataclass(frozen=True, slots=True)
class Base:
    """What was made: member i is called `m{i}` and has number `first + i`; the busy one is the last."""

    secret: str
    members: int
    first: int
    events: int
    program: str


def name_of(place: int, count: int) -> str:
    """What the member in that place is called."""
    return BUSY if place == count else f"m{place}"


def fill(database: Database, count: int, now: int, seed: int = 1, *, fewest: int = FEWEST, most: int = MOST) -> Base:
    """Write `count` members and the busy one, their ledger, packed histories, states and moves as of `now`.

    Each of the members has from `fewest` to `most` events.
    """
    made = create_first_key(database, now)
    scope = find_organization(database, ORGANIZATION)
    assert scope is not None
    context = Context(database, scope, "bench", now)
    program = publish_program(context, PROGRAM).program.id
    chance = np.random.default_rng(seed)
    sizes = _sizes(chance, count, fewest, most)
    total = int(sizes.sum())
    with database.writing() as connection:
        numbers = list(take(connection, scope, "members", count + 1))
        columns = ("id", "external_id", "attributes", "created_at", "absorbed", "version")
        rows = [(number, name_of(place, count), "{}", now, 0, 1) for place, number in enumerate(numbers)]
        for part in _parts(rows):
            write_rows(connection, scope, members_table, columns, part)
        first = take(connection, scope, "events", total)[0]
    records = _records(chance, sizes, first, now)
    owners = np.repeat(np.array(numbers), sizes)
    _write_ledger(context, records, owners)
    with database.writing() as connection:
        for part in _parts(_chunks(records, sizes, numbers)):
            write_rows(connection, scope, member_history, Chunk._fields, part)
    _settle(context, numbers)
    return Base(made.secret, count, numbers[0], total, program)


def _sizes(chance: np.random.Generator, count: int, fewest: int, most: int) -> NDArray[np.int64]:
    share = chance.random(count) * (1 - fewest / most)
    return np.append((fewest / (1 - share)).astype(np.int64), BUSY_EVENTS)


def _records(chance: np.random.Generator, sizes: NDArray[np.int64], first: int, now: int) -> NDArray[Any]:
    total = int(sizes.sum())
    records = np.zeros(total, RECORD)
    instants = chance.integers(now - _PAST_US, now - 1_000_000, total)
    order = np.lexsort((instants, np.repeat(np.arange(len(sizes)), sizes)))
    records["occurred_at"] = instants[order]
    records["sequence"] = np.arange(first, first + total)
    records["points"] = chance.integers(1, 100, total) * SCALE
    records["type"] = EARNED
    records["flags"] = HAS_POINTS | QUALIFYING
    return records


def _write_ledger(context: Context, records: NDArray[Any], owners: NDArray[np.int64]) -> None:
    """Ledger rows of `records`. Their content hashes are random bytes: none of them is sent again."""
    for start in range(0, len(records), _ROWS_AT_ONCE):
        part = records[start : start + _ROWS_AT_ONCE]
        noise = os.urandom(16 * len(part))
        sequences = part["sequence"].tolist()
        rows = [
            (owner, at, sequence, f"b{sequence:09d}", EARNED, at, noise[place * 16 : place * 16 + 16], points, *_REST)
            for place, (owner, at, sequence, points) in enumerate(
                zip(
                    owners[start : start + _ROWS_AT_ONCE].tolist(),
                    part["occurred_at"].tolist(),
                    sequences,
                    part["points"].tolist(),
                    strict=True,
                )
            )
        ]
        with context.database.writing() as connection:
            write_rows(connection, context.scope, events, COLUMNS, rows)


def _chunks(records: NDArray[Any], sizes: NDArray[np.int64], numbers: Sequence[int]) -> list[Chunk]:
    packed, ends = records.tobytes(), np.cumsum(sizes).tolist()
    instants = records["occurred_at"].tolist()
    width, size = RECORD.itemsize, limits.HISTORY_CHUNK_EVENTS
    made = []
    for number, end, length in zip(numbers, ends, sizes.tolist(), strict=True):
        start = end - length
        for chunk, first in enumerate(range(start, end, size)):
            stop = min(first + size, end)
            content = packed[first * width : stop * width]
            made.append(Chunk(number, chunk, instants[first], instants[stop - 1], stop - first, content, None, None))
    return made


def _settle(context: Context, numbers: Sequence[int]) -> None:
    """Evaluate everybody and store what follows."""
    for part in _parts(numbers, _MEMBERS_AT_ONCE):
        with context.database.writing() as connection:
            programs = load_evaluated(connection, context, hold=True)
            people = members.lock(connection, context.scope, part)
            histories = history.load(connection, context.scope, part)
            settle_members(connection, context, programs, people, histories, announce=False)


def _parts(rows: Sequence[Any], size: int = _ROWS_AT_ONCE) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
