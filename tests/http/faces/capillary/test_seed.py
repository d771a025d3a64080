"""The page "Update Tier", sentence by sentence."""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.capillary.conftest import TIERS, Pair, create, good, publish, refusal
from tests.support.loopback import listening_on_loopback

EXAMPLE: dict[str, Any] = {
    "description": "Premium tier for top spenders — updated",
    "eligibility": {"kpiType": "CURRENT_POINTS", "threshold": 80000, "upgradeType": "LAZY"},
}

AS_PRINTED = """curl -X PUT "https://eu.intouch.capillarytech.com/v3/tiers/6a2121936497e74ec3517ad8" \\
  -H "Authorization: Basic <base64-encoded-credentials>" \\
  -H "Content-Type: application/json" \\
  -d '{
    "description": "Premium tier for top spenders — updated",
    "eligibility": {
      "kpiType": "CURRENT_POINTS",
      "threshold": 80000,
      "upgradeType": "LAZY"
    }
  }'"""


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_example_sent_with_curl_as_printed_is_answered(
    club: str, maker: TestClient, served: Served, new_pair: Callable[..., Pair]
) -> None:
    object_id, pair = create(maker)["objectId"], new_pair()
    credentials = base64.b64encode(f"{pair.key_id}:{pair.secret}".encode()).decode()
    with listening_on_loopback(served.app) as address:
        command = (
            AS_PRINTED.replace("https://eu.intouch.capillarytech.com", f"{address}/capillary")
            .replace("6a2121936497e74ec3517ad8", object_id)
            .replace("<base64-encoded-credentials>", credentials)
        )
        sent = subprocess.run(f"{command} --silent --fail", shell=True, capture_output=True, check=True, timeout=30)

    told = json.loads(sent.stdout)
    assert told["data"]["objectId"] == object_id
    assert told["data"]["description"] == EXAMPLE["description"]
    assert told["data"]["eligibility"] == EXAMPLE["eligibility"]


def live(client: TestClient, name: str) -> dict[str, Any]:
    tiers = good(client.get(TIERS, params={"programId": 973}))["tiers"]
    found: dict[str, Any] = next(tier for tier in tiers if (tier["name"], tier["status"]) == (name, "LIVE"))
    return found


def test_the_example_request_is_answered_as_the_page_says(club: str, maker: TestClient) -> None:
    made = create(maker)

    answer = maker.put(f"{TIERS}/{made['objectId']}", json=EXAMPLE)

    meta = made["meta"]
    assert b'"threshold":80000.0' in answer.content
    assert answer.json() == {
        "data": {
            "tierUniqueId": "ut-973-003",
            "objectId": made["objectId"],
            "name": "Super Platinum",
            "description": "Premium tier for top spenders — updated",
            "color": "#E5E4E2",
            "serialNumber": 3,
            "eligibility": {"kpiType": "CURRENT_POINTS", "threshold": 80000.0, "upgradeType": "LAZY"},
            "meta": meta,
            "status": "DRAFT",
            "origin": "MONGO_ONLY",
            "renewal": {
                "periodType": "SLAB_UPGRADE",
                "periodValue": "12",
                "unit": "NUM_MONTHS",
                "criteriaType": "Same as eligibility",
            },
        },
        "errors": None,
        "warnings": None,
    }
    assert meta["createdAt"] == "2025-07-01T12:00:00Z"
    assert meta["createdBy"] == meta["updatedBy"]


def test_all_body_fields_are_optional(club: str, maker: TestClient) -> None:
    made = create(maker)

    assert good(maker.put(f"{TIERS}/{made['objectId']}", json={})) == made


@pytest.mark.parametrize(
    "sent", [{"name": "Ruby"}, {"description": "new"}, {"color": "#000000"}, {"eligibility": {"threshold": 90_000}}]
)
def test_only_the_fields_that_are_sent_are_changed(club: str, maker: TestClient, sent: dict[str, Any]) -> None:
    made = create(maker)

    changed = good(maker.put(f"{TIERS}/{made['objectId']}", json=sent))

    expected = {name: {**made[name], **value} if isinstance(value, dict) else value for name, value in sent.items()}
    assert changed == {**made, **expected}


