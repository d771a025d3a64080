"""The kernel's calendar tables say what the calendar says, to the microsecond."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from whenever import Date

from ziggurat.engine import layout
from ziggurat.engine.kernel import time_kernel
from ziggurat.engine.kernel.slots_kernel import period_at
from ziggurat.engine.plan import compile_plan
from ziggurat.engine.reference.spans import span
from ziggurat.program.calendar import Calendar, CalendarUnit, Period, Unit, calendar
from ziggurat.program.model import (
    Anniversary,
    CycleWindow,
    Measure,
    MeasureKind,
    Program,
    Qualification,
    Revision,
    Rolling,
    Tier,
    Window,
)

ZONES = (
    "UTC",
    "Europe/Paris",
    "America/Juneau",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Africa/Monrovia",
    "Asia/Beirut",
    "Antarctica/Troll",
)
PERIODS = (
    Period(12, Unit.MONTHS),
    Period(1, Unit.MONTHS),
    Period(1, Unit.DAYS),
    Period(2, Unit.WEEKS),
    Period(1, Unit.YEARS),
    Period(36, Unit.HOURS),
    Period(100, Unit.YEARS),
)
FIRST, LAST = 0, 230 * 365 * layout.DAY_US


def instants(zone: Calendar) -> st.SearchStrategy[int]:
    """Any instant, and those around local midnights, month ends and clock changes."""
    anywhere = st.integers(FIRST, LAST)
    dates = st.builds(
        lambda year, month, day, off: max(
            zone.instant(Date(year, month, 1).add(days=day - 1)) + off,
            FIRST,
        ),
        st.integers(1971, 2199),
        st.integers(1, 12),
        st.sampled_from([1, 2, 14, 28, 29, 30, 31]),
        st.sampled_from([-1, 0, 1]) | st.integers(-2 * 3_600_000_000, 4 * 3_600_000_000),
    )
    changes = st.builds(lambda at, off: max(change_after(zone, at) + off, FIRST), anywhere, st.integers(-2, 2))
    near = st.builds(lambda at, off: max(change_after(zone, at) + off, FIRST), anywhere, st.integers(-(10**10), 10**10))
    return anywhere | dates | changes | near


def change_after(zone: Calendar, at: int) -> int:
    following = zone.local(at).next_transition()
    return at if following is None else min(following.timestamp(unit="microsecond"), LAST)


def plan_with(zone: str, window: Window) -> tuple[object, int, int]:
    program = Program("Any", Qualification(Measure(MeasureKind.POINTS_EARNED), window), (Tier("One"),), time_zone=zone)
    memory = compile_plan([Revision(program)]).memory
    row = memory[layout.H_PROGRAM]
    return memory, int(memory[row + layout.P_ZONE]), int(memory[row + layout.P_SLOT])


PLANS = {(zone, period): plan_with(zone, Rolling(period)) for zone in ZONES for period in PERIODS}


@pytest.mark.parametrize("zone", ZONES)
@given(data=st.data())
def test_a_period_leads_from_any_instant_to_the_same_one(zone: str, data: st.DataObject) -> None:
    local = calendar(zone)
    at = data.draw(instants(local))
    for period in PERIODS:
        memory, row, slot = PLANS[zone, period]
        added = time_kernel.add(memory, row, memory[slot + layout.S_PERIOD], at)  # type: ignore[index]
        assert added == local.add(at, period), (period, local.format(at))


@pytest.mark.parametrize("zone", ZONES)
@given(data=st.data())
def test_any_instant_lies_in_the_same_stretch_of_every_unit(zone: str, data: st.DataObject) -> None:
    local = calendar(zone)
    at = data.draw(instants(local))
    memory, row, _ = PLANS[zone, PERIODS[0]]
    for code, unit in enumerate(CalendarUnit):
        assert tuple(time_kernel.enclosing(memory, row, code, at)) == local.enclosing(at, unit), local.format(at)
        assert time_kernel.round_up(memory, row, code, at) == local.round_up(at, unit)


WINDOWS: tuple[Callable[[Period], Window], ...] = (
    lambda period: CycleWindow(period, Date(2024, 1, 31)),
    lambda period: CycleWindow(period, Date(1955, 3, 8)),
    lambda period: CycleWindow(period, Date(2150, 2, 28)),
    Anniversary,
    lambda period: Anniversary(period, CalendarUnit.MONTH),
    lambda period: Anniversary(period, CalendarUnit.WEEK),
)
LAID = {
    (zone, number, period): (window(period), *plan_with(zone, window(period)))
    for zone in ("Europe/Paris", "Pacific/Apia", "America/St_Johns")
    for number, window in enumerate(WINDOWS)
    for period in PERIODS[:5]
}


@pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Apia", "America/St_Johns"])
@given(data=st.data())
def test_any_instant_lies_in_the_same_cycle(zone: str, data: st.DataObject) -> None:
    local = calendar(zone)
    enrolled = data.draw(instants(local))
    at = min(enrolled + data.draw(st.integers(0, 3 * 366 * layout.DAY_US)), LAST)
    for (of, _, _), (window, memory, row, slot) in LAID.items():
        if of == zone and at >= enrolled:
            assert tuple(period_at(memory, row, slot, enrolled, at)) == span(window, at, enrolled, local), window


@given(at=st.integers(FIRST, LAST))
@example(at=0)
def test_the_shortest_and_the_longest_of_a_period_hold(at: int) -> None:
    for (zone, period), (memory, _, slot) in PLANS.items():
        row = memory[slot + layout.S_PERIOD]  # type: ignore[index]
        lasting = calendar(zone).add(at, period) - at
        assert memory[row + layout.Q_SHORTEST] <= lasting <= memory[row + layout.Q_LONGEST]  # type: ignore[index]
