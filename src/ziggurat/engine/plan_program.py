"""Compiles one program after another into a plan's flat array."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
from whenever import Date

from ziggurat import limits
from ziggurat.engine import layout as at
from ziggurat.engine.day_tables import Int64s, days_after, zone_tables
from ziggurat.engine.plan_memory import PlanMemory
from ziggurat.engine.requirements import readings_of
from ziggurat.program.amounts import SCALE, ceil_units
from ziggurat.program.calendar import NEVER, Calendar, CalendarUnit, Period, Unit, add_to_date, calendar
from ziggurat.program.model import (
    Anniversary,
    Applies,
    AtLeast,
    CalendarWindow,
    Condition,
    CycleWindow,
    Downgrade,
    Expiration,
    ExpirationType,
    Expression,
    Lifetime,
    Measure,
    MeasureKind,
    Not,
    Program,
    Renewal,
    RenewalType,
    Requirement,
    Rolling,
    Tier,
    Window,
)

_ANY_STEPS = 1_000_000
_EPOCH = 719_163
_ZONE_MOVES_US = 2 * at.DAY_US
"""More than clocks of one zone were ever set on or back."""


class ProgramCompiler:
    """Writes programs into `memory`, over one vocabulary for all of them."""

    def __init__(self, memory: PlanMemory, programs: Sequence[Program]) -> None:
        self.memory = memory
        tiers = [tier for program in programs for tier in program.ladder]
        self.names = list(dict.fromkeys(tier.name for tier in tiers))
        self.keys = list(dict.fromkeys(tier.key for tier in tiers))
        self.words = list(dict.fromkeys(word for tier in tiers for word in (tier.name, tier.key)))
        self.currencies = list(dict.fromkeys(program.currency for program in programs if program.currency))
        self.zones = list(dict.fromkeys(program.time_zone for program in programs))
        self.activities, self.attributes = _vocabulary(programs)
        self.operations_max = 1
        self._zone_rows: dict[str, int] = {}
        self._periods: dict[Period, int] = {}
        self._slots: dict[tuple[Measure, Window], int] = {}

    def compile(self, program: Program, before: Program | None) -> int:
        """The position of the row of `program`, which follows on `before`."""
        memory, ladder = self.memory, program.ladder
        qualification = program.qualification
        zone = calendar(program.time_zone)
        readings = readings_of(program)
        self._slots = {reading: number for number, reading in enumerate(readings)}
        row = memory.reserve(at.P_SIZE)
        memory[row + at.P_TIERS] = len(ladder)
        memory[row + at.P_SLOTS] = len(readings)
        memory[row + at.P_LOWEST] = 0 if program.base_tier else -1
        memory[row + at.P_NEXT_PERIOD] = int(qualification.applies is Applies.NEXT_PERIOD)
        memory[row + at.P_MAX_STEPS] = qualification.max_steps or _ANY_STEPS
        memory[row + at.P_ZONE] = self._zone(program.time_zone)
        memory[row + at.P_ZONE_NUMBER] = self.zones.index(program.time_zone)
        memory[row + at.P_CURRENCY] = self.currencies.index(program.currency) + 1 if program.currency else 0
        memory[row + at.P_WORDS] = memory.put(
            next((i for i, tier in enumerate(ladder) if word in (tier.name, tier.key)), -1) for word in self.words
        )
        memory[row + at.P_KEYS] = memory.put(_place(program, key) for key in self.keys)
        moves = [_moved(before or program, program, index) for index in range(-1, len((before or program).ladder))]
        memory[row + at.P_MOVED] = memory.put(place for place, _ in moves)
        memory[row + at.P_STAYED] = memory.put(int(stays) for _, stays in moves)
        slots = memory.reserve(len(readings) * at.S_SIZE)
        memory[row + at.P_SLOT] = slots
        for number, (measure, window) in enumerate(readings):
            self._slot(slots + number * at.S_SIZE, measure, window, zone)
        tiers = memory.reserve(len(ladder) * at.T_SIZE)
        memory[row + at.P_TIER] = tiers
        for number, tier in enumerate(ladder):
            self._tier(tiers + number * at.T_SIZE, tier, program, zone)
        return row

    def _zone(self, name: str) -> int:
        if name not in self._zone_rows:
            memory, tables = self.memory, zone_tables(name)
            row = memory.reserve(at.Z_SIZE)
            memory[row + at.Z_BY_DAY] = memory.put_table(tables.by_day)
            memory[row + at.Z_BY_WALL_DAY] = memory.put_table(tables.by_wall_day)
            memory[row + at.Z_STRETCHES] = len(tables.start)
            memory[row + at.Z_START] = memory.put_table(tables.start)
            memory[row + at.Z_OFFSET] = memory.put_table(tables.offset)
            memory[row + at.Z_WALL_START] = memory.put_table(tables.wall_start)
            memory[row + at.Z_WALL_END] = memory.put_table(tables.wall_end)
            self._zone_rows[name] = row
        return self._zone_rows[name]

    def _period(self, period: Period | None) -> int:
        if period is None:
            return 0
        if period not in self._periods:
            memory, row = self.memory, self.memory.reserve(at.Q_SIZE)
            if period.unit is Unit.HOURS:
                unit, count = at.Q_HOURS, period.count
            elif period.unit in (Unit.DAYS, Unit.WEEKS):
                unit, count = at.Q_DAYS, period.count * (7 if period.unit is Unit.WEEKS else 1)
            else:
                unit, count = at.Q_MONTHS, period.count * (12 if period.unit is Unit.YEARS else 1)
            memory[row + at.Q_UNIT], memory[row + at.Q_COUNT] = unit, count
            if unit == at.Q_HOURS:
                memory[row + at.Q_SHORTEST], memory[row + at.Q_LONGEST] = count * at.HOUR_US, count * at.HOUR_US
            else:
                table = days_after(period)
                lasting = (table - np.arange(at.FIRST_DAY, at.FIRST_DAY + at.DAYS))[table < at.END_DAY] * at.DAY_US
                memory[row + at.Q_TABLE] = memory.put_table(table)
                memory[row + at.Q_SHORTEST] = int(lasting.min()) - _ZONE_MOVES_US
                memory[row + at.Q_LONGEST] = int(lasting.max()) + _ZONE_MOVES_US
            self._periods[period] = row
        return self._periods[period]

    def _slot(self, row: int, measure: Measure, window: Window, zone: Calendar) -> None:
        memory = self.memory
        memory[row + at.S_MEASURE] = at.MEASURES.index(measure.kind)
        memory[row + at.S_NAME] = self._name_code(measure)
        memory[row + at.S_UNIT] = -1
        match window:
            case Lifetime():
                memory[row + at.S_WINDOW] = at.W_LIFETIME
            case Rolling(period):
                memory[row + at.S_WINDOW] = at.W_ROLLING
                memory[row + at.S_PERIOD] = self._period(period)
            case CalendarWindow(unit):
                memory[row + at.S_WINDOW] = at.W_CALENDAR
                memory[row + at.S_UNIT] = at.UNITS.index(unit)
            case CycleWindow():
                boundaries = _cycle_boundaries(window, zone)
                memory[row + at.S_WINDOW] = at.W_CYCLE
                memory[row + at.S_TABLE] = memory.put_table(boundaries)
                memory[row + at.S_COUNT] = len(boundaries)
            case Anniversary(period, round_up):
                memory[row + at.S_WINDOW] = at.W_ANNIVERSARY
                memory[row + at.S_PERIOD] = self._period(period)
                memory[row + at.S_UNIT] = _unit(round_up)
            case _:
                memory[row + at.S_WINDOW] = at.W_ENTRY

    def _name_code(self, measure: Measure) -> int:
        if measure.kind is MeasureKind.ACTIVITY:
            return self.activities.index(measure.name)
        return self.attributes.index(measure.name) if measure.kind is MeasureKind.ATTRIBUTE else -1

    # --- tiers

    def _tier(self, row: int, tier: Tier, program: Program, zone: Calendar) -> None:
        memory = self.memory
        memory[row + at.T_NAME] = self.names.index(tier.name)
        memory[row + at.T_KEY] = self.keys.index(tier.key)
        average = program.qualification.measure.kind is MeasureKind.AVERAGE_ORDER_VALUE
        self._bounds(row + at.T_LOW_SET, tier.start, tier.below, average=average)
        memory[row + at.T_CODE], memory[row + at.T_CODE_COUNT] = self._code(tier.requires)
        self._hold(row, program.expiration_of(tier), zone)
        self._keep(row, program.renewal_of(tier))
        self._fall(row, program.downgrade_of(tier))

    def _hold(self, row: int, rule: Expiration, zone: Calendar) -> None:
        memory = self.memory
        kind = rule.type
        period = rule.period
        if kind is ExpirationType.ANNIVERSARY and period is None:
            period = Period(1, Unit.YEARS)
        memory[row + at.T_HOLD] = at.HOLDS.index(kind)
        memory[row + at.T_HOLD_PERIOD] = self._period(period)
        memory[row + at.T_HOLD_EVERY] = _unit(rule.every)
        memory[row + at.T_HOLD_OCCURRENCE] = rule.occurrence
        memory[row + at.T_HOLD_MINIMUM] = self._period(rule.minimum)
        memory[row + at.T_HOLD_ROUND] = _unit(rule.round_up)
        memory[row + at.T_HOLD_CHECK] = at.CHECKS.index(rule.check)
        memory[row + at.T_HOLD_ATTRIBUTE] = -1
        if kind is ExpirationType.ATTRIBUTE:
            memory[row + at.T_HOLD_ATTRIBUTE] = self.attributes.index(rule.attribute)
        if kind is ExpirationType.CALENDAR and not rule.every:
            ends = _date_ends(rule, zone)
            memory[row + at.T_HOLD_TABLE] = memory.put_table(ends)
            memory[row + at.T_HOLD_COUNT] = len(ends)
        if kind is ExpirationType.SLIDING:
            memory[row + at.T_HOLD_EARNING] = int("earning" in rule.activities)
            memory[row + at.T_HOLD_SPENDING] = int("spending" in rule.activities)
            codes = [self.activities.index(name) for name in rule.activities]
            memory[row + at.T_HOLD_ACTIVITIES] = memory.put(codes)
            memory[row + at.T_HOLD_ACTIVITY_COUNT] = len(codes)

    def _keep(self, row: int, rule: Renewal) -> None:
        memory = self.memory
        requalify = rule.type is RenewalType.REQUALIFY
        keep = at.K_REQUALIFY if requalify else at.K_ALWAYS if rule.criteria is None else at.K_CRITERIA
        merit = at.M_LIFTED if rule.criteria is None else at.M_CRITERIA
        memory[row + at.T_KEEP] = keep
        memory[row + at.T_KEEP_MERIT] = at.M_NONE if rule.type is RenewalType.ALWAYS else merit
        memory[row + at.T_KEEP_CODE], memory[row + at.T_KEEP_CODE_COUNT] = self._code(rule.criteria)
        memory[row + at.T_KEEP_EXTENDS] = self._period(rule.extends)

    def _fall(self, row: int, rule: Downgrade) -> None:
        memory = self.memory
        memory[row + at.T_FALL] = at.FALLS.index(rule.type)
        memory[row + at.T_GRACE] = self._period(rule.grace.period) if rule.grace else 0
        memory[row + at.T_GRACE_ROUND] = _unit(rule.grace.rounding) if rule.grace else -1
        memory[row + at.T_ON_REVERSAL] = at.ON_REVERSALS.index(rule.on_reversal)

    # --- requirements

    def _bounds(self, row: int, start: Decimal | None, below: Decimal | None, *, average: bool) -> None:
        for column, bound in ((0, start), (3, below)):
            if bound is not None:
                self.memory[row + column] = 1
                whole, part = _split(bound) if average else (ceil_units(bound), 0)
                self.memory[row + column + 1], self.memory[row + column + 2] = whole, part

    def _code(self, requirement: Requirement | None) -> tuple[int, int]:
        if requirement is None:
            return 0, 0
        operations: list[Requirement] = []
        _postfix(requirement, operations)
        position = self.memory.reserve(len(operations) * at.O_SIZE)
        for number, operation in enumerate(operations):
            self._operation(position + number * at.O_SIZE, operation)
        self.operations_max = max(self.operations_max, len(operations))
        return position, len(operations)

    def _operation(self, row: int, operation: Requirement) -> None:
        memory = self.memory
        match operation:
            case Condition(measure, window, start, below):
                memory[row + at.O_KIND] = at.OP_CONDITION
                memory[row + at.O_FIRST] = self._slots[(measure, window)]
                average = measure.kind is MeasureKind.AVERAGE_ORDER_VALUE
                self._bounds(row + at.O_LOW_SET, start, below, average=average)
            case AtLeast(count, of):
                memory[row + at.O_KIND] = at.OP_AT_LEAST
                memory[row + at.O_FIRST], memory[row + at.O_SECOND] = count, len(of)
            case _:
                memory[row + at.O_KIND] = at.OP_NOT


def _vocabulary(programs: Sequence[Program]) -> tuple[list[str], list[str]]:
    activities: dict[str, None] = {}
    attributes: dict[str, None] = {}
    for program in programs:
        for measure, _ in readings_of(program):
            if measure.kind is MeasureKind.ACTIVITY:
                activities[measure.name] = None
            elif measure.kind is MeasureKind.ATTRIBUTE:
                attributes[measure.name] = None
        for rule in map(program.expiration_of, program.ladder):
            activities.update(dict.fromkeys(rule.activities))
            if rule.type is ExpirationType.ATTRIBUTE:
                attributes[rule.attribute] = None
    return list(activities), list(attributes)


def _unit(unit: CalendarUnit | None) -> int:
    return -1 if unit is None else at.UNITS.index(unit)


def _split(bound: Decimal) -> tuple[int, int]:
    """A bound in ten-thousandths: whole ones, and parts of one (`layout.FRACTION` of them)."""
    exact = Fraction(bound) * SCALE
    whole = exact.numerator // exact.denominator
    return whole, int((exact - whole) * at.FRACTION)


def _place(program: Program, key: str) -> int:
    return next((i for i, tier in enumerate(program.ladder) if tier.key == key), -1)


def _moved(before: Program, now: Program, index: int) -> tuple[int, bool]:
    """Where tier `index` of `before` is on the ladder of `now`, and whether it is the same tier."""
    for place in range(index, -1, -1):
        there = _place(now, before.ladder[place].key)
        if there >= 0:
            return there, place == index
    lowest = 0 if now.base_tier else -1
    return lowest, index < 0 and lowest < 0


def _postfix(requirement: Requirement, operations: list[Requirement]) -> None:
    match requirement:
        case AtLeast(of=of):
            for each in of:
                _postfix(each, operations)
        case Not(of):
            _postfix(of, operations)
        case Expression(tree=tree):
            _postfix(tree, operations)
            return
    operations.append(requirement)


def _date_ends(rule: Expiration, zone: Calendar) -> Int64s:
    """Every end, rounded up, of a hold with dates, sorted."""
    ends = {zone.instant(day.in_year(year).add(days=1)) for year in range(1968, 2400) for day in rule.dates}
    rounding = rule.round_up
    return np.array(sorted({zone.round_up(end, rounding) for end in ends} if rounding else ends), np.int64)


def _cycle_boundaries(window: CycleWindow, zone: Calendar) -> Int64s:
    """Every boundary of the cycles from the last one before 1970 on, sorted; NEVER closes the list."""
    anchor, period = window.anchor, window.period
    day, step = (_day(anchor), period.count * (7 if period.unit is Unit.WEEKS else 1))
    if period.unit in (Unit.MONTHS, Unit.YEARS):
        day, step = (anchor.year - 1970) * 12 + anchor.month, period.count * (12 if period.unit is Unit.YEARS else 1)
    n = -(day // step) - 3
    boundaries = [zone.instant(add_to_date(anchor, period.times(n)))]
    while boundaries[-1] != NEVER:
        n += 1
        boundaries.append(_start_of(add_to_date(anchor, period.times(n)), zone))
    table = np.array(sorted(set(boundaries)), np.int64)
    return table[max(int(np.searchsorted(table, 0, "right")) - 2, 0) :]


def _day(date: Date) -> int:
    return date.to_stdlib().toordinal() - _EPOCH


def _start_of(date: Date, zone: Calendar) -> int:
    """`zone.instant(date)`, from the tables where they know."""
    day = _day(date)
    if date.year >= limits.CALENDAR_YEAR_MAX:
        return NEVER
    if day >= at.FIRST_DAY:
        offset = int(zone_tables(zone.zone).by_wall_day[day - at.FIRST_DAY])
        if offset != at.IRREGULAR:
            return day * at.DAY_US - offset
    return zone.instant(date)
