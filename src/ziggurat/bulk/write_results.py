"""Result tables to files, whole or not at all, and to the terminal.

Text is written as it is: a value that starts with `=` or `-` is the data's own, and other programs read these files.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as pt

from ziggurat.bulk.format_instants import format_instants
from ziggurat.bulk.row_faults import shown
from ziggurat.errors import ZigguratError

CHUNK_ROWS = 1 << 20
_NAME_CHARACTERS = 100
_SYSTEM_NUMBER = re.compile(r" \(os error \d+\)$")
"""What a writer adds to the system's own words."""


class UnwritableResultError(ZigguratError):
    """A result cannot be written where it was asked for."""

    code = "unwritable_result"


class UnknownFormatError(UnwritableResultError):
    """The ending of a result's name says no format."""

    code = "unknown_result_format"


def check_output(path: str | os.PathLike[str]) -> None:
    """See to it, before long work, that a result can be written to `path`.

    Raises:
        UnknownFormatError: its ending says no format.
        UnwritableResultError: its folder is not there or may not be written to, or it is a folder itself.
    """
    file = Path(path)
    _writer_of(file)
    if file.is_dir():
        raise UnwritableResultError(f"{file}: it is a folder (name a file in it)")
    if not file.parent.is_dir():
        raise UnwritableResultError(f"{file}: there is no folder {shown(file.parent)} (make it first)")
    if not os.access(file.parent, os.W_OK):
        raise UnwritableResultError(f"{file}: the folder may not be written to (check its permissions)")


def write_results(results: pa.Table, path: str | os.PathLike[str], zone: str) -> None:
    """Write a table to `path`; as `write_all`."""
    write_all([(results, path)], zone)


def write_all(parts: Sequence[tuple[pa.Table, str | os.PathLike[str]]], zone: str) -> None:
    """Write each table by the ending of its path: csv, jsonl or parquet. All files appear, complete, or none does.

    Timestamp columns become ISO 8601 text with the offset of `zone`; in Parquet they are UTC microseconds.
    Null is empty in CSV, `null` in JSON lines.

    Raises:
        UnwritableResultError: the ending says no format, or the system refuses.
    """
    staged: list[tuple[Path, Path]] = []
    file = Path()
    try:
        for results, path in parts:
            file = Path(path)
            write, place = _writer_of(file), file.resolve()
            handle, name = tempfile.mkstemp(prefix=f".{place.name[:_NAME_CHARACTERS]}.", dir=place.parent)
            staged.append((Path(name), place))
            with os.fdopen(handle, "wb") as stream:
                write(results, stream, zone)
            Path(name).chmod(_usual_mode())
        for part, file in staged:
            part.replace(file)
    except OSError as problem:
        why = _SYSTEM_NUMBER.sub("", problem.strerror or str(problem))
        raise UnwritableResultError(f"{file}: it cannot be written: {why} (make room, or write elsewhere)") from None
    finally:
        for part, _ in staged:
            part.unlink(missing_ok=True)


def _usual_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _writer_of(file: Path) -> Callable[[pa.Table, IO[bytes], str], None]:
    writer = _WRITERS.get(file.suffix.lower())
    if writer is None:
        raise UnknownFormatError(f"{file}: its ending says no format (name it {', '.join(_WRITERS)})")
    return writer


def _as_text(batch: pa.RecordBatch, zone: str) -> pa.Table:
    columns = [format_instants(column, zone) if pt.is_timestamp(column.type) else column for column in batch.columns]
    return pa.table(columns, names=batch.schema.names)


def _write_csv(results: pa.Table, stream: IO[bytes], zone: str) -> None:
    header = pa.RecordBatch.from_pylist([], results.schema)
    for batch in [header, *results.to_batches(CHUNK_ROWS)]:
        _frame(batch, zone).write_csv(stream, include_header=batch is header)


def _frame(batch: pa.RecordBatch, zone: str) -> pl.DataFrame:
    frame = pl.from_arrow(_decoded(_as_text(batch, zone)))
    assert isinstance(frame, pl.DataFrame)
    return frame


def _decoded(table: pa.Table) -> pa.Table:
    columns = [
        column.combine_chunks().dictionary_decode() if pt.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _write_jsonl(results: pa.Table, stream: IO[bytes], zone: str) -> None:
    for batch in results.to_batches(CHUNK_ROWS):
        _frame(batch, zone).write_ndjson(stream)


def _write_parquet(results: pa.Table, stream: IO[bytes], zone: str) -> None:  # noqa: ARG001 - Parquet says UTC
    columns = [
        column.cast(pa.timestamp("us", "UTC")) if pt.is_timestamp(column.type) else column for column in results.columns
    ]
    table = pa.table(columns, names=results.column_names)
    words = [field.name for field in table.schema if pt.is_dictionary(field.type)]
    pq.write_table(table, stream, use_dictionary=words or False)  # the others hardly ever say the same twice


_WRITERS: dict[str, Callable[[pa.Table, IO[bytes], str], None]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
