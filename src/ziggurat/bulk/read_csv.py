"""CSV files (RFC 4180, in UTF-8; other separators than commas, too) into a table under construction."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pv

from ziggurat.bulk.build_table import RawChunk, TableBuilder
from ziggurat.bulk.csv_layout import BLANKS, CsvLayout, find_layout
from ziggurat.bulk.event_table import TEXT_FIELDS
from ziggurat.bulk.grow_columns import WORDS
from ziggurat.bulk.read_options import ColumnFault, choose_columns, missing_remedies
from ziggurat.bulk.row_faults import shown
from ziggurat.bulk.text_blocks import UTF8_REMEDY, blocks, open_bytes, read_ahead

SUB_BLOCK_BYTES = 1 << 22
_QUOTE_REMEDY = "close it, or write it twice within quotes where it is part of the value"
_SAID = {",": "comma", "\t": "tab", ";": "semicolon", "|": "vertical bar"}
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
    layout, rest = find_layout(first, builder.options.columns)
    columns, faults = choose_columns(layout.names, builder.options)
    remedies = missing_remedies(layout.names, columns, builder.options)
    if faults and layout.has_header and any(map(_is_number, layout.names)):
        problem = f"its first line says no names of columns: {shown(layout.separator.join(layout.names))}"
        faults = [ColumnFault("", problem, builder.options.remedies.name_columns())]
    builder.start_source(str(path), columns, remedies)
    for fault in faults:
        builder.fault_of_file(*fault)
    if faults:
        builder.end_source(1, by_line=True)
        return
    places = {name: layout.names.index(column) for name, column in columns.items()}
    by_line = first.count(b"\n", 0, len(first) - len(rest)) <= 1

    def parsed() -> Iterator[_Parsed]:
        if rest:
            yield _parse(rest, layout, places)
        for block in stream:
            yield _parse(block, layout, places)

    for part in read_ahead(parsed()):
        for chunk in part.chunks:
            builder.add(chunk)
        by_line = by_line and part.by_line
    builder.end_source(2 if layout.has_header else 1, by_line=by_line)


def record_starts(path: Path, columns: Sequence[str]) -> Iterator[int]:
    """The lines, from 1, on which the events of a CSV file start; `columns` as for `find_layout`."""
    layout, _ = find_layout(next(blocks(path, quotes=True)), columns)
    with open_bytes(path) as stream:
        reader = layout.rows(line.decode("utf-8", "replace") for line in stream)
        before = 0
        is_event = not layout.has_header
        for row in reader:
            if row and is_event:
                yield before + 1
            is_event = is_event or bool(row)
            before = reader.line_num


def _is_number(name: str) -> bool:
    """Whether a name is a number or a date by its looks, perhaps several: then it is no name."""
    return name[:1].isdigit() and not any(map(str.isalpha, name))


def _parse(block: bytes, layout: CsvLayout, places: Mapping[str, int]) -> _Parsed:
    names = [str(place) for place in range(len(layout.names))]
    block = layout.cleaned(block)
    lines = block.count(b"\n") + (not block.endswith(b"\n"))
    types = {names[place]: WORDS if name in _WORD_FIELDS else pa.string() for name, place in places.items()}
    try:
        table = pv.read_csv(
            pa.BufferReader(block),
            read_options=pv.ReadOptions(column_names=names, block_size=SUB_BLOCK_BYTES),
            parse_options=pv.ParseOptions(
                delimiter=layout.separator,
                quote_char=False if layout.separator == BLANKS else '"',
                newlines_in_values=layout.separator != BLANKS and b'"' in block,
            ),
            convert_options=pv.ConvertOptions(
                column_types=types, include_columns=list(types), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid:
        return _parse_by_row(block, layout, places)
    chunks = [
        RawChunk({name: batch.column(names[place]) for name, place in places.items()}, batch.num_rows)
        for batch in table.to_batches()
    ]
    return _Parsed(chunks, by_line=table.num_rows == lines)


def _parse_by_row(block: bytes, layout: CsvLayout, places: Mapping[str, int]) -> _Parsed:
    """A block with a row that is not CSV in UTF-8, row by row."""
    width = len(layout.names)
    values: dict[str, list[str | None]] = {name: [] for name in places}
    broken: dict[int, tuple[str, str]] = {}
    reader = layout.rows(io.StringIO(block.decode("utf-8", "surrogateescape"), newline=""))
    row_number = 0
    for row in reader:
        if not row:
            continue
        if len(row) != width and any("\n" in value for value in row):
            broken[row_number] = ("a quotation mark opens a value here that does not end", _QUOTE_REMEDY)
        elif len(row) != width:
            first = "the header has" if layout.has_header else "there should be"
            broken[row_number] = (f"it has {len(row)} columns where {first} {width}", _width_remedy(layout, len(row)))
        elif not all(map(_is_utf8, row)):
            broken[row_number] = ("it is not text in UTF-8", UTF8_REMEDY)
        good = row_number not in broken
        for name, place in places.items():
            values[name].append((row[place] or None) if good else None)
        row_number += 1
    columns = {name: pa.array(column, pa.string()) for name, column in values.items()}
    return _Parsed([RawChunk(columns, row_number, broken)], by_line=row_number == reader.line_num)


def _width_remedy(layout: CsvLayout, width: int) -> str:
    if layout.separator == BLANKS:
        return "write a value for each, without blanks in it"
    said = _SAID[layout.separator]
    return f"quote values that hold {said}s" if width > len(layout.names) else f"write a {said} for an empty value too"


def _is_utf8(text: str) -> bool:
    return text.isascii() or not any("\udc80" <= mark <= "\udcff" for mark in text)
