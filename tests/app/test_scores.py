"""Scores and ranks: many members at once agree with a plain reckoning of each, and are the same every time."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies.histories import evaluations
from ziggurat.app.events.event_columns import event_columns
from ziggurat.engine.measures import contribution
from ziggurat.engine.scores import DAY_US, NOT_YET, MemberAmounts, member_amounts, ranks, weights
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import Event, EventType
from ziggurat.program.model import Measure, MeasureKind
from ziggurat.program.reversals import Holding, holding_of, share_of
from ziggurat.store.histories import Histories
from ziggurat.store.packing import RECORD, Names, PackedEvent, names_of, pack

DOING = {EventType.POINTS_EARNED, EventType.POINTS_SPENT, EventType.ORDER_PLACED, EventType.ACTIVITY}


def packed(members: list[list[Event]]) -> Histories:
    """The events (of each member in order of arrival) as the store hands them out."""
    names, records, offsets = Names(), b"", [0]
    extras: dict[tuple[int, int], dict[str, Any]] = {}
    sequence = 0
    for number, events in enumerate(members):
        numbers = {event.id: sequence + place for place, event in enumerate(events, 1) if event.id}
        rows = [
            PackedEvent(event, sequence + place, numbers.get(event.reverses)) for place, event in enumerate(events, 1)
        ]
        sequence += len(events)
        said: dict[str, Any] = {}
        for row in sorted(rows, key=lambda row: (row.event.occurred_at, row.sequence)):
            records += pack(row, names, said)
        extras.update({(number, int(key)): value for key, value in said.items()})
        offsets.append(offsets[-1] + len(rows))
    table = np.frombuffer(records, RECORD)
    return Histories(list(range(len(members))), np.array(offsets), table, names_of(names.text), None, extras)


def reckoned(events: list[Event], as_of: int, half_life: int) -> tuple[int, ...]:
    """One member's amounts, one event after the other."""
    order = sorted((event for event in events if event.occurred_at <= as_of), key=lambda event: event.occurred_at)
    left: dict[int, Holding] = {}
    for place, event in enumerate(order):
        if event.type is EventType.REVERSAL:
            original = next(at for at, other in enumerate(order) if other.id and other.id == event.reverses)
            left[original] = left[original].less(share_of(order[original], left[original], event))
        else:
            left[place] = holding_of(event)
    table = weights(half_life).tolist()
    sums = dict.fromkeys(("balance", "lifetime", "spent", "orders", "active", "often", "money"), 0)
    last_order = last_doing = NOT_YET
    for place, part in left.items():
        event = order[place]
        age = as_of // DAY_US - event.occurred_at // DAY_US
        weight = table[age] if age < len(table) else 0

        def of(kind: MeasureKind, event: Event = event, part: Any = part) -> int:
            return contribution(Measure(kind), event, part, "")[0]

        def decayed(units: int, weight: int = weight) -> int:
            return abs(units) * weight // 2**30 * (1 if units >= 0 else -1)

        sums["balance"] += of(MeasureKind.POINTS_BALANCE)
        sums["lifetime"] += of(MeasureKind.POINTS_LIFETIME)
        sums["spent"] += of(MeasureKind.SPEND)
        sums["orders"] += of(MeasureKind.ORDERS)
        sums["active"] += decayed(of(MeasureKind.ORDERS) + (part.quantity if event.type is EventType.ACTIVITY else 0))
        sums["often"] += decayed(of(MeasureKind.ORDERS))
        sums["money"] += decayed(of(MeasureKind.SPEND))
        if of(MeasureKind.ORDERS):
            last_order = event.occurred_at
        if event.type in DOING:
            last_doing = event.occurred_at
    average = sums["spent"] // (sums["orders"] // SCALE) if sums["orders"] else 0
    return (
        *(sums["balance"], sums["lifetime"], sums["spent"], sums["orders"], average),
        *(sums["active"], sums["often"], sums["money"], last_order, last_doing),
    )


def row(amounts: MemberAmounts, member: int) -> tuple[int, ...]:
    return tuple(int(getattr(amounts, name)[member]) for name in MemberAmounts.__dataclass_fields__)


