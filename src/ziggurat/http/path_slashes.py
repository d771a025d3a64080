"""Members and programs may be named with a slash: `%2F` in a path is part of a name, not a step.

Servers decode a path before it is routed. This wraps an application and decodes again, with a stand-in for the encoded
slash that no name can hold; `restored` puts the slash back.
"""

from __future__ import annotations

from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

_STAND_IN = "\x1f"


def restored(value: str) -> str:
    """`value` of a path parameter, with its slashes."""
    return value.replace(_STAND_IN, "/")


class SlashesInNames:
    """Routes by the path as it was sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw: bytes = scope.get("raw_path") or b""
        if scope["type"] == "http" and b"%2f" in raw.lower():
            sent = raw.split(b"?", 1)[0].decode("latin-1")
            parts = sent.replace("%2f", "%2F").split("%2F")
            scope = {**scope, "path": _STAND_IN.join(unquote(part) for part in parts)}
        await self.app(scope, receive, send)
