"""Events as columns: one frozen value that every engine reads and every reader makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ziggurat.program.events import Event, EventType, OverrideMode

Int8s: TypeAlias = NDArray[np.int8]
Int32s: TypeAlias = NDArray[np.int32]
Int64s: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

MISSING = int(np.iinfo(np.int64).min)
"""What an int64 column holds where a row says nothing."""
NO_MODE = -1
"""What `mode` holds where a row says nothing."""

TYPES: tuple[EventType, ...] = tuple(EventType)
"""What the codes of `EventTable.type` mean."""
MODES: tuple[OverrideMode, ...] = tuple(OverrideMode)
"""What the codes of `EventTable.mode` mean."""
TYPE_CODES: dict[EventType, int] = {kind: code for code, kind in enumerate(TYPES)}
MODE_CODES: dict[OverrideMode, int] = {mode: code for code, mode in enumerate(MODES)}

UNIT_FIELDS = ("points", "amount", "quantity")
INTEGER_FIELDS = (*UNIT_FIELDS, "until")
NUMPY_FIELDS = (*INTEGER_FIELDS, "qualifying", "mode")
TEXT_FIELDS = ("activity", "attribute", "value", "tier", "reason", "currency")
ID_FIELDS = ("id", "reverses")
OPTIONAL_FIELDS = (*NUMPY_FIELDS, *TEXT_FIELDS, *ID_FIELDS)
NOTHING_SAID: dict[str, int | bool] = {**dict.fromkeys(INTEGER_FIELDS, MISSING), "qualifying": True, "mode": NO_MODE}
"""What a column in NumPy holds where a row says nothing."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stretch of rows came from: `rows` records of the file `name`, the first of which is number `first`.

    `by_line` says that record numbers are line numbers, which holds unless a record spans lines or lines are blank.
    """

    name: str
    rows: int
    first: int = 1
    by_line: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class EventTable:
    """N events in arrival order (sources in the order given, rows in order), as columns.

    Needed columns:
        members: the distinct member names, a string array; its order means nothing.
        member: int32[N], indexes into `members`.
        type: int8[N], indexes into `TYPES`. One type for all rows is a broadcast array with stride 0: one byte in all.
        occurred_at: int64[N], UTC microseconds.

    Columns that are None when no row says anything:
        points, amount, quantity: int64[N], ten-thousandths, `MISSING` where not said.
        qualifying: bool[N], True where not said.
        mode: int8[N], indexes into `MODES`, `NO_MODE` where not said.
        until: int64[N], UTC microseconds, `MISSING` where not said.
        activity, attribute, value, tier, reason, currency: dictionary arrays (int32 to string), null where not said.
        id, reverses: string or integer arrays (an integer's id is its decimal text), null where not said.

    `sources` and `origin` say where a row came from; `origin` (int64[N]) is None unless rows were left out.
    """

    members: pa.Array
    member: Int32s
    type: Int8s
    occurred_at: Int64s
    points: Int64s | None = None
    amount: Int64s | None = None
    quantity: Int64s | None = None
    qualifying: Bools | None = None
    mode: Int8s | None = None
    until: Int64s | None = None
    activity: pa.DictionaryArray | None = None
    attribute: pa.DictionaryArray | None = None
    value: pa.DictionaryArray | None = None
    tier: pa.DictionaryArray | None = None
    reason: pa.DictionaryArray | None = None
    currency: pa.DictionaryArray | None = None
    id: pa.Array | None = None
    reverses: pa.Array | None = None
    sources: tuple[Source, ...] = ()
    origin: Int64s | None = None

    def __len__(self) -> int:
        return len(self.member)

    @property
    def only_type(self) -> EventType | None:
        """The type of every row, when the column is one broadcast value."""
        return TYPES[self.type[0]] if len(self) and self.type.strides == (0,) else None

    def place(self, row: int) -> tuple[int, int]:
        """The index of the source that `row` came from (-1: none), and its record number in it, from 0."""
        record = int(self.origin[row]) if self.origin is not None else row
        for index, source in enumerate(self.sources):
            if record < source.rows:
                return index, record
            record -= source.rows
        return -1, record

    def where(self, row: int) -> str:
        """`file:record` of `row`; the record is the line in plain CSV and JSON lines files."""
        index, record = self.place(row)
        if index < 0:
            return f"event {record + 1}"
        source = self.sources[index]
        return f"{source.name}:{record + source.first}"

    def take(self, rows: Int64s) -> EventTable:
        """The rows at those indexes; members stay as they are."""
        columns: dict[str, Any] = {"type": _take_type(self.type, rows)}
        for name in ("member", "occurred_at", *OPTIONAL_FIELDS):
            column = getattr(self, name)
            if column is not None:
                columns[name] = column[rows] if isinstance(column, np.ndarray) else column.take(pa.array(rows))
        columns["origin"] = self.origin[rows] if self.origin is not None else rows.astype(np.int64)
        return replace(self, **columns)


def constant_type(kind: EventType, rows: int) -> Int8s:
    """`kind` for `rows` rows, in one byte: a read-only broadcast array."""
    return np.broadcast_to(np.int8(TYPE_CODES[kind]), rows)


def empty_table() -> EventTable:
    """No events."""
    return from_events([])


# --- from and to events, one by one (small inputs, the reference, explanations)


def from_events(events: Iterable[Event]) -> EventTable:
    """The table of `events`, in their order."""
    rows = list(events)
    codes: dict[str, int] = {}
    member = np.array([codes.setdefault(event.member, len(codes)) for event in rows], np.int32)
    columns: dict[str, Any] = {}
    for name in INTEGER_FIELDS:
        said = [getattr(event, name) for event in rows]
        if any(value is not None for value in said):
            columns[name] = np.array([MISSING if value is None else value for value in said], np.int64)
    if not all(event.qualifying for event in rows):
        columns["qualifying"] = np.array([event.qualifying for event in rows], np.bool_)
    if any(event.mode is not None for event in rows):
        columns["mode"] = np.array([NO_MODE if e.mode is None else MODE_CODES[e.mode] for e in rows], np.int8)
    for name in (*TEXT_FIELDS, *ID_FIELDS):
        texts = [getattr(event, name) or None for event in rows]
        if any(texts):
            array = pa.array(texts, pa.string())
            columns[name] = array.dictionary_encode() if name in TEXT_FIELDS else array
    return EventTable(
        members=pa.array(list(codes), pa.string()),
        member=member,
        type=np.array([TYPE_CODES[event.type] for event in rows], np.int8),
        occurred_at=np.array([event.occurred_at for event in rows], np.int64),
        **columns,
    )


def events_at(table: EventTable, rows: Int64s) -> list[Event]:
    """The events of those rows, in the order asked."""
    part = table.take(rows)
    names = table.members.take(pa.array(part.member)).to_pylist()
    columns: dict[str, list[Any]] = {}
    for name in INTEGER_FIELDS:
        if (column := getattr(part, name)) is not None:
            columns[name] = [None if value == MISSING else value for value in column.tolist()]
    if part.qualifying is not None:
        columns["qualifying"] = part.qualifying.tolist()
    if part.mode is not None:
        columns["mode"] = [None if code == NO_MODE else MODES[code] for code in part.mode.tolist()]
    for name in (*TEXT_FIELDS, *ID_FIELDS):
        if (column := getattr(part, name)) is not None:
            columns[name] = ["" if value is None else str(value) for value in column.to_pylist()]
    return [
        Event(member, TYPES[code], instant, **{name: values[row] for name, values in columns.items()})
        for row, (member, code, instant) in enumerate(
            zip(names, part.type.tolist(), part.occurred_at.tolist(), strict=True)
        )
    ]


def events_of(table: EventTable, member_code: int) -> list[Event]:
    """One member's events in arrival order. Reads the whole member column: for explaining, not for every member."""
    return events_at(table, np.flatnonzero(table.member == member_code))


def code_of(table: EventTable, member: str) -> int | None:
    """The code of a member's name, or None for one the table does not know."""
    code = pc.index(table.members, member).as_py()
    return None if code < 0 else int(code)


# --- putting tables together


def concat(tables: Sequence[EventTable]) -> EventTable:
    """The rows of all tables, one after the other, over one list of members."""
    parts = [table for table in tables if len(table)] or list(tables[:1])
    if not parts:
        return empty_table()
    if len(parts) == 1 and len(tables) == 1:
        return parts[0]
    member, members = _concat_members(parts)
    columns = {name: _concat_column(name, parts) for name in OPTIONAL_FIELDS}
    origin = None
    if any(table.origin is not None for table in tables):
        starts = np.cumsum([0, *(_records(table) for table in tables)])
        origin = np.concatenate([_origin(table) + start for table, start in zip(tables, starts, strict=False)])
    return EventTable(
        members=members,
        member=member,
        type=_concat_types([table.type for table in parts]),
        occurred_at=np.concatenate([table.occurred_at for table in parts]),
        sources=tuple(source for table in tables for source in _sources(table)),
        origin=origin,
        **columns,
    )


def prune_members(table: EventTable) -> EventTable:
    """The table without the names of members that have no rows."""
    present = np.zeros(len(table.members), np.bool_)
    present[table.member] = True
    if present.all():
        return table
    codes = np.cumsum(present, dtype=np.int32) - np.int32(1)
    return replace(table, members=table.members.filter(pa.array(present)), member=codes[table.member])


def _records(table: EventTable) -> int:
    return sum(source.rows for source in _sources(table))


def _sources(table: EventTable) -> tuple[Source, ...]:
    return table.sources or (Source("events", len(table)),)


def _origin(table: EventTable) -> Int64s:
    return table.origin if table.origin is not None else np.arange(len(table))


def _take_type(types: Int8s, rows: Int64s) -> Int8s:
    if types.strides == (0,) and len(types):
        return np.broadcast_to(types[0], len(rows))
    return types[rows]


def _concat_types(types: list[Int8s]) -> Int8s:
    if all(len(part) and part.strides == (0,) and part[0] == types[0][0] for part in types):
        return np.broadcast_to(types[0][0], sum(map(len, types)))
    return np.concatenate(types)


def _concat_members(parts: list[EventTable]) -> tuple[Int32s, pa.Array]:
    if all(part.members.equals(parts[0].members) for part in parts[1:]):
        return np.concatenate([part.member for part in parts]), parts[0].members
    names = (
        pa.chunked_array([part.members.cast(pa.string()) for part in parts]).dictionary_encode().unify_dictionaries()
    )
    codes = [chunk.indices.to_numpy() for chunk in names.chunks]
    member = np.concatenate([code[part.member] for code, part in zip(codes, parts, strict=True)])
    return member.astype(np.int32, copy=False), names.chunk(0).dictionary


def _concat_column(name: str, parts: list[EventTable]) -> Any:
    columns = [getattr(part, name) for part in parts]
    if all(column is None for column in columns):
        return None
    if name in NUMPY_FIELDS:
        model = next(column for column in columns if column is not None)
        return np.concatenate(
            [
                np.full(len(part), NOTHING_SAID[name], model.dtype) if column is None else column
                for part, column in zip(parts, columns, strict=True)
            ]
        )
    type_ = pa.dictionary(pa.int32(), pa.string()) if name in TEXT_FIELDS else _id_type(columns)
    whole = pa.chunked_array(
        [
            pa.nulls(len(part), type_) if column is None else column.cast(type_)
            for part, column in zip(parts, columns, strict=True)
        ],
        type_,
    )
    whole = whole.unify_dictionaries() if name in TEXT_FIELDS else whole
    return whole.combine_chunks()


def _id_type(columns: Sequence[Any]) -> Any:
    types = {column.type for column in columns if column is not None}
    return types.pop() if len(types) == 1 else pa.large_string()


def column_bytes(table: EventTable) -> int:
    """What the rows take in memory, in bytes; names and dictionaries not counted."""
    total = 0
    for item in fields(table):
        column = getattr(table, item.name)
        if isinstance(column, np.ndarray):
            total += 1 if column.strides == (0,) else column.nbytes
        elif isinstance(column, pa.DictionaryArray):
            total += column.indices.nbytes
        elif isinstance(column, pa.Array) and item.name != "members":
            total += column.nbytes
    return total
