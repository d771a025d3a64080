"""The routes of a face: what comes in is admitted, read and carried out in a thread, and every error has an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ziggurat.app.context import Context
from ziggurat.app.principal import KeyScope, Principal
from ziggurat.http.auth import Authenticator, require_scope
from ziggurat.http.exchange import exchange_of
from ziggurat.http.json_text import render
from ziggurat.http.path_slashes import restored
from ziggurat.http.problems import Refusal
from ziggurat.http.request_bodies import read_bytes
from ziggurat.http.service import Service

BODY_BYTES_MAX = 1_000_000
HTTP_NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Visit:
    """One admitted request: who asks, of what, and the whole body."""

    service: Service
    context: Context
    principal: Principal
    request: Request
    path: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What a route answers when it is not simply 200 with a JSON value."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceRoute:
    """One operation. `run` answers a JSON value, or a `Reply`; models and parameters are for the OpenAPI document."""

    method: str
    path: str
    scope: KeyScope
    run: Callable[[Visit], Any]
    summary: str
    answer: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    parameters: Sequence[Mapping[str, Any]] = ()
    refusals: Sequence[int] = ()
    status: int = 200


@dataclass(frozen=True, slots=True)
class FaceDoor:
    """How a face tells who asks, and how it words refusals.

    `principal_of` reads the vendor's headers; it raises `Refusal` as `Authenticator.by_bearer` does. `refused` words
    any error, given the request id.
    """

    service: Service
    principal_of: Callable[[Authenticator, Request], Principal]
    refused: Callable[[Exception, str], Response]

    def add_to(self, app: FastAPI, routes: Sequence[FaceRoute], prefixes: Sequence[str] = ("",)) -> None:
        """Serve `routes` under each of `prefixes`, and word what no route answers."""
        for prefix in prefixes:
            for route in routes:
                app.router.routes.append(Route(prefix + route.path, self._endpoint(route), methods=[route.method]))
        app.router.redirect_slashes = False
        app.add_exception_handler(HTTPException, self._unrouted)

    def _endpoint(self, route: FaceRoute) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            exchange = exchange_of(request.scope)
            exchange.route = f"{request.scope.get('root_path', '')}{route.path}"
            try:
                return await self._answer(route, request)
            except Exception as error:  # noqa: BLE001 - every error has an answer
                return self.refused(error, exchange.request_id)

        return endpoint

    async def _answer(self, route: FaceRoute, request: Request) -> Response:
        now = self.service.clock()
        limiter = self.service.slots
        principal, extra = await to_thread.run_sync(lambda: self._admit(route, request, now), limiter=limiter)
        body = await read_bytes(request, BODY_BYTES_MAX) if route.body else b""
        path = {name: restored(str(value)) for name, value in request.path_params.items()}
        context = Context(self.service.database, principal.scope, principal.actor, now)
        visit = Visit(self.service, context, principal, request, path, body)
        said = await to_thread.run_sync(lambda: route.run(visit), limiter=limiter)
        reply = said if isinstance(said, Reply) else Reply(said, route.status)
        headers = {"content-type": "application/json", **extra, **reply.headers}
        if reply.status == HTTP_NO_CONTENT:
            return Response(None, reply.status, {**extra, **reply.headers})
        return Response(render(reply.body), reply.status, headers)

    def _admit(self, route: FaceRoute, request: Request, now: int) -> tuple[Principal, Mapping[str, str]]:
        principal = self.principal_of(Authenticator(self.service), request)
        fields = exchange_of(request.scope).fields
        fields["organization"] = principal.scope.organization_id
        fields["key_id"] = principal.key_id
        require_scope(principal, route.scope)
        return principal, self.service.limiter.take(principal.key_id, now)

    async def _unrouted(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        code = {404: "route_not_found", 405: "method_not_allowed"}.get(status, "internal_error")
        headers = dict(getattr(error, "headers", None) or {})
        return self.refused(Refusal(code, headers=headers), exchange_of(request.scope).request_id)
