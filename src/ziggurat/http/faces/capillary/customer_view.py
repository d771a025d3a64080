"""A customer's points, tier and gaps as the vendor's reads tell them: v2 in numbers, v1.1 in texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ziggurat.app.members.read_progress import ProgressView
from ziggurat.app.members.views import MemberView, StandingView, TransitionView
from ziggurat.engine.gaps import Gaps, Keeping, Wanted
from ziggurat.engine.timeline import Kind
from ziggurat.http.faces.capillary.customers import last_second, second_before, serial_of
from ziggurat.http.faces.capillary.numbers import member_number
from ziggurat.http.faces.capillary.shown import second_text
from ziggurat.http.faces.capillary.translate import (
    TRACKER_KPI,
    kpi_of,
    number_text,
    tracker_said,
    validity_months,
)
from ziggurat.program.amounts import format_units
from ziggurat.program.calendar import CalendarUnit, Period, Unit, calendar
from ziggurat.program.model import (
    Anniversary,
    CalendarWindow,
    CycleWindow,
    Lifetime,
    Measure,
    MeasureKind,
    Program,
    Rolling,
    SinceTierEntry,
    Tier,
    Window,
)

_READ_KPIS = {
    MeasureKind.POINTS_BALANCE: "CURRENT_POINTS",
    MeasureKind.POINTS_LIFETIME: "CUMULATIVE_POINTS",
    MeasureKind.POINTS_EARNED: "CUMULATIVE_POINTS",
    MeasureKind.SPEND: "CUMULATIVE_PURCHASES",
    MeasureKind.ORDERS: "VISITS",  # ours: the vendor names no other
}
_TRACKER_READ = "TRACKER_VALUE_BASED"
_RENEWALS = {
    MeasureKind.POINTS_BALANCE: "POINTS",
    MeasureKind.POINTS_LIFETIME: "POINTS",
    MeasureKind.POINTS_EARNED: "POINTS",
    MeasureKind.SPEND: "PURCHASE",
    MeasureKind.ORDERS: "VISITS",
}
_TRACKED = {MeasureKind.SPEND: "BILL_AMOUNT"}
"""What the vendor calls what a tracker counts, as far as it is published; the rest is told in our words."""
_MOVES = {Kind.JOINED: "Upgrade", Kind.UPGRADED: "Upgrade", Kind.DOWNGRADED: "Downgrade", Kind.LEFT: "Downgrade"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A customer in one program: its number there, and what is known of her in it. `upgrade` and `renew` if asked."""

    number: int
    program: Program
    member: MemberView
    standing: StandingView
    progress: ProgressView
    now: int
    upgrade: int | None = None
    renew: int | None = None

    @property
    def serial(self) -> int:
        return serial_of(self.program.ladder, self.standing.tier)

    @property
    def next_tier(self) -> Tier | None:
        return self.program.ladder[self.serial] if self.serial < len(self.program.ladder) else None

    @property
    def expires(self) -> int:
        return last_second(self.program, self.standing, self.now)


def double(units: int) -> Decimal:
    """Ten-thousandths as the vendor's reads write numbers: always with a fraction.

    >>> double(545_000_000), double(125_000)
    (Decimal('54500.0'), Decimal('12.5'))
    """
    return _with_fraction(format_units(units))


def _with_fraction(text: str) -> Decimal:
    return Decimal(text if "." in text else f"{text}.0")


# --- v2


def profile(member: MemberView, source: str) -> dict[str, Any]:
    """The customer's profile, of which the ledger knows what attributes say."""
    known, id_ = member.attributes, member_number(member.id)
    identifiers = [{"type": "externalId", "value": member.id}]
    if known.get("email"):
        identifiers.append({"type": "email", "value": known["email"]})
    return {
        "firstName": known.get("first_name") or known.get("name") or "",
        "lastName": known.get("last_name", ""),
        "attribution": {"createDate": second_text(_registered(member))},
        "fields": {},
        "identifiers": identifiers,
        "commChannels": [],
        "source": source,
        "userId": id_,
        "conflictingProfileList": [],
    }


