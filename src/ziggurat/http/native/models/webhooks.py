"""Webhook endpoints and deliveries on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from pydantic import AfterValidator, Field, with_config
from typing_extensions import TypedDict

from ziggurat.app.webhooks.views import AttemptView, CreatedEndpoint, DeliveryView, EndpointView
from ziggurat.http.fields import FreeForm, Identifier, InstantText, instant_text, optional_instant, plain_text_of
from ziggurat.http.native.models.common import Cursor, Limit, NextCursor
from ziggurat.http.strict_bodies import STRICT

URL_CHARACTERS_MAX = 2_000
Url: TypeAlias = Annotated[str, Field(min_length=1, max_length=URL_CHARACTERS_MAX), AfterValidator(plain_text_of)]
Types: TypeAlias = Annotated[list[Identifier], Field(max_length=50, description="Empty: all types.")]
StateName: TypeAlias = Literal["pending", "delivered", "failed", "cancelled"]


class Endpoint(TypedDict):
    """Where messages are sent."""

    id: str
    url: str
    types: list[str]
    enabled: bool
    disabled_reason: str | None
    failing_since: InstantText | None
    settings: dict[str, Any]
    created_at: InstantText
    updated_at: InstantText
    version: int


class EndpointWithSecret(TypedDict):
    """An endpoint with its signing secret, which is shown this once."""

    endpoint: Endpoint
    secret: str


class Endpoints(TypedDict):
    """A page of endpoints."""

    items: list[Endpoint]
    next_cursor: NextCursor


class Attempt(TypedDict):
    """One try to deliver."""

    number: int
    at: InstantText
    status: int | None
    took_us: int
    error: str | None
    answer: str | None


class Delivery(TypedDict):
    """One message on its way to one endpoint."""

    id: str
    endpoint: str
    message_id: str
    type: str
    member: str | None
    state: StateName
    attempts: int
    next_attempt_at: InstantText | None
    created_at: InstantText
    finished_at: InstantText | None
    log: list[Attempt]


class Deliveries(TypedDict):
    """A page of deliveries, newest first."""

    items: list[Delivery]
    next_cursor: NextCursor


@with_config(STRICT)
class NewEndpoint(TypedDict):
    """A new endpoint."""

    url: Url
    types: NotRequired[Types]
    settings: NotRequired[FreeForm]


@with_config(STRICT)
class EndpointChange(TypedDict):
    """What is to be different; what is left out stays."""

    url: NotRequired[Url]
    types: NotRequired[Types]
    enabled: NotRequired[bool]
    settings: NotRequired[FreeForm]


@with_config(STRICT)
class DeliveriesQuery(TypedDict):
    """Which deliveries."""

    state: NotRequired[StateName]
    cursor: NotRequired[Cursor]
    limit: NotRequired[Limit]


def endpoint_model(view: EndpointView) -> dict[str, Any]:
    """An endpoint on the wire."""
    return {
        "id": view.id,
        "url": view.url,
        "types": list(view.types),
        "enabled": view.enabled,
        "disabled_reason": view.disabled_reason,
        "failing_since": optional_instant(view.failing_since),
        "settings": dict(view.settings),
        "created_at": instant_text(view.created_at),
        "updated_at": instant_text(view.updated_at),
        "version": view.version,
    }


def created_endpoint_model(created: CreatedEndpoint) -> dict[str, Any]:
    """A new or newly keyed endpoint on the wire."""
    return {"endpoint": endpoint_model(created.endpoint), "secret": created.secret}


def delivery_model(view: DeliveryView) -> dict[str, Any]:
    """A delivery on the wire."""
    return {
        "id": view.id,
        "endpoint": view.endpoint,
        "message_id": view.message_id,
        "type": view.type,
        "member": view.member,
        "state": str(view.state),
        "attempts": view.attempts,
        "next_attempt_at": optional_instant(view.next_attempt_at),
        "created_at": instant_text(view.created_at),
        "finished_at": optional_instant(view.finished_at),
        "log": [_attempt_model(each) for each in view.log],
    }


def _attempt_model(view: AttemptView) -> Attempt:
    return {
        "number": view.number,
        "at": instant_text(view.at),
        "status": view.status,
        "took_us": view.took_us,
        "error": view.error,
        "answer": view.answer,
    }
