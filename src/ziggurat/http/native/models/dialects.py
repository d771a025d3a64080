"""A program in the vendors' dialects, on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from ziggurat.http.strict_bodies import STRICT


class Loss(TypedDict):
    """A place in the program's document, and what becomes of it in the dialect."""

    path: str
    lost: str


class Translated(TypedDict):
    """A program in one dialect: the bodies that would make it there, and what they leave out (`complete`: nothing)."""

    dialect: str
    complete: bool
    losses: list[Loss]
    payload: dict[str, Any]


class Dialects(TypedDict):
    """A program in every dialect that is served."""

    of: Literal["in_force", "draft"]
    items: list[Translated]


@with_config(STRICT)
class DialectsQuery(TypedDict):
    """Which version of the program."""

    of: NotRequired[
        Annotated[
            Literal["in_force", "draft"],
            Field(
                description="The revision in force, or the open draft; left out: the draft before the first revision."
            ),
        ]
    ]
