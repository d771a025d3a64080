"""Consumers are members: made, read, changed and archived in the vendor's words, and the same natively."""

from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.fanfare.conftest import CONSUMERS, issues_of, places_of
from ziggurat.app.principal import KeyScope
from ziggurat.http.faces.fanfare.wire_consumers import Consumer

NOW = "2025-07-01T12:00:00.000Z"


def make(fanfare: TestClient, **said: Any) -> dict[str, Any]:
    answer = fanfare.post(CONSUMERS, json=said)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    Consumer.model_validate(made)
    assert made.keys() == Consumer.model_fields.keys()
    return made


def earn(native: TestClient, member: str, points: int, **said: Any) -> None:
    event = {"member": member, "type": "points.earned", "occurred_at": "2025-07-01T11:00:00Z", "points": points, **said}
    assert native.post("/v1/events", json=[event]).status_code == 200


def test_a_new_consumer_has_every_field_of_the_contract(fanfare: TestClient) -> None:
    made = make(fanfare, email="ann@example.com", phone="+33123456", fullName="Ann", metadata={"tags": ["a", 1, None]})

    assert made["id"] == made["externalId"]
    assert (made["email"], made["phone"], made["fullName"]) == ("ann@example.com", "+33123456", "Ann")
    assert made["metadata"] == {"tags": ["a", 1, None]}
    assert (made["createdAt"], made["createdBy"], made["archived"], made["status"]) == (NOW, "api", False, "ACTIVE")
    assert (made["ltv"], made["aov"], made["loyaltyBalance"], made["activityRank"]) == ("0", "0", 0, 0)
    assert fanfare.get(f"{CONSUMERS}/{made['id']}").json() == made


def test_a_consumer_is_the_same_member_natively(fanfare: TestClient, native: TestClient) -> None:
    made = make(fanfare, email="ann@example.com", externalId="m-1001", lastGeoCountry="FR", smsOptOut=True)
    earn(native, "m-1001", 250)

    profile = native.get("/v1/members/m-1001/profile").json()
    seen = fanfare.get(f"{CONSUMERS}/{made['id']}").json()

    assert (profile["email"], profile["country"], profile["points_balance"]) == ("ann@example.com", "FR", 250)
    assert profile["enrolled_at"] == "2025-07-01T12:00:00Z"
    assert (seen["loyaltyBalance"], seen["loyaltyLifetimePoints"], seen["smsOptOut"]) == (250, 250, True)
    assert seen["loyaltyLastActivityAt"] == "2025-07-01T11:00:00.000Z"
    assert (seen["id"], seen["externalId"]) == (made["id"], "m-1001")
    assert fanfare.get(f"{CONSUMERS}/m-1001").json() == seen


def test_members_made_elsewhere_have_an_id_that_leads_back(fanfare: TestClient, native: TestClient) -> None:
    earn(native, "bob", 5)
    earn(native, uuid := str(uuid4()), 5)

    seen = fanfare.get(CONSUMERS, params={"sortDir": "asc"}).json()["data"]

    assert [each["externalId"] for each in seen] == ["bob", uuid]
    assert seen[1]["id"] == uuid
    for each in seen:
        assert fanfare.get(f"{CONSUMERS}/{each['id']}").json() == each
        assert fanfare.get(f"{CONSUMERS}/{each['id'].upper()}").json() == each


@pytest.mark.parametrize("said", ["", "/audiences", "/loyalty-transactions", "/timeline"])
@pytest.mark.parametrize(
    "id_",
    ["00000000-0000-8000-8000-000000000001", f"018f3a52-7c1e-7d3a-9b1f-{7:012d}", "nobody", "%00", "%2F", "a" * 300],
)
def test_who_is_not_there_is_not_found(fanfare: TestClient, id_: str, said: str) -> None:
    answer = fanfare.get(f"{CONSUMERS}/{id_}{said}")
    assert (answer.status_code, answer.json()) == (404, {"error": "Consumer not found"})


