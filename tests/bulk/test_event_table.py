"""A table of events says what the events said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ziggurat.bulk.event_table import (
    EventTable,
    Source,
    code_of,
    column_bytes,
    concat,
    constant_type,
    events_at,
    events_of,
    from_events,
)
from ziggurat.program.events import Event, EventType, OverrideMode

names = st.text("abcé ", min_size=1, max_size=4)
units = st.none() | st.integers(-(10**18), 10**18)
events = st.lists(
    st.builds(
        Event,
        member=names,
        type=st.sampled_from(EventType),
        occurred_at=st.integers(0, 7 * 10**15),
        id=st.just("") | names,
        points=units,
        amount=units,
        quantity=units,
        currency=st.sampled_from(["", "EUR"]),
        qualifying=st.booleans(),
        reverses=st.just("") | names,
        activity=st.sampled_from(["", "visit", "review"]),
        attribute=st.sampled_from(["", "score"]),
        value=st.just("") | names,
        tier=st.sampled_from(["", "Gold"]),
        mode=st.none() | st.sampled_from(OverrideMode),
        until=st.none() | st.integers(0, 7 * 10**15),
        reason=st.just("") | names,
    ),
    max_size=12,
)


def all_events(table: EventTable) -> list[Event]:
    return events_at(table, np.arange(len(table)))


@given(events)
def test_events_survive_the_table(said: list[Event]) -> None:
    assert all_events(from_events(said)) == said


@given(events)
def test_a_members_events_come_in_arrival_order(said: list[Event]) -> None:
    table = from_events(said)
    for code, name in enumerate(table.members.to_pylist()):
        assert events_of(table, code) == [event for event in said if event.member == name]
        assert code_of(table, name) == code
    assert code_of(table, "nobody at all") is None


@given(st.lists(events, max_size=4))
def test_tables_put_together_hold_the_rows_of_all(parts: list[list[Event]]) -> None:
    table = concat([from_events(part) for part in parts])
    assert all_events(table) == [event for part in parts for event in part]
    assert len(set(table.members.to_pylist())) == len(table.members)


def test_a_row_knows_its_file_and_line_after_rows_were_left_out() -> None:
    event = Event("m", EventType.MEMBER_ENROLLED, 0)
    first = replace(from_events([event] * 3), sources=(Source("a.csv", 3, first=2),))
    second = replace(from_events([event] * 2), sources=(Source("b.jsonl", 2),))
    whole = concat([first.take(np.array([0, 2])), second])
    assert [whole.where(row) for row in range(4)] == ["a.csv:2", "a.csv:4", "b.jsonl:1", "b.jsonl:2"]
    assert from_events([event] * 2).where(1) == "event 2"


def test_an_order_costs_twenty_bytes_and_the_one_type_none() -> None:
    rows = 1000
    table = EventTable(
        members=from_events([Event("m", EventType.ORDER_PLACED, 0)]).members,
        member=np.zeros(rows, np.int32),
        type=constant_type(EventType.ORDER_PLACED, rows),
        occurred_at=np.zeros(rows, np.int64),
        amount=np.zeros(rows, np.int64),
    )
    assert table.only_type is EventType.ORDER_PLACED
    assert column_bytes(table) <= 20 * rows + 1
    assert concat([table, table]).only_type is EventType.ORDER_PLACED
    assert table.take(np.array([5, 6])).only_type is EventType.ORDER_PLACED
