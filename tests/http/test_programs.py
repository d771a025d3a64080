"""A program's way: draft, check, approval, activation, revisions, status, and what members see of it."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.http.club import DOCUMENT, event, send, start_program
from tests.http.conftest import Served
from ziggurat.http.native.examples import DOCUMENT_YAML

EASIER = DOCUMENT | {"tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 1500}]}


def tier_of(client: TestClient, member: str = "ada", **query: str) -> str:
    answer = client.get(f"/v1/members/{member}", params=query)
    assert answer.status_code == 200, answer.text
    tier: str = answer.json()["programs"][0]["tier"]
    return tier


def test_a_program_begins_as_a_draft_without_effect(client: TestClient) -> None:
    made = client.post("/v1/programs", json=DOCUMENT)
    program = made.json()
    assert made.headers["location"] == f"/v1/programs/{program['id']}"
    assert (program["status"], program["revision"], program["document"]) == ("draft", None, None)
    assert program["draft"]["state"] == "draft"
    assert program["draft"]["document"]["tiers"][1] == {"name": "Gold", "from": 2000}
    send(client, event(1, "ada", 600))
    assert client.get("/v1/members/ada").json()["programs"] == []


@pytest.mark.parametrize("media_type", ["application/yaml", "text/yaml; charset=utf-8"])
def test_a_program_may_be_written_in_yaml(client: TestClient, media_type: str) -> None:
    as_yaml = client.post("/v1/programs", content=DOCUMENT_YAML, headers={"content-type": media_type})
    assert as_yaml.status_code == 201
    assert as_yaml.json()["name"] == "Coffee Club"


@pytest.mark.parametrize(
    ("media_type", "body", "status"),
    [
        ("application/json", '{"name": "x",}', 400),
        ("application/json", '{"name": "x", "name": "y"}', 400),
        ("application/json", "[]", 422),
        ("application/json", '{"name": "\\ud800", "tiers": []}', 400),
        ("application/json", '{"a":' * 5_000 + "1" + "}" * 5_000, 400),
        ("application/json", '{"name": "x", "tiers": [{"name": "a", "from": ' + "9" * 5_000 + "}]}", 400),
        ("application/json", '{"name": "x", "tiers": [{"name": "a", "from": 1e999999999}]}', 400),
        ("application/yaml", "{name: x, tiers: [{name: a, from: 1e999999999}]}", 400),
        ("application/yaml", "{name: x, tiers: [{name: a, from: 1e-999999999}]}", 400),
        ("application/yaml", "{name: x, tiers: [{name: a, from: .inf}]}", 400),
        ("application/yaml", "a: [", 400),
        ("application/yaml", "- a", 422),
        ("application/yaml", "", 400),
        ("application/yaml", "&a [*a]", 400),
        ("application/yaml", "name: !!python/object/apply:os.system [id]", 400),
        ("application/yaml", b"name: \xff", 400),
    ],
)
def test_documents_that_cannot_be_read_are_refused(
    client: TestClient, media_type: str, body: str | bytes, status: int
) -> None:
    answer = client.post("/v1/programs", content=body, headers={"content-type": media_type})
    assert answer.status_code == status, answer.text
    assert client.get("/v1/programs").json()["items"] == []


def test_every_fault_of_a_document_is_told_with_its_place(client: TestClient) -> None:
    bad = {"name": "", "tiers": [{"name": "Silver", "from": 500}, {"name": "Silver", "from": 100}], "zone": "x"}
    answer = client.post("/v1/programs", json=bad)
    assert answer.json()["code"] == "invalid_program"
    pointers = {fault["pointer"] for fault in answer.json()["faults"]}
    assert {"/name", "/zone", "/qualification"} <= pointers
    assert any(pointer.startswith("/tiers/1") for pointer in pointers)


def test_thresholds_come_back_digit_by_digit(client: TestClient) -> None:
    body = b'{"name":"x","qualification":{"measure":"spend"},"tiers":[{"name":"A","from":0.100000000001}]}'
    answer = client.post("/v1/programs", content=body, headers={"content-type": "application/json"})
    assert b'"from":0.100000000001,' in answer.content


def test_a_draft_is_checked_compared_and_changed_only_by_who_has_seen_it(client: TestClient) -> None:
    program = start_program(client)
    path = f"/v1/programs/{program}"
    assert client.get(f"{path}/draft").status_code == 404
    first = client.put(f"{path}/draft", json=EASIER, headers={"if-match": "*"})
    assert first.status_code == 200
    changes = client.get(f"{path}/diff").json()["items"]
    assert [(change["before"], change["after"]) for change in changes] == [(2000, 1500)]
    assert client.post(f"{path}/check").json()["valid"] is True
    second = client.put(f"{path}/draft", json=DOCUMENT, headers={"if-match": first.headers["etag"]})
    assert second.status_code == 200
    assert client.put(f"{path}/draft", json=EASIER, headers={"if-match": first.headers["etag"]}).status_code == 412
    assert client.delete(f"{path}/draft", headers={"if-match": second.headers["etag"]}).json()["state"] == "discarded"
    assert client.get(f"{path}/draft").status_code == 404


def test_approval_is_for_somebody_else(served: Served, client: TestClient) -> None:
    other = served.client()
    client.patch("/v1/organization", json={"requires_approval": True}, headers={"if-match": "*"})
    program = client.post("/v1/programs", json=DOCUMENT).json()["id"]
    path = f"/v1/programs/{program}"
    assert client.post(f"{path}/activate").json()["code"] == "approval_required"
    submitted = client.post(f"{path}/submit", json={"comment": "ready"})
    assert submitted.json()["state"] == "submitted"
    assert client.post(f"{path}/approve").json()["code"] == "own_draft"
    assert other.post(f"{path}/approve", headers={"if-match": '"99"'}).status_code == 412
    assert other.post(f"{path}/reject", json={"comment": "why?"}).json()["state"] == "rejected"
    client.post(f"{path}/submit")
    seen = client.get(f"{path}/draft").headers["etag"]
    assert other.post(f"{path}/approve", headers={"if-match": seen}).json()["state"] == "approved"
    activated = client.post(f"{path}/activate", json={"note": "spring"})
    assert activated.status_code == 200
    assert activated.json()["revision"]["note"] == "spring"
    assert activated.json()["program"]["status"] == "active"
    actions = [entry["action"] for entry in client.get("/v1/audit?limit=500").json()["items"]]
    assert len(actions) >= 8
    assert client.get("/v1/audit/check").json()["intact"] is True


def test_revisions_are_kept_and_can_be_gone_back_to(client: TestClient) -> None:
    program = start_program(client)
    path = f"/v1/programs/{program}"
    client.put(f"{path}/draft", json=EASIER, headers={"if-match": "*"})
    client.post(f"{path}/activate", json={"activation": "upgrades_only"})
    back = client.post(f"{path}/rollback", json={"revision": 1})
    assert back.json()["revision"]["number"] == 3
    assert back.json()["revision"]["document"]["tiers"][1]["from"] == 2000
    listed = client.get(f"{path}/revisions").json()["items"]
    assert {each["number"] for each in listed} == {1, 2, 3}
    assert client.get(f"{path}/revisions/2").json()["activation"] == "upgrades_only"
    assert client.get(f"{path}/revisions/4").status_code == 404
    assert client.get(f"{path}/revisions/x").status_code == 422


def test_status_is_what_members_see(client: TestClient) -> None:
    program = start_program(client)
    send(client, event(1, "ada", 600))
    assert tier_of(client) == "Silver"
    for verb, status, tier in (
        ("pause", "paused", "Member"),
        ("resume", "active", "Silver"),
        ("freeze", "frozen", "Silver"),
        ("archive", "archived", None),
    ):
        changed = client.post(f"/v1/programs/{program}/{verb}")
        assert changed.status_code == 200, changed.text
        assert client.get(f"/v1/programs/{program}").json()["status"] == status
        if tier is not None:
            assert tier_of(client) == tier


def test_members_are_read_at_any_instant(client: TestClient) -> None:
    program = start_program(client)
    send(client, event(1, "ada", 600))
    assert tier_of(client, as_of="2025-06-01T10:00:00Z") == "Silver"
    assert tier_of(client, as_of="2025-06-01T12:00:00+02:00", program=program) == "Silver"
    assert tier_of(client, as_of="2026-08-01T00:00:00Z") == "Member"
    before = client.get("/v1/members/ada?as_of=2025-06-01T09:59:59Z").json()["programs"]
    assert [standing["tier"] for standing in before] in ([], [""])
    moves = client.get("/v1/members/ada/timeline").json()["items"]
    assert [(move["kind"], move["to_tier"]) for move in moves] == [("joined", "Silver")]
    why = client.get("/v1/members/ada/explain").json()["items"][0]
    assert "Silver" in why["sentence"]


def test_members_are_found_by_tier_expiry_and_attributes(client: TestClient) -> None:
    program = start_program(client)
    send(client, event(1, "ada", 600), event(2, "bo", 5), event(3, "cy", 2500))
    client.post("/v1/members", json={"id": "ada", "attributes": {"city": "Paris"}})

    def found(**query: str | list[str]) -> list[str]:
        answer = client.get("/v1/members", params={"program": program, **query})
        assert answer.status_code == 200, answer.text
        return [member["id"] for member in answer.json()["items"]]

    assert sorted(found()) == ["ada", "bo", "cy"]
    assert found(tier="Gold") == ["cy"]
    assert found(tier="Member") == ["bo"]
    assert sorted(found(expires_before="2026-07-01T00:00:00Z")) == ["ada", "cy"]
    assert found(expires_before="2026-01-01T00:00:00Z") == []
    assert found(attribute="city:Paris") == ["ada"]
    assert found(attribute=["city:Paris", "plan:free"]) == []
    assert client.get("/v1/members?attribute=city:Paris&attribute=city:Rome").status_code == 422
    assert client.get("/v1/members?attribute=Paris").status_code == 422
    refused = client.get("/v1/members", params={"program": program, "tier": "Sliver"}).json()
    assert refused["code"] == "unknown_tier"
    assert refused["detail"].endswith('has no tier Sliver: did you mean "Silver"?')
    assert "Silver" in refused["params"]["tiers"]
    assert client.get("/v1/members?tier=Gold").status_code == 422
    counts = client.get(f"/v1/programs/{program}/tiers").json()["items"]
    assert {each["tier"]: each["members"] for each in counts} == {"Member": 1, "Silver": 1, "Gold": 1}


def test_a_list_says_of_each_member_what_reading_her_says(client: TestClient) -> None:
    start_program(client)
    client.post("/v1/members", json={"id": "dee", "enrolled_at": "2025-02-01T00:00:00Z"})
    send(
        client,
        event(1, "ada", 600),
        event(2, "bo", 5),
        {**event(3, "ada-s-card", 9), "occurred_at": "2025-03-01T00:00:00Z"},
    )
    client.post("/v1/members/ada-s-card/merge", json={"into": "ada"})
    listed = [member for member in client.get("/v1/members").json()["items"] if member["merged_into"] is None]
    assert [member["id"] for member in listed] == ["ada", "bo", "dee"]
    for member in listed:
        alone = client.get(f"/v1/members/{member['id']}").json()
        for standing in alone["programs"]:
            standing["risks"] = standing["opportunities"] = []
        assert member == alone
    assert listed[0]["enrolled_at"] == "2025-03-01T00:00:00Z"


def test_pages_of_members_hold_each_once(client: TestClient) -> None:
    program = start_program(client)
    names = [f"member {number:02}" for number in range(23)]
    send(client, *(event(number, name, number) for number, name in enumerate(names)))
    queries: list[dict[str, str]] = [{}, {"program": program}, {"program": program, "tier": "Member"}]
    for query in queries:
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = client.get("/v1/members", params={**query, "limit": "5", **cursor}).json()
            seen += [member["id"] for member in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert sorted(seen) == names


def test_an_override_holds_until_it_is_ended(client: TestClient) -> None:
    program = start_program(client)
    send(client, event(1, "ada", 600))
    body = {"program": program, "tier": "Gold", "mode": "floor", "reason": "apology"}
    made = client.post("/v1/members/ada/overrides", json=body)
    assert made.status_code == 201
    assert tier_of(client) == "Gold"
    ended = client.post(f"/v1/members/ada/overrides/{made.json()['id']}/end", json={"reason": "done"})
    assert ended.json()["ended_at"] == "2025-07-01T12:00:00Z"
    assert tier_of(client) == "Silver"
    assert [each["tier"] for each in client.get("/v1/members/ada/overrides").json()["items"]] == ["Gold"]


def test_members_are_merged_and_unmerged(client: TestClient) -> None:
    start_program(client)
    send(client, event(1, "ada", 300), event(2, "ada@old", 300))
    assert tier_of(client) == "Member"
    assert client.post("/v1/members/ada@old/merge", json={"into": "ada"}).json()["id"] == "ada"
    assert tier_of(client) == "Silver"
    client.post("/v1/members/ada@old/unmerge")
    assert tier_of(client) == "Member"


def test_a_person_is_exported_and_erased(client: TestClient) -> None:
    start_program(client)
    client.post("/v1/members", json={"id": "ada", "attributes": {"city": "Paris"}})
    send(client, event(1, "ada", 600))
    assert "Paris" in client.get("/v1/members/ada/export").text
    erased = client.delete("/v1/members/ada")
    assert erased.status_code == 200
    assert erased.json()["events_kept"] >= 1
    assert client.get("/v1/members/ada").status_code == 404
    assert "Paris" not in client.get("/v1/members").text


def test_an_endpoint_has_a_life(serve_with: Callable[..., Served]) -> None:
    client = serve_with(webhook_private_targets=True).client()
    made = client.post("/v1/webhook-endpoints", json={"url": "http://127.0.0.1:9/hook", "types": ["tier.upgraded"]})
    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    path = made.headers["location"]
    assert secret not in client.get(path).text
    assert client.post(f"{path}/rotate-secret").json()["secret"] != secret
    etag = client.get(path).headers["etag"]
    assert client.patch(path, json={"enabled": False}, headers={"if-match": etag}).json()["enabled"] is False
    client.patch(path, json={"enabled": True, "types": []}, headers={"if-match": "*"})
    ping = client.post(f"{path}/ping")
    assert (ping.status_code, ping.json()["state"]) == (202, "pending")
    listed = client.get(f"{path}/deliveries", params={"state": "pending"}).json()["items"]
    assert [each["id"] for each in listed] == [ping.json()["id"]]
    assert client.delete(path).status_code == 428
    assert client.delete(path, headers={"if-match": "*"}).status_code == 204
    assert client.get(path).status_code == 404
