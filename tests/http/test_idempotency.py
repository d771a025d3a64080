"""`Idempotency-Key`: a POST sent twice is done once, and answered twice."""

import threading
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from ziggurat import limits
from ziggurat.app.claim_request import claim_request
from ziggurat.app.context import Context
from ziggurat.http.idempotency import Fingerprint
from ziggurat.store.scope import Scope

PROGRAM = {"name": "Club", "qualification": {"measure": "points_lifetime"}, "tiers": [{"name": "Gold", "from": 100}]}


def test_a_request_sent_twice_is_done_once(client: TestClient) -> None:
    headers = {"idempotency-key": "first"}
    first = client.post("/v1/programs", json=PROGRAM, headers=headers)
    second = client.post("/v1/programs", json=PROGRAM, headers=headers)
    assert first.status_code == second.status_code == 201
    assert second.content == first.content
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(client.get("/v1/programs").json()["items"]) == 1


def test_without_a_key_every_request_is_done(client: TestClient) -> None:
    client.post("/v1/programs", json=PROGRAM)
    client.post("/v1/programs", json=PROGRAM)
    assert len(client.get("/v1/programs").json()["items"]) == 2


def test_the_key_with_another_request_is_refused(client: TestClient) -> None:
    headers = {"idempotency-key": "first"}
    client.post("/v1/programs", json=PROGRAM, headers=headers)
    answer = client.post("/v1/programs", json=PROGRAM | {"name": "Other"}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert len(client.get("/v1/programs").json()["items"]) == 1


def test_a_refusal_is_kept_too(client: TestClient) -> None:
    headers = {"idempotency-key": "first"}
    first = client.post("/v1/programs/nothing/submit", headers=headers)
    second = client.post("/v1/programs/nothing/submit", headers=headers)
    assert first.status_code == second.status_code == 404
    assert second.headers["idempotency-replayed"] == "true"


def test_a_request_that_cannot_be_read_does_not_use_the_key_up(client: TestClient) -> None:
    headers = {"idempotency-key": "first"}
    assert client.post("/v1/programs", json=[], headers=headers).status_code == 422
    assert client.post("/v1/programs", json=PROGRAM, headers=headers).status_code == 201


def test_while_the_first_is_being_answered_the_second_has_to_wait(served: Served, client: TestClient) -> None:
    fingerprint = Fingerprint("POST", "/v1/programs/nothing/submit?", "application/json", b"")
    now = served.clock.now
    context = Context(served.service.database, Scope(1), "key:x", now)
    expires_at = now + limits.IDEMPOTENCY_LIFETIME_SECONDS * 1_000_000
    assert claim_request(context, "first", fingerprint.digest(), expires_at, retry_after=1) is None
    waiting = client.post("/v1/programs/nothing/submit", headers={"idempotency-key": "first"})
    assert waiting.status_code == 409
    assert waiting.headers["retry-after"] == "1"
    served.clock.pass_seconds(limits.IDEMPOTENCY_ABANDONED_SECONDS + 1)
    taken_over = client.post("/v1/programs/nothing/submit", headers={"idempotency-key": "first"})
    assert taken_over.status_code == 404


def test_of_many_at_once_one_is_done(served: Served) -> None:
    answers: list[int] = []
    with served.client() as client:  # entered: all of its requests share an event loop, as a server's do

        def send() -> None:
            answers.append(client.post("/v1/programs", json=PROGRAM, headers={"idempotency-key": "race"}).status_code)

        threads = [threading.Thread(target=send) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert len(served.client().get("/v1/programs").json()["items"]) == 1


def test_keys_of_other_organizations_are_other_keys(served: Served) -> None:
    headers = {"idempotency-key": "same"}
    ours = served.client("first").post("/v1/programs", json=PROGRAM, headers=headers)
    theirs = served.client("second").post("/v1/programs", json=PROGRAM, headers=headers)
    assert ours.json()["id"] != theirs.json()["id"]


def test_answers_are_forgotten_after_a_day(served: Served, client: TestClient) -> None:
    headers = {"idempotency-key": "first"}
    client.post("/v1/programs", json=PROGRAM, headers=headers)
    served.clock.pass_seconds(limits.IDEMPOTENCY_LIFETIME_SECONDS)
    assert "idempotency-replayed" not in client.post("/v1/programs", json=PROGRAM, headers=headers).headers


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
def test_a_key_is_short_and_visible(client: TestClient, key: str) -> None:
    answer = client.post("/v1/programs", json=PROGRAM, headers={"idempotency-key": key})
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["header"] == "Idempotency-Key"


def test_a_fault_of_the_service_frees_the_key(serve_with: Callable[..., Served]) -> None:
    served = serve_with()
    client = served.client()
    headers = {"idempotency-key": "first"}
    with served.service.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE drafts RENAME TO hidden")
    assert client.post("/v1/programs", json=PROGRAM, headers=headers).status_code == 500
    with served.service.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE hidden RENAME TO drafts")
    assert client.post("/v1/programs", json=PROGRAM, headers=headers).status_code == 201
