"""What is wrong with rows of data: where, what, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ziggurat import limits
from ziggurat.errors import ZigguratError

SHOWN_CHARACTERS = 60
WHOLE_FILE = -1
"""The record number of a fault that is the file's, not a row's."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong with a row: `file:line: column: problem (remedy)`; without a line it is the whole file's."""

    file: str
    line: int | None
    column: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        column = f"{self.column}: " if self.column else ""
        return f"{where}: {column}{self.problem}" + (f" ({self.remedy})" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of the rows read. `faults` are the first ones found, `fault_count` all of them."""

    accepted: int
    duplicates: int = 0
    refused: int = 0
    faults: tuple[RowFault, ...] = ()
    fault_count: int = 0


class BadEventsError(ZigguratError):
    """Events that cannot be read. Carries the first faults and how many there are in all."""

    code = "bad_events"

    def __init__(self, faults: Iterable[RowFault], total: int) -> None:
        self.faults = tuple(faults)
        self.total = total
        lines = [str(fault) for fault in self.faults[: limits.ROW_FAULTS_SHOWN_MAX]]
        if total > len(lines):
            lines.append(f"and {total - len(lines)} more")
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class FoundFault:
    """A fault at a record of a source, whose line is not looked up yet."""

    source: int
    record: int
    column: str
    problem: str
    remedy: str = ""


@dataclass(slots=True)
class FaultLog:
    """Collects faults while rows are read: keeps the first `limits.ROW_FAULTS_KEPT_MAX`, counts all."""

    kept: list[FoundFault] = field(default_factory=list)
    total: int = 0

    @property
    def has_room(self) -> bool:
        """Whether a further fault would be kept."""
        return len(self.kept) < limits.ROW_FAULTS_KEPT_MAX

    @property
    def of_files(self) -> bool:
        """Whether a whole file is at fault, which no skipping of rows mends."""
        return any(fault.record == WHOLE_FILE for fault in self.kept)

    def add(self, fault: FoundFault) -> None:
        """Keep `fault` if there is room; a whole file's always."""
        self.total += 1
        if self.has_room or fault.record == WHOLE_FILE:
            self.kept.append(fault)

    def count(self, more: int) -> None:
        """Count faults that nobody described."""
        self.total += more


def shown(text: object) -> str:
    """A value from a file as a message shows it: in quotes, control characters escaped, short."""
    spelled = str(text)
    spelled = spelled if len(spelled) <= SHOWN_CHARACTERS else f"{spelled[: SHOWN_CHARACTERS - 3]}..."
    plain = "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in spelled)
    return f'"{plain}"'
