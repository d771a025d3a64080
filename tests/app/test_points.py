"""A member's points over the whole history, and adjusting them with the member held."""

from dataclasses import replace

import pytest

from tests.app.conftest import At
from tests.app.programs import earned, publish, reversal
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.events.point_totals import PointTotals
from ziggurat.app.members.adjust_points import adjust_points
from ziggurat.app.members.read_member import read_member
from ziggurat.app.members.read_points import read_points, sum_points
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import Event, EventType
from ziggurat.store.errors import NotFoundError, StaleVersionError


def of_type(type_: EventType, at: int, points: int, member: str = "ann") -> Event:
    return Event(member, type_, at, points=points * SCALE)


def units(totals: PointTotals) -> dict[str, int]:
    names = ("balance", "earned", "adjusted", "spent", "returned", "expired")
    return {name: getattr(totals, name) // SCALE for name in names}


def test_each_kind_of_points_is_added_up_and_reversals_are_taken_out(context: Context, at: At) -> None:
    day = at("2025-06-01")
    kinds = (
        (EventType.POINTS_ADJUSTED, -20),
        (EventType.POINTS_SPENT, 30),
        (EventType.POINTS_RETURNED, 5),
        (EventType.POINTS_EXPIRED, 7),
    )
    ingest_events(context, [earned("ann", "2025-05-01", 100, id="a"), earned("ann", "2025-05-02", 50, id="b")])
    ingest_events(context, [of_type(kind, day, points) for kind, points in kinds])
    ingest_events(context, [reversal("ann", "2025-06-02", "a", points=40), reversal("ann", "2025-06-03", "b")])

    found = read_points(context, "ann")

    assert units(found) == {
        "balance": 60 - 20 - 30 + 5 - 7,
        "earned": 60,
        "adjusted": -20,
        "spent": 30,
        "returned": 5,
        "expired": 7,
    }
    assert (found.events, found.last_at) == (8, at("2025-06-03"))
    assert found.taken_back == 90 * SCALE


def test_what_lies_in_the_future_is_not_there_yet(context: Context, at: At) -> None:
    ingest_events(context, [earned("ann", "2025-07-02", 100)])

    assert read_points(context, "ann") == PointTotals()
    assert read_points(replace(context, now=at("2025-07-02")), "ann").balance == 100 * SCALE


def test_the_points_of_all_members_are_those_of_each(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 100), earned("bob", "2025-06-02", 20)])

    assert sum_points(context) == read_points(context, "ann").plus(read_points(context, "bob"))


def test_points_are_adjusted_by_an_amount_or_to_a_balance_and_move_the_tier(context: Context) -> None:
    publish(context)
    ingest_events(context, [earned("ann", "2025-06-01", 100)])

    by = adjust_points(context, "ann", id="x", amount=450 * SCALE)
    (standing,) = read_member(context, "ann").programs
    assert (by.balance, standing.tier) == (550 * SCALE, "Silver")

    to = adjust_points(context, "ann", id="y", balance=10 * SCALE, expected_events=2)
    assert (to.balance, to.adjusted, to.events) == (10 * SCALE, -90 * SCALE, 3)


def test_an_adjustment_of_what_has_changed_or_below_nothing_is_refused(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 100)])

    with pytest.raises(StaleVersionError):
        adjust_points(context, "ann", id="x", amount=SCALE, expected_events=2)
    with pytest.raises(InvalidRequestError):
        adjust_points(context, "ann", id="x", amount=-101 * SCALE)
    assert read_points(context, "ann").events == 1


def test_another_organizations_member_has_no_points(context: Context, stranger: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 100)])

    with pytest.raises(NotFoundError):
        read_points(stranger, "ann")
    with pytest.raises(NotFoundError):
        adjust_points(stranger, "ann", id="x", amount=SCALE)
