"""The vendor's header that names a request in every answer: its clients keep it for whoever they ask for help."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ziggurat.http.exchange import exchange_of

REQUEST_ID = "x-wix-request-id"


class RequestIds:
    """Adds the header to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = exchange_of(scope).request_id
            await send(message)

        await self.app(scope, receive, named if scope["type"] == "http" else send)
