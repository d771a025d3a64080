"""Another organization's key on every operation of the document: nothing readable, nothing writable."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.capillary.conftest import PLATINUM, TIERS, Pair, basic, create, publish
from tests.http.faces.capillary.test_members import WHOM, earn
from tests.http.test_other_organization import rows_of_first
from ziggurat.http.faces.capillary.application import capillary_document

MARK = "only-first-knows"
BODIES: dict[str, Any] = {
    "CreateTierBody": {**PLATINUM, "name": "Strange"},
    "UpdateTierBody": {"description": "strange"},
    "ApproveBody": {"approvalStatus": "APPROVE"},
    "ManualAdjustment": {
        "programId": 973,
        "slabAction": "UPGRADE",
        "toSlabName": "Gold",
        "manualSlabActionValidity": "AS_PER_TIER_STRATEGY",
    },
    "AdvancedSettings": {"downgrade": {"daily": True}},
    "WebhookRequest": {"url": "https://strange.example/hook"},
    "TokenRequest": {"key": "none", "secret": "none"},
}
OWN = ("TokenRequest", "WebhookRequest")
"""What a stranger may do in an organization of her own."""


def operations() -> Iterator[tuple[str, str, str]]:
    """Method, path and the body's model of every operation."""
    for path, methods in capillary_document()["paths"].items():
        for method, said in methods.items():
            content = said.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield method.upper(), path, content.get("schema", {}).get("$ref", "").rpartition("/")[2]


@pytest.fixture
def ids(club: str, maker: TestClient, checker: TestClient, native: TestClient) -> list[dict[str, str]]:
    """Everything that a path of the first organization may name: drafts, live tiers, waiting ones, a customer."""
    earn(native, 60_000)
    publish(maker, checker, create(maker, description=MARK)["objectId"])
    live = maker.get(TIERS, params={"programId": 973}).json()["data"]["tiers"][2]
    draft = maker.put(f"{TIERS}/{live['slabId']}", json={"color": "#000000"}).json()["data"]
    maker.post(f"{TIERS}/{draft['objectId']}/submit")
    named = [live["slabId"], live["tierUniqueId"], live["objectId"], draft["objectId"]]
    return [{"tier_id": str(name), "program_id": "973", "user_id": "ann"} for name in named]


@pytest.mark.parametrize(("method", "path", "model"), list(operations()))
def test_a_stranger_finds_and_changes_nothing(
    served: Served, new_pair: Callable[..., Pair], ids: list[dict[str, str]], method: str, path: str, model: str
) -> None:
    pair = new_pair(organization="second")
    stranger = served.with_headers(basic(pair.key_id, pair.secret))
    before = rows_of_first(served)
    for values in ids:
        url = "/capillary" + path.format(**values)
        answer = stranger.request(
            method, url, params={"programId": 973, "external_id": "ann", **WHOM}, json=BODIES.get(model)
        )

        assert rows_of_first(served) == before
        assert answer.status_code < 500
        assert MARK not in answer.text
        if path == "/v3/programs":
            assert json.loads(answer.text)["data"] == []
        elif path == "/v1.1/customer/get":  # there the status is within the answer
            (none,) = json.loads(answer.text)["response"]["customers"]["customer"]
            assert set(none) == {"external_id", "item_status"}
        elif model not in OWN:
            assert answer.status_code in (400, 404), answer.text
