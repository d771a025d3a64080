"""Whether the process lives (`/healthz`), whether it can work (`/readyz`), and its numbers (`/metrics`).

These need no key and tell nothing of any organization.
"""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ziggurat.errors import ZigguratError
from ziggurat.http.exchange import exchange_of
from ziggurat.http.json_text import render
from ziggurat.http.metrics import CONTENT_TYPE
from ziggurat.http.problems import problem_of, refusal_of
from ziggurat.http.service import Service
from ziggurat.store.schema import require_current_schema
from ziggurat.store.writable import require_writable


def health_routes(service: Service) -> list[Route]:
    """The routes of `service`'s health."""

    async def healthz(request: Request) -> Response:
        exchange_of(request.scope).route = "/healthz"
        return _ok()

    async def readyz(request: Request) -> Response:
        exchange_of(request.scope).route = "/readyz"
        try:
            await to_thread.run_sync(require_current_schema, service.database)
            await to_thread.run_sync(require_writable, service.database)
        except ZigguratError as error:
            problem = problem_of(refusal_of(error), exchange_of(request.scope).request_id)
            return Response(problem.body, problem.status, dict(problem.headers))
        return _ok()

    async def metrics(request: Request) -> Response:
        exchange_of(request.scope).route = "/metrics"
        text = await to_thread.run_sync(service.metrics.text)
        return Response(text, media_type=CONTENT_TYPE)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz)]
    return [*routes, Route("/metrics", metrics)] if service.settings.metrics else routes


def _ok() -> Response:
    return Response(render({"status": "ok"}), media_type="application/json")
