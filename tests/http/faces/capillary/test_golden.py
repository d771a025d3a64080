"""Representative answers, word for word: golden/*.json. How they are renewed is said in tests/support/golden.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.capillary.conftest import PLATINUM, TIERS, Pair
from tests.http.faces.capillary.test_members import ADJUST, LOOKUP, WHOM, earn
from tests.support.golden import Names, is_golden
from ziggurat.http.faces.capillary.application import capillary_document
from ziggurat.http.faces.capillary.errors import NUMBERS

FOLDER = Path(__file__).parent / "golden"
IDS = (r"\b[0-9a-f]{24}\b", r"\bkey_[0-9a-f]+\b", r"\bprg_[0-9a-f]+\b")
"""Of records, keys and programs."""
STEPS = [
    "created",
    "listed",
    "got",
    "updated",
    "submitted",
    "pending",
    "rejected",
    "approved",
    "published",
    "new_version",
    "live_and_draft",
    "settings",
    "adjusted",
    "tier_details",
    "looked_up",
    "customer",
    "customer_v1",
    "programs",
    "faults",
    "not_found",
    "conflict",
    "no_key",
    "v2_refusal",
    "warned",
]


@pytest.fixture
def answers(
    club: str, maker: TestClient, checker: TestClient, native: TestClient, served: Served, new_pair: Callable[..., Pair]
) -> dict[str, Any]:
    """A tier's way from its making to a second version, a customer's from below it, and how each refusal looks."""
    said: dict[str, Any] = {}

    def keep(name: str, answer: Any) -> Any:
        said[name] = {"status": answer.status_code, "body": answer.json()}
        return answer.json().get("data")

    earn(native, 60_000)
    made = keep("created", maker.post(TIERS, json=PLATINUM))
    url = f"{TIERS}/{made['objectId']}"
    keep("listed", maker.get(TIERS, params={"programId": 973}))
    keep("got", maker.get(f"{TIERS}/{made['tierUniqueId']}"))
    keep("updated", maker.put(url, json={"description": "Premium tier for top spenders — updated"}))
    keep("submitted", maker.post(f"{url}/submit"))
    keep("pending", maker.get(f"{TIERS}/approvals", params={"programId": 973}))
    keep("rejected", checker.post(f"{url}/approve", json={"approvalStatus": "REJECT", "comment": "too dear"}))
    maker.post(f"{url}/submit")
    slab = keep("approved", checker.post(f"{url}/approve", json={"approvalStatus": "APPROVE"}))["slabId"]
    keep("published", maker.get(TIERS, params={"programId": 973, "tier": slab}))
    keep("new_version", maker.put(f"{TIERS}/{slab}", json={"color": "#000000"}))
    keep("live_and_draft", maker.get(f"{TIERS}/{slab}"))
    keep("settings", maker.get("/capillary/programs/973/tierAdvancedSettings"))
    body = {
        "programId": 973,
        "slabAction": "UPGRADE",
        "toSlabName": "Super Platinum",
        "manualSlabActionValidity": "FIXED_DURATION",
        "manualSlabActionValidityUpto": 30,
    }
    keep("adjusted", maker.post(ADJUST, params=WHOM, json=body))
    keep("tier_details", maker.get("/capillary/v2/customers/ann/tierDetails", params={"programId": 973}))
    keep("looked_up", maker.get(LOOKUP, params={**WHOM, "fetchDataForAllPrograms": "true"}))
    gaps = {"source": "INSTORE", "embed": "points,mlp", "gapToUpgrade": "0", "gapToRenew": "30"}
    keep("customer", maker.get("/capillary/v2/customers/ann", params=gaps))
    older = {"external_id": "ann,bob", "mlp": "true", "user_id": "true", "slab_history": "true"}
    older |= {"gap_to_upgrade_for": "0", "gap_to_renew_for": "0"}
    keep("customer_v1", maker.get("/capillary/v1.1/customer/get", params=older))
    keep("programs", maker.get("/capillary/v3/programs"))
    keep("faults", maker.put(url, json={"name": "", "color": "red", "endDate": 1, "eligibility": {"threshold": -1}}))
    keep("not_found", maker.put(f"{TIERS}/ut-973-003", json={}))
    keep("conflict", maker.put(f"{TIERS}/{slab}", json={}))
    keep("no_key", served.anonymous().get(TIERS))
    keep("v2_refusal", maker.post(ADJUST, params=WHOM, json={**body, "toSlabName": "Blue"}))
    condition = [{"type": "POINTS", "value": str(value)} for value in (1, 2, 3)]
    mixed = {"eligibility": {"expressionRelation": "A OR B AND C", "conditions": condition}}
    draft = said["new_version"]["body"]["data"]["objectId"]
    keep("warned", maker.put(f"{TIERS}/{draft}", json=mixed))
    return said


def test_golden_answers(answers: dict[str, Any]) -> None:
    names = Names(*IDS, fields=("slabId",))
    assert list(answers) == STEPS
    for step, answer in answers.items():
        assert is_golden(FOLDER / f"{step}.json", names.said(answer))


def test_golden_table_of_error_numbers() -> None:
    assert is_golden(FOLDER / "error_numbers.json", dict(NUMBERS))


def test_golden_openapi_document() -> None:
    document = {**capillary_document(), "info": {}}
    assert is_golden(FOLDER / "openapi.json", document)


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == {*STEPS, "error_numbers", "openapi"}
