"""Structures and tiers: their way through the statuses, lists with orders, filters and cursors, ranges and limits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.conftest import Served
from tests.http.faces.voucherify.conftest import NEWER, SEED, Vendor, join
from ziggurat.http.faces.voucherify.cards import LEDGER
from ziggurat.http.faces.voucherify.errors import MESSAGES

Body = dict[str, Any]


def refused(told: Body, key: str) -> None:
    status, message = MESSAGES[key]
    assert (told["key"], told["message"]) == (key, message)
    assert told["request_id"].startswith("v-")
    assert told["code"] == status or key == "invalid_state_transition"


def test_a_new_structure_is_a_draft_whose_program_is_there_natively(vendor: Vendor) -> None:
    made = vendor.structure(metadata={"a": 1})
    assert (made["status"], made["updated_at"], made["object"]) == ("DRAFT", None, "tier_structure")
    native = vendor.client.get(f"/v1/programs/{made['id']}").json()
    assert (native["status"], native["name"]) == ("draft", "Coffee Club")


def test_left_out_settings_of_the_newer_dialect_have_their_defaults(newer: Vendor) -> None:
    made = newer.structure()
    assert made["expiration"] == {"type": "NO_RETENTION"}
    assert made["downgrade"] == {"type": "NO_DOWNGRADE"}
    assert made["metadata"] == {}
    assert "point_earned" not in made


def test_left_out_settings_of_the_seed_dialect_are_null(seed: Vendor) -> None:
    made = seed.structure()
    assert (made["point_earned"], made["expiration"]) == (None, None)


def test_a_structure_can_be_made_active(vendor: Vendor) -> None:
    assert vendor.structure(status="ACTIVE")["status"] == "ACTIVE"


@pytest.mark.parametrize("status", ["INACTIVE", "DELETED"])
def test_a_structure_cannot_be_made_in_another_status(vendor: Vendor, status: str) -> None:
    tracked = {"card_definition_id": LEDGER}
    body: Body = {"name": "x", "type": "POINT_BALANCE", "status": status}
    body |= tracked if vendor.base == SEED else {"point_balance": tracked}
    refused(vendor.post("/tier-structures", body, 400), "invalid_payload")


STEPS = {
    "DRAFT": {"activate": "ACTIVE"},
    "ACTIVE": {"deactivate": "INACTIVE", "draft": "DRAFT"},
    "INACTIVE": {"activate": "ACTIVE"},
}


@pytest.mark.parametrize("status", list(STEPS))
@pytest.mark.parametrize("doing", ["activate", "deactivate", "draft"])
def test_each_step_leads_from_the_statuses_it_is_for(vendor: Vendor, status: str, doing: str) -> None:
    made = vendor.structure(status="DRAFT" if status == "DRAFT" else "ACTIVE")
    if status == "INACTIVE":
        vendor.step(made, "deactivate")
    if after := STEPS[status].get(doing):
        assert vendor.step(made, doing)["status"] == after
        assert vendor.get(f"/tier-structures/{made['id']}")["status"] == after
        return
    told = vendor.step(made, doing, 409 if vendor.base == SEED else 400)
    refused(told, "invalid_state_transition")
    assert told["details"] == f"Cannot {doing} tier structure from current state: '{status}'"


@pytest.mark.parametrize("status", list(STEPS))
def test_a_deleted_structure_is_gone(vendor: Vendor, status: str) -> None:
    made = vendor.structure(status="DRAFT" if status == "DRAFT" else "ACTIVE")
    if status == "INACTIVE":
        vendor.step(made, "deactivate")
    assert vendor.delete(f"/tier-structures/{made['id']}")["status"] == "DELETED"
    refused(vendor.get(f"/tier-structures/{made['id']}", 404), "not_found")
    assert vendor.get("/tier-structures")["data"] == []


def test_the_natives_statuses_show_as_the_vendors(vendor: Vendor) -> None:
    made = vendor.structure(status="ACTIVE")
    path = f"/v1/programs/{made['id']}"
    for native, shown in (("pause", "INACTIVE"), ("resume", "ACTIVE"), ("freeze", "INACTIVE")):
        assert vendor.client.post(f"{path}/{native}", json={}).status_code < 300
        assert vendor.get(f"/tier-structures/{made['id']}")["status"] == shown


def test_what_is_used_by_a_live_program_stays_as_it_is(vendor: Vendor) -> None:
    made = vendor.structure()
    vendor.tier(made, "Silver", 500)
    joined = join(vendor, made)
    for doing in ("deactivate", "draft"):
        refused(vendor.step(made, doing, 423), "connected_non_draft_program")
    told = vendor.delete(f"/tier-structures/{made['id']}", 400)
    refused(told, "resource_in_use")
    assert told["related_object_ids"] == [joined.program["id"]]
    assert (told["related_object_type"], told["related_object_total"]) == ("program", 1)


def test_lists_go_on_with_a_cursor_until_it_is_null(vendor: Vendor) -> None:
    ids = [vendor.structure(name=f"Club {number}")["id"] for number in range(5)]
    first = vendor.get("/tier-structures?limit=2")
    assert [each["id"] for each in first["data"]] == ids[:2:-1]
    assert first["cursor"]["next"].startswith("lcrsts_")
    second = vendor.get(f"/tier-structures?limit=2&cursor={first['cursor']['next']}")
    third = vendor.get(f"/tier-structures?limit=2&cursor={second['cursor']['next']}")
    assert [each["id"] for page in (first, second, third) for each in page["data"]] == ids[::-1]
    assert third["cursor"] is None


def test_a_cursor_is_for_its_query_and_a_day(vendor: Vendor, served: Served) -> None:
    vendor.structure()
    vendor.structure()
    cursor = vendor.get("/tier-structures?limit=1")["cursor"]["next"]
    told = vendor.get(f"/tier-structures?limit=1&order=name&cursor={cursor}", 400)
    refused(told, "cursor_and_query_mismatch")
    served.clock.pass_seconds(90_000)
    refused(vendor.get(f"/tier-structures?limit=1&cursor={cursor}", 400), "invalid_or_expired_cursor")
    refused(vendor.get("/tier-structures?cursor=lcrsts_00", 400), "invalid_or_expired_cursor")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("order=name", ["Ant", "Bee", "Cow"]),
        ("order=-name", ["Cow", "Bee", "Ant"]),
        ("order=created_at", ["Bee", "Cow", "Ant"]),
        ("order=type&order=-name", ["Cow", "Ant", "Bee"]),
        ("order=-status&order=name", ["Bee", "Cow", "Ant"]),
        ("filters[name][conditions][$is]=Bee", ["Bee"]),
        ("filters[name][conditions][$in]=Bee&filters[name][conditions][$in]=Cow", ["Cow", "Bee"]),
        ("filters[name][conditions][$in][0]=Bee&filters[name][conditions][$in][1]=Cow", ["Cow", "Bee"]),
        ("filters[name][conditions][$is_not]=Bee", ["Ant", "Cow"]),
        ("filters[name][conditions][$not_in]=Bee", ["Ant", "Cow"]),
        ("filters[name][conditions][$contains]=e", ["Bee"]),
        ("filters[name][conditions][$not_contain]=e", ["Ant", "Cow"]),
        ("filters[name][conditions][$starts_with]=C", ["Cow"]),
        ("filters[name][conditions][$ends_with]=t", ["Ant"]),
        ("filters[name][conditions][$has_value]=x", ["Ant", "Cow", "Bee"]),
        ("filters[name][conditions][$is_unknown]=x", []),
        ("filters[type][conditions][$is]=POINT_EARNED", ["Bee"]),
        ("filters[status][conditions][$is]=ACTIVE", ["Ant"]),
        ("filters[status][conditions][$is]=ACTIVE&filters[type][conditions][$is]=POINT_EARNED", []),
        (
            "filters[junction]=OR&filters[status][conditions][$is]=ACTIVE&filters[type][conditions][$is]=POINT_EARNED",
            ["Ant", "Bee"],
        ),
        ("filters[created_at][conditions][$after]=2025-06-30", ["Ant", "Cow", "Bee"]),
        ("filters[created_at][conditions][$before]=2025-07-01", []),
        ("filters[created_at][conditions][$is]=0", ["Ant", "Cow", "Bee"]),
        ("filters[created_at][conditions][$more_than]=0", []),
        ("filters[created_at][conditions][$less_than]=1", ["Ant", "Cow", "Bee"]),
    ],
)
def test_lists_are_ordered_and_filtered(vendor: Vendor, query: str, names: list[str]) -> None:
    vendor.structure(name="Bee", point_earned={"period": {"value": 1, "unit": "DAY"}, "type": "IMMEDIATELY"})
    vendor.structure(name="Cow")
    vendor.structure(name="Ant", status="ACTIVE")
    assert [each["name"] for each in vendor.get(f"/tier-structures?{query}")["data"]] == names


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=1.5",
        "order=color",
        "order=name&order=-name",
        "page=2",
        "filters[color][conditions][$is]=x",
        "filters[name][$is]=x",
        "filters[name][conditions][$like]=x",
        "filters[name][conditions][$is]=x&filters[name][conditions][$is]=y",
        "filters[status][conditions][$is]=LIVE",
        "filters[junction]=XOR",
        "filters[created_at][conditions][$before]=soon",
        "filters[created_at][conditions][$is]=-1",
    ],
)
def test_a_query_that_means_nothing_is_refused(vendor: Vendor, query: str) -> None:
    refused(vendor.get(f"/tier-structures?{query}", 400), "invalid_query_params")


def test_deleted_is_a_status_to_filter_by_only_in_the_seed_dialect(seed: Vendor, newer: Vendor) -> None:
    query = "/tier-structures?filters[status][conditions][$is]=DELETED"
    assert seed.get(query)["data"] == []
    refused(newer.get(query, 400), "invalid_query_params")


def test_tiers_are_made_listed_changed_and_deleted(vendor: Vendor) -> None:
    made = vendor.structure()
    silver = vendor.tier(made, "Silver", 500, 999, metadata={"a": 1})
    vendor.tier(made, "Gold", 1000)
    path = f"/tier-structures/{made['id']}/tiers"
    assert [each["name"] for each in vendor.get(f"{path}?order=name")["data"]] == ["Gold", "Silver"]
    assert vendor.get(f"{path}?order=created_at")["data"][0] == silver
    told = vendor.put(f"{path}/{silver['id']}", {"name": "Argent", "downgrade": {"type": "NO_DOWNGRADE"}})
    assert (told["id"], told["name"], told["downgrade"]) == (silver["id"], "Argent", {"type": "NO_DOWNGRADE"})
    assert told["metadata"] == {"a": 1}
    assert told["updated_at"] > told["created_at"]
    assert vendor.delete(f"{path}/{silver['id']}")["name"] == "Argent"
    assert [each["name"] for each in vendor.get(path)["data"]] == ["Gold"]
    refused(vendor.put(f"{path}/{silver['id']}", {}, 404), "not_found")
    kinds = [each["type"] for each in vendor.get(f"/tier-structures/{made['id']}/activities?order=created_at")["data"]]
    expected = ["created", "tier.created", "tier.created", "tier.updated", "tier.deleted"]
    assert kinds == [f"vl.tier_structure.{each}" for each in expected]


def test_a_tier_of_a_live_structure_changes_name_and_metadata_only(vendor: Vendor) -> None:
    made = vendor.structure()
    silver = vendor.tier(made, "Silver", 500)
    vendor.step(made, "activate")
    path = f"/tier-structures/{made['id']}/tiers/{silver['id']}"
    assert vendor.put(path, {"name": "Argent", "metadata": {"b": 2}})["id"] == silver["id"]
    refused(vendor.put(path, {"qualification_rules": silver["qualification_rules"]}, 400), "invalid_payload")
    refused(vendor.delete(path, 423), "resource_locked")


@pytest.mark.parametrize(("low", "high"), [(500, 600), (0, 500), (900, None), (0, None)])
def test_ranges_that_overlap_are_refused(vendor: Vendor, low: int, high: int | None) -> None:
    made = vendor.structure()
    vendor.tier(made, "Silver", 500, 999)
    points: Body = {"min_value": low} | ({} if high is None else {"max_value": high})
    rules = {"type": "POINTS", **(points if vendor.base == SEED else {"points": points})}
    body = {"name": "Gold", "qualification_rules": rules}
    told = vendor.post(f"/tier-structures/{made['id']}/tiers", body, 403 if vendor.base == SEED else 400)
    assert told["key"] == "invalid_payload"


def test_a_range_may_be_moved_within_itself_and_gaps_are_allowed(vendor: Vendor) -> None:
    made = vendor.structure()
    silver = vendor.tier(made, "Silver", 500, 999)
    vendor.tier(made, "Gold", 5000)
    points = {"min_value": 600, "max_value": 700}
    rules = {"type": "POINTS", **(points if vendor.base == SEED else {"points": points})}
    path = f"/tier-structures/{made['id']}/tiers/{silver['id']}"
    assert vendor.put(path, {"qualification_rules": rules})["qualification_rules"] == rules


def test_names_of_tiers_are_their_own(vendor: Vendor) -> None:
    made = vendor.structure()
    vendor.tier(made, "Silver", 500, 999)
    points = {"min_value": 1000}
    rules = {"type": "POINTS", **(points if vendor.base == SEED else {"points": points})}
    body = {"name": "silver", "qualification_rules": rules}
    refused(vendor.post(f"/tier-structures/{made['id']}/tiers", body, 400), "invalid_payload")


def test_the_seed_dialect_has_ten_tiers_and_the_newer_a_hundred(seed: Vendor, newer: Vendor) -> None:
    made = seed.structure()
    for number in range(10):
        seed.tier(made, f"Tier {number}", 10 * number, 10 * number + 9)
    rules = {"type": "POINTS", "min_value": 1000}
    path = f"/tier-structures/{made['id']}/tiers"
    told = seed.post(path, {"name": "Eleventh", "qualification_rules": rules}, 403)
    refused(told, "tiers_per_tier_structure_limit_exceeded")
    nested = {"type": "POINTS", "points": {"min_value": 1000}}
    assert newer.post(path, {"name": "Eleventh", "qualification_rules": nested})["name"] == "Eleventh"


def test_a_ladder_made_natively_is_a_structure_here(vendor: Vendor) -> None:
    document = {
        "name": "Native",
        "base_tier": "Member",
        "qualification": {"measure": "points_balance"},
        "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}],
    }
    answer = vendor.client.post("/v1/programs", json=document)
    assert answer.status_code < 300, answer.text
    (shown,) = vendor.get("/tier-structures")["data"]
    assert (shown["name"], shown["status"], shown["type"]) == ("Native", "DRAFT", "POINT_BALANCE")
    tiers = vendor.get(f"/tier-structures/{shown['id']}/tiers?order=created_at")["data"]
    assert [each["name"] for each in tiers] == ["Member", "Silver", "Gold"]
    again = vendor.put(f"/tier-structures/{shown['id']}/tiers/{tiers[1]['id']}", {"name": "Argent"})
    assert again["id"] == tiers[1]["id"]
    assert vendor.update(shown, {"name": "Tea"})["name"] == "Tea"


@pytest.mark.parametrize("headers", [{}, {"x-app-id": "k"}, {"x-app-token": "t"}, {"authorization": "Bearer no"}])
def test_without_a_key_there_is_only_the_documented_refusal(served: Served, headers: dict[str, str]) -> None:
    for base in (SEED, NEWER):
        answer = served.with_headers(headers).get(f"{base}/tier-structures")
        assert answer.status_code == 401
        assert answer.json() == {"code": 401, "message": "Unauthorized", "key": "unauthorized"}


def test_key_id_and_secret_open_the_door(served: Served) -> None:
    client = served.client()
    made = client.post("/v1/keys", json={"name": "vendor", "scopes": ["read"]})
    assert made.status_code < 300, made.text
    key = made.json()
    headers = {"X-App-Id": key.get("key_id") or key["key"]["key_id"], "X-App-Token": key["secret"]}
    answer = served.with_headers(headers).get(f"{SEED}/tier-structures")
    assert answer.status_code == 200, answer.text
    told = served.with_headers(headers).post(f"{SEED}/tier-structures", json={}).json()
    assert (told["code"], told["key"]) == (403, "forbidden")


def test_an_unknown_address_and_a_body_that_is_no_json(vendor: Vendor) -> None:
    refused(vendor.get("/tiers", 404), "not_found")
    answer = vendor.client.post(f"{vendor.base}/tier-structures", content=b"{")
    assert answer.status_code == 400
    refused(answer.json(), "invalid_payload")
    told = vendor.call("PATCH", "/tier-structures", {}, 405)
    assert told["key"] == "method_not_allowed"


def test_a_body_that_is_too_large_is_told_as_the_vendors_framework_does(vendor: Vendor) -> None:
    answer = vendor.client.post(f"{vendor.base}/tier-structures", content=b" " * 10_000_001)
    assert answer.status_code == 413
    assert answer.json()["statusCode"] == 413
    assert answer.json()["error"] == "Request Entity Too Large"


def test_activities_are_told_in_the_words_of_whoever_asks(seed: Vendor, newer: Vendor) -> None:
    made = seed.structure()
    tier = seed.tier(made, "Silver", 500)
    path = f"/tier-structures/{made['id']}"
    for vendor in (seed, newer):
        (told, _) = vendor.get(f"{path}/activities?order=-created_at")["data"]
        (shown,) = vendor.get(f"{path}/tiers")["data"]
        assert told["data"] == {"tier_structure": vendor.get(path), "tier": shown}
        assert shown["id"] == tier["id"]
    assert seed.get(path).keys() != newer.get(path).keys()
