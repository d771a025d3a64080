"""How a CSV file is laid out: what its columns are called, and what parts them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ziggurat import limits
from ziggurat.bulk.row_faults import shown
from ziggurat.bulk.text_blocks import UTF8_REMEDY, UnreadableFileError

BLANKS = " "
"""As a separator: any run of blanks and tabs, without meaning at the ends of a line."""
_SEPARATORS = (",", "\t", ";", "|")
_AT_ENDS = re.compile(rb"^[ \t]+|[ \t]+(?=\r?$)", re.MULTILINE)
_RUNS = re.compile(rb"[ \t]+")


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """The layout of one file.

    names: what its columns are called.
    separator: one character, or `BLANKS`.
    has_header: whether the first record is the names, and no event.
    """

    names: list[str]
    separator: str = ","
    has_header: bool = True

    def cleaned(self, block: bytes) -> bytes:
        """Whole lines with one separator between two values each; as many lines as before."""
        if self.separator != BLANKS:
            return block
        return _RUNS.sub(b" ", _AT_ENDS.sub(b"", block))

    def rows(self, lines: Iterator[str]) -> Any:
        """A reader of `lines` as `csv.reader`; blank lines are rows without values."""
        csv.field_size_limit(limits.EVENT_LINE_BYTES_MAX)
        if self.separator != BLANKS:
            return csv.reader(lines, delimiter=self.separator)
        return csv.reader((" ".join(line.split()) for line in lines), delimiter=" ", quoting=csv.QUOTE_NONE)


def find_layout(block: bytes, columns: Sequence[str] = ()) -> tuple[CsvLayout, bytes]:
    """The layout of the file that begins with `block`, and its records, after the header if there is one.

    columns: the names of the columns of a file without a header; then blanks may part them, too.

    Whichever separator parts the first line into most columns (of `columns`: into as many) is the file's.

    Raises:
        UnreadableFileError: the first line tells of no columns, or of others than `columns`.
    """
    readings = _readings(block)
    if columns:
        return _layout_of(columns, readings, block), block
    first = max(readings, key=lambda reading: (not any('"' in name for name in reading.row), len(reading.row)))
    names = [name.strip() for name in first.row]
    if not any(names):
        raise UnreadableFileError("it has no column names", "write them in the first line")
    return CsvLayout(names, first.separator), block[first.end :]


def _layout_of(columns: Sequence[str], readings: Sequence[_Reading], block: bytes) -> CsvLayout:
    line = next((line for line in block.splitlines() if line.strip()), b"").decode("utf-8", "replace")
    fitting = [reading.separator for reading in readings if len(reading.row) == len(columns)]
    if not fitting and len(line.split()) == len(columns):
        fitting = [BLANKS]
    if not fitting:
        problem = f"its first line, {shown(line.strip())}, has not the {len(columns)} columns that were named"
        raise UnreadableFileError(problem, "name all of its columns, in their order")
    return CsvLayout(list(columns), fitting[0], has_header=False)


class _Reading(NamedTuple):
    """The first record that says something, as one separator parts it, and where the next record begins."""

    separator: str
    row: list[str]
    end: int


def _readings(block: bytes) -> list[_Reading]:
    found: list[_Reading] = []
    problem: csv.Error | None = None
    for separator in _SEPARATORS:
        lines = io.BytesIO(block)
        try:
            reader = csv.reader((line.decode("utf-8") for line in lines), delimiter=separator)
            row = next((row for row in reader if row), [])
        except UnicodeDecodeError:
            raise UnreadableFileError("its first line is not text in UTF-8", UTF8_REMEDY) from None
        except csv.Error as error:
            problem = problem or error
        else:
            found.append(_Reading(separator, row, lines.tell()))
    if not found and b"\r" in block and b"\n" not in block:
        raise UnreadableFileError("its lines end in the old Mac way", "end them with \\n or \\r\\n")
    if not found:
        raise UnreadableFileError(f"its first line is not CSV: {problem}", "write the column names there")
    return found
