"""Nothing in any table of the database names a person who was erased, whatever was done with her before."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.app.receiver import Receiver, receiver
from tests.http.club import event, send, start_program
from tests.http.conftest import Served
from ziggurat.app.upkeep.worker import Worker

NAME = "zoë.quimby@example.org"
SIGNS = ("quimby", "secret-nickname", "555-0100")
ServeWith = Callable[..., Served]


@pytest.fixture
def target() -> Iterator[Receiver]:
    with receiver(echo=True) as running:
        running.answers = [200] * 100
        yield running


def everything(served: Served) -> Iterator[tuple[str, str]]:
    """Each value of each row of each table, as text, with the name of its table."""
    with served.service.database.reading() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        for name in names:
            for row in connection.exec_driver_sql(f"SELECT * FROM {name}"):
                for value in row:
                    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    yield name, f"{text} {json.loads(text) if text[:1] in ('{', '[') else ''}".lower()


def found_in(served: Served) -> set[str]:
    return {table for table, text in everything(served) if any(sign in text for sign in SIGNS)}


def lead_a_life(served: Served, client: TestClient, target: Receiver) -> None:
    program = start_program(client)
    client.post("/v1/webhook-endpoints", json={"url": target.url})
    keyed = {"idempotency-key": "enrol"}
    enrolled = client.post("/v1/members", json={"id": NAME, "attributes": {"phone": "555-0100"}}, headers=keyed)
    assert enrolled.status_code == 201
    spoken = {**event(1, NAME, 600), "reason": "for secret-nickname", "id": "till/quimby/1"}
    client.post("/v1/events", json=[spoken], headers={"idempotency-key": "events"})
    client.post("/v1/events", json=[{**spoken, "points": 5}])
    send(client, event(2, "quimby-card", 5))
    merged = client.post("/v1/members/quimby-card/merge", json={"into": NAME})
    assert merged.status_code == 200, merged.text
    path = merged.request.url.path.replace("quimby-card/merge", "") + "zo%C3%AB.quimby@example.org"
    body: dict[str, Any] = {"program": program, "tier": "Gold", "mode": "floor", "reason": "she is secret-nickname"}
    override = client.post(f"{path}/overrides", json=body)
    assert override.status_code == 201, override.text
    ended = client.post(f"{path}/overrides/{override.json()['id']}/end", json={"reason": "no longer secret-nickname"})
    assert ended.status_code in (200, 404), ended.text
    client.put(f"{path}/profile", json={"email": NAME, "phone": "555-0100", "metadata": {"nick": "secret-nickname"}})
    audience = client.post("/v1/audiences", json={"name": "List", "kind": "static"}).json()["id"]
    client.post(f"/v1/audiences/{audience}/members", json={"members": [NAME]})
    made = client.post(f"/v1/audiences/{audience}/imports").json()["id"]
    client.put(f"/v1/imports/{made}/file", json={"csv": f"email,phone\n{NAME},555-0100\nquimby,not-a-phone\n"})
    work_off(served)
    assert client.get(f"{path}/export").status_code == 200


def work_off(served: Served) -> None:
    service = served.service
    Worker(service.database, service.clock, private_targets=True, objects=service.objects).run_until_idle()


def test_no_table_names_an_erased_person(serve_with: ServeWith, target: Receiver) -> None:
    served = serve_with(webhook_private_targets=True)
    client = served.client()
    lead_a_life(served, client, target)
    before = found_in(served)
    assert before >= {"members", "events", "outbox", "webhook_attempts", "idempotency_records", "member_profiles"}, (
        before
    )
    assert client.delete("/v1/members/zo%C3%AB.quimby@example.org").status_code == 200
    work_off(served)
    assert found_in(served) == set()
