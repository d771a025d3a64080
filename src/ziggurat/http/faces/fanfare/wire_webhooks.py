"""Webhooks as they are asked for and answered. The vendor's guides show requests only: the answers are ours."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel

from ziggurat.http.faces.fanfare.consumer_types import SaidInstant
from ziggurat.http.faces.fanfare.schema_types import FilledText, Flag, picklist
from ziggurat.http.faces.fanfare.webhook_events import EVENTS, SENT

Event: TypeAlias = Annotated[str, *picklist(*EVENTS)]
SentEvent: TypeAlias = Annotated[str, *picklist(*SENT)]


class NewWebhook(BaseModel):
    """An endpoint that is to be; without a secret one is made."""

    url: FilledText
    events: list[Event]
    secret: FilledText = ""


class WebhookUpdate(BaseModel):
    """What is to change of an endpoint."""

    enabled: Flag = True
    url: FilledText = ""
    events: list[Event] = []


class WebhookTest(BaseModel):
    """Which endpoint is to get an example of what."""

    endpointId: FilledText
    eventType: SentEvent


class WebhookReplay(BaseModel):
    """Of which time an endpoint is to get everything once more, of which types (none named: all it asked for)."""

    startTime: SaidInstant
    endTime: SaidInstant
    eventTypes: list[Event] = []


class Webhook(BaseModel):
    """An endpoint. Its secret is shown when it is made, and never again."""

    id: str
    url: str
    events: list[str]
    enabled: bool
    createdAt: str
    updatedAt: str
    secret: str | None = None


class WebhookDelivery(BaseModel):
    """A message that is on its way."""

    endpointId: str
    deliveryId: str
    eventType: str


class Replayed(BaseModel):
    """How many messages are on their way again."""

    endpointId: str
    replayedCount: int


class WebhookEvent(BaseModel):
    """A message as receivers get it."""

    id: str
    type: str
    timestamp: str
    organizationId: str
    data: dict[str, Any]


class WebhookPageInfo(BaseModel):
    startCursor: None
    endCursor: str | None


class WebhookEvents(BaseModel):
    data: list[WebhookEvent]
    pageInfo: WebhookPageInfo
