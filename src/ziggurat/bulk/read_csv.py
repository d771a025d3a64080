"""CSV files (RFC 4180: commas, double quotes, one header line, UTF-8) into a table under construction."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pv

from ziggurat import limits
from ziggurat.bulk.build_table import RawChunk, TableBuilder
from ziggurat.bulk.event_table import TEXT_FIELDS
from ziggurat.bulk.grow_columns import WORDS
from ziggurat.bulk.read_options import FIELDS, choose_columns, missing_remedy
from ziggurat.bulk.text_blocks import UnreadableFileError, blocks, read_ahead

SUB_BLOCK_BYTES = 1 << 22
_QUOTE_REMEDY = "close it, or write it twice within quotes where it is part of the value"
_WORD_FIELDS = {"type", "mode", "qualifying", *TEXT_FIELDS}


@dataclass(slots=True)
class _Parsed:
    chunks: list[RawChunk]
    by_line: bool


def read_csv(path: Path, builder: TableBuilder) -> None:
    """Add the rows of the CSV file at `path` to `builder`.

    Raises:
        UnreadableFileError: the file as a whole cannot be read.
    """
    stream = blocks(path, quotes=True)
    first = next(stream)
    header, rest = _split_header(first)
    columns, faults = choose_columns(header, builder.options)
    remedies = {name: missing_remedy(name, header, columns) for name in FIELDS if name not in columns}
    builder.start_source(str(path), columns, remedies)
    for fault in faults:
        builder.fault_of_file(*fault)
    if faults:
        builder.end_source(2, by_line=True)
        return
    places = {name: header.index(column) for name, column in columns.items()}
    by_line = first.count(b"\n", 0, len(first) - len(rest)) <= 1

    def parsed() -> Iterator[_Parsed]:
        if rest:
            yield _parse(rest, len(header), places)
        for block in stream:
            yield _parse(block, len(header), places)

    for part in read_ahead(parsed()):
        for chunk in part.chunks:
            builder.add(chunk)
        by_line = by_line and part.by_line
    builder.end_source(2, by_line=by_line)


def _split_header(block: bytes) -> tuple[list[str], bytes]:
    """The column names, and the block after them."""
    lines = io.BytesIO(block)
    try:
        reader = csv.reader(line.decode("utf-8") for line in lines)
        header = [name.strip() for name in next((row for row in reader if row), [])]
    except UnicodeDecodeError:
        raise UnreadableFileError("its first line is not text in UTF-8", "save it as UTF-8") from None
    except csv.Error as problem:
        if b"\r" in block and b"\n" not in block:
            raise UnreadableFileError("its lines end in the old Mac way", "end them with \\n or \\r\\n") from None
        raise UnreadableFileError(f"its first line is not CSV: {problem}", "write the column names there") from None
    if not any(header):
        raise UnreadableFileError("it has no column names", "write them in the first line")
    return header, block[lines.tell() :]


def _parse(block: bytes, width: int, places: Mapping[str, int]) -> _Parsed:
    names = [str(place) for place in range(width)]
    lines = block.count(b"\n") + (not block.endswith(b"\n"))
    types = {names[place]: WORDS if name in _WORD_FIELDS else pa.string() for name, place in places.items()}
    try:
        table = pv.read_csv(
            pa.BufferReader(block),
            read_options=pv.ReadOptions(column_names=names, block_size=SUB_BLOCK_BYTES),
            parse_options=pv.ParseOptions(newlines_in_values=b'"' in block),
            convert_options=pv.ConvertOptions(
                column_types=types, include_columns=list(types), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid:
        return _parse_by_row(block, width, places)
    chunks = [
        RawChunk({name: batch.column(names[place]) for name, place in places.items()}, batch.num_rows)
        for batch in table.to_batches()
    ]
    return _Parsed(chunks, by_line=table.num_rows == lines)


def _parse_by_row(block: bytes, width: int, places: Mapping[str, int]) -> _Parsed:
    """A block with a row that is not CSV in UTF-8, row by row."""
    csv.field_size_limit(limits.EVENT_LINE_BYTES_MAX)
    values: dict[str, list[str | None]] = {name: [] for name in places}
    broken: dict[int, tuple[str, str]] = {}
    reader = csv.reader(io.StringIO(block.decode("utf-8", "surrogateescape"), newline=""))
    row_number = 0
    for row in reader:
        if not row:
            continue
        if len(row) != width and any("\n" in value for value in row):
            broken[row_number] = ("a quotation mark opens a value here that does not end", _QUOTE_REMEDY)
        elif len(row) != width:
            remedy = "quote values that hold commas" if len(row) > width else "write a comma for an empty value too"
            broken[row_number] = (f"it has {len(row)} columns where the header has {width}", remedy)
        elif not all(map(_is_utf8, row)):
            broken[row_number] = ("it is not text in UTF-8", "save the file as UTF-8")
        good = row_number not in broken
        for name, place in places.items():
            values[name].append((row[place] or None) if good else None)
        row_number += 1
    columns = {name: pa.array(column, pa.string()) for name, column in values.items()}
    return _Parsed([RawChunk(columns, row_number, broken)], by_line=row_number == reader.line_num)


def _is_utf8(text: str) -> bool:
    return text.isascii() or not any("\udc80" <= mark <= "\udcff" for mark in text)