def test_an_update_changes_what_it_says_and_nothing_else(fanfare: TestClient, served: Served) -> None:
    made = make(fanfare, email="ann@example.com", phone="+1", fullName="Ann", metadata={"a": 1}, emailVerified=True)
    served.clock.pass_seconds(60)
    path = f"{CONSUMERS}/{made['id']}"

    changed = fanfare.put(path, json={"phone": None, "smsOptOut": True, "metadata": {"b": 2}, "unknown": 1}).json()

    expected = {**made, "phone": None, "smsOptOut": True, "metadata": {"b": 2}}
    assert changed == {**expected, "updatedAt": "2025-07-01T12:01:00.000Z", "updatedBy": "api"}
    assert fanfare.get(path).json() == changed
    assert fanfare.put(path, json={"metadata": None}).json()["metadata"] is None
    assert fanfare.patch(path, json={"status": "INACTIVE"}).json()["status"] == "INACTIVE"
    assert fanfare.get(path).json()["emailVerified"] is True


@pytest.mark.parametrize(
    ("said", "place", "type_"),
    [
        ({"email": "nobody"}, "email", "email"),
        ({"email": 5}, "email", "string"),
        ({"fullName": False}, "fullName", "string"),
        ({"smsOptOut": "no"}, "smsOptOut", "boolean"),
        ({"status": "ARCHIVED"}, "status", "picklist"),
        ({"metadata": {"a": {"b": 1}}}, "metadata", "check"),
        ({"metadata": []}, "metadata", "record"),
        ({"metadata": {"fanfare": 1}}, "metadata.fanfare", "check"),
        ({"fullName": "x" * 500}, "fullName", "check"),
        ({"phone": "\u0007"}, "phone", "check"),
    ],
)
def test_an_update_that_cannot_be_is_refused_where_it_is_wrong(
    fanfare: TestClient, said: dict[str, Any], place: str, type_: str
) -> None:
    made = make(fanfare, email="ann@example.com")
    answer = fanfare.put(f"{CONSUMERS}/{made['id']}", json=said)
    (issue,) = issues_of(answer)
    assert (places_of(answer), issue["type"]) == ([place], type_)
    assert fanfare.get(f"{CONSUMERS}/{made['id']}").json() == made


def test_an_email_belongs_to_one_consumer(fanfare: TestClient) -> None:
    make(fanfare, email="ann@example.com")
    bob = make(fanfare, email="bob@example.com")

    clash = fanfare.post(CONSUMERS, json={"email": "ANN@example.com"})
    (issue,) = issues_of(clash)
    again = fanfare.put(f"{CONSUMERS}/{bob['id']}", json={"email": "ann@example.com"})

    assert (issue["kind"], issue["type"], issue["message"]) == ("validation", "unique", "validation.unique")
    assert (issue["expected"], issue["received"]) == ("unique_value", "duplicate_value")
    assert places_of(clash) == places_of(again) == ["email"]
    assert fanfare.put(f"{CONSUMERS}/{bob['id']}", json={"email": "bob@example.com"}).status_code == 200
    taken = fanfare.post(CONSUMERS, json={"externalId": bob["externalId"]})
    assert places_of(taken) == ["externalId"]


def test_an_archived_consumer_is_out_of_lists_and_still_a_member(fanfare: TestClient, native: TestClient) -> None:
    made = make(fanfare, email="ann@example.com", externalId="ann")
    path = f"{CONSUMERS}/{made['id']}"

    gone = fanfare.delete(path)

    assert (gone.status_code, gone.json()["archived"], gone.json()["status"]) == (200, True, "INACTIVE")
    assert fanfare.get(CONSUMERS).json()["data"] == []
    assert fanfare.get(f"{CONSUMERS}/search", params={"email": "ann@example.com"}).json()["data"] == []
    assert fanfare.get(f"{CONSUMERS}/search", params={"externalId": "ann"}).json()["data"] == []
    assert fanfare.get(path).json() == gone.json()
    assert (fanfare.delete(path).status_code, fanfare.delete(path).json()) == (404, {"error": "Consumer not found"})
    assert native.get("/v1/members/ann").status_code == 200
    back = fanfare.put(path, json={"status": "ACTIVE"}).json()
    assert (back["archived"], back["status"]) == (False, "ACTIVE")


