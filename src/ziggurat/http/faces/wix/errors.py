"""The vendor's error envelope, and which of its codes stands for what Ziggurat refuses.

    {"message": ..., "details": {"applicationError": {"code", "description", "data"}}}
    {"message": ..., "details": {"validationError": {"fieldViolations": [{"field", "description", "violatedRule"}]}}}

System errors say nothing. Codes that the vendor has not published are ours and marked so in docs/faces/wix.md.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from ziggurat.errors import InvalidProgramError, ZigguratError
from ziggurat.http.json_logs import log
from ziggurat.http.json_text import render
from ziggurat.http.problems import PROBLEMS, Refusal, refusal_of

FIRST_SYSTEM_STATUS = 500


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a request: `field` is the path in it."""

    field: str
    description: str
    rule: str
    data: Mapping[str, Any] | None = None

    def on_the_wire(self) -> dict[str, Any]:
        said: dict[str, Any] = {"field": self.field, "description": self.description, "violatedRule": self.rule}
        return said | ({"data": dict(self.data)} if self.data else {})


class WixError(Exception):
    """An application error as the vendor words it."""

    def __init__(self, status: int, code: str, message: str, data: Mapping[str, Any] | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.data = dict(data or {})
        super().__init__(message)

    def on_the_wire(self) -> dict[str, Any]:
        """What stands under `applicationError`, and as the `error` of a bulk item."""
        return {"code": self.code, "description": self.message} | ({"data": self.data} if self.data else {})


class InvalidFieldsError(Exception):
    """A request with violations."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{each.field} {each.description}" for each in violations))


def required(field: str) -> InvalidFieldsError:
    """A field that is missing."""
    return InvalidFieldsError([Violation(field, "must not be empty", "REQUIRED_FIELD")])


def malformed_guid(field: str) -> InvalidFieldsError:
    """An id that is no GUID."""
    return InvalidFieldsError([Violation(field, "is not a valid GUID", "FORMAT", {"type": "GUID"})])


def tier_not_found(tier_id: str) -> WixError:
    """No such tier (code: unknown 2)."""
    return WixError(404, "TIER_NOT_FOUND", f"Tier {tier_id} was not found", {"tierId": tier_id})


def outdated_revision(entity_id: str) -> WixError:
    """Somebody else has changed it (unknown 3; as seen on a sister service)."""
    data = {"revisionViolation": {"entityId": entity_id}}
    return WixError(409, "INVALID_REVISION", f"Outdated revision for entity id {entity_id}", data)


def name_taken(tier_id: str) -> WixError:
    """Another tier has that name (code: unknown 1)."""
    return WixError(409, "TIER_NAME_ALREADY_EXISTS", "Another tier has that name", {"tierId": tier_id})


def points_taken(tier_id: str) -> WixError:
    """Another tier has those points (code: unknown 1)."""
    message = "Another tier has the same required points"
    return WixError(409, "TIER_REQUIRED_POINTS_ALREADY_EXISTS", message, {"tierId": tier_id})


def limit_reached(tiers_max: int) -> WixError:
    """No more tiers (code: unknown 12)."""
    return WixError(428, "TIERS_LIMIT_REACHED", f"Tiers limit reached [{tiers_max}]")


def settings_exist() -> WixError:
    """Settings are made once (unknown 10)."""
    return WixError(409, "ALREADY_EXISTS", "The tiers program has settings already")


_BY_CODE: Mapping[str, tuple[int, str, str]] = {
    # code here -> status, code there, message
    "authentication_required": (401, "UNAUTHENTICATED", "Unauthorized"),
    "invalid_key": (401, "UNAUTHENTICATED", "Unauthorized"),
    "scope_missing": (403, "PERMISSION_DENIED", "Insufficient Permissions"),
    "rate_limited": (429, "RESOURCE_EXHAUSTED", "Too many requests"),
    "route_not_found": (404, "NOT_FOUND", "Not found"),
    "method_not_allowed": (404, "NOT_FOUND", "Not found"),
    "body_too_large": (413, "RESOURCE_EXHAUSTED", "The body is too large"),
    "malformed_body": (400, "INVALID_ARGUMENT", "The body is no JSON"),
    "not_found": (404, "NOT_FOUND", "Not found"),
    "already_exists": (409, "ALREADY_EXISTS", "Already exists"),
    "stale_version": (409, "ABORTED", "entity has already changed since the requested revision"),
    "concurrent_change": (409, "ABORTED", "entity is being changed by others"),
    "activation_pending": (409, "ABORTED", "an earlier change is still being carried through the accounts"),
    "request_in_flight": (409, "ABORTED", "the first request with this idempotency key is being answered"),
    "idempotency_key_reused": (409, "ALREADY_EXISTS", "the idempotency key was used for another request"),
    "approval_required": (428, "APPROVAL_REQUIRED", "changes of programs are approved by somebody else here"),
    "invalid_request": (400, "INVALID_ARGUMENT", "The request says something that cannot be"),
    "invalid_program": (400, "INVALID_ARGUMENT", "The tiers make no ladder"),
    "member_erased": (404, "NOT_FOUND", "The account was erased"),
    "member_merged": (409, "ABORTED", "The account was merged into another one"),
    "event_refused": (400, "INVALID_ARGUMENT", "The transaction was refused"),
}


def refused(error: Exception, request_id: str) -> Response:
    """The response to `error`."""
    headers = {"content-type": "application/json"}
    if isinstance(error, InvalidFieldsError):
        found = [violation.on_the_wire() for violation in error.violations]
        return Response(render(_envelope(str(error), {"validationError": {"fieldViolations": found}})), 400, headers)
    if not isinstance(error, WixError):
        refusal = refusal_of(error)
        status = PROBLEMS[refusal.code].status
        if refusal.code not in _BY_CODE and status >= FIRST_SYSTEM_STATUS:
            if status == FIRST_SYSTEM_STATUS:
                fields = {"request_id": request_id, "code": refusal.code}
                log(logging.ERROR, "an operation failed", fields, error)
            return Response(render({"message": "", "details": {}}), status, headers)
        headers |= {name: value for name, value in refusal.headers.items() if name in ("retry-after", "connection")}
        error = _worded(error, refusal)
    told = _envelope(error.message, {"applicationError": error.on_the_wire()})
    return Response(render(told), error.status, headers)


def _worded(error: Exception, refusal: Refusal) -> WixError:
    status, code, message = _BY_CODE.get(refusal.code, (400, "INVALID_ARGUMENT", "The request was refused"))
    if isinstance(error, InvalidProgramError):
        message = "; ".join(str(fault) for fault in error.faults)
    elif status not in (401, 404) and isinstance(error, ZigguratError):
        message = str(error)
    return WixError(status, code, message)


def _envelope(message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    return {"message": message, "details": dict(details)}
