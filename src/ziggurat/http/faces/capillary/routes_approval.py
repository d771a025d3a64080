"""Submit, approve or reject, and what waits for approval. Approval makes the record the program's next revision."""

from __future__ import annotations

from typing import Any

from ziggurat.app.faces.change_face_documents import FaceDocuments, change_face_documents, read_face_documents
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.capillary import wire
from ziggurat.http.faces.capillary.changes import check, with_tier
from ziggurat.http.faces.capillary.errors import CapillaryError, conflict, not_found, plain
from ziggurat.http.faces.capillary.numbers import FACE, is_object_id, organization_number
from ziggurat.http.faces.capillary.once import once
from ziggurat.http.faces.capillary.reading import read_body
from ziggurat.http.faces.capillary.records import OPEN, Ladder, Record, find_record, makers_of, open_ladder
from ziggurat.http.faces.capillary.routes_tiers import PROGRAM_PARAMETER, program_of_query
from ziggurat.http.faces.capillary.shown import answer, record_view
from ziggurat.program.write import program_document

_CONTENT = ("name", "description", "color", "eligibility", "validity")
_SUBMITTED = "PENDING_APPROVAL"


def _submit(visit: Visit) -> Any:
    id_ = _object_id(visit)

    def work(docs: FaceDocuments) -> Any:
        ladder, record = _opened(docs, id_)
        if not record.is_open or record.status == _SUBMITTED:
            raise conflict(f"the tier is in status {record.status}; only a DRAFT is submitted")
        check(ladder, record.tier, record.serialNumber, _content(record))
        row = docs.save(record.row, status=_SUBMITTED, submittedBy=docs.context.actor, comments=None)
        return answer(record_view(ladder, Record(row), _organization(visit)))

    return once(visit, lambda: change_face_documents(visit.context, FACE, work))


def _decide(visit: Visit) -> Any:
    id_ = _object_id(visit)
    said = read_body(wire.ApproveBody, visit.body)

    def work(docs: FaceDocuments) -> Any:
        ladder, record = _opened(docs, id_)
        if record.status != _SUBMITTED:
            raise conflict(f"the tier is in status {record.status}; only one in PENDING_APPROVAL is decided on")
        if docs.context.actor in makers_of(record) and not docs.may_approve_own():
            raise CapillaryError(403, plain("a tier is approved by somebody else than who wrote or submitted it"))
        comment = said.get("comment")
        if said["approvalStatus"] == "REJECT":  # back to its maker as a DRAFT, with the comment
            row = docs.save(record.row, status="DRAFT", comments=comment)
            return answer(record_view(ladder, Record(row), _organization(visit)))
        content = _content(record)
        check(ladder, record.tier, record.serialNumber, content)
        document = program_document(with_tier(ladder.program, record.tier, content))
        docs.publish(ladder.id, document, author=record.updatedBy, note=comment or "")
        for each in ladder.records:
            if each.tier == record.tier and each.status == "ACTIVE":
                docs.save(each.row, status="SNAPSHOT")
        docs.save(record.row, status="ACTIVE", comments=comment)
        return answer(
            record_view(open_ladder(docs, ladder.id, lock=True), find_record(docs, id_), _organization(visit))
        )

    return once(visit, lambda: change_face_documents(visit.context, FACE, work))


def _pending(visit: Visit) -> Any:
    program = program_of_query(visit)
    ladder = read_face_documents(visit.context, FACE, lambda docs: open_ladder(docs, program))
    waiting = [record for record in ladder.records if record.status == _SUBMITTED]
    return answer([record_view(ladder, record, _organization(visit)) for record in waiting])


def _object_id(visit: Visit) -> str:
    if not is_object_id(visit.path["tier_id"]):
        raise not_found(visit.path["tier_id"])
    return visit.path["tier_id"]


def _opened(docs: FaceDocuments, id_: str) -> tuple[Ladder, Record]:
    """The record as it is once nobody else can change it, and its program."""
    program = find_record(docs, id_).row.parent
    ladder = open_ladder(docs, program, lock=True)
    record = find_record(docs, id_)
    if record.status in OPEN and record.version > 1 and ladder.tier(record.tier) is None:
        raise conflict("the published tier that this is a version of is gone")
    return ladder, record


def _content(record: Record) -> dict[str, Any]:
    return {name: record.row.document[name] for name in _CONTENT}


def _organization(visit: Visit) -> int:
    return organization_number(str(visit.context.scope.organization_id))


_ONE = "/v3/tiers/{tier_id}"
APPROVAL_ROUTES = (
    FaceRoute(
        method="GET", path="/v3/tiers/approvals", scope=KeyScope.APPROVE, run=_pending,
        summary="What waits for approval", answer=wire.RecordsAnswer,
        parameters=({**PROGRAM_PARAMETER, "required": True},),
    ),
    FaceRoute(
        method="POST", path=f"{_ONE}/submit", scope=KeyScope.DESIGN, run=_submit, summary="Submit for approval",
        answer=wire.RecordAnswer, refusals=(409,),
    ),
    FaceRoute(
        method="POST", path=f"{_ONE}/approve", scope=KeyScope.APPROVE, run=_decide, summary="Approve or reject",
        body=wire.ApproveBody, answer=wire.RecordAnswer, refusals=(409,),
    ),
)  # fmt: skip
