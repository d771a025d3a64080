"""Create, list, get, update and delete tiers."""

from __future__ import annotations

from typing import Any

from ziggurat.app.faces.change_face_documents import FaceDocuments, change_face_documents, read_face_documents
from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.count_tiers import count_tiers
from ziggurat.http.face_support.routes import FaceRoute, Reply, Visit
from ziggurat.http.faces.capillary import wire
from ziggurat.http.faces.capillary.changes import check, content_of, merged, too_many, warnings
from ziggurat.http.faces.capillary.errors import (
    NOT_DELETABLE,
    NOT_EDITABLE,
    STATUS_FILTER,
    CapillaryError,
    Said,
    conflict,
    named,
    not_found,
    plain,
)
from ziggurat.http.faces.capillary.numbers import (
    FACE,
    is_object_id,
    is_unique_id,
    new_object_id,
    number_of,
    slab_number,
    unique_id,
)
from ziggurat.http.faces.capillary.once import once
from ziggurat.http.faces.capillary.reading import read_body
from ziggurat.http.faces.capillary.records import (
    KIND,
    Ladder,
    Record,
    find_record,
    makers_of,
    open_ladder,
    program_id,
    program_ids,
)
from ziggurat.http.faces.capillary.shown import answer, editor_view, live_view
from ziggurat.http.faces.capillary.translate import upgrade_type_of
from ziggurat.program.model import Tier

CREATED = 200
"""The status of a created tier; the vendor names none but 204 for deleting."""
_EMPTY: dict[str, Any] = {"description": "", "color": "", "eligibility": {}, "validity": None}
PROGRAM_PARAMETER = {"name": "programId", "in": "query", "required": False, "schema": {"type": "integer"}}


# --- create


def _create(visit: Visit) -> Any:
    said = read_body(wire.CreateTierBody, visit.body)
    program = program_id(visit.context, said["programId"])

    def work(docs: FaceDocuments) -> Any:
        ladder = open_ladder(docs, program, lock=True)
        _refuse_second_draft(ladder)
        count = len(ladder.program.ladder) + sum(1 for _ in ladder.new_records())
        if count >= wire.TIERS_MAX:
            raise too_many(count)
        object_id = new_object_id()
        places = [len(ladder.program.ladder), *(record.serialNumber for record in ladder.new_records())]
        serial = max(places) + 1
        content = merged(_EMPTY, said)
        content["eligibility"].setdefault("upgradeType", upgrade_type_of(ladder.program))
        check(ladder, object_id, serial, content)
        row = docs.create(KIND, object_id, {
            **content, "tier": object_id, "status": "DRAFT", "version": 1, "parentId": None, "serialNumber": serial,
            "tierUniqueId": _free_unique_id(ladder, serial), "comments": None, "createdBy": visit.context.actor,
            **_touched(docs),
        }, parent=program)  # fmt: skip
        return answer(editor_view(ladder, Record(row)), warnings(ladder.program, said, content))

    return once(visit, lambda: change_face_documents(visit.context, FACE, work), CREATED)


def _free_unique_id(ladder: Ladder, serial: int) -> str:
    taken = {record.tierUniqueId for record in ladder.records if record.status != "DELETED"}
    number = serial
    while unique_id(ladder.number, number) in taken:
        number += 1
    return unique_id(ladder.number, number)


def _refuse_second_draft(ladder: Ladder) -> None:
    if any(record.status == "DRAFT" for record in ladder.records):
        raise conflict("the program has a DRAFT in progress already; submit or delete it first")


def _touched(docs: FaceDocuments, record: Record | None = None) -> dict[str, Any]:
    """Who did it and when; all who had a hand in it are its makers."""
    actor = docs.context.actor
    before = makers_of(record) if record else set()
    return {"updatedBy": actor, "updatedAt": docs.context.now, "makers": sorted({*before, actor})}


# --- list and get


