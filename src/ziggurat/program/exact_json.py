"""JSON text that keeps numbers exact: Decimal in, Decimal out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_DECODER = json.JSONDecoder(parse_float=Decimal)


def write_exact(value: Any) -> str:
    """`value` (of text, numbers, truth values, None, lists and mappings) as JSON text with sorted keys.

    >>> write_exact({"size": Decimal("1.10"), "tags": ["a", None]})
    '{"size":1.10,"tags":["a",null]}'

    Raises:
        TypeError: something that JSON has no word for; floats are refused too.
    """
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str | bool | int):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        items = sorted((str(key), one) for key, one in value.items())
        return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{write_exact(one)}" for key, one in items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(write_exact, value)) + "]"
    raise TypeError(f"{type(value).__name__} has no exact form in JSON")


def read_exact(text: str) -> Any:
    """What JSON `text` says; numbers with a point or an exponent are Decimal."""
    return {} if text == "{}" else _DECODER.decode(text)
