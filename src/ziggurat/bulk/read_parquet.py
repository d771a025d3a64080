"""Parquet files, Arrow tables, Polars frames and rows as dicts into a table under construction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ziggurat.bulk.build_table import RawChunk, TableBuilder
from ziggurat.bulk.column import is_text
from ziggurat.bulk.event_table import TEXT_FIELDS
from ziggurat.bulk.read_options import choose_columns, missing_remedies
from ziggurat.bulk.text_blocks import UnreadableFileError, read_ahead

BATCH_ROWS = 1 << 20
DICTS_AT_ONCE = 10_000
_DICTIONARY_BYTES = 1 << 21
_CODE_BYTES = 10
"""Up to so many bytes for a dictionary and for each row, at least about half of the rows are numbers of words."""
_WORD_FIELDS = {"type", "mode", *TEXT_FIELDS}


def read_parquet(path: Path, builder: TableBuilder) -> None:
    """Add the rows of the Parquet file at `path` to `builder`. Rows are numbered from 1.

    Raises:
        UnreadableFileError: it is not a Parquet file, or a damaged one.
    """
    try:
        schema = pq.read_schema(path)
        columns = _start(str(path), schema.names, builder)
        if columns is None:
            return
        texts = [name for name in columns if is_text(schema.field(columns[name]).type)]
        encode = [columns[name] for name in texts if name in _WORD_FIELDS]
        if "member" in texts and _is_encoded(pq.read_metadata(path), columns["member"]):
            encode.append(columns["member"])
        with pq.ParquetFile(path, read_dictionary=encode, memory_map=True) as file:
            # iter_batches takes the columns in the file's order
            batches = file.iter_batches(BATCH_ROWS, columns=list(dict.fromkeys(columns.values())))
            _add_batches(read_ahead(batches), columns, builder)
    except (pa.ArrowException, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno is not None:
            raise
        raise UnreadableFileError(f"it is not a whole Parquet file: {_first_line(problem)}", "write it anew") from None


def _is_encoded(metadata: pq.FileMetaData, column: str) -> bool:
    """Whether a column seems to hold mostly numbers of words: then there are few words to look at."""
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    group = max(groups, key=lambda group: group.num_rows, default=None)
    chunks = [group.column(number) for number in range(group.num_columns)] if group else []
    for chunk in chunks:
        if chunk.path_in_schema == column:
            room = _DICTIONARY_BYTES + _CODE_BYTES * chunk.num_values
            return bool(chunk.has_dictionary_page and chunk.total_uncompressed_size <= room)
    return False


def _first_line(problem: Exception) -> str:
    return str(problem).splitlines()[0][:200]


def parquet_rows(path: Path) -> int:
    """How many rows a Parquet file says it has; 0 if it cannot be read."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError):
        return 0


def read_frame(frame: Any, name: str, builder: TableBuilder) -> None:
    """Add the rows of a Polars frame, an Arrow table, record batch or record batch reader to `builder`."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        frame = frame.to_arrow()
    if isinstance(frame, pa.RecordBatch):
        frame = pa.Table.from_batches([frame])
    batches = frame.to_batches(max_chunksize=BATCH_ROWS) if isinstance(frame, pa.Table) else frame
    columns = _start(name, frame.schema.names, builder)
    if columns is not None:
        _add_batches(iter(batches), columns, builder)


def _start(name: str, names: list[str], builder: TableBuilder) -> dict[str, str] | None:
    columns, faults = choose_columns(names, builder.options)
    remedies = missing_remedies(names, columns, builder.options)
    builder.start_source(name, columns, remedies)
    for fault in faults:
        builder.fault_of_file(*fault)
    if faults:
        builder.end_source(1, by_line=True)
        return None
    return columns


def _add_batches(batches: Iterator[pa.RecordBatch], columns: Mapping[str, str], builder: TableBuilder) -> None:
    for batch in batches:
        builder.add(RawChunk({name: batch.column(column) for name, column in columns.items()}, batch.num_rows))
    builder.end_source(1, by_line=True)


def read_dicts(rows: Iterable[Mapping[str, Any]], name: str, builder: TableBuilder) -> None:
    """Add rows given as dicts to `builder`: text, numbers, `Decimal`, `datetime`, `date` and None as values."""
    stream = iter(rows)
    first = list(islice(stream, DICTS_AT_ONCE))
    names = list(dict.fromkeys(chain.from_iterable(first)))
    columns, faults = choose_columns(names, builder.options, sparse=True)
    remedies = missing_remedies(names, columns, builder.options)
    builder.start_source(name, {field: column for field, column in columns.items() if column in names}, remedies)
    if first:
        for fault in faults:
            builder.fault_of_file(*fault)
    if not first or faults:
        builder.end_source(1, by_line=True)
        return
    part = first
    while part:
        builder.add(_chunk_of_dicts(part, columns))
        part = list(islice(stream, DICTS_AT_ONCE))
    builder.end_source(1, by_line=True)


def _chunk_of_dicts(rows: list[Mapping[str, Any]], columns: Mapping[str, str]) -> RawChunk:
    broken: dict[int, tuple[str, str]] = {}
    values: dict[str, list[str | None]] = {name: [] for name in columns}
    for number, row in enumerate(rows):
        for name, column in columns.items():
            try:
                values[name].append(_as_text(row.get(column)))
            except TypeError:
                values[name].append(None)
                kind = type(row[column]).__name__
                broken[number] = (f"{column} holds a {kind}", "give text, a number or a time")
    return RawChunk({name: pa.array(column, pa.string()) for name, column in values.items()}, len(rows), broken)


def _as_text(value: Any) -> str | None:
    match value:
        case None | "":
            return None
        case str():
            return str(value)
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case int() | Decimal():
            return str(value)
        case float():
            return repr(float(value))
    raise TypeError
