"""Reading request bodies: JSON, nulls taken out, checked by a wire model, its complaints in the vendor's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ziggurat.http.face_support.ids import UUID_PATTERN
from ziggurat.http.faces.wix.errors import InvalidFieldsError, Violation
from ziggurat.http.strict_bodies import json_of

M = TypeVar("M", bound=BaseModel)

_TYPES: Mapping[str, str] = {
    "string_type": "Expected a string.",
    "int_type": "Expected an integer",
    "int_from_float": "Expected an integer",
    "bool_type": "Expected a boolean",
    "list_type": "Expected an array",
    "model_type": "Expected an object",
    "model_attributes_type": "Expected an object",
    "dict_type": "Expected an object",
}
_PERIOD = "rollingWindow"


def read_body(model: type[M], body: bytes) -> M:
    """What a body says.

    Raises:
        Refusal: `malformed_body`.
        InvalidFieldsError: with every violation.
    """
    return check(model, json_of(body, once=False))


def check(model: type[M], value: Any, at: tuple[str | int, ...] = ()) -> M:
    """`value`, which stands at `at` in the body, as `model`.

    Raises:
        InvalidFieldsError: with every violation.
    """
    try:
        return model.model_validate(without_nulls(value))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise InvalidFieldsError([_violation(each, (*at, *each["loc"])) for each in found]) from None


def without_nulls(value: Any) -> Any:
    """`value` without the members that are null.

    >>> without_nulls({"a": None, "b": [{"c": None}]})
    {'b': [{}]}
    """
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    return value


def field_path(loc: tuple[str | int, ...]) -> str:
    """A place in a body as the vendor writes it.

    >>> field_path(("tiers", 0, "requiredPoints"))
    'tiers[0].requiredPoints'
    """
    path = ""
    for step in loc:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


def _violation(error: Mapping[str, Any], loc: tuple[str | int, ...]) -> Violation:
    kind, context, field = error["type"], error.get("ctx", {}), field_path(loc)
    if kind == "missing" and loc[-1] == _PERIOD:
        # the period is a oneof with this one member (unknown 4)
        period = field_path((*loc[:-1], "period"))
        return Violation(period, "must not be empty", "REQUIRED_ONE_OF_FIELD", {"supported": [_PERIOD]})
    if kind in _TYPES:
        return Violation(field, _TYPES[kind], "FORMAT")
    bounds: Mapping[str, tuple[str, str, str]] = {
        "greater_than_equal": ("ge", "MIN", "must be greater than or equal to {}"),
        "less_than_equal": ("le", "MAX", "must be less than or equal to {}"),
        "string_too_long": ("max_length", "MAX_LENGTH", "must have at most {} characters"),
        "too_long": ("max_length", "MAX_SIZE", "must have at most {} items"),
    }
    if kind == "string_too_short" and context["min_length"] > 1:
        kind, bounds = "", {"": ("min_length", "MIN_LENGTH", "must have at least {} characters")}
    if kind in bounds:
        name, rule, words = bounds[kind]
        return Violation(field, words.format(context[name]), rule, {"threshold": context[name]})
    plain: Mapping[str, tuple[str, str]] = {
        "too_short": ("MIN_SIZE", "must not be empty"),
        "missing": ("REQUIRED_FIELD", "must not be empty"),
        "string_too_short": ("REQUIRED_FIELD", "must not be empty"),
        "literal_error": ("INVALID_ENUM_VALUE", f"is not one of {context.get('expected')}"),
    }
    if kind == "string_pattern_mismatch" and context["pattern"] == UUID_PATTERN:
        return Violation(field, "is not a valid GUID", "FORMAT", {"type": "GUID"})
    rule, words = plain.get(kind, ("FORMAT", "has an invalid format"))
    return Violation(field, words, rule)
