"""Chunks of raw columns in, one event table out; every fault of every row noted on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from ziggurat import limits
from ziggurat.bulk.column import Column, UnreadableColumnError, codes_of, decoded, is_text
from ziggurat.bulk.convert_amounts import to_amounts
from ziggurat.bulk.convert_instants import to_instants
from ziggurat.bulk.convert_words import as_text, to_flags, to_modes, to_type_codes, to_words
from ziggurat.bulk.event_table import (
    ID_FIELDS,
    MISSING,
    NOTHING_SAID,
    NUMPY_FIELDS,
    TEXT_FIELDS,
    TYPES,
    UNIT_FIELDS,
    Bools,
    EventTable,
    Int8s,
    Int64s,
    Source,
)
from ziggurat.bulk.grow_columns import ArrowColumn, MemberColumn, NumberColumn, TypeColumn
from ziggurat.bulk.odd_texts import odd_texts, text_problem
from ziggurat.bulk.read_options import ReadOptions
from ziggurat.bulk.row_faults import WHOLE_FILE, BadEventsError, FaultLog, FoundFault, RowFault
from ziggurat.program.event_rules import MAY_BE_NEGATIVE, NEEDS, READS
from ziggurat.program.events import EventType

_TYPE_CODES: dict[str, int] = {str(kind): code for code, kind in enumerate(TYPES)}
_DTYPES: dict[str, Any] = {"qualifying": np.bool_, "mode": np.int8}
_TEXT_LENGTHS = {"value": limits.TEXT_CHARACTERS_MAX, "reason": limits.REASON_CHARACTERS_MAX}
INT64_MAX = 2**63 - 1
_FREE_TEXT = {"value", "reason"}


def _reads_lookup(name: str) -> Bools:
    return np.array([name in READS[kind] for kind in TYPES], np.bool_)


_READ_BY = {name: _reads_lookup(name) for name in (*NUMPY_FIELDS, *TEXT_FIELDS, "reverses")}


@dataclass(slots=True)
class RawChunk:
    """Some rows as a reader found them: a column of any Arrow type per field, all of the same length.

    `broken` are rows whose columns could not even be told apart: index in the chunk to problem and remedy.
    """

    columns: Mapping[str, pa.Array]
    rows: int
    broken: dict[int, tuple[str, str]] = field(default_factory=dict)


class TableBuilder:
    """Builds one table from chunks of several sources.

    Attributes:
        log: every fault so far.
        bad: the bad rows so far, as (first row, bool mask) pieces; empty if all rows are good.
    """

    def __init__(self, options: ReadOptions, log: FaultLog, expected: int = 0) -> None:
        self.options = options
        self.log = log
        self.expected = expected
        self.rows = 0
        self.bad: list[tuple[int, Bools]] = []
        self._sources: list[Source] = []
        self._source_start = 0
        self._columns_of_source: Mapping[str, str] = {}
        self._remedies: Mapping[str, str] = {}
        self._lacking: set[tuple[EventType, tuple[str, ...]]] = set()
        self._members = MemberColumn(expected)
        self._odd_members: dict[int, str] = {}
        self._nameless = -1
        self._types = TypeColumn()
        self._instants = NumberColumn(np.int64, MISSING, expected)
        self._numbers: dict[str, NumberColumn] = {}
        self._arrows: dict[str, ArrowColumn] = {}
        self._defaults = _read_defaults(options)

    # --- sources

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources so far."""
        return tuple(self._sources)

    def start_source(self, name: str, columns: Mapping[str, str], remedies: Mapping[str, str]) -> int:
        """The next chunks come from `name`; `columns` says which column a field has, `remedies` what to do without."""
        self._sources.append(Source(name, 0))
        self._source_start = self.rows
        self._columns_of_source = columns
        self._remedies = remedies
        self._lacking = set()
        return len(self._sources) - 1

    def end_source(self, first: int, *, by_line: bool) -> None:
        """No more chunks of this source; its first record is number `first`."""
        name = self._sources[-1].name
        self._sources[-1] = Source(name, self.rows - self._source_start, first, by_line)

    def fault_of_file(self, column: str, problem: str, remedy: str) -> None:
        """Something is wrong with the whole current source."""
        self.log.add(FoundFault(len(self._sources) - 1, WHOLE_FILE, column, problem, remedy))

    # --- rows

    def add(self, chunk: RawChunk) -> None:
        """Take the next rows of the current source."""
        rows = chunk.rows
        bad = np.zeros(rows, np.bool_)
        for row, (problem, remedy) in sorted(chunk.broken.items()):
            bad[row] = True
            self._note(row, "", problem, remedy)
        refused = bad.copy() if chunk.broken else None
        types = self._read_types(chunk, bad, refused)
        present = np.unique(types).tolist() if types.strides != (0,) else [int(types[0])] if rows else []
        kinds = [TYPES[code] for code in present if code >= 0]
        given: dict[str, Callable[[], Bools]] = {}
        self._read_members(chunk, bad, refused)
        self._read_instants(chunk, bad, refused)
        for name in (*NUMPY_FIELDS, *TEXT_FIELDS, *ID_FIELDS):
            if name not in chunk.columns and name not in self._defaults:
                continue
            used: Bools | None = None
            if name != "id":
                if not any(name in READS[kind] for kind in kinds):
                    continue
                if not all(name in READS[kind] for kind in kinds) or -1 in present:
                    used = np.append(_READ_BY[name], False)[types]
            try:
                given[name] = self._read_optional(name, chunk, types, used, bad)
            except UnreadableColumnError as fault:
                self._whole_column(name, fault)
                given[name] = lambda: np.ones(rows, np.bool_)
        self._check_needs(types, kinds, given, bad, refused)
        self._types.put(types)
        if bad.any():
            self.bad.append((self.rows, bad))
        self.rows += rows

    def _note(self, row: int, name: str, problem: str, remedy: str) -> None:
        column = self._columns_of_source.get(name, name)
        record = self.rows - self._source_start + row
        self.log.add(FoundFault(len(self._sources) - 1, record, column, problem, remedy))

    def _note_all(self, mask: Bools, name: str, explain: Callable[[int], tuple[str, str]], bad: Bools) -> None:
        bad |= mask
        rows = np.flatnonzero(mask)
        for at, row in enumerate(rows.tolist()):
            if not self.log.has_room:
                self.log.count(len(rows) - at)
                return
            self._note(row, name, *explain(row))

    def _whole_column(self, name: str, fault: UnreadableColumnError) -> None:
        column = self._columns_of_source.get(name, name)
        source = len(self._sources) - 1
        if not any(f.record == WHOLE_FILE and f.source == source and f.column == column for f in self.log.kept):
            self.fault_of_file(column, fault.problem, fault.remedy)

    # --- the needed columns

    def _read_types(self, chunk: RawChunk, bad: Bools, refused: Bools | None) -> Int8s:
        default = self._defaults.get("type")
        if "type" not in chunk.columns:
            return np.broadcast_to(np.int8(-1 if default is None else default), chunk.rows)
        try:
            column = to_type_codes(chunk.columns["type"], _TYPE_CODES)
        except UnreadableColumnError as fault:
            self._whole_column("type", fault)
            return np.broadcast_to(np.int8(-1), chunk.rows)
        if column.bad is not None:
            self._note_all(column.bad, "type", column.explain, bad)
        codes: Int8s = column.values
        unsaid = codes < 0
        if unsaid.any():
            unsaid &= ~_or(column.bad, refused, chunk.rows)
            if default is not None:
                codes[unsaid] = default
            else:
                remedy = self.options.remedies.unsaid_type()
                self._note_all(unsaid, "type", lambda _: ("it is empty", remedy), bad)
        if len(codes) and codes.min() == codes.max():
            return np.broadcast_to(codes[0], len(codes))
        return codes

    def _read_members(self, chunk: RawChunk, bad: Bools, refused: Bools | None) -> None:
        array = chunk.columns.get("member", pa.nulls(chunk.rows, pa.string()))
        if "member" in self._defaults:
            array = _fill_text(array, self._defaults["member"])
        empty: Bools | None = None
        if pt.is_integer(array.type) and not _is_beyond_int64(array):
            if array.null_count:
                empty = array.is_null().to_numpy(zero_copy_only=False)
                array = array.fill_null(pc.min(array).as_py() or 0)
            self._members.put_numbers(array.to_numpy(zero_copy_only=False))
        else:
            try:
                texts = _texts_of(_not_floating(array))
            except UnreadableColumnError as fault:
                self._whole_column("member", fault)
                texts = pa.array(["?"] * chunk.rows)
            empty = self._read_names(texts, bad)
        if empty is not None:
            if refused is not None:
                empty &= ~refused
            self._note_all(empty, "member", lambda _: ("it is empty", "say whose event it is"), bad)

    def _read_names(self, texts: pa.Array, bad: Bools) -> Bools | None:
        """Take the next members by their names; answers which rows have none."""
        known = len(self._members.texts) if self._members.texts else 0
        codes = self._members.put_texts(texts)
        assert self._members.texts is not None, "names were just put there"
        new = self._members.texts.names(known)
        wrong = odd_texts(new, limits.IDENTIFIER_CHARACTERS_MAX, free=False)
        if wrong is not None:
            self._odd_members |= {known + int(n): new[int(n)].as_py() for n in np.flatnonzero(wrong)}
        if (at := pc.index(new, "").as_py()) >= 0:
            self._nameless = known + at
        if self._odd_members:
            mask = np.isin(codes, list(self._odd_members))
            longest = limits.IDENTIFIER_CHARACTERS_MAX
            self._note_all(mask, "member", lambda row: text_problem(self._odd_members[int(codes[row])], longest), bad)
        return codes == self._nameless if self._nameless >= 0 else None

    def _read_instants(self, chunk: RawChunk, bad: Bools, refused: Bools | None) -> None:
        array = chunk.columns.get("occurred_at", pa.nulls(chunk.rows, pa.string()))
        try:
            column = to_instants(array, self.options.time_zone)
        except UnreadableColumnError as fault:
            self._whole_column("occurred_at", fault)
            column = to_instants(pa.nulls(chunk.rows, pa.string()), self.options.time_zone)
            refused = np.ones(chunk.rows, np.bool_)
        instants = column.values
        if len(instants) and (column.bad is not None or int(instants.min()) == MISSING):
            unsaid = instants == MISSING
            if "occurred_at" in self._defaults:
                mask = unsaid & ~_or(column.bad, None, chunk.rows)
                instants = np.where(mask, self._defaults["occurred_at"], instants)
                unsaid &= ~mask
            unsaid &= ~_or(column.bad, refused, chunk.rows)
            if column.bad is not None:
                self._note_all(column.bad, "occurred_at", column.explain, bad)
            self._note_all(unsaid, "occurred_at", lambda _: ("it is empty", "say when it happened"), bad)
        self._instants.put(self.rows, instants)

    # --- the optional columns

    def _read_optional(
        self, name: str, chunk: RawChunk, types: Int8s, used: Bools | None, bad: Bools
    ) -> Callable[[], Bools]:
        """Take one column; answers which rows say something in it, if asked."""
        array = chunk.columns.get(name)
        if name in NUMPY_FIELDS:
            return self._read_number(name, array, types, used, bad)
        array = array if array is not None else pa.nulls(chunk.rows, pa.string())
        if name in self._defaults:
            array = _fill_text(array, self._defaults[name])
        array = _to_ids(array) if name in ID_FIELDS else to_words(array)
        if used is not None:
            array = _keep(array, used)
        if name in TEXT_FIELDS:
            self._check_words(name, array, bad)
        elif not pt.is_integer(array.type):
            self._check_ids(name, array, bad)
        if array.null_count < len(array):
            self._arrows.setdefault(name, ArrowColumn()).put(self.rows, array)
        return lambda: array.is_valid().to_numpy(zero_copy_only=False)

    def _read_number(
        self, name: str, array: pa.Array | None, types: Int8s, used: Bools | None, bad: Bools
    ) -> Callable[[], Bools]:
        empty = NOTHING_SAID[name]
        column = self._convert(name, array if array is not None else pa.nulls(len(types), pa.string()))
        values, wrong = column.values, column.bad
        if name in self._defaults:
            silent = array.is_null().to_numpy(zero_copy_only=False) if array is not None else np.True_
            values = np.where(silent, self._defaults[name], values).astype(values.dtype, copy=False)
        if used is not None:
            values = np.where(used, values, empty).astype(values.dtype, copy=False)
            wrong = wrong & used if wrong is not None else None
        if wrong is not None and wrong.any():
            self._note_all(wrong, name, column.explain, bad)
        if name in UNIT_FIELDS and len(values) and int(values.min()) < 0:
            self._check_signs(name, values, types, bad)
        said = bool((values != empty).any())
        if said:
            store = self._numbers.get(name)
            if store is None:
                store = NumberColumn(_DTYPES.get(name, np.int64), empty, self.expected)
                self._numbers[name] = store
            store.put(self.rows, values)
        return lambda: (values != empty) | wrong if wrong is not None else values != empty

    def _convert(self, name: str, array: pa.Array) -> Column:
        if name == "qualifying":
            return to_flags(array)
        if name == "mode":
            return to_modes(array)
        if name == "until":
            return to_instants(array, self.options.time_zone)
        return to_amounts(array)

    def _check_signs(self, name: str, values: Int64s, types: Int8s, bad: Bools) -> None:
        negative = (values < 0) & (values != MISSING)
        if not negative.any():
            return
        allowed = np.array([(kind, name) in MAY_BE_NEGATIVE for kind in TYPES] + [False], np.bool_)
        negative &= ~allowed[types]
        self._note_all(
            negative,
            name,
            lambda row: (f"{TYPES[types[row]]} cannot have less than zero", _negative_remedy(TYPES[types[row]])),
            bad,
        )

    def _check_words(self, name: str, words: pa.DictionaryArray, bad: Bools) -> None:
        names = words.dictionary
        if not len(names):
            return
        longest = _TEXT_LENGTHS.get(name, limits.IDENTIFIER_CHARACTERS_MAX)
        wrong = odd_texts(names, longest, free=name in _FREE_TEXT)
        if wrong is None:
            return
        codes = codes_of(words, len(names))
        mask = np.append(wrong, False)[codes]
        self._note_all(mask, name, lambda row: text_problem(names[int(codes[row])].as_py(), longest), bad)

    def _check_ids(self, name: str, ids: pa.Array, bad: Bools) -> None:
        longest = limits.IDENTIFIER_CHARACTERS_MAX
        wrong = odd_texts(ids, longest, free=False)
        if wrong is not None:
            self._note_all(wrong, name, lambda row: text_problem(ids[row].as_py(), longest), bad)

    # --- what each type needs

    def _check_needs(
        self,
        types: Int8s,
        kinds: list[EventType],
        given: Mapping[str, Callable[[], Bools]],
        bad: Bools,
        refused: Bools | None,
    ) -> None:
        said: dict[str, Bools] = {}
        for kind in kinds:
            for group in NEEDS[kind]:
                silent = np.ones(len(types), np.bool_) if len(kinds) == 1 else types == _TYPE_CODES[kind]
                if len(kinds) == 1 and types.strides != (0,):
                    silent &= types >= 0
                for name in group:
                    if name in given:
                        if name not in said:
                            said[name] = given[name]()
                        silent &= ~said[name]
                if refused is not None:
                    silent &= ~refused
                if silent.any():
                    self._note_silent(silent, kind, group, bad)

    def _note_silent(self, silent: Bools, kind: EventType, group: tuple[str, ...], bad: Bools) -> None:
        """Some rows of `kind` say nothing of `group`; where no column could, that is said once for the source."""
        problem, remedy = f"{kind} needs {' or '.join(group)}", "fill it in"
        if any(name in self._columns_of_source for name in group):
            self._note_all(silent, group[0], lambda _: (problem, remedy), bad)
            return
        bad |= silent
        rows = np.flatnonzero(silent)
        if (kind, group) not in self._lacking:
            self._lacking.add((kind, group))
            remedy = next((self._remedies[name] for name in group if name in self._remedies), remedy)
            self._note(int(rows[0]), group[0], problem, remedy)
            rows = rows[1:]
        self.log.count(len(rows))

    # --- the end

    def finish(self) -> tuple[EventTable, Bools | None]:
        """All rows, bad ones included, and which are bad (None: none)."""
        mask: Bools | None = None
        if self.bad:
            mask = np.zeros(self.rows, np.bool_)
            for start, piece in self.bad:
                mask[start : start + len(piece)] = piece
        member, members = self._members.finish()
        columns: dict[str, Any] = {name: store.finish(self.rows) for name, store in self._numbers.items()}
        columns |= {name: store.finish(self.rows) for name, store in self._arrows.items()}
        table = EventTable(
            members=members,
            member=member,
            type=self._types.finish(),
            occurred_at=self._instants.finish(self.rows),
            sources=self.sources,
            **columns,
        )
        return table, mask


