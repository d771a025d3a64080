"""Settings made through the face act on members: every expiration and downgrade, grace, tracking periods, segments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.conftest import Served
from tests.http.faces.voucherify.conftest import DAY, NEWER, SEED, Vendor, join

BALANCE_LADDER = (("Silver", 500, 1999), ("Gold", 2000, None))
Body = dict[str, Any]


def structure(vendor: Vendor, **said: Any) -> Body:
    made: Body = vendor.structure(**said)
    for name, low, high in BALANCE_LADDER:
        vendor.tier(made, name, low, high)
    return made


def fixed(vendor: Vendor, value: int, unit: str) -> Body:
    period = {"period": {"value": value, "unit": unit}}
    if vendor.base == SEED:
        return {"type": "ROLLING_EXPIRATION", "rolling_expiration": period}
    return {"type": "FIXED_DURATION", "fixed_duration": period}


def ingest(vendor: Vendor, event: Body) -> None:
    """Send an event to the native API."""
    answer = vendor.client.post("/v1/events", json=event)
    assert answer.status_code < 300, answer.text


def wait(served: Served, days: float) -> None:
    served.clock.pass_seconds(int(days * DAY))


def test_points_lift_and_spending_lowers_a_balance_that_is_not_held(vendor: Vendor) -> None:
    expiration = {} if vendor.base == SEED else {"expiration": {"type": "NO_RETENTION"}}
    joined = join(vendor, structure(vendor, downgrade={"type": "MULTI_LEVEL"}, **expiration))
    assert joined.tier is None
    assert joined.points(500)["transaction"]["type"] == "ADMIN_CREDIT"
    assert joined.tier == "Silver"
    joined.points(1500)
    assert joined.tier == "Gold"
    joined.points(-1)
    assert joined.tier == "Silver"
    joined.points(-1999)
    assert joined.tier is None
    assert [kind for kind, _, _ in joined.moves] == ["JOINED", "UPGRADED", "DOWNGRADED", "LEFT"]


def test_no_downgrade_keeps_the_tier(vendor: Vendor) -> None:
    joined = join(vendor, structure(vendor))
    joined.points(2000)
    joined.points(-2000)
    assert joined.tier == "Gold"
    assert joined.progress["risks"] == []


def test_a_fixed_time_ends_with_the_day_after_which_it_is_over(vendor: Vendor, served: Served) -> None:
    """Entered 1 July, 30 days: valid through 31 July, over at the midnight that follows (unknown 2 of the sheet)."""
    joined = join(vendor, structure(vendor, expiration=fixed(vendor, 30, "DAY"), downgrade={"type": "MULTI_LEVEL"}))
    joined.points(500)
    wait(served, 5)
    joined.points(-500)
    progress = joined.progress
    assert progress["current"]["expires_at"] == "2025-08-01T00:00:00.000Z"
    assert progress["risks"] == [{"type": "TIER_LEFT", "date": "2025-08-01T00:00:00.000Z", "tier": None}]
    assert joined.tier == "Silver"
    wait(served, 26)
    assert joined.tier is None


def test_at_its_end_a_tier_still_qualified_for_is_prolonged(vendor: Vendor, served: Served) -> None:
    joined = join(vendor, structure(vendor, expiration=fixed(vendor, 1, "MONTH"), downgrade={"type": "MULTI_LEVEL"}))
    joined.points(500)
    wait(served, 32)
    assert joined.tier == "Silver"
    assert [(kind, until) for kind, _, until in joined.moves] == [
        ("JOINED", "2025-08-02T00:00:00.000Z"),
        ("PROLONGED", "2025-09-02T00:00:00.000Z"),
    ]


def test_calendar_expiration_ends_after_each_listed_day(vendor: Vendor, served: Served) -> None:
    dates = {"calendar_dates": [{"day": 31, "month": 12}, {"day": 29, "month": 2}]}
    expiration = {"type": "CALENDAR_EXPIRATION", "calendar_expiration": dates}
    joined = join(vendor, structure(vendor, expiration=expiration, downgrade={"type": "SINGLE_LEVEL"}))
    joined.points(2000)
    joined.points(-2000)
    assert joined.progress["current"]["expires_at"] == "2026-01-01T00:00:00.000Z"
    wait(served, 184)
    assert joined.tier == "Silver"
    # 29 February is the 28th in common years (unknown 4 of the sheet)
    assert joined.progress["current"]["expires_at"] == "2026-03-01T00:00:00.000Z"
    wait(served, 60)
    assert joined.tier is None


def test_sliding_expiration_is_pushed_on_by_the_activities_named(vendor: Vendor, served: Served) -> None:
    """The vendor takes it and does nothing; here it acts (unknown 15 of the sheet)."""
    sliding = {
        "period": {"value": 30, "unit": "DAY"},
        "earning_activity": False,
        "custom_activity": True,
        "custom_activity_types": ["visit"],
    }
    expiration = {"type": "SLIDING_EXPIRATION", "sliding_expiration": sliding}
    joined = join(vendor, structure(vendor, expiration=expiration, downgrade={"type": "MULTI_LEVEL"}))
    joined.points(500)
    joined.points(-500)
    wait(served, 20)
    visit = {
        "id": "v1",
        "member": "alice",
        "type": "activity",
        "activity": "visit",
        "occurred_at": "2025-07-20T12:00:00Z",
    }
    ingest(vendor, visit)
    assert joined.progress["current"]["expires_at"] == "2025-08-20T00:00:00.000Z"
    wait(served, 40)
    assert joined.tier is None


def test_single_level_falls_a_tier_at_a_time_and_holds_it_anew(vendor: Vendor, served: Served) -> None:
    joined = join(vendor, structure(vendor, expiration=fixed(vendor, 1, "MONTH"), downgrade={"type": "SINGLE_LEVEL"}))
    joined.points(2000)
    joined.points(-2000)
    wait(served, 32)
    assert joined.tier == "Silver"
    wait(served, 31)
    assert joined.tier is None


@pytest.mark.parametrize(
    ("grace", "end"),
    [
        ({"value": 10, "unit": "DAY"}, "2025-07-12T00:00:00.000Z"),
        ({"value": 1, "unit": "MONTH", "round_up": True}, "2025-09-01T00:00:00.000Z"),
        ({"value": 1, "unit": "YEAR", "round_up": True}, "2027-01-01T00:00:00.000Z"),
    ],
)
def test_a_fall_waits_out_the_grace_period(vendor: Vendor, served: Served, grace: Body, end: str) -> None:
    joined = join(vendor, structure(vendor, downgrade={"type": "MULTI_LEVEL", "grace_period": grace}))
    joined.points(500)
    joined.points(-500)
    assert joined.tier == "Silver"
    assert joined.progress["risks"] == [{"type": "TIER_LEFT", "date": end, "tier": None}]
    joined.points(500)
    assert joined.progress["risks"] == []


def test_a_tier_of_its_own_may_never_fall(vendor: Vendor) -> None:
    made = vendor.structure(downgrade={"type": "MULTI_LEVEL"})
    vendor.tier(made, "Silver", 500, 1999)
    vendor.tier(made, "Gold", 2000, downgrade={"type": "NO_DOWNGRADE"})
    joined = join(vendor, made)
    joined.points(2000)
    joined.points(-2000)
    assert joined.tier == "Gold"


def test_earned_points_count_within_their_period_whatever_is_debited(vendor: Vendor, served: Served) -> None:
    earned = {"period": {"value": 1, "unit": "MONTH"}, "type": "IMMEDIATELY"}
    joined = join(vendor, structure(vendor, point_earned=earned, downgrade={"type": "MULTI_LEVEL"}))
    joined.points(500)
    joined.points(-500)
    assert joined.tier == "Silver"
    assert joined.progress["current"]["points"] == {"current": 500, "min": 500, "max": 1999}
    assert joined.progress["opportunities"][0]["points"] == 1500
    assert joined.progress["opportunities"][0]["valid_until"] == "2025-08-01T00:00:00.000Z"
    wait(served, 31)
    assert joined.tier is None


def test_next_tracking_period_defers_the_climb(vendor: Vendor, served: Served) -> None:
    earned = {"period": {"value": 1, "unit": "MONTH"}, "type": "NEXT_TRACKING_PERIOD"}
    joined = join(vendor, structure(vendor, point_earned=earned, downgrade={"type": "MULTI_LEVEL"}))
    joined.points(500)
    progress = joined.progress
    assert joined.tier is None
    assert [(each["tier"]["name"], each["start_at"]) for each in progress["deferred"]] == [
        ("Silver", "2025-08-01T00:00:00.000Z")
    ]
    assert [each["tier"]["name"] for each in progress["opportunities"]] == ["Gold"]
    wait(served, 31)
    assert joined.tier == "Silver"
    assert joined.progress["deferred"] == []


def test_two_months_are_cycles_of_the_calendar(vendor: Vendor, served: Served) -> None:
    earned = {"period": {"value": 2, "unit": "MONTH"}, "type": "IMMEDIATELY"}
    joined = join(vendor, structure(vendor, point_earned=earned, downgrade={"type": "MULTI_LEVEL"}))
    joined.points(500)
    wait(served, 60)
    assert joined.tier == "Silver"
    wait(served, 2)
    assert joined.tier is None


def test_a_segment_lifts_together_with_points(newer: Vendor) -> None:
    made = newer.structure(downgrade={"type": "MULTI_LEVEL"})
    newer.tier(made, "Silver", 500)
    rules = {"type": "POINTS_AND_SEGMENT", "points": {"min_value": 500}, "segment": {"id": "seg_vip"}}
    newer.post(f"/tier-structures/{made['id']}/tiers", {"name": "VIP", "qualification_rules": rules})
    joined = join(newer, made)
    joined.points(600)
    assert joined.tier == "Silver"
    event = {"id": "s", "member": "alice", "type": "attribute.set", "attribute": "segment:seg_vip", "value": "1"}
    ingest(newer, {**event, "occurred_at": "2025-07-01T12:00:30Z"})
    newer.served.clock.pass_seconds(60)
    assert joined.tier == "VIP"


def test_above_a_capped_top_tier_there_is_none(vendor: Vendor) -> None:
    made = vendor.structure(downgrade={"type": "MULTI_LEVEL"})
    vendor.tier(made, "Silver", 500, 1000)
    joined = join(vendor, made)
    joined.points(1000)
    assert joined.tier == "Silver"
    joined.points(1)
    assert joined.tier is None


def test_the_member_is_the_same_natively(vendor: Vendor) -> None:
    joined = join(vendor, structure(vendor, downgrade={"type": "MULTI_LEVEL"}))
    joined.points(2000)
    native = vendor.client.get("/v1/members/alice").json()
    standing = native["programs"][0]
    assert (standing["tier"], standing["program"]) == ("Gold", joined.structure["id"])
    why = vendor.client.get("/v1/members/alice/explain").json()
    assert "Gold" in str(why)


def test_a_member_known_before_is_placed_at_activation(vendor: Vendor) -> None:
    event = {
        "id": "e",
        "member": "alice",
        "type": "points.earned",
        "points": 700,
        "occurred_at": "2025-06-01T00:00:00Z",
    }
    ingest(vendor, event)
    joined = join(vendor, structure(vendor))
    assert joined.tier == "Silver"
    assert joined.moves[0][0] == "JOINED"


def test_a_second_card_has_points_of_its_own(vendor: Vendor) -> None:
    joined = join(vendor, structure(vendor))
    joined.points(500)
    card = vendor.post("/card-definitions", {"name": "Stars", "type": "INDIVIDUAL", "status": "ACTIVE"})
    body = {"name": "Second", "status": "ACTIVE", "card_definitions": [{"id": card["id"]}]}
    program = vendor.post("/programs", body)
    member = vendor.post(f"/programs/{program['id']}/members", {"customer_id": joined.member["customer_id"]})
    shown = vendor.get(f"/programs/{program['id']}/members/{member['id']}")
    assert shown["cards"][0]["balance"]["points"] == 0
    path = f"/programs/{program['id']}/members/{member['id']}/cards/{shown['cards'][0]['id']}/points"
    vendor.post(path, {"points": 7})
    told = vendor.get(f"/memberships/{joined.member['customer_id']}")["data"]
    assert sorted(each["cards"][0]["card"]["balance"]["points"] for each in told) == [7, 500]


def test_another_organizations_key_sees_nothing(vendor: Vendor, served: Served) -> None:
    joined = join(vendor, structure(vendor))
    stranger = Vendor(served, served.client("second"), vendor.base)
    for path in (
        f"/tier-structures/{joined.structure['id']}",
        f"/programs/{joined.program['id']}",
        joined.path,
        f"/programs/{joined.program['id']}/memberships/{joined.member['customer_id']}",
    ):
        assert stranger.get(path, 404)["key"] == "not_found"
    assert stranger.get("/tier-structures")["data"] == []
    assert stranger.get("/programs")["data"] == []


def test_reports_count_the_moves(vendor: Vendor, served: Served) -> None:
    joined = join(vendor, structure(vendor, downgrade={"type": "MULTI_LEVEL"}))
    joined.points(500)
    wait(served, 1)
    joined.points(1500)
    path = f"/programs/{joined.program['id']}/reports/tiers"
    asked = "start_date=2025-07-01&end_date=2025-07-10&resolution=day"
    daily = vendor.get(f"{path}/daily?{asked}")["data"]
    assert [(each["date"], each["joins"], each["upgrades"]) for each in daily] == [
        ("2025-07-01", 1, 0),
        ("2025-07-02", 0, 1),
    ]
    summary = vendor.get(f"{path}/summary?{asked.replace('day', 'week')}")["data"]
    assert sum(each["joins"] + each["upgrades"] for each in summary) == 2


def test_dialects_are_never_mixed(seed: Vendor, newer: Vendor) -> None:
    for vendor in (seed, newer):
        other = NEWER if vendor.base == SEED else SEED
        made = structure(vendor, expiration=fixed(vendor, 1, "MONTH"))
        shown = Vendor(vendor.served, vendor.client, other).get(f"/tier-structures/{made['id']}")
        words = ("card_definition_id", "ROLLING_EXPIRATION") if other == SEED else ("point_balance", "FIXED_DURATION")
        assert words[0] in shown
        assert shown["expiration"]["type"] == words[1]
