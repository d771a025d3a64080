"""Plain values as YAML, short things on one line, long ones one entry a line: what `document_text` reads back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from whenever import Date

_WIDTH = 100
# Text that no YAML reader, of 1.1 or 1.2, takes for anything else; all other text is quoted.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_NOT_PLAIN = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def yaml_text(document: Mapping[str, Any]) -> str:
    """`document` as YAML text; its values are mappings, lists, text, numbers, dates, true, false and nothing.

    >>> print(yaml_text({"name": "Club: 1", "tiers": [{"name": "Silver", "from": 500}]}), end="")
    name: "Club: 1"
    tiers:
      - {name: Silver, from: 500}
    """
    return "".join(f"{line}\n" for line in _mapping(document, 0))


def _mapping(value: Mapping[str, Any], indent: int) -> Iterator[str]:
    for key, inner in value.items():
        head = f"{' ' * indent}{_scalar(key)}:"
        if _on_one_line(inner, len(head)) and not (indent == 0 and isinstance(inner, list)):
            yield f"{head} {_flow(inner)}"
        else:
            yield head
            yield from _block(inner, indent + 2)


def _block(value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _mapping(value, indent)
        return
    for inner in value:
        head = f"{' ' * indent}- "
        if _on_one_line(inner, len(head)):
            yield f"{head}{_flow(inner)}"
        else:
            lines = _block(inner, indent + 2)
            yield head + next(lines).lstrip(" ")
            yield from lines


def _on_one_line(value: Any, used: int) -> bool:
    return not isinstance(value, Mapping | list) or not value or used + 1 + len(_flow(value)) <= _WIDTH


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    match value:
        case Decimal():
            return f"{value:f}"
        case Date():
            return value.format_iso()
        case str() if _PLAIN.fullmatch(value) and value.lower() not in _NOT_PLAIN:
            return value
        case str():
            return _UNPRINTABLE.sub(_escaped, json.dumps(value, ensure_ascii=False))
    return json.dumps(value)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\u{code:04x}"
