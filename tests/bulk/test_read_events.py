"""What a file says is what the table says, in every format."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bulk.files import ENDINGS, Row, events_in, read, write_rows
from ziggurat.bulk import text_blocks
from ziggurat.bulk.event_table import EventTable, column_bytes
from ziggurat.bulk.read_events import read_event_files, read_events
from ziggurat.bulk.read_options import ReadOptions, UnknownFieldError
from ziggurat.program.amounts import format_units
from ziggurat.program.calendar import Calendar
from ziggurat.program.event_rules import MAY_BE_NEGATIVE, NEEDS, READS
from ziggurat.program.events import Event, EventType, OverrideMode

UTC_CALENDAR = Calendar("UTC")
NEW_YEAR = 1_735_689_600_000_000
ORDER = {"member": "m1", "type": "order.placed", "occurred_at": "2025-01-01T00:00:00Z", "amount": "12.5"}

names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8).filter(
    lambda name: name.strip(" ")
)
free = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=8)
units = st.integers(0, 10**15)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "points": units,
    "amount": units,
    "quantity": units,
    "currency": st.sampled_from(["EUR", "USD"]),
    "qualifying": st.booleans(),
    "activity": names,
    "attribute": names,
    "value": free,
    "tier": names,
    "mode": st.sampled_from(OverrideMode),
    "until": st.integers(0, 7 * 10**15),
    "reason": free,
}


@st.composite
def good_events(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from([kind for kind in EventType if kind is not EventType.REVERSAL]))
    said = {name for group in NEEDS[kind] for name in group} | draw(st.sets(st.sampled_from(sorted(READS[kind]))))
    fields = {name: draw(VALUES[name]) for name in sorted(said)}
    if any(MAY_BE_NEGATIVE & {(kind, name) for name in fields}):
        fields["points"] *= draw(st.sampled_from([1, -1]))
    return Event(draw(names), kind, draw(st.integers(0, 7 * 10**15)), **fields)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    events = draw(st.lists(good_events(), min_size=1, max_size=10))
    return [replace(event, id=f"e{number}") if draw(st.booleans()) else event for number, event in enumerate(events)]


def as_row(event: Event) -> dict[str, str | None]:
    row: dict[str, str | None] = {
        "member": event.member,
        "type": event.type,
        "occurred_at": UTC_CALENDAR.format(event.occurred_at),
    }
    for name in ("points", "amount", "quantity"):
        value = getattr(event, name)
        row[name] = None if value is None else format_units(value)
    row["until"] = None if event.until is None else UTC_CALENDAR.format(event.until)
    row["qualifying"] = str(event.qualifying).lower()
    for name in ("id", "activity", "attribute", "value", "tier", "mode", "reason", "currency"):
        row[name] = getattr(event, name) or None
    return row


@given(histories(), st.sampled_from(ENDINGS))
def test_events_survive_every_format(events: list[Event], ending: str) -> None:
    with TemporaryDirectory() as folder:
        path = write_rows(Path(folder) / f"events.{ending}", [as_row(event) for event in events])
        said, report = read(path)
    assert said == events
    assert (report.accepted, report.refused, report.duplicates) == (len(events), 0, 0)


@given(histories())
def test_events_survive_a_frame_dicts_and_themselves(events: list[Event]) -> None:
    rows = [as_row(event) for event in events]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))
    for source in (frame, frame.lazy(), frame.to_arrow(), rows, events):
        assert events_in(read_events(source)[0]) == events


@given(histories(), st.integers(64, 400))
def test_the_size_of_a_block_means_nothing(events: list[Event], size: int) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_blocks, "BLOCK_BYTES", size)
        rows = [as_row(event) for event in events] * 3
        for row in rows:
            row["id"] = None
        for ending in ("csv", "jsonl"):
            assert read(write_rows(Path(folder) / f"events.{ending}", rows))[0] == [
                replace(event, id="") for event in events * 3
            ]


def test_typed_columns_say_the_same_as_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "member": pa.array([7, 9, 7], pa.int64()),
            "type": pa.array(["order.placed", "order.placed", "points.adjusted"]).dictionary_encode(),
            "occurred_at": pa.array([datetime(2025, 1, 1, tzinfo=UTC)] * 3, pa.timestamp("ns", "UTC")),
            "amount": pa.array([12.1, 3.0, None], pa.float64()),
            "points": pa.array([None, 5, -2], pa.int16()),
            "qualifying": pa.array([True, None, False]),
            "id": pa.array([1, 2, 3], pa.int32()),
        }
    )
    pq.write_table(table, tmp_path / "events.parquet")
    expected = [
        Event("7", EventType.ORDER_PLACED, NEW_YEAR, "1", amount=121_000),
        Event("9", EventType.ORDER_PLACED, NEW_YEAR, "2", amount=30_000, points=50_000),
        Event("7", EventType.POINTS_ADJUSTED, NEW_YEAR, "3", points=-20_000, qualifying=False),
    ]
    assert read(tmp_path / "events.parquet")[0] == expected
    assert events_in(read_events(table)[0]) == expected
    assert events_in(read_events(pl.from_arrow(table))[0]) == expected


def test_dicts_may_hold_python_values() -> None:
    rows = [
        ORDER | {"member": 7, "occurred_at": datetime(2025, 1, 1, tzinfo=UTC), "amount": Decimal("12.1")},
        ORDER | {"occurred_at": date(2025, 1, 1), "amount": 12.1, "note": object()},
        ORDER | {"amount": 12, "qualifying": False, "points": None},
    ]
    table, _ = read_events(rows)
    assert [(event.member, event.amount, event.qualifying) for event in events_in(table)] == [
        ("7", 121_000, True),
        ("m1", 121_000, True),
        ("m1", 120_000, False),
    ]
    assert table.occurred_at.tolist() == [NEW_YEAR] * 3


def test_json_numbers_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    line = (
        '{"member": 12, "type": "order.placed", "occurred_at": "2025-01-01", "amount": 90071992547409.9311, "x": [1]}'
    )
    path.write_text(f"{line}\n")
    assert read(path)[0] == [Event("12", EventType.ORDER_PLACED, NEW_YEAR, amount=900719925474099311)]
    path.write_text(line.replace("12,", '"a",') + "\n" + line)
    assert [event.member for event in read(path)[0]] == ["a", "12"]


def test_a_purchase_log_needs_a_mapping_and_a_default_and_no_code(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("customer,when,quantity,type,total\n1,2025-01-01,two,web,12.50\n2,2025-07-01 09:30,1,shop,3\n")
    events, _ = read(
        path,
        mapping={"member": "customer", "occurred_at": "when", "amount": "total", "reason": "type"},
        defaults={"type": "order.placed"},
        time_zone="Europe/Paris",
    )
    paris = Calendar("Europe/Paris")
    assert events == [
        Event("1", EventType.ORDER_PLACED, paris.parse("2025-01-01"), amount=125_000, reason="web"),
        Event("2", EventType.ORDER_PLACED, paris.parse("2025-07-01T09:30"), amount=30_000, reason="shop"),
    ]


def test_defaults_fill_in_what_rows_leave_out(tmp_path: Path) -> None:
    rows: list[Row] = [ORDER, {"member": "m2"}, ORDER | {"type": None, "amount": None, "currency": "USD"}]
    defaults = {
        "type": "points.earned",
        "points": "3.5",
        "occurred_at": "2025-01-01",
        "currency": "EUR",
        "reason": "old",
    }
    for ending in ENDINGS:
        events, _ = read(write_rows(tmp_path / f"events.{ending}", rows), defaults=defaults)
        assert events == [
            Event("m1", EventType.ORDER_PLACED, NEW_YEAR, amount=125_000, points=35_000, currency="EUR", reason="old"),
            Event("m2", EventType.POINTS_EARNED, NEW_YEAR, points=35_000, reason="old"),
            Event("m1", EventType.POINTS_EARNED, NEW_YEAR, points=35_000, reason="old"),
        ]


def test_fields_that_a_type_does_not_read_are_ignored(tmp_path: Path) -> None:
    rows = [
        {"member": "m", "type": "activity", "occurred_at": "2025-01-01", "activity": "visit", "points": "many"},
        {"member": "m", "type": "points.earned", "occurred_at": "2025-01-01", "points": "1", "activity": "visit\x01"},
    ]
    for ending in ENDINGS:
        assert read(write_rows(tmp_path / f"events.{ending}", rows))[0] == [
            Event("m", EventType.ACTIVITY, NEW_YEAR, activity="visit"),
            Event("m", EventType.POINTS_EARNED, NEW_YEAR, points=10_000),
        ]


def test_several_files_of_several_formats_are_one_history(tmp_path: Path) -> None:
    rows = [ORDER | {"member": f"m{number}"} for number in range(4)]
    paths = [write_rows(tmp_path / f"{ending}.{ending}", rows) for ending in ENDINGS]
    pq.write_table(pa.table({name: [value] for name, value in (ORDER | {"member": 1}).items()}), tmp_path / "n.parquet")
    table, _ = read_event_files([*paths, tmp_path / "n.parquet", tmp_path / "n.parquet"])
    assert [event.member for event in events_in(table)] == [f"m{number}" for number in range(4)] * 5 + ["1", "1"]
    assert sorted(table.members.to_pylist()) == ["1", "m0", "m1", "m2", "m3"]
    assert table.only_type is EventType.ORDER_PLACED
    assert [table.where(row).rpartition("/")[2] for row in (0, 5, 12, 19, 20, 21)] == [
        "csv.csv:2",
        "csv.gz.csv.gz:3",
        "jsonl.gz.jsonl.gz:1",
        "parquet.parquet:4",
        "n.parquet:1",
        "n.parquet:1",
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    text = "".join(f"{','.join(line)}\r\n" for line in (ORDER.keys(), ORDER.values()))
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert len(read(path)[0]) == 1


def test_a_mapping_of_an_unknown_field_is_refused() -> None:
    with pytest.raises(UnknownFieldError, match=r'"ammount" is not a field of events \(did you mean "amount"\?\)'):
        ReadOptions(mapping={"ammount": "total"})
    with pytest.raises(UnknownFieldError, match="use one of id, member, type"):
        ReadOptions(defaults={"xyzzy": "1"})


def test_a_table_is_taken_as_it_is() -> None:
    table, _ = read_events([ORDER])
    assert read_events(table)[0] is table


@pytest.mark.parametrize("member", ["number", "text"])
def test_a_million_orders_cost_twenty_bytes_each(tmp_path: Path, member: str) -> None:
    rows = 1_000_000
    order = np.arange(rows)
    members = pa.array(order % 100_000)
    table = pa.table(
        {
            "member": members.cast(pa.string()) if member == "text" else members,
            "occurred_at": pa.array(NEW_YEAR + order * 1_000_000, pa.timestamp("us", "UTC")),
            "amount": pa.array(order % 1_000 / 100),
        }
    )
    options = ReadOptions(defaults={"type": "order.placed"})
    pq.write_table(table, tmp_path / "events.parquet")
    pl.DataFrame(table).write_csv(tmp_path / "events.csv", datetime_format="%Y-%m-%dT%H:%M:%S")
    for name in ("events.parquet", "events.csv"):
        said, _ = read_event_files([tmp_path / name], options)
        assert_orders(said, order)
    said, _ = read_events(table, options)
    assert_orders(said, order)


def assert_orders(table: EventTable, order: np.ndarray[Any, Any]) -> None:
    assert column_bytes(table) <= 20 * len(order) + 1
    assert np.array_equal(table.occurred_at, NEW_YEAR + order * 1_000_000)
    assert table.amount is not None
    assert np.array_equal(table.amount, order % 1_000 * 100)
    names = table.members.to_numpy(zero_copy_only=False).astype(np.int64)
    assert np.array_equal(names[table.member], order % 100_000)


def test_numbers_that_need_64_bits_without_sign_are_names_too(tmp_path: Path) -> None:
    high = 2**63
    table = pa.table(
        {
            "member": pa.array([high, 7, high + 1], pa.uint64()),
            "id": pa.array([2**64 - 1, 1, 2], pa.uint64()),
            "type": ["points.earned"] * 3,
            "occurred_at": ["2025-01-01"] * 3,
            "points": [1, 2, 3],
        }
    )
    pq.write_table(table, tmp_path / "e.parquet")
    for found, _ in (read_events(table), read_event_files([tmp_path / "e.parquet"])):
        names = found.members.take(pa.array(found.member)).to_pylist()
        assert names == [str(high), "7", str(high + 1)]
        assert found.id is not None
        assert [str(name) for name in found.id.to_pylist()] == [str(2**64 - 1), "1", "2"]


@pytest.mark.parametrize("kind", [pa.decimal32(9, 2), pa.decimal64(18, 4), pa.decimal128(38, 10), pa.decimal256(60, 3)])
def test_decimals_of_any_width_are_exact(kind: pa.DataType) -> None:
    said = [Decimal("12.5"), None, Decimal(-3), Decimal("9999999.25")]
    rows = {"member": ["m"] * 4, "type": ["points.adjusted"] * 4, "occurred_at": ["2025-01-01"] * 4}
    options = ReadOptions(skip_bad_rows=True)
    table, report = read_events(pa.table({**rows, "points": pa.array(said, kind)}), options)
    assert table.points is not None
    assert table.points.tolist() == [125_000, -30_000, 99_999_992_500]
    assert [fault.line for fault in report.faults] == [2]