def _or(first: Bools | None, second: Bools | None, rows: int) -> Bools:
    found = np.zeros(rows, np.bool_)
    for mask in (first, second):
        if mask is not None:
            found |= mask
    return found


def _fill_text(array: pa.Array, default: str) -> pa.Array:
    if array.null_count == 0 and not pt.is_null(array.type):
        return array
    return as_text(decoded(array)).fill_null(default)


def _texts_of(array: pa.Array) -> pa.Array:
    """Names as text, dictionaries as they are if they are of text."""
    if pt.is_dictionary(array.type) and is_text(array.type.value_type):
        return array
    return array if is_text(array.type) else as_text(array)


def _not_floating(array: pa.Array) -> pa.Array:
    if pt.is_floating(array.type):
        raise UnreadableColumnError(f"it holds {array.type} numbers, not names", "cast it to text or integers")
    return array


def _is_beyond_int64(array: pa.Array) -> bool:
    """Whether some number is too large to be signed; such names are kept as text."""
    return bool(pt.is_uint64(array.type) and (pc.max(array).as_py() or 0) > INT64_MAX)


def _to_ids(array: pa.Array) -> pa.Array:
    array = decoded(array)
    if pt.is_integer(array.type) and not _is_beyond_int64(array):
        return array.cast(pa.int64())
    text = as_text(_not_floating(array)).cast(pa.large_string())
    empty = pc.equal(text, "")
    return pc.if_else(empty, None, text) if pc.any(empty).as_py() else text