def test_merged_members_answer_as_one_and_erased_ones_not_at_all(fanfare: TestClient, native: TestClient) -> None:
    ann, bob = (make(fanfare, externalId=name) for name in ("ann", "bob"))
    assert native.post("/v1/members/bob/merge", json={"into": "ann"}).status_code == 200
    assert fanfare.get(f"{CONSUMERS}/{bob['id']}").json()["id"] == ann["id"]
    assert native.delete("/v1/members/ann").status_code == 200
    assert fanfare.get(f"{CONSUMERS}/{ann['id']}").status_code == 404
    assert fanfare.put(f"{CONSUMERS}/{bob['id']}", json={}).status_code == 404


def test_another_organization_sees_and_changes_nothing(fanfare: TestClient, served: Served) -> None:
    ids = [make(fanfare, email="ann@example.com")["id"], make(fanfare, externalId="bob")["id"]]
    stranger = served.client("second")

    assert stranger.get(CONSUMERS).json()["data"] == []
    assert stranger.get(f"{CONSUMERS}/distribution", params={"field": "ltv"}).json()["totalCount"] == 0
    for id_ in ids:
        for path in ("", "/audiences", "/loyalty-transactions", "/timeline"):
            assert stranger.get(f"{CONSUMERS}/{id_}{path}").status_code == 404
        assert stranger.put(f"{CONSUMERS}/{id_}", json={"fullName": "Eve"}).status_code == 404
        assert stranger.delete(f"{CONSUMERS}/{id_}").status_code == 404
        assert places_of(stranger.put(f"{CONSUMERS}/batch", json=[{"id": id_}])) == ["0.id"]
        assert fanfare.get(f"{CONSUMERS}/{id_}").json()["fullName"] is None
    assert stranger.post(CONSUMERS, json={"email": "ann@example.com"}).status_code == 200


def test_keys_need_their_scopes(served: Served) -> None:
    reader = served.client(scopes=frozenset({KeyScope.READ}))
    writer = served.client(scopes=frozenset({KeyScope.INGEST}))

    assert writer.post(CONSUMERS, json={}).status_code == 200
    assert writer.get(CONSUMERS).status_code == 403
    assert reader.get(CONSUMERS).status_code == 200
    for answer in (
        reader.post(CONSUMERS, json={}),
        reader.post(f"{CONSUMERS}/batch", json=[]),
        reader.put(f"{CONSUMERS}/batch", json=[]),
        reader.delete(f"{CONSUMERS}/x"),
    ):
        assert answer.status_code == 403
        assert answer.json().keys() == {"error"}
    anonymous = served.anonymous().get(CONSUMERS)
    assert (anonymous.status_code, anonymous.json()) == (401, {"error": "Authentication required"})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b'{"a":NaN}', b'"\\ud800"'])
def test_what_is_no_object_is_refused(fanfare: TestClient, body: bytes) -> None:
    issues_of(fanfare.post(CONSUMERS, content=body))


def test_rate_limits_are_told_in_the_vendors_headers(serve_with: Any) -> None:
    served = serve_with(rate_limit_per_minute=2)
    client = served.client()
    left = [client.get(CONSUMERS).headers["x-ratelimit-remaining"] for _ in range(2)]
    refused = client.get(CONSUMERS)

    assert left == ["1", "0"]
    assert refused.status_code == 429
    assert refused.json() == {"error": "Rate limit exceeded", "retryAfter": int(refused.headers["retry-after"])}
    assert refused.headers["x-ratelimit-limit"] == "2"
    assert int(refused.headers["x-ratelimit-reset"]) > 1_700_000_000


def test_nested_metadata_of_other_doors_is_not_shown_and_not_lost(fanfare: TestClient, native: TestClient) -> None:
    made = make(fanfare, externalId="ann", smsOptOut=True)
    said = {"metadata": {"size": {"eu": 40}, "tags": ["a"], "fanfare": {"smsOptOut": True}}}
    assert native.put("/v1/members/ann/profile", json=said).status_code == 200

    changed = fanfare.put(f"{CONSUMERS}/{made['id']}", json={"fullName": "Ann"}).json()

    assert (changed["metadata"], changed["smsOptOut"]) == ({"tags": ["a"]}, True)
    kept = native.get("/v1/members/ann/profile").json()["metadata"]
    assert kept == said["metadata"]