@given(worlds=st.lists(evaluations(most=14), min_size=1, max_size=3), half_life=st.sampled_from([1, 7, 30, 365]))
@settings(max_examples=150, deadline=None)
def test_many_at_once_are_what_each_is_alone(worlds: list[Any], half_life: int) -> None:
    members = [*[list(events) for _, events, _ in worlds], []]
    as_of = worlds[0][2]
    amounts = member_amounts(event_columns(packed(members), as_of), as_of, half_life)
    for number, events in enumerate(members):
        assert row(amounts, number) == reckoned(events, as_of, half_life)


def test_a_score_halves_with_every_half_life_that_passes() -> None:
    order = Event("ann", EventType.ORDER_PLACED, 0, amount=8_000_000)
    columns = event_columns(packed([[order]]), 400 * DAY_US)
    scores = [int(member_amounts(columns, days * DAY_US, 30).monetary_score[0]) for days in (0, 30, 60, 90, 900)]
    assert scores == [8_000_000, 4_000_000, 2_000_000, 1_000_000, 0]


def test_weights_are_the_nearest_whole_numbers_and_never_rise() -> None:
    table = weights(30)
    assert table[0] == 2**30
    assert table[30] == 2**29
    assert (np.diff(table) <= 0).all()
    assert abs(int(table[1]) - 2**30 * 2 ** (-1 / 30)) < 1


def test_a_reversed_share_decays_with_its_event() -> None:
    order = Event("ann", EventType.ORDER_PLACED, 0, "o1", amount=8_000_000)
    half = Event("ann", EventType.REVERSAL, 30 * DAY_US, amount=4_000_000, reverses="o1")
    rest = Event("ann", EventType.REVERSAL, 31 * DAY_US, reverses="o1")
    histories = packed([[order, half, rest]])
    after_half = member_amounts(event_columns(histories, 30 * DAY_US), 30 * DAY_US, 30)
    assert (after_half.monetary_score[0], after_half.order_count[0]) == (2_000_000, 10_000)
    after_all = member_amounts(event_columns(histories, 31 * DAY_US), 31 * DAY_US, 30)
    assert row(after_all, 0) == (0, 0, 0, 0, 0, 0, 0, 0, NOT_YET, 0)


def said(name: str, value: str, day: int) -> Event:
    return Event("ann", EventType.ATTRIBUTE_SET, day * DAY_US, attribute=name, value=value)


def test_a_score_that_is_said_takes_the_place_of_what_came_before_and_fades_from_then_on() -> None:
    early = Event("ann", EventType.ORDER_PLACED, 0, amount=8_000_000)
    late = Event("ann", EventType.ORDER_PLACED, 40 * DAY_US, amount=1_000_000)
    nobody: list[Event] = []
    histories = packed([nobody, [early, said("monetary_score", "40", 10), late], [early]])

    def scores(day: int) -> list[int]:
        amounts = member_amounts(event_columns(histories, day * DAY_US), day * DAY_US, 30)
        return [int(score) for score in amounts.monetary_score]

    assert scores(9)[1] == scores(9)[2] > 6_000_000
    assert scores(10)[1] == 400_000
    assert scores(40) == [0, 200_000 + 1_000_000, scores(40)[2]]
    amounts = member_amounts(event_columns(histories, 40 * DAY_US), 40 * DAY_US, 30)
    assert amounts.lifetime_value.tolist() == [0, 9_000_000, 8_000_000]
    assert amounts.activity_score.tolist()[1] > amounts.activity_score.tolist()[2] > 0


@pytest.mark.parametrize("word", ["", "a lot", "NaN", "0.00001"])
def test_what_is_no_amount_says_nothing_of_a_score(word: str) -> None:
    order = Event("ann", EventType.ORDER_PLACED, 0, amount=8_000_000)
    opened = packed([[order, said("monetary_score", "40", 1), said("monetary_score", word, 2)]])
    plain = packed([[order]])
    as_of = 3 * DAY_US
    assert row(member_amounts(event_columns(opened, as_of), as_of, 30), 0) == row(
        member_amounts(event_columns(plain, as_of), as_of, 30), 0
    )


@given(st.lists(st.integers(-3, 20) | st.integers(0, 2**62), max_size=60))
def test_ranks_are_fifths_of_those_with_a_score(scores: list[int]) -> None:
    found = ranks(np.array(scores, np.int64)).tolist()
    positive = [score for score in scores if score > 0]
    for score, rank in zip(scores, found, strict=True):
        not_above = sum(other <= score for other in positive)
        assert rank == (-(-5 * not_above // len(positive)) if score > 0 else 0)
