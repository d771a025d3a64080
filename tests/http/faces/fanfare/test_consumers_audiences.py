"""Which audiences and tiers a consumer is in: how the vendor's clients read somebody's tier."""

from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from tests.http.faces.fanfare.conftest import AUDIENCES, CONSUMERS, TIERS
from ziggurat.http.faces.fanfare.fields import TIER_FIELDS
from ziggurat.http.faces.fanfare.wire_answers import BareAudiences

REQUIRED = {"emailVerified": True, "phoneVerified": False, "status": "ACTIVE"}


def tiers(fanfare: TestClient, attribute: str) -> dict[str, Any]:
    """A group of three tiers: below 100, to 500, and above."""
    said = {
        "groupName": f"By {attribute}",
        "attribute": attribute,
        "tiers": [
            {"name": "Bronze", "startValue": 0, "endValue": 100, "order": 0},
            {"name": "Silver", "startValue": "100", "endValue": "500", "order": 1},
            {"name": "Gold", "startValue": 500, "order": 2},
        ],
    }
    answer = fanfare.post(TIERS, json=said)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def tier_names(fanfare: TestClient, consumer: str) -> list[str]:
    answer = fanfare.get(f"{CONSUMERS}/{consumer}/audiences")
    assert answer.status_code == 200, answer.text
    BareAudiences.model_validate(answer.json())
    return [each["name"] for each in answer.json()]


@pytest.mark.parametrize("attribute", TIER_FIELDS)
def test_a_seeded_consumer_is_in_the_tier_of_every_attribute(fanfare: TestClient, attribute: str) -> None:
    group = tiers(fanfare, attribute)
    values = {"Bronze": 99, "Silver": 100, "Gold": 500}
    said = [
        {**REQUIRED, "fullName": name, attribute: str(value) if attribute in ("ltv", "aov") else value}
        for name, value in values.items()
    ]
    made = fanfare.post(f"{CONSUMERS}/batch", json={"consumers": said})
    assert made.status_code == 200, made.text

    for each in made.json():
        assert tier_names(fanfare, each["id"]) == [each["fullName"]]
    (tier,) = fanfare.get(f"{CONSUMERS}/{made.json()[1]['id']}/audiences").json()
    assert (tier["groupId"], tier["groupType"], tier["metadata"]["tierOrder"]) == (
        group["tierGroup"],
        "SEGMENTED_VALUE",
        1,
    )


def test_a_consumer_moves_between_tiers_natively_and_here_alike(fanfare: TestClient, native: TestClient) -> None:
    group = tiers(fanfare, "loyaltyBalance")
    made = fanfare.post(CONSUMERS, json={"externalId": "ann", "loyaltyBalance": 50}).json()
    assert tier_names(fanfare, made["id"]) == ["Bronze"]
    event = {"member": "ann", "type": "points.earned", "occurred_at": "2025-07-01T12:00:00Z", "points": 450}

    native.post("/v1/events", json=[event])

    assert tier_names(fanfare, made["id"]) == ["Gold"]
    standing = native.get("/v1/members/ann", params={"program": group["tierGroup"]}).json()
    (program,) = standing["programs"]
    assert (program["tier"], program["progress"]["value"]) == ("Gold", 500)
    explained = native.get("/v1/members/ann/explain", params={"program": group["tierGroup"]})
    assert "Gold" in explained.json()["items"][0]["sentence"]


def test_lists_and_single_consumers_include_their_audiences_on_request(fanfare: TestClient) -> None:
    tiers(fanfare, "loyaltyBalance")
    made = fanfare.post(CONSUMERS, json={"loyaltyBalance": 200}).json()
    expected = fanfare.get(f"{CONSUMERS}/{made['id']}/audiences").json()

    single = fanfare.get(f"{CONSUMERS}/{made['id']}", params={"include": "audiences,orders"}).json()
    (listed,) = fanfare.get(CONSUMERS, params={"include": "audiences"}).json()["data"]

    assert single == listed == {**made, "audiences": expected}
    assert [each["name"] for each in expected] == ["Silver"]
    assert "audiences" not in made


def test_consumers_are_listed_by_an_audience_they_are_in(fanfare: TestClient) -> None:
    group = tiers(fanfare, "totalOrders")
    said = [{"totalOrders": orders, "fullName": f"N{orders}"} for orders in (0, 120, 130, 510)]
    fanfare.post(f"{CONSUMERS}/batch", json=said)
    silver = next(each["id"] for each in group["audiences"] if each["name"] == "Silver")

    listed = fanfare.get(CONSUMERS, params={"audienceId": silver, "sortBy": "totalOrders", "sortDir": "asc"})

    assert [each["fullName"] for each in listed.json()["data"]] == ["N120", "N130"]
    members = fanfare.get(f"{AUDIENCES}/{silver}/members").json()["data"]
    assert sorted(each["id"] for each in members) == sorted(each["id"] for each in listed.json()["data"])
    unknown = fanfare.get(CONSUMERS, params={"audienceId": str(uuid4())})
    assert (unknown.status_code, unknown.json()) == (404, {"error": "Audience not found"})


def test_consumers_of_every_origin_can_be_put_on_a_list(fanfare: TestClient, native: TestClient) -> None:
    audience = fanfare.post(AUDIENCES, json={"name": "VIP", "type": "STATIC_LIST"}).json()["id"]
    ids = [fanfare.post(CONSUMERS, json=said).json()["id"] for said in ({}, {"externalId": "ann"})]
    event = {"member": "bob", "type": "points.earned", "occurred_at": "2025-07-01T12:00:00Z", "points": 1}
    native.post("/v1/events", json=[event])
    ids.append(fanfare.get(f"{CONSUMERS}/bob").json()["id"])

    added = fanfare.post(f"{AUDIENCES}/{audience}/members", json={"consumerIds": [*ids, str(uuid4())]})

    assert added.json() == {"audienceId": audience, "addedCount": 3}
    assert [tier_names(fanfare, id_) for id_ in ids] == [["VIP"]] * 3


def test_rules_ask_for_what_is_kept_of_consumers(fanfare: TestClient) -> None:
    rules = [{"field": "smsOptOut", "operator": "NOT_EQUALS", "values": [True]}]
    audience = fanfare.post(AUDIENCES, json={"name": "Texted", "type": "DYNAMIC", "rules": rules}).json()
    ann, bob = (fanfare.post(CONSUMERS, json={"smsOptOut": said}).json()["id"] for said in (False, True))
    assert [each["field"] for each in audience["rules"]] == ["smsOptOut"]
    assert (tier_names(fanfare, ann), tier_names(fanfare, bob)) == (["Texted"], [])
    fanfare.put(f"{CONSUMERS}/{ann}", json={"smsOptOut": True})
    assert tier_names(fanfare, ann) == []
