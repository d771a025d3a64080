"""Card definitions: make, list, read, change, delete, activate and make drafts of them again."""

from __future__ import annotations

from typing import Any

from ziggurat.app.faces.change_face_documents import FaceDocuments, change_face_documents, read_face_documents
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.voucherify import activities
from ziggurat.http.faces.voucherify import wire_members as wire
from ziggurat.http.faces.voucherify.cards import KIND, LEDGER, ledger_card, show_card_definition
from ziggurat.http.faces.voucherify.dialect import FACE, Dialect
from ziggurat.http.faces.voucherify.errors import ApiError, not_found
from ziggurat.http.faces.voucherify.ids import new_id
from ziggurat.http.faces.voucherify.kept import document_metadata
from ziggurat.http.faces.voucherify.lists import ListKind, only_parameters, page_of
from ziggurat.http.faces.voucherify.programs import programs_with_card
from ziggurat.http.faces.voucherify.read_wire import invalid, read_body
from ziggurat.http.faces.voucherify.structures import structures
from ziggurat.http.faces.voucherify.translate_rules import Wire
from ziggurat.store.repositories.faces import FaceDocument

BASE = "/loyalties/card-definitions"
ONE = f"{BASE}/{{cardDefinitionId}}"
LIST = ListKind(
    "lcrscdef",
    ("created_at", "name"),
    {"id": "id", "name": "string", "status": "enum", "created_at": "date"},
    {"status": ("DRAFT", "ACTIVE")},
)
ACTIVITIES = ListKind(
    "lcrsacd",
    ("created_at",),
    {"id": "id", "type": "enum", "created_at": "date"},
    {"type": activities.types_of("card_definition", activities.CARD_DEFINITION_TYPES)},
)
_WHEN_ACTIVE = frozenset({"name", "metadata", "pay_with_points"})


def card_routes() -> list[FaceRoute]:
    """The routes of card definitions."""
    design, read, answer = KeyScope.DESIGN, KeyScope.READ, wire.CardDefinition
    one: dict[str, Any] = {"answer": answer, "refusals": (404, 423)}
    create, update = wire.CardDefinitionCreate, wire.CardDefinitionUpdate
    return [
        FaceRoute(
            method="POST", path=BASE, scope=design, run=_create, summary="Make a card definition", body=create,
            answer=answer,
        ),
        FaceRoute(
            method="GET", path=BASE, scope=read, run=_list, summary="List card definitions",
            answer=wire.Listed, parameters=LIST.parameters,
        ),
        FaceRoute(method="GET", path=ONE, scope=read, run=_get, summary="Read a card definition", **one),
        FaceRoute(
            method="PUT", path=ONE, scope=design, run=_update, summary="Change a card definition", body=update, **one
        ),
        FaceRoute(method="DELETE", path=ONE, scope=design, run=_delete, summary="Delete a card definition", **one),
        FaceRoute(
            method="POST", path=f"{ONE}/activate", scope=design, run=_activate, summary="Activate a card definition",
            **one,
        ),
        FaceRoute(
            method="POST", path=f"{ONE}/draft", scope=design, run=_draft, summary="Make a draft of a card definition",
            **one,
        ),
        FaceRoute(
            method="GET", path=f"{ONE}/activities", scope=read, run=_activities,
            summary="What happened to a card definition", answer=wire.Listed, refusals=(404,),
            parameters=ACTIVITIES.parameters,
        ),
    ]  # fmt: skip


def _activities(visit: Visit) -> Wire:
    id_ = visit.path["cardDefinitionId"]

    def every(documents: FaceDocuments) -> list[Wire]:
        known = id_ if id_ == LEDGER else _find(documents, id_).key
        return activities.recorded(documents, known, Dialect.NEWER)  # alike in both dialects

    return page_of(visit, ACTIVITIES, read_face_documents(visit.context, FACE, every))


def _log(visit: Visit, documents: FaceDocuments, card: FaceDocument, what: str) -> FaceDocument:
    about = "card_definition", card.key
    activities.record(documents, visit, about, what, {"card_definition": show_card_definition(card)})
    return card


