"""Valid tier programs that reach every feature of the model.

`programs()` keeps thresholds within a few dozen steps and names short, so that small histories cross them; pass
`decorated=True` for names, descriptions and metadata of every kind.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from whenever import Date

from ziggurat import limits
from ziggurat.program.calendar import CalendarUnit, Period, Unit
from ziggurat.program.expressions import depth, parse_expression
from ziggurat.program.model import (
    Anniversary,
    Applies,
    AtLeast,
    Award,
    CalendarWindow,
    Check,
    Condition,
    CycleWindow,
    Downgrade,
    DowngradeType,
    Enrolment,
    Expiration,
    ExpirationType,
    Expression,
    Grace,
    LeapDay,
    Lifetime,
    Measure,
    MeasureKind,
    Not,
    OnReversal,
    Program,
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
from ziggurat.program.read_rules import EVERY_UNITS
from ziggurat.program.read_windows import LIFETIME_ONLY, ROUNDING_UNITS

Draw = Callable[[st.SearchStrategy[Any]], Any]

ZONES = (
    "UTC",
    "Europe/Paris",
    "America/Juneau",
    "America/Sao_Paulo",  # changed its clocks at midnight
    "Australia/Lord_Howe",  # changes by half an hour
    "Asia/Kathmandu",
    "Pacific/Apia",  # skipped a whole day
)
ACTIVITIES = ("visit", "review")
ATTRIBUTES = ("score", "status_until")
SLIDING_ACTIVITIES = ("earning", "spending", *ACTIVITIES)
STEPS = tuple(map(Decimal, ("1", "1", "1", "0.5", "100", "0.0001", "0.00003", "0.000000000001")))

_COUNTS = {Unit.HOURS: 72, Unit.DAYS: 45, Unit.WEEKS: 6, Unit.MONTHS: 14, Unit.YEARS: 2}


def periods(*, hours: bool = True) -> st.SearchStrategy[Period]:
    """Periods of up to about two years."""
    units = [unit for unit in Unit if hours or unit is not Unit.HOURS]
    return st.sampled_from(units).flatmap(lambda unit: st.builds(Period, st.integers(1, _COUNTS[unit]), st.just(unit)))


def measures() -> st.SearchStrategy[Measure]:
    """Every measure."""

    def of(kind: MeasureKind) -> st.SearchStrategy[Measure]:
        names = {MeasureKind.ACTIVITY: ACTIVITIES, MeasureKind.ATTRIBUTE: ATTRIBUTES}.get(kind, ("",))
        return st.builds(Measure, st.just(kind), st.sampled_from(names))

    return st.sampled_from(MeasureKind).flatmap(of)


def _rounding() -> st.SearchStrategy[CalendarUnit | None]:
    return st.none() | st.sampled_from(ROUNDING_UNITS)


def periodic_windows() -> st.SearchStrategy[Window]:
    """Windows that start from zero at boundaries."""
    anchors = st.builds(Date, st.integers(2015, 2026), st.integers(1, 12), st.integers(1, 28)) | st.sampled_from(
        [Date(2024, 2, 29), Date(2023, 12, 31), Date(2024, 3, 31)]
    )
    return st.one_of(
        st.builds(CalendarWindow, st.sampled_from(CalendarUnit)),
        st.builds(CycleWindow, periods(hours=False), anchors),
        st.builds(Anniversary, periods(hours=False), _rounding()),
    )


def windows(measure: Measure) -> st.SearchStrategy[Window]:
    """Every window that can be laid on `measure`."""
    if measure.kind in LIFETIME_ONLY:
        return st.just(Lifetime())
    return st.one_of(st.just(Lifetime()), st.builds(Rolling, periods()), periodic_windows(), st.just(SinceTierEntry()))


@st.composite
def conditions(draw: Draw, own: Qualification | None = None, step: Decimal = Decimal(1)) -> Condition:
    """Conditions, some on the measure and window of `own`."""
    if own and draw(st.booleans()):
        measure, window = own.measure, own.window
    else:
        measure = draw(measures())
        window = draw(windows(measure))
    start: int | None = draw(st.none() | st.integers(-1, 20))
    below = draw(st.none() | st.integers(1, 20)) if start is not None else draw(st.integers(0, 20))
    cap = None if below is None else (below if start is None else start + below) * step
    return Condition(measure, window, None if start is None else start * step, cap)


@st.composite
def requirements(
    draw: Draw, own: Qualification | None = None, step: Decimal = Decimal(1), levels: int = 3
) -> Requirement:
    """Requirements of every form, at most `levels` deep before expressions are counted."""
    leaf = conditions(own, step)
    if levels == 1:
        return draw(leaf)  # type: ignore[no-any-return]
    part = requirements(own, step, levels - 1)
    form = draw(st.sampled_from(["leaf", "leaf", "at least", "not", "expression"]))
    if form == "leaf":
        return draw(leaf)  # type: ignore[no-any-return]
    if form == "expression":
        return draw(expressions(part))  # type: ignore[no-any-return]
    parts: tuple[Requirement, ...] = tuple(draw(st.lists(part, min_size=1, max_size=1 if form == "not" else 3)))
    if max(map(depth, parts)) == limits.REQUIREMENT_DEPTH_MAX:  # rare: an expression that nests as deep as may be
        return parts[0]
    return Not(parts[0]) if form == "not" else AtLeast(draw(st.integers(1, len(parts))), parts)


@st.composite
def expressions(draw: Draw, parts: st.SearchStrategy[Requirement]) -> Expression:
    """Expressions in every spelling, over one to four names, all of them used."""
    names = draw(st.permutations(["A", "b2", "Big_Spender", "été"]))[: draw(st.integers(1, 4))]
    where = tuple((name, draw(parts)) for name in names)
    text = names[0]
    for name in [*names[1:], *draw(st.lists(st.sampled_from(names), max_size=2))]:
        operand = draw(st.sampled_from(["{}", "not {}", "!{}", "NOT({})", "({})"])).format(name)
        text = f"{text} {draw(st.sampled_from(['and', 'or', 'AND', 'Or', '&&', '||']))} {operand}"
        text = draw(st.sampled_from(["{}", "{}", "({})", "not ({})"])).format(text)
    deepest = max(depth(part) for _, part in where)
    if deepest > limits.REQUIREMENT_DEPTH_MAX // 2:  # rare, and kept valid by flattening what it says
        where = tuple((name, draw(conditions())) for name, _ in where)
    try:
        tree = parse_expression(text, dict(where))
    except ValueError:  # too deep
        text = " or ".join(names)
        tree = parse_expression(text, dict(where))
    return Expression(text, where, tree)


@st.composite
def qualifications(draw: Draw) -> Qualification:
    """Every measure over every window it can have, at once or at the next period."""
    measure = draw(measures())
    window = draw(windows(measure))
    periodic = isinstance(window, CalendarWindow | CycleWindow | Anniversary)
    applies = draw(st.sampled_from(Applies)) if periodic else Applies.IMMEDIATELY
    return Qualification(measure, window, applies, draw(st.none() | st.integers(1, 3)))


def _year_days() -> st.SearchStrategy[YearDay]:
    plain = st.builds(YearDay, st.integers(1, 12), st.integers(1, 28))
    ends = st.sampled_from([YearDay(12, 31), YearDay(3, 31), YearDay(6, 30)])
    return plain | ends | st.builds(YearDay, st.just(2), st.just(29), st.sampled_from(LeapDay))


@st.composite
def expirations(draw: Draw) -> Expiration:
    """Every type of expiration with every field it has."""
    kind = draw(st.sampled_from(ExpirationType))
    if kind in (ExpirationType.IMMEDIATE, ExpirationType.NEVER):
        return Expiration(kind)
    fields: dict[str, Any] = {"round_up": draw(_rounding()), "check": draw(st.sampled_from(Check))}
    if kind in (ExpirationType.CALENDAR, ExpirationType.ANNIVERSARY):
        fields["occurrence"] = draw(st.integers(1, 3))
        fields["minimum"] = draw(st.none() | periods())
    match kind:
        case ExpirationType.FIXED_DURATION:
            fields["period"] = draw(periods())
        case ExpirationType.SLIDING:
            fields["period"] = draw(periods())
            fields["activities"] = tuple(
                draw(st.lists(st.sampled_from(SLIDING_ACTIVITIES), min_size=1, max_size=3, unique=True))
            )
        case ExpirationType.ANNIVERSARY:
            fields["period"] = draw(st.just(Period(1, Unit.YEARS)) | periods(hours=False))
        case ExpirationType.ATTRIBUTE:
            fields["attribute"] = draw(st.sampled_from(ATTRIBUTES))
        case _ if draw(st.booleans()):
            fields["every"] = draw(st.sampled_from(EVERY_UNITS))
        case _:
            days = st.lists(_year_days(), min_size=1, max_size=3, unique_by=lambda day: (day.month, day.day))
            fields["dates"] = tuple(draw(days))
    return Expiration(kind, **fields)


@st.composite
def renewals(draw: Draw, own: Qualification | None = None, step: Decimal = Decimal(1)) -> Renewal:
    """Every type of renewal, with and without a length of its own."""
    kind = draw(st.sampled_from(RenewalType))
    criteria = draw(requirements(own, step, 2)) if kind is RenewalType.CRITERIA else None
    return Renewal(kind, criteria, draw(st.none() | periods()))


def downgrades() -> st.SearchStrategy[Downgrade]:
    """Every type of downgrade, with and without grace."""
    grace = st.none() | st.builds(Grace, periods(), st.booleans())
    return st.builds(Downgrade, st.sampled_from(DowngradeType), grace, st.sampled_from(OnReversal))


_LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn", "Co"])
_names = st.text(_LETTERS, min_size=1, max_size=12).filter(lambda text: bool(text.strip()))
_texts = st.text(_LETTERS | st.just("\n"), max_size=40).filter(lambda text: not text or bool(text.strip()))
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_metadata = st.dictionaries(st.text(max_size=8), _json, max_size=3)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _decoration(draw: Draw) -> dict[str, Any]:
    return {
        "description": draw(_texts),
        "color": draw(st.sampled_from(["", "#c0c0c0", "silver"])),
        "icon": draw(st.just("") | _names),
        "benefits": tuple(draw(st.lists(_json, max_size=2))),
        "metadata": draw(_metadata),
    }


def _bounds(draw: Draw, kinds: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Rising starts by kind (`from`, `both`, `requires`), with caps that touch the next or leave gaps."""
    count = sum(kind != "requires" for kind in kinds)
    starts = sorted(draw(st.lists(st.integers(0, 40), min_size=count, max_size=count, unique=True)))
    if starts and draw(st.integers(0, 9)) == 0:
        starts[0] -= 41  # at or below zero
    plain = iter(starts)
    listed = [None if kind == "requires" else next(plain) for kind in kinds]
    bounds: list[tuple[int | None, int | None]] = []
    for index, start in enumerate(listed):
        above = zip(listed[index + 1 :], kinds[index + 1 :], strict=True)
        caps = [60] if start is None else [other for other, kind in above if kind == "from" and other is not None]
        limit = caps[0] if caps else 60
        cap = draw(st.none() | st.none() | st.integers((start if start is not None else -1) + 1, limit))
        bounds.append((start, cap))
    return bounds