def test_updating_a_draft_edits_it_in_place(club: str, maker: TestClient) -> None:
    made = create(maker)

    changed = good(maker.put(f"{TIERS}/{made['objectId']}", json=EXAMPLE))

    assert (changed["objectId"], changed["status"]) == (made["objectId"], "DRAFT")


def test_updating_one_that_waits_for_approval_edits_it_in_place(club: str, maker: TestClient) -> None:
    made = create(maker)
    good(maker.post(f"{TIERS}/{made['objectId']}/submit"))

    changed = good(maker.put(f"{TIERS}/{made['objectId']}", json=EXAMPLE))

    assert (changed["objectId"], changed["status"]) == (made["objectId"], "PENDING_APPROVAL")
    (waiting,) = good(maker.get(f"{TIERS}/approvals", params={"programId": 973}))
    assert waiting["description"] == EXAMPLE["description"]


def test_updating_an_active_tier_makes_a_new_versioned_draft_that_must_be_approved_again(
    club: str, maker: TestClient, checker: TestClient
) -> None:
    made = create(maker)
    published = publish(maker, checker, made["objectId"])

    draft = good(maker.put(f"{TIERS}/{published['slabId']}", params={"programId": 973}, json=EXAMPLE))

    assert draft["objectId"] != made["objectId"]
    assert (draft["tierUniqueId"], draft["status"]) == (made["tierUniqueId"], "DRAFT")
    assert live(maker, "Super Platinum")["eligibility"]["threshold"] == 100_000
    again = publish(maker, checker, draft["objectId"])
    assert (again["status"], again["version"], again["parentId"]) == ("ACTIVE", 2, made["objectId"])
    assert live(maker, "Super Platinum")["eligibility"]["threshold"] == 80_000


def test_an_active_tier_is_edited_by_its_object_id_too(club: str, maker: TestClient, checker: TestClient) -> None:
    made = create(maker)
    publish(maker, checker, made["objectId"])

    draft = good(maker.put(f"{TIERS}/{made['objectId']}", json=EXAMPLE))

    assert draft["objectId"] != made["objectId"]


def test_tiers_in_snapshot_cannot_be_edited(club: str, maker: TestClient, checker: TestClient) -> None:
    made = create(maker)
    publish(maker, checker, made["objectId"])
    draft = good(maker.put(f"{TIERS}/{made['objectId']}", json=EXAMPLE))
    publish(maker, checker, draft["objectId"])

    assert refusal(maker.put(f"{TIERS}/{made['objectId']}", json=EXAMPLE)) == (409, [999999])


def test_deleted_tiers_cannot_be_edited(club: str, maker: TestClient) -> None:
    made = create(maker)
    assert maker.delete(f"{TIERS}/{made['objectId']}").status_code == 204

    answer = maker.put(f"{TIERS}/{made['objectId']}", json=EXAMPLE)

    assert refusal(answer) == (409, [999999])
    assert "TIER_NOT_EDITABLE_IN_STATUS" in answer.text


def test_the_tier_unique_id_is_not_accepted(club: str, maker: TestClient) -> None:
    made = create(maker)

    assert refusal(maker.put(f"{TIERS}/{made['tierUniqueId']}", json=EXAMPLE)) == (404, [9056])


@pytest.mark.parametrize("id_", ["6a2121936497e74ec3517ad8", "4711", "nothing"])
def test_no_tier_matches(club: str, maker: TestClient, id_: str) -> None:
    assert refusal(maker.put(f"{TIERS}/{id_}", params={"programId": 973}, json=EXAMPLE)) == (404, [9056])


