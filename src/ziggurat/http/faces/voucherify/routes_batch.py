"""Many members at once, and the asynchronous actions that tell what became of them.

An action is over when its id is answered. An entry that cannot be is left out and says why; the others are members.
"""

from __future__ import annotations

from typing import Any

from ziggurat import limits
from ziggurat.app.errors import RefusedEventError
from ziggurat.app.events.evaluate_members import warm_up
from ziggurat.app.faces.change_face_documents import FaceDocuments, change_face_documents, read_face_documents
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import FaceRoute, Reply, Visit
from ziggurat.http.faces.voucherify import wire_batch as wire
from ziggurat.http.faces.voucherify.dialect import FACE
from ziggurat.http.faces.voucherify.enrolment import enrol, require_open
from ziggurat.http.faces.voucherify.errors import MESSAGES, ApiError, not_found
from ziggurat.http.faces.voucherify.ids import customer_id, new_id
from ziggurat.http.faces.voucherify.lists import only_parameters
from ziggurat.http.faces.voucherify.members import member_of
from ziggurat.http.faces.voucherify.programs import find_program
from ziggurat.http.faces.voucherify.read_wire import checked, json_of
from ziggurat.http.faces.voucherify.routes_programs import ONE as PROGRAM
from ziggurat.http.faces.voucherify.translate_rules import Wire
from ziggurat.http.faces.voucherify.wire_members import MemberCreate

KIND = "async_action"
ROW = "async_action_row"
"""What became of one entry; it is about somebody, and goes with her."""
TYPE = "LOYALTY_MEMBERS_CREATE"
"""Our word: the vendor's is not documented."""
_STEP = 100


def batch_routes() -> list[FaceRoute]:
    """The route that makes many members."""
    return [
        FaceRoute(
            method="POST",
            path=f"{PROGRAM}/members/batch",
            scope=KeyScope.INGEST,
            run=_create,
            summary="Make many customers members",
            body=wire.MembersCreate,
            answer=wire.Accepted,
            status=202,
            refusals=(404, 423),
        )
    ]


def async_action_routes() -> list[FaceRoute]:
    """The route that tells what became of an action, which stands under /v1."""
    return [
        FaceRoute(
            method="GET",
            path="/async-actions/{asyncActionId}",
            scope=KeyScope.READ,
            run=_get,
            summary="What became of an asynchronous action",
            answer=wire.AsyncAction,
            refusals=(404,),
        )
    ]


def _create(visit: Visit) -> Reply:
    only_parameters(visit, ())
    id_, program_id = new_id("aa"), visit.path["programId"]
    program = read_face_documents(visit.context, FACE, lambda documents: find_program(documents, program_id))
    require_open(visit, program)
    entries = json_of(visit.body)
    problem = _problem(entries)
    rows: list[Wire] = []
    if problem is None:
        warm_up()
        for start in range(0, len(entries), _STEP):
            rows += _make(visit, program_id, entries[start : start + _STEP], start)
    at = millisecond_text(visit.context.now)
    action = {
        "id": id_,
        "type": TYPE,
        "status": "FAILED" if problem else "DONE",
        "operation_status": "FAILED" if problem else "SUCCESS",
        "created_at": at,
        "updated_at": at,
        "progress": 100,
        "result": {"error": problem},
        "object": "async_action",
    }

    def keep(documents: FaceDocuments) -> None:
        documents.create(KIND, id_, action)
        for number, row in enumerate(rows):
            documents.create(ROW, f"{id_} {number}", row, parent=id_, subject=_about(documents, row))

    change_face_documents(visit.context, FACE, keep)
    return Reply({"async_action_id": id_}, 202)


def _problem(entries: Any) -> str | None:
    """What is wrong with the body as a whole, in the vendor's words."""
    if not isinstance(entries, list):
        return "top_level_object_should_be_an_array"
    return "invalid_request_payload" if not entries or None in entries else None


def _make(visit: Visit, program_id: str, entries: list[Any], start: int) -> list[Wire]:
    """The rows of the report for some entries, made in one transaction; one by one if the ledger refuses any."""
    ids = [new_id("lmbr") for _ in entries]

    def work(documents: FaceDocuments) -> list[Wire]:
        program = find_program(documents, program_id)
        rows = []
        for index, (entry, id_) in enumerate(zip(entries, ids, strict=True)):
            try:
                _require_place(start + index)
                enrol(visit, documents, program, checked(MemberCreate, entry), id_)
            except ApiError as error:
                rows.append(_row(entry, program_id, None, f"{MESSAGES[error.key][1]}: {error.details}"))
            else:
                rows.append(_row(entry, program_id, id_, None))
        return rows

    try:
        return change_face_documents(visit.context, FACE, work)
    except RefusedEventError as error:
        if len(entries) == 1:
            return [_row(entries[0], program_id, None, str(error))]
    return [row for index, entry in enumerate(entries) for row in _make(visit, program_id, [entry], start + index)]


def _require_place(index: int) -> None:
    if index >= wire.MEMBERS_MAX:
        raise ApiError("invalid_payload", f"More than {wire.MEMBERS_MAX} entries")


def _about(documents: FaceDocuments, row: Wire) -> str | None:
    """The member whom a row of the report names, known or not; None if nobody can be called that."""
    named, source = row["customer_id"], row["customer_source_id"]
    customer = named if isinstance(named, str) else customer_id(source) if isinstance(source, str) else ""
    possible = 0 < len(customer) <= 2 * limits.IDENTIFIER_CHARACTERS_MAX and customer.isprintable()
    return member_of(documents, customer) if possible else None


def _row(entry: Any, program: str, member: str | None, error: str | None) -> Wire:
    named = entry if isinstance(entry, dict) else {}
    other = named.get("customer_identification")
    other = other if isinstance(other, dict) else {}
    return {
        "identification_type": other.get("type", "customer_id"),
        "customer_id": named.get("customer_id") or other.get("customer_id"),
        "customer_source_id": other.get("customer_source_id"),
        "program_id": program,
        "member_id": member,
        "created": member is not None,
        "error": error,
    }


def _get(visit: Visit) -> Wire:
    only_parameters(visit, ())
    id_ = visit.path["asyncActionId"]

    def both(documents: FaceDocuments) -> Wire | None:
        found = documents.find(KIND, id_)
        if found is None:
            return None
        rows = [row.document for row in documents.every(ROW, id_)]
        return found.document | {"result": {**found.document["result"], "rows": rows}}

    told = read_face_documents(visit.context, FACE, both)
    if told is None:
        raise not_found("async_action", id_)
    return told
