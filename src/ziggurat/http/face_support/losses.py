"""What a dialect cannot say of a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from ziggurat.http.settings import FACES
from ziggurat.program.model import Applies, Downgrade, Expiration, Program, Renewal


class Loss(NamedTuple):
    """A place in the program document (`tiers[2].expiration`) and what becomes of it in the dialect."""

    path: str
    lost: str


Translator: TypeAlias = Callable[[Program], tuple[dict[str, Any], list[Loss]]]
"""Makes of a program the payload that says it in a dialect, as JSON values, and what of it is lost."""


def where_tiers_follow_at_once(program: Program) -> Iterator[Loss]:
    """What a dialect loses of `program` that knows thresholds only: members rise and fall as soon as the value does."""
    if program.qualification.applies is not Applies.IMMEDIATELY:
        yield Loss("qualification.applies", "a tier is reached at once there")
    if program.qualification.max_steps is not None:
        yield Loss("qualification.max_steps", "any number of tiers is climbed at once there")
    if program.expiration != Expiration():
        yield Loss("expiration", "no tier is held there")
    if program.renewal != Renewal():
        yield Loss("renewal", "no tier is held there")
    if program.downgrade != Downgrade():
        yield Loss("downgrade", "members fall at once to what they qualify for there")


def said_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`metadata` without what the faces keep in it for themselves.

    >>> said_metadata({"crm": 7, "wix": {"updates": 2}})
    {'crm': 7}
    """
    return {name: value for name, value in metadata.items() if name not in FACES}
