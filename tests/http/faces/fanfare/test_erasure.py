"""Whoever is erased leaves nothing behind that was said of her."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.fanfare.conftest import CONSUMERS
from tests.support.database_text import everything_in

SAID = {
    "externalId": "ann-of-cleves",
    "email": "ann@cleves.example",
    "phone": "+33123456",
    "fullName": "Ann Cleves",
    "metadata": {"note": "likes tulips"},
}
PRIVATE = ["ann-of-cleves", "ann@cleves.example", "+33123456", "Ann Cleves", "likes tulips"]


@pytest.fixture
def served(serve_with: Callable[..., Served]) -> Served:
    """An application that may post to this machine."""
    return serve_with(webhook_private_targets=True)


def test_an_erased_consumer_is_nowhere_any_more(fanfare: TestClient, native: TestClient, served: Served) -> None:
    listening = {"url": "http://127.0.0.1:9/hooks", "events": ["consumer.created", "consumer.updated"]}
    assert fanfare.post("/fanfare/api/webhooks", json=listening).status_code == 200
    made = fanfare.post(CONSUMERS, json=SAID)
    assert made.status_code == 200, made.text
    rules = [[{"field": "email", "operator": "contains", "values": ["cleves"]}]]
    assert native.post("/v1/audiences", json={"name": "All", "kind": "dynamic", "rules": rules}).status_code < 300
    assert fanfare.put(f"{CONSUMERS}/{made.json()['id']}", json={"fullName": "Ann  Cleves"}).status_code == 200
    assert fanfare.put(f"{CONSUMERS}/{made.json()['id']}", json={"fullName": "Ann Cleves"}).status_code == 200
    before = everything_in(served.service.database)
    assert [text for text in PRIVATE if text in before] == PRIVATE

    assert native.delete(f"/v1/members/{SAID['externalId']}").status_code < 300

    after = everything_in(served.service.database)
    assert [text for text in PRIVATE if text in after] == []
