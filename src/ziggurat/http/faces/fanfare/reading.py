"""Reading requests: JSON, checked by a wire model, its complaints as the vendor's issues, all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ziggurat import limits
from ziggurat.app.errors import InvalidRequestError
from ziggurat.http import json_text
from ziggurat.http.faces.fanfare.issues import (
    InvalidInputError,
    Issue,
    Loc,
    failed_check,
    missing_key,
    stringify,
    wrong_type,
)
from ziggurat.http.faces.fanfare.schema_types import FAULT
from ziggurat.http.json_text import depth_of

M = TypeVar("M", bound=BaseModel)

_CONTAINERS = {
    "model_type": ("object", "Object"),
    "model_attributes_type": ("object", "Object"),
    "dict_type": ("object", "Object"),
    "list_type": ("array", "Array"),
}


def read_json(body: bytes) -> Any:
    """The value of a JSON body.

    Raises:
        InvalidInputError: it is none, nests too deep, or has texts that cannot be kept.
    """
    try:
        value = json_text.parse(body)
        json_text.render(value)  # half a character has no place in an answer either
    except (json_text.UnreadableJsonError, UnicodeEncodeError, RecursionError, ValueError):
        raise _unreadable("Invalid JSON in request body") from None
    if depth_of(value) > limits.JSON_DEPTH_MAX:
        raise _unreadable(f"Invalid JSON in request body: nested more than {limits.JSON_DEPTH_MAX} levels deep")
    return value


def read_body(model: type[M], body: bytes) -> M:
    """What a body says.

    Raises:
        InvalidInputError: with every issue.
    """
    return check(model, read_json(body))


def check(model: type[M], value: Any) -> M:
    """`value`, a whole body, as `model`.

    Raises:
        InvalidInputError: with every issue.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise InvalidInputError([_issue(each, value) for each in found], value) from None


def _issue(error: Mapping[str, Any], body: Any) -> Issue:
    loc: Loc = tuple(error["loc"])
    value = value_at(body, loc)
    if error["type"] == "missing":
        return missing_key(loc)
    if error["type"] in _CONTAINERS:
        return wrong_type(loc, *_CONTAINERS[error["type"]], value)
    context = error.get("ctx", {})
    if error["type"] == FAULT and "received" not in context:
        return wrong_type(loc, context["type"], context["expected"], value)
    if error["type"] == FAULT:
        received = stringify(value) if context["received"] == "it" else context["received"]
        message = error["msg"].replace("Received it", f"Received {received}")
        return Issue(loc, context["type"], context["expected"], received, message, kind="validation")
    return Issue(loc, error["type"], "", stringify(value), error["msg"], kind="validation")


def value_at(body: Any, loc: Loc) -> Any:
    """What stands at `loc`, None where nothing does."""
    for key in loc:
        if isinstance(body, Mapping):
            body = body.get(key)
        elif isinstance(body, list) and isinstance(key, int) and key < len(body):
            body = body[key]
        else:
            return None
    return body


def _unreadable(message: str) -> InvalidInputError:
    return InvalidInputError([Issue((), "json", "JSON", "undefined", message, kind="validation")], None)


_PLACES: Mapping[str, Loc] = {
    "name": ("name",),
    "description": ("description",),
    "metadata": ("metadata",),
    "refresh_interval_s": ("refreshIntervalSeconds",),
    "group.name": ("groupName",),
    "group.key": ("groupId",),
    "rules": ("rules",),
    "members": ("consumerIds",),
    "search": ("search",),
}
"""Where in a request that stands which use cases call by other names."""


@contextmanager
def placed(body: Any) -> Iterator[None]:
    """Tell what use cases refuse of `body` with its place in it.

    Raises:
        InvalidInputError: they refused something.
    """
    try:
        yield
    except InvalidRequestError as error:
        loc = _PLACES.get(error.field, ())
        message = f"Invalid value: {'.'.join(map(str, loc)) or error.field} {error.problem}"
        raise InvalidInputError([failed_check(loc, error.problem, value_at(body, loc), message)], body) from None
