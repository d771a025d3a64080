"""Events on the wire: as the native API writes them, as CloudEvents carry them, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from msgspec import Raw
from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema, with_config
from typing_extensions import TypedDict

from ziggurat import limits
from ziggurat.app.events.views import IngestMove, IngestOutcome
from ziggurat.app.members.views import EventView
from ziggurat.http.fields import (
    Amount,
    Identifier,
    Instant,
    InstantText,
    Number,
    Reason,
    instant_text,
    optional_instant,
    plain_text_of,
)
from ziggurat.http.json_text import number, render
from ziggurat.http.native.models.common import NextCursor
from ziggurat.http.native.models.members import ModeName
from ziggurat.http.strict_bodies import STRICT
from ziggurat.program.events import Event, EventType, OverrideMode

TypeName: TypeAlias = Literal[
    "points.earned",
    "points.adjusted",
    "points.spent",
    "points.expired",
    "points.returned",
    "order.placed",
    "order.refunded",
    "reversal",
    "activity",
    "attribute.set",
    "member.enrolled",
    "tier.override",
]
_TYPES = {str(each): each for each in EventType}
_MODES = {str(each): each for each in OverrideMode}


def _attribute_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case str() if len(value) <= limits.REASON_CHARACTERS_MAX:
            return plain_text_of(value)
        case _:
            raise ValueError("write a text, a number, true, false or null")


AttributeValue: TypeAlias = Annotated[
    str,
    PlainValidator(_attribute_text),
    WithJsonSchema({"type": ["string", "number", "boolean", "null"], "maxLength": limits.REASON_CHARACTERS_MAX}),
]
ShortText: TypeAlias = Annotated[str, Field(max_length=limits.NAME_CHARACTERS_MAX), AfterValidator(plain_text_of)]


class _EventData(TypedDict):
    points: NotRequired[Amount]
    amount: NotRequired[Amount]
    quantity: NotRequired[Amount]
    currency: NotRequired[Annotated[str, Field(max_length=10), AfterValidator(plain_text_of)]]
    qualifying: NotRequired[bool]
    reverses: NotRequired[Annotated[Identifier, Field(description="`id` of the event that this one undoes.")]]
    activity: NotRequired[Identifier]
    attribute: NotRequired[Identifier]
    value: NotRequired[AttributeValue]
    tier: NotRequired[ShortText]
    mode: NotRequired[ModeName]
    until: NotRequired[Instant]
    reason: NotRequired[Reason]


@with_config(STRICT)
class NewEvent(_EventData):
    """A fact about a member. Without `id` it is never taken for a duplicate."""

    id: NotRequired[Annotated[Identifier, Field(description="Unique in the organization, for ever.")]]
    member: Identifier
    type: TypeName
    occurred_at: Instant


@with_config(STRICT)
class CloudEventData(_EventData):
    """What a CloudEvent's `data` says; `member` may also be its `subject`."""

    member: NotRequired[Identifier]


def _not_read(value: Any) -> Any:  # noqa: ARG001 - a validator's signature
    raise ValueError("is not read: say it as JSON in `data`")


@with_config({**STRICT, "extra": "ignore"})
class CloudEvent(TypedDict):
    """A CloudEvent in JSON. Extension attributes are allowed, and not read."""

    specversion: Literal["1.0"]
    id: Identifier
    source: Annotated[str, Field(min_length=1, max_length=limits.TEXT_CHARACTERS_MAX)]
    type: TypeName
    subject: NotRequired[Identifier]
    time: Instant
    datacontenttype: NotRequired[Literal["application/json"]]
    data: NotRequired[CloudEventData]
    data_base64: NotRequired[Annotated[None, PlainValidator(_not_read), WithJsonSchema({"not": {}})]]


class Award(TypedDict):
    """The part of the event's amounts that falls to `tier`."""

    tier: str
    points: Number | None
    amount: Number | None


class Move(TypedDict):
    """The tier just before and just after the event in one program; `award` divides its amounts where they differ."""

    program: str
    tier_before: str
    tier_after: str
    award: list[Award]


