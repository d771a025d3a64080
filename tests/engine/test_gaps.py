"""What is short of a tier, and of keeping one, is what the rules will read."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given

from tests.strategies.histories import evaluations
from ziggurat.engine.explain import NothingHappenedError, explain
from ziggurat.engine.gaps import Gaps, Keeping, gaps, lifetime_value
from ziggurat.engine.outlook import DOWN, GRACE
from ziggurat.program.calendar import calendar
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import Measure, MeasureKind, Program, Renewal, RenewalType, Revision, Status
from ziggurat.program.read import load_program_text
from ziggurat.program.reversals import UnacceptableReversalError

UTC = calendar("UTC")
CLUB = """
name: Club
qualification: {measure: points_lifetime}
expiration: {type: fixed_duration, period: {months: 12}, check: month_end}
renewal: {type: criteria, criteria: {any: 1, of: [
  {measure: spend, window: {rolling: {months: 12}}, from: 500}, {measure: orders, window: {rolling: {months: 12}}, from: 3}]}}
downgrade: to_base
base_tier: Blue
tiers:
  - {name: Silver, from: 500}
  - {name: Gold, from: 2000, requires: {measure: orders, from: 2}}
"""  # noqa: E501


def program(text: str = CLUB, **changes: object) -> Program:
    return replace(load_program_text(text), **changes)  # type: ignore[arg-type]


def at(text: str) -> int:
    return UTC.parse(text)


def points(when: str, units: int) -> Event:
    return Event("ann", EventType.POINTS_EARNED, at(when), id=f"p{when}{units}", points=units * 10_000)


def order(when: str, units: int) -> Event:
    return Event("ann", EventType.ORDER_PLACED, at(when), id=f"o{when}{units}", amount=units * 10_000)


def found(events: list[Event], when: str, told: Program | None = None) -> Gaps:
    lacking = gaps([Revision(told or program())], events, at(when))
    assert lacking is not None
    return lacking


def kept(lacking: Gaps) -> Keeping:
    assert lacking.keeping is not None
    return lacking.keeping


def test_every_condition_of_the_next_tier_is_told_with_its_value() -> None:
    lacking = found([points("2025-01-10", 700), order("2025-02-01", 120)], "2025-03-01")

    assert (lacking.tier, lacking.next_tier) == ("Silver", "Gold")
    assert [(str(each.measure), each.start, each.value, each.missing) for each in lacking.climbing] == [
        ("points_lifetime", Decimal(2000), 7_000_000, 13_000_000),
        ("orders", Decimal(2), 10_000, 10_000),
    ]


def test_what_keeps_a_tier_is_read_at_the_coming_check() -> None:
    """What was bought before the hold began will have left by then, and does not count towards keeping."""
    events = [order("2025-01-05", 400), points("2025-01-10", 700), order("2025-06-01", 120)]

    keeping = kept(found(events, "2025-07-01"))

    assert keeping.at == at("2026-02-01")  # ten days into January, and then the end of that month
    assert not keeping.is_sure
    assert [(str(each.measure), each.value, each.missing) for each in keeping.wanted] == [
        ("spend", 1_200_000, 3_800_000),
        ("orders", 10_000, 20_000),
    ]
    assert kept(found([*events, order("2025-06-02", 380)], "2025-07-01")).is_sure


def test_in_the_base_tier_there_is_nothing_to_keep_and_at_the_top_nothing_to_reach() -> None:
    assert found([points("2025-01-10", 100)], "2025-03-01").keeping is None
    top = found([points("2025-01-10", 3000), order("2025-01-11", 1), order("2025-01-12", 1)], "2025-03-01")
    assert (top.next_tier, top.climbing) == ("", ())


def test_a_tier_that_always_renews_is_sure_and_asks_for_nothing() -> None:
    told = program(renewal=Renewal(RenewalType.ALWAYS))

    keeping = kept(found([points("2025-01-10", 700)], "2025-03-01", told))

    assert (keeping.is_sure, keeping.wanted) == (True, ())


def test_a_person_s_decision_is_kept_beyond_its_end_by_what_the_tier_itself_asks_for() -> None:
    until = at("2025-09-01")
    put = Event(
        "ann", EventType.TIER_OVERRIDE, at("2025-02-01"), id="x", tier="Gold", mode=OverrideMode.FIXED, until=until
    )

    keeping = kept(found([points("2025-01-10", 700), put], "2025-03-01"))

    assert (keeping.at, keeping.is_sure) == (until, False)
    assert [each.missing for each in keeping.wanted] == [13_000_000, 20_000]


@pytest.mark.parametrize("status", [Status.FROZEN, Status.DRAFT, Status.ARCHIVED])
def test_while_nobody_moves_nothing_is_short(status: Status) -> None:
    assert gaps([Revision(program(), status=status)], [points("2025-01-10", 700)], at("2025-03-01")) is None


def test_before_anything_has_happened_nothing_is_told() -> None:
    assert gaps([Revision(program())], [points("2025-01-10", 700)], at("2025-01-01")) is None


def test_a_value_over_a_lifetime_counts_what_the_measure_does() -> None:
    told = [order("2025-01-05", 400), points("2025-01-10", 700), order("2025-06-01", 120)]

    spent = Measure(MeasureKind.SPEND)

    assert lifetime_value(told, spent, "", at("2025-07-01")) == 5_200_000
    assert lifetime_value(told, spent, "", at("2025-02-01")) == 4_000_000
    assert lifetime_value(told, Measure(MeasureKind.POINTS_LIFETIME), "", at("2025-07-01")) == 7_000_000


@given(evaluations())
def test_they_say_what_an_explanation_says(case: tuple[Sequence[Revision], list[Event], int]) -> None:
    revisions, events, as_of = case
    try:
        told = explain(revisions, events, as_of)
    except (NothingHappenedError, UnacceptableReversalError):
        assume(False)
    lacking = gaps(revisions, events, as_of)
    assume(lacking is not None)
    assert lacking is not None
    assert lacking.tier == told.state.tier
    if told.gap and told.gap.missing is not None and told.gap.threshold is not None:
        assert lacking.next_tier == told.gap.tier
        assert lacking.climbing[0].missing == told.gap.missing
    first = told.outlook[0] if told.outlook else None
    if lacking.keeping and lacking.keeping.at is not None and first and first.at == lacking.keeping.at:
        if first.kind in (*DOWN, GRACE):
            assert not lacking.keeping.is_sure
        if lacking.keeping.is_sure:
            assert first.kind not in DOWN
