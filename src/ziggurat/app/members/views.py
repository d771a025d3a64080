"""What these use cases answer: frozen values.

Instants are UTC microseconds, amounts ten-thousandths, tiers names ("" is none).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ziggurat.program.events import Event, OverrideMode
from ziggurat.program.model import Status


@dataclass(frozen=True, slots=True)
class OverrideView:
    """A person's decision about one member. `id` is its event's; `ended_at` says when it was lifted or ran out."""

    id: str
    program: str
    tier: str
    mode: OverrideMode
    until: int | None
    reason: str
    author: str
    at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class RiskView:
    """What happens at `at` if nothing more does; `amount` is what is short of keeping the tier, None if not known."""

    at: int
    kind: str
    tier_after: str
    amount: int | None


@dataclass(frozen=True, slots=True)
class OpportunityView:
    """What is still needed for `tier`: `missing` on the program's measure, before `by` if the value shrinks then."""

    tier: str
    missing: int
    by: int | None


@dataclass(frozen=True, slots=True)
class StandingView:
    """Where a member stands in one program.

    `measure` says what `value` counts; `missing` is how much is short of `next_tier`, None where that is not on the
    program's measure.
    """

    program: str
    program_name: str
    status: Status
    tier: str
    tier_id: str
    since: int | None
    expires_at: int | None
    grace_until: int | None
    value: int
    measure: str
    next_tier: str
    missing: int | None
    next_decision_at: int | None
    revision: int
    override: OverrideView | None = None
    risks: tuple[RiskView, ...] = ()
    opportunities: tuple[OpportunityView, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member and where she stands in every program asked about."""

    id: str
    enrolled_at: int | None
    attributes: Mapping[str, str]
    created_at: int
    merged_into: str | None
    programs: tuple[StandingView, ...]
    erased_at: int | None = None


@dataclass(frozen=True, slots=True)
class TransitionView:
    """One move. `event_id` is the id of the event that caused it, "" for time or an event without id."""

    program: str
    at: int
    kind: str
    cause: str
    from_tier: str
    to_tier: str
    value: int | None
    threshold: int | None
    expires_at: int | None
    event_id: str
    revision: int
    correction: bool = False
    superseded_at: int | None = None


@dataclass(frozen=True, slots=True)
class EventView:
    """An event of the ledger, when it was recorded, and its place in the order of arrival."""

    event: Event
    recorded_at: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """Why a member is where she is: a sentence, and the same as JSON-ready data."""

    program: str
    sentence: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ErasureView:
    """That a person was erased: an entry of the audit trail (`receipt` its number, `proof` its hash) says so."""

    receipt: str
    erased_at: int
    events_kept: int
    proof: str
