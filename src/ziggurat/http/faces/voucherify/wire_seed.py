"""Bodies of the seed dialect: `card_definition_id` at the top, rolling expiration, flat tier rules."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ziggurat.http.faces.voucherify.wire_parts import (
    CUSTOM_TYPES_MAX,
    POINTS_MAX,
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
    Said,
    Segment,
    Status,
    StructureType,
    TierDowngrade,
    Whole,
)

HOLD_MAX = {"DAY": 90, "MONTH": 12, "YEAR": 5}
"""The longest expiration and grace period, by unit."""
WholePoints = Annotated[Whole, Field(ge=0, le=POINTS_MAX)]


def _balance() -> StructureType:
    return "POINT_BALANCE"


class TrackingPeriod(Asked):
    """A tracking period."""

    value: Count
    unit: Literal["HOUR", "DAY", "WEEK", "MONTH", "YEAR"]


class PointEarned(Asked):
    """What POINT_EARNED counts over, and when it applies."""

    period: TrackingPeriod
    type: Applies


class HoldPeriod(Asked):
    """How long a tier is held."""

    value: Count
    unit: HoldUnit

    @model_validator(mode="after")
    def _bounded(self) -> HoldPeriod:
        if self.value > HOLD_MAX[self.unit]:
            raise ValueError(f"value must be <= {HOLD_MAX[self.unit]} for {self.unit}")
        return self


class RollingExpiration(Asked):
    """A fixed time from entry."""

    period: HoldPeriod


class SlidingExpiration(Asked):
    """A time that activity pushes on."""

    period: HoldPeriod
    earning_activity: bool | None = None
    spending_activity: bool | None = None
    custom_activity: bool | None = None
    custom_activity_types: Annotated[list[Name], Field(max_length=CUSTOM_TYPES_MAX)] | None = None


class Expiration(Asked):
    """How long a tier is held. Parts that `type` does not use are kept and shown, as the vendor's page does."""

    type: Literal["NO_EXPIRATION", "ROLLING_EXPIRATION", "CALENDAR_EXPIRATION", "SLIDING_EXPIRATION"]
    rolling_expiration: RollingExpiration | None = None
    calendar_expiration: CalendarExpiration | None = None
    sliding_expiration: SlidingExpiration | None = None


class StructureUpdate(Asked):
    """Everything may be left out, and then stays as it is."""

    name: Name = Field(default_factory=str)
    type: StructureType = Field(default_factory=_balance)
    card_definition_id: str = Field(default_factory=str)
    point_earned: PointEarned | None = None
    expiration: Expiration | None = None
    downgrade: Downgrade | None = None
    metadata: Metadata | None = None


class StructureCreate(Asked):
    """A new tier structure."""

    name: Name
    type: StructureType
    card_definition_id: str
    point_earned: PointEarned | None = None
    expiration: Expiration | None = None
    downgrade: Downgrade | None = None
    metadata: Metadata | None = None
    status: FirstStatus | None = None


class QualificationRules(Asked):
    """What reaches a tier: points in a closed range, or a segment."""

    type: Literal["POINTS", "SEGMENT"]
    min_value: WholePoints | None = None
    max_value: WholePoints | None = None
    segment: Segment | None = None


class TierCreate(Asked):
    """A new tier."""

    name: Name
    qualification_rules: QualificationRules
    downgrade: TierDowngrade | None = None
    metadata: Metadata | None = None


class TierUpdate(Asked):
    """Everything may be left out, and then stays as it is."""

    name: Name = Field(default_factory=str)
    qualification_rules: QualificationRules = Field(default_factory=lambda: QualificationRules(type="POINTS"))
    downgrade: TierDowngrade | None = None
    metadata: Metadata | None = None


class TierStructure(Said):
    """A tier structure."""

    id: str
    name: str
    type: StructureType
    card_definition_id: str
    metadata: Metadata
    status: Status
    created_at: str
    object: Literal["tier_structure"]
    point_earned: PointEarned | None
    expiration: Expiration | None
    downgrade: Downgrade | None
    updated_at: str | None


class Tier(Said):
    """A tier."""

    id: str
    tier_structure_id: str
    name: str
    qualification_rules: QualificationRules
    downgrade: TierDowngrade
    metadata: Metadata
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
