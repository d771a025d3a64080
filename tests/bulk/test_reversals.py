"""Duplicates and reversals: told from the facts they repeat or undo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.bulk.files import Row, read, refusal, write_rows
from ziggurat.bulk.event_table import from_events
from ziggurat.bulk.read_events import read_events
from ziggurat.bulk.reversals import resolve_reversals
from ziggurat.bulk.row_faults import BadEventsError
from ziggurat.program.events import Event, EventType

UNKNOWN = "send the event that it reverses too, or order.refunded if nobody knows the order"


def order(**said: str) -> Row:
    return {"member": "m", "type": "order.placed", "occurred_at": "2025-01-01", "amount": "10", "points": "100"} | said


def reversal(**said: str) -> Row:
    return {"member": "m", "type": "reversal", "occurred_at": "2025-01-02"} | said


def test_shares_are_reckoned_in_the_order_of_instants_then_arrival(tmp_path: Path) -> None:
    rows = [
        reversal(reverses="o", occurred_at="2025-01-05"),
        order(id="other"),
        reversal(reverses="o", occurred_at="2025-01-03", amount="5"),
        order(id="o"),
        reversal(reverses="o", occurred_at="2025-01-03", points="20"),
    ]
    table, _ = read_events(rows)
    reversals = resolve_reversals(table)
    assert reversals is not None
    assert reversals.rows.tolist() == [0, 2, 4]
    assert reversals.reversal_of(len(table)).tolist() == [3, -1, 3, -1, 3]
    assert reversals.amount.tolist() == [30_000, 50_000, 20_000]
    assert reversals.points.tolist() == [300_000, 500_000, 200_000]
    assert reversals.whole.tolist() == [True, False, False]
    pointless, _ = read_events([order(id="o")])
    assert resolve_reversals(pointless) is None


def test_a_reversal_that_arrives_before_its_event_of_the_same_instant_is_refused() -> None:
    with pytest.raises(BadEventsError, match="stands before the event that it reverses, at the same instant"):
        read_events([reversal(reverses="o", occurred_at="2025-01-01"), order(id="o")])


def test_ids_may_be_numbers(tmp_path: Path) -> None:
    table = pa.table(
        {
            "member": ["m", "m"],
            "type": ["order.placed", "reversal"],
            "occurred_at": ["2025-01-01", "2025-01-02"],
            "amount": [10, 4],
            "id": [70, 71],
            "reverses": [None, 70],
        }
    )
    reversals = resolve_reversals(read_events(table)[0])
    assert reversals is not None
    assert reversals.of.tolist() == [0]
    assert reversals.amount.tolist() == [40_000]
    with pytest.raises(BadEventsError, match='no event has the id "070"'):
        read_events(table.set_column(5, "reverses", pa.array([None, "070"])))


def test_reversals_of_nothing_and_of_too_much_are_refused(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.csv",
        [
            order(id="o"),
            reversal(reverses="x"),
            reversal(reverses="o", amount="10.01"),
            reversal(reverses="o", occurred_at="2024-12-31"),
            reversal(reverses="o", member="n"),
            reversal(reverses="e"),
            {"member": "m", "type": "member.enrolled", "occurred_at": "2025-01-01", "id": "e"},
            reversal(reverses="o", amount="0"),
            reversal(reverses="o", occurred_at="2025-01-04", id="r"),
            reversal(reverses="o", occurred_at="2025-01-05"),
            reversal(reverses="bad"),
            order(id="bad", amount="x"),
        ],
    )
    assert refusal(path) == [
        f'a.csv:3: reverses: no event has the id "x" ({UNKNOWN})',
        (
            "a.csv:4: reverses: it undoes 10.01 amount where 10 are left "
            "(reverse what is left, or leave points and amount out to reverse all of that)"
        ),
        "a.csv:5: reverses: it happens before the event that it reverses",
        "a.csv:6: reverses: it reverses an event of another member (m)",
        "a.csv:7: reverses: member.enrolled cannot be reversed; send an event that says what is true now",
        "a.csv:9: reverses: its amount must be more than zero: a reversal undoes that much",
        "a.csv:11: reverses: nothing is left to reverse",
        'a.csv:12: reverses: the event that it reverses, "bad", was refused (mend that row)',
        'a.csv:13: amount: "x" is not a number (write digits with a decimal point, as in 12.50)',
    ]
    events, report = read(path, skip_bad_rows=True)
    assert [event.id for event in events] == ["o", "e", "r"]
    assert (report.accepted, report.refused) == (3, 9)


def test_a_table_with_an_unknown_reversal_is_refused_by_place() -> None:
    table = from_events([Event("m", EventType.REVERSAL, 0, reverses="x")])
    with pytest.raises(BadEventsError, match=f'event 1: reverses: no event has the id "x" .{UNKNOWN}'):
        resolve_reversals(table)


def test_the_same_fact_twice_is_taken_once_and_counted(tmp_path: Path) -> None:
    first = write_rows(tmp_path / "a.csv", [order(id="o", reason="web"), order(), order()])
    again = write_rows(tmp_path / "b.jsonl", [order(id="o", reason="web", occurred_at="2025-01-01T00:00:00Z")])
    events, report = read(first, again, again)
    assert [event.id for event in events] == ["o", "", ""]
    assert (report.accepted, report.duplicates, report.refused) == (3, 2, 0)


def test_another_fact_under_the_same_id_is_a_conflict(tmp_path: Path) -> None:
    first = write_rows(tmp_path / "a.csv", [order(id="o"), order(id="o"), order(id="o", amount="11")])
    again = write_rows(tmp_path / "b.csv", [order(id="o", member="n")])
    own = "which says something else (give each event its own id)"
    said = refusal(first, again)
    assert [line.replace(f"{tmp_path}/", "") for line in said] == [
        f'a.csv:4: id: "o" is also the id of a.csv:2, {own}',
        f'b.csv:2: id: "o" is also the id of a.csv:2, {own}',
    ]
    events, report = read(first, again, skip_bad_rows=True)
    assert len(events) == 1
    assert (report.duplicates, report.refused) == (1, 2)


def test_many_repeated_rows_are_found_without_looking_at_each(tmp_path: Path) -> None:
    rows = 100_000
    table = pa.table(
        {
            "member": np.arange(rows) % 1000,
            "type": pa.array(["order.placed"]).take(pa.array(np.zeros(rows, np.int64))),
            "occurred_at": pa.array(np.full(rows, 1_735_689_600), pa.timestamp("s", "UTC")),
            "amount": np.arange(rows),
            "id": np.arange(rows),
        }
    )
    said, report = read_events(pa.concat_tables([table, table]))
    assert (len(said), report.duplicates) == (rows, rows)
