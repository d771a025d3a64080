"""The types of request fields: no coercion, and faults in the words of the vendor's validation library."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from ziggurat.http.face_support.ids import is_uuid

FAULT = "fanfare"
"""The type of the faults that these types raise; their context says type, expected and kind."""


def is_number(value: Any) -> bool:
    """Whether `value` is a JSON number."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _typed(type_: str, expected: str, holds: Callable[[Any], bool]) -> PlainValidator:
    def check(value: Any) -> Any:
        if holds(value):
            return value
        raise PydanticCustomError(FAULT, "wrong type", {"type": type_, "expected": expected})

    return PlainValidator(check)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _or_null(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or holds(value)


def picklist(*words: str, nullable: bool = False) -> tuple[PlainValidator, WithJsonSchema]:
    """What annotates a field that holds one of `words`."""
    listed = " | ".join(f'"{word}"' for word in words)
    schema: dict[str, Any] = {"type": "string", "enum": list(words)}
    if nullable:
        schema = {"anyOf": [schema, {"type": "null"}]}
    allowed = {*words, None} if nullable else set(words)
    expected = f"({listed})" if len(words) > 1 else listed
    return _typed("picklist", expected, lambda value: _or_null(_is_text)(value) and value in allowed), WithJsonSchema(
        schema
    )


_NULL = {"type": "null"}
_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_UUID = {"type": "string", "format": "uuid"}
_NUMBER_OR_TEXT = {"oneOf": [_NUMBER, _TEXT]}
_OBJECT = {"type": "object", "additionalProperties": True}


def _uuid(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise PydanticCustomError(FAULT, "wrong type", {"type": "string", "expected": "string"})
    if value is not None and not is_uuid(value):
        raise PydanticCustomError(
            FAULT, "Invalid UUID: Received {received}", {"type": "uuid", "expected": "uuid", "received": "it"}
        )
    return value if value is None else value.lower()


def _name(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError(FAULT, "wrong type", {"type": "string", "expected": "string"})
    if not value:
        raise PydanticCustomError(
            FAULT,
            "Invalid length: Expected >=1 but received 0",
            {"type": "min_length", "expected": ">=1", "received": "0"},
        )
    return value


Text: TypeAlias = Annotated[str, _typed("string", "string", _is_text), WithJsonSchema(_TEXT)]
FilledText: TypeAlias = Annotated[str, PlainValidator(_name), WithJsonSchema({**_TEXT, "minLength": 1})]
NullableText: TypeAlias = Annotated[
    str | None, _typed("string", "string", _or_null(_is_text)), WithJsonSchema({"anyOf": [_TEXT, _NULL]})
]
NullableUuid: TypeAlias = Annotated[str | None, PlainValidator(_uuid), WithJsonSchema({"anyOf": [_UUID, _NULL]})]
Flag: TypeAlias = Annotated[
    bool, _typed("boolean", "boolean", lambda value: isinstance(value, bool)), WithJsonSchema({"type": "boolean"})
]
Number: TypeAlias = Annotated[Any, _typed("number", "number", is_number), WithJsonSchema(_NUMBER)]
NullableNumber: TypeAlias = Annotated[
    Any, _typed("number", "number", _or_null(is_number)), WithJsonSchema({"anyOf": [_NUMBER, _NULL]})
]
NumberOrText: TypeAlias = Annotated[
    Any,
    _typed("union", "(number | string)", lambda value: is_number(value) or _is_text(value)),
    WithJsonSchema(_NUMBER_OR_TEXT),
]
NullableNumberOrText: TypeAlias = Annotated[
    Any,
    _typed("union", "(number | string)", lambda value: value is None or is_number(value) or _is_text(value)),
    WithJsonSchema({**_NUMBER_OR_TEXT, "nullable": True}),
]
NullableObject: TypeAlias = Annotated[
    dict[str, Any] | None,
    _typed("record", "Object", lambda value: value is None or isinstance(value, dict)),
    WithJsonSchema({"anyOf": [_OBJECT, _NULL]}),
]
Scalar: TypeAlias = Annotated[
    Any,
    _typed(
        "union",
        "(string | number | boolean | null)",
        lambda value: value is None or isinstance(value, str | bool) or is_number(value),
    ),
    WithJsonSchema({"anyOf": [_TEXT, _NUMBER, {"type": "boolean"}, _NULL]}),
]


def _needed_uuid(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError(FAULT, "wrong type", {"type": "string", "expected": "string"})
    return _uuid(value)


Uuid: TypeAlias = Annotated[str, PlainValidator(_needed_uuid), WithJsonSchema(_UUID)]
