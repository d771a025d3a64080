"""The face of Voucherify: one application for each dialect of its v2 API."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request

from ziggurat.app.access.access_tokens import authenticate_token
from ziggurat.app.principal import Principal
from ziggurat.http.auth import Authenticator
from ziggurat.http.face_support.openapi import face_document
from ziggurat.http.face_support.routes import FaceDoor, FaceRoute
from ziggurat.http.faces.voucherify.dialect import Dialect
from ziggurat.http.faces.voucherify.errors import ApiError, refused
from ziggurat.http.faces.voucherify.oauth import oauth_routes
from ziggurat.http.faces.voucherify.rate_headers import VendorHeaders
from ziggurat.http.faces.voucherify.routes_batch import async_action_routes, batch_routes
from ziggurat.http.faces.voucherify.routes_cards import card_routes
from ziggurat.http.faces.voucherify.routes_members import member_routes
from ziggurat.http.faces.voucherify.routes_programs import program_routes
from ziggurat.http.faces.voucherify.routes_reports import report_routes
from ziggurat.http.faces.voucherify.routes_structures import structure_routes
from ziggurat.http.faces.voucherify.routes_tiers import tier_routes
from ziggurat.http.faces.voucherify.routes_webhooks import webhook_routes
from ziggurat.http.faces.voucherify.wire_parts import ErrorBody
from ziggurat.http.service import Service

PREFIX, OLDER_PREFIX = "/v2", "/v1"
SECURITY = {
    "X-App-Id": {"type": "apiKey", "in": "header", "name": "X-App-Id"},
    "X-App-Token": {"type": "apiKey", "in": "header", "name": "X-App-Token"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
METHODS = ("GET", "POST", "PUT", "DELETE")
ALLOWED_HEADERS = (
    *("Authorization", "Content-Type", "X-App-Id", "X-App-Token"),
    *("X-Voucherify-API-Version", "X-Voucherify-Channel"),
)
TITLES = {
    Dialect.SEED: "Voucherify loyalty tiers, as documented until July 2026",
    Dialect.NEWER: "Voucherify loyalty tiers, as documented since August 2026",
}


def create_voucherify_app(service: Service, dialect: Dialect) -> FastAPI:
    """The application that speaks `dialect`; `/openapi.json` describes it."""
    routes = all_routes(dialect)
    app = FastAPI(title=TITLES[dialect], openapi_url="/openapi.json", docs_url=None, redoc_url=None)
    door = FaceDoor(service, principal_of, refused)
    door.add_to(app, routes, (PREFIX,))
    door.add_to(app, async_action_routes(), (OLDER_PREFIX,))
    app.router.routes.extend(oauth_routes(service))
    app.add_middleware(VendorHeaders)
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=METHODS, allow_headers=ALLOWED_HEADERS)
    app.openapi = lambda: openapi_document(dialect)  # type: ignore[method-assign]
    return app


def all_routes(dialect: Dialect) -> list[FaceRoute]:
    """Every operation of `dialect`."""
    return [
        *structure_routes(dialect),
        *tier_routes(dialect),
        *card_routes(),
        *program_routes(dialect),
        *batch_routes(),
        *member_routes(dialect),
        *report_routes(),
        *webhook_routes(),
    ]


@lru_cache(maxsize=len(Dialect))
def openapi_document(dialect: Dialect) -> dict[str, Any]:
    """The OpenAPI document of `dialect`."""
    summary = "Tier structures, tiers and what gives them members. Field for field in docs/faces/voucherify.md."
    routes = [replace(route, path=PREFIX + route.path) for route in all_routes(dialect)]
    routes += [replace(route, path=OLDER_PREFIX + route.path) for route in async_action_routes()]
    said = face_document(TITLES[dialect], summary, routes, prefix="", error=ErrorBody, security=SECURITY)
    return {**said, "security": [{"X-App-Id": [], "X-App-Token": []}, {"bearer": []}]}


def principal_of(authenticator: Authenticator, request: Request) -> Principal:
    """Who asks: `X-App-Id` and `X-App-Token`, or a bearer token; one that is in force is enough.

    Raises:
        ApiError: `unauthorized`.
    """
    key_id, secret = request.headers.get("x-app-id", ""), request.headers.get("x-app-token", "")
    principal = authenticator.by_pair(key_id, secret) if key_id and secret else None
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if principal is None and scheme.lower() == "bearer":
        token = token.strip()
        service = authenticator.service
        principal = authenticator.by_secret(token) or authenticate_token(service.database, token, service.clock())
    if principal is None:
        raise ApiError("unauthorized")
    return principal
