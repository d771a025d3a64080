"""The native API as routes, with its OpenAPI document beside them."""

from __future__ import annotations

from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ziggurat.http.dispatch import Dispatcher
from ziggurat.http.exchange import exchange_of
from ziggurat.http.json_text import render
from ziggurat.http.native.registry import OPERATIONS, TAGS
from ziggurat.http.openapi import openapi_document
from ziggurat.http.service import Service

OPENAPI_PATH = "/v1/openapi.json"


@cache
def native_openapi() -> bytes:
    """The OpenAPI document of the native API."""
    return render(openapi_document(OPERATIONS, TAGS))


def native_routes(service: Service) -> list[Route]:
    """The routes of the native API."""

    async def openapi(request: Request) -> Response:
        exchange_of(request.scope).route = OPENAPI_PATH
        return Response(native_openapi(), media_type="application/json")

    return [Route(OPENAPI_PATH, openapi), *Dispatcher(service, OPERATIONS).routes()]
