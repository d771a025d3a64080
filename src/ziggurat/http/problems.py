"""Every way the native API refuses: RFC 9457 problems with stable codes.

`PROBLEMS` is the one table from code to status. A domain error is looked up by its own code; what a door finds out by
itself it raises as `Refusal`. The table stands in order of precedence: of several reasons, the first is told.
docs/errors.md lists the same, and a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ziggurat.app.errors import InvalidRequestError
from ziggurat.errors import Fault, InvalidProgramError, ZigguratError
from ziggurat.http.json_pointers import pointer_of_path
from ziggurat.http.json_text import render
from ziggurat.program.audience_rules import InvalidAudienceError

MEDIA_TYPE = "application/problem+json"
FIRST_SERVER_STATUS = 500


@dataclass(frozen=True, slots=True)
class ProblemType:
    """What all problems of one code share; `meaning` is for the reference page."""

    status: int
    title: str
    meaning: str


_P = ProblemType
PROBLEMS: Mapping[str, ProblemType] = {
    # the request as such
    "route_not_found": _P(
        404, "No such address", "The path belongs to no operation; `GET /v1/openapi.json` lists them all."
    ),
    "method_not_allowed": _P(405, "Method not allowed", "The path exists; `Allow` lists its methods."),
    "authentication_required": _P(
        401,
        "Authentication required",
        "There is no usable `Authorization: Bearer SECRET` header; `ziggurat keys create` makes a secret.",
    ),
    "invalid_key": _P(
        401,
        "Unknown or revoked key",
        "The secret belongs to no key that is in force; `ziggurat keys create` makes one.",
    ),
    "scope_missing": _P(403, "The key may not do this", "The key lacks the scope named in `params.scope`."),
    "rate_limited": _P(429, "Too many requests", "`Retry-After` says when to come back."),
    "unsupported_media_type": _P(415, "Unsupported content type", "The operation does not read that `Content-Type`."),
    "body_too_large": _P(413, "Body too large", "The body has more bytes than the operation takes."),
    "invalid_header": _P(400, "Invalid header", "A header that the operation reads says nothing it can mean."),
    "malformed_body": _P(400, "Malformed body", "The body is not UTF-8, not JSON, or nests too deep."),
    "invalid_request": _P(422, "Invalid request", "`faults` lists everything wrong with body and parameters."),
    "invalid_cursor": _P(400, "Invalid cursor", "The cursor was not made for this query by this service."),
    "expired_cursor": _P(400, "Expired cursor", "The cursor is too old; start from the first page."),
    "precondition_required": _P(
        428, "If-Match required", "Read first, then send the ETag as `If-Match`; `*` takes any version, and none."
    ),
    "idempotency_key_reused": _P(422, "Idempotency key reused", "The key was used for another request."),
    "request_in_flight": _P(409, "Still being answered", "The first request with this idempotency key is under way."),
    "answer_lost": _P(
        409, "Carried out, answer lost", "The request with this idempotency key was carried out; read what came of it."
    ),
    # what is asked for
    "not_found": _P(404, "Not found", "Nothing of that kind has that name in this organization."),
    "stale_version": _P(412, "Changed since it was read", "Somebody else changed it; read it again."),
    "unknown_tier": _P(422, "No such tier", "The program has no tier of that name; `params.tiers` are those it has."),
    "member_merged": _P(409, "Merged into another member", "Ask the member named in `params.into` instead."),
    "member_erased": _P(410, "Erased", "The member's identifying data is gone; anonymous totals remain."),
    "already_exists": _P(409, "Already there", "Something of that kind has that name already."),
    "invalid_program": _P(422, "Invalid program", "`faults` lists everything wrong with the document."),
    "invalid_audience": _P(422, "Invalid audience", "`faults` lists everything wrong with the rules."),
    "invalid_members": _P(422, "Invalid members", "What is said of members cannot be kept; `detail` says of whom."),
    "object_too_large": _P(413, "File too large", "The file has more bytes than an import takes."),
    "sync_in_progress": _P(409, "Being synced already", "One sync of an audience runs at a time."),
    "batch_too_large": _P(413, "Too many events", "One request brings more events than it may."),
    "event_refused": _P(422, "Event refused", "The event that the operation writes was refused; `detail` says why."),
    "webhook_target_refused": _P(422, "Address refused", "Messages are not sent to such an address."),
    "wrong_state": _P(409, "Not in this state", "`params.state` is not one of `params.allowed`."),
    "own_draft": _P(403, "One's own draft", "Somebody else than its author decides on a draft."),
    "approval_required": _P(409, "Approval required", "The draft is to be approved before it is activated."),
    "outdated_draft": _P(
        409, "Draft is outdated", "The draft changes an earlier revision than the latest; save it again."
    ),
    "activation_pending": _P(409, "Activation under way", "A revision is not yet in force for everybody."),
    "refused": _P(422, "Refused", "The operation was refused; `detail` says why."),
    # the database
    "concurrent_change": _P(503, "Others were in the way", "The transaction gave in to others; try again."),
    "database_locked": _P(503, "Database busy", "Another writer held the database for too long; try again."),
    "database_full": _P(507, "Database full", "The database has no room left."),
    "database_read_only": _P(503, "Database is read-only", "The database may be read but not written."),
    "database_timeout": _P(503, "Database too slow", "A statement took longer than allowed."),
    "database_unavailable": _P(503, "Database unavailable", "The database cannot be reached or opened."),
    "objects_unavailable": _P(503, "No place for files", "The place where files are kept cannot be used."),
    "schema_older": _P(503, "Database wants migrating", "Run `ziggurat migrate`."),
    "schema_newer": _P(503, "Database is newer", "A newer version of Ziggurat has migrated the database."),
    "database_error": _P(500, "Database error", "The database did not do what was asked."),
    "internal_error": _P(500, "Internal error", "A fault of Ziggurat's; the log has it under the request id."),
}

RETRY_AFTER_SECONDS: Mapping[str, int] = {
    "request_in_flight": 1,
    "concurrent_change": 1,
    "database_locked": 1,
    "database_timeout": 5,
    "database_unavailable": 5,
}
"""Where trying again helps, and after how long."""


@dataclass(frozen=True, slots=True)
class WireFault:
    """One thing wrong: `pointer` (RFC 6901) into the body, or the name of a `parameter` or `header`."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    remedy: str = ""

    def on_the_wire(self) -> dict[str, str]:
        said = {
            "pointer": self.pointer,
            "parameter": self.parameter,
            "header": self.header,
            "detail": self.detail,
            "remedy": self.remedy or None,
        }
        return {name: value for name, value in said.items() if value is not None}