def _keep(array: pa.Array, used: Bools) -> pa.Array:
    if pt.is_dictionary(array.type):
        indices = pc.if_else(pa.array(used), array.indices, pa.scalar(None, pa.int32()))
        return pa.DictionaryArray.from_arrays(indices, array.dictionary)
    return pc.if_else(pa.array(used), array, pa.scalar(None, array.type))


def _negative_remedy(kind: EventType) -> str:
    if kind is EventType.ORDER_PLACED:
        return "send a reversal of the order, or order.refunded, to take an amount back"
    if kind is EventType.POINTS_EARNED:
        return "send a reversal, or points.adjusted, to take points back"
    return "leave the minus sign out"


def _read_defaults(options: ReadOptions) -> dict[str, Any]:
    """The defaults as the values that columns hold."""
    values: dict[str, Any] = {}
    for name, text in options.defaults.items():
        array = pa.array([text])
        if name == "type":
            column = to_type_codes(array, _TYPE_CODES)
        elif name in UNIT_FIELDS:
            column = to_amounts(array)
        elif name in {"occurred_at", "until"}:
            column = to_instants(array, options.time_zone)
        elif name == "qualifying":
            column = to_flags(array)
        elif name == "mode":
            column = to_modes(array)
        else:
            values[name] = text
            continue
        if column.bad is not None or not text:
            problem, remedy = column.explain(0) if text else ("it is empty", "leave it out")
            raise BadEventsError([RowFault(options.remedies.default(name, text), None, "", problem, remedy)], 1)
        values[name] = column.values[0]
    return values
