"""The seed's page, "update a tier structure": one test for each sentence that states a rule."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest

from tests.http.faces.voucherify.conftest import Vendor
from ziggurat.http.faces.voucherify.cards import LEDGER

EARNED: dict[str, Any] = {"period": {"value": 1, "unit": "MONTH"}, "type": "IMMEDIATELY"}
COMMAND = """curl --request PUT \\
--url https://api.voucherify.io/v2/loyalties/tier-structures/{id} \\
--header 'Authorization: Bearer <token>' \\
--header 'Content-Type: application/json' \\
--header 'X-App-Id: <api-key>' \\
--header 'X-App-Token: <api-key>' \\
--data '
{
  "name": "<string>",
  "type": "POINT_BALANCE",
  "card_definition_id": "<string>",
  "point_earned": {"period": {"value": 2, "unit": "HOUR"}, "type": "IMMEDIATELY"},
  "expiration": {
    "type": "NO_EXPIRATION",
    "rolling_expiration": {"period": {"value": 2, "unit": "DAY"}},
    "calendar_expiration": {"calendar_dates": [{"day": 16, "month": 6}]},
    "sliding_expiration": {
      "period": {"value": 2, "unit": "DAY"},
      "earning_activity": true,
      "spending_activity": true,
      "custom_activity": true,
      "custom_activity_types": ["<string>"]
    }
  },
  "downgrade": {"type": "MULTI_LEVEL", "grace_period": {"value": 2, "unit": "DAY", "round_up": true}},
  "metadata": {}
}
'"""
"""The page's request, word for word (its lines are longer here)."""
WORDS = shlex.split(COMMAND.replace("\\\n", ""))
AS_PRINTED: dict[str, Any] = json.loads(WORDS[-1])


def test_the_printed_request_is_refused_by_the_pages_own_rule_about_point_earned(seed: Vendor) -> None:
    told = seed.update(seed.structure(), AS_PRINTED, 400)
    assert told["code"] == 400
    assert told["key"] == "invalid_payload"
    assert told["details"] == "Property .point_earned must be null for type POINT_BALANCE"


@pytest.mark.parametrize("type_", ["POINT_BALANCE", "POINT_EARNED"])
def test_the_printed_request_with_a_type_that_fits_is_answered_as_printed(seed: Vendor, type_: str) -> None:
    made = seed.structure()
    earned = AS_PRINTED["point_earned"] if type_ == "POINT_EARNED" else None
    asked = {**AS_PRINTED, "type": type_, "point_earned": earned, "card_definition_id": LEDGER}
    told = seed.update(made, asked)
    assert told == {
        **asked,
        "id": made["id"],
        "status": "DRAFT",
        "created_at": made["created_at"],
        "object": "tier_structure",
        "updated_at": told["updated_at"],
    }
    assert told["updated_at"] > told["created_at"]
    assert seed.get(f"/tier-structures/{made['id']}") == told


def test_all_fields_are_optional(seed: Vendor) -> None:
    made = seed.structure()
    assert seed.update(made, {}) == made


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "Tea Club"},
        {"type": "POINT_EARNED", "point_earned": EARNED},
        {"expiration": {"type": "ROLLING_EXPIRATION", "rolling_expiration": {"period": {"value": 3, "unit": "MONTH"}}}},
        {"downgrade": {"type": "SINGLE_LEVEL", "grace_period": {"value": 1, "unit": "MONTH", "round_up": False}}},
        {"metadata": {"a": 1}},
    ],
)
def test_omitted_fields_retain_their_current_values(seed: Vendor, asked: dict[str, Any]) -> None:
    made = seed.structure(expiration={"type": "NO_EXPIRATION"}, downgrade={"type": "MULTI_LEVEL"}, metadata={"b": "x"})
    told = seed.update(made, asked)
    expected = {**made, **asked, "updated_at": told["updated_at"]}
    if "metadata" in asked:
        expected["metadata"] = {"b": "x", "a": 1}
    assert told == expected


def test_not_in_draft_name_and_metadata_may_be_updated(seed: Vendor) -> None:
    made = seed.structure()
    seed.tier(made, "Silver", 500)
    seed.step(made, "activate")
    told = seed.update(made, {"name": "Tea Club", "metadata": {"a": 1}})
    assert (told["name"], told["metadata"], told["status"]) == ("Tea Club", {"a": 1}, "ACTIVE")
    seed.step(made, "deactivate")
    told = seed.update(made, {"name": "Milk Club", "metadata": {"a": None}})
    assert (told["name"], told["metadata"], told["status"]) == ("Milk Club", {}, "INACTIVE")


@pytest.mark.parametrize("step", ["activate", "deactivate"])
@pytest.mark.parametrize("field", ["type", "card_definition_id", "point_earned", "expiration", "downgrade"])
def test_not_in_draft_only_name_and_metadata_may_be_updated(seed: Vendor, step: str, field: str) -> None:
    made = seed.structure()
    seed.tier(made, "Silver", 500)
    now = seed.step(made, "activate")
    if step == "deactivate":
        now = seed.step(made, step)
    told = seed.update(made, {"name": "Tea Club", field: made[field]}, 400)
    assert told["key"] == "invalid_payload"
    assert field in told["details"]
    assert seed.get(f"/tier-structures/{made['id']}") == now


