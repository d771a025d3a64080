"""Members on the wire: where they stand, how they got there, and what is asked about them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from pydantic import AfterValidator, Field, with_config
from typing_extensions import TypedDict

from ziggurat import limits
from ziggurat.app.members.views import (
    ErasureView,
    ExplanationView,
    MemberView,
    OpportunityView,
    OverrideView,
    RiskView,
    StandingView,
    TransitionView,
)
from ziggurat.http.fields import (
    Attributes,
    Identifier,
    Instant,
    InstantText,
    Number,
    Reason,
    identifier_of,
    instant_text,
    optional_instant,
)
from ziggurat.http.json_text import number
from ziggurat.http.native.models.common import Cursor, Limit, NextCursor, QueryFlag, QueryInstant
from ziggurat.http.strict_bodies import STRICT

StatusName: TypeAlias = Literal["draft", "active", "paused", "frozen", "archived"]
ModeName: TypeAlias = Literal["fixed", "floor", "once"]


class Override(TypedDict):
    """A person's decision about one member."""

    id: str
    program: str
    tier: str
    mode: ModeName
    until: InstantText | None
    reason: str
    author: str
    at: InstantText
    ended_at: InstantText | None


class Overrides(TypedDict):
    """All overrides of a member."""

    items: list[Override]


class Risk(TypedDict):
    """What falls at `at` if nothing more happens; `amount` is how much is short of keeping it."""

    at: InstantText
    kind: str
    tier_after: str
    amount: Number | None


class Opportunity(TypedDict):
    """What is still needed for `tier`, and by when (null: no end)."""

    tier: str
    missing: Number | None
    by: InstantText | None


class Progress(TypedDict):
    """The measured value and the way to the next tier (an empty `next_tier` is the top)."""

    measure: str
    value: Number | None
    next_tier: str
    missing: Number | None


class Standing(TypedDict):
    """Where a member stands in one program. An empty `tier` is no tier."""

    program: str
    program_name: str
    status: StatusName
    revision: int
    tier: str
    tier_id: str
    since: InstantText | None
    expires_at: InstantText | None
    grace_until: InstantText | None
    next_decision_at: InstantText | None
    progress: Progress
    override: Override | None
    risks: list[Risk]
    opportunities: list[Opportunity]


class Member(TypedDict):
    """A member, and where she stands in every program asked about."""

    id: str
    created_at: InstantText
    enrolled_at: InstantText | None
    erased_at: InstantText | None
    merged_into: str | None
    attributes: dict[str, str]
    programs: list[Standing]


class Members(TypedDict):
    """A page of members."""

    items: list[Member]
    next_cursor: NextCursor


class Transition(TypedDict):
    """One move, or the renewal of a hold; a superseded one is no longer part of the timeline."""

    program: str
    at: InstantText
    kind: Literal["joined", "upgraded", "downgraded", "renewed", "left"]
    cause: str
    from_tier: str
    to_tier: str
    value: Number | None
    threshold: Number | None
    expires_at: InstantText | None
    event_id: str | None
    revision: int
    correction: bool
    superseded_at: InstantText | None


class Transitions(TypedDict):
    """A page of a timeline, in order."""

    items: list[Transition]
    next_cursor: NextCursor


class Explanation(TypedDict):
    """Why a member stands where she does: a sentence, and the same as data."""

    program: str
    sentence: str
    data: dict[str, Any]


class Explanations(TypedDict):
    """One explanation for each program."""

    items: list[Explanation]


class Erasure(TypedDict):
    """That a person was erased; the audit trail holds the same proof."""

    receipt: str
    erased_at: InstantText
    events_kept: int
    proof: str


