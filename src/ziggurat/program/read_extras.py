"""What a program document carries for others to show: descriptions, metadata, benefits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ziggurat import limits
from ziggurat.program.place import Place, shown

_DEPTH_MAX = 16


def read_description(place: Place) -> str:
    """A longer text, of several lines if need be; empty if it is not there."""
    text = place.get("description")
    return (text.text(limits.TEXT_CHARACTERS_MAX, lines=True) if text else None) or ""


def read_metadata(place: Place) -> dict[str, Any]:
    """The mapping `metadata`: any JSON values, `limits.METADATA_BYTES_MAX` bytes of them."""
    metadata = place.get("metadata")
    if metadata is None:
        return {}
    if not metadata.is_mapping:
        metadata.fault(f"must be a mapping, not {shown(metadata.value)}")
        return {}
    plain = _plain(metadata)
    return plain if isinstance(plain, dict) and _small(metadata, plain) else {}


def read_benefits(place: Place) -> tuple[Any, ...]:
    """The list `benefits`: any JSON values."""
    benefits = place.get("benefits")
    if benefits is None:
        return ()
    plain = tuple(_plain(item) for item in benefits.items(limits.CONDITIONS_MAX, "benefits", least=0))
    return plain if _small(benefits, list(plain)) else ()


def _small(place: Place, plain: Any) -> bool:
    size = len(json.dumps(plain, ensure_ascii=False).encode(errors="replace"))
    if size > limits.METADATA_BYTES_MAX:
        place.fault(f"is {size:,} bytes long", f"{limits.METADATA_BYTES_MAX:,} are allowed")
        return False
    return True


def _plain(place: Place, level: int = 1) -> Any:
    """The value at `place` as JSON has it; None where it is none, with a fault."""
    value = place.value
    if level > _DEPTH_MAX:
        place.fault(f"is nested more than {_DEPTH_MAX} levels deep", "flatten it")
        return None
    match value:
        case Mapping() if all(map(_is_key, value)):
            return {key: _plain(place.at(key), level + 1) for key in value}
        case list() | tuple():
            return [_plain(place.at(index), level + 1) for index in range(len(value))]
        case None | bool():
            return value
        case str() | int() | float() | Decimal():
            return _text(place) if isinstance(value, str) else _number(place)
    if isinstance(value, Mapping):
        place.fault("has a key that is not short text", f"use {limits.METADATA_KEY_CHARACTERS_MAX} characters or fewer")
    else:
        place.fault(f"must be a JSON value, not {shown(value)}", "write what JSON can say")
    return None


def _is_key(key: Any) -> bool:
    return isinstance(key, str) and len(key) <= limits.METADATA_KEY_CHARACTERS_MAX and _is_utf8(key)


def _text(place: Place) -> str | None:
    if _is_utf8(place.value):
        return str(place.value)
    place.fault("holds half a character", "write it as UTF-8")
    return None


def _is_utf8(text: str) -> bool:
    """Whether `text` can be written: JSON can spell halves of characters that nothing else can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(place: Place) -> int | float | None:
    """Metadata is read by others, as JSON, so its numbers are what JSON readers make of them."""
    value = place.value
    if isinstance(value, int) and abs(value) < 10**limits.NUMBER_CHARACTERS_MAX:
        return value
    number = (
        Decimal(repr(value)) if isinstance(value, float) else Decimal("Infinity") if isinstance(value, int) else value
    )
    if number.is_finite() and Decimal(repr(as_float := float(number))) == number:
        return as_float
    problem = "is not a number that JSON readers agree on" if number.is_finite() else "must be a finite number"
    place.fault(problem, "write it as text, in quotes")
    return None
