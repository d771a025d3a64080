"""`{data, errors, warnings}`: the vendor's numbers, and which of them stands for what Ziggurat refuses.

A number that the vendor has not published is never made up: such refusals carry 999999 and say what is wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.responses import Response

from ziggurat.errors import InvalidProgramError, ZigguratError
from ziggurat.http.json_logs import log
from ziggurat.http.json_text import render
from ziggurat.http.problems import FIRST_SERVER_STATUS, PROBLEMS, refusal_of

_UNPROCESSABLE = 422
GENERIC = 999_999
"""The number of everything without one of its own, and of all conflicts."""
NUMBERS: Mapping[str, int] = {
    "TIER.NAME_TOO_LONG": 9002,
    "TIER.PROGRAM_ID_REQUIRED": 9003,
    "TIER.INVALID_KPI_TYPE": 9004,
    "TIER.THRESHOLD_MUST_BE_POSITIVE": 9005,
    "TIER.INVALID_COLOR_CODE": 9006,
    "TIER.DESCRIPTION_TOO_LONG": 9008,
    "TIER.INVALID_UPGRADE_TYPE": 9009,
    "TIER.NAME_BLANK_ON_UPDATE": 9026,
    "TIER.UPGRADE_VALUE_OUT_OF_RANGE": 9028,
    "TIER.TRACKER_ID_REQUIRED": 9029,
    "TIER.PROGRAM_KPI_TYPE_MISMATCH": 9043,
    "TIER.THRESHOLD_NOT_MONOTONIC": 9044,
    "TIER.END_DATE_FORBIDDEN_ON_WRITE": 9048,
    "TIER.NOT_FOUND": 9056,
}
STATUS_FILTER = 9057
"""The number for `status` on the list; its name is not published."""
NOT_EDITABLE = "TIER_NOT_EDITABLE_IN_STATUS"
NAME_TAKEN = "TIER_NAME_TAKEN"
NOT_DELETABLE = "TIER_NOT_DELETABLE_NON_DRAFT"


class Said(NamedTuple):
    """One error or warning."""

    code: int
    message: str


def named(code: str, message: str) -> Said:
    """An error of the vendor's table; its symbolic name starts the message."""
    return Said(NUMBERS.get(code, GENERIC), f"{code}: {message}")


def plain(message: str) -> Said:
    """An error without a published number."""
    return Said(GENERIC, message)


class CapillaryError(Exception):
    """A refusal in the vendor's words; `v2` for the older envelope."""

    def __init__(self, status: int, *errors: Said, v2: bool = False) -> None:
        self.status = status
        self.errors = errors
        self.v2 = v2
        super().__init__("; ".join(said.message for said in errors))


def invalid(errors: Sequence[Said]) -> CapillaryError:
    """A request with faults."""
    return CapillaryError(400, *errors)


def not_found(tier_id: str) -> CapillaryError:
    """No tier, or an id of a kind that the operation does not take."""
    return CapillaryError(404, named("TIER.NOT_FOUND", f"no tier matches {tier_id[:80]}"))


def conflict(message: str, code: str = "") -> CapillaryError:
    """A state that does not allow it."""
    return CapillaryError(409, named(code, message) if code else plain(message))


_BY_CODE: Mapping[str, tuple[int, str]] = {
    "invalid_request": (400, ""),
    "invalid_program": (400, ""),
    "invalid_header": (400, ""),
    "idempotency_key_reused": (409, "the Idempotency-Key was used for another request"),
    "stale_version": (409, "somebody else was quicker"),
    "unknown_tier": (400, ""),
    "event_refused": (400, ""),
    "member_erased": (404, "the customer was erased"),
    "method_not_allowed": (405, ""),
}


def refused(error: Exception, request_id: str) -> Response:
    """The response to `error`."""
    headers = {"content-type": "application/json", "x-cap-request-id": request_id}
    if not isinstance(error, CapillaryError):
        refusal = refusal_of(error)
        status, message = _BY_CODE.get(refusal.code, (PROBLEMS[refusal.code].status, ""))
        status = 400 if status == _UNPROCESSABLE else status
        if status == FIRST_SERVER_STATUS:
            log(logging.ERROR, "an operation failed", {"request_id": request_id, "code": refusal.code}, error)
        wanted = ("retry-after", "connection", "allow", "www-authenticate")
        headers |= {name: value for name, value in refusal.headers.items() if name.lower() in wanted}
        if isinstance(error, InvalidProgramError):
            message = "; ".join(str(fault) for fault in error.faults)
        elif isinstance(error, ZigguratError) and status < FIRST_SERVER_STATUS:
            message = message or str(error)
        error = CapillaryError(status, plain(message or refusal.detail or PROBLEMS[refusal.code].title))
    return Response(render(_envelope(error)), error.status, headers)


def _envelope(error: CapillaryError) -> dict[str, Any]:
    if error.v2:
        told = [{"status": False, "code": said.code, "message": said.message} for said in error.errors]
        return {"errors": told, "warnings": []}
    return {"data": None, "errors": messages(error.errors), "warnings": None}


def messages(said: Sequence[Said]) -> list[dict[str, Any]] | None:
    """Errors or warnings as they are sent; null when there are none."""
    return [each._asdict() for each in said] or None