def test_back_in_draft_everything_may_be_updated_again(seed: Vendor) -> None:
    made = seed.structure()
    seed.tier(made, "Silver", 500)
    seed.step(made, "activate")
    assert seed.step(made, "draft")["status"] == "DRAFT"
    assert seed.update(made, {"expiration": {"type": "NO_EXPIRATION"}})["expiration"] == {"type": "NO_EXPIRATION"}
    assert seed.step(made, "activate")["status"] == "ACTIVE"
    assert seed.get(f"/tier-structures/{made['id']}")["expiration"] == {"type": "NO_EXPIRATION"}


@pytest.mark.parametrize("said", [{}, {"point_earned": None}])
def test_if_type_changes_to_point_earned_point_earned_is_required(seed: Vendor, said: dict[str, Any]) -> None:
    told = seed.update(seed.structure(), {"type": "POINT_EARNED", **said}, 400)
    assert told["details"] == "Property .point_earned is required for type POINT_EARNED"


def test_a_type_that_stays_point_earned_needs_no_point_earned(seed: Vendor) -> None:
    made = seed.structure(point_earned=EARNED)
    assert seed.update(made, {"type": "POINT_EARNED", "name": "Tea"})["point_earned"] == EARNED


@pytest.mark.parametrize("said", [{}, {"point_earned": EARNED}])
def test_if_type_changes_to_point_balance_point_earned_must_be_null(seed: Vendor, said: dict[str, Any]) -> None:
    made = seed.structure(point_earned=EARNED)
    told = seed.update(made, {"type": "POINT_BALANCE", **said}, 400)
    assert told["details"] == "Property .point_earned must be null for type POINT_BALANCE"
    changed = seed.update(made, {"type": "POINT_BALANCE", "point_earned": None})
    assert (changed["type"], changed["point_earned"]) == ("POINT_BALANCE", None)


def test_point_earned_alone_must_fit_the_type_that_is_there(seed: Vendor) -> None:
    assert seed.update(seed.structure(), {"point_earned": EARNED}, 400)["key"] == "invalid_payload"
    made = seed.structure(point_earned=EARNED)
    assert seed.update(made, {"point_earned": None}, 400)["key"] == "invalid_payload"


def test_the_card_definition_has_to_exist(seed: Vendor) -> None:
    told = seed.update(seed.structure(), {"card_definition_id": "lcdef_0"}, 404)
    assert told["key"] == "not_found"
    assert told["details"] == "Cannot find card_definition with id lcdef_0"
    assert (told["resource_type"], told["resource_id"]) == ("card_definition", "lcdef_0")


@pytest.mark.parametrize(("name", "status"), [("", 400), ("x", 200), ("x" * 200, 200), ("x" * 201, 400), (None, 400)])
def test_a_name_has_1_to_200_characters(seed: Vendor, name: str | None, status: int) -> None:
    seed.update(seed.structure(), {"name": name}, status)


def test_type_is_one_of_two(seed: Vendor) -> None:
    told = seed.update(seed.structure(), {"type": "POINTS"}, 400)
    assert told["details"] == (
        "Property .type must be equal to one of the allowed values [ POINT_BALANCE, POINT_EARNED ]"
    )


def test_unknown_fields_are_refused_and_every_fault_is_told(seed: Vendor) -> None:
    told = seed.update(seed.structure(), {"nme": "x", "downgrade": {}}, 400)
    assert "Payload must not have property 'nme'" in told["details"]
    assert "Property .downgrade must have required property 'type'" in told["details"]


def test_an_unknown_structure_is_not_found(seed: Vendor) -> None:
    told = seed.put("/tier-structures/lts_0", {"name": "x"}, 404)
    assert told["details"] == "Cannot find tier_structure with id lts_0"


def test_a_structure_is_told_by_its_id_and_dates_in_iso_8601(seed: Vendor) -> None:
    made = seed.structure()
    told = seed.update(made, {"name": "Tea Club"})
    assert told["id"] == made["id"]
    assert re.fullmatch(r"lts_[a-f0-9]+", told["id"])
    for name in ("created_at", "updated_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told[name])
    assert (made["updated_at"], told["object"]) == (None, "tier_structure")


def test_the_status_is_the_current_one(seed: Vendor) -> None:
    made = seed.structure()
    told = [made["status"]]
    for step in ("activate", "deactivate"):
        seed.step(made, step)
        told.append(seed.update(made, {"metadata": {"after": step}})["status"])
    told.append(seed.delete(f"/tier-structures/{made['id']}")["status"])
    assert told == ["DRAFT", "ACTIVE", "INACTIVE", "DELETED"]


def test_point_earned_is_there_when_the_type_is_point_earned(seed: Vendor) -> None:
    assert seed.structure()["point_earned"] is None
    assert seed.structure(point_earned=EARNED)["point_earned"] == EARNED


def test_metadata_is_of_ones_own_keys_and_values(seed: Vendor) -> None:
    metadata = {"text": "x", "number": 1, "truth": True, "list": [1, 2], "more": {"a": None}}
    assert seed.update(seed.structure(), {"metadata": metadata})["metadata"] == metadata


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer <token>"},
        {"x-app-id": "someone", "x-app-token": "something"},
        {"x-app-id": "someone"},
    ],
)
def test_without_a_token_or_a_key_nothing_is_updated(seed: Vendor, headers: dict[str, str]) -> None:
    made = seed.structure()
    stranger = seed.served.with_headers(headers)
    answer = stranger.put(f"{seed.base}/tier-structures/{made['id']}", json={"name": "Tea Club"})
    assert (answer.status_code, answer.json()) == (401, {"code": 401, "message": "Unauthorized", "key": "unauthorized"})
    assert seed.get(f"/tier-structures/{made['id']}") == made
