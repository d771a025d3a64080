"""`Idempotency-Key`: a POST sent again is answered as it was the first time, and done once.

Kept for a day are answers of requests that were carried out or refused for what they ask; a fault of the service is
not, so that trying again helps. The same key with another request is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from ziggurat import limits
from ziggurat.app.access.claim_request import claim_request
from ziggurat.app.access.keep_answer import keep_answer
from ziggurat.app.access.release_request import release_request
from ziggurat.app.context import Context
from ziggurat.http.answers import Sendable
from ziggurat.http.problems import FIRST_SERVER_STATUS, Refusal, WireFault

HEADER = "idempotency-key"
_KEY = re.compile(rf"[\x21-\x7e]{{1,{limits.IDEMPOTENCY_KEY_CHARACTERS_MAX}}}")
_KEPT_HEADERS = frozenset({"content-type", "etag", "location"})
_MICROSECONDS = 1_000_000


def idempotency_key(given: str | None) -> str | None:
    """The key that the caller gave, if any.

    Raises:
        Refusal: `invalid_header`.
    """
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        says = f"1 to {limits.IDEMPOTENCY_KEY_CHARACTERS_MAX} visible ASCII characters"
        raise Refusal("invalid_header", faults=[WireFault(says, header="Idempotency-Key")])
    return given


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What makes two requests the same request."""

    method: str
    target: str
    media_type: str
    body: bytes

    def digest(self) -> bytes:
        head = f"{self.method} {self.target}\n{self.media_type}\n".encode()
        return hashlib.sha256(head + self.body).digest()


def answer_once(context: Context, key: str, fingerprint: Fingerprint, answer: Callable[[], Sendable]) -> Sendable:
    """What `answer` makes, or what it made when the key was used first.

    `answer` turns refusals into answers by itself; whatever it raises leaves the key free.

    Raises:
        ZigguratError: `idempotency_key_reused`, `request_in_flight`, `answer_lost`.
    """
    stored = claim_request(
        context,
        key,
        fingerprint.digest(),
        expires_at=context.now + limits.IDEMPOTENCY_LIFETIME_SECONDS * _MICROSECONDS,
        retry_after=limits.IDEMPOTENCY_ABANDONED_SECONDS * _MICROSECONDS,
    )
    if stored is not None:
        return Sendable(stored.status, {**stored.headers, "idempotency-replayed": "true"}, stored.body)
    try:
        made = answer()
    except BaseException:
        release_request(context, key)
        raise
    if made.status >= FIRST_SERVER_STATUS:
        release_request(context, key)
    else:
        headers: dict[str, str] = {name: value for name, value in made.headers.items() if name in _KEPT_HEADERS}
        keep_answer(context, key, made.status, headers, made.body)
    return made