def _attribute_pair(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise ValueError("write name:value")
    return identifier_of(name), value


@with_config(STRICT)
class StandingQuery(TypedDict):
    """Which program, and when."""

    program: NotRequired[Annotated[Identifier, Field(description="Only this program.")]]
    as_of: NotRequired[Annotated[QueryInstant, Field(description="Past, or future: then as if nothing more happened.")]]


@with_config(STRICT)
class TimelineQuery(TypedDict):
    """Which part of a timeline."""

    program: NotRequired[Identifier]
    as_of: NotRequired[QueryInstant]
    superseded: NotRequired[Annotated[QueryFlag, Field(description="Also what late events have made undone.")]]
    cursor: NotRequired[Cursor]
    limit: NotRequired[Limit]


@with_config(STRICT)
class MembersQuery(TypedDict):
    """Which members."""

    program: NotRequired[Annotated[Identifier, Field(description="Required by `tier` and `expires_before`.")]]
    tier: NotRequired[Annotated[str, Field(max_length=limits.NAME_CHARACTERS_MAX, description="Empty: no tier.")]]
    expires_before: NotRequired[QueryInstant]
    attribute: NotRequired[
        Annotated[
            list[Annotated[str, AfterValidator(_attribute_pair)]],
            Field(max_length=10, description="`name:value`; may be repeated, all must hold."),
        ]
    ]
    cursor: NotRequired[Cursor]
    limit: NotRequired[Limit]


@with_config(STRICT)
class Enrolment(TypedDict):
    """A new member."""

    id: Identifier
    enrolled_at: NotRequired[Instant]
    attributes: NotRequired[Attributes]


@with_config(STRICT)
class NewOverride(TypedDict):
    """Put a member into a tier (`fixed`), no lower than it (`floor`), or there now with the rules going on (`once`)."""

    program: Identifier
    tier: Annotated[str, Field(max_length=limits.NAME_CHARACTERS_MAX)]
    mode: ModeName
    until: NotRequired[Instant]
    reason: NotRequired[Reason]


@with_config(STRICT)
class OverrideEnd(TypedDict):
    """Why an override ends."""

    reason: NotRequired[Reason]


@with_config(STRICT)
class Merge(TypedDict):
    """The member that takes over events and history."""

    into: Identifier


def member_model(view: MemberView) -> dict[str, Any]:
    """A member on the wire."""
    return {
        "id": view.id,
        "created_at": instant_text(view.created_at),
        "enrolled_at": optional_instant(view.enrolled_at),
        "erased_at": optional_instant(view.erased_at),
        "merged_into": view.merged_into,
        "attributes": dict(view.attributes),
        "programs": [standing_model(each) for each in view.programs],
    }


def standing_model(view: StandingView) -> dict[str, Any]:
    """A standing on the wire."""
    return {
        "program": view.program,
        "program_name": view.program_name,
        "status": str(view.status),
        "revision": view.revision,
        "tier": view.tier,
        "tier_id": view.tier_id,
        "since": optional_instant(view.since),
        "expires_at": optional_instant(view.expires_at),
        "grace_until": optional_instant(view.grace_until),
        "next_decision_at": optional_instant(view.next_decision_at),
        "progress": {
            "measure": view.measure,
            "value": _amount(view.value),
            "next_tier": view.next_tier,
            "missing": _amount(view.missing),
        },
        "override": None if view.override is None else override_model(view.override),
        "risks": [_risk_model(each) for each in view.risks],
        "opportunities": [_opportunity_model(each) for each in view.opportunities],
    }


def override_model(view: OverrideView) -> dict[str, Any]:
    """An override on the wire."""
    return {
        "id": view.id,
        "program": view.program,
        "tier": view.tier,
        "mode": str(view.mode),
        "until": optional_instant(view.until),
        "reason": view.reason,
        "author": view.author,
        "at": instant_text(view.at),
        "ended_at": optional_instant(view.ended_at),
    }


def transition_model(view: TransitionView) -> dict[str, Any]:
    """A transition on the wire."""
    return {
        "program": view.program,
        "at": instant_text(view.at),
        "kind": str(view.kind),
        "cause": str(view.cause),
        "from_tier": view.from_tier,
        "to_tier": view.to_tier,
        "value": _amount(view.value),
        "threshold": _amount(view.threshold),
        "expires_at": optional_instant(view.expires_at),
        "event_id": view.event_id or None,
        "revision": view.revision,
        "correction": view.correction,
        "superseded_at": optional_instant(view.superseded_at),
    }


def explanation_model(view: ExplanationView) -> Explanation:
    """An explanation on the wire."""
    return {"program": view.program, "sentence": view.sentence, "data": dict(view.data)}


def erasure_model(view: ErasureView) -> Erasure:
    """An erasure on the wire."""
    return {
        "receipt": view.receipt,
        "erased_at": instant_text(view.erased_at),
        "events_kept": view.events_kept,
        "proof": view.proof,
    }


def _risk_model(view: RiskView) -> dict[str, Any]:
    return {
        "at": instant_text(view.at),
        "kind": view.kind,
        "tier_after": view.tier_after,
        "amount": _amount(view.amount),
    }


def _opportunity_model(view: OpportunityView) -> dict[str, Any]:
    return {"tier": view.tier, "missing": _amount(view.missing), "by": optional_instant(view.by)}


def _amount(units: int | None) -> Any:
    return None if units is None else number(units)
