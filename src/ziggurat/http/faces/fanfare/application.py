"""The Fanfare face as an application: one router under every prefix that the vendor's pages have used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ziggurat.app.programs.tier_groups import adopt_ladders
from ziggurat.http.exchange import exchange_of
from ziggurat.http.face_support.openapi import face_document
from ziggurat.http.face_support.routes import FaceDoor, FaceRoute, Visit
from ziggurat.http.faces.fanfare.audience_view import SEGMENTED
from ziggurat.http.faces.fanfare.errors import refused
from ziggurat.http.faces.fanfare.headers import principal_of
from ziggurat.http.faces.fanfare.once import idempotent
from ziggurat.http.faces.fanfare.rate_headers import VendorHeaders
from ziggurat.http.faces.fanfare.routes_audiences import AUDIENCE_ROUTES
from ziggurat.http.faces.fanfare.routes_consumers import CONSUMER_ROUTES
from ziggurat.http.faces.fanfare.routes_groups import GROUP_ROUTES
from ziggurat.http.faces.fanfare.routes_imports import IMPORT_ROUTES, LIST_ROUTES
from ziggurat.http.faces.fanfare.routes_members import MEMBER_ROUTES
from ziggurat.http.faces.fanfare.routes_rules import RULE_ROUTES
from ziggurat.http.faces.fanfare.routes_tiers import TIER_ROUTES
from ziggurat.http.faces.fanfare.uploads import upload_route
from ziggurat.http.faces.fanfare.webhooks import WEBHOOK_ROUTES
from ziggurat.http.faces.fanfare.wire_errors import AnyRefused
from ziggurat.http.service import Service

PREFIX = "/api"
ALIASES = ("/api/v1", "/v1", "")
"""Where older pages, and the vendor's local development, have the same operations."""


def _adopting(run: Callable[[Visit], Any], visit: Visit) -> Any:
    """Carry out an operation on audiences: ladders that were made through other doors are groups of them too."""
    adopt_ladders(visit.context, SEGMENTED)
    return run(visit)


def _adopted(routes: Iterable[FaceRoute]) -> tuple[FaceRoute, ...]:
    return tuple(
        replace(route, run=partial(_adopting, route.run)) if "audiences" in route.path else route for route in routes
    )


ROUTES = _adopted(
    idempotent(route)
    for route in (
        *TIER_ROUTES,
        *GROUP_ROUTES,
        *LIST_ROUTES,
        *AUDIENCE_ROUTES,
        *MEMBER_ROUTES,
        *RULE_ROUTES,
        *IMPORT_ROUTES,
        *CONSUMER_ROUTES,
        *WEBHOOK_ROUTES,
    )
)
"""Fixed addresses stand before those with an audience's id in the same place."""
_SECURITY = {"SecretKeyAuth": {"type": "http", "scheme": "bearer"}}


def create_fanfare_app(service: Service) -> FastAPI:
    """The face over `service`; its OpenAPI document is at /api/openapi."""
    app = FastAPI(title="Fanfare Admin", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.service = service
    FaceDoor(service, principal_of, refused).add_to(app, ROUTES, (PREFIX, *ALIASES))
    for path in ("/openapi.json", *(f"{prefix}/openapi" for prefix in (PREFIX, *ALIASES))):
        app.router.routes.append(Route(path, _serve_document))
    app.router.routes.append(upload_route(service))
    app.add_middleware(VendorHeaders)
    return app


def fanfare_document() -> dict[str, Any]:
    """The OpenAPI document of the face."""
    summary = "Audiences, loyalty tiers and consumers as Fanfare's Admin API serves them."
    return face_document("Fanfare Admin", summary, ROUTES, prefix=PREFIX, error=AnyRefused, security=_SECURITY)


async def _serve_document(request: Request) -> JSONResponse:
    exchange_of(request.scope).route = "/openapi"
    return JSONResponse(fanfare_document())
