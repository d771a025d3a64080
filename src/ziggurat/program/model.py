"""A tier program as frozen values: what `read` makes of a document and every engine reads.

Names and meanings are those of docs/rules.md (edition 1). The values here are already valid: `read.read_program` is the
way in for documents, and refuses what no program can mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from whenever import Date

from ziggurat.program.calendar import CalendarUnit, Period

EDITION = 1


class MeasureKind(StrEnum):
    """What is counted."""

    POINTS_BALANCE = "points_balance"
    POINTS_EARNED = "points_earned"
    POINTS_LIFETIME = "points_lifetime"
    SPEND = "spend"
    ORDERS = "orders"
    AVERAGE_ORDER_VALUE = "average_order_value"
    ACTIVITY = "activity"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True)
class Measure:
    """A kind, and for `activity` and `attribute` the name of which."""

    kind: MeasureKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


# --- windows: over what span


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Everything so far."""


@dataclass(frozen=True, slots=True)
class Rolling:
    """A look-back: a contribution made at s counts while t < s + period."""

    period: Period


@dataclass(frozen=True, slots=True)
class CalendarWindow:
    """The named stretch of the local calendar; starts from zero at each boundary."""

    unit: CalendarUnit


@dataclass(frozen=True, slots=True)
class CycleWindow:
    """Cycles of `period` (days or longer) laid from a date, both ways, the same for every member."""

    period: Period
    anchor: Date


@dataclass(frozen=True, slots=True)
class Anniversary:
    """Cycles of `period` from the member's enrolment, each end rounded up to the end of `round_up`."""

    period: Period
    round_up: CalendarUnit | None = None


@dataclass(frozen=True, slots=True)
class SinceTierEntry:
    """Since the current tier was entered, after the event that caused the entry."""


Window: TypeAlias = Lifetime | Rolling | CalendarWindow | CycleWindow | Anniversary | SinceTierEntry


# --- requirements: what must hold


@dataclass(frozen=True, slots=True)
class Condition:
    """`start <= value < below`, on a measure over a window; at least one bound is set."""

    measure: Measure
    window: Window
    start: Decimal | None
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the requirements hold. All of them is `count == len(of)`."""

    count: int
    of: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The requirement does not hold."""

    of: Requirement


@dataclass(frozen=True, slots=True)
class Expression:
    """A requirement written as `A and (B or C)`; `tree` is what it means, `text` and `where` how it was said."""

    text: str
    where: tuple[tuple[str, Requirement], ...]
    tree: Requirement


Requirement: TypeAlias = Condition | AtLeast | Not | Expression


# --- the rules


class Applies(StrEnum):
    """When a qualification takes effect."""

    IMMEDIATELY = "immediately"
    NEXT_PERIOD = "next_period"


@dataclass(frozen=True, slots=True)
class Qualification:
    """What the ladder counts, over what span, when it applies, and how many tiers one decision may climb."""

    measure: Measure
    window: Window = Lifetime()
    applies: Applies = Applies.IMMEDIATELY
    max_steps: int | None = None


class ExpirationType(StrEnum):
    """How long a reached tier is held."""

    IMMEDIATE = "immediate"
    NEVER = "never"
    FIXED_DURATION = "fixed_duration"
    CALENDAR = "calendar"
    ANNIVERSARY = "anniversary"
    SLIDING = "sliding"
    ATTRIBUTE = "attribute"


class Check(StrEnum):
    """When a hold's end is acted on."""

    AT_INSTANT = "at_instant"
    DAILY = "daily"
    MONTH_END = "month_end"


class LeapDay(StrEnum):
    """What 29 February means in a common year."""

    FEBRUARY_28 = "february_28"
    MARCH_1 = "march_1"


@dataclass(frozen=True, slots=True, order=True)
class YearDay:
    """A day of every year; `common_years` is set for 29 February, and only for it."""

    month: int
    day: int
    common_years: LeapDay | None = None

    def in_year(self, year: int) -> Date:
        """That day in `year`."""
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if self.common_years is None or leap:
            return Date(year, self.month, self.day)
        return Date(year, 2, 28) if self.common_years is LeapDay.FEBRUARY_28 else Date(year, 3, 1)


@dataclass(frozen=True, slots=True)
class Expiration:
    """How long a reached tier is held. Fields that `type` does not use are None or empty.

    `dates` are last valid days; `every` is the other way to say the ends of a calendar hold. `occurrence` counts such
    ends, the qualifying period's own being the first; ends closer than `minimum` to entry are passed over.
    """

    type: ExpirationType = ExpirationType.IMMEDIATE
    period: Period | None = None
    dates: tuple[YearDay, ...] = ()
    every: CalendarUnit | None = None
    occurrence: int = 1
    minimum: Period | None = None
    activities: tuple[str, ...] = ()
    attribute: str = ""
    round_up: CalendarUnit | None = None
    check: Check = Check.AT_INSTANT


