"""What the reference tells of its decisions, for whoever explains them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ziggurat.engine.timeline import Cause
from ziggurat.program.model import Measure, Window


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision with its reasons.

    Args:
        at: the instant, UTC microseconds.
        cause: what brought it about.
        event: the position of the event that did, or None.
        readings: the values read, in ten-thousandths, in the order of the program's readings.
        ended_periods: whether periodic windows were read as the period before ended.
        qualified: the tier qualified for, "" for none.
        before: the tier by the rules before it (an override may show another).
        after: the tier by the rules after it.
        expires_at: the end of the hold after it, UTC microseconds; None if there is none.
        grace_until: the end of the grace period after it; None while no fall waits.
        reason: the rule that decided, as a clause; "" when everything stays as it was.
    """

    at: int
    cause: Cause
    event: int | None
    readings: tuple[tuple[Measure, Window, Fraction | int], ...]
    ended_periods: bool
    qualified: str
    before: str
    after: str
    expires_at: int | None
    grace_until: int | None
    reason: str
