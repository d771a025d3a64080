"""Batches of consumers, in both forms: all of them or none, every fault told, and amounts brought along."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.faces.fanfare.conftest import CONSUMERS, issues_of, places_of

BATCH = f"{CONSUMERS}/batch"
REQUIRED = {"emailVerified": True, "phoneVerified": False, "status": "ACTIVE"}


def batch(fanfare: TestClient, *items: dict[str, Any]) -> list[dict[str, Any]]:
    answer = fanfare.post(BATCH, json={"consumers": [{**REQUIRED, **item} for item in items]})
    assert answer.status_code == 200, answer.text
    made: list[dict[str, Any]] = answer.json()
    return made


def test_every_tier_attribute_can_be_brought_along(fanfare: TestClient, native: TestClient) -> None:
    (made,) = batch(
        fanfare,
        {
            "externalId": "ann",
            "loyaltyBalance": 120.5,
            "loyaltyLifetimePoints": 1000,
            "ltv": "300.40",
            "totalOrders": 4,
            "lastOrderAt": "2025-06-01T00:00:00Z",
            "activityScore": 12,
            "purchaseFrequencyScore": 3.25,
            "monetaryScore": 80,
        },
    )

    assert (made["loyaltyBalance"], made["loyaltyLifetimePoints"]) == (120.5, 1000)
    assert (made["ltv"], made["totalOrders"], made["aov"], made["totalOrderValue"]) == ("300.4", 4, "75.1", 300.4)
    assert (made["activityScore"], made["purchaseFrequencyScore"], made["monetaryScore"]) == (12, 3.25, 80)
    assert made["lastOrderAt"] == "2025-06-01T00:00:00.000Z"
    assert made["emailVerified"] is True
    events = native.get("/v1/members/ann/events").json()["items"]
    assert len(events) == 1 + 4 + 2 + 3
    assert {each.get("reason") for each in events if each["type"] != "member.enrolled"} == {"opening balance"}


@pytest.mark.parametrize(
    ("said", "ltv", "orders", "aov"),
    [
        ({"aov": "25", "totalOrders": 4}, "100", 4, "25"),
        ({"aov": "25"}, "25", 1, "25"),
        ({"ltv": "100", "aov": "25"}, "100", 4, "25"),
        ({"ltv": "100"}, "100", 1, "100"),
        ({"totalOrders": 3}, "0", 3, "0"),
        ({"ltv": "100", "totalOrders": 4, "aov": "99"}, "100", 4, "25"),
    ],
)
def test_money_orders_and_average_follow_from_each_other(
    fanfare: TestClient, said: dict[str, Any], ltv: str, orders: int, aov: str
) -> None:
    (made,) = batch(fanfare, said)
    assert (made["ltv"], made["totalOrders"], made["aov"]) == (ltv, orders, aov)


def test_both_forms_of_a_batch_are_taken_and_the_bare_one_asks_for_less(fanfare: TestClient) -> None:
    bare = fanfare.post(BATCH, json=[{"email": "a@example.com"}, {"email": "b@example.com"}])
    assert [each["email"] for each in bare.json()] == ["a@example.com", "b@example.com"]
    lacking = fanfare.post(BATCH, json={"consumers": [{}]})
    required = {f"consumers.0.{name}" for name in ("emailVerified", "phoneVerified", "status")}
    assert set(places_of(lacking)) == required
    assert fanfare.post(BATCH, json=[]).json() == []


def test_a_batch_with_faults_makes_nobody_and_tells_them_all(fanfare: TestClient) -> None:
    batch(fanfare, {"email": "ann@example.com"})
    before = fanfare.get(CONSUMERS).json()["data"]

    answer = fanfare.post(
        BATCH,
        json=[
            {"email": "good@example.com"},
            {"email": "ann@example.com"},
            {"email": "twice@example.com"},
            {"email": "Twice@example.com"},
            {"lastOrderAt": "2030-01-01T00:00:00Z", "totalOrders": 1},
            {"loyaltyBalance": -5},
            {"metadata": {"fanfare": "mine"}},
        ],
    )

    assert places_of(answer) == ["1.email", "3.email", "4.lastOrderAt", "5.loyaltyBalance", "6.metadata.fanfare"]
    assert [issue["type"] for issue in issues_of(answer)] == ["unique", "unique", "check", "check", "check"]
    assert fanfare.get(CONSUMERS).json()["data"] == before


@pytest.mark.parametrize(
    ("item", "place", "type_"),
    [
        ({"ltv": 5}, "ltv", "string"),
        ({"ltv": "-5"}, "ltv", "regex"),
        ({"aov": "1234567890123"}, "aov", "regex"),
        ({"ltv": "0.00001"}, "ltv", "check"),
        ({"totalOrders": 1.5}, "totalOrders", "check"),
        ({"totalReturns": -1}, "totalReturns", "check"),
        ({"totalOrders": "3"}, "totalOrders", "number"),
        ({"loyaltyBalance": 1e30}, "loyaltyBalance", "check"),
        ({"activityRank": 6}, "activityRank", "max_value"),
        ({"lastOrderAt": "yesterday"}, "lastOrderAt", "iso_timestamp"),
        ({"lastGeoCoordinates": {"latitude": 5}}, "lastGeoCoordinates", "object"),
        ({"status": None}, "status", "picklist"),
        ({"externalId": "\u0000"}, "externalId", "check"),
    ],
)
def test_a_field_that_cannot_be_is_refused_where_it_is_wrong(
    fanfare: TestClient, item: dict[str, Any], place: str, type_: str
) -> None:
    answer = fanfare.post(BATCH, json=[{}, item])
    assert (places_of(answer), [issue["type"] for issue in issues_of(answer)]) == ([f"1.{place}"], [type_])
    assert fanfare.get(CONSUMERS).json()["data"] == []


def test_what_is_kept_as_it_is_said_is_answered_so(fanfare: TestClient) -> None:
    said = {
        "totalReturns": 2,
        "totalMessages": 3,
        "totalEngagements": 4,
        "engagedCount": 5,
        "lastEngagedAt": "2025-01-02T03:04:05.000Z",
        "lastLoginAt": None,
        "lastGeoCity": "Lyon",
        "lastGeoPostalCode": "69000",
        "lastGeoCoordinates": {"latitude": 45.75, "longitude": 4.85},
        "primaryExternalId": "x1",
        "smsOptOut": True,
    }
    (made,) = batch(fanfare, {**said, "activityRank": 5, "activityScoreUpdatedAt": "2025-01-01T00:00:00Z"})
    assert {name: made[name] for name in said} == said
    assert (made["activityRank"], made["activityScoreUpdatedAt"]) == (0, None)


def test_more_than_five_hundred_are_too_many_in_one_batch(fanfare: TestClient) -> None:
    for answer in (
        fanfare.post(BATCH, json=[{}] * 501),
        fanfare.post(BATCH, json={"consumers": [{}] * 501}),
        fanfare.put(BATCH, json=[{"id": "x"}] * 501),
    ):
        assert (answer.status_code, answer.json()) == (400, {"error": "Max batch size is 500"})


def test_five_hundred_are_not(fanfare: TestClient) -> None:
    made = batch(fanfare, *({"email": f"m{number}@example.com", "loyaltyBalance": number} for number in range(500)))
    assert [each["loyaltyBalance"] for each in made] == list(range(500))


def test_more_orders_than_a_request_may_bring_are_refused(fanfare: TestClient) -> None:
    answer = fanfare.post(BATCH, json=[{"totalOrders": 9_000}, {"totalOrders": 9_000}])
    (issue,) = issues_of(answer)
    assert "18002 events" in issue["message"]


def test_with_upsert_who_is_there_is_changed(fanfare: TestClient) -> None:
    (ann,) = batch(fanfare, {"email": "ann@example.com", "loyaltyBalance": 5})
    answer = fanfare.post(BATCH, params={"upsert": "true"}, json=[{"email": "Ann@example.com", "fullName": "Ann"}, {}])
    changed, fresh = answer.json()
    assert (changed["id"], changed["fullName"], changed["loyaltyBalance"]) == (ann["id"], "Ann", 5)
    assert fresh["id"] != ann["id"]
    brings = [{"email": "ann@example.com", "loyaltyBalance": 9}]
    issues_of(fanfare.post(BATCH, params={"upsert": "true"}, json=brings))
    assert fanfare.get(f"{CONSUMERS}/{ann['id']}").json()["loyaltyBalance"] == 5


def test_updates_of_a_batch_are_all_made_or_none(fanfare: TestClient) -> None:
    ann, bob = batch(fanfare, {"email": "ann@example.com"}, {"email": "bob@example.com"})
    good = [{"id": bob["id"], "metadata": {"tier": "gold"}}, {"id": ann["id"], "fullName": "Ann"}]
    bad = [*good, {"id": "nobody"}, {"id": bob["id"], "email": "ann@example.com"}, {"fullName": "x"}]

    assert places_of(fanfare.put(BATCH, json=bad)) == ["4.id"]
    assert places_of(fanfare.put(BATCH, json={"consumers": bad[:-1]})) == ["consumers.2.id", "consumers.3.email"]
    assert fanfare.get(f"{CONSUMERS}/{ann['id']}").json() == ann

    changed = fanfare.put(BATCH, json=good).json()
    assert [(each["id"], each["metadata"], each["fullName"]) for each in changed] == [
        (bob["id"], {"tier": "gold"}, None),
        (ann["id"], None, "Ann"),
    ]
