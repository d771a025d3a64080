"""However events arrive and whatever columns hold them, the kernel reads of each member what the reference reads."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies.programs import programs
from ziggurat.bulk.arrange import arrange
from ziggurat.bulk.event_table import constant_type, from_events
from ziggurat.bulk.replay import Engine, replay
from ziggurat.engine.evaluate import compile_plan
from ziggurat.program.calendar import Period, Unit
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import (
    Expiration,
    ExpirationType,
    Measure,
    MeasureKind,
    Program,
    Qualification,
    Revision,
    Rolling,
    Tier,
)

DAY_US = 86_400_000_000
START = 19_700 * DAY_US
AS_OF = START + 300 * DAY_US
NAMES = ("ann", "bo", "cy")
REVERSIBLE = (EventType.ORDER_PLACED, EventType.POINTS_EARNED, EventType.POINTS_SPENT, EventType.ACTIVITY)
OTHERS = (EventType.POINTS_ADJUSTED, EventType.ORDER_REFUNDED, EventType.ATTRIBUTE_SET, EventType.TIER_OVERRIDE)


def a_log(random: Random, program: Program, *, plain: bool) -> list[Event]:
    """Events of a few members as they may arrive: late, ties, reversals, overrides, attributes; `plain`: orders."""
    log: list[Event] = []
    for number in range(random.randrange(60)):
        member = random.choice(NAMES)
        kind = EventType.ORDER_PLACED if plain else random.choice([*REVERSIBLE, *REVERSIBLE, *OTHERS])
        event = Event(member, kind, START + random.randrange(200) * DAY_US // 2, id=str(number))
        amount = random.choice([1, 10_000, 3_000_000, 20_000_000])
        match kind:
            case EventType.ORDER_PLACED | EventType.ORDER_REFUNDED:
                event = replace(event, amount=amount, points=amount, currency=random.choice(["", "EUR", "USD"]))
            case EventType.ACTIVITY:
                event = replace(event, activity=random.choice(["visit", "review", "other"]))
            case EventType.ATTRIBUTE_SET:
                event = replace(event, attribute=random.choice(["score", "until"]), value=random.choice(["", "7", "x"]))
            case EventType.TIER_OVERRIDE:
                until = random.choice([None, AS_OF, event.occurred_at + 30 * DAY_US])
                tier = random.choice(program.ladder).name
                event = replace(event, tier=tier, mode=random.choice(list(OverrideMode)), until=until)
            case _:
                event = replace(event, points=amount, qualifying=random.random() < 0.8)
        log.append(event)
        if kind in REVERSIBLE and not plain and random.random() < 0.3:
            at = event.occurred_at + random.randrange(1, 40) * DAY_US
            log.append(Event(member, EventType.REVERSAL, at, id=f"r{number}", reverses=event.id))
    return log


def assert_engines_agree(program: Program, log: list[Event]) -> None:
    revisions = [Revision(program)]
    by_kernel = replay(revisions, from_events(log), AS_OF, Engine.LOCAL)
    by_reference = replay(revisions, from_events(log), AS_OF, Engine.REFERENCE)
    assert by_kernel.transitions.equals(by_reference.transitions)
    assert by_kernel.tiers.equals(by_reference.tiers)


@settings(max_examples=60, deadline=None)
@given(program=programs(), seed=st.integers(0, 2**32), plain=st.booleans())
def test_any_log_of_events_gives_the_same_tables_by_both_engines(program: Program, seed: int, plain: bool) -> None:
    assert_engines_agree(program, a_log(Random(seed), program, plain=plain))


YEAR = Period(12, Unit.MONTHS)
COMMON = Program(
    "Common",
    Qualification(Measure(MeasureKind.SPEND), Rolling(Period(1, Unit.MONTHS))),
    (Tier("Silver", start=300), Tier("Gold", start=2_500)),  # type: ignore[arg-type]
    Tier("Member"),
    "Europe/Paris",
    expiration=Expiration(ExpirationType.FIXED_DURATION, Period(2, Unit.MONTHS)),
)


@pytest.mark.parametrize("seed", range(30))
def test_a_common_program_gives_the_same_tables_by_both_engines(seed: int) -> None:
    assert_engines_agree(COMMON, a_log(Random(seed), COMMON, plain=seed % 3 > 0))


def test_rows_that_already_stand_in_order_are_not_copied() -> None:
    log = [Event(name, EventType.ORDER_PLACED, START + k, amount=k) for name in NAMES for k in range(5)]
    table = replace(from_events(log), type=constant_type(EventType.ORDER_PLACED, len(log)))
    histories = arrange(table, compile_plan([Revision(COMMON)]))
    assert histories.occurred_at is table.occurred_at
    assert histories.amount is table.amount
    assert histories.offsets.tolist() == [0, 5, 10, 15]


def test_many_late_events_of_one_member_come_into_order_ties_by_arrival() -> None:
    random = Random(1)
    times = [random.randrange(100) for _ in range(500)]
    table = from_events([Event("ann", EventType.ORDER_PLACED, START + t, amount=k) for k, t in enumerate(times)])
    histories = arrange(table, compile_plan([Revision(COMMON)]))
    expected = sorted((START + t, k) for k, t in enumerate(times))
    assert histories.amount is not None
    assert list(zip(histories.occurred_at.tolist(), histories.amount.tolist(), strict=True)) == expected