class Outcome(TypedDict):
    """What became of one event. `code` and `detail` say why it was not taken in."""

    id: str | None
    member: str
    result: Literal["accepted", "duplicate", "conflict", "refused"]
    code: NotRequired[str]
    detail: NotRequired[str]
    programs: list[Move]


class Counts(TypedDict):
    """How many events had which result."""

    accepted: int
    duplicate: int
    conflict: int
    refused: int


class Outcomes(TypedDict):
    """What became of each event, in the order they were sent."""

    counts: Counts
    items: list[Outcome]


class LedgerEvent(TypedDict):
    """An event as it stands in the ledger."""

    sequence: int
    recorded_at: InstantText
    id: str | None
    member: str
    type: TypeName
    occurred_at: InstantText
    qualifying: bool
    points: NotRequired[Number]
    amount: NotRequired[Number]
    quantity: NotRequired[Number]
    currency: NotRequired[str]
    reverses: NotRequired[str]
    activity: NotRequired[str]
    attribute: NotRequired[str]
    value: NotRequired[str]
    tier: NotRequired[str]
    mode: NotRequired[ModeName]
    until: NotRequired[InstantText]
    reason: NotRequired[str]


class LedgerEvents(TypedDict):
    """A page of a member's events, as they occurred."""

    items: list[LedgerEvent]
    next_cursor: NextCursor


def event_of(said: Mapping[str, Any]) -> Event:
    """The fact that `said` (a `NewEvent`) states."""
    get = said.get
    mode = get("mode")
    return Event(
        member=said["member"],
        type=_TYPES[said["type"]],
        occurred_at=said["occurred_at"],
        id=get("id", ""),
        points=get("points"),
        amount=get("amount"),
        quantity=get("quantity"),
        currency=get("currency", ""),
        qualifying=get("qualifying", True),
        reverses=get("reverses", ""),
        activity=get("activity", ""),
        attribute=get("attribute", ""),
        value=get("value", ""),
        tier=get("tier", ""),
        mode=None if mode is None else _MODES[mode],
        until=get("until"),
        reason=get("reason", ""),
    )


def outcome_models(outcomes: Sequence[IngestOutcome]) -> list[dict[str, Any]]:
    """Outcomes on the wire. Moves that several of them share are written once."""
    written: dict[tuple[int, ...], Raw] = {}
    models = []
    for outcome in outcomes:
        shared = tuple([id(move) for move in outcome.programs])  # all of them live as long as `outcomes` do
        programs = written.get(shared)
        if programs is None:
            programs = written[shared] = Raw(render([_move_model(each) for each in outcome.programs]))
        models.append(_outcome_model(outcome, programs))
    return models


def _outcome_model(outcome: IngestOutcome, programs: Raw) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": outcome.id or None,
        "member": outcome.member,
        "result": outcome.result,
        "programs": programs,
    }
    if outcome.code:
        said["code"] = outcome.code
        said["detail"] = outcome.reason
    return said


def ledger_event_model(view: EventView) -> dict[str, Any]:
    """A ledger row on the wire; what the event does not say is left out."""
    event = view.event
    amounts = {"points": event.points, "amount": event.amount, "quantity": event.quantity}
    words = {
        "currency": event.currency,
        "reverses": event.reverses,
        "activity": event.activity,
        "attribute": event.attribute,
        "value": event.value,
        "tier": event.tier,
        "mode": str(event.mode) if event.mode else "",
        "until": optional_instant(event.until),
        "reason": event.reason,
    }
    return {
        "sequence": view.sequence,
        "recorded_at": instant_text(view.recorded_at),
        "id": event.id or None,
        "member": event.member,
        "type": str(event.type),
        "occurred_at": instant_text(event.occurred_at),
        "qualifying": event.qualifying,
        **{name: number(units) for name, units in amounts.items() if units is not None},
        **{name: word for name, word in words.items() if word},
    }


def _move_model(move: IngestMove) -> Move:
    return {
        "program": move.program,
        "tier_before": move.tier_before,
        "tier_after": move.tier_after,
        "award": [
            {
                "tier": share.tier,
                "points": None if share.points is None else number(share.points),
                "amount": None if share.amount is None else number(share.amount),
            }
            for share in move.award
        ],
    }