def loyalty_info(member: MemberView, spend: int) -> dict[str, Any]:
    """What is said of the customer whatever the program."""
    return {
        "loyaltyType": "loyalty",
        "attributionV2": {"createDate": second_text(_registered(member))},
        "lifetimePurchases": double(spend),
    }


def _registered(member: MemberView) -> int:
    return member.created_at if member.enrolled_at is None else member.enrolled_at


def points_summary(seen: Seen) -> dict[str, Any]:
    """`pointsSummary`: points and tier in one program."""
    points, following = seen.progress.points, seen.next_tier
    return {
        "redeemed": double(points.spent - points.returned),
        "expired": double(points.expired),
        "returned": double(points.taken_back),
        "adjusted": double(points.adjusted),
        "lifetimePoints": double(seen.progress.lifetime_points),
        "loyaltyPoints": double(points.balance),
        "cumulativePurchases": double(seen.progress.spend),
        "loyaltyId": member_number(seen.member.id),
        "currentSlab": seen.standing.tier,
        "nextSlab": following.name if following else "",
        "nextSlabSerialNumber": seen.serial + 1 if following else -1,
        "nextSlabDescription": following.description if following else "",
        "slabSNo": seen.serial,
        "slabExpiryDate": calendar(seen.program.time_zone).format(seen.expires),
    }


def program_details(seen: Seen) -> dict[str, Any]:
    """An element of `loyaltyProgramDetails`."""
    tier = seen.program.ladder[seen.serial - 1] if seen.serial else None
    said = {
        **points_summary(seen),
        "programId": seen.number,
        "programTitle": seen.program.name,
        "programDescription": seen.program.description,
        "currentSlabDescription": tier.description if tier else "",
    }
    if seen.upgrade is not None:
        said["upgradeStrategies"] = upgrade_strategies(seen)
    renewal = renewal_summary(seen)
    return said if renewal is None else {**said, "gapToRenewSummary": renewal}


def upgrade_strategies(seen: Seen) -> list[dict[str, Any]]:
    """What is short of the next tier; empty at the top."""
    return [_strategy(seen, each) for each in _climbing(seen)]


def _climbing(seen: Seen) -> Sequence[Wanted]:
    lacking = _lacking(seen, seen.upgrade)
    return lacking.climbing if lacking else ()


def _lacking(seen: Seen, at: int | None) -> Gaps | None:
    return None if at is None else seen.progress.gaps.get(at)


def _strategy(seen: Seen, wanted: Wanted) -> dict[str, Any]:
    said: dict[str, Any] = {"upgradeBasedOn": _based_on(seen.program, wanted)}
    if said["upgradeBasedOn"] == _TRACKER_READ:
        said["upgradeEntityIdentifiers"] = _tracker(seen.program, wanted)
    return said | {
        "upgradeThreshold": _with_fraction(number_text(wanted.start)),
        "customerUpgradeEntityValues": {
            "currentValue": double(wanted.value),
            "gapToUpgrade": double(wanted.missing),
            "valueValidUpto": _date(seen.program, wanted.until, seen.now),
        },
    }


def renewal_summary(seen: Seen) -> dict[str, Any] | None:
    """What is short of keeping the tier; None unless asked, and where there is nothing to keep."""
    lacking = _lacking(seen, seen.renew)
    if lacking is None or lacking.keeping is None:
        return None
    keeping = lacking.keeping
    return {
        "tierExpiryDate": _date(seen.program, keeping.until, seen.now),
        "renewConfirmed": keeping.is_sure,
        "renewStrategies": [_renewal(seen.program, lacking.tier, each) for each in keeping.wanted],
    }


