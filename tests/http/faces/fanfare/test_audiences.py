"""The audiences operations: made, read, listed, changed, archived, counted, and their rules, members and groups."""

from typing import Any

from starlette.testclient import TestClient

from tests.http.faces.fanfare.conftest import AUDIENCES, GROUPS, places_of
from tests.http.faces.fanfare.test_loyalty_tiers import earn
from tests.http.faces.fanfare.test_loyalty_tiers import made as made_tiers

RULES = [{"field": "loyaltyBalance", "operator": "GREATER_THAN_OR_EQUAL", "values": [500]}]


def make(fanfare: TestClient, **said: Any) -> dict[str, Any]:
    answer = fanfare.post(AUDIENCES, json={"name": "Regulars", "type": "DYNAMIC", **said})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_an_audience_is_made_read_given_rules_filled_from_a_file_and_archived(
    fanfare: TestClient, native: TestClient
) -> None:
    earn(native, ada=600, bob=10)
    audience = make(fanfare, rules=RULES, metadata={"a": 1.5}, iconName="star")
    assert fanfare.get(f"{AUDIENCES}/{audience['id']}").json() == audience
    assert fanfare.get(f"{AUDIENCES}/{audience['id']}/count").json()["count"] == 1
    assert len(fanfare.get(f"{AUDIENCES}/{audience['id']}/members").json()["data"]) == 1
    one = f"{AUDIENCES}/{audience['id']}"
    for path in ("status", "rules"):
        answer = fanfare.get(f"{one}/{path}")
        assert answer.status_code == 200, answer.text
    rule = {"field": "ltv", "operator": "BETWEEN", "values": ["1", "2"], "audienceId": audience["id"]}
    made = fanfare.post(f"{one}/rules", json=rule).json()
    assert made["field"] == "ltv"
    assert fanfare.put(f"{one}/rules/{made['id']}", json={"values": ["1", "3"]}).json()["values"] == ["1", "3"]
    assert places_of(fanfare.put(f"{one}/rules/{made['id']}", json={"values": ["1"]})) == ["values"]
    assert fanfare.delete(f"{one}/rules/{made['id']}").json()["id"] == made["id"]
    assert len(fanfare.put(f"{one}/rules", json={"rules": [rule, rule]}).json()) == 2
    assert places_of(fanfare.put(f"{one}/rules", json={"rules": [rule, {**rule, "values": []}]})) == ["rules.1.values"]
    assert fanfare.put(one, json={"name": "Other", "groupName": "G"}).json()["groupName"] == "G"
    static = make(fanfare, type="STATIC_LIST")
    assert fanfare.get(AUDIENCES).json()["data"][0]["id"] == static["id"]
    started = fanfare.post(f"{AUDIENCES}/{static['id']}/import").json()
    assert started["status"] == "PENDING"
    put = fanfare.put(started["uploadUrl"], content=b"email\nx@y.z\n", headers={"content-type": "text/csv"})
    assert put.status_code == 200, put.text
    assert fanfare.get(f"{AUDIENCES}/{static['id']}/import").json()["status"] == "PENDING"
    listed = fanfare.post(f"{AUDIENCES}/import/klaviyo", json={"listIds": ["a", "b", "a"]}).json()
    assert len(listed["imported"]) == 2
    assert fanfare.delete(one).json()["archived"] is True
    assert fanfare.delete(one).status_code == 404
    group = made_tiers(fanfare)
    assert fanfare.get(f"{GROUPS}/{group['tierGroup']}").json() == group["audiences"]
    assert fanfare.get(f"{GROUPS}/{group['tierGroup']}/members").status_code == 200
    assert len(fanfare.delete(f"{GROUPS}/{group['tierGroup']}").json()) == 3
    assert fanfare.get(f"{GROUPS}/{group['tierGroup']}").status_code == 404
