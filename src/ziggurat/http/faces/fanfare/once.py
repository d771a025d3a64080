"""`X-Idempotency-Key`: a POST sent again is done once. What shows a secret cannot be kept, and takes no key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ziggurat.http.face_support.once import once
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare.errors import refused
from ziggurat.http.faces.fanfare.ids import FACE
from ziggurat.http.faces.fanfare.wire_answers import NewImport
from ziggurat.http.faces.fanfare.wire_webhooks import Webhook

HEADERS = ("x-idempotency-key", "idempotency-key")
_SECRET = (Webhook, NewImport)
_PARAMETER = {"name": "X-Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"}}


def idempotent(route: FaceRoute) -> FaceRoute:
    """`route`, which does what a key stands for once, if it is a POST whose answer may be kept."""
    if route.method != "POST" or route.answer in _SECRET:
        return route

    def run(visit: Visit) -> Any:
        given = next((visit.request.headers[name] for name in HEADERS if name in visit.request.headers), None)
        return once(visit, given, FACE, route.run, refused)

    return replace(route, run=run, parameters=(*route.parameters, _PARAMETER), refusals=(*route.refusals, 409))
