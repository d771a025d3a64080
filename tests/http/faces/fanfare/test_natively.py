"""Tiers as audiences, and what the native API and the face show of each other."""

from starlette.testclient import TestClient

from tests.http.faces.fanfare.conftest import AUDIENCES, CONSUMERS, GROUPS, TIERS
from tests.http.faces.fanfare.test_audiences import RULES
from tests.http.faces.fanfare.test_loyalty_tiers import counts, earn, group_body, names
from tests.http.faces.fanfare.test_loyalty_tiers import made as made_tiers


def test_a_tier_that_is_deleted_leaves_the_ladder(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=600)
    group = made_tiers(fanfare)
    gold = group["audiences"][2]

    assert fanfare.delete(f"{AUDIENCES}/{gold['id']}").json()["archived"] is True

    left = fanfare.get(f"{GROUPS}/{group['tierGroup']}").json()
    assert [one["name"] for one in left] == ["Bronze", "Silver"]
    document = native.get(f"/v1/programs/{group['tierGroup']}").json()["document"]
    assert [one["name"] for one in document["tiers"]] == ["Bronze", "Silver"]
    assert native.get("/v1/members/ada").json()["programs"][0]["tier"] == ""
    for one in left:
        fanfare.delete(f"{AUDIENCES}/{one['id']}")
    assert native.get(f"/v1/programs/{group['tierGroup']}").json()["status"] == "archived"


def test_what_is_said_of_a_tiers_audience_is_said_of_the_tier(fanfare: TestClient, native: TestClient) -> None:
    group = made_tiers(fanfare)
    silver = group["audiences"][1]
    said = {"name": "Argent", "description": "Some", "iconName": "moon", "groupName": "Clan", "metadata": {"a": 1}}

    changed = fanfare.put(f"{AUDIENCES}/{silver['id']}", json=said).json()

    assert {name: changed[name] for name in said} == {**said, "metadata": {"a": 1, **silver["metadata"]}}
    document = native.get(f"/v1/programs/{group['tierGroup']}").json()["document"]
    assert document["name"] == "Clan"
    (tier,) = [one for one in document["tiers"] if one["id"] == silver["id"]]
    assert (tier["name"], tier["description"], tier["icon"]) == ("Argent", "Some", "moon")
    assert len(fanfare.get(f"{GROUPS}/{group['tierGroup']}").json()) == 3


def test_the_rules_of_a_tier_follow_from_its_group(fanfare: TestClient) -> None:
    silver = made_tiers(fanfare)["audiences"][1]
    rules = f"{AUDIENCES}/{silver['id']}/rules"

    assert fanfare.get(rules).json() == silver["rules"]
    assert fanfare.get(f"{rules}/{silver['rules'][0]['id']}").json() == silver["rules"][0]
    for answer in (
        fanfare.post(rules, json={**RULES[0], "audienceId": silver["id"]}),
        fanfare.put(rules, json={"rules": []}),
        fanfare.delete(f"{rules}/{silver['rules'][0]['id']}"),
    ):
        assert answer.status_code == 400
        assert answer.json() == {"error": "Audience is a loyalty tier, its rules follow from its group"}


def test_a_ladder_that_is_changed_natively_is_shown_as_it_is(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=600, bob=2_000)
    group = made_tiers(fanfare)
    program = f"/v1/programs/{group['tierGroup']}"
    document = native.get(program).json()["document"]
    gold = document["tiers"][2]
    gold["below"] = 1_000
    document["tiers"] = [*document["tiers"][1:], {"name": "Platinum", "id": "platinum", "from": 1_000}]
    native.put(f"{program}/draft", json=document, headers={"if-match": "*"}).raise_for_status()
    native.post(f"{program}/activate").raise_for_status()

    shown = fanfare.get(f"{GROUPS}/{group['tierGroup']}").json()

    assert [one["name"] for one in shown] == ["Silver", "Gold", "Platinum"]
    assert [one["id"] for one in shown[:2]] == [one["id"] for one in group["audiences"][1:]]
    assert [one["metadata"]["tierBoundaries"] for one in shown[1:]] == [
        {"min": 500, "max": 1_000},
        {"min": 1_000, "max": None},
    ]
    assert fanfare.get(f"{AUDIENCES}/{shown[1]['id']}/count").json()["count"] == 1
    again = fanfare.put(f"{TIERS}/{group['tierGroup']}", json=group_body())
    assert [one["id"] for one in again.json()["audiences"]][1:] == [one["id"] for one in group["audiences"]][1:]


def test_a_member_moved_by_hand_natively_is_in_that_tier_here(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=50)
    group = made_tiers(fanfare)
    said = {"program": group["tierGroup"], "tier": "Gold", "mode": "fixed", "reason": "a friend of the house"}

    answer = native.post("/v1/members/ada/overrides", json=said)
    assert answer.status_code in (200, 201), answer.text

    assert counts(fanfare, group) == {"Bronze": 0, "Silver": 0, "Gold": 1}
    (consumer,) = fanfare.get(CONSUMERS).json()["data"]
    mine = fanfare.get(f"{CONSUMERS}/{consumer['id']}/audiences").json()
    assert [one["id"] for one in mine] == [group["audiences"][2]["id"]]


def test_a_member_who_climbs_is_told_of_natively_and_why(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=50)
    group = made_tiers(fanfare)

    earn(native, ada=450)

    assert names(native, group["audiences"][2]) == ["ada"]
    moves = native.get("/v1/members/ada/timeline").json()["items"]
    assert [move["to_tier"] for move in moves] == ["Bronze", "Gold"]
    (why,) = native.get("/v1/members/ada/explain").json()["items"]
    assert "Gold" in why["sentence"]
    assert "500" in why["sentence"]


def test_audiences_made_natively_are_seen_by_an_id_that_stays(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=600)
    rules = [[{"field": "lifetime_value", "operator": "less_than", "values": [5]}]]
    said = {"name": "Native", "rules": rules, "group": {"key": "mine", "name": "Mine"}}
    made = native.post("/v1/audiences", json=said).json()

    (shown,) = fanfare.get(AUDIENCES).json()["data"]

    assert (shown["name"], shown["rules"][0]["field"], shown["rules"][0]["operator"]) == ("Native", "ltv", "LESS_THAN")
    assert fanfare.get(f"{AUDIENCES}/{shown['id']}").json() == shown
    assert fanfare.get(f"{GROUPS}/{shown['groupId']}").json() == [shown]
    assert fanfare.get(f"{AUDIENCES}/{made['id']}").json() == shown
    rule = fanfare.put(f"{AUDIENCES}/{shown['id']}/rules/{shown['rules'][0]['id']}", json={"values": [6]}).json()
    assert rule == {**shown["rules"][0], "values": [6]}
