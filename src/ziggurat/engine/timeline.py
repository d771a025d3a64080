"""What an evaluation answers: the moves a member made, and where the member stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a transition is."""

    JOINED = "joined"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    RENEWED = "renewed"
    LEFT = "left"


class Cause(StrEnum):
    """What brought a decision about. Where several coincide, the earliest in this list is named."""

    EVENT = "event"
    OVERRIDE = "override"
    REVISION = "revision"
    OVERRIDE_END = "override_end"
    GRACE_END = "grace_end"
    HOLD_END = "hold_end"
    PERIOD_END = "period_end"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Transition:
    """One move, or the renewal of a hold.

    `at` and `expires_at` are UTC microseconds (None: no end known). `from_tier` and `to_tier` are tier names, "" for
    none. `value` is the judged value of the program's measure in ten-thousandths. `event` is the position of the event
    that caused it, in order of occurrence, None when time did. `revision` is the index of the revision in force.
    """

    at: int
    kind: Kind
    from_tier: str
    to_tier: str
    cause: Cause
    value: int
    expires_at: int | None
    event: int | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Where a member stands at an instant.

    `tier` is a name, "" for none; `index` its place in the ladder in force, -1 for none. While a fall waits out its
    grace, `expires_at` and `grace_until` are both the end of it. `value` and `missing` (how much is short of
    `next_tier`, None when the next tier is not on the program's measure) are ten-thousandths. `next_decision_at` is the
    next instant at which a decision falls if nothing more happens.
    """

    tier: str
    index: int
    since: int
    expires_at: int | None
    grace_until: int | None
    value: int
    next_tier: str
    missing: int | None
    next_decision_at: int | None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every transition in order, and the state at the instant asked about (None before the first event)."""

    transitions: tuple[Transition, ...]
    state: State | None
