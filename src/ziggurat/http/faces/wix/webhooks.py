"""Registering a webhook: an extension, since the vendor does that in its dashboard.

What is made is an endpoint like every other; the native API lists, pauses, replays and deletes it.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from ziggurat.app.principal import KeyScope
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.wix.envelope import APP_ID, TOLD
from ziggurat.http.faces.wix.headers import site_of
from ziggurat.http.faces.wix.reading import read_body
from ziggurat.http.faces.wix.seen import FACE
from ziggurat.http.faces.wix.signing import public_key
from ziggurat.http.faces.wix.wire import Wire


class CreateWebhookRequest(Wire):
    """Where messages are to go."""

    url: str = Field(min_length=1, max_length=2_000)


class CreateWebhookResponse(BaseModel):
    """The endpoint's id in the native API, and what its receiver checks messages with."""

    id: str
    url: str
    appId: str  # noqa: N815 - the vendor's name
    publicKey: str  # noqa: N815


def _create(visit: Visit) -> Any:
    url = read_body(CreateWebhookRequest, visit.body).url
    site = site_of(visit.request)
    made = create_endpoint(
        visit.context,
        url=url,
        types=TOLD,
        settings={"site": site} if site else {},
        dialect=FACE,
        private_targets=visit.service.settings.webhook_private_targets,
    )
    return {"id": made.endpoint.id, "url": url, "appId": APP_ID, "publicKey": public_key(visit.context)}


WEBHOOK_ROUTES = (
    FaceRoute(
        method="POST",
        path="/v1/webhooks",
        scope=KeyScope.ADMIN,
        run=_create,
        summary="Register a webhook (not one of the vendor's methods)",
        body=CreateWebhookRequest,
        answer=CreateWebhookResponse,
    ),
)
