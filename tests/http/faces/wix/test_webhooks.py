"""Webhooks go out as signed tokens in the vendor's envelope, to a real receiver."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import TIERS, activate, application_error, make_tier, violations
from ziggurat.app.principal import KeyScope
from ziggurat.app.upkeep.worker import Worker
from ziggurat.http.face_mounts import face_renderers

WEBHOOKS = "/wix/ziggurat/v1/webhooks"
ANN = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c11"


class Receiver:
    """Keeps what is posted to `url`."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *said: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def served(serve_with: Callable[..., Served]) -> Served:
    """An application that may post to this machine."""
    return serve_with(webhook_private_targets=True)


def register(wix: TestClient, url: str) -> dict[str, Any]:
    answer = wix.post(WEBHOOKS, json={"url": url})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def deliver(served: Served) -> None:
    service = served.service
    worker = Worker(service.database, service.clock, private_targets=True, renderers=face_renderers(), idle_s=0)
    worker.run_until_idle()


def told(body: bytes, key: str) -> tuple[str, dict[str, Any]]:
    """The type and the event of a message, its signature checked."""
    claims = jwt.decode(body, key, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})
    data = json.loads(claims["data"])
    assert json.loads(data["identity"])["identityType"] == "APP"
    event: dict[str, Any] = json.loads(data["data"])
    return data["eventType"], event


def test_tiers_that_are_created_updated_and_deleted_are_told(
    wix: TestClient, served: Served, receiver: Receiver
) -> None:
    key = register(wix, receiver.url)["publicKey"]
    silver = make_tier(wix, "Silver", 500)
    path = f"{TIERS}/{silver['id']}"
    changed = wix.patch(path, json={"tier": {"revision": "1", "requiredPoints": 600}}).json()["tier"]
    wix.delete(path, params={"revision": "2"})

    deliver(served)

    messages = [told(body, key) for body in receiver.bodies]
    by_type = dict(messages)
    assert sorted(by_type) == [f"wix.loyalty.v1.tier_{slug}" for slug in ("created", "deleted", "updated")]
    assert by_type["wix.loyalty.v1.tier_created"]["createdEvent"] == {"entity": silver}
    assert by_type["wix.loyalty.v1.tier_updated"]["updatedEvent"] == {"currentEntity": changed}
    assert by_type["wix.loyalty.v1.tier_deleted"]["deletedEvent"] == {}
    for type_, event in messages:
        assert (event["entityFqdn"], event["entityId"]) == ("wix.loyalty.v1.tier", silver["id"])
        assert type_.endswith(event["slug"])
        assert event["eventTime"] == "2025-07-01T12:00:00.000000Z"
    sequences = [int(event["entityEventSequence"]) for _, event in messages]
    assert len({event["id"] for _, event in messages}) == len(set(sequences)) == 3


def test_each_of_many_tiers_is_told_and_those_that_fail_are_not(
    wix: TestClient, served: Served, receiver: Receiver
) -> None:
    key = register(wix, receiver.url)["publicKey"]
    items = [
        {"tierDefinition": {"name": name}, "requiredPoints": points} for name, points in (("A", 1), ("B", 1), ("C", 2))
    ]
    wix.post("/wix/loyalty-tiers/v1/bulk/tiers/create", json={"tiers": items})

    deliver(served)

    events = [told(body, key)[1] for body in receiver.bodies]
    assert sorted(event["createdEvent"]["entity"]["tierDefinition"]["name"] for event in events) == ["A", "C"]


def test_a_member_who_moves_is_told_as_her_account_through_whichever_door(
    wix: TestClient, native: TestClient, served: Served, receiver: Receiver
) -> None:
    silver = make_tier(wix, "Silver", 500)
    activate(wix)
    key = register(wix, receiver.url)["publicKey"]
    points = {"member": ANN, "type": "points.earned", "occurred_at": "2025-07-01T12:00:00Z", "points": 600}
    native.post("/v1/events", json=[points])

    deliver(served)

    account = wix.get(f"/wix/loyalty-accounts/v1/accounts/{ANN}").json()["account"]
    assert account["tier"]["id"] == silver["id"]
    messages = [told(body, key) for body in receiver.bodies]
    assert [type_ for type_, _ in messages] == [
        f"wix.loyalty.v1.account_{slug}" for slug in ("created", "points_updated", "updated")
    ]
    (_, created), (_, moved), (_, updated) = messages
    assert created["createdEvent"] == {"entity": account}
    assert moved["actionEvent"] == {"body": {"account": account}}
    assert updated["updatedEvent"] == {"currentEntity": account}
    for type_, event in messages:
        assert (event["entityFqdn"], event["entityId"]) == ("wix.loyalty.v1.account", ANN)
        assert type_.endswith(event["slug"])


def test_points_that_move_are_told_also_when_the_tier_stays(
    wix: TestClient, served: Served, receiver: Receiver
) -> None:
    accounts = "/wix/loyalty-accounts/v1/accounts"
    make_tier(wix, "Silver", 500)
    activate(wix)
    wix.post(accounts, json={"contactId": ANN})
    key = register(wix, receiver.url)["publicKey"]
    body = {"amount": 5, "appId": "shop", "idempotencyKey": "1"}
    for _ in range(2):  # the second time it is the same five points
        assert wix.post(f"{accounts}/{ANN}/earn-points", json=body).status_code == 200

    deliver(served)

    ((type_, event),) = [told(body, key) for body in receiver.bodies]
    assert type_ == "wix.loyalty.v1.account_points_updated"
    assert event["actionEvent"]["body"]["account"]["points"]["balance"] == 5


def test_native_receivers_hear_nothing_in_the_vendors_words(
    wix: TestClient, native: TestClient, served: Served, receiver: Receiver
) -> None:
    assert native.post("/v1/webhook-endpoints", json={"url": receiver.url}).status_code == 201
    make_tier(wix, "Silver", 500)

    deliver(served)

    types = [json.loads(body)["type"] for body in receiver.bodies]
    assert types
    assert not [type_ for type_ in types if ":" in type_]


def test_all_webhooks_of_an_organization_are_checked_with_one_key_and_no_other_organizations(
    wix: TestClient, served: Served, receiver: Receiver
) -> None:
    stranger = served.with_headers({"authorization": served.secret("second")})

    first, again, other = (register(client, receiver.url) for client in (wix, wix, stranger))

    assert first["publicKey"] == again["publicKey"] != other["publicKey"]
    assert first["id"] != again["id"]


def test_registering_needs_an_address_and_a_key_that_administers(wix: TestClient, served: Served) -> None:
    reader = served.with_headers({"authorization": served.secret(scopes=frozenset({KeyScope.READ}))})

    assert violations(wix.post(WEBHOOKS, json={})) == {"url": "REQUIRED_FIELD"}
    assert wix.post(WEBHOOKS, json={"url": "ftp://somewhere"}).status_code == 400
    answer = reader.post(WEBHOOKS, json={"url": "https://example.com"})
    assert (answer.status_code, application_error(answer)["code"]) == (403, "PERMISSION_DENIED")
