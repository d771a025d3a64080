"""Text files as blocks of whole lines, read ahead in a second thread."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TypeVar

import numpy as np

from ziggurat import limits

BLOCK_BYTES = 1 << 25
UTF8_REMEDY = "save it as UTF-8, as iconv -f WINDOWS-1252 -t UTF-8 does for a file in that encoding"
BOM = b"\xef\xbb\xbf"
_REMEDIES = {
    b"\xff\xfe": "save it as UTF-8, as iconv -f UTF-16 -t UTF-8 does",
    b"\xfe\xff": "save it as UTF-8, as iconv -f UTF-16 -t UTF-8 does",
    b"\x1f\x8b": "it is compressed: let its name end in .gz",
}
Item = TypeVar("Item")


class UnreadableFileError(Exception):
    """A file that cannot be read at all: what is wrong, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)


def open_bytes(path: Path) -> IO[bytes]:
    """The bytes of a file, uncompressed."""
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, each made in a second thread while the one before is used."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(lambda: next(items, None))
        while (item := coming.result()) is not None:
            coming = thread.submit(lambda: next(items, None))
            yield item


def blocks(path: Path, *, quotes: bool) -> Iterator[bytes]:
    """The file in blocks of whole lines; with `quotes`, no block ends inside a quoted value.

    Raises:
        UnreadableFileError: the file is empty, not UTF-8 by its looks, or has a line that is too long.
    """
    lines = 0
    rest = b""
    with open_bytes(path) as stream:
        while fresh := stream.read(BLOCK_BYTES):
            if not lines and not rest:
                fresh = _checked_start(fresh)
            block = rest + fresh
            cut = _last_line_end(block, quotes=quotes)
            whole, rest = block[:cut], block[cut:]
            _check_lines(whole, lines)
            if len(rest) > 2 * limits.EVENT_LINE_BYTES_MAX:
                _check_lines(rest, lines + whole.count(b"\n"))
            lines += whole.count(b"\n")
            if whole:
                yield whole
    _check_lines(rest, lines)
    if rest:
        yield rest
    elif not lines:
        raise UnreadableFileError("it is empty", "give a file that holds events")


def _checked_start(start: bytes) -> bytes:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start[:4096]:
        raise UnreadableFileError("it is not text in UTF-8", _remedy_for(start))
    return start.removeprefix(BOM)


def _remedy_for(start: bytes) -> str:
    for mark, remedy in _REMEDIES.items():
        if start.startswith(mark):
            return remedy
    return UTF8_REMEDY


def _last_line_end(block: bytes, *, quotes: bool) -> int:
    end = block.rfind(b"\n") + 1
    if not quotes or b'"' not in block:
        return end
    marks = np.frombuffer(block, np.uint8)
    open_quotes = np.cumsum(marks[:end] == ord('"'), dtype=np.int32) & 1
    ends = np.flatnonzero((marks[:end] == ord("\n")) & (open_quotes == 0))
    cut = int(ends[-1]) + 1 if len(ends) else 0
    # A stray quote turns inside and outside round; then no good cut is near, and the last line end is as good as any.
    return cut if end - cut <= limits.EVENT_LINE_BYTES_MAX else end


def _check_lines(block: bytes, lines_before: int) -> None:
    longest = limits.EVENT_LINE_BYTES_MAX
    half = longest // 2
    for start in range(0, len(block) - half + 1, half):
        if block.find(b"\n", start, start + half) < 0:
            begin = block.rfind(b"\n", 0, start) + 1
            end = block.find(b"\n", start)
            if (end if end >= 0 else len(block)) - begin > longest:
                line = lines_before + block.count(b"\n", 0, start) + 1
                raise UnreadableFileError(
                    f"line {line} is longer than {longest} bytes", "events are short: is each on its own line?"
                )


def line_starts(path: Path) -> Iterator[int]:
    """The lines that are not blank, each a record, by number from 1."""
    with open_bytes(path) as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield number
