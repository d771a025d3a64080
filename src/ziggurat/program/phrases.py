"""Rules in short English, as `check` and `explain` print them: "points earned in the last 12 months"."""

from __future__ import annotations

from decimal import Decimal

from ziggurat.program.calendar import CalendarUnit, Period
from ziggurat.program.model import (
    Anniversary,
    Applies,
    AtLeast,
    CalendarWindow,
    Check,
    Condition,
    CycleWindow,
    Downgrade,
    DowngradeType,
    Expiration,
    ExpirationType,
    Expression,
    Lifetime,
    Measure,
    MeasureKind,
    Not,
    Qualification,
    Renewal,
    RenewalType,
    Requirement,
    Rolling,
    SinceTierEntry,
    Tier,
    Window,
    YearDay,
)

_MEASURES = {
    MeasureKind.POINTS_BALANCE: "points balance",
    MeasureKind.POINTS_EARNED: "points earned",
    MeasureKind.POINTS_LIFETIME: "points ever earned",
    MeasureKind.SPEND: "spend",
    MeasureKind.ORDERS: "orders",
    MeasureKind.AVERAGE_ORDER_VALUE: "average order value",
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_CHECKS = {
    Check.AT_INSTANT: "",
    Check.DAILY: ", acted on at the next midnight",
    Check.MONTH_END: ", acted on at the next first of a month",
}


def number_phrase(number: Decimal) -> str:
    """A number with thousands set apart.

    >>> number_phrase(Decimal("10000.50"))
    '10,000.5'
    """
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def measure_phrase(measure: Measure) -> str:
    """What is counted.

    >>> measure_phrase(Measure(MeasureKind.ACTIVITY, "visit"))
    'activity "visit"'
    """
    return _MEASURES.get(measure.kind) or f'{measure.kind} "{measure.name}"'


def window_phrase(window: Window) -> str:
    """Over what span; empty for a lifetime.

    >>> window_phrase(CalendarWindow(CalendarUnit.YEAR))
    'in the calendar year'
    """
    match window:
        case Lifetime():
            return ""
        case Rolling(period):
            return f"in the last {_span(period)}"
        case CalendarWindow(unit):
            return f"in the calendar {_unit(unit)}"
        case CycleWindow(period, anchor):
            return f"in each {_span(period)} from {anchor.format_iso()}"
        case Anniversary(period, round_up):
            rounded = f", to the end of the {_unit(round_up)}" if round_up else ""
            return f"in each {_span(period)} since enrolment{rounded}"
        case SinceTierEntry():
            return "since entering the tier"


def counted_phrase(measure: Measure, window: Window) -> str:
    """What is counted, over what span.

    >>> from ziggurat.program.calendar import Unit
    >>> counted_phrase(Measure(MeasureKind.POINTS_EARNED), Rolling(Period(12, Unit.MONTHS)))
    'points earned in the last 12 months'
    """
    return f"{measure_phrase(measure)} {window_phrase(window)}".rstrip()


def qualification_phrase(own: Qualification) -> str:
    """What the ladder counts, when it applies, and how far one decision climbs."""
    said = counted_phrase(own.measure, own.window)
    if own.applies is Applies.NEXT_PERIOD:
        said += ", for the next period"
    if own.max_steps:
        said += f", {_plural(own.max_steps, 'tier')} at a time"
    return said


def bounds_phrase(start: Decimal | None, below: Decimal | None) -> str:
    """What a value must be.

    >>> bounds_phrase(Decimal(500), Decimal(2000)), bounds_phrase(None, Decimal(3))
    ('500 or more but below 2,000', 'below 3')
    """
    least = f"{number_phrase(start)} or more" if start is not None else ""
    most = f"below {number_phrase(below)}" if below is not None else ""
    return " but ".join(part for part in (least, most) if part)


def requirement_phrase(requirement: Requirement, own: Qualification | None = None) -> str:
    """What must hold; what the program's own qualification `own` counts is left out."""
    match requirement:
        case Condition(measure, window, start, below):
            is_own = own and (measure, window) == (own.measure, own.window)
            return bounds_phrase(start, below) + ("" if is_own else f" of {counted_phrase(measure, window)}")
        case AtLeast(count, parts):
            phrases = [_nested(part, own) for part in parts]
            if len(parts) == 1:
                return phrases[0]
            if count in (1, len(parts)):
                return (" or " if count == 1 else " and ").join(phrases)
            return f"at least {count} of: {'; '.join(phrases)}"
        case Not(part):
            return f"not {_nested(part, own)}"
        case Expression(tree=tree):
            return requirement_phrase(tree, own)


def tier_phrase(tier: Tier, own: Qualification) -> str:
    """All that reaches `tier`; "nothing" for a base tier."""
    bounds = bounds_phrase(tier.start, tier.below)
    more = requirement_phrase(tier.requires, own) if tier.requires else ""
    if bounds and tier.requires:
        more = _nested(tier.requires, own)
    return ", and ".join(part for part in (bounds, more) if part) or "nothing"


def expiration_phrase(expiration: Expiration) -> str:
    """How long a reached tier is held.

    >>> from ziggurat.program.calendar import Unit
    >>> expiration_phrase(Expiration(ExpirationType.FIXED_DURATION, Period(12, Unit.MONTHS)))
    'held for 12 months'
    """
    said = ""
    match expiration.type:
        case ExpirationType.IMMEDIATE:
            return "not held"
        case ExpirationType.NEVER:
            return "held for ever"
        case ExpirationType.FIXED_DURATION:
            said = f"held for {expiration.period}"
        case ExpirationType.CALENDAR:
            said = f"held to {_nth(expiration)}{_calendar_end(expiration)}"
        case ExpirationType.ANNIVERSARY:
            said = f"held to {_nth(expiration)}end of {expiration.period} from enrolment"
        case ExpirationType.SLIDING:
            said = f"held for {expiration.period} after the last {_either(expiration.activities)}"
        case ExpirationType.ATTRIBUTE:
            said = f'held to the date in attribute "{expiration.attribute}"'
    if expiration.minimum:
        said += f", {expiration.minimum} at least"
    if expiration.round_up:
        said += f", to the end of the {_unit(expiration.round_up)}"
    return said + _CHECKS[expiration.check]


def renewal_phrase(renewal: Renewal, own: Qualification | None = None) -> str:
    """What keeps a tier at the end of its hold."""
    said = "always kept" if renewal.type is RenewalType.ALWAYS else "kept by qualifying again"
    if renewal.criteria:
        said = f"kept by {requirement_phrase(renewal.criteria, own)}"
    return f"{said}, for {renewal.extends} more" if renewal.extends else said


def downgrade_phrase(downgrade: Downgrade) -> str:
    """How a member falls.

    >>> downgrade_phrase(Downgrade(DowngradeType.SINGLE_LEVEL))
    'falls one tier'
    """
    said = {
        DowngradeType.NEVER: "never falls",
        DowngradeType.SINGLE_LEVEL: "falls one tier",
        DowngradeType.TO_QUALIFIED: "falls to the tier qualified for",
        DowngradeType.TO_BASE: "falls to the bottom",
    }[downgrade.type]
    if downgrade.grace and downgrade.type is not DowngradeType.NEVER:
        rounding = downgrade.grace.rounding
        rounded = f", to the end of the {rounding}" if rounding else ""
        said += f" after {downgrade.grace.period} of grace{rounded}"
    return said


def _unit(unit: CalendarUnit) -> str:
    return "half-year" if unit is CalendarUnit.HALF else str(unit)


def _span(period: Period) -> str:
    return str(period) if period.count > 1 else str(period.unit).removesuffix("s")


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


def _nth(expiration: Expiration) -> str:
    n = expiration.occurrence
    if n == 1:
        return "the next " if expiration.type is ExpirationType.ANNIVERSARY else "the "
    tail = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"the {n}{tail} "


def _calendar_end(expiration: Expiration) -> str:
    if expiration.every:
        return f"end of a {_unit(expiration.every)}"
    return f"end of {_either(tuple(map(_day, expiration.dates)))}"


def _day(day: YearDay) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _either(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _nested(requirement: Requirement, own: Qualification | None) -> str:
    phrase = requirement_phrase(requirement, own)
    tree = requirement.tree if isinstance(requirement, Expression) else requirement
    return f"({phrase})" if isinstance(tree, AtLeast) and len(tree.of) > 1 else phrase
