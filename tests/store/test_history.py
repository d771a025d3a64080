"""The packed history of a member is the ledger in order, however and whenever its events came in."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, delete

from tests.store import histories as made
from ziggurat import limits
from ziggurat.program.events import Event, EventType
from ziggurat.store import tables
from ziggurat.store.chunks import Chunk
from ziggurat.store.database import Database
from ziggurat.store.packing import RECORD_BYTES, TYPE_CODES
from ziggurat.store.repositories import events, history, members, unpacked
from ziggurat.store.repositories.events import Arrival
from ziggurat.store.repositories.glances import glance
from ziggurat.store.scope import Scope


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small that a few events close, merge and divide them."""
    monkeypatch.setattr(limits, "HISTORY_UNPACKED_EVENTS", 3)
    monkeypatch.setattr(limits, "HISTORY_TAIL_EVENTS", 4)
    monkeypatch.setattr(limits, "HISTORY_CHUNK_EVENTS", 8)


def take_in(connection: Connection, scope: Scope, batch: Sequence[Event]) -> None:
    """Store a batch as the ingest does; a reversal reverses the first event in the ledger."""
    known = members.ensure(connection, scope, {event.member for event in batch}, created_at=0)
    members.lock(connection, scope, [member.id for member in known.values()])
    arrivals = [
        Arrival(known[event.member].id, event, 1 if event.type is EventType.REVERSAL else None) for event in batch
    ]
    receipts = events.insert(connection, scope, arrivals, recorded_at=0)
    history.append(connection, scope, arrivals, [receipt.sequence for receipt in receipts])


def assert_packed_is_the_ledger(connection: Connection, scope: Scope) -> None:
    known = members.by_external_ids(connection, scope, made.MEMBERS)
    ids = [member.id for member in known.values()]
    ledger = events.of_members(connection, scope, ids)
    packed = history.load(connection, scope, ids)
    assert packed.member_ids == ids
    for name, member in known.items():
        rows = ledger.get(member.id, [])
        said = [replace(row.event, id=str(row.sequence), reverses=str(row.reverses_sequence or "")) for row in rows]
        assert packed.events(member.id, name) == said
        span = packed.span(member.id)
        assert packed.quantity[span].tolist() == [row.event.quantity or 0 for row in rows]
        assert packed.points[span].tolist() == [row.event.points or 0 for row in rows]
        assert packed.type[span].tolist() == [TYPE_CODES[row.event.type] for row in rows]
        assert packed.reverses[span].tolist() == [row.reverses_sequence or 0 for row in rows]
        assert [packed.names[code] for code in packed.activity[span]] == [row.event.activity for row in rows]
        assert [packed.names[code] for code in packed.currency[span]] == [row.event.currency for row in rows]


def forget_everything(connection: Connection) -> None:
    for table in (tables.events, tables.member_history, tables.members):
        connection.execute(delete(table))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(batches=made.batches)
def test_packed_history_is_the_ledger_in_order_under_late_arrivals(
    database: Database, scope: Scope, batches: list[list[Event]]
) -> None:
    with database.writing() as connection:
        forget_everything(connection)
    for batch in batches:
        with database.writing() as connection:
            take_in(connection, scope, batch)
            assert_packed_is_the_ledger(connection, scope)
    with database.writing() as connection:
        ids = [member.id for member in members.by_external_ids(connection, scope, made.MEMBERS).values()]
        history.rebuild(connection, scope, ids)
        assert_packed_is_the_ledger(connection, scope)
        take_in(connection, scope, batches[0])  # a rebuilt history goes on like any other
        assert_packed_is_the_ledger(connection, scope)


def test_a_long_history_stays_in_chunks_of_bounded_size(database: Database, scope: Scope) -> None:
    lives = [Event("ann", EventType.POINTS_EARNED, n % 7, points=n) for n in range(300)]
    with database.writing() as connection:
        for start in range(0, 300, 3):
            take_in(connection, scope, lives[start : start + 3])
        assert_packed_is_the_ledger(connection, scope)
        sizes = connection.execute(scope.select(tables.member_history, tables.member_history.c.events)).scalars().all()
    assert max(sizes) <= 2 * limits.HISTORY_CHUNK_EVENTS
    assert 0 <= 300 - sum(sizes) < limits.HISTORY_UNPACKED_EVENTS


def packed_events(connection: Connection, scope: Scope) -> int:
    return sum(connection.execute(scope.select(tables.member_history, tables.member_history.c.events)).scalars())


def test_the_newest_events_stay_in_the_ledger_until_there_are_enough_to_pack(database: Database, scope: Scope) -> None:
    lives = [Event("ann", EventType.POINTS_EARNED, n, points=n) for n in range(4)]
    with database.writing() as connection:
        for packed, event in zip((0, 0, 3, 3), lives, strict=True):
            take_in(connection, scope, [event])
            assert packed_events(connection, scope) == packed
            assert_packed_is_the_ledger(connection, scope)
        take_in(connection, scope, [Event("ann", EventType.POINTS_EARNED, 1, points=9)])
        assert packed_events(connection, scope) == 4, "what is late goes where it belongs at once"
        assert_packed_is_the_ledger(connection, scope)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(batches=made.batches)
def test_a_glance_sees_what_a_transaction_reads(database: Database, scope: Scope, batches: list[list[Event]]) -> None:
    with database.writing() as connection:
        forget_everything(connection)
    for batch in batches:
        with database.writing() as connection:
            take_in(connection, scope, batch)
        with database.reading() as connection:
            for name, member in members.by_external_ids(connection, scope, made.MEMBERS).items():
                seen = glance(database, scope, name)
                assert seen is not None
                assert seen.member == member
                read = history.load(connection, scope, [member.id])
                assert seen.histories.events(member.id) == read.events(member.id)


def test_a_glance_notices_what_was_packed_between_its_two_questions(database: Database, scope: Scope) -> None:
    with database.writing() as connection:
        take_in(connection, scope, [Event("ann", EventType.POINTS_EARNED, 10 * n, points=n) for n in range(3)])
        (row,) = connection.execute(scope.select(tables.member_history)).all()
        chunk = Chunk._make(row[1:])

    def seen() -> list[Chunk] | None:
        with database.asking() as raw:
            return unpacked.after_end(database, raw, scope, chunk.member_id, [chunk])

    assert seen() == [chunk]
    with database.writing() as connection:
        take_in(connection, scope, [Event("ann", EventType.POINTS_EARNED, 5, points=7)])
        take_in(connection, scope, [Event("ann", EventType.POINTS_EARNED, 50, points=8)])
    assert seen() is None


def test_the_history_of_a_survivor_holds_the_absorbed_members_events_in_order(database: Database, scope: Scope) -> None:
    lives = [
        Event(("ann", "bob")[n % 2], EventType.ACTIVITY, n // 4, activity=("x", "y")[n % 3 == 0]) for n in range(40)
    ]
    with database.writing() as connection:
        take_in(connection, scope, lives)
        known = members.by_external_ids(connection, scope, made.MEMBERS)
        members.save(connection, scope, known["bob"]._replace(merged_into=known["ann"].id))
        members.save(connection, scope, known["ann"]._replace(absorbed=1))
        packed = history.load(connection, scope, [known["ann"].id])
        assert [packed.names[code] for code in packed.activity] == [event.activity for event in lives]
        assert (
            packed.sequence.tolist() == list(range(1, 41))
            if database.is_sqlite
            else np.all(np.diff(packed.sequence) > 0)
        )


def test_a_record_is_as_long_as_it_is_documented_to_be() -> None:
    assert RECORD_BYTES == 48
