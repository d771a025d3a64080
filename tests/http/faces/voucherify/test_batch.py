"""Many members at once: each entry for itself, told by an asynchronous action."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.conftest import Served
from tests.http.faces.voucherify.conftest import Vendor, join
from ziggurat.http.faces.voucherify import wire_batch
from ziggurat.http.faces.voucherify.cards import LEDGER

Body = dict[str, Any]


def source(id_: str) -> Body:
    return {"customer_identification": {"type": "customer_source_id", "customer_source_id": id_}}


def send(vendor: Vendor, program: Body, body: Any) -> Any:
    """The action that a batch was answered with."""
    told = vendor.post(f"/programs/{program['id']}/members/batch", body, 202)
    assert list(told) == ["async_action_id"]
    address = vendor.base.replace("/v2/loyalties", f"/v1/async-actions/{told['async_action_id']}")
    answer = vendor.client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def program(vendor: Vendor) -> Body:
    """A program with a structure, in which Alice is a member."""
    made = vendor.structure(downgrade={"type": "MULTI_LEVEL"})
    vendor.tier(made, "Silver", 500)
    return join(vendor, made).program


def test_each_entry_becomes_a_member_or_says_why_not(vendor: Vendor, program: Body) -> None:
    batch = [
        source("bob"),
        {"customer_id": "cust_Cid1", "status": "INACTIVE", "metadata": {"a": 1}},
        source("alice"),
        source("bob"),
        {"customer_id": "cust_1", **source("dan")},
        {**source("eve"), "status": "SLEEPING"},
        "frank",
        source("\x00"),
    ]

    action = send(vendor, program, batch)

    assert (action["status"], action["operation_status"], action["object"]) == ("DONE", "SUCCESS", "async_action")
    rows = action["result"]["rows"]
    assert [row["created"] for row in rows] == [True, True, *[False] * 6]
    assert [row["member_id"] is not None for row in rows] == [row["created"] for row in rows]
    errors = [row["error"] for row in rows]
    assert errors[:2] == [None, None]
    assert errors[2].startswith("Member already exists")
    assert errors[3].startswith("Member already exists")
    assert "either property" in errors[4]
    assert "SLEEPING" not in errors[5]
    assert "ACTIVE, INACTIVE" in errors[5]
    assert "must be an object" in errors[6]
    assert errors[7]
    assert rows[0] == {
        "identification_type": "customer_source_id",
        "customer_id": None,
        "customer_source_id": "bob",
        "program_id": program["id"],
        "member_id": rows[0]["member_id"],
        "created": True,
        "error": None,
    }
    listed = vendor.get(f"/programs/{program['id']}/members?limit=100")["data"]
    assert len(listed) == 3
    cid = vendor.get(f"/programs/{program['id']}/members/{rows[1]['member_id']}")
    assert (cid["customer_id"], cid["status"], cid["metadata"]) == ("cust_Cid1", "INACTIVE", {"a": 1})
    bob = vendor.get(f"/programs/{program['id']}/members/{rows[0]['member_id']}")
    path = f"/programs/{program['id']}/members/{bob['id']}/cards/{bob['cards'][0]['id']}/points"
    vendor.post(path, {"points": 500})
    (standing,) = vendor.client.get("/v1/members/bob").json()["programs"]
    assert standing["tier"] == "Silver"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "top_level_object_should_be_an_array"),
        ([], "invalid_request_payload"),
        ([source("bob"), None], "invalid_request_payload"),
    ],
)
def test_a_body_that_is_no_batch_fails_its_action(vendor: Vendor, program: Body, body: Any, problem: str) -> None:
    action = send(vendor, program, body)

    assert (action["status"], action["operation_status"]) == ("FAILED", "FAILED")
    assert action["result"] == {"error": problem, "rows": []}
    assert len(vendor.get(f"/programs/{program['id']}/members")["data"]) == 1


def test_entries_beyond_the_limit_of_a_batch_are_left_out(
    vendor: Vendor, program: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_batch, "MEMBERS_MAX", 2)

    action = send(vendor, program, [source(name) for name in ("bob", "cid", "dan")])

    assert [row["created"] for row in action["result"]["rows"]] == [True, True, False]


def test_a_batch_is_larger_than_one_transaction(vendor: Vendor, program: Body) -> None:
    action = send(vendor, program, [source(f"customer {number}") for number in range(101)])

    assert sum(row["created"] for row in action["result"]["rows"]) == 101


def test_a_program_that_is_not_open_takes_no_batch(vendor: Vendor, served: Served) -> None:
    draft = vendor.post("/programs", {"name": "x", "card_definitions": [{"id": LEDGER}]})

    assert vendor.post(f"/programs/{draft['id']}/members/batch", [source("bob")], 423)["key"] == "non_active_program"
    assert vendor.post("/programs/lprg_0/members/batch", [source("bob")], 404)["key"] == "not_found"
    answer = vendor.client.get(vendor.base.replace("/v2/loyalties", "/v1/async-actions/aa_0"))
    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")
