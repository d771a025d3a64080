"""Reading bodies: what is wrong is told in the vendor's manner, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ziggurat import limits
from ziggurat.http import json_text
from ziggurat.http.faces.voucherify.errors import ApiError

M = TypeVar("M", bound=BaseModel)


def read_body(model: type[M], body: bytes) -> tuple[M, dict[str, Any]]:
    """The body as `model`, and as the plain mapping that was sent.

    Raises:
        ApiError: `invalid_payload`.
    """
    plain = json_of(body)
    if not isinstance(plain, dict):
        raise invalid("Payload must be an object")
    return _model(model, plain), plain


def checked(model: type[BaseModel], plain: Any) -> dict[str, Any]:
    """`plain`, which stands in a body, if it is what `model` reads.

    Raises:
        ApiError: `invalid_payload`.
    """
    if not isinstance(plain, dict):
        raise invalid("Payload must be an object")
    _model(model, plain)
    return plain


def json_of(body: bytes) -> Any:
    """The plain value of a body.

    Raises:
        ApiError: `invalid_payload`.
    """
    try:
        plain = json_text.parse(body)
    except json_text.UnreadableJsonError as error:
        raise invalid(f"Payload is not valid JSON: {error}") from None
    if json_text.depth_of(plain) > limits.JSON_DEPTH_MAX:
        raise invalid(f"Payload must not be nested more than {limits.JSON_DEPTH_MAX} levels deep")
    return plain


def _model(model: type[M], plain: dict[str, Any]) -> M:
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        told = dict.fromkeys(_told(each) for each in error.errors(include_url=False, include_input=False))
        raise invalid("; ".join(list(told)[: limits.FAULTS_SHOWN_MAX])) from None


def invalid(details: str) -> ApiError:
    """The refusal of a body."""
    return ApiError("invalid_payload", details)


def _told(error: Any) -> str:
    *path, last = error["loc"] or ("",)
    context: Mapping[str, Any] = error.get("ctx", {})
    kind = error["type"]
    owner = "Property ." + ".".join(map(str, path)) if path else "Payload"
    itself = "Property ." + ".".join(map(str, error["loc"])) if error["loc"] else "Payload"
    match kind:
        case "missing":
            return f"{owner} must have required property '{last}'"
        case "extra_forbidden":
            return f"{owner} must not have property '{last}'"
        case "literal_error":
            allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ")
            return f"{itself} must be equal to one of the allowed values [ {allowed} ]"
        case "value_error":
            return f"{itself}: {context['error']!s}"
        case "none_required":
            return f"{itself} must be null"
    return f"{itself}: {error['msg']}"
