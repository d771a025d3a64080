"""The types of consumers' fields beyond `schema_types`: addresses, decimal texts, instants, ranks, metadata."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from ziggurat.app.audiences.put_identity import is_email
from ziggurat.http.faces.fanfare.schema_types import FAULT, is_number
from ziggurat.program.calendar import calendar

DECIMAL_PATTERN = r"^\d{1,12}(\.\d{1,8})?$"
RANK_MAX = 5
_DECIMAL = re.compile(DECIMAL_PATTERN, re.ASCII)
_NULL = {"type": "null"}
_TEXT = {"type": "string"}
_SCALARS = [_TEXT, {"type": "number"}, {"type": "boolean"}, _NULL]
_UTC = calendar("UTC")


def instant_of(text: str) -> int:
    """UTC microseconds of an ISO 8601 text; what has no zone is in UTC.

    Raises:
        ValueError: it is none.
    """
    return _UTC.parse(text)


def _wrong(type_: str, expected: str) -> PydanticCustomError:
    return PydanticCustomError(FAULT, "wrong type", {"type": type_, "expected": expected})


def _failed(type_: str, message: str, expected: str) -> PydanticCustomError:
    said = {"type": type_, "expected": expected, "received": "it"}
    return PydanticCustomError(FAULT, "{message}: Received it", {**said, "message": message})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong("string", "string")
    return value


def _email(value: Any) -> str | None:
    if value is None:
        return None
    text = _text(value).strip()
    if not is_email(text):
        raise _failed("email", "Invalid email", "email")
    return text


def _instant(value: Any) -> int | None:
    if value is None:
        return None
    try:
        return instant_of(_text(value))
    except ValueError:
        raise _failed("iso_timestamp", "Invalid timestamp", "date-time") from None


def _said_instant(value: Any) -> int:
    found = _instant(_text(value))
    assert found is not None, "it is a text"
    return found


def _decimal(value: Any) -> Decimal | None:
    if value is None:
        return None
    if not _DECIMAL.fullmatch(_text(value)):
        raise _failed("regex", "Invalid format", DECIMAL_PATTERN)
    return Decimal(value)


def _rank(value: Any) -> int | None:
    if value is None:
        return None
    if not is_number(value):
        raise _wrong("number", "number")
    if value != int(value):
        raise _failed("integer", "Invalid integer", "integer")
    if not 0 <= value <= RANK_MAX:
        raise _failed("max_value", "Invalid value", f"0..{RANK_MAX}")
    return int(value)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | bool) or is_number(value)


def is_plain(value: Any) -> bool:
    """Whether metadata of the vendor's can have such a value: a scalar, or an array of them."""
    return _is_scalar(value) or (isinstance(value, list | tuple) and all(map(_is_scalar, value)))


def _metadata(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _wrong("record", "Object")
    if not all(map(is_plain, value.values())):
        raise _failed("check", "Invalid metadata: values are scalars or arrays of scalars", "scalar | scalar[]")
    return value


def _coordinates(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _wrong("object", "Object")
    numbers = [value.get(name) for name in ("latitude", "longitude")]
    if not all(map(is_number, numbers)):
        raise _failed("object", "Invalid coordinates: latitude and longitude are numbers", "{latitude, longitude}")
    return {"latitude": numbers[0], "longitude": numbers[1]}


def _or_null(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [schema, _NULL]})


NullableEmail: TypeAlias = Annotated[str | None, PlainValidator(_email), _or_null({**_TEXT, "format": "email"})]
NullableInstant: TypeAlias = Annotated[int | None, PlainValidator(_instant), _or_null({**_TEXT, "format": "date-time"})]
SaidInstant: TypeAlias = Annotated[int, PlainValidator(_said_instant), WithJsonSchema({**_TEXT, "format": "date-time"})]
NullableMoney: TypeAlias = Annotated[
    Decimal | None, PlainValidator(_decimal), _or_null({**_TEXT, "pattern": DECIMAL_PATTERN})
]
NullableRank: TypeAlias = Annotated[
    int | None, PlainValidator(_rank), _or_null({"type": "integer", "minimum": 0, "maximum": RANK_MAX})
]
NullableMetadata: TypeAlias = Annotated[
    dict[str, Any] | None,
    PlainValidator(_metadata),
    _or_null(
        {
            "type": "object",
            "additionalProperties": {"anyOf": [*_SCALARS, {"type": "array", "items": {"anyOf": _SCALARS}}]},
        }
    ),
]
NullableCoordinates: TypeAlias = Annotated[
    dict[str, Any] | None,
    PlainValidator(_coordinates),
    _or_null(
        {
            "type": "object",
            "properties": {"latitude": {"type": "number"}, "longitude": {"type": "number"}},
            "required": ["latitude", "longitude"],
        }
    ),
]
