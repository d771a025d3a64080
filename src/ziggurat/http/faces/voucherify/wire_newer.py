"""Bodies of the newer dialect: the wallet inside `point_balance` or `point_earned`, nested tier rules."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ziggurat.http.faces.voucherify.wire_parts import (
    CUSTOM_TYPES_MAX,
    Applies,
    Asked,
    CalendarExpiration,
    Count,
    Cursor,
    Downgrade,
    FirstStatus,
    HoldUnit,
    Metadata,
    Name,
    Points,
    Said,
    Segment,
    Status,
    StructureType,
    TierDowngrade,
)

PERIOD_MAX = {"DAY": 90, "WEEK": 52, "MONTH": 12, "YEAR": 5}
"""The longest tracking period, by unit."""


def _balance() -> StructureType:
    return "POINT_BALANCE"


class TrackingPeriod(Asked):
    """A tracking period."""

    value: Count
    unit: Literal["DAY", "WEEK", "MONTH", "YEAR"]

    @model_validator(mode="after")
    def _bounded(self) -> TrackingPeriod:
        if self.value > PERIOD_MAX[self.unit]:
            raise ValueError(f"value must be <= {PERIOD_MAX[self.unit]} for {self.unit}")
        return self


class PointBalance(Asked):
    """Whose balance is tracked."""

    card_definition_id: str


class PointEarned(Asked):
    """Whose earned points are tracked, over what, and when that applies."""

    card_definition_id: str
    period: TrackingPeriod
    type: Applies


class HoldPeriod(Asked):
    """How long a tier is held."""

    value: Count
    unit: HoldUnit


class FixedDuration(Asked):
    """A fixed time from entry."""

    period: HoldPeriod


class SlidingExpiration(Asked):
    """A time that activity pushes on."""

    period: HoldPeriod | None
    earning_activity: bool | None = None
    spending_activity: bool | None = None
    custom_activity: bool | None = None
    custom_activity_types: Annotated[list[Name], Field(max_length=CUSTOM_TYPES_MAX)] | None = None


class Expiration(Asked):
    """How long a tier is held; exactly the part that `type` uses."""

    type: Literal["NO_RETENTION", "FIXED_DURATION", "CALENDAR_EXPIRATION", "SLIDING_EXPIRATION"]
    fixed_duration: FixedDuration | None = None
    calendar_expiration: CalendarExpiration | None = None
    sliding_expiration: SlidingExpiration | None = None


class StructureUpdate(Asked):
    """Everything may be left out, and then stays as it is."""

    name: Name = Field(default_factory=str)
    type: StructureType = Field(default_factory=_balance)
    point_balance: PointBalance | None = None
    point_earned: PointEarned | None = None
    expiration: Expiration | None = None
    downgrade: Downgrade | None = None
    metadata: Metadata | None = None


class StructureCreate(Asked):
    """A new tier structure."""

    name: Name
    type: StructureType
    point_balance: PointBalance | None = None
    point_earned: PointEarned | None = None
    expiration: Expiration | None = None
    downgrade: Downgrade | None = None
    metadata: Metadata | None = None
    status: FirstStatus | None = None


class PointRange(Asked):
    """A closed range of points."""

    min_value: Points
    max_value: Points | None = None


class QualificationRules(Asked):
    """What reaches a tier."""

    type: Literal["POINTS", "POINTS_AND_SEGMENT"]
    points: PointRange | None = None
    segment: Segment | None = None


class PointsExpiration(Asked):
    """When points earned in the tier expire: never here."""

    type: Literal["INHERIT", "NO_EXPIRATION"]
    rolling_expiration: None = None
    calendar_expiration: None = None
    sliding_expiration: None = None


class TierCreate(Asked):
    """A new tier."""

    name: Name
    qualification_rules: QualificationRules
    downgrade: TierDowngrade | None = None
    metadata: Metadata | None = None
    points_expiration: PointsExpiration | None = None


class TierUpdate(Asked):
    """Everything may be left out, and then stays as it is."""

    name: Name = Field(default_factory=str)
    qualification_rules: QualificationRules = Field(default_factory=lambda: QualificationRules(type="POINTS"))
    downgrade: TierDowngrade | None = None
    metadata: Metadata | None = None
    points_expiration: PointsExpiration | None = None


class TierStructure(Said):
    """A tier structure; what does not apply is left out."""

    id: str
    name: str
    type: StructureType
    point_balance: PointBalance | None = None
    point_earned: PointEarned | None = None
    expiration: Expiration
    downgrade: Downgrade
    metadata: Metadata
    status: Status
    created_at: str
    updated_at: str | None
    object: Literal["tier_structure"]


class Tier(Said):
    """A tier."""

    id: str
    tier_structure_id: str
    name: str
    qualification_rules: QualificationRules
    downgrade: TierDowngrade
    metadata: Metadata
    points_expiration: PointsExpiration
    created_at: str
    updated_at: str | None
    object: Literal["tier"]


class TierStructureList(Said):
    """A page of tier structures."""

    object: Literal["list"]
    data: list[TierStructure]
    cursor: Cursor | None


class TierList(Said):
    """A page of tiers."""

    object: Literal["list"]
    data: list[Tier]
    cursor: Cursor | None
