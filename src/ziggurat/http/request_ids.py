"""Request ids: taken from `X-Request-Id` where it is decent, made here otherwise, and always answered."""

from __future__ import annotations

import re
import secrets

from ziggurat import limits

HEADER = "x-request-id"
_DECENT = re.compile(rf"[A-Za-z0-9._:/+=@-]{{1,{limits.REQUEST_ID_CHARACTERS_MAX}}}")


def request_id_of(given: str | None) -> str:
    """The caller's id, or a new one."""
    return given if given and _DECENT.fullmatch(given) else secrets.token_hex(16)
