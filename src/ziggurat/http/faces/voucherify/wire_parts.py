"""What the models of both dialects share. Requests are as strict as the vendor: nothing unknown, nothing coerced."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

CUSTOM_TYPES_MAX = 10
CALENDAR_DATES_MAX = 20
POINTS_MAX = 1_000_000_000
_DAYS_IN = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Asked(BaseModel):
    """A request, or a part of one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Said(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(extra="forbid")


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 5.0 is a whole one."""
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


Whole = Annotated[int, BeforeValidator(_whole)]
Count = Annotated[Whole, Field(ge=1)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Points = Annotated[int | Annotated[Decimal, Field(strict=True)], BeforeValidator(_whole), Field(ge=0, le=POINTS_MAX)]
Metadata = dict[str, Any]
HoldUnit = Literal["DAY", "MONTH", "YEAR"]
StructureType = Literal["POINT_BALANCE", "POINT_EARNED"]
DowngradeType = Literal["MULTI_LEVEL", "SINGLE_LEVEL", "NO_DOWNGRADE"]
TierDowngradeType = Literal["INHERIT", "NO_DOWNGRADE"]
Applies = Literal["IMMEDIATELY", "NEXT_TRACKING_PERIOD"]
Status = Literal["DRAFT", "ACTIVE", "INACTIVE", "DELETED"]
FirstStatus = Literal["DRAFT", "ACTIVE"]


class CalendarDate(Asked):
    """A day of every year."""

    day: Annotated[Whole, Field(ge=1, le=31)]
    month: Annotated[Whole, Field(ge=1, le=12)]

    @model_validator(mode="after")
    def _exists(self) -> CalendarDate:
        if self.day > _DAYS_IN[self.month - 1]:
            raise ValueError("month has no such day")
        return self


class CalendarExpiration(Asked):
    """Last valid days."""

    calendar_dates: Annotated[list[CalendarDate], Field(min_length=1, max_length=CALENDAR_DATES_MAX)]


class GracePeriod(Asked):
    """How long a fall waits."""

    value: Count
    unit: HoldUnit
    round_up: bool | None = None


class Downgrade(Asked):
    """How a member falls."""

    type: DowngradeType
    grace_period: GracePeriod | None = None


class TierDowngrade(Asked):
    """How a member falls from one tier."""

    type: TierDowngradeType


class Segment(Asked):
    """Customers of a segment."""

    id: Annotated[str, Field(min_length=1, max_length=100)]


class ErrorBody(Said):
    """A refusal."""

    model_config = ConfigDict(extra="allow")

    code: int | None = None
    key: str | None = None
    message: str
    details: str | None = None
    request_id: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None


class Cursor(Said):
    """Where a list goes on."""

    next: str
    expires_at: str
