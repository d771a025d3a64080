"""Which known word somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_COMPARED_CHARACTERS = 100


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None if nothing is near."""
    lowered = {choice.lower(): choice for choice in known}
    near = get_close_matches(word[:_COMPARED_CHARACTERS].lower(), lowered, n=1, cutoff=0.6)
    return lowered[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean "months"?`, or the choices if nothing is near.

    >>> did_you_mean("month", ["months", "years"]), did_you_mean("xyz", ["months", "years"])
    ('did you mean "months"?', 'use one of months, years')
    """
    choices = list(known)
    near = nearest(word, choices)
    return f'did you mean "{near}"?' if near else f"use one of {', '.join(choices)}"