def test_program_id_is_required_for_the_slab_id_of_a_tier_made_elsewhere(club: str, maker: TestClient) -> None:
    slab = live(maker, "Gold")["slabId"]

    assert refusal(maker.put(f"{TIERS}/{slab}", json={"color": "#FFD700"})) == (400, [9003])
    draft = good(maker.put(f"{TIERS}/{slab}", params={"programId": 973}, json={"color": "#FFD700"}))
    assert (draft["name"], draft["status"], draft["color"]) == ("Gold", "DRAFT", "#FFD700")


def test_program_id_is_ignored_otherwise(club: str, maker: TestClient, checker: TestClient) -> None:
    made = create(maker)
    url = f"{TIERS}/{made['objectId']}"
    assert maker.put(url, params={"programId": "12"}, json={}).status_code == 200
    published = publish(maker, checker, made["objectId"])

    assert maker.put(f"{TIERS}/{published['slabId']}", params={"programId": "x"}, json={}).status_code == 200


@pytest.mark.parametrize(
    ("sent", "numbers"),
    [
        ({"unknown": 1}, [999999]),
        ({"downgrade": {}}, [999999]),
        ({"programId": 973}, [999999]),
        ({"engineConfig": None}, [999999]),
        ({"validity": {"endDate": "2027-01-01"}}, [9048]),
        ({"validity": {"periodValue": -1}}, [999999]),
        ({"name": ""}, [9026]),
        ({"name": "  "}, [9026]),
        ({"name": "x" * 51}, [9002]),
        ({"description": "x" * 501}, [9008]),
        ({"color": "gold"}, [9006]),
        ({"color": "#FFF"}, [9006]),
        ({"eligibility": {"kpiType": "STEPS"}}, [9004]),
        ({"eligibility": {"conditions": [{"type": "STEPS", "value": "5"}]}}, [9004]),
        ({"eligibility": {"upgradeType": "BUSY"}}, [9009]),
        ({"eligibility": {"threshold": -0.5}}, [9005]),
        ({"eligibility": {"threshold": -1}}, [9005]),
        ({"eligibility": {"threshold": 2_147_483_648}}, [9028]),
        ({"eligibility": {"conditions": [{"type": "TRACKER", "value": "5", "trackerId": 3}]}}, [9029]),
        ({"eligibility": {"conditions": [{"type": "TRACKER", "value": "5", "trackerCondition": 3}]}}, [9029]),
        ({"eligibility": {"kpiType": "LIFETIME_PURCHASES"}}, [9043]),
        ({"eligibility": {"conditions": [{"type": "PURCHASE", "value": "5"}]}}, [9043]),
        ({"eligibility": {"threshold": 50_000}}, [9044]),
        ({"color": "gold", "name": "", "description": "x" * 501}, [9026, 9008, 9006]),
        ({"name": None}, [999999]),
        ({"eligibility": {"threshold": "80000"}}, [999999]),
    ],
)
def test_each_fault_has_its_number(club: str, maker: TestClient, sent: dict[str, Any], numbers: list[int]) -> None:
    made = create(maker)

    assert refusal(maker.put(f"{TIERS}/{made['objectId']}", json=sent)) == (400, numbers)
    assert good(maker.get(f"{TIERS}/{made['tierUniqueId']}")) == [made]


@pytest.mark.parametrize("name", ["Gold", "gold", " BLUE "])
def test_a_name_is_unique_among_live_tiers_case_aside(club: str, maker: TestClient, name: str) -> None:
    made = create(maker)

    answer = maker.put(f"{TIERS}/{made['objectId']}", json={"name": name})

    assert refusal(answer) == (409, [999999])
    assert "TIER_NAME_TAKEN" in answer.text


def test_a_tier_may_keep_its_own_name(club: str, maker: TestClient) -> None:
    made = create(maker)

    assert good(maker.put(f"{TIERS}/{made['objectId']}", json={"name": "super platinum"}))["name"] == "super platinum"
