"""Audiences over HTTP: thin doors, exact numbers, files in and out."""

import csv
import io
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from tests.http.club import event, send, start_program
from tests.http.conftest import Served
from ziggurat import limits
from ziggurat.app.audiences.run_imports import run_imports

RULES = [[{"field": "points_balance", "operator": "greater_than_or_equal", "values": [500]}]]


@pytest.fixture
def client(served: Served) -> TestClient:
    return served.client()


def made(client: TestClient, **said: Any) -> dict[str, Any]:
    answer = client.post("/v1/audiences", json={"name": "Regulars", **said})
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


def names(client: TestClient, audience: str) -> list[str]:
    items = client.get(f"/v1/audiences/{audience}/members").json()["items"]
    return [item["profile"]["member"] for item in items]


def test_an_audience_from_rules_to_reasons(client: TestClient) -> None:
    send(client, event(1, "ada", 600.5), event(2, "bob", 499.9999))
    preview = client.post("/v1/audiences/preview", json={"rules": RULES}).json()
    assert (preview["members"], preview["first"][0]["points_balance"]) == (1, 600.5)
    view = made(client, rules=RULES)
    assert (view["members"], view["stale"], view["rules"][0][0]["values"]) == (1, False, [500])
    send(client, event(3, "bob", 0.0001))
    assert names(client, view["id"]) == ["ada", "bob"]
    assert client.get(f"/v1/audiences/{view['id']}/count").json() == {"audience": view["id"], "members": 2}
    why = client.get(f"/v1/audiences/{view['id']}/members/bob").json()
    assert (why["is_member"], why["verdicts"][0]["value"]) == (True, "500")
    joined = client.get(f"/v1/audiences/{view['id']}/changes", params={"member": "bob"}).json()["items"]
    assert [(one["joined"], one["cause"]) for one in joined] == [(True, "event")]
    assert [one["id"] for one in client.get("/v1/members/bob/audiences").json()["items"]] == [view["id"]]


def test_rules_are_changed_with_the_version_that_was_read(client: TestClient) -> None:
    send(client, event(1, "ada", 600))
    view = made(client, rules=RULES)
    address = f"/v1/audiences/{view['id']}"
    tag = client.get(address).headers["etag"]
    exact = [[{"field": "points_balance", "operator": "equals", "values": [Decimal("600.0001")]}]]
    body = b'{"rules": [[{"field": "points_balance", "operator": "equals", "values": [600.0001]}]]}'
    changed = client.patch(address, content=body, headers={"if-match": tag, "content-type": "application/json"})
    assert changed.json()["members"] == 0
    assert Decimal(str(changed.json()["rules"][0][0]["values"][0])) == exact[0][0]["values"][0]
    assert client.patch(address, json={"name": "x"}, headers={"if-match": tag}).status_code == 412
    assert client.delete(address, headers={"if-match": "*"}).json()["archived"]
    assert client.get("/v1/audiences").json()["items"] == []
    assert len(client.get("/v1/audiences", params={"archived": "true"}).json()["items"]) == 1


def test_every_fault_of_the_rules_is_told(client: TestClient) -> None:
    rules = [
        [{"field": "shoe_size", "operator": "exists"}, {"field": "email", "operator": "between", "values": ["a"]}],
        [{"field": "points_balance", "operator": "in", "values": []}],
    ]
    answer = client.post("/v1/audiences", json={"name": "Wrong", "rules": rules})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["faults"]] == [
        "/rules/0/0/field",
        "/rules/0/1/values",
        "/rules/1/0/values",
    ]


def test_a_tier_and_its_group(client: TestClient) -> None:
    program = start_program(client)
    send(client, event(1, "ada", 2500), event(2, "bob", 600))
    group = {"key": "ladder", "name": "Ladder", "kind": "SEGMENTED_VALUE"}
    for place, tier in enumerate(["Silver", "Gold"]):
        made(client, name=tier, kind="tier", program=program, tier=tier, group=group, position=place)
    shown = client.get("/v1/audience-groups/ladder").json()["items"]
    assert [(one["name"], one["members"]) for one in shown] == [("Silver", 1), ("Gold", 1)]
    page = client.get("/v1/audience-groups/ladder/members", params={"limit": 1}).json()
    assert [one["profile"]["member"] for one in page["items"]] == ["ada"]
    rest = client.get("/v1/audience-groups/ladder/members", params={"limit": 1, "cursor": page["next_cursor"]}).json()
    assert [one["profile"]["member"] for one in rest["items"]] == ["bob"]


def test_a_profile_keeps_metadata_digit_by_digit(client: TestClient) -> None:
    send(client, event(1, "ada", 1))
    body = b'{"email": "Ada@Coffee.example", "metadata": {"size": 0.12345678901234567890, "tags": ["vip"]}}'
    headers = {"content-type": "application/json"}
    put = client.put("/v1/members/ada/profile", content=body, headers=headers)
    assert b"0.12345678901234567890" in put.content
    view = made(client, rules=[[{"field": "email", "operator": "equals", "values": ["ada@coffee.EXAMPLE"]}]])
    assert names(client, view["id"]) == ["ada"]
    assert client.put("/v1/members/ada/profile", json={"email": "nobody"}).status_code == 422
    assert client.get("/v1/members/nobody/profile").status_code == 404


