"""Where in a JSON document something is, as RFC 6901 says it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_STEP = re.compile(r"\[(\d+)\]|\[\"((?:[^\"\\]|\\.)*)\"\]|([^.\[\]]+)")


def pointer(steps: Iterable[str | int]) -> str:
    """The pointer along `steps`.

    >>> pointer(["tiers", 2, "a/b"])
    '/tiers/2/a~1b'
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def pointer_of_path(path: str) -> str:
    """The pointer of a dotted path as faults of documents have it.

    >>> pointer_of_path("tiers[2].from")
    '/tiers/2/from'
    """
    return pointer(index or quoted or name for index, quoted, name in _STEP.findall(path))
