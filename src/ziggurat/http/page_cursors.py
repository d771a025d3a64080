"""Cursors of lists: opaque, bound to organization and query, and good for a day.

A cursor is authenticated so that a changed one is told from a good one; it grants nothing, since every statement is
scoped to the organization of the key anyway. The signing key follows from the database's address, so that all processes
on one database take each other's cursors.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TypeAlias

from ziggurat import limits
from ziggurat.http.problems import Refusal

Position: TypeAlias = tuple[str | int | None, ...]
"""What a use case answers as the start of the next page."""

_DIGEST_BYTES = 16
_CURSOR_CHARACTERS_MAX = 4_096


@dataclass(frozen=True, slots=True)
class Cursors:
    """Makes and reads cursors; `key` signs them."""

    key: bytes

    @classmethod
    def of_database(cls, url: str) -> Cursors:
        """Those of all processes on the database at `url`."""
        return cls(hashlib.sha256(b"ziggurat page cursors\n" + url.encode()).digest())

    def make(self, position: Position, query: str, now: int) -> str:
        """The cursor that goes on at `position` of `query`; `now` in UTC microseconds."""
        content = json.dumps([now // 1_000_000, *position], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._digest(content, query) + content).decode().rstrip("=")

    def read(self, cursor: str, query: str, now: int) -> Position:
        """The position that `cursor` stands for.

        Raises:
            Refusal: `invalid_cursor` or `expired_cursor`.
        """
        if len(cursor) > _CURSOR_CHARACTERS_MAX:
            raise Refusal("invalid_cursor")
        try:
            raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            digest, content = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
        except (ValueError, binascii.Error):
            raise Refusal("invalid_cursor") from None
        if not hmac.compare_digest(digest, self._digest(content, query)):
            raise Refusal("invalid_cursor")
        made_at, *position = json.loads(content)
        if now // 1_000_000 - made_at > limits.CURSOR_LIFETIME_SECONDS:
            raise Refusal("expired_cursor")
        return tuple(position)

    def _digest(self, content: bytes, query: str) -> bytes:
        return hmac.digest(self.key, query.encode() + b"\n" + content, "sha256")[:_DIGEST_BYTES]
