"""The vendor's error envelope: `code` (the HTTP status), `key`, `message`, `details` and what it is about."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from ziggurat.app.errors import ActivationPendingError, ApprovalRequiredError, InvalidRequestError, WrongStateError
from ziggurat.errors import InvalidProgramError
from ziggurat.http.json_logs import log
from ziggurat.http.json_text import render
from ziggurat.http.problems import FIRST_SERVER_STATUS, PROBLEMS, Refusal, refusal_of
from ziggurat.store.errors import NotFoundError

MESSAGES: Mapping[str, tuple[int, str]] = {
    "invalid_payload": (400, "Invalid payload"),
    "invalid_query_params": (400, "Invalid query params"),
    "invalid_or_expired_cursor": (400, "Invalid or expired cursor"),
    "cursor_and_query_mismatch": (400, "Cursor and query mismatch"),
    "invalid_state_transition": (400, "Invalid state transition"),
    "resource_in_use": (400, "Resource in use"),
    "unauthorized": (401, "Unauthorized"),
    "forbidden": (403, "Forbidden"),
    "tiers_per_tier_structure_limit_exceeded": (403, "Too many tiers in the tier structure"),
    "tier_structure_assignments_limit_exceeded": (403, "Too many tier structures on the program"),
    "card_definition_assignments_limit_exceeded": (403, "Too many card definitions on the program"),
    "not_found": (404, "Resource not found"),
    "method_not_allowed": (405, "Method not allowed"),
    "member_already_exists": (409, "Member already exists"),
    "duplicate_found": (409, "Duplicate found"),
    "payload_too_large": (413, "Request Entity Too Large"),
    "non_active_program": (423, "Program is not active"),
    "non_active_member": (423, "Member is not active"),
    "program_outside_validity_window": (423, "Program is outside of its validity window"),
    "non_draft_program": (423, "Program is not a draft"),
    "non_active_tier_structure": (423, "Tier structure is not active"),
    "missing_card_definition_assignment": (423, "Card definition is not assigned to the program"),
    "missing_active_card_definition": (423, "Program has no active card definition"),
    "connected_non_active_tier_structure": (423, "An assigned tier structure is not active"),
    "connected_draft_tier_structure": (423, "An assigned tier structure is a draft"),
    "connected_non_draft_program": (423, "A program that is not a draft uses it"),
    "insufficient_card_balance": (423, "Insufficient card balance"),
    "zero_card_balance": (423, "Card has no points"),
    "resource_locked": (423, "Resource locked"),
    "too_many_requests": (429, "Too many requests hit the API too quickly."),
    "api_error": (500, "Something went wrong"),
    "service_unavailable": (503, "Service unavailable"),
}
"""Status and message of each key. The keys up to 404, 409 and 423 are the vendor's; clients switch on them."""


class ApiError(Exception):
    """A refusal with one of the keys of `MESSAGES`."""

    def __init__(
        self,
        key: str,
        details: str = "",
        *,
        resource: tuple[str, str] | None = None,
        status: int | None = None,
        related: tuple[str, Sequence[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.key = key
        self.details = details
        self.resource = resource
        self.status = status or MESSAGES[key][0]
        self.related = related
        self.headers = dict(headers or {})
        super().__init__(f"{key}: {details}")


def not_found(kind: str, id_: str) -> ApiError:
    """That there is no such resource."""
    return ApiError("not_found", f"Cannot find {kind} with id {id_}", resource=(kind, id_))


def api_error_of(error: Exception) -> ApiError:  # noqa: PLR0911 - one line a kind
    """Any error as the vendor would tell it."""
    match error:
        case ApiError():
            return error
        case InvalidProgramError():
            return ApiError("invalid_payload", "; ".join(str(fault) for fault in error.faults))
        case InvalidRequestError():
            return ApiError("invalid_payload", str(error))
        case NotFoundError():
            return not_found(error.kind, str(error.key))
        case WrongStateError():
            return ApiError("resource_locked", str(error))
        case ApprovalRequiredError() | ActivationPendingError():
            return ApiError("resource_locked", str(error))
    refusal = refusal_of(error)
    key = _KEYS.get(refusal.code) or _KEY_OF_STATUS.get(PROBLEMS[refusal.code].status, "api_error")
    headers = {name: value for name, value in refusal.headers.items() if name != "www-authenticate"}
    return ApiError(key, refusal.detail, headers=headers)


_KEYS = {
    "route_not_found": "not_found",
    "rate_limited": "too_many_requests",
    "body_too_large": "payload_too_large",
    "malformed_body": "invalid_payload",
    "invalid_request": "invalid_payload",
    "stale_version": "resource_locked",
}
_KEY_OF_STATUS = {
    400: "invalid_payload",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "resource_locked",
    410: "not_found",
    412: "resource_locked",
    415: "invalid_payload",
    422: "invalid_payload",
    503: "service_unavailable",
}


def error_body(error: ApiError, request_id: str) -> dict[str, Any]:
    """What is sent. Without credentials just the three fields that the vendor documents for 401."""
    message = MESSAGES[error.key][1]
    if error.key == "unauthorized":
        return {"code": 401, "message": message, "key": error.key}
    if error.key == "payload_too_large":
        return {"statusCode": 413, "error": message, "message": error.details or message}
    said: dict[str, Any] = {"code": error.status, "key": error.key, "message": message}
    if error.details:
        said["details"] = error.details
    said["request_id"] = f"v-{request_id.encode().hex()[:32]}"
    if error.resource:
        said["resource_type"], said["resource_id"] = error.resource
    if error.related:
        kind, ids = error.related
        said |= {"related_object_ids": list(ids), "related_object_type": kind, "related_object_total": len(ids)}
    return said


def refused(error: Exception, request_id: str) -> Response:
    """The response to what went wrong."""
    told = api_error_of(error)
    if told.status >= FIRST_SERVER_STATUS:
        log(logging.ERROR, "a face's operation failed", {"request_id": request_id, "key": told.key}, error)
    if isinstance(error, Refusal) and error.code == "method_not_allowed":
        told.status = 405
    headers = {"content-type": "application/json", **told.headers}
    return Response(render(error_body(told, request_id)), told.status, headers)
