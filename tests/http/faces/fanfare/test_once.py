"""A POST with an idempotency key is done once, however often it is sent."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.fanfare.conftest import AUDIENCES, CONSUMERS, places_of

HEADER = "x-idempotency-key"


def count(fanfare: TestClient) -> int:
    return len(fanfare.get(CONSUMERS).json()["data"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CONSUMERS, {"fullName": "Ann", "loyaltyBalance": 0.1}),
        (f"{CONSUMERS}/batch", [{"fullName": "Ann", "ltv": "12.30"}]),
        (AUDIENCES, {"name": "VIP", "type": "STATIC_LIST"}),
    ],
)
def test_a_request_sent_again_is_answered_as_the_first_time(fanfare: TestClient, path: str, body: Any) -> None:
    first, again = (fanfare.post(path, json=body, headers={HEADER: "k1"}) for _ in range(2))
    other = fanfare.post(path, json=body, headers={HEADER: "k2"})
    assert first.status_code == 200
    assert (again.status_code, again.content) == (200, first.content)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert other.content != first.content
    assert count(fanfare) == (0 if path == AUDIENCES else 2)


def test_a_key_stands_for_one_request_of_one_organization(fanfare: TestClient, served: Served) -> None:
    assert fanfare.post(CONSUMERS, json={"fullName": "Ann"}, headers={HEADER: "k1"}).status_code == 200
    reused = fanfare.post(CONSUMERS, json={"fullName": "Bob"}, headers={HEADER: "k1"})
    assert (reused.status_code, reused.json()) == (409, {"error": "The idempotency key was used for another request"})
    assert served.client("second").post(CONSUMERS, json={"fullName": "Bob"}, headers={HEADER: "k1"}).status_code == 200
    assert fanfare.post(CONSUMERS, json={}, headers={HEADER: "two words"}).status_code == 400
    assert count(fanfare) == 1


def test_refusals_are_kept_like_other_answers(fanfare: TestClient) -> None:
    bad = {"email": "nobody"}
    first, again = (fanfare.post(CONSUMERS, json=bad, headers={HEADER: "k1"}) for _ in range(2))
    assert places_of(first) == places_of(again) == ["email"]
    assert again.headers["idempotency-replayed"] == "true"
