"""What a dialect cannot say of a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from ziggurat.http.settings import FACES
from ziggurat.program.model import Program


class Loss(NamedTuple):
    """A place in the program document (`tiers[2].expiration`) and what becomes of it in the dialect."""

    path: str
    lost: str


Translator: TypeAlias = Callable[[Program], tuple[dict[str, Any], list[Loss]]]
"""Makes of a program the payload that says it in a dialect, as JSON values, and what of it is lost."""


def said_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`metadata` without what the faces keep in it for themselves.

    >>> said_metadata({"crm": 7, "wix": {"updates": 2}})
    {'crm': 7}
    """
    return {name: value for name, value in metadata.items() if name not in FACES}