def _renewal(program: Program, tier: str, wanted: Wanted) -> dict[str, Any]:
    said: dict[str, Any] = {"renewBasedOn": _renewed_by(program, tier, wanted)}
    if said["renewBasedOn"] == "TRACKER":
        said["trackerEntityIdentifiers"] = [_tracker(program, wanted)]
    return said | {
        "renewThreshold": _with_fraction(number_text(wanted.start)),
        "customerRenewEntityValue": double(wanted.value),
        "customerGapToRenewValue": double(wanted.missing),
    }


def _based_on(program: Program, wanted: Wanted) -> str:
    counted, own = (wanted.measure, wanted.window), program.qualification
    if counted == (own.measure, own.window) and kpi_of(program) == TRACKER_KPI:
        return _TRACKER_READ
    return _READ_KPIS.get(wanted.measure.kind, _TRACKER_READ) if wanted.window == Lifetime() else _TRACKER_READ


def _renewed_by(program: Program, name: str, wanted: Wanted) -> str:
    tier = next((each for each in program.ladder if each.name == name), None)
    months = validity_months(program.expiration_of(tier)) if tier else None
    plain: list[Window] = [Lifetime(), *([Rolling(Period(months, Unit.MONTHS))] if months else [])]
    return _RENEWALS.get(wanted.measure.kind, "TRACKER") if wanted.window in plain else "TRACKER"


def _tracker(program: Program, wanted: Wanted) -> dict[str, Any]:
    """What is counted, as a tracker and its case; of what was made elsewhere the measure is the name."""
    known = tracker_said(program, (wanted.measure, wanted.window))
    mode, period = _mode(wanted.window)
    said = {
        "trackerName": known["trackerName"] if known else str(wanted.measure),
        "trackerType": _tracked(wanted.measure),
        "trackerMode": mode,
        "trackerCaseName": str(known["trackerCondition"]) if known else "",
    }
    if period is not None:
        said |= {"trackerCasePeriodType": str(period.unit).upper(), "trackerCasePeriodValue": str(period.count)}
    return said


def _tracked(measure: Measure) -> str:
    return _TRACKED.get(measure.kind, str(measure).upper().replace(" ", "_"))


def _mode(window: Window) -> tuple[str, Period | None]:
    match window:
        case Rolling(period=period):
            return "MOVING_WINDOW", period
        case Anniversary(period=period):
            return "CYCLIC_WINDOW", period
        case CycleWindow(period=period):
            return "CALENDAR_BASED_CYCLIC_WINDOW", period
        case CalendarWindow(unit=unit):
            return "CALENDAR_BASED_CYCLIC_WINDOW", _PERIODS[unit]
        case SinceTierEntry():
            return "TIER_CHANGE_WINDOW", None
        case Lifetime():
            return "", None


_PERIODS = {
    CalendarUnit.HOUR: Period(1, Unit.HOURS),
    CalendarUnit.DAY: Period(1, Unit.DAYS),
    CalendarUnit.WEEK: Period(1, Unit.WEEKS),
    CalendarUnit.MONTH: Period(1, Unit.MONTHS),
    CalendarUnit.QUARTER: Period(3, Unit.MONTHS),
    CalendarUnit.HALF: Period(6, Unit.MONTHS),
    CalendarUnit.YEAR: Period(12, Unit.MONTHS),
}


def _date(program: Program, end: int | None, now: int) -> str:
    """The last date before `end`, local to the program."""
    return str(calendar(program.time_zone).date(second_before(program, end, now)))


# --- v1.1: the same in snake case, numbers as texts


