"""`POST /v3/oauth/token/generate`: a key's id and secret are traded for a token that lasts an hour."""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ziggurat.app.access.access_tokens import issue_access_token
from ziggurat.app.principal import KeyScope
from ziggurat.http.auth import Authenticator
from ziggurat.http.exchange import exchange_of
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.capillary.errors import refused
from ziggurat.http.faces.capillary.reading import read_body
from ziggurat.http.faces.capillary.shown import answer
from ziggurat.http.faces.capillary.wire_members import TokenAnswer, TokenRequest
from ziggurat.http.json_text import render
from ziggurat.http.problems import Refusal
from ziggurat.http.request_bodies import read_bytes
from ziggurat.http.service import Service

LIFETIME_SECONDS = 3_600
_BODY_BYTES_MAX = 10_000
_SECOND = 1_000_000


def token_route(service: Service) -> Route:
    """The route; whoever asks has no token yet."""

    async def generate(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        exchange.route = request.scope["path"]
        try:
            body = await read_bytes(request, _BODY_BYTES_MAX)
            said = await to_thread.run_sync(lambda: _generate(service, body), limiter=service.slots)
        except Exception as error:  # noqa: BLE001 - every error has an answer
            return refused(error, exchange.request_id)
        return Response(render(said), 200, {"content-type": "application/json", "cache-control": "no-store"})

    return Route(TOKEN_OPERATION.path, generate, methods=[TOKEN_OPERATION.method])


def _asks_no_key(visit: Visit) -> Any:
    raise NotImplementedError(visit)  # `token_route` answers: there is nobody to admit yet


TOKEN_OPERATION = FaceRoute(
    method="POST",
    path="/v3/oauth/token/generate",
    scope=KeyScope.READ,
    run=_asks_no_key,
    summary="Trade a key's id and secret for a token (needs no key)",
    body=TokenRequest,
    answer=TokenAnswer,
)
"""What the OpenAPI document says of it."""


def _generate(service: Service, body: bytes) -> dict[str, Any]:
    asked = read_body(TokenRequest, body)
    if Authenticator(service).by_pair(asked["key"], asked["secret"]) is None:
        raise Refusal("invalid_key")
    made = issue_access_token(asked["key"], asked["secret"], service.clock() + LIFETIME_SECONDS * _SECOND)
    return answer({"accessToken": made, "ttlSeconds": LIFETIME_SECONDS})
