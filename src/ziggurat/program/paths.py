"""Where something stands in a document: `tiers[2].expiration.period`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

_SHOWN_CHARACTERS = 40


def child_path(path: str, key: str | int) -> str:
    """The path of what `key` names inside the thing at `path`.

    >>> child_path(child_path("tiers", 2), "from"), child_path("metadata", "a b")
    ('tiers[2].from', 'metadata["a b"]')
    """
    if isinstance(key, int):
        return f"{path}[{key}]"
    if not _BARE_KEY.fullmatch(key):
        shown = key if len(key) <= _SHOWN_CHARACTERS else f"{key[: _SHOWN_CHARACTERS - 1]}…"
        return f'{path}["{shown}"]'
    return f"{path}.{key}" if path else key


def line_of(path: str, lines: Mapping[str, int]) -> int | None:
    """The line of `path`, or of the nearest thing around it whose line is known."""
    while path:
        if path in lines:
            return lines[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None
