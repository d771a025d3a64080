"""Webhooks in the vendor's words: endpoints like every other, which the native API lists and deletes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ziggurat.app.errors import InvalidRequestError, WebhookTargetRefusedError
from ziggurat.app.pages import Position
from ziggurat.app.principal import KeyScope
from ziggurat.app.webhooks.change_endpoint import change_endpoint
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.app.webhooks.list_messages import list_messages
from ziggurat.app.webhooks.ping_endpoint import ping_endpoint
from ziggurat.app.webhooks.read_endpoint import read_endpoint
from ziggurat.app.webhooks.replay_messages import replay_messages
from ziggurat.app.webhooks.views import EndpointView
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare import wire_webhooks as wire
from ziggurat.http.faces.fanfare.consumer_queries import read_instant
from ziggurat.http.faces.fanfare.errors import not_found
from ziggurat.http.faces.fanfare.ids import FACE
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Issue, failed_check
from ziggurat.http.faces.fanfare.reading import check, read_body, read_json
from ziggurat.http.faces.fanfare.routes_transactions import read_after, read_limit
from ziggurat.http.faces.fanfare.webhook_events import SENT, envelope, native_types
from ziggurat.store.errors import NotFoundError

_WEBHOOK = "Webhook"
_EVENTS = "events"
"""The name of what was asked for among an endpoint's settings: events that never come are kept there too."""


def _create(visit: Visit) -> Any:
    body = read_json(visit.body)
    said = check(wire.NewWebhook, body)
    _require_events(said.events, body)
    _require_https(visit, said.url, body)
    try:
        made = create_endpoint(
            visit.context,
            url=said.url,
            types=native_types(said.events),
            settings={_EVENTS: list(said.events)},
            dialect=FACE,
            private_targets=visit.service.settings.webhook_private_targets,
            secret=said.secret or None,
        )
    except (WebhookTargetRefusedError, InvalidRequestError) as error:
        raise _as_issue(error, body) from None
    return {**_shown(made.endpoint), "secret": made.secret}


def _change(visit: Visit) -> Any:
    body = read_json(visit.body)
    said = check(wire.WebhookUpdate, body)
    given = said.model_fields_set
    if _EVENTS in given:
        _require_events(said.events, body)
    if "url" in given:
        _require_https(visit, said.url, body)
    before = _find(visit, visit.path["webhookId"])
    try:
        after = change_endpoint(
            visit.context,
            before.id,
            url=said.url if "url" in given else None,
            types=native_types(said.events) if _EVENTS in given else None,
            settings={**before.settings, _EVENTS: list(said.events)} if _EVENTS in given else None,
            enabled=said.enabled if "enabled" in given else None,
            private_targets=visit.service.settings.webhook_private_targets,
        )
    except (WebhookTargetRefusedError, InvalidRequestError) as error:
        raise _as_issue(error, body) from None
    return _shown(after)


def _test(visit: Visit) -> Any:
    said = read_body(wire.WebhookTest, visit.body)
    found = _find(visit, said.endpointId)
    sent = ping_endpoint(visit.context, found.id, SENT[said.eventType])
    return {"endpointId": found.id, "deliveryId": f"whd_{sent.id}", "eventType": said.eventType}


def _replay(visit: Visit) -> Any:
    body = read_json(visit.body)
    said = check(wire.WebhookReplay, body)
    found = _find(visit, visit.path["webhookId"])
    asked = said.eventTypes or [str(event) for event in found.settings.get(_EVENTS, ())]
    try:
        count = replay_messages(
            visit.context, found.id, types=native_types(asked), since=said.startTime, until=said.endTime
        )
    except InvalidRequestError as error:
        raise _as_issue(error, body) from None
    return {"endpointId": found.id, "replayedCount": count}


def _list(visit: Visit) -> Any:
    """What was told since an instant, whichever endpoint wanted it."""
    given = dict(visit.request.query_params)
    issues: list[Issue] = []
    since = read_instant(given, "startTime", issues)
    limit = read_limit(given, issues)
    query = f"fanfare webhook events {since}"
    after: Position | None = read_after(visit, given, query, issues)
    if issues:
        raise InvalidInputError(issues, given)
    page = list_messages(visit.context, types=tuple(SENT.values()), since=since, after=after, limit=limit)
    following = None if page.next is None else visit.service.cursors.make(page.next, query, visit.context.now)
    shown = [envelope(visit.context, message) for message in page.items]
    return {"data": shown, "pageInfo": {"startCursor": None, "endCursor": following}}


def _find(visit: Visit, endpoint: str) -> EndpointView:
    """The endpoint with that id, if it is one of this face's."""
    try:
        found = read_endpoint(visit.context, endpoint)
    except NotFoundError:
        raise not_found(_WEBHOOK) from None
    if found.dialect != FACE:
        raise not_found(_WEBHOOK)
    return found


def _shown(view: EndpointView) -> dict[str, Any]:
    return {
        "id": view.id,
        "url": view.url,
        "events": list(view.settings.get(_EVENTS, ())),
        "enabled": view.enabled,
        "createdAt": millisecond_text(view.created_at),
        "updatedAt": millisecond_text(view.updated_at),
    }


def _require_events(events: Sequence[str], body: Any) -> None:
    if not events:
        message = "Invalid length: Expected >=1 but received 0"
        raise InvalidInputError([Issue((_EVENTS,), "min_length", ">=1", "0", message, kind="validation")], body)


def _require_https(visit: Visit, url: str, body: Any) -> None:
    """The vendor posts to HTTPS only; where private addresses are allowed, for trying things out, so is HTTP."""
    if not visit.service.settings.webhook_private_targets and not url.lower().startswith("https://"):
        raise InvalidInputError([failed_check(("url",), "https", url, "Invalid URL: must use HTTPS", "url")], body)


_FIELDS = {"until": "endTime", "types": _EVENTS}


def _as_issue(error: WebhookTargetRefusedError | InvalidRequestError, body: Any) -> InvalidInputError:
    if isinstance(error, WebhookTargetRefusedError):
        return InvalidInputError([failed_check(("url",), "url", None, f"Invalid URL: {error.problem}", "url")], body)
    field = _FIELDS.get(error.field, error.field)
    return InvalidInputError([failed_check((field,), "valid_value", None, f"Invalid value: {error.problem}")], body)


def _route(method: str, path: str, run: Any, summary: str, **said: Any) -> FaceRoute:
    return FaceRoute(method=method, path=f"/webhooks{path}", scope=KeyScope.ADMIN, run=run, summary=summary, **said)


WEBHOOK_ROUTES = (
    _route("POST", "", _create, "Register a webhook", body=wire.NewWebhook, answer=wire.Webhook),
    _route(
        "POST",
        "/test",
        _test,
        "Send an example to a webhook",
        body=wire.WebhookTest,
        answer=wire.WebhookDelivery,
        refusals=(404, 409),
    ),
    _route(
        "GET",
        "/events",
        _list,
        "List what was told",
        answer=wire.WebhookEvents,
        parameters=tuple(
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in (
                ("startTime", {"type": "string", "format": "date-time"}),
                ("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
                ("after", {"type": "string"}),
            )
        ),
    ),
    _route(
        "PATCH",
        "/{webhookId}",
        _change,
        "Change a webhook",
        body=wire.WebhookUpdate,
        answer=wire.Webhook,
        refusals=(404,),
    ),
    _route(
        "POST",
        "/{webhookId}/replay",
        _replay,
        "Send a stretch of time to a webhook once more",
        body=wire.WebhookReplay,
        answer=wire.Replayed,
        refusals=(404, 409),
    ),
)