def _list(visit: Visit) -> Any:
    query = visit.request.query_params
    if "status" in query:
        raise CapillaryError(400, Said(STATUS_FILTER, "status is no parameter of this list"))
    ladder = _read_ladder(visit, program_of_query(visit))
    tiers = _shown(visit, ladder)
    if "tier" in query:
        wanted = query["tier"]
        tiers = [tier for tier in tiers if wanted in (str(tier.get("slabId", "")), tier.get("tierUniqueId"))]
        if not tiers:
            raise not_found(wanted)
    return answer({"tiers": tiers})


def _get(visit: Visit) -> Any:
    id_ = visit.path["tier_id"]
    number = number_of(id_)
    if not (is_unique_id(id_) or number is not None):
        raise not_found(id_)
    for program, _ in program_ids(visit.context).values():
        ladder = _read_ladder(visit, program)
        found = [tier for tier in _shown(visit, ladder) if "tierUniqueId" in tier]
        own = [tier for tier in found if "objectId" in tier]  # others are not got by their slabId
        keys = {tier["tierUniqueId"] for tier in own if tier.get("slabId") == number} or {id_}
        tiers = [tier for tier in found if tier["tierUniqueId"] in keys]
        if tiers:
            return answer(tiers)
    raise not_found(id_)


def _read_ladder(visit: Visit, program: str) -> Ladder:
    return read_face_documents(visit.context, FACE, lambda docs: open_ladder(docs, program))


def _shown(visit: Visit, ladder: Ladder) -> list[dict[str, Any]]:
    """Live tiers and those that are to come, lowest first; of an edited one the live version before its draft."""
    counts = {count.tier_id: count.members for count in count_tiers(visit.context, ladder.id)}
    live = [
        live_view(ladder, tier, customers=counts.get(tier.key, 0), now=visit.context.now)
        for tier in ladder.program.ladder
    ]
    drafts = [editor_view(ladder, record) for record in ladder.open_records]
    return sorted(live + drafts, key=lambda tier: (tier["serialNumber"], tier["status"] != "LIVE"))


def program_of_query(visit: Visit) -> str:
    """The program that the query names.

    Raises:
        CapillaryError: 400, it names none.
    """
    said = visit.request.query_params.get("programId")
    number = number_of(said or "")
    if number is None:
        raise CapillaryError(400, plain("programId is required, a whole number"))
    return program_id(visit.context, number)


# --- update


def _update(visit: Visit) -> Any:
    id_ = visit.path["tier_id"]
    said = read_body(wire.UpdateTierBody, visit.body)
    if is_object_id(id_):
        return change_face_documents(visit.context, FACE, lambda docs: _update_record(docs, id_, said))
    number = number_of(id_)
    if number is None:
        raise not_found(id_)  # the tierUniqueId is not accepted here
    program = _program_with_slab(visit, number)
    return change_face_documents(visit.context, FACE, lambda docs: _update_slab(docs, program, number, visit, said))


def _update_record(docs: FaceDocuments, id_: str, said: dict[str, Any]) -> Any:
    record = find_record(docs, id_)
    ladder = open_ladder(docs, record.row.parent, lock=True)
    record = find_record(docs, id_)
    if record.is_open:
        content = merged({name: record.row.document[name] for name in ("name", *_EMPTY)}, said)
        check(ladder, record.tier, record.serialNumber, content)
        row = docs.save(record.row, **content, **_touched(docs, record))
        return answer(editor_view(ladder, Record(row)), warnings(ladder.program, said, content))
    live = ladder.tier(record.tier)
    if record.status != "ACTIVE":
        raise conflict(f"the tier is in status {record.status} and can't be edited", NOT_EDITABLE)
    if live is None:
        raise not_found(id_)
    return _new_version(docs, ladder, live, said)


def _update_slab(docs: FaceDocuments, program: str, number: int, visit: Visit, said: dict[str, Any]) -> Any:
    ladder = open_ladder(docs, program, lock=True)
    live = ladder.slab(number)
    if live is None:
        raise not_found(str(number))
    if ladder.active(live) is None:  # made elsewhere: the vendor wants to be told where
        given = visit.request.query_params.get("programId")
        if given is None:
            raise CapillaryError(400, named("TIER.PROGRAM_ID_REQUIRED", "programId is required for this slabId"))
        if number_of(given) != ladder.number:
            raise not_found(str(number))
    return _new_version(docs, ladder, live, said)


