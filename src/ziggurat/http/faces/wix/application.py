"""The Wix face as an application: its services under the prefixes that clients call them by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ziggurat.http.exchange import exchange_of
from ziggurat.http.face_support.openapi import face_document
from ziggurat.http.face_support.routes import FaceDoor
from ziggurat.http.faces.wix.account_lists import LIST_ROUTES
from ziggurat.http.faces.wix.accounts import ACCOUNT_ROUTES
from ziggurat.http.faces.wix.errors import refused
from ziggurat.http.faces.wix.headers import principal_of
from ziggurat.http.faces.wix.programs import PROGRAM_ROUTES
from ziggurat.http.faces.wix.request_ids import RequestIds
from ziggurat.http.faces.wix.tiers import TIER_ROUTES
from ziggurat.http.faces.wix.transactions import TRANSACTION_ROUTES
from ziggurat.http.faces.wix.webhooks import WEBHOOK_ROUTES
from ziggurat.http.faces.wix.wire_errors import ErrorEnvelope
from ziggurat.http.service import Service

_SERVICES = {
    "/loyalty-tiers": TIER_ROUTES,
    "/loyalty-accounts": (*LIST_ROUTES, *ACCOUNT_ROUTES),
    "/loyalty-transactions": TRANSACTION_ROUTES,
    "/loyalty-programs": PROGRAM_ROUTES,
    "/ziggurat": WEBHOOK_ROUTES,
}
_SECURITY = {"secret": {"type": "apiKey", "in": "header", "name": "Authorization"}}


def create_wix_app(service: Service) -> FastAPI:
    """The face over `service`; its OpenAPI document is at /openapi.json."""
    app = FastAPI(title="Wix Loyalty", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.service = service
    door = FaceDoor(service, principal_of, refused)
    for name, routes in _SERVICES.items():
        # as on the vendor's own host, as on any other, and as the reference pages print it
        door.add_to(app, routes, (name, f"/_api{name}", ""))
    app.router.routes.append(Route("/openapi.json", _serve_document))
    app.add_middleware(RequestIds)
    return app


def wix_document() -> dict[str, Any]:
    """The OpenAPI document of the face."""
    routes = [replace(route, path=name + route.path) for name, routes in _SERVICES.items() for route in routes]
    summary = "Tiers, program settings and accounts as Wix Loyalty serves them."
    return face_document("Wix Loyalty", summary, routes, prefix="", error=ErrorEnvelope, security=_SECURITY)


async def _serve_document(request: Request) -> JSONResponse:
    exchange_of(request.scope).route = "/openapi.json"
    return JSONResponse(wix_document())