def _create(visit: Visit) -> Wire:
    _, said = read_body(wire.CardDefinitionCreate, visit.body)
    document = {
        "name": said["name"],
        "status": said.get("status") or "DRAFT",
        "metadata": document_metadata({}, said.get("metadata")),
        "updated_at": None,
    }
    id_ = new_id("lcdef")
    return _changed(visit, lambda documents: _log(visit, documents, documents.create(KIND, id_, document), "created"))


def _list(visit: Visit) -> Wire:
    def every(documents: FaceDocuments) -> list[Wire]:
        shown = [show_card_definition(each) for each in documents.every(KIND) if _is_there(each)]
        return shown or [ledger_card()]

    return page_of(visit, LIST, read_face_documents(visit.context, FACE, every))


def _get(visit: Visit) -> Wire:
    only_parameters(visit, ())
    id_ = visit.path["cardDefinitionId"]
    if id_ == LEDGER:
        return ledger_card()
    return show_card_definition(read_face_documents(visit.context, FACE, lambda documents: _find(documents, id_)))


def _update(visit: Visit) -> Wire:
    _, said = read_body(wire.CardDefinitionUpdate, visit.body)

    def work(documents: FaceDocuments) -> FaceDocument:
        found = _find(documents, visit.path["cardDefinitionId"])
        fixed = sorted(said.keys() - _WHEN_ACTIVE)
        if found.document["status"] != "DRAFT" and fixed:
            raise invalid(f"Only name, metadata and pay_with_points may be updated when ACTIVE, not {', '.join(fixed)}")
        changes: dict[str, Any] = {"name": said["name"]} if "name" in said else {}
        if "metadata" in said:
            changes["metadata"] = document_metadata(found.document["metadata"], said["metadata"])
        return _log(visit, documents, _saved(visit, documents, found, **changes), "updated") if said else found

    return _changed(visit, work)


def _delete(visit: Visit) -> Wire:
    id_ = visit.path["cardDefinitionId"]
    tracked_by = [each.id for each in structures(visit.context) if each.card_definition == id_]

    def work(documents: FaceDocuments) -> FaceDocument:
        found = _find(documents, id_)
        for kind, users in (("program", programs_with_card(documents, id_)), ("tier_structure", tracked_by)):
            if users:
                details = f"Card definition {id_} is in use"
                raise ApiError("resource_in_use", details, resource=("card_definition", id_), related=(kind, users))
        return _saved(visit, documents, found, status="DELETED")

    return _changed(visit, work)


def _activate(visit: Visit) -> Wire:
    return _step(visit, "activate", "DRAFT", "ACTIVE")


def _draft(visit: Visit) -> Wire:
    return _step(visit, "draft", "ACTIVE", "DRAFT")


def _step(visit: Visit, doing: str, before: str, after: str) -> Wire:
    def work(documents: FaceDocuments) -> FaceDocument:
        found = _find(documents, visit.path["cardDefinitionId"])
        if found.document["status"] != before:
            details = f"Cannot {doing} card definition from current state: '{found.document['status']}'"
            raise ApiError("invalid_state_transition", details, resource=("card_definition", found.key))
        users = programs_with_card(documents, found.key)
        if after == "DRAFT" and users:
            details = f"Card definition {found.key} is assigned to programs"
            resource = ("card_definition", found.key)
            raise ApiError("resource_locked", details, resource=resource, related=("program", users))
        what = "activated" if after == "ACTIVE" else "drafted"
        return _log(visit, documents, _saved(visit, documents, found, status=after), what)

    return _changed(visit, work)


def _changed(visit: Visit, work: Any) -> Wire:
    only_parameters(visit, ())
    return show_card_definition(change_face_documents(visit.context, FACE, work))


def _saved(visit: Visit, documents: FaceDocuments, found: FaceDocument, **changes: Any) -> FaceDocument:
    return documents.save(found, **changes, updated_at=millisecond_text(visit.context.now))


def _find(documents: FaceDocuments, id_: str) -> FaceDocument:
    found = documents.find(KIND, id_)
    if id_ == LEDGER:
        details = "The organization's own ledger of points is always there as it is"
        raise ApiError("resource_locked", details, resource=("card_definition", id_))
    if found is None or not _is_there(found):
        raise not_found("card_definition", id_)
    return found


def _is_there(document: FaceDocument) -> bool:
    return bool(document.document["status"] != "DELETED")
