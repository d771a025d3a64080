"""Card definitions, programs, assignments and members: their statuses, and every refusal that has a key."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.http.conftest import Served
from tests.http.faces.voucherify.conftest import SEED, Vendor, join
from tests.http.test_problems import file_of
from ziggurat.http.faces.voucherify.cards import LEDGER
from ziggurat.http.faces.voucherify.errors import MESSAGES

Body = dict[str, Any]
ALICE: Body = {"customer_identification": {"type": "customer_source_id", "customer_source_id": "alice"}}


def refused(told: Body, key: str) -> None:
    assert (told["key"], told["code"], told["message"]) == (key, *MESSAGES[key])


def program(vendor: Vendor, structures: tuple[Body, ...] = (), **said: Any) -> Any:
    body = {"name": "Program", "card_definitions": [{"id": LEDGER}], **said}
    if structures:
        body["tier_structures"] = [{"id": each["id"]} for each in structures]
    return vendor.post("/programs", body)


def batch(vendor: Vendor, made: Body, kind: str = "tier-structures", status: int = 200, **lists: list[str]) -> Any:
    body = {name: [{"id": each} for each in ids] for name, ids in lists.items()}
    return vendor.post(f"/programs/{made['id']}/{kind}/batch", body, status)


def test_a_card_definition_goes_from_draft_to_active_and_back(vendor: Vendor) -> None:
    made = vendor.post("/card-definitions", {"name": "Stars", "type": "INDIVIDUAL"})
    path = f"/card-definitions/{made['id']}"
    assert (made["status"], made["updated_at"]) == ("DRAFT", None)
    assert vendor.post(f"{path}/activate")["status"] == "ACTIVE"
    refused(vendor.post(f"{path}/activate", None, 400), "invalid_state_transition")
    assert vendor.put(path, {"name": "Moons", "metadata": {"a": 1}})["name"] == "Moons"
    refused(vendor.put(path, {"refunds": {"type": "NONE"}}, 400), "invalid_payload")
    assert vendor.post(f"{path}/draft")["status"] == "DRAFT"
    assert vendor.get(path)["metadata"] == {"a": 1}
    assert [each["id"] for each in vendor.get("/card-definitions")["data"]] == [made["id"]]
    assert vendor.delete(path)["status"] == "DELETED"
    refused(vendor.get(path, 404), "not_found")


def test_wallets_that_do_more_than_hold_points_are_refused(vendor: Vendor) -> None:
    body = {"name": "x", "type": "INDIVIDUAL", "points_expiration": {"type": "ROLLING_EXPIRATION"}}
    refused(vendor.post("/card-definitions", body, 400), "invalid_payload")


def test_the_ledger_itself_is_a_card_definition_that_stays(vendor: Vendor) -> None:
    assert vendor.get(f"/card-definitions/{LEDGER}")["status"] == "ACTIVE"
    refused(vendor.delete(f"/card-definitions/{LEDGER}", 423), "resource_locked")


def test_a_card_definition_in_use_is_neither_deleted_nor_made_a_draft(vendor: Vendor) -> None:
    made = vendor.post("/card-definitions", {"name": "Stars", "type": "INDIVIDUAL", "status": "ACTIVE"})
    program(vendor, card_definitions=[{"id": made["id"]}])
    refused(vendor.delete(f"/card-definitions/{made['id']}", 400), "resource_in_use")
    refused(vendor.post(f"/card-definitions/{made['id']}/draft", None, 423), "resource_locked")


def test_a_program_goes_from_draft_to_active_and_inactive(vendor: Vendor) -> None:
    made = program(vendor, start_date="2025-01-01T00:00:00Z")
    path = f"/programs/{made['id']}"
    assert vendor.put(path, {"start_date": None, "metadata": {"a": 1}})["start_date"] is None
    refused(vendor.post(f"{path}/deactivate", None, 400), "invalid_state_transition")
    assert vendor.post(f"{path}/activate")["status"] == "ACTIVE"
    refused(vendor.put(path, {"start_date": None}, 400), "invalid_payload")
    assert vendor.put(path, {"name": "Other", "end_date": "2027-01-01T00:00:00Z"})["name"] == "Other"
    assert vendor.post(f"{path}/deactivate")["status"] == "INACTIVE"
    assert vendor.delete(path)["status"] == "DELETED"
    refused(vendor.get(path, 404), "not_found")


def test_a_program_starts_before_it_ends(vendor: Vendor) -> None:
    body = {"name": "x", "start_date": "2025-01-01T00:00:00Z", "end_date": "2025-01-01T00:00:00+00:00"}
    refused(vendor.post("/programs", body, 400), "invalid_payload")


def test_programs_are_listed_with_limits_that_are_rounded(vendor: Vendor) -> None:
    for name in ("a", "b", "c"):
        program(vendor, name=name)
    assert len(vendor.get("/programs?limit=1.6&order=name")["data"]) == 2


def test_an_active_program_needs_an_active_wallet(vendor: Vendor) -> None:
    body = {"name": "x", "status": "ACTIVE"}
    refused(vendor.post("/programs", body, 423), "missing_active_card_definition")


def test_a_draft_of_a_structure_keeps_its_program_from_being_activated(vendor: Vendor) -> None:
    made = program(vendor, (vendor.structure(),))
    told = vendor.post(f"/programs/{made['id']}/activate", None, 423)
    refused(told, "connected_non_active_tier_structure")


def test_an_inactive_program_is_activated_again_over_structures_that_are_no_drafts(vendor: Vendor) -> None:
    draft, made = vendor.structure(), program(vendor, status="ACTIVE")
    refused(batch(vendor, made, status=423, assign=[draft["id"]]), "non_active_tier_structure")
    vendor.post(f"/programs/{made['id']}/deactivate")
    batch(vendor, made, assign=[draft["id"]])
    told = vendor.post(f"/programs/{made['id']}/activate", None, 423)
    refused(told, "connected_draft_tier_structure")
    vendor.step(draft, "activate")
    assert vendor.post(f"/programs/{made['id']}/activate")["status"] == "ACTIVE"


def test_structures_are_assigned_and_taken_off(vendor: Vendor) -> None:
    structure = vendor.structure()
    made = program(vendor)
    told = batch(vendor, made, assign=[structure["id"]])
    assert [each["tier_structure_id"] for each in told["assigned"]] == [structure["id"]]
    assert told["unassigned"] is None
    listed = vendor.get(f"/programs/{made['id']}/tier-structures")["data"]
    assert [each["tier_structure_id"] for each in listed] == [structure["id"]]
    refused(batch(vendor, made, status=409, assign=[structure["id"]]), "duplicate_found")
    told = batch(vendor, made, unassign=[structure["id"]], assign=[structure["id"]])
    assert (len(told["assigned"]), len(told["unassigned"])) == (1, 1)
    kinds = [each["type"] for each in vendor.get(f"/tier-structures/{structure['id']}/activities")["data"]]
    assert kinds.count("vl.tier_structure.assigned") == 2
    assert kinds.count("vl.tier_structure.unassigned") == 1


def test_assignments_that_cannot_be(vendor: Vendor) -> None:
    draft, other = vendor.structure(), vendor.structure()
    made = program(vendor, (draft,))
    key = "tier_structure_assignments_limit_exceeded"
    refused(batch(vendor, made, status=403, assign=[other["id"]]), key)
    refused(batch(vendor, made, status=404, assign=["lts_0"]), "not_found")
    refused(batch(vendor, made, status=404, unassign=[other["id"]]), "not_found")
    refused(batch(vendor, made, status=409, assign=[other["id"], other["id"]]), "duplicate_found")
    empty = vendor.post("/programs", {"name": "x"})
    refused(batch(vendor, empty, status=423, assign=[draft["id"]]), "missing_card_definition_assignment")
    live = program(vendor, status="ACTIVE")
    refused(batch(vendor, live, status=423, assign=[draft["id"]]), "non_active_tier_structure")
    refused(batch(vendor, live, "card-definitions", 423, unassign=[LEDGER]), "non_draft_program")
    cards = [
        vendor.post("/card-definitions", {"name": f"Card {number}", "type": "INDIVIDUAL"})["id"] for number in range(10)
    ]
    told = batch(vendor, live, "card-definitions", 403, assign=cards)
    refused(told, "card_definition_assignments_limit_exceeded")


def test_a_program_is_joined_only_while_it_is_open(vendor: Vendor, served: Served) -> None:
    draft = program(vendor)
    refused(vendor.post(f"/programs/{draft['id']}/members", ALICE, 423), "non_active_program")
    early = program(vendor, status="ACTIVE", start_date="2025-08-01T00:00:00Z")
    refused(vendor.post(f"/programs/{early['id']}/members", ALICE, 423), "program_outside_validity_window")
    served.clock.pass_seconds(40 * 86_400)
    assert vendor.post(f"/programs/{early['id']}/members", ALICE)["status"] == "ACTIVE"


def test_a_customer_is_a_member_once(vendor: Vendor) -> None:
    joined = join(vendor, vendor.structure())
    path = f"/programs/{joined.program['id']}/members"
    told = vendor.post(path, ALICE, 409)
    refused(told, "member_already_exists")
    customer, program_id = joined.member["customer_id"], joined.program["id"]
    assert told["details"] == f"Customer '{customer}' already is a member of program '{program_id}'"
    refused(vendor.post(path, {"customer_id": customer}, 409), "member_already_exists")
    assert vendor.delete(joined.path)["status"] == "DELETED"
    assert vendor.post(path, ALICE)["id"] != joined.member["id"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"customer_id": "cust_1", **ALICE},
        {"customer_identification": {"type": "customer_id"}},
        {"customer_identification": {"type": "customer_source_id", "customer_id": "x"}},
    ],
)
def test_a_member_is_named_in_one_way(vendor: Vendor, body: Body) -> None:
    made = program(vendor, status="ACTIVE")
    refused(vendor.post(f"/programs/{made['id']}/members", body, 400), "invalid_payload")


def test_points_of_an_inactive_member_stay(vendor: Vendor) -> None:
    joined = join(vendor, vendor.structure())
    assert vendor.post(f"{joined.path}/deactivate")["status"] == "INACTIVE"
    refused(joined.points(5, 423), "non_active_member")
    refused(vendor.post(f"{joined.path}/deactivate", None, 400), "invalid_state_transition")
    assert vendor.post(f"{joined.path}/activate")["status"] == "ACTIVE"
    assert joined.points(5)["status"] == "TRANSACTION_CREATED"


def test_a_card_does_not_go_below_zero(vendor: Vendor) -> None:
    joined = join(vendor, vendor.structure())
    refused(joined.points(-1, 423), "zero_card_balance")
    joined.points(5)
    refused(joined.points(-6, 423), "insufficient_card_balance")
    assert joined.points(0) == {
        "transaction": None,
        "status": "NO_CHANGE",
        "message": "Provided amount is zero, transaction was not created",
    }
    shown = vendor.get(joined.path)["cards"][0]
    assert shown["balance"] == {"points": 5, "pending_points": 0}
    told = vendor.get(f"{joined.path}/cards/{joined.card}/transactions")["data"]
    points = {"total": 5, "expiration_date": None}
    assert [each["details"] for each in told] == [{"reason": None, "rejection": None, "metadata": {}, "points": points}]
    assert [(each["type"], each["card_type"]) for each in told] == [("ADMIN_CREDIT", "INDIVIDUAL")]
    refused(vendor.get(f"{joined.path}/cards/lcrd_0/transactions", 404), "not_found")


def test_card_transactions_come_newest_first_and_by_id_in_the_order_they_were_made(vendor: Vendor) -> None:
    joined = join(vendor, vendor.structure())
    told = [joined.points(points)["message"] for points in (1, 2, 3, -1)]
    path = f"{joined.path}/cards/{joined.card}/transactions"

    def totals(query: str) -> list[int]:
        return [each["details"]["points"]["total"] for each in vendor.get(f"{path}?{query}")["data"]]

    assert told[2:] == ["Points addition transaction created", "Points subtraction transaction created"]
    assert (totals(""), totals("order=-id"), totals("order=id")) == ([-1, 3, 2, 1], [-1, 3, 2, 1], [1, 2, 3, -1])
    first = vendor.get(f"{path}?order=id&limit=3")
    assert totals(f"order=id&cursor={first['cursor']['next']}") == [-1]
    wallet = first["data"][0]["card_definition_id"]
    assert totals(f"filters[card_definition_id][conditions][$is]={wallet}&order=id&limit=1") == [1]
    assert totals("filters[card_definition_id][conditions][$is]=lcdef_0") == []
    refused(vendor.get(f"{path}?order=id&order=-id", 400), "invalid_query_params")
    refused(vendor.get(f"{path}?cursor=lcrsts_00", 400), "invalid_query_params")
    refused(vendor.get(f"{path}?cursor=lcrsctx_00", 400), "invalid_or_expired_cursor")


@pytest.mark.parametrize("what", ["expiring-points", "pending-points"])
def test_no_points_of_a_card_expire_or_wait(vendor: Vendor, what: str) -> None:
    joined = join(vendor, vendor.structure())
    joined.points(5)
    assert vendor.get(f"{joined.path}/cards/{joined.card}/{what}") == {"object": "list", "data": [], "cursor": None}
    refused(vendor.get(f"{joined.path}/cards/lcrd_0/{what}", 404), "not_found")
    refused(vendor.get(f"{joined.path}/cards/{joined.card}/{what}?limit=0", 400), "invalid_query_params")


def test_a_membership_is_found_by_each_identification(vendor: Vendor) -> None:
    joined = join(vendor, vendor.structure())
    base = f"/programs/{joined.program['id']}/memberships"
    for named, how in (
        (joined.member["customer_id"], "customer_id"),
        ("alice", "customer_source_id"),
        (joined.member["id"], "member_id"),
    ):
        told = vendor.get(f"{base}/{named}?identification_type={how}")
        assert told["member"]["id"] == joined.member["id"]
        assert len(vendor.get(f"/memberships/{named}?identification_type={how}")["data"]) == 1
    refused(vendor.get(f"{base}/alice?identification_type=email", 400), "invalid_query_params")
    refused(vendor.get(f"{base}/cust_00", 404), "not_found")
    assert vendor.get("/memberships/cust_00")["data"] == []


def test_without_a_structure_there_is_no_progress(vendor: Vendor) -> None:
    made = program(vendor, status="ACTIVE")
    vendor.post(f"/programs/{made['id']}/members", ALICE)
    told = vendor.get(f"/programs/{made['id']}/memberships/alice?identification_type=customer_source_id")
    assert told["cards"][0]["tier_progress"] is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "start_date=2025-07-01&end_date=2025-07-02",
        "start_date=2025-07-02&end_date=2025-07-01&resolution=day",
        "start_date=2025-01-01&end_date=2025-12-01&resolution=day",
        "start_date=x&end_date=2025-12-01&resolution=day",
        "start_date=2025-07-01&end_date=2025-07-02&resolution=hour",
        "start_date=2025-07-01&end_date=2025-07-02&resolution=day&limit=3",
    ],
)
def test_a_report_needs_its_span(vendor: Vendor, query: str) -> None:
    made = program(vendor)
    for kind in ("daily", "summary"):
        refused(vendor.get(f"/programs/{made['id']}/reports/tiers/{kind}?{query}", 400), "invalid_query_params")


def test_members_are_listed_and_their_metadata_merged(vendor: Vendor) -> None:
    joined = join(vendor, vendor.structure())
    assert vendor.put(joined.path, {"metadata": {"a": 1, "b": 2}})["metadata"] == {"a": 1, "b": 2}
    assert vendor.put(joined.path, {"metadata": {"a": None}})["metadata"] == {"b": 2}
    listed = vendor.get(f"/programs/{joined.program['id']}/members?filters[status][conditions][$is]=ACTIVE")["data"]
    assert [each["id"] for each in listed] == [joined.member["id"]]


def test_what_the_natives_know_of_a_member_shows_on_the_card(vendor: Vendor) -> None:
    joined = join(vendor, vendor.structure())
    events: list[Body] = [
        {"id": "o", "type": "order.placed", "amount": 10, "points": 100, "occurred_at": "2025-07-01T12:00:10Z"},
        {"type": "points.spent", "points": 30, "occurred_at": "2025-07-01T12:00:11Z"},
        {"type": "points.expired", "points": 5, "occurred_at": "2025-07-01T12:00:12Z"},
        {"type": "points.returned", "points": 10, "occurred_at": "2025-07-01T12:00:13Z"},
        {"type": "reversal", "reverses": "o", "points": 20, "occurred_at": "2025-07-01T12:00:14Z"},
    ]
    for event in events:
        assert vendor.client.post("/v1/events", json={"member": "alice", **event}).status_code < 300
    vendor.served.clock.pass_seconds(60)
    card = vendor.get(joined.path)["cards"][0]
    bucket = card["lifetime_bucket"]["points"]
    shown = {name: units for name, units in bucket.items() if units}
    assert shown == {"total": 100, "earned": 100, "spent": 30, "expired": 5, "returned": 10, "refunded": 20}
    assert card["balance"]["points"] == 55
    told = vendor.get(f"{joined.path}/cards/{joined.card}/transactions?order=created_at")["data"]
    assert [each["details"]["points"]["total"] for each in told] == [100, -30, -5, 10, -20]


def test_the_face_can_be_served_at_the_root(serve_with: Any) -> None:
    served = serve_with(face="voucherify")
    assert served.client().get("/v2/loyalties/tier-structures").json()["data"] == []
    assert served.client().get(f"{SEED}/tier-structures").status_code == 404


def test_a_body_that_is_too_large_is_refused_as_the_framework_does(vendor: Vendor) -> None:
    told = vendor.post("/programs", {"name": "x" * 1_000_001}, 413)
    assert (told["statusCode"], told["error"]) == (413, MESSAGES["payload_too_large"][1])


def test_a_database_that_others_hold_is_a_service_that_is_not_available(
    serve_with: Any,
) -> None:
    served = serve_with(lock_timeout_ms=50)
    vendor = Vendor(served, served.client(), SEED)
    vendor.get("/programs")
    other = sqlite3.connect(file_of(served), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        refused(vendor.post("/programs", {"name": "x"}, 503), "service_unavailable")
    finally:
        other.close()
    assert vendor.get("/programs")["data"] == []
