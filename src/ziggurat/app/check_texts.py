"""Whether names and identifiers from outside can be kept: not empty, not too long, no control characters."""

from __future__ import annotations

from unicodedata import category

from ziggurat import limits
from ziggurat.app.errors import InvalidRequestError


def text_problem(text: str, longest: int) -> str:
    """What is wrong with `text` ("" if nothing): too long, or with characters that do not show."""
    if len(text) > longest:
        return f"is longer than {longest} characters"
    if not text.isprintable():
        categories = {category(sign) for sign in text}
        if "Cc" in categories:
            return "has control characters"
        if "Cs" in categories:
            return "has half a character (a lone surrogate)"
    return ""


def require_name(field: str, name: str, longest: int = limits.NAME_CHARACTERS_MAX) -> str:
    """`name` without spaces around it.

    Raises:
        InvalidRequestError: it is empty or cannot be kept.
    """
    name = name.strip()
    problem = text_problem(name, longest) if name else "must not be empty"
    if problem:
        raise InvalidRequestError(field, problem)
    return name


def require_text(field: str, text: str, longest: int = limits.TEXT_CHARACTERS_MAX) -> str:
    """`text`, which may be empty and have several lines.

    Raises:
        InvalidRequestError: it cannot be kept.
    """
    problem = text_problem(text.replace("\n", " ").replace("\t", " ").replace("\r", " "), longest)
    if problem:
        raise InvalidRequestError(field, problem)
    return text
