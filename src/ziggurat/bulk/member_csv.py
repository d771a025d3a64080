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
    reader = _reader(source)
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


def read_rows(source: IO[bytes], *, skip: int = 0) -> Iterator[MemberRow]:
    """The records after the first `skip`, of a file that `count_rows` has looked at."""
    source.seek(0)
    reader = _reader(source)
    columns: list[str] | None = None
    number = 0
    while True:
        fault: RowFault | None = None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells, fault = [""], RowFault("", "unreadable", str(error))
        if not cells:
            continue
        if columns is None:
            columns = known_columns(cells)
            continue
        number += 1
        if number <= skip:
            continue
        if fault is None and len(cells) != len(columns):
            fault = RowFault("", "ragged", f"has {len(cells)} fields where the first line has {len(columns)}")
        if fault is not None:
            yield MemberRow(number, faults=(fault,))
        else:
            yield read_row(number, dict(zip(columns, map(undefused, cells), strict=True)))


def _reader(source: IO[bytes]) -> Iterator[list[str]]:
    csv.field_size_limit(limits.IMPORT_FIELD_CHARACTERS_MAX)
    delimiter = _delimiter(source)
    return csv.reader(_lines(source), delimiter=delimiter)


def _lines(source: IO[bytes]) -> Iterator[str]:
    """Lines with their ends, whatever those are."""
    encoding = "utf-8-sig"
    for line in source:
        for part in line.splitlines(keepends=True) if b"\r" in line else (line,):
            yield part.decode(encoding)
            encoding = "utf-8"


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
