"""Instants, amounts, windows and rules as a loyalty manager says them."""

from __future__ import annotations

from ziggurat.program.amounts import SCALE, format_units
from ziggurat.program.calendar import Calendar
from ziggurat.program.model import ExpirationType, Measure, MeasureKind, Program, Tier
from ziggurat.program.phrases import (
    bounds_phrase,
    counted_phrase,
    downgrade_phrase,
    expiration_phrase,
    renewal_phrase,
    requirement_phrase,
)

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_MEASURES = {
    MeasureKind.POINTS_BALANCE: "points of balance",
    MeasureKind.POINTS_EARNED: "points earned",
    MeasureKind.POINTS_LIFETIME: "points ever credited",
    MeasureKind.SPEND: "spent",
    MeasureKind.ORDERS: "orders",
    MeasureKind.AVERAGE_ORDER_VALUE: "as the average order",
}


def day_text(calendar: Calendar, at: int) -> str:
    """An instant, down to the second: the day, and the time unless it is midnight."""
    local = calendar.local(at)
    day = f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    seconds = f":{local.second:02d}" if local.second else ""
    midnight = not (local.hour or local.minute or local.second)
    return day if midnight else f"{day} at {local.hour:02d}:{local.minute:02d}{seconds}"


def end_text(calendar: Calendar, at: int) -> str:
    """The end of a half-open stretch: a midnight is the end of the day before."""
    local = calendar.local(at)
    if local.hour or local.minute or local.second or local.nanosecond:
        return day_text(calendar, at)
    last = local.date().add(days=-1)
    return f"the end of {last.day} {_MONTHS[last.month - 1]} {last.year}"


def number_text(units: int) -> str:
    """Ten-thousandths with thousands separators.

    >>> number_text(12_345_678), number_text(-5_000_000_0)
    ('1,234.5678', '-5,000')
    """
    whole, _, part = format_units(units).partition(".")
    return f"{int(whole):,}" + (f".{part}" if part else "") if whole != "-0" else f"-0.{part}"


def amount_text(units: int, measure: Measure, currency: str = "") -> str:
    """A value with what it counts.

    >>> amount_text(20_000_000, Measure(MeasureKind.POINTS_EARNED))
    '2,000 points earned'
    >>> amount_text(20_005_000, Measure(MeasureKind.SPEND), "EUR")
    '2,000.50 EUR spent'
    """
    return counted_text(number_text(units), measure, currency)


def counted_text(number: str, measure: Measure, currency: str = "") -> str:
    """A number, already written, with what it counts."""
    match measure.kind:
        case MeasureKind.SPEND | MeasureKind.AVERAGE_ORDER_VALUE:
            whole, _, part = number.partition(".")
            money = f"{whole}.{part:0<2}" if part else whole
            return f"{money} {currency} {_MEASURES[measure.kind]}".replace("  ", " ")
        case MeasureKind.ACTIVITY:
            return f'{number} of the activity "{measure.name}"'
        case MeasureKind.ATTRIBUTE:
            return f'{number} as the attribute "{measure.name}"'
        case MeasureKind.ORDERS if number == "1":
            return "1 order"
    return f"{number} {_MEASURES[measure.kind]}"


def short_amount_text(units: int, measure: Measure, currency: str = "") -> str:
    """A value with its unit alone: `2,000 points`, `12.50 EUR`."""
    number = number_text(units)
    match measure.kind:
        case MeasureKind.POINTS_BALANCE | MeasureKind.POINTS_EARNED | MeasureKind.POINTS_LIFETIME:
            return f"{number} point" + "s" * (units != SCALE)
        case MeasureKind.SPEND | MeasureKind.AVERAGE_ORDER_VALUE:
            whole, _, part = number.partition(".")
            return f"{whole}.{part:0<2} {currency}".rstrip() if part else f"{whole} {currency}".rstrip()
        case MeasureKind.ORDERS:
            return f"{number} order" + "s" * (units != SCALE)
    return number


def rule_text(program: Program, tier: Tier) -> str:
    """The whole rule of a tier, to stand after its name."""
    if tier is program.base_tier:
        return "asks for nothing"
    own, expiration = program.qualification, program.expiration_of(tier)
    bounds = bounds_phrase(tier.start, tier.below)
    asks = [f"{bounds} of {counted_phrase(own.measure, own.window)}"] if bounds else []
    asks += [requirement_phrase(tier.requires, own)] if tier.requires else []
    parts = [f"asks for {', and '.join(asks)}", f"is {expiration_phrase(expiration)}"]
    if expiration.type not in (ExpirationType.IMMEDIATE, ExpirationType.NEVER):
        parts.append(f"is {renewal_phrase(program.renewal_of(tier), own)}")
    parts.append(downgrade_phrase(program.downgrade_of(tier)))
    return "; ".join(parts)
