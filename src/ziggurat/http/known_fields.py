"""Which fields a request may have at some place, for remedies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from ziggurat.program.near_words import nearest

_LISTED_MAX = 12
_REFERENCE = "#/$defs/"


def field_remedy(adapter: TypeAdapter[Any], at: Sequence[str | int]) -> str:
    """What to do about the unknown field at `at` in what `adapter` reads: take the likely one, or one of a few."""
    *above, name = at
    known = _fields_at(_schema(adapter), above)
    near = nearest(str(name), known)
    if near:
        return f'did you mean "{near}"?'
    return f"use one of {', '.join(known)}" if 0 < len(known) <= _LISTED_MAX else "leave it out"


@lru_cache(maxsize=256)
def _schema(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    return adapter.json_schema()


def _fields_at(schema: dict[str, Any], at: Sequence[str | int]) -> list[str]:
    nodes = list(_plain(schema, schema))
    for step in at:
        below = [node["items"] for node in nodes if isinstance(step, int) and "items" in node]
        below += [node["properties"][step] for node in nodes if step in node.get("properties", ())]
        nodes = [each for node in below for each in _plain(node, schema)]
    return list(dict.fromkeys(name for node in nodes for name in node.get("properties", ())))


def _plain(node: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What `node` may be, references and alternatives resolved."""
    if "$ref" in node:
        yield from _plain(schema["$defs"][node["$ref"].removeprefix(_REFERENCE)], schema)
    for alternative in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _plain(alternative, schema)
    if "properties" in node or "items" in node:
        yield node
