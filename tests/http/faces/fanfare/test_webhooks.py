"""Webhooks in the vendor's envelope, with its headers and its signature, to a real receiver."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.app.receiver import Received, Receiver, receiver
from tests.http.club import start_program
from tests.http.conftest import Served
from tests.http.faces.fanfare.conftest import CONSUMERS, issues_of, places_of
from ziggurat.app.principal import KeyScope
from ziggurat.app.upkeep.worker import Worker
from ziggurat.http.face_mounts import face_renderers

WEBHOOKS = "/fanfare/api/webhooks"
SECRET = "whsec_your_signing_secret"
CLUB = {
    "edition": 1,
    "name": "Club",
    "qualification": {"measure": "points_earned"},
    "base_tier": {"name": "Member"},
    "tiers": [{"name": "Gold", "from": 100}],
}
REGULARS = {
    "name": "Regulars",
    "kind": "dynamic",
    "rules": [[{"field": "points_balance", "operator": "greater_than_or_equal", "values": [100]}]],
}


@pytest.fixture
def target() -> Iterator[Receiver]:
    with receiver() as state:
        yield state


@pytest.fixture
def served(serve_with: Callable[..., Served]) -> Served:
    """An application that may post to this machine."""
    return serve_with(webhook_private_targets=True)


def register(fanfare: TestClient, target: Receiver, *events: str, **more: Any) -> dict[str, Any]:
    said = {"url": f"{target.url}/hooks", "events": list(events), "secret": SECRET, **more}
    answer = fanfare.post(WEBHOOKS, json=said)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def deliver(served: Served) -> None:
    service = served.service
    worker = Worker(service.database, service.clock, private_targets=True, renderers=face_renderers(), idle_s=0)
    worker.run_until_idle()


def opened(request: Received, secret: str = SECRET) -> dict[str, Any]:
    """The envelope of a message, its signature reckoned anew from what came over the wire."""
    signed = request.headers["x-fanfare-timestamp"].encode() + b"." + request.body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert request.headers["x-fanfare-signature"] == f"sha256={expected}"
    assert request.headers["user-agent"] == "Fanfare-Webhooks/1.0"
    assert request.headers["content-type"] == "application/json"
    said: dict[str, Any] = json.loads(request.body)
    assert said.keys() == {"id", "type", "timestamp", "organizationId", "data"}
    assert re.fullmatch(r"whk_[0-9a-f]{32}", said["id"])
    assert request.headers["x-fanfare-event-type"] == said["type"]
    assert request.headers["x-fanfare-delivery-id"].startswith("whd_")
    return said


def test_a_new_consumer_is_told_whichever_door_she_comes_through(
    fanfare: TestClient, native: TestClient, served: Served, target: Receiver
) -> None:
    register(fanfare, target, "consumer.created")
    ann = fanfare.post(CONSUMERS, json={"email": "ann@example.com", "phone": "+331", "fullName": "Ann"}).json()
    event = {"member": "bob", "type": "points.earned", "occurred_at": "2025-07-01T11:00:00Z", "points": 5}
    native.post("/v1/events", json=[event])
    native.post("/v1/events", json=[event | {"points": 6}])

    deliver(served)

    told = {message["data"]["consumerId"]: message for message in map(opened, target.received)}
    assert len(target.received) == 2  # in any order: nobody's messages wait for somebody else's
    first = told[ann["id"]]
    assert first["type"] == "consumer.created"
    assert (first["timestamp"], first["organizationId"]) == ("2025-07-01T12:00:00.000Z", ann["organizationId"])
    assert first["data"] == {
        "consumerId": ann["id"],
        "email": "ann@example.com",
        "phone": "+331",
        "fullName": "Ann",
        "createdAt": ann["createdAt"],
        "source": "api",
    }
    bob = fanfare.get(f"{CONSUMERS}/bob").json()
    assert told[bob["id"]]["data"]["email"] is None
    assert target.received[0].headers["x-fanfare-timestamp"] == "1751371200"


def test_an_updated_consumer_is_told_by_the_fields_that_changed(
    fanfare: TestClient, native: TestClient, served: Served, target: Receiver
) -> None:
    made = fanfare.post(CONSUMERS, json={"externalId": "ann", "metadata": {"a": 1}}).json()
    register(fanfare, target, "consumer.updated")
    served.clock.pass_seconds(60)
    path = f"{CONSUMERS}/{made['id']}"
    fanfare.put(path, json={"fullName": "Ann", "metadata": {"b": 2, "c": 3}, "smsOptOut": True})
    fanfare.put(path, json={"fullName": "Ann"})
    native.put("/v1/members/ann/profile", json={"country": "FR"})
    fanfare.put(f"{CONSUMERS}/batch", json=[{"id": made["id"], "email": "ann@example.com"}])

    deliver(served)

    told = [opened(request)["data"] for request in target.received]
    assert told[0] == {
        "consumerId": made["id"],
        "updatedAt": "2025-07-01T12:01:00.000Z",
        "changedFields": ["fullName", "metadata", "smsOptOut"],
    }
    assert [each["changedFields"] for each in told[1:]] == [["lastGeoCountry"], ["email"]]


def test_joins_leaves_and_moves_between_tiers_are_told_to_who_asks_for_them(
    fanfare: TestClient, native: TestClient, served: Served, target: Receiver
) -> None:
    program = start_program(native, CLUB)
    audience = native.post("/v1/audiences", json=REGULARS).json()
    made = fanfare.post(CONSUMERS, json={"externalId": "ann"}).json()
    register(fanfare, target, "audience.member.added", "audience.member.removed", "loyalty.tier.upgraded")
    earned = {"member": "ann", "type": "points.earned", "occurred_at": "2025-07-01T12:00:00Z", "points": 150}
    spent = {"member": "ann", "type": "points.spent", "occurred_at": "2025-07-01T12:00:00Z", "points": 100}
    for event in (earned, spent):
        assert native.post("/v1/events", json=[event]).status_code == 200

    deliver(served)

    told = {message["type"]: message["data"] for message in map(opened, target.received)}
    assert len(target.received) == 3
    joined = told["audience.member.added"]
    assert (joined["consumerId"], joined["audienceName"]) == (made["id"], "Regulars")
    assert (joined["cause"], joined["at"]) == ("event", "2025-07-01T12:00:00.000Z")
    assert told["audience.member.removed"]["audienceId"] == joined["audienceId"] != audience["id"]
    move = told["loyalty.tier.upgraded"]
    assert (move["consumerId"], move["fromTier"], move["toTier"], move["value"]) == (
        made["id"],
        "Member",
        "Gold",
        "150",
    )
    assert program not in move.values()


def test_a_message_that_was_not_taken_comes_again_and_says_so(
    fanfare: TestClient, served: Served, target: Receiver
) -> None:
    webhook = register(fanfare, target, "consumer.created")
    target.answers.append(500)
    fanfare.post(CONSUMERS, json={})
    deliver(served)
    served.clock.pass_seconds(60)
    deliver(served)

    first, again = target.received
    assert opened(first)["id"] == opened(again)["id"]
    assert first.headers["x-fanfare-delivery-id"] == again.headers["x-fanfare-delivery-id"]
    assert "x-fanfare-retry-count" not in first.headers
    assert again.headers["x-fanfare-retry-count"] == "1"
    assert again.headers["x-fanfare-original-time"] == "1751371200"
    assert again.headers["x-fanfare-timestamp"] == "1751371260"
    assert again.headers["x-fanfare-webhook-id"] == webhook["id"]


def test_without_a_secret_of_ones_own_one_is_made_and_shown_once(
    fanfare: TestClient, served: Served, target: Receiver
) -> None:
    made = fanfare.post(WEBHOOKS, json={"url": target.url, "events": ["consumer.created"]}).json()
    changed = fanfare.patch(f"{WEBHOOKS}/{made['id']}", json={"enabled": True}).json()
    fanfare.post(CONSUMERS, json={})
    deliver(served)

    assert made["secret"].startswith("whsec_")
    assert "secret" not in changed
    (request,) = target.received
    opened(request, made["secret"])
    assert request.headers["webhook-signature"].startswith("v1,")


def test_events_that_never_come_can_be_asked_for(fanfare: TestClient, served: Served, target: Receiver) -> None:
    made = register(fanfare, target, "queue.consumer.admitted", "order.created")
    fanfare.post(CONSUMERS, json={})
    deliver(served)
    assert made["events"] == ["queue.consumer.admitted", "order.created"]
    assert target.received == []


def test_a_webhook_is_switched_off_and_changed(fanfare: TestClient, served: Served, target: Receiver) -> None:
    made = register(fanfare, target, "order.created")
    path = f"{WEBHOOKS}/{made['id']}"
    off = fanfare.patch(path, json={"enabled": False})
    assert (off.status_code, off.json()["enabled"]) == (200, False)
    fanfare.post(CONSUMERS, json={})
    deliver(served)
    test = {"endpointId": made["id"], "eventType": "consumer.created"}
    assert fanfare.post(f"{WEBHOOKS}/test", json=test).status_code == 409
    on = fanfare.patch(path, json={"enabled": True, "events": ["consumer.created"], "url": f"{target.url}/new"}).json()
    fanfare.post(CONSUMERS, json={})
    deliver(served)
    assert (on["events"], on["url"]) == (["consumer.created"], f"{target.url}/new")
    assert [request.path for request in target.received] == ["/new"]


def test_an_example_is_sent_on_request(fanfare: TestClient, served: Served, target: Receiver) -> None:
    made = register(fanfare, target, "order.created")
    events = ("consumer.created", "consumer.updated", "audience.member.added", "audience.refreshed")
    for event in (*events, "loyalty.tier.upgraded", "loyalty.tier.corrected"):
        answer = fanfare.post(f"{WEBHOOKS}/test", json={"endpointId": made["id"], "eventType": event})
        assert (answer.status_code, answer.json()["eventType"]) == (200, event)
    deliver(served)
    told = [opened(request) for request in target.received]
    assert sorted(each["type"] for each in told) == sorted((*events, "loyalty.tier.upgraded", "loyalty.tier.corrected"))
    assert all(each["data"] for each in told)
    native = served.client().post(f"/v1/webhook-endpoints/{made['id']}/ping")
    assert native.status_code in (200, 202), native.text
    deliver(served)
    assert opened(target.received[-1])["type"] == "webhook.test"


def test_a_stretch_of_time_is_sent_once_more(fanfare: TestClient, served: Served, target: Receiver) -> None:
    made = register(fanfare, target, "consumer.created", "consumer.updated")
    ids = []
    for _ in range(3):
        ids.append(fanfare.post(CONSUMERS, json={}).json()["id"])
        served.clock.pass_seconds(60)
    fanfare.put(f"{CONSUMERS}/{ids[0]}", json={"fullName": "Ann"})
    deliver(served)
    before = len(target.received)

    said = {"startTime": "2025-07-01T12:01:00Z", "endTime": "2025-07-01T13:00:00Z"}
    answer = fanfare.post(f"{WEBHOOKS}/{made['id']}/replay", json={**said, "eventTypes": ["consumer.created"]})
    deliver(served)

    assert answer.json() == {"endpointId": made["id"], "replayedCount": 2}
    again = [opened(request) for request in target.received[before:]]
    assert {each["data"]["consumerId"] for each in again} == set(ids[1:])
    first = {opened(request)["id"] for request in target.received[:before]}
    assert {each["id"] for each in again} < first
    assert fanfare.post(f"{WEBHOOKS}/{made['id']}/replay", json=said).json()["replayedCount"] == 3


def test_what_was_told_is_listed_page_by_page(fanfare: TestClient, served: Served, target: Receiver) -> None:
    register(fanfare, target, "consumer.created")
    for number in range(5):
        fanfare.post(CONSUMERS, json={"fullName": f"N{number}"})
        served.clock.pass_seconds(60)
    deliver(served)

    found: list[dict[str, Any]] = []
    params: dict[str, Any] = {"startTime": "2025-07-01T12:01:00Z", "limit": 3}
    while True:
        page = fanfare.get(f"{WEBHOOKS}/events", params=params).json()
        found += page["data"]
        if page["pageInfo"]["endCursor"] is None:
            break
        params["after"] = page["pageInfo"]["endCursor"]

    assert [each["data"]["fullName"] for each in found] == ["N1", "N2", "N3", "N4"]
    sent = {opened(request)["id"]: opened(request) for request in target.received}
    assert [sent[each["id"]] for each in found] == found
    assert places_of(fanfare.get(f"{WEBHOOKS}/events", params={"startTime": "soon", "limit": 0})) == [
        "startTime",
        "limit",
    ]


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ({}, ["url", "events"]),
        ({"url": "", "events": []}, ["url"]),
        ({"url": "https://example.com", "events": []}, ["events"]),
        ({"url": "https://example.com", "events": ["karma.changed"]}, ["events.0"]),
        ({"url": "https://example.com", "events": ["consumer.created"], "secret": "short"}, ["secret"]),
        ({"url": "ftp://example.com", "events": ["consumer.created"]}, ["url"]),
        ({"url": "https://u:p@example.com", "events": ["consumer.created"]}, ["url"]),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(fanfare: TestClient, said: dict[str, Any], places: list[str]) -> None:
    assert places_of(fanfare.post(WEBHOOKS, json=said)) == places


def test_only_https_is_posted_to_and_only_the_open_internet(serve_with: Callable[..., Served]) -> None:
    client = serve_with().client()
    for url in ("http://example.com/hook", "https://127.0.0.1/hook"):
        answer = client.post(WEBHOOKS, json={"url": url, "events": ["consumer.created"]})
        assert places_of(answer) == ["url"]
        assert issues_of(answer)[0]["type"] == "url"


def test_a_replay_needs_a_stretch_of_time(fanfare: TestClient, target: Receiver) -> None:
    made = register(fanfare, target, "consumer.created")
    path = f"{WEBHOOKS}/{made['id']}/replay"
    assert places_of(fanfare.post(path, json={})) == ["startTime", "endTime"]
    turned = {"startTime": "2025-07-02T00:00:00Z", "endTime": "2025-07-01T00:00:00Z"}
    assert places_of(fanfare.post(path, json=turned)) == ["endTime"]


def test_webhooks_are_of_their_organization_their_face_and_administrators(
    fanfare: TestClient, native: TestClient, served: Served, target: Receiver
) -> None:
    made = register(fanfare, target, "consumer.created")
    fanfare.post(CONSUMERS, json={})
    stranger = served.client("second")
    other = native.post("/v1/webhook-endpoints", json={"url": target.url}).json()["endpoint"]
    time = {"startTime": "2025-07-01T00:00:00Z", "endTime": "2025-07-02T00:00:00Z"}
    for client, id_ in ((stranger, made["id"]), (fanfare, other["id"]), (fanfare, "nothing")):
        for answer in (
            client.patch(f"{WEBHOOKS}/{id_}", json={"enabled": False}),
            client.post(f"{WEBHOOKS}/{id_}/replay", json=time),
            client.post(f"{WEBHOOKS}/test", json={"endpointId": id_, "eventType": "consumer.created"}),
        ):
            assert (answer.status_code, answer.json()) == (404, {"error": "Webhook not found"})
    assert stranger.get(f"{WEBHOOKS}/events").json()["data"] == []
    reader = served.client(scopes=frozenset({KeyScope.READ}))
    assert reader.get(f"{WEBHOOKS}/events").status_code == 403
    assert reader.post(WEBHOOKS, json={"url": target.url, "events": ["consumer.created"]}).status_code == 403


def test_a_delivery_that_was_given_up_is_told_to_others(fanfare: TestClient, served: Served, target: Receiver) -> None:
    with receiver() as gone:
        gone.answers = [410]
        failing = register(fanfare, gone, "consumer.created")
        register(fanfare, target, "webhook.delivery.failed")
        sent = fanfare.post(f"{WEBHOOKS}/test", json={"endpointId": failing["id"], "eventType": "consumer.created"})
        deliver(served)

    (request,) = target.received
    told = opened(request)
    assert (told["type"], told["data"]) == (
        "webhook.delivery.failed",
        {
            "endpointId": failing["id"],
            "deliveryId": sent.json()["deliveryId"],
            "eventType": "consumer.created",
            "attempts": 1,
            "statusCode": 410,
            "failedAt": "2025-07-01T12:00:00.000Z",
        },
    )
