"""Domain errors: a stable code and typed parameters. Status codes and wording for a door live at that door."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


class ZigguratError(Exception):
    """Something asked of Ziggurat was refused."""

    code: ClassVar[str] = "refused"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong with a document: where (`tiers[2].from`), what, and what to do about it.

    `line` counts from 1 in the text the document was read from; None where there was none.
    """

    path: str
    problem: str
    remedy: str = ""
    line: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.problem}" + (f" ({self.remedy})" if self.remedy else "")


class InvalidProgramError(ZigguratError):
    """A program document says something that no program can mean. Carries every fault, not just the first."""

    code = "invalid_program"

    def __init__(self, faults: list[Fault], source: str = "program") -> None:
        self.faults = tuple(faults)
        self.source = source
        super().__init__("\n".join(f"{source}{f':{fault.line}' if fault.line else ''}: {fault}" for fault in faults))
