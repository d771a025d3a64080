"""Events from files and frames into one table, or every fault of them.

The good path is columns from end to end; looking closely at a bad row may be slow. The module is the only way in for
event data that Ziggurat does not keep itself.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa
from whenever import Date

from ziggurat import limits
from ziggurat.bulk.build_table import TableBuilder
from ziggurat.bulk.duplicates import find_duplicates
from ziggurat.bulk.event_table import UNIT_FIELDS, Bools, EventTable, Source, from_events, prune_members
from ziggurat.bulk.member_totals import rows_beyond_total
from ziggurat.bulk.read_csv import read_csv, record_starts
from ziggurat.bulk.read_jsonl import read_jsonl
from ziggurat.bulk.read_options import ReadOptions
from ziggurat.bulk.read_parquet import parquet_rows, read_dicts, read_frame, read_parquet
from ziggurat.bulk.reversals import try_reversals
from ziggurat.bulk.row_faults import WHOLE_FILE, BadEventsError, FaultLog, FoundFault, RowFault, RowReport, shown
from ziggurat.bulk.text_blocks import UnreadableFileError, line_starts
from ziggurat.program.amounts import SCALE, format_units
from ziggurat.program.calendar import calendar
from ziggurat.program.events import Event

PathLike: TypeAlias = str | os.PathLike[str]
Frame: TypeAlias = pl.DataFrame | pl.LazyFrame | pa.Table | pa.RecordBatch | pa.RecordBatchReader
Events: TypeAlias = EventTable | Frame | Iterable[Mapping[str, Any]] | Iterable[Event]

_READERS: dict[str, Callable[[Path, TableBuilder], None]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".parquet": read_parquet,
    ".pq": read_parquet,
}
_UTC = calendar("UTC")
_EVENTS_REMEDY = "give a Polars frame, an Arrow table, or a list of dicts or Events"
_TOTAL_MAX = format_units(limits.MEMBER_TOTAL_UNITS_MAX)


def read_event_files(paths: Sequence[PathLike], options: ReadOptions | None = None) -> tuple[EventTable, RowReport]:
    """The events of CSV, JSON lines and Parquet files (by their endings; `.gz` may follow text), in the order given.

    Raises:
        BadEventsError: a file cannot be read, or a row is bad and `options.skip_bad_rows` does not let it go.
    """
    files = [Path(path) for path in paths]
    log = FaultLog()
    options = options or ReadOptions()
    expected = sum(map(parquet_rows, files)) if all(map(_is_parquet, files)) else 0
    builder = TableBuilder(options, log, expected)
    for file in files:
        started = len(builder.sources)
        try:
            _reader_of(file, options)(file, builder)
        except (UnreadableFileError, OSError, EOFError) as problem:
            if len(builder.sources) == started:
                builder.start_source(str(file), {}, {})
            builder.end_source(1, by_line=True)
            fault = (
                problem if isinstance(problem, UnreadableFileError) else UnreadableFileError(*_system_problem(problem))
            )
            builder.fault_of_file("", fault.problem, fault.remedy)
    if not builder.rows and not log.total and files:
        builder.fault_of_file("", "it holds no events", "give a file that holds some")
    return _finish(builder, files)


def read_events(
    events: Events, options: ReadOptions | None = None, name: str = "events"
) -> tuple[EventTable, RowReport]:
    """The events of a Polars frame, an Arrow table, dicts or `Event`s; `name` stands in messages for the file.

    Raises:
        BadEventsError: as for `read_event_files`.
    """
    if isinstance(events, EventTable):
        return events, RowReport(len(events))
    options = options or ReadOptions()
    builder = TableBuilder(options, FaultLog())
    if isinstance(events, Frame):
        read_frame(events, name, builder)
        return _finish(builder, [])
    if hasattr(events, "__arrow_c_stream__"):
        read_frame(pa.table(events), name, builder)
        return _finish(builder, [])
    if isinstance(events, str | bytes | Mapping) or not isinstance(events, Iterable):
        of_file = "; polars.read_csv makes a frame of a file" if isinstance(events, str | os.PathLike) else ""
        raise TypeError(f"events are a {type(events).__name__}: {_EVENTS_REMEDY}{of_file}")
    stream = iter(events)
    first = next(stream, None)
    if isinstance(first, Event):
        rows: list[Any] = [first, *stream]
        _check_range(rows, name)
        table = replace(from_events(rows), sources=(Source(name, len(rows)),))
        return _checked(table, None, FaultLog(), options, [])
    if first is not None and not isinstance(first, Mapping):
        raise TypeError(f"the first event is a {type(first).__name__}: {_EVENTS_REMEDY}")
    read_dicts(chain([] if first is None else [first], stream), name, builder)  # type: ignore[arg-type]
    return _finish(builder, [])


def _check_range(events: Sequence[Event], name: str) -> None:
    """See to it that events made elsewhere fit the columns."""
    most = limits.AMOUNT_MAX * SCALE
    first, end = (_UTC.instant(Date(year, 1, 1)) for year in (limits.INSTANT_YEAR_MIN, limits.INSTANT_YEAR_MAX))
    faults = []
    for number, event in enumerate(events, 1):
        large = [field for field in UNIT_FIELDS if abs(getattr(event, field) or 0) > most]
        faults += [RowFault(name, number, field, "is too large", f"{limits.AMOUNT_MAX} at most") for field in large]
        if not first <= event.occurred_at < end:
            faults.append(RowFault(name, number, "occurred_at", "is out of reach", "say it in UTC microseconds"))
    if faults:
        raise BadEventsError(faults, len(faults))


# --- files


def _ending(file: Path) -> str:
    plain = file.with_suffix("") if file.suffix == ".gz" else file
    return plain.suffix.lower()


def _is_parquet(file: Path) -> bool:
    return _ending(file) in {".parquet", ".pq"}


def _reader_of(file: Path, options: ReadOptions) -> Callable[[Path, TableBuilder], None]:
    if file.is_dir():
        raise IsADirectoryError
    reader = _READERS.get(_ending(file))
    if reader is None:
        raise UnreadableFileError("its ending says no format that is read", f"let it be {', '.join(_READERS)}")
    if options.columns and reader is not read_csv:
        raise UnreadableFileError("it names its columns itself", "read it without names for them")
    return reader


def _system_problem(problem: Exception) -> tuple[str, str]:
    if isinstance(problem, FileNotFoundError):
        return "there is no such file", "check the name"
    if isinstance(problem, IsADirectoryError):
        return "it is a folder", "name the files in it, as a shell does for FOLDER/*"
    if isinstance(problem, gzip.BadGzipFile | EOFError | zlib.error):
        return "it is not a whole gzip file", "compress it anew"
    return f"it cannot be read: {getattr(problem, 'strerror', None) or problem}", "check its permissions"


# --- what can only be judged with all rows at hand


def _finish(builder: TableBuilder, files: Sequence[Path]) -> tuple[EventTable, RowReport]:
    if builder.log.of_files:
        raise _bad_events(builder.log, builder.sources, files, builder.options)
    table, bad = builder.finish()
    return _checked(table, bad, builder.log, builder.options, files)


def _checked(
    table: EventTable, bad: Bools | None, log: FaultLog, options: ReadOptions, files: Sequence[Path]
) -> tuple[EventTable, RowReport]:
    rows = len(table)
    lost_ids = _ids_at(table, bad)
    table = _without(table, bad)
    refused = rows - len(table)
    table, duplicates, conflicts = _without_duplicates(table, log)
    table, too_many = _without_beyond(table, log)
    table, impossible = _without_impossible_reversals(table, log, lost_ids)
    if log.total and not options.skip_bad_rows:
        raise _bad_events(log, table.sources, files, options)
    refused += conflicts + too_many + impossible
    if refused or duplicates:
        table = prune_members(table)
    faults = _located(log, table.sources, files, options)
    return table, RowReport(len(table), duplicates, refused, tuple(faults), log.total)


def _without(table: EventTable, bad: Bools | None) -> EventTable:
    return table if bad is None else table.take(np.flatnonzero(~bad))


def _without_rows(table: EventTable, rows: Iterable[int]) -> EventTable:
    bad = np.zeros(len(table), np.bool_)
    bad[list(rows)] = True
    return _without(table, bad)


def _note(table: EventTable, log: FaultLog, row: int, fault: tuple[str, str, str]) -> None:
    source, record = table.place(row)
    log.add(FoundFault(source, record, *fault))


def _without_duplicates(table: EventTable, log: FaultLog) -> tuple[EventTable, int, int]:
    found = find_duplicates(table)
    if found is None:
        return table, 0, 0
    rows, earlier, same = found
    conflicts = np.flatnonzero(~same)
    for at in conflicts.tolist():
        if not log.has_room:
            log.count(1)
            continue
        name = shown(table.id[rows[at]].as_py())  # type: ignore[index]
        problem = f"{name} is also the id of {table.where(int(earlier[at]))}, which says something else"
        _note(table, log, int(rows[at]), ("id", problem, "give each event its own id"))
    return _without_rows(table, rows.tolist()), len(rows) - len(conflicts), len(conflicts)


def _without_beyond(table: EventTable, log: FaultLog) -> tuple[EventTable, int]:
    beyond = rows_beyond_total(table)
    for row, name in beyond:
        _note(table, log, row, (name, "the member's total is too large with it", f"it may reach {_TOTAL_MAX}"))
    rows = {row for row, _ in beyond}
    return (_without_rows(table, rows), len(rows)) if rows else (table, 0)


def _without_impossible_reversals(table: EventTable, log: FaultLog, lost_ids: set[str]) -> tuple[EventTable, int]:
    refused = try_reversals(table)[1]
    for fault in refused:
        problem, remedy = fault.problem, fault.remedy
        asked = "" if table.reverses is None else str(table.reverses[fault.row].as_py())
        if asked in lost_ids:
            problem, remedy = f"the event that it reverses, {shown(asked)}, was refused", "mend that row"
        _note(table, log, fault.row, (fault.field, problem, remedy))
    return (_without_rows(table, [fault.row for fault in refused]), len(refused)) if refused else (table, 0)


def _ids_at(table: EventTable, bad: Bools | None) -> set[str]:
    if bad is None or table.id is None:
        return set()
    ids = table.id.take(pa.array(np.flatnonzero(bad)))
    return {str(name) for name in ids.to_pylist() if name is not None}


# --- where faults are


def _bad_events(
    log: FaultLog, sources: Sequence[Source], files: Sequence[Path], options: ReadOptions
) -> BadEventsError:
    return BadEventsError(_located(log, sources, files, options), log.total)


def _located(log: FaultLog, sources: Sequence[Source], files: Sequence[Path], options: ReadOptions) -> list[RowFault]:
    """The faults that were kept, in the order of files and lines, with the lines that their records start on."""
    lines: dict[int, dict[int, int]] = {}
    for number, source in enumerate(sources):
        records = {fault.record for fault in log.kept if fault.source == number and fault.record != WHOLE_FILE}
        lines[number] = {record: record + source.first for record in records}
        if records and not source.by_line and number < len(files):
            lines[number] |= _record_lines(files[number], records, options)
    faults = sorted(log.kept, key=lambda fault: (fault.source, fault.record))
    return [
        RowFault(
            sources[fault.source].name,
            None if fault.record == WHOLE_FILE else lines[fault.source][fault.record],
            fault.column,
            fault.problem,
            fault.remedy,
        )
        for fault in faults
    ]


def _record_lines(file: Path, wanted: set[int], options: ReadOptions) -> dict[int, int]:
    """The lines on which records start, by record number from 0; reads the file anew, so only for faults."""
    starts = record_starts(file, options.columns) if _READERS[_ending(file)] is read_csv else line_starts(file)
    return {record: line for record, line in zip(range(max(wanted) + 1), starts, strict=False) if record in wanted}
