"""How an event that crosses a threshold divides between the tiers."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ziggurat.engine.award import Share, award_shares
from ziggurat.engine.reference import evaluate
from ziggurat.engine.timeline import Cause
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import Event, EventType
from ziggurat.program.model import (
    Award,
    Condition,
    Lifetime,
    Measure,
    MeasureKind,
    Program,
    Qualification,
    Revision,
    Tier,
)

SPEND = Measure(MeasureKind.SPEND)
TIERS = (
    Tier("Silver", start=Decimal(15_000)),
    Tier("Gold", start=Decimal("15500.5")),
    Tier("Ruby", start=Decimal(90_000)),
)
PROGRAM = Program("P", Qualification(SPEND), TIERS, Tier("Member"), award=Award.SPLIT)
VISIT = Condition(Measure(MeasureKind.ACTIVITY, "visit"), Lifetime(), Decimal(1))


def units(number: float) -> int:
    return round(number * SCALE)


def order(amount: float, points: float | None = None) -> Event:
    return Event("m", EventType.ORDER_PLACED, 0, amount=units(amount), points=None if points is None else units(points))


def test_a_bill_that_crosses_a_threshold_is_split_at_it() -> None:
    """At 14,000 of 15,000 spend, bill 2,000: 1,000 at the old and 1,000 at the new tier."""
    program = replace(PROGRAM, tiers=TIERS[:1])
    assert award_shares(program, order(2_000), 0, 1, units(16_000)) == (
        Share(0, None, units(1_000)),
        Share(1, None, units(1_000)),
    )


def test_a_bill_over_two_thresholds_is_split_at_both() -> None:
    assert award_shares(PROGRAM, order(2_000), 0, 2, units(16_000)) == (
        Share(0, None, units(1_000)),
        Share(1, None, units(500.5)),
        Share(2, None, units(499.5)),
    )


@pytest.mark.parametrize(("award", "tier"), [(Award.BEFORE, 0), (Award.AFTER, 2)])
def test_award_first_gives_all_to_the_old_tier_and_upgrade_first_to_the_new(award: Award, tier: int) -> None:
    program = replace(PROGRAM, award=award)
    bill = order(2_000, 20)
    assert award_shares(program, bill, 0, 2, units(16_000)) == (Share(tier, units(20), units(2_000)),)


def test_points_beside_the_amount_follow_in_proportion_and_lose_nothing() -> None:
    shares = award_shares(PROGRAM, order(3_000, 0.0001), 0, 1, units(17_000))
    assert shares == (Share(0, 0, units(1_000)), Share(1, 1, units(2_000)))


def test_an_event_that_moves_nobody_up_belongs_to_the_tier_after_it() -> None:
    assert award_shares(PROGRAM, order(10), 1, 1, units(15_010)) == (Share(1, None, units(10)),)
    assert award_shares(PROGRAM, order(10), 1, 0, units(10)) == (Share(0, None, units(10)),)


def test_a_tier_reached_by_something_else_gets_nothing_of_the_event() -> None:
    by_visit = replace(PROGRAM, tiers=(Tier("Guest", requires=VISIT), *TIERS[:1]))
    assert award_shares(by_visit, order(100), 0, 1, units(100)) == (Share(0, None, units(100)),)


def test_a_threshold_passed_before_leaves_all_to_the_new_tier() -> None:
    both = replace(PROGRAM, tiers=(Tier("Silver", start=Decimal(15_000), requires=VISIT),))
    assert award_shares(both, order(100), 0, 1, units(20_000)) == (Share(1, None, units(100)),)


def test_a_member_who_joins_above_the_base_tier_had_the_base_tier_before() -> None:
    assert award_shares(PROGRAM, order(16_000), -1, 2, units(16_000)) == (
        Share(0, None, units(15_000)),
        Share(1, None, units(500.5)),
        Share(2, None, units(499.5)),
    )


@given(
    st.lists(st.tuples(st.integers(0, 9_000_000), st.none() | st.integers(0, 10**9)), min_size=1, max_size=8),
    st.lists(st.integers(1, 20_000_000), min_size=1, max_size=4, unique=True),
    st.sampled_from(Award),
)
def test_shares_add_up_to_the_event_and_replay_to_the_same_tiers(
    bills: list[tuple[int, int | None]], starts: list[int], award: Award
) -> None:
    """Spending each share on its own, in order, reaches each tier exactly where the split says."""
    tiers = tuple(Tier(f"T{i}", start=Decimal(start) / SCALE) for i, start in enumerate(sorted(starts)))
    program = replace(PROGRAM, tiers=tiers, award=award)
    events = [
        Event("m", EventType.ORDER_PLACED, i, amount=amount, points=points) for i, (amount, points) in enumerate(bills)
    ]
    names = ["", "Member", *(tier.name for tier in tiers)]
    for move in evaluate([Revision(program)], events, len(events)).transitions:
        assert move.cause is Cause.EVENT
        assert move.event is not None
        event = events[move.event]
        before, after = names.index(move.from_tier) - 1, names.index(move.to_tier) - 1
        shares = award_shares(program, event, before, after, move.value)
        assert sum(share.amount or 0 for share in shares) == (event.amount or 0)
        assert sum(share.points or 0 for share in shares) == (event.points or 0)
        assert [share.tier for share in shares] == sorted({share.tier for share in shares})
        if award is Award.SPLIT and event.amount:
            spent = move.value - event.amount
            for share in shares:
                assert share.tier <= 0 or spent >= starts_of(tiers, share.tier)
                spent += share.amount or 0


def starts_of(tiers: tuple[Tier, ...], tier: int) -> int:
    start = tiers[tier - 1].start
    assert start is not None
    return int(start * SCALE)