def _new_version(docs: FaceDocuments, ladder: Ladder, live: Tier, said: dict[str, Any]) -> Any:
    """A DRAFT of a published tier, which stays as it is until the draft is approved."""
    if ladder.draft(live.key) is not None:
        raise conflict("the tier has a version in progress already; edit that one")
    _refuse_second_draft(ladder)
    before = ladder.active(live)
    content = merged(content_of(ladder.program, live), said)
    serial = ladder.serial_of(live)
    check(ladder, live.key, serial, content)
    row = docs.create(KIND, new_object_id(), {
        **content, "tier": live.key, "status": "DRAFT", "version": before.version + 1 if before else 1,
        "parentId": before.object_id if before else None, "serialNumber": serial,
        "tierUniqueId": before.tierUniqueId if before else unique_id(ladder.number, serial), "comments": None,
        "createdBy": before.createdBy if before else docs.context.actor, **_touched(docs),
    }, parent=ladder.id)  # fmt: skip
    return answer(editor_view(ladder, Record(row)), warnings(ladder.program, said, content))


def _program_with_slab(visit: Visit, number: int) -> str:
    for program, read in program_ids(visit.context).values():
        if any(slab_number(program, tier) == number for tier in read.ladder):
            return program
    raise not_found(str(number))


# --- delete


def _delete(visit: Visit) -> Any:
    id_ = visit.path["tier_id"]
    if not is_object_id(id_):
        raise not_found(id_)

    def work(docs: FaceDocuments) -> None:
        record = find_record(docs, id_)
        if record.status != "DRAFT":
            raise conflict(f"the tier is in status {record.status}; only a DRAFT is deleted", NOT_DELETABLE)
        docs.save(record.row, status="DELETED", **_touched(docs, record))

    change_face_documents(visit.context, FACE, work)
    return Reply(None, 204)


def _programs(visit: Visit) -> Any:
    """Which number stands for which program: not of the vendor's."""
    return answer(
        [
            {"programId": number, "name": program.name, "program": id_}
            for number, (id_, program) in sorted(program_ids(visit.context).items())
        ]
    )


_ONE = "/v3/tiers/{tier_id}"
_TIER_PARAMETER = {"name": "tier", "in": "query", "required": False, "schema": {"type": "string"}}
_PROGRAM_REQUIRED = {**PROGRAM_PARAMETER, "required": True}
TIER_ROUTES = (
    FaceRoute(
        method="POST", path="/v3/tiers", scope=KeyScope.DESIGN, run=_create, summary="Create a tier",
        body=wire.CreateTierBody, answer=wire.EditorAnswer, refusals=(409,), status=CREATED,
    ),
    FaceRoute(
        method="GET", path="/v3/tiers", scope=KeyScope.READ, run=_list, summary="List the tiers of a program",
        answer=wire.TiersAnswer, parameters=(_PROGRAM_REQUIRED, _TIER_PARAMETER),
    ),
    FaceRoute(
        method="GET", path=_ONE, scope=KeyScope.READ, run=_get, summary="Get a tier", answer=wire.EditorsAnswer
    ),
    FaceRoute(
        method="PUT", path=_ONE, scope=KeyScope.DESIGN, run=_update, summary="Update a tier",
        body=wire.UpdateTierBody, answer=wire.EditorAnswer, refusals=(409,), parameters=(PROGRAM_PARAMETER,),
    ),
    FaceRoute(
        method="DELETE", path=_ONE, scope=KeyScope.DESIGN, run=_delete, summary="Delete a draft", refusals=(409,),
        status=204,
    ),
    FaceRoute(
        method="GET", path="/v3/programs", scope=KeyScope.READ, run=_programs,
        summary="Which number stands for which program (not of the vendor's)", answer=wire.ProgramsAnswer,
    ),
)  # fmt: skip
