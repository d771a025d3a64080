"""Whether what somebody says of a member as metadata can be kept: plain values, not too many, deep or large."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from unicodedata import category

from ziggurat import limits
from ziggurat.errors import Fault
from ziggurat.program.exact_json import write_exact
from ziggurat.program.open_values import encode


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


def metadata_fault(value: Any) -> Fault | None:
    """The first thing wrong with `value` as a member's metadata, None if it can be kept."""
    if not isinstance(value, Mapping):
        return Fault("metadata", "must be an object")
    try:
        count = _count(value, "metadata", 1)
    except _Wrong as wrong:
        return wrong.fault
    if count > limits.METADATA_VALUES_MAX:
        return Fault("metadata", f"has more than {limits.METADATA_VALUES_MAX} values")
    if len(write_exact(value).encode()) > limits.METADATA_BYTES_MAX:
        return Fault("metadata", f"is larger than {limits.METADATA_BYTES_MAX} bytes")
    return None


class _Wrong(Exception):
    def __init__(self, path: str, problem: str) -> None:
        self.fault = Fault(path, problem)


def _count(value: Any, path: str, depth: int) -> int:
    """How many values there are, lists' one by one."""
    if depth > limits.METADATA_DEPTH_MAX:
        raise _Wrong(path, f"lies more than {limits.METADATA_DEPTH_MAX} levels deep")
    if isinstance(value, Mapping):
        for key in value:
            _require_key(key, path)
        return sum(_count(one, f"{path}.{key}", depth + 1) for key, one in value.items())
    if isinstance(value, list | tuple):
        return sum(_count(one, f"{path}[{place}]", depth + 1) for place, one in enumerate(value))
    if isinstance(value, str):
        if len(value) > limits.TEXT_CHARACTERS_MAX:
            raise _Wrong(path, f"is longer than {limits.TEXT_CHARACTERS_MAX} characters")
        if "\0" in value or any("\ud800" <= sign < "\ue000" for sign in value):
            raise _Wrong(path, "has characters that cannot be kept")
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        try:
            encode(value)
        except ValueError as error:
            raise _Wrong(path, str(error)) from None
    elif value is not None and not isinstance(value, bool):
        raise _Wrong(path, "must be a text, an exact number, true, false or null")
    return 1


def _require_key(key: Any, path: str) -> None:
    if not isinstance(key, str) or not key:
        raise _Wrong(path, "has a key that is no text")
    if problem := text_problem(key, limits.METADATA_KEY_CHARACTERS_MAX):
        raise _Wrong(path, f"has a key that {problem}")