@st.composite
def ladders(draw: Draw, own: Qualification, step: Decimal, most: int = 4, decorated: bool = False) -> tuple[Tier, ...]:
    """One to `most` tiers, lowest first."""
    kinds = draw(st.lists(st.sampled_from(["from", "from", "from", "both", "requires"]), min_size=1, max_size=most))
    bounds = _bounds(draw, kinds)
    names = [f"Tier {index + 1}" for index in range(len(kinds))]
    ids = ["" for _ in kinds]
    if decorated:
        count = len(kinds)
        words = draw(st.lists(_names, min_size=2 * count, max_size=2 * count, unique_by=_folded))
        names, ids = words[:count], [draw(st.sampled_from(["", word])) for word in words[count:]]
    rarely = st.integers(0, 3).map(lambda n: n == 0)
    return tuple(
        Tier(
            names[index],
            ids[index],
            None if start is None else start * step,
            None if below is None else below * step,
            None if kind == "from" else draw(requirements(own, step)),
            draw(expirations()) if draw(rarely) else None,
            draw(renewals(own, step)) if draw(rarely) else None,
            draw(downgrades()) if draw(rarely) else None,
            **(_decoration(draw) if decorated else {}),
        )
        for index, (kind, (start, below)) in enumerate(zip(kinds, bounds, strict=True))
    )


@st.composite
def programs(draw: Draw, zones: Sequence[str] = ZONES, most_tiers: int = 4, decorated: bool = False) -> Program:
    """Valid programs that reach every feature of the model."""
    own = draw(qualifications())
    step = draw(st.sampled_from(STEPS))
    tiers = draw(ladders(own, step, most_tiers, decorated))
    base = Tier("Base") if draw(st.booleans()) else None
    extras: dict[str, Any] = {}
    name = "Program"
    if decorated:
        taken = {_folded(word) for tier in tiers for word in (tier.name, tier.id)}
        if base:
            base = Tier(draw(_names.filter(lambda text: _folded(text) not in taken)), **_decoration(draw))
        name = draw(_names)
        extras = {"description": draw(_texts), "metadata": draw(_metadata)}
    return Program(
        name,
        own,
        tiers,
        base,
        time_zone=draw(st.sampled_from(zones)),
        currency=draw(st.sampled_from(["", "EUR"])),
        expiration=draw(expirations()),
        renewal=draw(renewals(own, step)),
        downgrade=draw(downgrades()),
        late_cut_off=draw(st.none() | periods()),
        award=draw(st.sampled_from(Award)),
        enrolment=draw(st.sampled_from(Enrolment)),
        **extras,
    )
