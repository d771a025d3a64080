"""OAuth 2.0, client credentials: a key id and its secret are traded for a token that lasts a quarter of an hour."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ziggurat.app.access.access_tokens import authenticate_token, issue_access_token, token_ends
from ziggurat.http.auth import Authenticator
from ziggurat.http.exchange import exchange_of
from ziggurat.http.faces.voucherify.errors import ApiError, refused
from ziggurat.http.json_text import render
from ziggurat.http.request_bodies import read_bytes
from ziggurat.http.service import Service
from ziggurat.store.scope import Scope

_Run: TypeAlias = Callable[[Service, Mapping[str, str], str, str], dict[str, Any]]
LIFETIME_SECONDS = 900
_BODY_BYTES_MAX = 10_000
_SCOPES = "api loyalties"
_NO_STORE = {"content-type": "application/json", "cache-control": "no-store"}


def oauth_routes(service: Service) -> list[Route]:
    """`/v1/oauth/token` and `/v1/oauth/introspect`."""

    async def token(request: Request) -> Response:
        return await _answer(service, request, _token)

    async def introspect(request: Request) -> Response:
        return await _answer(service, request, _introspect)

    return [
        Route("/v1/oauth/token", token, methods=["POST"]),
        Route("/v1/oauth/introspect", introspect, methods=["POST"]),
    ]


async def _answer(service: Service, request: Request, run: _Run) -> Response:
    exchange = exchange_of(request.scope)
    exchange.route = request.scope["path"]
    try:
        form = _form(await read_bytes(request, _BODY_BYTES_MAX))
        key_id, secret = _credentials(request, form)
        said = await to_thread.run_sync(lambda: run(service, form, key_id, secret), limiter=service.slots)
    except Exception as error:  # noqa: BLE001 - every error has an answer
        return refused(error, exchange.request_id)
    return Response(render(said), 200, _NO_STORE)


def _token(service: Service, form: Mapping[str, str], key_id: str, secret: str) -> dict[str, Any]:
    _require_key(service, key_id, secret)
    if form.get("grant_type") != "client_credentials":
        raise ApiError("invalid_payload", "Property .grant_type must be client_credentials")
    ends = service.clock() + LIFETIME_SECONDS * 1_000_000
    made = issue_access_token(key_id, secret, ends)
    return {"access_token": made, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS, "scope": _SCOPES}


def _introspect(service: Service, form: Mapping[str, str], key_id: str, secret: str) -> dict[str, Any]:
    asker = _require_key(service, key_id, secret)
    shown = form.get("token", "")
    found = authenticate_token(service.database, shown, service.clock())
    if found is None or found.scope != asker:
        return {"active": False}
    return {"active": True, "client_id": found.key_id, "scope": _SCOPES, "exp": token_ends(shown)}


def _require_key(service: Service, key_id: str, secret: str) -> Scope:
    principal = Authenticator(service).by_pair(key_id, secret) if key_id and secret else None
    if principal is None:
        raise ApiError("unauthorized")
    return principal.scope


def _form(body: bytes) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=20).items()}
    except ValueError:
        raise ApiError("invalid_payload", "The body must be a form") from None


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            key_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (ValueError, binascii.Error):
            raise ApiError("unauthorized") from None
        return key_id, secret
    return form.get("client_id", ""), form.get("client_secret", "")
