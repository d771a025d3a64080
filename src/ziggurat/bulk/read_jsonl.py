"""JSON lines files (one object a line, UTF-8) into a table under construction."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json as pj

from ziggurat.bulk.build_table import RawChunk, TableBuilder
from ziggurat.bulk.event_table import UNIT_FIELDS
from ziggurat.bulk.read_options import choose_columns, missing_remedies
from ziggurat.bulk.row_faults import shown
from ziggurat.bulk.text_blocks import blocks, read_ahead

SUB_BLOCK_BYTES = 1 << 22
SAMPLE_LINES = 1_000
_EXACT = pa.decimal128(38, 4)
_NAMES = {"member", "id", "reverses"}
_NUMBER_FOR_NAME = re.compile(r"Column\(/(.*)\) changed from string to number")


@dataclass(slots=True)
class _Parser:
    """Reads blocks; remembers which names turned out to be numbers."""

    columns: dict[str, str]
    numbers: set[str] = field(default_factory=set)

    def parse(self, block: bytes) -> tuple[list[RawChunk], bool]:
        """The chunks of a block, and whether every line of it is one record."""
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        table = self._parse_whole(block)
        if table is None or (table.num_rows != lines and table.num_rows != _full_lines(block)):
            return self._parse_by_line(block)
        chunks = [
            RawChunk({name: batch.column(column) for name, column in self.columns.items()}, batch.num_rows)
            for batch in table.to_batches()
        ]
        return chunks, table.num_rows == lines

    def _parse_whole(self, block: bytes) -> pa.Table | None:
        for _ in range(len(_NAMES) + 1):
            schema = pa.schema([(column, self._type_of(name)) for name, column in self.columns.items()])
            try:
                return pj.read_json(
                    pa.BufferReader(block),
                    read_options=pj.ReadOptions(block_size=SUB_BLOCK_BYTES),
                    parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
                )
            except pa.ArrowInvalid as problem:
                match = _NUMBER_FOR_NAME.search(str(problem))
                fresh = {name for name in _NAMES - self.numbers if match and self.columns.get(name) == match[1]}
                if not fresh:
                    return None
                self.numbers |= fresh
            except (UnicodeDecodeError, pa.ArrowException):
                return None
        return None

    def _type_of(self, name: str) -> Any:
        if name in UNIT_FIELDS:
            return _EXACT
        if name == "qualifying":
            return pa.bool_()
        return pa.int64() if name in self.numbers else pa.string()

    def _parse_by_line(self, block: bytes) -> tuple[list[RawChunk], bool]:
        """A block with a line that the columnar reader refuses, line by line."""
        values: dict[str, list[str | None]] = {name: [] for name in self.columns}
        broken: dict[int, tuple[str, str]] = {}
        blank = False
        row = 0
        for line in block.split(b"\n"):
            if not line.strip():
                blank = True
                continue
            try:
                record = _read_line(line)
                found = {name: _as_text(column, record.get(column)) for name, column in self.columns.items()}
            except _BrokenLineError as fault:
                broken[row] = (fault.problem, fault.remedy)
                found = {}
            for name, column in values.items():
                column.append(found.get(name))
            row += 1
        columns = {name: pa.array(column, pa.string()) for name, column in values.items()}
        blank = blank and block.rstrip(b"\n").count(b"\n") + 1 != row
        return [RawChunk(columns, row, broken)], not blank


class _BrokenLineError(Exception):
    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)


def read_jsonl(path: Path, builder: TableBuilder) -> None:
    """Add the objects of the JSON lines file at `path` to `builder`.

    Raises:
        UnreadableFileError: the file as a whole cannot be read.
    """
    stream = blocks(path, quotes=False)
    first = next(stream)
    names = _sample_names(first)
    columns, faults = choose_columns(names, builder.options, sparse=True)
    remedies = missing_remedies(names, columns, builder.options)
    # A key that no sampled line has may still come; faults then name the likelier column.
    builder.start_source(str(path), {name: column for name, column in columns.items() if column in names}, remedies)
    if names:
        for fault in faults:
            builder.fault_of_file(*fault)
        if faults:
            builder.end_source(1, by_line=True)
            return
    parser = _Parser(columns)

    def parsed() -> Iterator[tuple[list[RawChunk], bool]]:
        yield parser.parse(first)
        for block in stream:
            yield parser.parse(block)

    by_line = True
    for chunks, plain in read_ahead(parsed()):
        for chunk in chunks:
            builder.add(chunk)
        by_line = by_line and plain
    builder.end_source(1, by_line=by_line)


def _full_lines(block: bytes) -> int:
    return sum(1 for line in block.split(b"\n") if line.strip())


def _sample_names(block: bytes) -> list[str]:
    names: dict[str, None] = {}
    for line in block[: SAMPLE_LINES * 1_000].split(b"\n", SAMPLE_LINES)[:SAMPLE_LINES]:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            names.update(dict.fromkeys(record))
    return list(names)


def _read_line(line: bytes) -> dict[str, Any]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise _BrokenLineError("it is not text in UTF-8", "save the file as UTF-8") from None
    try:
        record = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_refuse_constant, object_pairs_hook=_refuse_twice
        )
    except json.JSONDecodeError as problem:
        detail = f"{problem.msg[0].lower()}{problem.msg[1:]} at column {problem.colno}"
        raise _BrokenLineError(f"it is not JSON: {detail}", "write one JSON object on each line") from None
    except RecursionError:
        raise _BrokenLineError("it is nested too deeply", "write one flat JSON object on each line") from None
    if not isinstance(record, dict):
        raise _BrokenLineError(f"{shown(text.strip())} is not an object", "write one JSON object on each line")
    return record


def _refuse_constant(word: str) -> Any:
    raise _BrokenLineError(f"{word} is not a number", "leave the field out where nothing is said")


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _BrokenLineError(f"it says {shown(twice)} twice", "say it once")
    return record


def _as_text(column: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if any("\ud800" <= mark <= "\udfff" for mark in value):
            raise _BrokenLineError(
                f"{column}: {shown(value.encode('ascii', 'backslashreplace').decode())} holds half a character",
                "write whole characters",
            )
        return value
    kind = "a list" if isinstance(value, list) else "an object"
    raise _BrokenLineError(f"{column} holds {kind}", "write text or a number")
