"""Members from CSV: UTF-8, with or without a mark at its beginning, a first line that names the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO

from ziggurat import limits
from ziggurat.bulk.member_rows import MemberRow, RowFault, UnreadableFileError, known_columns, read_row
from ziggurat.program.formulas import undefused

_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK\x03\x04": "a spreadsheet or archive"}


def count_rows(source: IO[bytes]) -> int:
    """How many records the file has, once it is known that all of it can be read.

    Raises:
        UnreadableFileError: it is not UTF-8, has no usable first line, or too many records.
    """
    _require_utf8(source)
    source.seek(0)
    count = -1
    delimiter = _delimiter(source)
    reader = _records(_Lines(source), delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            row = [""]
        if not row:
            continue
        if count == -1:
            known_columns(row)
        count += 1
        if count > limits.IMPORT_ROWS_MAX:
            raise UnreadableFileError(f"has more than {limits.IMPORT_ROWS_MAX} records")
    if count == -1:
        raise UnreadableFileError("is empty")
    return count


class RowReader:
    """The records of a file that `count_rows` has looked at, one after the other.

    `number` records lie behind it, and the next one begins `offset` bytes from the start: whoever begins there goes on
    with it.

    Args:
        source: the file.
        skip: how many records to pass over.
        offset: where the next one begins, if that is known; else those to be passed over are read.
    """

    def __init__(self, source: IO[bytes], *, skip: int = 0, offset: int | None = None) -> None:
        source.seek(0)
        self._delimiter = _delimiter(source)
        self._read_from(source, 0)
        self._columns: list[str] = []
        while not self._columns:
            self._columns = known_columns(cells) if (cells := self._read()[0]) else []
        self.number = 0
        if offset is not None:
            self._read_from(source, offset)
            self.number = skip
        while self.number < skip:
            next(self)

    @property
    def offset(self) -> int:
        """Where the next record begins, in bytes."""
        return self._lines.offset

    def __iter__(self) -> Iterator[MemberRow]:
        return self

    def __next__(self) -> MemberRow:
        cells: list[str] = []
        fault: RowFault | None = None
        while not cells:
            cells, fault = self._read()
        self.number += 1
        if fault is None and len(cells) != len(self._columns):
            expected = len(self._columns)
            fault = RowFault("", "ragged", f"has {len(cells)} fields where the first line has {expected}")
        if fault is not None:
            return MemberRow(self.number, faults=(fault,))
        return read_row(self.number, dict(zip(self._columns, map(undefused, cells), strict=True)))

    def _read_from(self, source: IO[bytes], offset: int) -> None:
        source.seek(offset)
        self._lines = _Lines(source, offset)
        self._records = _records(self._lines, self._delimiter)

    def _read(self) -> tuple[list[str], RowFault | None]:
        """The cells of the next record, none for an empty line."""
        try:
            return next(self._records), None
        except csv.Error as error:
            return [""], RowFault("", "unreadable", str(error))


class _Lines:
    """Lines with their ends, whatever those are; `offset` is where the next one begins, in bytes."""

    def __init__(self, source: IO[bytes], offset: int = 0) -> None:
        self.offset = offset
        self._parts = _parts(source)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        part = next(self._parts)
        encoding = "utf-8" if self.offset else "utf-8-sig"
        self.offset += len(part)
        return part.decode(encoding)


def _parts(source: IO[bytes]) -> Iterator[bytes]:
    for line in source:
        yield from line.splitlines(keepends=True) if b"\r" in line else (line,)


def _records(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(limits.IMPORT_FIELD_CHARACTERS_MAX)
    return csv.reader(lines, delimiter=delimiter)


def _delimiter(source: IO[bytes]) -> str:
    """A comma, or a semicolon where the first line has more of them."""
    first = source.readline(limits.IMPORT_FIELD_CHARACTERS_MAX).partition(b"\r")[0]
    source.seek(0)
    return ";" if first.count(b";") > first.count(b",") else ","


def _require_utf8(source: IO[bytes]) -> None:
    source.seek(0)
    head = source.read(4)
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            raise UnreadableFileError(f"is {name}, not CSV in UTF-8")
    if b"\0" in source.readline(limits.IMPORT_FIELD_CHARACTERS_MAX):
        raise UnreadableFileError("has NUL characters in its first line: it may be UTF-16, not UTF-8")
    source.seek(0)
    for number, line in enumerate(source, 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            raise UnreadableFileError(f"is not UTF-8: line {number} has other bytes") from None