def summary_v1(seen: Seen) -> dict[str, Any]:
    """An element of `points_summaries.points_summary`."""
    points, following = seen.progress.points, seen.next_tier
    said: dict[str, Any] = {
        "programId": str(seen.number),
        "redeemed": format_units(points.spent - points.returned),
        "expired": format_units(points.expired),
        "returned": format_units(points.taken_back),
        "adjusted": format_units(points.adjusted),
        "lifetimePoints": format_units(seen.progress.lifetime_points),
        "loyaltyPoints": format_units(points.balance),
        "cumulativePurchases": format_units(seen.progress.spend),
        "currentSlab": seen.standing.tier,
        "nextSlab": following.name if following else "",
        "nextSlabSerialNumber": str(seen.serial + 1) if following else "-1",
        "nextSlabDescription": following.description if following else "",
        "slabSNo": str(seen.serial),
        "slabExpiryDate": local_text(seen.program, seen.expires),
        "totalPoints": format_units(points.earned + points.adjusted),
        "program_title": seen.program.name,
        "program_description": seen.program.description,
    }
    if seen.upgrade is not None:
        said["gap_to_upgrade"] = {"upgrade_strategy": [_strategy_v1(seen, each) for each in _climbing(seen)]}
    lacking = _lacking(seen, seen.renew)
    if lacking is not None and lacking.keeping is not None:
        said["gap_to_renew"] = _renewal_v1(seen, lacking.tier, lacking.keeping)
    return said


def _strategy_v1(seen: Seen, wanted: Wanted) -> dict[str, Any]:
    based_on = _based_on(seen.program, wanted)
    tracked = _snake(_tracker(seen.program, wanted)) if based_on == _TRACKER_READ else {}
    return {
        "upgrade_based_on": based_on,
        "upgrade_entity_identifers": tracked,  # as the vendor spells it
        "upgrade_threshold": number_text(wanted.start),
        "customer_upgrade_entity_values": {
            "current_value": format_units(wanted.value),
            "gap_to_upgrade": format_units(wanted.missing),
            "value_valid_upto": _date(seen.program, wanted.until, seen.now),
        },
    }


def _renewal_v1(seen: Seen, tier: str, keeping: Keeping) -> dict[str, Any]:
    strategies = []
    for wanted in keeping.wanted:
        by = _renewed_by(seen.program, tier, wanted)
        strategies.append(
            {
                "renew_based_on": by,
                "renew_entity_identifiers": _snake(_tracker(seen.program, wanted)) if by == "TRACKER" else {},
                "renew_threshold": number_text(wanted.start),
                "customer_renew_entity_value": format_units(wanted.value),
                "customer_gap_to_renew_value": format_units(wanted.missing),
            }
        )
    return {
        "tier_expiry_date": _date(seen.program, keeping.until, seen.now),
        "renew_confirmed": "true" if keeping.is_sure else "false",
        "renew_strategy": strategies,
    }


def _snake(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"".join(f"_{each.lower()}" if each.isupper() else each for each in name): said[name] for name in said}


def slab_history(program: Program, number: int, moves: Sequence[TransitionView], now: int) -> list[dict[str, Any]]:
    """The moves between tiers as entries of `slab_history`, newest first."""
    found, before = [], None
    base = program.base_tier.name if program.base_tier else ""
    for move in moves:
        kind = Kind(move.kind)
        left = base if kind is Kind.JOINED else move.from_tier  # there everybody begins in the base tier
        if kind in _MOVES and move.to_tier != left:
            found.append(
                {
                    "to": move.to_tier,
                    "from": left,
                    "store": "",
                    "type": _MOVES[kind],
                    "to_tier_expiry_date": local_text(program, second_before(program, move.expires_at, now)),
                    "from_tier_expiry_date": local_text(program, second_before(program, before, now)),
                    "changed_on": local_text(program, move.at),
                    "notes": "",
                    "program_id": str(number),
                }
            )
        before = move.expires_at
    return found[::-1]


def local_text(program: Program, instant: int) -> str:
    """An instant as v1.1 writes them: local to the program.

    The vendor's clusters write them in the zone of their servers; a program's zone is the nearest there is here.
    """
    return calendar(program.time_zone).format(instant)[:19].replace("T", " ")
