"""Taking events in: one or many, as JSON, as JSON lines, or as CloudEvents."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pydantic import TypeAdapter

from ziggurat import limits
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.principal import KeyScope
from ziggurat.http.answers import Answer
from ziggurat.http.native import examples, quick_events
from ziggurat.http.native.models import events as models
from ziggurat.http.operations import JSON, Body, Call, Operation
from ziggurat.http.problems import Refusal, WireFault
from ziggurat.http.strict_bodies import check, json_of, refused
from ziggurat.program.events import Event

LINES = ("application/x-ndjson", "application/jsonl")
CLOUD_EVENT = "application/cloudevents+json"
CLOUD_EVENTS = "application/cloudevents-batch+json"
RESULTS = ("accepted", "duplicate", "conflict", "refused")

_ONE = TypeAdapter(models.NewEvent)
_MANY = TypeAdapter(list[models.NewEvent])
_ONE_CLOUD_EVENT = TypeAdapter(models.CloudEvent)
_MANY_CLOUD_EVENTS = TypeAdapter(list[models.CloudEvent])


def read_events(body: bytes, media_type: str) -> list[Event]:
    """The events that `body` states, in order.

    Raises:
        Refusal: `malformed_body`, `invalid_request`, `batch_too_large`.
    """
    quick = _read_quickly(body, media_type)
    if quick is not None:
        return quick
    if media_type in LINES:
        return [models.event_of(each) for each in check(_MANY, _lines(body))]
    value = json_of(body)
    if isinstance(value, list):
        _bounded(len(value))
    if media_type == CLOUD_EVENT:
        return _from_cloud_events([check(_ONE_CLOUD_EVENT, value)], alone=True)
    if media_type == CLOUD_EVENTS:
        return _from_cloud_events(check(_MANY_CLOUD_EVENTS, value), alone=False)
    if isinstance(value, list):
        return [models.event_of(each) for each in check(_MANY, value)]
    one = check(_ONE, value)
    return [models.event_of(one)]


def _read_quickly(body: bytes, media_type: str) -> list[Event] | None:
    if media_type in LINES:
        return quick_events.read_lines(_lines_of(body))
    if media_type != JSON:
        return None
    return quick_events.read_many(body) if body.lstrip()[:1] == b"[" else quick_events.read_one(body)


def _lines_of(body: bytes) -> list[bytes]:
    return [line for line in body.split(b"\n") if line.strip()]


def _lines(body: bytes) -> list[Any]:
    lines = _lines_of(body)
    _bounded(len(lines))
    values = []
    for number, line in enumerate(lines, start=1):
        try:
            values.append(json_of(line, (number - 1,)))
        except Refusal as refusal:
            if refusal.faults:
                raise
            raise Refusal(refusal.code, f"line {number}: {refusal.detail}") from None
    return values


def _bounded(events: int) -> None:
    if events > limits.EVENTS_PER_REQUEST_MAX:
        detail = f"{events} events in one request; {limits.EVENTS_PER_REQUEST_MAX} at most"
        raise Refusal("batch_too_large", detail)


def _from_cloud_events(envelopes: list[models.CloudEvent], *, alone: bool) -> list[Event]:
    events: list[Event] = []
    faults: list[WireFault] = []
    for index, envelope in enumerate(envelopes):
        data = envelope.get("data", {})
        member = data.get("member") or envelope.get("subject")
        if member is None:
            faults.append(
                WireFault("is required, or `member` in `data`", pointer="/subject" if alone else f"/{index}/subject")
            )
            continue
        said = {
            **data,
            "id": envelope["id"],
            "type": envelope["type"],
            "occurred_at": envelope["time"],
            "member": member,
        }
        events.append(models.event_of(said))
    if faults:
        raise refused(faults)
    return events


def _ingest(call: Call) -> Answer:
    outcomes = ingest_events(call.context, call.body)
    counted = Counter(outcome.result for outcome in outcomes)
    for result, events in counted.items():
        call.service.metrics.events.labels(result).inc(events)
    return Answer(
        {
            "counts": {result: counted[result] for result in RESULTS},
            "items": models.outcome_models(outcomes),
        }
    )


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/events",
        name="ingestEvents",
        summary=f"Take in one event, or up to {limits.EVENTS_PER_REQUEST_MAX:,}",
        description=(
            "Durable when answered. A request that cannot be read is refused whole, with every fault; then each event"
            " is judged by itself: accepted, a duplicate (same id, same content), a conflict (same id, other content)"
            " or refused."
        ),
        tag="events",
        scope=KeyScope.INGEST,
        run=_ingest,
        body=Body(
            type=models.NewEvent | list[models.NewEvent],
            example=examples.EVENTS,
            media_types=(JSON, *LINES, CLOUD_EVENT, CLOUD_EVENTS),
            read=read_events,
            bytes_max=limits.BODY_BYTES_MAX,
            more_examples={
                CLOUD_EVENT: examples.CLOUD_EVENT,
                CLOUD_EVENTS: [examples.CLOUD_EVENT],
                **dict.fromkeys(
                    LINES,
                    '{"member":"ada","type":"activity","activity":"visit","occurred_at":"2025-07-01T12:00:00Z"}\n',
                ),
            },
            more_types={
                CLOUD_EVENT: models.CloudEvent,
                CLOUD_EVENTS: list[models.CloudEvent],
                **dict.fromkeys(LINES, str),
            },
        ),
        answer=models.Outcomes,
        example=examples.OUTCOMES,
        refusals=("batch_too_large",),
    ),
)
