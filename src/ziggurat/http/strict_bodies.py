"""Reading what a request says: bodies and queries, without coercion, every fault at once.

A body goes through `json_text.parse` and then a pydantic adapter of a TypedDict with `STRICT`. Query parameters are
text; their adapters parse it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from ziggurat import limits
from ziggurat.http import json_text
from ziggurat.http.json_pointers import pointer
from ziggurat.http.known_fields import field_remedy
from ziggurat.http.problems import Refusal, WireFault

T = TypeVar("T")

STRICT = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

_UNKNOWN = "extra_forbidden"
_PLAIN_WORDS = {
    "missing": "is required",
    _UNKNOWN: "is not a field here",
    "string_type": "write a text in quotes",
    "int_type": "write a whole number",
    "bool_type": "write true or false",
    "dict_type": "write an object",
    "list_type": "write a list",
    "string_unicode": "holds half a character (a lone surrogate)",
}


def json_of(body: bytes, at: tuple[str | int, ...] = (), *, once: bool = True) -> Any:
    """The plain value of a JSON body; `at` is where it stands.

    With `once` nothing may be said twice; without, the last word counts, as it does with most readers of JSON.

    Raises:
        Refusal: `malformed_body`, with a fault for each key that an object has more than once.
    """
    try:
        value = json_text.parse(body, mark_twice=once)
    except json_text.UnreadableJsonError as error:
        raise Refusal("malformed_body", str(error)) from None
    twice = list(islice(_said_twice(value, at), limits.FAULTS_SHOWN_MAX)) if once else []
    if twice:
        faults = [WireFault("is given more than once", pointer=pointer(place)) for place in twice]
        raise Refusal("malformed_body", "an object has a key more than once", faults=faults)
    return value


def _said_twice(value: Any, at: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Where in `value` there are keys that an object has more than once."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [(at, value)]
    while waiting:
        place, each = waiting.pop()
        if isinstance(each, json_text.Twice):
            yield from ((*place, key) for key in each.keys_twice)
        if isinstance(each, dict | list):
            inner = each.items() if isinstance(each, dict) else enumerate(each)
            waiting += [((*place, key), item) for key, item in inner if isinstance(item, dict | list)]


def read_body(adapter: TypeAdapter[T], body: bytes) -> T:
    """What a JSON body says.

    Raises:
        Refusal: `malformed_body` or `invalid_request`.
    """
    return check(adapter, json_of(body))


def check(adapter: TypeAdapter[T], value: Any, at: tuple[str | int, ...] = ()) -> T:
    """`value` as `adapter` reads it; `at` is where it stands in the body.

    Raises:
        Refusal: `invalid_request`, with all faults.
    """
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        faults = [
            WireFault(
                _words(each["type"], each["msg"]),
                pointer=pointer((*at, *each["loc"])),
                remedy=_remedy(adapter, each) if number < limits.FAULTS_SHOWN_MAX else "",
            )
            for number, each in enumerate(found)
        ]
        raise refused(faults) from None
    except RecursionError:
        raise Refusal("malformed_body", f"nested more than {limits.JSON_DEPTH_MAX} levels deep") from None


def read_query(adapter: TypeAdapter[T], given: list[tuple[str, str]], lists: frozenset[str]) -> T:
    """What query parameters say; those in `lists` may be repeated.

    Raises:
        Refusal: `invalid_request`, with all faults.
    """
    values: dict[str, Any] = {}
    twice: list[WireFault] = []
    for name, text in given:
        if name in lists:
            values.setdefault(name, []).append(text)
        elif name in values:
            twice.append(WireFault("is given more than once", parameter=name))
        else:
            values[name] = text
    try:
        read = adapter.validate_python(values)
    except ValidationError as error:
        raise refused(twice + [_parameter_fault(adapter, each) for each in error.errors(include_url=False)]) from None
    if twice:
        raise refused(twice)
    return read


def refused(faults: list[WireFault]) -> Refusal:
    """The refusal that shows `faults`."""
    shown = faults[: limits.FAULTS_SHOWN_MAX]
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return Refusal("invalid_request", f"{count} in the request", faults=shown)


def _parameter_fault(adapter: TypeAdapter[Any], error: Mapping[str, Any]) -> WireFault:
    said = "is not a parameter here" if error["type"] == _UNKNOWN else _words(error["type"], error["msg"])
    return WireFault(said, parameter=str(error["loc"][0]), remedy=_remedy(adapter, error))


def _remedy(adapter: TypeAdapter[Any], error: Mapping[str, Any]) -> str:
    return field_remedy(adapter, error["loc"]) if error["type"] == _UNKNOWN else ""


def _words(kind: str, message: str) -> str:
    if kind in _PLAIN_WORDS:
        return _PLAIN_WORDS[kind]
    return message.removeprefix("Value error, ")
