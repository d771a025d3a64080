"""What these use cases answer: frozen values.

Instants are UTC microseconds, amounts ten-thousandths, tiers names ("" is none).
"""

from __future__ import annotations

from typing import NamedTuple


class AwardShare(NamedTuple):
    """The part of an event's amounts that falls to `tier`."""

    tier: str
    points: int | None
    amount: int | None


class IngestMove(NamedTuple):
    """The tier just before and just after an event in one program; `award` divides its amounts where the two differ."""

    program: str
    tier_before: str
    tier_after: str
    award: tuple[AwardShare, ...] = ()


class IngestOutcome(NamedTuple):
    """What became of an event: `result` is accepted, duplicate, conflict or refused; `code`, `reason` say why not."""

    id: str
    member: str
    result: str
    code: str = ""
    reason: str = ""
    programs: tuple[IngestMove, ...] = ()
