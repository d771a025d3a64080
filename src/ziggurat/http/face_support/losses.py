"""What a dialect cannot say of a program."""

from __future__ import annotations

from typing import NamedTuple


class Loss(NamedTuple):
    """A place in the program document (`tiers[2].expiration`) and what becomes of it in the dialect."""

    path: str
    lost: str