def test_a_file_goes_in_and_the_audience_comes_out(client: TestClient, served: Served) -> None:
    view = made(client, kind="static")
    begun = client.post(f"/v1/audiences/{view['id']}/imports", json={"mode": "update"}).json()
    assert (begun["state"], begun["upload_url"]) == ("waiting", None)
    data = "\ufeffemail,full_name\nada@coffee.example,=1+1\nnobody,x\n".encode()
    sent = client.put(f"/v1/imports/{begun['id']}/file", content=data, headers={"content-type": "text/csv"})
    assert (sent.status_code, sent.json()["state"]) == (202, "pending")
    run_imports(served.service.database, served.service.objects, "w", served.clock)
    done = client.get(f"/v1/imports/{begun['id']}").json()
    assert (done["state"], done["progress"], done["members_added"], done["rows_failed"]) == ("completed", 100, 1, 1)
    faults = client.get(f"/v1/imports/{begun['id']}/faults").json()["items"]
    assert [(one["row"], one["column"], one["code"]) for one in faults] == [(2, "email", "bad_email")]
    assert len(client.get(f"/v1/audiences/{view['id']}/imports").json()["items"]) == 1
    answer = client.get(f"/v1/audiences/{view['id']}/members.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["email"], row["full_name"]) == ("ada@coffee.example", "'=1+1")
    table = pq.read_table(io.BytesIO(client.get(f"/v1/audiences/{view['id']}/members.parquet").content))
    assert table["full_name"].to_pylist() == ["=1+1"]
    assert client.get("/v1/audiences/none/members.csv").status_code == 404


def test_a_file_of_twelve_megabytes_is_read_and_what_is_no_csv_is_refused_whole(
    client: TestClient, served: Served
) -> None:
    view = made(client, kind="static")
    title = ",".join(["member", *(f"note {number}" for number in range(10))])
    cells = ",".join(["x" * 4_000] * 10)
    large = "\n".join([title, *(f"m{number},{cells}" for number in range(300))]).encode()
    assert len(large) > 12_000_000
    ended = {}
    for name, data in (("large", large), ("utf16", "member\nann\n".encode("utf-16")), ("archive", b"PK\x03\x04zip")):
        begun = client.post(f"/v1/audiences/{view['id']}/imports").json()
        sent = client.put(f"/v1/imports/{begun['id']}/file", content=data, headers={"content-type": "text/csv"})
        assert sent.status_code == 202
        while run_imports(served.service.database, served.service.objects, "w", served.clock):
            pass
        ended[name] = client.get(f"/v1/imports/{begun['id']}").json()
    assert (ended["large"]["state"], ended["large"]["members_added"]) == ("completed", 300)
    assert [ended[name]["state"] for name in ("utf16", "archive")] == ["failed", "failed"]
    assert "not CSV in UTF-8" in ended["utf16"]["error"]
    assert client.get(f"/v1/audiences/{view['id']}/count").json()["members"] == 300


def test_rules_beyond_the_limits_are_refused_and_nothing_is_made(client: TestClient) -> None:
    rule = {"field": "country", "operator": "exists"}
    wrong: list[Any] = [
        [[rule]] * (limits.AUDIENCE_GROUPS_MAX + 1),
        [[rule] * (limits.AUDIENCE_RULES_MAX + 1)],
        [[rule] * 100, [rule] * 101],
        [[{**rule, "operator": "in", "values": ["x"] * (limits.AUDIENCE_VALUES_MAX + 1)}]],
        [[[rule]]],
        [[{"all": [rule, rule]}]],
        [[{**rule, "operator": "resembles"}]],
        [[{**rule, "values": ["x"]}]],
        [[{"field": "points_balance", "operator": "equals", "values": [[1]]}]],
        [[]],
    ]
    for rules in wrong:
        answer = client.post("/v1/audiences", json={"name": "Wrong", "rules": rules})
        assert (answer.status_code, bool(answer.json()["faults"])) == (422, True), rules
        assert client.post("/v1/audiences/preview", json={"rules": rules}).status_code == 422
    assert client.get("/v1/audiences").json()["items"] == []


def test_a_list_is_changed_by_hand(client: TestClient) -> None:
    send(client, event(1, "ada", 1), event(2, "bob", 1))
    view = made(client, kind="static")
    added = client.post(f"/v1/audiences/{view['id']}/members", json={"members": ["ada", "bob", "eve"]})
    assert added.json() == {"audience": view["id"], "changed": 2, "unknown": ["eve"]}
    removed = client.post(f"/v1/audiences/{view['id']}/members/remove", json={"members": ["bob"]})
    assert removed.json()["changed"] == 1
    assert names(client, view["id"]) == ["ada"]
    dynamic = made(client, rules=RULES)
    refused = client.post(f"/v1/audiences/{dynamic['id']}/members", json={"members": ["ada"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
