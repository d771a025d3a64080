"""Taking events in: every form says the same, and every event is answered for."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.club import EARNED, event, send, start_program
from tests.http.conftest import Served
from ziggurat import limits

CLOUD = {"specversion": "1.0", "id": "event-1", "source": "/till", "type": "points.earned", "subject": "ada",
         "time": "2025-06-01T10:00:00Z", "data": {"points": 600}}  # fmt: skip
BOTH = {"points": 600, "member": "ada"}
FORMS = [
    ("application/json", json.dumps(event(1, "ada", 600))),
    ("application/json; charset=utf-8", json.dumps([event(1, "ada", 600)])),
    ("application/x-ndjson", json.dumps(event(1, "ada", 600)) + "\n\n"),
    ("application/jsonl", json.dumps(event(1, "ada", 600)) + "\r\n"),
    ("application/cloudevents+json", json.dumps(CLOUD)),
    ("application/cloudevents-batch+json", json.dumps([CLOUD | {"subject": "bo", "data": BOTH}])),
]  # fmt: skip


@pytest.mark.parametrize(("media_type", "body"), FORMS)
def test_every_form_says_the_same(client: TestClient, media_type: str, body: str) -> None:
    program = start_program(client)
    answer = client.post("/v1/events", content=body, headers={"content-type": media_type})
    assert answer.status_code == 200, answer.text
    assert answer.json()["counts"] == {"accepted": 1, "duplicate": 0, "conflict": 0, "refused": 0}
    assert answer.json()["items"][0] == {
        "id": "event-1",
        "member": "ada",
        "result": "accepted",
        "programs": [
            {"program": program, "tier_before": "", "tier_after": "Silver",
             "award": answer.json()["items"][0]["programs"][0]["award"]}
        ],
    }  # fmt: skip
    same = send(client, event(1, "ada", 600))
    assert same["counts"]["duplicate"] == 1


def test_each_event_is_judged_by_itself(client: TestClient) -> None:
    start_program(client)
    send(client, event(1, "ada", 600))
    said = send(
        client,
        event(1, "ada", 600),
        event(1, "ada", 700),
        event(2, "ada", 1400),
        {"id": "event-3", "member": "ada", "type": "reversal", "occurred_at": "2025-06-02T00:00:00Z", "reverses": "no"},
    )
    assert [item["result"] for item in said["items"]] == ["duplicate", "conflict", "accepted", "refused"]
    assert said["items"][2]["programs"][0]["tier_after"] == "Gold"
    assert said["items"][3]["code"]
    assert said["items"][3]["detail"]


def test_events_without_id_are_never_duplicates(client: TestClient) -> None:
    said = send(client, *({"member": "ada", "points": 1, **EARNED} for _ in range(3)))
    assert said["counts"]["accepted"] == 3
    assert [item["id"] for item in said["items"]] == [None] * 3


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"occurred_at": "2025-06-01T10:00:00"}, "/1/occurred_at"),
        ({"occurred_at": 1_751_371_200}, "/1/occurred_at"),
        ({"points": "5"}, "/1/points"),
        ({"points": 0.00001}, "/1/points"),
        ({"points": True}, "/1/points"),
        ({"points": None}, "/1/points"),
        ({"points": 1e15}, "/1/points"),
        ({"member": "x" * 201}, "/1/member"),
        ({"member": "a\u0000b"}, "/1/member"),
        ({"member": 5}, "/1/member"),
        ({"id": ""}, "/1/id"),
        ({"type": "points.invented"}, "/1/type"),
        ({"qualifying": "yes"}, "/1/qualifying"),
        ({"colour": "red"}, "/1/colour"),
        ({"value": [1]}, "/1/value"),
        ({"mode": "always"}, "/1/mode"),
    ],
)
def test_what_cannot_be_read_is_refused_whole_and_nothing_is_written(
    client: TestClient, changed: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/v1/events", json=[event(1, "ada", 1), event(2, "ada", 1) | changed])
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["faults"]] == [pointer]
    assert send(client, event(1, "ada", 1))["counts"]["accepted"] == 1


def test_a_broken_line_is_named(client: TestClient) -> None:
    body = json.dumps(event(1, "ada", 1)) + "\n{broken\n"
    answer = client.post("/v1/events", content=body, headers={"content-type": "application/x-ndjson"})
    assert answer.json()["code"] == "malformed_body"
    assert "line 2" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [({"specversion": "0.3"}, "/specversion"), ({"time": "yesterday"}, "/time"), ({"data": {"pts": 1}}, "/data/pts"),
     ({"data": "text"}, "/data"), ({"datacontenttype": "text/xml"}, "/datacontenttype"), ({"source": ""}, "/source"),
     ({"data_base64": "e30="}, "/data_base64")],
)  # fmt: skip
def test_a_cloud_event_is_read_strictly(client: TestClient, changed: dict[str, Any], pointer: str) -> None:
    headers = {"content-type": "application/cloudevents+json"}
    answer = client.post("/v1/events", content=json.dumps(CLOUD | changed), headers=headers)
    assert [fault["pointer"] for fault in answer.json()["faults"]] == [pointer]


def test_a_cloud_event_may_have_extensions_but_must_have_a_member(client: TestClient) -> None:
    headers = {"content-type": "application/cloudevents+json"}
    extended = json.dumps(CLOUD | {"traceparent": "00-1"})
    assert client.post("/v1/events", content=extended, headers=headers).status_code == 200
    nobody = json.dumps({name: value for name, value in CLOUD.items() if name != "subject"})
    answer = client.post("/v1/events", content=nobody, headers=headers)
    assert [fault["pointer"] for fault in answer.json()["faults"]] == ["/subject"]


def test_a_batch_has_its_limit(client: TestClient) -> None:
    events = [{"member": "ada", "points": 1, **EARNED}] * (limits.EVENTS_PER_REQUEST_MAX + 1)
    answer = client.post("/v1/events", json=events)
    assert answer.status_code == 413
    assert answer.json()["code"] == "batch_too_large"
    assert send(client)["items"] == []


def test_amounts_are_kept_to_the_last_digit(client: TestClient) -> None:
    body = b'{"member":"ada","type":"points.earned","occurred_at":"2025-06-01T10:00:00Z","points":99999999999999.1234}'
    headers = {"content-type": "application/json"}
    assert client.post("/v1/events", content=body, headers=headers).json()["counts"]["accepted"] == 1
    assert b'"points":99999999999999.1234' in client.get("/v1/members/ada/events").content


def test_events_are_counted_by_what_became_of_them(served: Served, client: TestClient) -> None:
    send(client, event(1, "ada", 1), event(1, "ada", 1), event(1, "ada", 2))
    text = served.anonymous().get("/metrics").text
    for result in ("accepted", "duplicate", "conflict"):
        assert f'ziggurat_events_total{{result="{result}"}} 1.0' in text