class Refusal(Exception):
    """What the door itself refuses; `code` is one of `PROBLEMS`."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        faults: Sequence[WireFault] = (),
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.detail = detail
        self.faults = tuple(faults)
        self.params = dict(params or {})
        self.headers = dict(headers or {})
        super().__init__(f"{code}: {detail}")


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal ready to be sent: status, headers and body."""

    code: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def refusal_of(error: Exception) -> Refusal:
    """`error` as a refusal. What nobody foresaw is an `internal_error`, without a word about its inside."""
    match error:
        case Refusal():
            return error
        case InvalidProgramError() | InvalidAudienceError():
            faults = tuple(wire_fault(fault) for fault in error.faults)
            count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
            where = "document" if isinstance(error, InvalidProgramError) else "rules"
            return Refusal(error.code, f"{count} in the {where}", faults=faults)
        case InvalidRequestError():
            fault = WireFault(error.problem, parameter=error.field)
            return Refusal(error.code, str(error), faults=[fault])
        case ZigguratError():
            code = error.code if error.code in PROBLEMS else "refused"
            if PROBLEMS[code].status >= FIRST_SERVER_STATUS:
                return Refusal(code)  # messages of databases name hosts and files
            return Refusal(code, str(error), params=_plain_params(error))
        case _:
            return Refusal("internal_error")


def problem_of(refusal: Refusal, request_id: str) -> Problem:
    """`refusal` as it is sent."""
    kind = PROBLEMS[refusal.code]
    document: dict[str, Any] = {
        "type": f"urn:ziggurat:problem:{refusal.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": refusal.detail or kind.meaning,
        "instance": f"urn:ziggurat:request:{request_id}",
        "code": refusal.code,
    }
    if refusal.faults:
        document["faults"] = [fault.on_the_wire() for fault in refusal.faults]
    if refusal.params:
        document["params"] = refusal.params
    headers = {"content-type": MEDIA_TYPE, **refusal.headers}
    if refusal.code in RETRY_AFTER_SECONDS:
        headers.setdefault("retry-after", str(RETRY_AFTER_SECONDS[refusal.code]))
    return Problem(refusal.code, kind.status, headers, render(document))


def wire_fault(fault: Fault) -> WireFault:
    """A fault of a document, whose path reads `tiers[2].from`, with a pointer into it."""
    return WireFault(fault.problem, pointer=pointer_of_path(fault.path), remedy=fault.remedy)


def _plain_params(error: ZigguratError) -> dict[str, Any]:
    """The typed parameters of a domain error that JSON can say."""
    given = vars(error)
    plain = {name: value for name, value in given.items() if value is None or isinstance(value, str | int | bool)}
    return plain | {name: list(value) for name, value in given.items() if _is_words(value)}


def _is_words(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, str) for each in value)
