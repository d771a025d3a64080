"""The one ASGI application: health, the native API under /v1 and the vendor faces beside it, or one face alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ziggurat.http.exchange import ExchangeMiddleware, exchange_of
from ziggurat.http.face_mounts import face_routes
from ziggurat.http.health import health_routes
from ziggurat.http.native.application import native_routes
from ziggurat.http.path_slashes import SlashesInNames
from ziggurat.http.problems import Refusal, problem_of
from ziggurat.http.service import Clock, Service, system_clock
from ziggurat.http.settings import Settings


def create_app(settings: Settings | None = None, clock: Clock = system_clock) -> FastAPI:
    """The application; the database is opened now, and closed when the application shuts down.

    Args:
        settings: those of the environment when left out.
        clock: what says the present, in UTC microseconds.

    Raises:
        InvalidSettingError: the environment says something that no setting can be.
        StoreError: the database cannot be opened, or has another schema.
        UnknownFaceError: the settings want a face that is not installed.
    """
    service = Service.start(settings or Settings.from_environment(), clock)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001 - FastAPI's signature
        yield
        service.database.dispose()

    app = FastAPI(title="Ziggurat", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.service = service
    app.router.redirect_slashes = False
    app.router.routes.extend(health_routes(service))
    if not service.settings.face:
        app.router.routes.extend(native_routes(service))
    app.router.routes.extend(face_routes(service))
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_middleware(SlashesInNames)
    app.add_middleware(ExchangeMiddleware, metrics=service.metrics)
    return app


async def _unrouted(request: Request, error: Exception) -> Response:
    """What Starlette refuses by itself: a path or method that it has no route for."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = {404: "route_not_found", 405: "method_not_allowed"}.get(status, "internal_error")
    headers = dict(getattr(error, "headers", None) or {})
    problem = problem_of(Refusal(code, headers=headers), exchange_of(request.scope).request_id)
    return Response(problem.body, problem.status, dict(problem.headers))
