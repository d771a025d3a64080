"""Worlds to evaluate: revisions of a program, and histories that hit its boundaries on purpose.

A world knows the instants that matter to its programs: ends of periods, s + P of what happened, month ends, leap days,
clock changes. Events fall on them, a microsecond before and after them, and together; amounts bring values to
thresholds.
Every history is acceptable: a reversal undoes no more than is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from tests.strategies.dice import Dice, DrawnDice
from tests.strategies.programs import ACTIVITIES, ATTRIBUTES
from tests.strategies.quick_programs import LONGER, make_plain_program, make_program
from ziggurat.engine.requirements import conditions, readings_of
from ziggurat.program.amounts import ceil_units
from ziggurat.program.calendar import (
    HOUR_US,
    Calendar,
    CalendarUnit,
    Microseconds,
    Period,
    Unit,
    calendar,
)
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import (
    Activation,
    CalendarWindow,
    Expiration,
    Grace,
    MeasureKind,
    Program,
    Revision,
    Rolling,
    Status,
)
from ziggurat.program.reversals import Holding, holding_of, share_of

DAY_US = 24 * HOUR_US
MEMBER = "m"
_TURNS = {
    "UTC": ("2024-02-29", "2024-12-31T23:59:59.999999", "2025-01-31T12:00"),
    "Europe/Paris": ("2024-03-31T02:30", "2024-10-27T02:30", "2025-03-30T03:00", "2025-10-26T02:00"),
    "America/Juneau": ("2024-03-10T02:15", "2024-11-03T01:30", "2025-03-09T03:00", "2025-11-02T01:00"),
    "Asia/Kathmandu": ("2024-02-29T23:59", "2024-12-31", "2025-02-28"),
    "Pacific/Apia": ("2011-09-24T03:00", "2011-12-29T10:00", "2011-12-31", "2012-02-29", "2012-04-01T03:00"),
    "America/St_Johns": ("2010-03-14T00:01", "2010-11-07", "2010-11-06T23:30", "2011-03-13T00:30"),
    "America/Sao_Paulo": ("2017-10-15", "2018-02-17T23:30", "2018-11-04", "2019-02-16T23:00"),
    "Australia/Lord_Howe": ("2024-04-07T01:45", "2024-10-06T02:15", "2025-04-06T01:30"),
}
"""Where the clocks of each zone change, and leap days, in local time."""
_RELEVANT = {
    MeasureKind.POINTS_BALANCE: ("points.earned", "points.earned", "points.spent", "points.expired", "points.returned"),
    MeasureKind.POINTS_EARNED: ("points.earned", "points.earned", "points.earned", "order.placed", "points.adjusted"),
    MeasureKind.POINTS_LIFETIME: ("points.earned", "points.adjusted", "order.placed"),
    MeasureKind.SPEND: ("order.placed", "order.placed", "order.placed", "order.refunded"),
    MeasureKind.ORDERS: ("order.placed",),
    MeasureKind.AVERAGE_ORDER_VALUE: ("order.placed", "order.placed", "order.placed", "order.refunded"),
    MeasureKind.ACTIVITY: ("activity",),
    MeasureKind.ATTRIBUTE: ("attribute.set",),
}
_ALWAYS = ("reversal", "reversal", "tier.override", "member.enrolled", "activity", "points.spent", "attribute.set")
_TAKING = ("points.spent", "points.expired", "order.refunded")
_GARBAGE = ("", "soon", "NaN", "1e3", " 7 ", "-100", "0.00001", "2025-02-30", "99999999999999999")
_UNIT_DAYS = {Unit.HOURS: 1 / 24, Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 28, Unit.YEARS: 365}
_CALENDAR_DAYS = {
    CalendarUnit.HOUR: 1 / 24,
    CalendarUnit.DAY: 1,
    CalendarUnit.WEEK: 7,
    CalendarUnit.MONTH: 28,
    CalendarUnit.QUARTER: 90,
    CalendarUnit.HALF: 181,
    CalendarUnit.YEAR: 365,
}
_MOST_PERIODS = 30
"""A history spans at most about so many of its programs' shortest periods."""


@dataclass(frozen=True, slots=True)
class World:
    """Revisions, and what a history under them needs to know: its span, and the instants and amounts that matter."""

    revisions: tuple[Revision, ...]
    calendar: Calendar
    start: Microseconds
    end: Microseconds
    turns: tuple[Microseconds, ...]
    periods: tuple[Period, ...]
    units: tuple[CalendarUnit, ...]
    thresholds: tuple[int, ...]
    types: tuple[str, ...]
    names: tuple[str, ...]
    only_adds: bool = False
    """Whether histories have nothing but events that add to the program's measure, or count for nothing."""

    @property
    def programs(self) -> list[Program]:
        return [revision.program for revision in self.revisions]


