"""Bodies of what gives a structure members: card definitions, programs, members, points. Alike in both dialects."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ziggurat import limits
from ziggurat.http.faces.voucherify.wire_parts import Asked, Cursor, FirstStatus, Metadata, Name, Said, Whole

ASSIGNMENTS_MAX = 10
REASON_MAX = 255


def _instant(value: Any) -> Any:
    """ISO 8601 with an offset; kept as it was written."""
    if value is not None:
        if not isinstance(value, str):
            raise ValueError("must be a date-time")
        if datetime.fromisoformat(value).tzinfo is None:
            raise ValueError("must have an offset")
    return value


Instant = Annotated[str | None, BeforeValidator(_instant), Field(json_schema_extra={"format": "date-time"})]
Id = Annotated[str, Field(min_length=1, max_length=limits.IDENTIFIER_CHARACTERS_MAX)]


class NoExpiration(Asked):
    """Points that do not expire."""

    type: Literal["NO_EXPIRATION"]


class Immediate(Asked):
    """Points that are there at once."""

    type: Literal["IMMEDIATE"]


class NoLimit(Asked):
    """No limit."""

    type: Literal["NO_LIMIT"]


class NoRefunds(Asked):
    """Refunds are not automatic."""

    type: Literal["NONE"]


class NoPayments(Asked):
    """Nothing is paid with points."""

    type: Literal["NO_PAYMENTS"]


class BalanceSettings(Asked):
    """Balances stay at zero or above."""

    allow_negative: Literal[False] = False


class CardDefinitionUpdate(Asked):
    """Everything may be left out. Wallets only hold points here: other sections take their default alone."""

    name: Name = Field(default_factory=str)
    metadata: Metadata | None = None
    points_expiration: NoExpiration | None = None
    pending_points: Immediate | None = None
    earning_limits: NoLimit | None = None
    spending_limits: NoLimit | None = None
    refunds: NoRefunds | None = None
    balance_settings: BalanceSettings | None = None
    pay_with_points: NoPayments | None = None


class CardDefinitionCreate(CardDefinitionUpdate):
    """A new wallet."""

    name: Name
    type: Literal["INDIVIDUAL"]
    status: FirstStatus | None = None


class CardDefinition(Said):
    """A wallet."""

    id: str
    name: str
    type: Literal["INDIVIDUAL"]
    status: Literal["DRAFT", "ACTIVE", "DELETED"]
    metadata: Metadata
    points_expiration: dict[str, Any]
    pending_points: dict[str, Any]
    earning_limits: dict[str, Any]
    spending_limits: dict[str, Any]
    refunds: dict[str, Any]
    balance_settings: dict[str, Any]
    pay_with_points: dict[str, Any]
    created_at: str
    updated_at: str | None
    object: Literal["card_definition"]


class Assigned(Asked):
    """What is assigned."""

    id: Id


class Batch(Asked):
    """What to assign and what to take off; taking off comes first."""

    assign: Annotated[list[Assigned], Field(max_length=ASSIGNMENTS_MAX)] | None = None
    unassign: Annotated[list[Assigned], Field(max_length=ASSIGNMENTS_MAX)] | None = None


class ValidityHours(Asked):
    """Programs hold at any time here."""

    type: Literal["ANY_TIME"]


class ProgramUpdate(Asked):
    """Everything may be left out; outside of DRAFT only name, end_date and metadata may be said."""

    name: Name = Field(default_factory=str)
    start_date: Instant = None
    end_date: Instant = None
    validity_hours: ValidityHours | None = None
    metadata: Metadata | None = None


class ProgramCreate(ProgramUpdate):
    """A new program."""

    name: Name
    status: FirstStatus | None = None
    card_definitions: Annotated[list[Assigned], Field(max_length=ASSIGNMENTS_MAX)] | None = None
    tier_structures: Annotated[list[Assigned], Field(max_length=ASSIGNMENTS_MAX)] | None = None
    earning_rules: Annotated[list[Assigned], Field(max_length=0)] | None = None
    rewards: Annotated[list[Assigned], Field(max_length=0)] | None = None


class Program(Said):
    """A program; assignments only in the answer to its creation."""

    id: str
    name: str
    status: Literal["DRAFT", "ACTIVE", "INACTIVE", "DELETED"]
    start_date: str | None
    end_date: str | None
    validity_hours: dict[str, Any]
    metadata: Metadata
    created_at: str
    updated_at: str | None
    object: Literal["program"]
    card_definitions: list[dict[str, Any]] | None = None
    tier_structures: list[dict[str, Any]] | None = None


class Identification(Asked):
    """A customer by id or by source id."""

    type: Literal["customer_id", "customer_source_id"]
    customer_id: Id | None = None
    customer_source_id: Id | None = None


class MemberCreate(Asked):
    """A new member: `customer_id` or `customer_identification`."""

    customer_id: Id | None = None
    customer_identification: Identification | None = None
    status: Literal["ACTIVE", "INACTIVE"] | None = None
    metadata: Metadata | None = None


class MemberUpdate(Asked):
    """Only the metadata of a member may be changed."""

    metadata: Metadata | None = None


class Member(Said):
    """A member; `cards` only where one is read alone."""

    id: str
    program_id: str
    customer_id: str
    status: Literal["ACTIVE", "INACTIVE", "DELETED"]
    metadata: Metadata
    created_at: str
    updated_at: str | None
    object: Literal["member"]
    cards: list[dict[str, Any]] | None = None


class PointsChange(Asked):
    """Points to be credited or, below zero, debited."""

    points: Annotated[Whole, Field(ge=-1_000_000_000, le=1_000_000_000)]
    reason: Annotated[str, Field(max_length=REASON_MAX)] | None = None


class PointsChanged(Said):
    """What became of it."""

    transaction: dict[str, Any] | None
    status: Literal["TRANSACTION_CREATED", "NO_CHANGE"]
    message: str


class Membership(Said):
    """A member, her program and her cards with their tier progress."""

    member: dict[str, Any]
    program: dict[str, Any]
    cards: list[dict[str, Any]]
    object: Literal["membership"]


class Listed(Said):
    """A page of objects."""

    object: Literal["list"]
    data: list[dict[str, Any]]
    cursor: Cursor | None


class Report(Said):
    """Rows of a report."""

    data: list[dict[str, Any]]
    object: Literal["report"]


class BatchDone(Said):
    """What was assigned and taken off; null for a list that was not sent."""

    assigned: list[dict[str, Any]] | None
    unassigned: list[dict[str, Any]] | None


class Memberships(Said):
    """All memberships of a customer."""

    object: Literal["list"]
    data: list[Membership]
