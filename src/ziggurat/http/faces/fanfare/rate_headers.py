"""Rate limits in the vendor's headers: they are sent where there is a limit, and there is none unless it is set."""

from __future__ import annotations

import re
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LIMIT = re.compile(rb'"key";q=(\d+);w=(\d+)')
_LEFT = re.compile(rb'"key";r=(\d+);t=(\d+)')


class VendorHeaders:
    """Says `ratelimit` as `X-RateLimit-Limit`, `-Remaining` and `-Reset` (seconds since 1970)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def renamed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _renamed(list(message.get("headers", ())))}
            await send(message)

        await self.app(scope, receive, renamed if scope["type"] == "http" else send)


def _renamed(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    given = dict(headers)
    limit, left = _LIMIT.match(given.get(b"ratelimit-policy", b"")), _LEFT.match(given.get(b"ratelimit", b""))
    if limit is None or left is None:
        return headers
    return [
        *(pair for pair in headers if not pair[0].startswith(b"ratelimit")),
        (b"x-ratelimit-limit", limit[1]),
        (b"x-ratelimit-remaining", left[1]),
        (b"x-ratelimit-reset", str(int(time.time()) + int(left[2])).encode()),
    ]