def make_world(dice: Dice) -> World:
    """Revisions of a program and their surroundings."""
    if dice.chance(30):
        world = world_of(dice, [make_plain_program(dice)], simply=True)
        only_adds = dice.chance(50)
        sums = tuple(dict.fromkeys(name for name in world.types if name not in (_TAKING if only_adds else ())))
        return replace(world, types=(*sums, sums[0], "member.enrolled"), only_adds=only_adds)
    programs = [make_program(dice)]
    if dice.chance(30):
        for _ in range(dice.integer(1, 3)):
            programs.append(programs[-1] if dice.chance(35) else make_program(dice, like=programs[-1]))
    return world_of(dice, programs)


def world_of(dice: Dice, programs: Sequence[Program], *, simply: bool = False) -> World:
    """The surroundings of `programs`, each in force after the one before from an instant that matters."""
    zone = programs[0].time_zone
    turn = dice.pick(_turns(zone))
    periods = _periods(programs)
    grain = min((_days(each) for program in programs for each in _clockwork(program)), default=28.0)
    span = int(min(max(grain * _MOST_PERIODS, 3), 1_000) * DAY_US)
    start = turn - dice.integer(0, 7) * span // 10
    bare = World(
        (),
        calendar(zone),
        start,
        start + span,
        _turns(zone),
        tuple(period for period in periods if _days(period) * DAY_US <= span) or (Period(1, Unit.DAYS),),
        _units(programs),
        _thresholds(programs),
        _types(programs),
        tuple(
            dict.fromkeys(
                [*(word for program in programs for tier in program.ladder for word in (tier.name, tier.key)), "Nope"]
            )
        ),
    )
    return replace(bare, revisions=(Revision(programs[0]),) if simply else tuple(_revisions(dice, bare, programs)))


def make_history(dice: Dice, world: World, count: int) -> list[Event]:
    """`count` events of one member in order of arrival."""
    times: list[Microseconds] = []
    for _ in range(count):
        times.append(make_instant(dice, world, times))
    times.sort()
    return _in_order_of_arrival(dice, _History(dice, world).tell(times))


