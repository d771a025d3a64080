"""`Idempotency-Key`: a POST sent twice is done once, and answered twice."""

import threading
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.http.club import EARNED
from tests.http.conftest import START, Served
from ziggurat import limits
from ziggurat.app.access.claim_request import carrying_out, claim_request
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.http.idempotency import Fingerprint
from ziggurat.program.events import Event, EventType
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


def test_what_was_carried_out_is_not_done_again_though_its_answer_was_lost(served: Served) -> None:
    """As when the service is killed between the commit and the answer; events without ids would count twice."""
    client = served.client()
    one = {"member": "ada", "points": 5, **EARNED}
    keyed = {"idempotency-key": "till-1"}
    assert client.post("/v1/events", json=one, headers=keyed).json()["counts"]["accepted"] == 1
    with served.service.database.writing() as connection:  # what is there right after the commit
        connection.exec_driver_sql("UPDATE idempotency_records SET status = 0, body = NULL, headers = NULL")
    assert client.post("/v1/events", json=one, headers=keyed).json()["code"] == "request_in_flight"
    served.clock.pass_seconds(limits.IDEMPOTENCY_ABANDONED_SECONDS)
    again = client.post("/v1/events", json=one, headers=keyed)
    assert (again.status_code, again.json()["code"]) == (409, "answer_lost")
    assert len(client.get("/v1/members/ada/events").json()["items"]) == 1


def test_that_a_request_was_carried_out_is_committed_together_with_what_it_does(served: Served) -> None:
    """Nobody else ever sees the event without the note, or the note without the event."""
    client = served.client()
    context = Context(served.service.database, Scope(1), "key:x", served.clock.now)
    assert claim_request(context, "one", b"request", served.clock.now + 1_000_000, 1) is None
    seen: list[tuple[int, int | None]] = []

    def look() -> None:
        with context.database.reading() as connection:
            events = connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()
            seen.append((events, connection.exec_driver_sql("SELECT status FROM idempotency_records").scalar_one()))

    at_work = carrying_out(context, "one")
    with pytest.raises(RuntimeError), at_work.database.writing():
        raise RuntimeError
    look()
    ingest_events(at_work, [Event("ada", EventType.POINTS_EARNED, START, points=5)])
    look()
    assert seen == [(0, None), (1, 0)]
    assert client.get("/v1/members/ada").status_code == 200
