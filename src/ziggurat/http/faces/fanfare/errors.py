"""The vendor's refusals: `validation_error` with issues, or `{"error": phrase}`; and which of them stands for what.

Phrases that the vendor has not published are ours and marked so in docs/faces/fanfare.md.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from ziggurat.app.errors import InvalidRequestError
from ziggurat.errors import InvalidProgramError, ZigguratError
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Issue
from ziggurat.http.json_logs import log
from ziggurat.http.json_text import render
from ziggurat.http.problems import FIRST_SERVER_STATUS, PROBLEMS, Refusal, refusal_of
from ziggurat.program.audience_rules import InvalidAudienceError
from ziggurat.store.errors import NotFoundError

_INTERNAL = "Internal server error"


class FanfareError(Exception):
    """A refusal in one phrase."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        super().__init__(message)


def not_found(what: str) -> FanfareError:
    """Nothing of that kind: `what` starts the sentence."""
    return FanfareError(404, f"{what} not found")


_KINDS = {
    "audience": "Audience",
    "group": "Audience group",
    "member": "Consumer",
    "import": "Import",
    "program": "Audience group",
}
"""How the vendor calls what has another name here."""
_BY_CODE: Mapping[str, tuple[int, str]] = {
    # code here -> status, phrase ("" is what the error itself says)
    "authentication_required": (401, "Authentication required"),
    "invalid_key": (401, "Authentication required"),
    "scope_missing": (403, ""),
    "rate_limited": (429, "Rate limit exceeded"),
    "route_not_found": (404, "Not found"),
    "method_not_allowed": (405, "Method not allowed"),
    "body_too_large": (413, "Request body is too large"),
    "object_too_large": (413, "File is too large"),
    "stale_version": (409, "Changed by somebody else meanwhile"),
    "concurrent_change": (503, "Changed by others meanwhile, try again"),
    "sync_in_progress": (409, "Sync already in progress"),
    "activation_pending": (409, "An earlier change of these tiers is still being carried out"),
    "approval_required": (409, "Changes of tiers are approved by somebody else here"),
    "wrong_state": (409, ""),
    "member_erased": (404, "Consumer not found"),
    "member_merged": (404, "Consumer not found"),
    "already_exists": (409, ""),
    "idempotency_key_reused": (409, "The idempotency key was used for another request"),
    "request_in_flight": (409, "The first request with this idempotency key is being answered"),
}
_KEPT_HEADERS = ("retry-after", "connection", "allow", "www-authenticate", "ratelimit", "ratelimit-policy")


def refused(error: Exception, request_id: str) -> Response:
    """The response to `error`."""
    headers = {"content-type": "application/json", "x-request-id": request_id}
    if isinstance(error, InvalidRequestError | InvalidAudienceError | InvalidProgramError):
        error = _as_issues(error)
    if isinstance(error, InvalidInputError):
        return Response(render(error.on_the_wire()), 400, headers)
    said: dict[str, Any] = {}
    if not isinstance(error, FanfareError):
        refusal = refusal_of(error)
        error = _worded(error, refusal, request_id)
        kept = {name.lower(): value for name, value in refusal.headers.items()}
        error.headers |= {name: value for name, value in kept.items() if name in _KEPT_HEADERS}
        if "retry-after" in error.headers and refusal.code == "rate_limited":
            said["retryAfter"] = int(error.headers["retry-after"])
    headers |= error.headers
    return Response(render({"error": error.message, **said}), error.status, headers)


def _worded(error: Exception, refusal: Refusal, request_id: str) -> FanfareError:
    if isinstance(error, NotFoundError):
        return not_found(_KINDS.get(error.kind, error.kind.capitalize()))
    status, message = _BY_CODE.get(refusal.code, (PROBLEMS[refusal.code].status, ""))
    if status == FIRST_SERVER_STATUS:
        log(logging.ERROR, "an operation failed", {"request_id": request_id, "code": refusal.code}, error)
        return FanfareError(status, _INTERNAL)
    if not message:
        is_ours = isinstance(error, ZigguratError) and status < FIRST_SERVER_STATUS
        message = str(error) if is_ours else refusal.detail or PROBLEMS[refusal.code].title
    return FanfareError(_UNPROCESSABLE.get(status, status), message)


_UNPROCESSABLE = {422: 400, 412: 409, 428: 409, 410: 404}
"""Statuses that the vendor does not use, and what it uses instead."""


def _as_issues(error: ZigguratError) -> InvalidInputError:
    """What the use cases refuse of a value, as issues without a place in the body."""
    if isinstance(error, InvalidRequestError):
        return InvalidInputError([_plain(str(error), error.field)], None)
    faults = error.faults if isinstance(error, InvalidAudienceError | InvalidProgramError) else ()
    return InvalidInputError([_plain(str(fault), fault.path) for fault in faults], None)


def _plain(message: str, where: str) -> Issue:
    return Issue((), "check", where, "undefined", message, kind="validation")
