"""What happened to programs, wallets, members and cards, as their activity logs tell it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.http.conftest import Served
from tests.http.faces.voucherify.conftest import NEWER, SEED, Vendor, join
from tests.store.conftest import backend, database_url, postgres, postgres_template, sqlite_template
from ziggurat.http.faces.voucherify.cards import LEDGER

__all__ = ["backend", "database_url", "postgres", "postgres_template", "sqlite_template"]
CUSTOMER = {"customer_identification": {"type": "customer_source_id", "customer_source_id": "bob"}}


@pytest.fixture
def served(serve_with: Callable[..., Served], database_url: str) -> Served:
    """Over either database."""
    return serve_with(database_url=database_url)


@pytest.fixture(params=[SEED, NEWER], ids=["seed", "newer"])
def vendor(request: pytest.FixtureRequest, vendor_of: Callable[..., Vendor]) -> Vendor:
    """Of either dialect."""
    return vendor_of(request.param)


def log(vendor: Vendor, path: str) -> list[dict[str, Any]]:
    """The log of what is at `path`, oldest first."""
    told: list[dict[str, Any]] = vendor.get(f"{path}/activities?limit=100&order=created_at")["data"]
    return told


def kinds(vendor: Vendor, path: str) -> list[str]:
    return [each["type"] for each in log(vendor, path)]


def test_a_program_tells_its_changes_and_what_was_assigned_to_it(vendor: Vendor) -> None:
    structure = vendor.structure()
    card = vendor.post("/card-definitions", {"name": "Stars", "type": "INDIVIDUAL", "status": "ACTIVE"})
    program = vendor.post("/programs", {"name": "Club", "card_definitions": [{"id": LEDGER}]})
    path = f"/programs/{program['id']}"
    vendor.post(f"{path}/tier-structures/batch", {"assign": [{"id": structure["id"]}]})
    vendor.post(f"{path}/card-definitions/batch", {"assign": [{"id": card["id"]}]})
    vendor.put(path, {"name": "Tea Club"})
    vendor.put(path, {})
    vendor.step(structure, "activate")
    vendor.post(f"{path}/activate")
    vendor.post(f"{path}/deactivate")

    told = log(vendor, path)

    assert [each["type"] for each in told[2:]] == [
        "vl.program.tier_structure.assigned",
        "vl.program.card_definition.assigned",
        "vl.program.updated",
        "vl.program.activated",
        "vl.program.deactivated",
    ]
    assert {each["type"] for each in told[:2]} == {"vl.program.created", "vl.program.card_definition.assigned"}
    assert {each["program_id"] for each in told} == {program["id"]}
    shown = vendor.get(f"/tier-structures/{structure['id']}")
    assigned = told[2]["data"]
    assert assigned["program_tier_structure"]["tier_structure_id"] == structure["id"]
    assert set(assigned["tier_structure"]) == set(shown)  # in the words of whoever asks
    assert told[3]["data"]["card_definition"] == card
    assert [each["data"]["program"]["name"] for each in told[3:]] == ["Club", *["Tea Club"] * 3]
    assert told[-1]["data"]["program"] == vendor.get(path)
    assert kinds(vendor, f"/card-definitions/{card['id']}") == [
        "vl.card_definition.created",
        "vl.card_definition.assigned",
    ]
    assert kinds(vendor, f"/card-definitions/{LEDGER}") == ["vl.card_definition.assigned"]


def test_a_wallet_tells_its_changes(vendor: Vendor) -> None:
    card = vendor.post("/card-definitions", {"name": "Stars", "type": "INDIVIDUAL"})
    path = f"/card-definitions/{card['id']}"
    vendor.put(path, {"name": "Suns"})
    vendor.put(path, {})
    vendor.post(f"{path}/activate")
    vendor.post(f"{path}/draft")

    told = log(vendor, path)

    assert [each["type"] for each in told] == [
        f"vl.card_definition.{what}" for what in ("created", "updated", "activated", "drafted")
    ]
    assert (told[0]["data"], told[0]["card_definition_id"]) == ({"card_definition": card}, card["id"])
    assert told[0]["id"].startswith("lacd_")
    assert [each["data"]["card_definition"]["status"] for each in told] == ["DRAFT", "DRAFT", "ACTIVE", "DRAFT"]


def test_a_member_and_her_card_tell_what_happened_to_them(vendor: Vendor) -> None:
    joined = join(vendor, vendor.structure())
    vendor.post(f"{joined.path}/deactivate")
    vendor.post(f"{joined.path}/activate")
    vendor.put(joined.path, {"metadata": {"shoe": 38}})
    vendor.put(joined.path, {})
    joined.points(600)

    told = log(vendor, joined.path)
    made, given = sorted(told[:2], key=lambda each: len(each["type"]))
    card = log(vendor, f"{joined.path}/cards/{joined.card}")

    assert [each["type"] for each in told[2:]] == [
        f"vl.member.{what}" for what in ("deactivated", "activated", "updated")
    ]
    assert (made["type"], given["type"]) == ("vl.member.created", "vl.member.card.assigned")
    assert made["data"]["member"] == joined.member
    assert [each["data"]["member"]["status"] for each in told[2:]] == ["INACTIVE", "ACTIVE", "ACTIVE"]
    assert [each["data"]["member"]["metadata"] for each in told[2:]] == [{}, {}, {"shoe": 38}]
    assert {each["type"] for each in card} == {"vl.card.created", "vl.card.assigned"}
    assert {each["card_id"] for each in card} == {joined.card}
    assert given["data"]["member_card"]["member_role"] == "OWNER"
    assert given["data"]["card"]["balance"]["points"] == 0  # as it was then
    assert given["data"]["card"]["member_id"] == joined.member["id"]
    assert all(each["source"]["channel"] == "API" for each in (*told, *card))
    assert vendor.get(f"{joined.path}/activities?limit=1&order=created_at")["cursor"]["next"].startswith("lcrsambr_")


def test_members_of_a_batch_have_a_log_too(vendor: Vendor) -> None:
    joined = join(vendor, vendor.structure())
    vendor.post(f"/programs/{joined.program['id']}/members/batch", [CUSTOMER], 202)
    members = vendor.get(f"/programs/{joined.program['id']}/members")["data"]
    bob = next(each["id"] for each in members if each["id"] != joined.member["id"])

    assert sorted(kinds(vendor, f"/programs/{joined.program['id']}/members/{bob}")) == [
        "vl.member.card.assigned",
        "vl.member.created",
    ]


def test_logs_are_filtered_by_type_and_refuse_what_is_no_type(vendor: Vendor) -> None:
    joined = join(vendor, vendor.structure())
    wanted = "filters[type][conditions][$is]"

    told = vendor.get(f"{joined.path}/activities?{wanted}=vl.member.created")["data"]
    refused = vendor.get(f"{joined.path}/activities?{wanted}=vl.member.born", 400)

    assert [each["type"] for each in told] == ["vl.member.created"]
    assert refused["key"] == "invalid_query_params"


@pytest.mark.parametrize("what", ["program", "member", "card", "card_definition"])
def test_of_what_there_is_not_there_is_no_log(vendor: Vendor, what: str) -> None:
    joined = join(vendor, vendor.structure())
    path = {
        "program": "/programs/lprg_0",
        "member": f"/programs/{joined.program['id']}/members/lmbr_0",
        "card": f"{joined.path}/cards/lcrd_0",
        "card_definition": "/card-definitions/lcdef_0",
    }[what]

    told = vendor.get(f"{path}/activities", 404)

    assert (told["key"], told["resource_type"]) == ("not_found", what)