def make_instant(dice: Dice, world: World, times: Sequence[Microseconds]) -> Microseconds:
    """An instant in `world` that likely matters, `times` being those of other events."""
    anchor = dice.pick(times) if times and dice.chance(75) else world.start
    at = _move(dice, world, anchor)
    if dice.chance(20):
        at += dice.pick((-1, 1, -1, 1, -HOUR_US, HOUR_US, HOUR_US // 2))
    return at if world.start <= at <= world.end else anchor


def _move(dice: Dice, world: World, anchor: Microseconds) -> Microseconds:
    zone, kind = world.calendar, dice.integer(0, 9)
    if kind in (1, 2, 4):
        anchor = zone.add(anchor, dice.pick(world.periods))
    elif kind == 5:
        anchor = dice.pick(world.turns)
    elif kind in (6, 8, 9):
        anchor = world.start + dice.integer(0, 1000) * (world.end - world.start) // 1000
    elif kind == 7:
        anchor += dice.integer(1, 72) * HOUR_US
    if kind in (3, 4):
        return zone.round_up(anchor + 1, dice.pick(world.units))
    return zone.round_up(anchor, CalendarUnit.DAY) if kind == 6 else anchor


class _History:
    """Tells events in order of time, keeping count of what is left of each."""

    def __init__(self, dice: Dice, world: World) -> None:
        self.dice, self.world = dice, world
        self.total = 0
        self.left: dict[str, tuple[Event, Holding]] = {}

    def tell(self, times: Sequence[Microseconds]) -> list[Event]:
        return [self.event(at, str(number)) for number, at in enumerate(times)]

    def event(self, at: Microseconds, name: str) -> Event:
        dice = self.dice
        plain = "member.enrolled" in self.world.types
        kind = EventType(dice.pick(self.world.types if plain or dice.chance(75) else _ALWAYS))
        if kind is EventType.REVERSAL:
            reversal = self.reversal(at, name)
            if reversal:
                return reversal
            kind = EventType.POINTS_EARNED
        said: dict[str, Any] = {"id": name}
        match kind:
            case EventType.ATTRIBUTE_SET:
                said |= {"attribute": dice.pick(ATTRIBUTES), "value": self.value(at)}
            case EventType.TIER_OVERRIDE:
                said |= self.override(at)
            case EventType.ACTIVITY:
                quantity = dice.pick((None, 20_000, 5_000, 0, self.amount()))
                said |= {"activity": dice.pick(ACTIVITIES), "quantity": quantity}
            case EventType.ORDER_PLACED | EventType.ORDER_REFUNDED:
                said |= {"amount": self.amount(), "currency": dice.pick(("", "", "", "EUR", "USD"))}
                if kind is EventType.ORDER_PLACED:
                    said["points"] = dice.pick((None, self.amount(), said["amount"]))
            case EventType.MEMBER_ENROLLED:
                pass
            case EventType.POINTS_ADJUSTED:
                said["points"] = self.amount() * (1 if self.world.only_adds else dice.pick((1, -1, -1)))
            case _:
                said["points"] = self.amount()
        if dice.chance(4):
            said["qualifying"] = False
        event = Event(MEMBER, kind, at, **said)
        self.left[name] = (event, holding_of(event))
        return event

    def amount(self) -> int:
        """An amount: to a threshold, just short of it, a part of it, or a small one."""
        dice = self.dice
        threshold = dice.pick(self.world.thresholds)
        amount = dice.pick(
            (threshold, threshold - self.total, threshold // 2, threshold - 1, threshold - self.total - 1, 10_000, 3, 0)
        )
        amount = abs(amount)
        self.total = amount if dice.chance(30) else self.total + amount
        return amount

    def value(self, at: Microseconds) -> str:
        """An attribute's value: a number about a threshold, a date, or neither."""
        dice, zone = self.dice, self.world.calendar
        match dice.integer(0, 4):
            case 0:
                return dice.pick(_GARBAGE)
            case 1 | 2:
                units = dice.pick(self.world.thresholds) + dice.pick((0, 0, -1, 1))
                return f"{'-' if units < 0 else ''}{abs(units) // 10_000}.{abs(units) % 10_000:04d}"
            case 3:
                return zone.format(make_instant(dice, self.world, [at]))
            case _:
                return zone.date(make_instant(dice, self.world, [at])).format_iso()

    def override(self, at: Microseconds) -> dict[str, Any]:
        dice = self.dice
        until = make_instant(dice, self.world, [at]) if dice.chance(60) else None
        return {"mode": dice.pick(list(OverrideMode)), "tier": dice.pick(self.world.names), "until": until}

    def reversal(self, at: Microseconds, name: str) -> Event | None:
        """A reversal of something that is left, whole or in part."""
        dice = self.dice
        there = [
            (event, left)
            for event, left in self.left.values()
            if left.whole and event.type.value in _REVERSIBLE and event.occurred_at <= at
        ]
        if not there:
            return None
        event, left = there[-1] if dice.chance(50) else dice.pick(there)
        parts = {part: abs(getattr(left, part)) for part in ("points", "amount", "quantity") if getattr(left, part)}
        said: dict[str, int] = {}
        if parts and dice.chance(50):
            part = dice.pick(list(parts))
            most = parts[part]
            said[part] = max(1, dice.pick((most // 2, most, most - 1, 1, most // 3)))
            if len(parts) > 1 and dice.chance(25):
                other = next(each for each in parts if each != part)
                said[other] = max(1, parts[other] // 2)
        reversal = Event(MEMBER, EventType.REVERSAL, at, name, reverses=event.id, **said)  # type: ignore[arg-type]
        self.left[event.id] = (event, left.less(share_of(event, left, reversal)))
        return reversal


_REVERSIBLE = frozenset(
    {
        "points.earned",
        "points.adjusted",
        "points.spent",
        "points.expired",
        "points.returned",
        "order.placed",
        "order.refunded",
        "activity",
    }
)


def _in_order_of_arrival(dice: Dice, events: list[Event]) -> list[Event]:
    """`events`, sometimes some of them late; those of one instant stay in order, which for them is their order."""
    if not events or not dice.chance(25):
        return events
    places = list(range(len(events)))
    for _ in range(3):
        a, b = dice.integer(0, len(events) - 1), dice.integer(0, len(events) - 1)
        places[a], places[b] = places[b], places[a]
    arrived = [events[place] for place in places]
    queues: dict[int, list[Event]] = {}
    for event in events:
        queues.setdefault(event.occurred_at, []).append(event)
    return [queues[event.occurred_at].pop(0) for event in arrived]


def _revisions(dice: Dice, world: World, programs: Sequence[Program]) -> list[Revision]:
    first = make_instant(dice, world, []) if dice.chance(15) else None
    starts = sorted({make_instant(dice, world, [first] if first else []) for _ in programs[1:]})
    starts = [start for start in starts if first is None or start > first]
    status = dice.pick([*[Status.ACTIVE] * 12, *Status])
    revisions = [Revision(programs[0], first, status)]
    for number, (program, start) in enumerate(zip(programs[1:], starts, strict=False), start=2):
        status = dice.pick([*[Status.ACTIVE] * 7, *Status])
        said = dice.pick([program, program, program, _said_otherwise(revisions[-1].program)])
        revisions.append(Revision(said, start, status, dice.pick(list(Activation)), number))
    return revisions


def _said_otherwise(program: Program) -> Program:
    """The same rules in other words: tiers with an id are renamed, all are painted."""
    tiers = tuple(
        replace(tier, color="#c0ffee", name=f"{tier.name}'" if tier.id else tier.name) for tier in program.tiers
    )
    return replace(program, tiers=tiers, description="as before")


@lru_cache(maxsize=64)
def _turns(zone: str) -> tuple[Microseconds, ...]:
    return tuple(calendar(zone).parse(text) for text in _TURNS[zone])


def _days(each: Period | CalendarUnit) -> float:
    return each.count * _UNIT_DAYS[each.unit] if isinstance(each, Period) else _CALENDAR_DAYS[each]


def _parts(value: Any, kind: type | tuple[type, ...]) -> list[Any]:
    """Every part of a frozen value that is a `kind`."""
    if isinstance(value, kind):
        return [value]
    if isinstance(value, tuple):
        return [part for each in value for part in _parts(each, kind)]
    if is_dataclass(value):
        return [part for each in fields(value) for part in _parts(getattr(value, each.name), kind)]
    return []


def _clockwork(program: Program) -> list[Any]:
    """What brings decisions over and over by time alone: everything but rolling windows, roundings and minimums."""
    windows = [window for _, window in readings_of(program) if not isinstance(window, Rolling)]
    holds = [program.expiration, *(tier.expiration for tier in program.tiers)]
    lengths = [part for hold in holds if hold for part in (hold.period, hold.every)]
    rest = (program.downgrade, *(tier.downgrade for tier in program.tiers))
    lengths += [renewal.extends for renewal in (program.renewal, *(t.renewal for t in program.tiers)) if renewal]
    graces = _parts(rest, Grace)
    named = [window.unit for window in windows if isinstance(window, CalendarWindow)]
    laid = [part for window in windows for part in _parts(window, Period)]
    return [each for each in (*lengths, *(grace.period for grace in graces), *named, *laid) if each is not None]


def _periods(programs: Sequence[Program]) -> tuple[Period, ...]:
    return tuple(dict.fromkeys([*_parts(tuple(programs), Period), *LONGER[:2]]))


def _units(programs: Sequence[Program]) -> tuple[CalendarUnit, ...]:
    said = [unit for unit in _parts(tuple(programs), CalendarUnit) if unit is not CalendarUnit.HOUR]
    return tuple(dict.fromkeys([*said, CalendarUnit.DAY, CalendarUnit.MONTH]))


def _thresholds(programs: Sequence[Program]) -> tuple[int, ...]:
    bounds = [bound for program in programs for tier in program.tiers for bound in (tier.start, tier.below)]
    for program in programs:
        holders = [tier.requires for tier in program.tiers]
        holders += [program.renewal_of(tier).criteria for tier in program.tiers]
        bounds += [bound for each in holders if each for leaf in conditions(each) for bound in (leaf.start, leaf.below)]
    return tuple(dict.fromkeys(ceil_units(bound) for bound in bounds if bound is not None)) or (10_000,)


def _types(programs: Sequence[Program]) -> tuple[str, ...]:
    kinds = [measure.kind for program in programs for measure, _ in readings_of(program)]
    types = [name for kind in dict.fromkeys(kinds) for name in _RELEVANT[kind]]
    holds = [hold for program in programs for hold in _parts(program, Expiration)]
    return (*types, *(["attribute.set"] if any(hold.attribute for hold in holds) else []))


# --- the same for Hypothesis


@st.composite
def worlds(draw: Any) -> World:
    """Worlds, for a history or many."""
    return make_world(DrawnDice(draw))


@st.composite
def histories(draw: Any, world: World, most: int = 10) -> list[Event]:
    """Histories of one member in `world`, empty ones among them."""
    dice = DrawnDice(draw)
    return make_history(dice, world, dice.integer(0, most))


@st.composite
def evaluations(draw: Any, most: int = 10) -> tuple[tuple[Revision, ...], list[Event], Microseconds]:
    """Revisions, a history under them, and an instant to ask about."""
    dice = DrawnDice(draw)
    world = make_world(dice)
    events = make_history(dice, world, dice.integer(0, most))
    return world.revisions, events, make_as_of(dice, world, events)


def make_as_of(dice: Dice, world: World, events: Sequence[Event]) -> Microseconds:
    """An instant to ask about: mostly the end of the world."""
    if dice.chance(50):
        return world.end
    return make_instant(dice, world, [event.occurred_at for event in events])
