"""Validity, renewal, downgrade and returns act on members, as the vendor's product pages tell them."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.capillary.conftest import CLUB, PLATINUM, TIERS, create, good, make_program, publish, refusal
from tests.http.faces.capillary.test_members import DAY, details, earn, standing

SETTINGS = "/capillary/programs/973/updateTierAdvancedSettings"
MONTH = {"periodType": "SLAB_UPGRADE", "periodValue": 1, "unit": "NUM_MONTHS"}
REACHED = "2025-07-10T10:00:00Z"


def settle(maker: TestClient, **said: Any) -> None:
    good(maker.post(SETTINGS, json=said))


def send(native: TestClient, kind: str, at: str, **more: Any) -> None:
    event = {"id": f"{kind} {at}", "member": "ann", "type": kind, "occurred_at": at, **more}
    answer = native.post("/v1/events", json=[event])
    assert answer.json()["counts"]["accepted"] == 1, answer.text


def spend(native: TestClient, points: int, at: str) -> None:
    send(native, "points.spent", at, points=points)


def to_day(served: Served, day: int) -> None:
    """Noon of that day, 1 being the 1st of July 2025."""
    served.clock.now = 1_751_371_200_000_000 + (day - 1) * DAY * 1_000_000


@pytest.fixture
def platinum(club: str, maker: TestClient, checker: TestClient) -> dict[str, Any]:
    """Held for a month, above Gold."""
    return publish(maker, checker, create(maker, validity=MONTH)["objectId"])


def ends(native: TestClient) -> str:
    until: str = standing(native)["expires_at"]
    return until


def test_a_hold_ends_with_its_months_and_an_upgrade_starts_it_anew(
    platinum: dict[str, Any], native: TestClient, served: Served
) -> None:
    to_day(served, 15)
    earn(native, 60_000, "2025-07-03T10:00:00Z")
    gold = ends(native)
    earn(native, 60_000, REACHED)

    assert gold.startswith("2026-07-03T10:00")
    assert standing(native)["tier"] == "Super Platinum"
    assert ends(native).startswith("2025-08-10T10:00")


def test_whoever_still_qualifies_keeps_the_tier_for_another_validity(
    platinum: dict[str, Any], native: TestClient, served: Served
) -> None:
    to_day(served, 15)
    earn(native, 120_000, REACHED)
    to_day(served, 64)  # September: the check of August is done

    assert standing(native)["tier"] == "Super Platinum"
    assert ends(native) > "2025-09-01"


def test_a_renewal_reaches_by_a_month_if_the_settings_say_so(
    club: str, maker: TestClient, checker: TestClient, native: TestClient, served: Served
) -> None:
    settle(maker, renewal={"extendBy": "ONE_MONTH"}, downgrade={"daily": True})
    publish(maker, checker, create(maker, validity={**MONTH, "periodValue": 2})["objectId"])
    to_day(served, 15)
    earn(native, 120_000, REACHED)
    assert ends(native).startswith("2025-09-10T10:00")
    to_day(served, 74)

    assert ends(native) < "2025-10-13"


@pytest.mark.parametrize(("orders", "tier"), [(1, "Blue"), (2, "Super Platinum")])
def test_custom_criteria_renew_over_the_validity(
    club: str, maker: TestClient, checker: TestClient, native: TestClient, served: Served, orders: int, tier: str
) -> None:
    renewal = {"criteriaType": "Custom", "conditions": [{"type": "VISITS", "value": "2"}]}
    publish(maker, checker, create(maker, validity={**MONTH, "renewal": renewal})["objectId"])
    to_day(served, 15)
    earn(native, 120_000, REACHED)
    spend(native, 119_000, "2025-07-10T12:00:00Z")
    for number in range(orders):
        to_day(served, 40)
        send(native, "order.placed", f"2025-08-0{number + 1}T10:00:00Z", amount=10)
    to_day(served, 65)

    assert standing(native)["tier"] == tier


def test_without_conditions_a_custom_renewal_keeps_the_tier_for_ever(
    club: str, maker: TestClient, checker: TestClient, native: TestClient, served: Served
) -> None:
    made = create(maker, validity={**MONTH, "renewal": {"criteriaType": "Custom"}})
    publish(maker, checker, made["objectId"])
    to_day(served, 15)
    earn(native, 120_000, REACHED)
    spend(native, 120_000, "2025-07-10T12:00:00Z")
    to_day(served, 400)

    assert standing(native)["tier"] == "Super Platinum"


def test_until_the_registration_anniversary_but_not_for_less_than_the_minimum(
    club: str, maker: TestClient, checker: TestClient, native: TestClient, served: Served
) -> None:
    validity = {"periodType": "FIXED_CUSTOMER_REGISTRATION", "periodValue": 3, "unit": "NUM_MONTHS"}
    publish(maker, checker, create(maker, validity=validity)["objectId"])
    to_day(served, 15)
    send(native, "member.enrolled", "2024-08-20T00:00:00Z")
    earn(native, 120_000, REACHED)

    assert ends(native).startswith("2026-08-20")  # that of 2025 is nearer than three months


@pytest.mark.parametrize(
    ("target", "left", "tier"),
    [
        ("ONE_BELOW", 0, "Gold"),
        ("ELIGIBLE", 0, "Blue"),
        ("ELIGIBLE", 60_000, "Gold"),
        ("BASE", 60_000, "Blue"),
        ("NEVER", 0, "Super Platinum"),
    ],
)
def test_a_member_falls_to_where_the_settings_say(
    platinum: dict[str, Any], maker: TestClient, native: TestClient, served: Served, target: str, left: int, tier: str
) -> None:
    settle(maker, downgrade={"target": target})
    to_day(served, 15)
    earn(native, 120_000, REACHED)
    spend(native, 120_000 - left, "2025-07-10T12:00:00Z")
    assert standing(native)["tier"] == "Super Platinum"  # redeeming points does not demote at once
    to_day(served, 65)

    assert standing(native)["tier"] == tier
    assert details(maker)["currentTierName"] == tier


@pytest.mark.parametrize(("daily", "day"), [(True, 42), (False, 63)])
def test_ends_are_acted_on_at_the_end_of_the_month_unless_daily(
    platinum: dict[str, Any], maker: TestClient, native: TestClient, served: Served, daily: bool, day: int
) -> None:
    settle(maker, downgrade={"daily": daily})
    to_day(served, 15)
    earn(native, 120_000, REACHED)
    spend(native, 120_000, "2025-07-10T12:00:00Z")
    to_day(served, day - 1)
    assert standing(native)["tier"] == "Super Platinum"
    to_day(served, day)

    assert standing(native)["tier"] == "Blue"


@pytest.mark.parametrize(("daily", "day"), [(True, 16), (False, 32)])
def test_returning_the_bill_that_lifted_ends_the_hold_which_is_acted_on_at_the_next_check(
    club: str, maker: TestClient, checker: TestClient, native: TestClient, served: Served, daily: bool, day: int
) -> None:
    settle(maker, downgrade={"onReturn": "END_OF_DAY", "target": "ONE_BELOW", "daily": daily})
    publish(maker, checker, create(maker)["objectId"])
    to_day(served, 15)
    earn(native, 60_000, "2025-07-03T10:00:00Z")
    send(native, "order.placed", REACHED, points=60_000, amount=900)
    assert standing(native)["tier"] == "Super Platinum"
    send(native, "reversal", "2025-07-15T11:00:00Z", reverses=f"order.placed {REACHED}")
    to_day(served, day - 1)
    assert standing(native)["tier"] == "Super Platinum"
    to_day(served, day)

    assert standing(native)["tier"] == "Gold"


def test_a_tracker_may_be_the_kpi_of_the_ladder(
    maker: TestClient, checker: TestClient, native: TestClient, served: Served
) -> None:
    make_program(native, {**CLUB, "tiers": []})
    cases = [{"trackerCondition": 1, "window": {"rolling": {"months": 3}}}]
    settle(maker, trackers=[{"trackerId": 7, "trackerName": "Visits", "measure": "orders", "cases": cases}])
    condition = {"type": "TRACKER", "value": "2", "trackerId": 7, "trackerCondition": 1}
    eligibility = {"kpiType": "TRACKER_VALUE", "upgradeType": "LAZY", "conditions": [condition]}
    unknown = {**eligibility, "conditions": [{**condition, "trackerId": 8}]}
    assert refusal(maker.post(TIERS, json={**PLATINUM, "eligibility": unknown}))[0] == 400

    made = create(maker, eligibility=eligibility)
    publish(maker, checker, made["objectId"])
    to_day(served, 15)
    send(native, "order.placed", "2025-07-03T10:00:00Z", amount=5)
    assert standing(native)["tier"] == "Blue"
    send(native, "order.placed", REACHED, amount=5)

    assert standing(native)["tier"] == "Super Platinum"
    (_, shown) = good(maker.get(TIERS, params={"programId": 973}))["tiers"]
    assert shown["eligibility"]["kpiType"] == "TRACKER_VALUE"
    assert shown["eligibility"]["conditions"] == [{**condition, "trackerName": "Visits"}]
    other = {**PLATINUM, "name": "More", "eligibility": {"kpiType": "CURRENT_POINTS", "threshold": 5}}
    assert refusal(maker.post(TIERS, json=other)) == (400, [9043])
