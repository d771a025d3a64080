"""Settings made there act on members, who are the same members natively."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.capillary.conftest import CLUB, PLATINUM, TIERS, create, good, make_program, publish, refusal
from tests.http.faces.wix.test_webhooks import Receiver, receiver
from ziggurat.app.upkeep.worker import Worker
from ziggurat.http.face_mounts import face_renderers

__all__ = ["receiver"]
WHOM = {"source": "INSTORE", "identifierName": "externalId", "identifierValue": "ann"}
ADJUST = "/capillary/v2/slab/manualSlabAdjustment"
LOOKUP = "/capillary/v2/customers/lookup/tierDetails"
DAY = 86_400


def earn(native: TestClient, points: int, at: str = "2025-06-01T10:00:00Z", **more: Any) -> dict[str, Any]:
    event = {"id": f"e-{at}-{points}", "member": "ann", "type": "points.earned", "occurred_at": at, "points": points}
    answer = native.post("/v1/events", json=[{**event, **more}])
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()["items"][0]
    return said


def standing(native: TestClient) -> dict[str, Any]:
    seen: dict[str, Any] = native.get("/v1/members/ann").json()["programs"][0]
    return seen


def details(client: TestClient) -> dict[str, Any]:
    answer = client.get("/capillary/v2/customers/ann/tierDetails", params={"programId": 973})
    assert answer.status_code == 200, answer.text
    tier: dict[str, Any] = answer.json()["programTiers"][0]
    return tier


def adjust(client: TestClient, **said: Any) -> Any:
    body = {"programId": 973, "manualSlabActionValidity": "AS_PER_TIER_STRATEGY", **said}
    return client.post(ADJUST, params=WHOM, json=body)


def test_a_tier_made_there_lifts_members_here(
    club: str, maker: TestClient, checker: TestClient, native: TestClient
) -> None:
    earn(native, 120_000)
    assert standing(native)["tier"] == "Gold"
    made = create(maker)
    publish(maker, checker, made["objectId"])

    assert standing(native)["tier"] == "Super Platinum"
    (why,) = native.get("/v1/members/ann/explain").json()["items"]
    assert "Super Platinum" in why["sentence"]
    seen = details(maker)
    assert (seen["currentTierName"], seen["currentTierSerialNumber"]) == ("Super Platinum", 3)
    assert (seen["nextTierName"], seen["nextTierSerialNumber"]) == ("", -1)
    assert seen["tierExpiryDateISO"].startswith("2026-")
    tiers = good(maker.get(TIERS, params={"programId": 973}))["tiers"]
    assert [tier["customerCount"] for tier in tiers] == [0, 0, 1]


def test_a_ladder_made_there_appears_in_the_other_faces(
    club: str, maker: TestClient, checker: TestClient, served: Served
) -> None:
    made = create(maker)
    publish(maker, checker, made["objectId"])
    wix = served.with_headers({"authorization": served.secret()})

    tiers = wix.get("/wix/loyalty-tiers/v1/tiers").json()["tiers"]

    assert [(tier["tierDefinition"]["name"], tier["requiredPoints"]) for tier in tiers] == [
        ("Gold", 50_000),
        ("Super Platinum", 100_000),
    ]


def test_a_hold_is_judged_at_the_end_of_the_month(
    club: str, maker: TestClient, checker: TestClient, native: TestClient, served: Served
) -> None:
    made = create(maker, validity={"periodType": "SLAB_UPGRADE", "periodValue": 1, "unit": "NUM_MONTHS"})
    publish(maker, checker, made["objectId"])
    served.clock.pass_seconds(3600)
    earn(native, 120_000, "2025-07-01T12:30:00Z")
    spent = {
        "id": "s",
        "member": "ann",
        "type": "points.spent",
        "occurred_at": "2025-07-01T12:40:00Z",
        "points": 90_000,
    }
    native.post("/v1/events", json=[spent])

    served.clock.pass_seconds(45 * DAY)  # 15 August: the month is over, the check is not
    assert standing(native)["tier"] == "Super Platinum"
    served.clock.pass_seconds(20 * DAY)
    assert standing(native)["tier"] == "Blue"


@pytest.mark.parametrize(("kind", "shares"), [("LAZY", [300]), ("EAGER", [300]), ("DYNAMIC", [100, 200])])
def test_the_upgrade_type_says_how_a_crossing_event_divides(
    maker: TestClient, checker: TestClient, native: TestClient, served: Served, kind: str, shares: list[int]
) -> None:
    make_program(native, {**CLUB, "tiers": []})
    made = create(maker, eligibility={"kpiType": "LIFETIME_POINTS", "threshold": 1000, "upgradeType": kind})
    publish(maker, checker, made["objectId"])
    served.clock.pass_seconds(3600)
    earn(native, 900, "2025-07-01T12:10:00Z")
    outcome = earn(native, 300, "2025-07-01T12:20:00Z")

    award = outcome["programs"][0]["award"]
    assert [share["points"] for share in award] == shares
    assert award[0]["tier"] == ("Super Platinum" if kind == "EAGER" else "Blue")


@pytest.mark.parametrize(
    ("relation", "stored", "tier"),
    [
        ("ALL", "ALL", "Blue"),
        ("ANY", "ANY", "Super Platinum"),
        ("ANY_2", "ANY_2", "Super Platinum"),
        ("A OR B AND C", "(A OR B) AND C", "Blue"),
        ("A OR (B AND C)", "A OR (B AND C)", "Super Platinum"),
    ],
)
def test_conditions_combine_as_the_vendor_reads_them(
    maker: TestClient, checker: TestClient, native: TestClient, relation: str, stored: str, tier: str
) -> None:
    """A and B hold, C does not."""
    make_program(native, {**CLUB, "qualification": {"measure": "spend"}, "currency": "EUR", "tiers": []})
    listed = [
        {"type": "PURCHASE", "value": "100"},
        {"type": "VISITS", "value": "1"},
        {"type": "VISITS", "value": "5"},
    ]
    eligibility = {"kpiType": "LIFETIME_PURCHASES", "threshold": 10, "upgradeType": "LAZY"}
    made = create(maker, eligibility={**eligibility, "expressionRelation": relation, "conditions": listed})
    assert made["eligibility"]["expressionRelation"] == stored
    publish(maker, checker, made["objectId"])
    order = {"id": "o", "member": "ann", "type": "order.placed", "occurred_at": "2025-07-01T10:00:00Z"}
    native.post("/v1/events", json=[{**order, "amount": 150, "currency": "EUR"}])

    assert standing(native)["tier"] == tier
    shown = good(maker.get(TIERS, params={"programId": 973}))["tiers"][1]["eligibility"]
    assert shown == made["eligibility"]


def test_a_tracker_counts_over_the_window_of_its_case(
    maker: TestClient, checker: TestClient, native: TestClient, served: Served
) -> None:
    make_program(native, {**CLUB, "tiers": []})
    tracker = {"trackerId": 7, "trackerName": "Points", "measure": "points_earned"}
    cases = [{"trackerCondition": 2, "window": {"rolling": {"days": 30}}}]
    url = "/capillary/programs/973/updateTierAdvancedSettings"
    told = good(maker.post(url, json={"trackers": [{**tracker, "cases": cases}]}))
    assert told["trackers"] == [{**tracker, "cases": cases}]
    condition = {"type": "TRACKER", "value": "500", "trackerId": 7, "trackerCondition": 2}
    eligibility = {"kpiType": "CURRENT_POINTS", "threshold": 10, "conditions": [condition]}
    unknown = {**eligibility, "conditions": [{**condition, "trackerId": 8}]}
    assert refusal(maker.post(TIERS, json={**PLATINUM, "eligibility": unknown})) == (400, [999999])
    made = create(maker, eligibility=eligibility)
    publish(maker, checker, made["objectId"])
    earn(native, 600, "2025-04-01T10:00:00Z")
    assert standing(native)["tier"] == "Blue"
    earn(native, 500, "2025-06-30T10:00:00Z")

    assert standing(native)["tier"] == "Super Platinum"


def test_the_settings_of_a_program_are_read_and_changed(club: str, maker: TestClient, native: TestClient) -> None:
    url = "/capillary/programs/973"
    before = good(maker.get(f"{url}/tierAdvancedSettings"))
    assert before["downgrade"] == {"target": "ELIGIBLE", "daily": False, "onReturn": "RECHECK"}
    said = {"downgrade": {"target": "ONE_BELOW", "daily": True}, "renewal": {"extendBy": "ONE_MONTH"}}

    after = good(maker.post(f"{url}/updateTierAdvancedSettings", json=said))

    assert after["downgrade"] == {"target": "ONE_BELOW", "daily": True, "onReturn": "RECHECK"}
    document = native.get(f"/v1/programs/{club}").json()["document"]
    assert (document["downgrade"], document["expiration"]["check"]) == ("single_level", "daily")
    assert document["tiers"][0]["renewal"] == {"type": "requalify", "extends": {"months": 1}}
    gateway = "/capillary/api_gateway/loyalty/v1/programs/973/tierAdvancedSettings"
    assert good(maker.get(gateway)) == after
    kpi = {"upgrade": {"kpiType": "LIFETIME_PURCHASES"}}
    assert refusal(maker.post(f"{url}/updateTierAdvancedSettings", json=kpi)) == (400, [9043])


def test_a_member_is_moved_by_hand(club: str, maker: TestClient, native: TestClient) -> None:
    earn(native, 10)

    answer = adjust(maker, slabAction="UPGRADE", toSlabName="Gold", slabChangeReason="a friend of the house")

    assert answer.status_code == 200, answer.text
    (effect,) = answer.json()["sideEffects"]
    assert effect == {
        "entityType": "USER",
        "previousSlabName": "Blue",
        "previousSlabNumber": 1,
        "upgradedSlabName": "Gold",
        "upgradedSlabNumber": 2,
        "slabExpiryDate": effect["slabExpiryDate"],
        "type": "slab",
    }
    assert effect["slabExpiryDate"].endswith(" Jul, 2026")
    assert standing(native)["tier"] == "Gold"
    assert details(maker)["currentTierName"] == "Gold"
    assert adjust(maker, slabAction="DOWNGRADE", toSlabName="Blue").status_code == 200
    assert standing(native)["tier"] == "Blue"


def test_a_fixed_duration_ends_that_many_days_on(
    club: str, maker: TestClient, native: TestClient, served: Served
) -> None:
    earn(native, 10)
    said = {"manualSlabActionValidity": "FIXED_DURATION", "manualSlabActionValidityUpto": "30"}

    answer = adjust(maker, slabAction="UPGRADE", toSlabName="Gold", **said)

    assert answer.json()["sideEffects"][0]["slabExpiryDate"] == "31st Jul, 2025"
    assert details(maker)["tierExpiryDate"] == "2025-07-31 23:59:59"
    served.clock.pass_seconds(30 * DAY)
    assert standing(native)["tier"] == "Gold"
    served.clock.pass_seconds(DAY)
    assert standing(native)["tier"] == "Blue"


def test_a_tier_is_kept_to_a_date(club: str, maker: TestClient, native: TestClient) -> None:
    earn(native, 60_000)
    said = {"manualSlabActionValidity": "SPECIFIC_DATE", "manualSlabActionValidityUpto": "2027-01-01"}

    answer = adjust(maker, slabAction="EXTEND_CURRENT_TIER_EXPIRY_DATE", **said)

    assert answer.json()["sideEffects"][0]["slabExpiryDate"] == "1st Jan, 2027"


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ({"slabAction": "UPGRADE", "toSlabName": "Gold", "programId": 1}, 1101),
        ({"slabAction": "JUMP"}, 8917),
        ({}, 8917),
        ({"slabAction": "RENEWAL", "manualSlabActionValidity": "LONG"}, 8920),
        ({"slabAction": "RENEWAL", "manualSlabActionValidity": "FIXED_DURATION"}, 8921),
        ({"slabAction": "UPGRADE", "toSlabName": "Silver"}, 8923),
        ({"slabAction": "UPGRADE", "toSlabName": "Blue"}, 8925),
        ({"slabAction": "DOWNGRADE", "toSlabName": "Blue"}, 999999),
    ],
)
def test_each_refusal_of_an_adjustment_has_its_number(
    club: str, maker: TestClient, native: TestClient, said: dict[str, Any], number: int
) -> None:
    earn(native, 10)

    answer = adjust(maker, **said)

    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == [number]
    assert answer.json()["errors"][0]["status"] is False


def test_customers_are_found_by_their_identifiers(club: str, maker: TestClient, native: TestClient) -> None:
    earn(native, 10)

    assert maker.get(LOOKUP, params=WHOM).json()["programTiers"] == [details(maker)]
    nobody = maker.get(LOOKUP, params={**WHOM, "identifierValue": "bob"})
    assert (nobody.status_code, nobody.json()["errors"][0]["code"]) == (404, 8015)
    odd = maker.get(LOOKUP, params={**WHOM, "identifierName": "id"})
    assert (odd.status_code, odd.json()["errors"][0]["code"]) == (400, 11030)


def test_moves_are_told_as_the_vendors_events(serve_with: Any, receiver: Receiver) -> None:
    served: Served = serve_with(webhook_private_targets=True)
    native = served.client()
    make_program(native, CLUB)
    earn(native, 10)
    from tests.http.faces.capillary.conftest import basic
    from ziggurat.app.access.create_first_key import create_first_key

    key = create_first_key(served.service.database, served.clock(), organization="first")
    admin = served.with_headers(basic(key.key.key_id, key.secret))
    good(admin.post("/capillary/ziggurat/v1/webhooks", json={"url": receiver.url}))
    earn(native, 60_000, "2025-07-01T10:00:00Z")
    service = served.service
    Worker(service.database, service.clock, private_targets=True, renderers=face_renderers(), idle_s=0).run_until_idle()

    (event,) = map(json.loads, receiver.bodies)
    assert event["eventName"] == "tierUpgraded"
    data = event["data"]
    assert (data["previousTierNumber"], data["upgradedTierNumber"], data["loyaltyProgramId"]) == (1, 2, 973)
    assert data["customerIdentifiers"]["externalId"] == "ann"


def test_a_renewal_by_hand_starts_the_hold_anew(
    club: str, maker: TestClient, native: TestClient, served: Served
) -> None:
    earn(native, 60_000)
    before = standing(native)["expires_at"]

    answer = adjust(maker, slabAction="RENEWAL")

    (effect,) = answer.json()["sideEffects"]
    assert (effect["previousSlabName"], effect["upgradedSlabName"]) == ("Gold", "Gold")
    assert before.startswith("2026-06-01T10:00")
    assert standing(native)["expires_at"].startswith("2026-07-01T12:00")


def test_the_current_end_may_be_kept_in_another_tier(club: str, maker: TestClient, native: TestClient) -> None:
    earn(native, 60_000)
    ends = details(maker)["tierExpiryDateISO"]

    answer = adjust(
        maker, slabAction="DOWNGRADE", toSlabName="Blue", manualSlabActionValidity="CURRENT_TIER_EXPIRY_DATE"
    )

    assert answer.status_code == 200, answer.text
    assert (details(maker)["currentTierName"], details(maker)["tierExpiryDateISO"]) == ("Blue", ends)


@pytest.mark.parametrize(("reassess", "tier"), [(True, "Gold"), (False, "Blue")])
def test_the_next_activity_may_move_a_member_on_if_that_is_wanted(
    club: str, maker: TestClient, native: TestClient, reassess: bool, tier: str
) -> None:
    earn(native, 10)
    said = {"manualSlabActionValidity": "FIXED_DURATION", "manualSlabActionValidityUpto": 30}
    assert adjust(maker, slabAction="RENEWAL", reassessTierOnNextActivity=reassess, **said).status_code == 200

    earn(native, 60_000, "2025-07-01T11:00:00Z")

    assert standing(native)["tier"] == tier


def test_an_adjustment_with_an_idempotency_key_is_carried_out_once(
    club: str, maker: TestClient, native: TestClient
) -> None:
    earn(native, 10)
    body = {
        "programId": 973,
        "slabAction": "UPGRADE",
        "toSlabName": "Gold",
        "manualSlabActionValidity": "AS_PER_TIER_STRATEGY",
    }
    first, again = (maker.post(ADJUST, params=WHOM, json=body, headers={"idempotency-key": "one"}) for _ in range(2))

    assert first.json() == again.json()
    overrides = native.get("/v1/members/ann/overrides").json()["items"]
    assert len(overrides) == 1


@pytest.mark.parametrize("upto", ["2025-06-30", "30", "soon", 31, "2025-13-01"])
def test_a_date_that_is_none_or_lies_in_the_past_is_refused(
    club: str, maker: TestClient, native: TestClient, upto: Any
) -> None:
    earn(native, 10)
    said = {"manualSlabActionValidity": "SPECIFIC_DATE", "manualSlabActionValidityUpto": upto}

    assert adjust(maker, slabAction="RENEWAL", **said).status_code == 400


def test_every_kind_of_move_has_its_event(serve_with: Any, receiver: Receiver) -> None:
    from tests.http.faces.capillary.conftest import basic
    from ziggurat.app.access.create_first_key import create_first_key

    served: Served = serve_with(webhook_private_targets=True)
    native = served.client()
    make_program(native, {**CLUB, "expiration": {"type": "fixed_duration", "period": {"months": 1}}})
    key = create_first_key(served.service.database, served.clock(), organization="first")
    admin = served.with_headers(basic(key.key.key_id, key.secret))
    good(admin.post("/capillary/ziggurat/v1/webhooks", json={"url": receiver.url}))
    earn(native, 10, "2025-07-01T10:00:00Z")
    earn(native, 60_000, "2025-07-01T11:00:00Z")
    served.clock.pass_seconds(32 * DAY)
    service = served.service
    worker = Worker(service.database, service.clock, private_targets=True, renderers=face_renderers(), idle_s=0)
    worker.run_until_idle()
    spent = {
        "id": "s",
        "member": "ann",
        "type": "points.spent",
        "occurred_at": "2025-08-02T00:00:00Z",
        "points": 60_000,
    }
    native.post("/v1/events", json=[spent])
    served.clock.pass_seconds(32 * DAY)
    worker.run_until_idle()

    told = [json.loads(body) for body in receiver.bodies]
    assert [event["eventName"] for event in told] == ["tierUpgraded", "tierRenewed", "tierDowngraded"]
    upgraded, renewed, downgraded = (event["data"] for event in told)
    assert (upgraded["previousTierNumber"], upgraded["upgradedTierNumber"]) == (1, 2)
    assert (renewed["currentTierNumber"], renewed["renewType"]) == (2, "STRATEGY")
    assert (downgraded["previousTierNumber"], downgraded["downgradedTierNumber"]) == (2, 1)
    envelope = {"eventName", "eventId", "orgId", "refId", "apiRequestId", "createdAt", "data", "loyaltyEventId"}
    assert all(set(event) == envelope for event in told)
