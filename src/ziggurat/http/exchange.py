"""What surrounds every request, whichever door it goes through: request id, security headers, log line, numbers.

The sub-applications say what they learn (route, organization, key) through the `Exchange` in the ASGI scope.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ziggurat.http.json_logs import log
from ziggurat.http.metrics import Metrics
from ziggurat.http.problems import Refusal, problem_of
from ziggurat.http.request_ids import HEADER, request_id_of
from ziggurat.http.security_headers import SECURITY_HEADER_PAIRS

SCOPE_KEY = "ziggurat.exchange"
_HEADER_BYTES = HEADER.encode()
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SERVER_ERROR = 500


@dataclass(slots=True)
class Exchange:
    """One request on its way: what the log and the numbers will say about it."""

    request_id: str
    route: str = "(none)"
    status: int = 500
    fields: dict[str, Any] = field(default_factory=dict)


def exchange_of(scope: Scope) -> Exchange:
    """The exchange that the request with `scope` is part of."""
    exchange: Exchange = scope[SCOPE_KEY]
    return exchange


class ExchangeMiddleware:
    """Wraps an application; a fault of ours becomes a 500 with the request id, and a log entry with its place."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == _HEADER_BYTES), None)
        exchange = Exchange(request_id_of(given))
        scope[SCOPE_KEY] = exchange
        started = time.perf_counter()
        answering = False

        async def send_with_headers(message: Message) -> None:
            nonlocal answering
            if message["type"] == "http.response.start":
                answering = True
                exchange.status = message["status"]
                headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
                said = {name.lower() for name, _ in headers}
                headers.append((_HEADER_BYTES, exchange.request_id.encode()))
                headers.extend(pair for pair in SECURITY_HEADER_PAIRS if pair[0] not in said)
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last one to catch it
            log(logging.ERROR, "a request failed", {"request_id": exchange.request_id, "route": exchange.route}, error)
            if not answering:
                await _send_problem(exchange, send_with_headers)
        finally:
            self._note(scope, exchange, time.perf_counter() - started)

    def _note(self, scope: Scope, exchange: Exchange, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "(other)"
        self.metrics.answered(method, exchange.route, exchange.status, seconds)
        level = logging.ERROR if exchange.status >= _SERVER_ERROR else logging.INFO
        fields = {
            "request_id": exchange.request_id,
            "method": method,
            "route": exchange.route,
            "status": exchange.status,
            "took_us": int(seconds * 1_000_000),
        }
        log(level, "request", fields | exchange.fields)


async def _send_problem(exchange: Exchange, send: Send) -> None:
    problem = problem_of(Refusal("internal_error"), exchange.request_id)
    headers = [(name.encode(), value.encode()) for name, value in problem.headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": problem.body})
