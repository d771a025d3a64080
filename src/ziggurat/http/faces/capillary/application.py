"""The Capillary face as an application; its OpenAPI document is at /openapi.json."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ziggurat.http.exchange import exchange_of
from ziggurat.http.face_support.openapi import face_document
from ziggurat.http.face_support.routes import FaceDoor
from ziggurat.http.faces.capillary.errors import refused
from ziggurat.http.faces.capillary.headers import principal_of
from ziggurat.http.faces.capillary.routes_approval import APPROVAL_ROUTES
from ziggurat.http.faces.capillary.routes_customers import CUSTOMER_ROUTES
from ziggurat.http.faces.capillary.routes_members import MEMBER_ROUTES
from ziggurat.http.faces.capillary.routes_settings import SETTINGS_ROUTES
from ziggurat.http.faces.capillary.routes_tiers import TIER_ROUTES
from ziggurat.http.faces.capillary.tier_events import EVENT_ROUTES
from ziggurat.http.faces.capillary.tokens import TOKEN_OPERATION, token_route
from ziggurat.http.faces.capillary.wire_members import AnyRefused
from ziggurat.http.service import Service

ROUTES = (*APPROVAL_ROUTES, *TIER_ROUTES, *MEMBER_ROUTES, *CUSTOMER_ROUTES, *EVENT_ROUTES)
"""/v3/tiers/approvals stands before /v3/tiers/{tierId}."""
GATEWAY = "/api_gateway/loyalty/v1"
"""Where the vendor has other operations of programs; the reference page of this one leaves it out."""
_SECURITY = {
    "basic": {"type": "http", "scheme": "basic"},
    "token": {"type": "apiKey", "in": "header", "name": "X-CAP-API-OAUTH-TOKEN"},
}


def create_capillary_app(service: Service) -> FastAPI:
    """The face over `service`."""
    app = FastAPI(title="Capillary tiers", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.service = service
    door = FaceDoor(service, principal_of, refused)
    door.add_to(app, ROUTES)
    door.add_to(app, SETTINGS_ROUTES, ("", GATEWAY))
    app.router.routes.append(token_route(service))
    app.router.routes.append(Route("/openapi.json", _serve_document))
    return app


def capillary_document() -> dict[str, Any]:
    """The OpenAPI document of the face."""
    summary = "Tiers, their approval, and customers' tiers as Capillary serves them."
    return face_document(
        "Capillary tiers",
        summary,
        (TOKEN_OPERATION, *ROUTES, *SETTINGS_ROUTES),
        prefix="",
        error=AnyRefused,
        security=_SECURITY,
    )


async def _serve_document(request: Request) -> JSONResponse:
    exchange_of(request.scope).route = "/openapi.json"
    return JSONResponse(capillary_document())
