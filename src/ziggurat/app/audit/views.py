"""What these use cases answer: frozen values.

Instants are UTC microseconds, amounts ten-thousandths, tiers names ("" is none).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditView:
    """Who did what to what. `hash` (hexadecimal) covers the entry and the hash of the one before."""

    number: int
    at: int
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """Whether the trail is as it was written; `first_broken` is the number of the first entry that is not."""

    entries: int
    intact: bool
    first_broken: int | None
    problem: str = ""
