"""Whether names and identifiers from outside can be kept: not empty, not too long, no control characters."""

from __future__ import annotations

from ziggurat import limits
from ziggurat.app.errors import InvalidRequestError
from ziggurat.program.check_metadata import text_problem

__all__ = ["require_name", "require_text", "text_problem"]


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