class RenewalType(StrEnum):
    """What keeps a tier when its hold ends."""

    REQUALIFY = "requalify"
    CRITERIA = "criteria"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Renewal:
    """What keeps a tier at the end of its hold, and for how long then (None: the expiration again)."""

    type: RenewalType = RenewalType.REQUALIFY
    criteria: Requirement | None = None
    extends: Period | None = None


class DowngradeType(StrEnum):
    """How a member falls."""

    NEVER = "never"
    SINGLE_LEVEL = "single_level"
    TO_QUALIFIED = "to_qualified"
    TO_BASE = "to_base"


class OnReversal(StrEnum):
    """What a reversal does that undoes what lifted or renewed the member."""

    RECHECK = "recheck"
    END_OF_DAY = "end_of_day"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Grace:
    """How long a fall waits; rounded up to the end of the period's own unit if `round_up`."""

    period: Period
    round_up: bool = False

    @property
    def rounding(self) -> CalendarUnit | None:
        """The unit to whose end the grace runs."""
        return CalendarUnit(self.period.unit.removesuffix("s")) if self.round_up else None


@dataclass(frozen=True, slots=True)
class Downgrade:
    """How a member falls, after how long, and what a reversal of the climb does."""

    type: DowngradeType = DowngradeType.TO_QUALIFIED
    grace: Grace | None = None
    on_reversal: OnReversal = OnReversal.RECHECK


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of the ladder. The base tier has no bounds and no requirement.

    `expiration`, `renewal` and `downgrade` are this tier's own, or None for the program's. `id` is what stays the same
    when a tier is renamed in a later revision.
    """

    name: str
    id: str = ""
    start: Decimal | None = None
    below: Decimal | None = None
    requires: Requirement | None = None
    expiration: Expiration | None = None
    renewal: Renewal | None = None
    downgrade: Downgrade | None = None
    description: str = ""
    color: str = ""
    icon: str = ""
    benefits: tuple[Any, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What identifies the tier across revisions: its id, or else its name."""
        return self.id or self.name

    @property
    def rules(self) -> Tier:
        """The tier without what is only said about it."""
        said: Mapping[str, Any] = {"description": "", "color": "", "icon": "", "benefits": (), "metadata": {}}
        return replace(self, name=self.key, id="", **said)


class Award(StrEnum):
    """How the amount of an event that crosses a threshold divides between the old and the new tier."""

    BEFORE = "before"
    AFTER = "after"
    SPLIT = "split"


class Enrolment(StrEnum):
    """Whether an unknown member's first event makes the member, or only `member.enrolled` does."""

    ON_FIRST_EVENT = "on_first_event"
    EXPLICIT = "explicit"


@dataclass(frozen=True, slots=True)
class Program:
    """One ladder and its rules. `tiers` are the steps above the base tier, lowest first."""

    name: str
    qualification: Qualification
    tiers: tuple[Tier, ...]
    base_tier: Tier | None = None
    time_zone: str = "UTC"
    currency: str = ""
    expiration: Expiration = Expiration()
    renewal: Renewal = Renewal()
    downgrade: Downgrade = Downgrade()
    late_cut_off: Period | None = None
    award: Award = Award.BEFORE
    enrolment: Enrolment = Enrolment.ON_FIRST_EVENT
    description: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    edition: int = EDITION

    @property
    def ladder(self) -> tuple[Tier, ...]:
        """Every tier, lowest first, the base tier at the bottom if there is one. Tier indexes count in it; -1: none."""
        return (self.base_tier, *self.tiers) if self.base_tier else self.tiers

    @property
    def rules(self) -> Program:
        """The program without what is only said about it: two programs with the same rules decide alike.

        Said only: names, descriptions, colors, icons, benefits, metadata; but a tier without id is known by its name.
        """
        base = self.base_tier.rules if self.base_tier else None
        tiers = tuple(tier.rules for tier in self.tiers)
        return replace(self, name="", description="", metadata={}, base_tier=base, tiers=tiers)

    def expiration_of(self, tier: Tier) -> Expiration:
        """How long `tier` is held."""
        return tier.expiration or self.expiration

    def renewal_of(self, tier: Tier) -> Renewal:
        """What keeps `tier`."""
        return tier.renewal or self.renewal

    def downgrade_of(self, tier: Tier) -> Downgrade:
        """How one falls from `tier`."""
        return tier.downgrade or self.downgrade


class Status(StrEnum):
    """What state a program is in. Only `active` and `frozen` show the tiers the rules give."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    FROZEN = "frozen"
    ARCHIVED = "archived"


class Activation(StrEnum):
    """What a revision does to current members at the instant it takes effect."""

    REEVALUATE = "reevaluate"
    UPGRADES_ONLY = "upgrades_only"
    AT_NEXT_DECISION = "at_next_decision"


@dataclass(frozen=True, slots=True)
class Revision:
    """A program and a status, in force from `effective_from` (UTC microseconds) until the next revision.

    A change of status alone is a revision with the same program. The first of a history is in force from the beginning
    when `effective_from` is None.
    """

    program: Program
    effective_from: int | None = None
    status: Status = Status.ACTIVE
    activation: Activation = Activation.REEVALUATE
    number: int = 1
