"""Programs: make, list, read, change, delete, activate, deactivate, and what is assigned to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.faces.change_face_documents import FaceDocuments, change_face_documents, read_face_documents
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.voucherify import activities
from ziggurat.http.faces.voucherify import wire_members as wire
from ziggurat.http.faces.voucherify.cards import KIND as CARD_DEFINITION
from ziggurat.http.faces.voucherify.cards import card_status, ledger_card, show_card_definition
from ziggurat.http.faces.voucherify.dialect import FACE, Dialect
from ziggurat.http.faces.voucherify.errors import ApiError, not_found
from ziggurat.http.faces.voucherify.ids import new_id
from ziggurat.http.faces.voucherify.kept import document_metadata
from ziggurat.http.faces.voucherify.lists import ListKind, only_parameters, page_of
from ziggurat.http.faces.voucherify.programs import (
    KIND,
    find_program,
    live_programs,
    show_assignment,
    show_program,
)
from ziggurat.http.faces.voucherify.read_wire import invalid, read_body
from ziggurat.http.faces.voucherify.structures import Structure, show_structure, structures
from ziggurat.http.faces.voucherify.translate_rules import Wire
from ziggurat.store.repositories.faces import FaceDocument

BASE = "/loyalties/programs"
ONE = f"{BASE}/{{programId}}"
LIST = ListKind(
    "lcrsprg",
    ("created_at", "name"),
    {"id": "id", "name": "string", "status": "enum", "created_at": "date"},
    {"status": ("DRAFT", "ACTIVE", "INACTIVE")},
    rounds_limit=True,
)
ASSIGNMENTS = {
    "tier_structure": ListKind("lcrstsa", ("created_at",)),
    "card_definition": ListKind("lcrscdefa", ("created_at",)),
}
ACTIVITIES = ListKind(
    "lcrsapr",
    ("created_at",),
    {"id": "id", "type": "enum", "created_at": "date"},
    {"type": activities.types_of("program", activities.PROGRAM_TYPES)},
    rounds_limit=True,
)
_MAX = {"tier_structure": 1, "card_definition": 10}
_EDITABLE = frozenset({"name", "end_date", "metadata"})
Known = Mapping[str, Structure]


class _Programs:
    """The operations; structures in activities are shown in `dialect`."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def routes(self) -> list[FaceRoute]:
        design, read, answer = KeyScope.DESIGN, KeyScope.READ, wire.Program
        one: dict[str, Any] = {"answer": answer, "refusals": (404, 423)}
        routes = [
            FaceRoute(
                method="POST", path=BASE, scope=design, run=self.create, summary="Make a program",
                body=wire.ProgramCreate, **one,
            ),
            FaceRoute(
                method="GET", path=BASE, scope=read, run=self.listed, summary="List programs", answer=wire.Listed,
                parameters=LIST.parameters,
            ),
            FaceRoute(method="GET", path=ONE, scope=read, run=self.get, summary="Read a program", **one),
            FaceRoute(
                method="PUT", path=ONE, scope=design, run=self.update, summary="Change a program",
                body=wire.ProgramUpdate, **one,
            ),
            FaceRoute(method="DELETE", path=ONE, scope=design, run=self.delete, summary="Delete a program", **one),
        ]  # fmt: skip
        for doing, run in (("activate", self.activate), ("deactivate", self.deactivate)):
            says = f"{doing.capitalize()} a program"
            routes.append(FaceRoute(method="POST", path=f"{ONE}/{doing}", scope=design, run=run, summary=says, **one))
        routes.append(
            FaceRoute(
                method="GET", path=f"{ONE}/activities", scope=read, run=self.activities,
                summary="What happened to a program", answer=wire.Listed, refusals=(404,),
                parameters=ACTIVITIES.parameters,
            )
        )  # fmt: skip
        for kind, path in (("tier_structure", "tier-structures"), ("card_definition", "card-definitions")):
            many = path.replace("-", " ")
            routes += [
                FaceRoute(
                    method="GET", path=f"{ONE}/{path}", scope=read, run=self._lister(kind),
                    summary=f"The {many} of a program", answer=wire.Listed, refusals=(404,),
                    parameters=ASSIGNMENTS[kind].parameters,
                ),
                FaceRoute(
                    method="POST", path=f"{ONE}/{path}/batch", scope=design, run=self._batch(kind),
                    summary=f"Assign and take off {many}", body=wire.Batch, answer=wire.BatchDone,
                    refusals=(404, 409, 423),
                ),
            ]  # fmt: skip
        return routes

    def create(self, visit: Visit) -> Wire:
        _, said = read_body(wire.ProgramCreate, visit.body)
        _check_dates(said.get("start_date"), said.get("end_date"))
        known = _known(visit.context)
        status, id_ = said.get("status") or "DRAFT", new_id("lprg")
        assigned = {
            kind: [each["id"] for each in said.get(f"{kind}s") or ()] for kind in ("card_definition", "tier_structure")
        }
        for kind, ids in assigned.items():
            if len(set(ids)) < len(ids):
                raise invalid(f"Property .{kind}s must not name the same one more than once")

        def work(documents: FaceDocuments) -> FaceDocument:
            document = {
                "name": said["name"],
                "status": "DRAFT",
                "start_date": said.get("start_date"),
                "end_date": said.get("end_date"),
                "validity_hours": said.get("validity_hours") or {"type": "ANY_TIME"},
                "metadata": document_metadata({}, said.get("metadata")),
                "updated_at": None,
                "card_definitions": [],
                "tier_structures": [],
            }
            made = documents.create(KIND, id_, document)
            self._log(visit, documents, made, "created")
            for kind in ("card_definition", "tier_structure"):
                made = self._assign(visit, documents, made, kind, assigned[kind], known)
            if status == "ACTIVE":
                made = self._activated(visit, documents, made, known)
            return documents.save(made, updated_at=None)

        made = change_face_documents(visit.context, FACE, work)
        echo = {f"{kind}s": [{"id": each} for each in ids] for kind, ids in assigned.items() if ids}
        return {**show_program(made), **echo}

    def listed(self, visit: Visit) -> Wire:
        found = read_face_documents(visit.context, FACE, live_programs)
        return page_of(visit, LIST, [show_program(each) for each in found])

    def get(self, visit: Visit) -> Wire:
        only_parameters(visit, ())
        id_ = visit.path["programId"]
        return show_program(read_face_documents(visit.context, FACE, lambda documents: find_program(documents, id_)))

    def update(self, visit: Visit) -> Wire:
        _, said = read_body(wire.ProgramUpdate, visit.body)

        def work(documents: FaceDocuments, found: FaceDocument) -> FaceDocument:
            fixed = sorted(said.keys() - _EDITABLE)
            if found.document["status"] != "DRAFT" and fixed:
                raise invalid(f"Only name, end_date and metadata may be updated when not DRAFT, not {', '.join(fixed)}")
            changes = {name: value for name, value in said.items() if name != "metadata"}
            if "validity_hours" in changes:
                changes["validity_hours"] = changes["validity_hours"] or {"type": "ANY_TIME"}
            if "metadata" in said:
                changes["metadata"] = document_metadata(found.document["metadata"], said["metadata"])
            own = {**found.document, **changes}
            _check_dates(own["start_date"], own["end_date"])
            if not said:
                return found
            return self._log(visit, documents, self._saved(visit, documents, found, **changes), "updated")

        return self._changed(visit, work)

    def delete(self, visit: Visit) -> Wire:
        def work(documents: FaceDocuments, found: FaceDocument) -> FaceDocument:
            return self._saved(visit, documents, found, status="DELETED", card_definitions=[], tier_structures=[])

        return self._changed(visit, work)

    def activate(self, visit: Visit) -> Wire:
        known = _known(visit.context)
        return self._changed(visit, lambda documents, found: self._activated(visit, documents, found, known))

    def deactivate(self, visit: Visit) -> Wire:
        def work(documents: FaceDocuments, found: FaceDocument) -> FaceDocument:
            _require(found, "deactivate", "ACTIVE")
            return self._log(visit, documents, self._saved(visit, documents, found, status="INACTIVE"), "deactivated")

        return self._changed(visit, work)

    def _activated(self, visit: Visit, documents: FaceDocuments, found: FaceDocument, known: Known) -> FaceDocument:
        _require(found, "activate", "DRAFT", "INACTIVE")
        own = found.document
        statuses = [known[each["id"]].status for each in own["tier_structures"] if each["id"] in known]
        resource = ("program", found.key)
        if own["status"] == "DRAFT" and any(status != "ACTIVE" for status in statuses):
            details = f"Tier structures of program {found.key} are not active"
            raise ApiError("connected_non_active_tier_structure", details, resource=resource)
        if own["status"] == "INACTIVE" and "DRAFT" in statuses:
            details = f"Tier structures of program {found.key} are drafts"
            raise ApiError("connected_draft_tier_structure", details, resource=resource)
        cards = [card_status(documents, each["id"]) for each in own["card_definitions"]]
        if "ACTIVE" not in cards:
            details = f"Program {found.key} has no active card definition"
            raise ApiError("missing_active_card_definition", details, resource=resource)
        return self._log(visit, documents, self._saved(visit, documents, found, status="ACTIVE"), "activated")

    def _lister(self, kind: str) -> Callable[[Visit], Wire]:
        def run(visit: Visit) -> Wire:
            id_ = visit.path["programId"]
            found = read_face_documents(visit.context, FACE, lambda documents: find_program(documents, id_))
            shown = [show_assignment(each, kind) for each in found.document[f"{kind}s"]]
            return page_of(visit, ASSIGNMENTS[kind], shown)

        return run

    def _batch(self, kind: str) -> Callable[[Visit], Wire]:
        def run(visit: Visit) -> Wire:
            only_parameters(visit, ())
            _, said = read_body(wire.Batch, visit.body)
            lists = {name: [each["id"] for each in said.get(name) or ()] for name in ("assign", "unassign")}
            for name, ids in lists.items():
                if len(set(ids)) < len(ids):
                    raise ApiError("duplicate_found", f"Property .{name} names the same one more than once")
            known = _known(visit.context)

            def work(documents: FaceDocuments) -> FaceDocument:
                found = find_program(documents, visit.path["programId"])
                found = self._unassign(visit, documents, found, kind, lists["unassign"], known)
                return self._assign(visit, documents, found, kind, lists["assign"], known)

            found = change_face_documents(visit.context, FACE, work)
            now = {each["id"]: each for each in found.document[f"{kind}s"]}
            gone = {"created_at": millisecond_text(visit.context.now)}
            return {
                "assigned": None if said.get("assign") is None else _shown(lists["assign"], now, kind, gone),
                "unassigned": None if said.get("unassign") is None else _shown(lists["unassign"], {}, kind, gone),
            }

        return run

    def _assign(
        self,
        visit: Visit,
        documents: FaceDocuments,
        program: FaceDocument,
        kind: str,
        ids: Sequence[str],
        known: Known,
    ) -> FaceDocument:
        if not ids:
            return program
        own, resource = program.document, ("program", program.key)
        assigned = list(own[f"{kind}s"])
        for id_ in ids:
            if kind == "card_definition":
                card_status(documents, id_)
            else:
                self._check_structure(program, id_, known)
            if any(each["id"] == id_ for each in assigned):
                details = f"{id_} is assigned to program {program.key} already"
                raise ApiError("duplicate_found", details, resource=resource)
            assigned.append({"id": id_, "created_at": millisecond_text(visit.context.now)})
        if len(assigned) > _MAX[kind]:
            details = f"A program can have up to {_MAX[kind]} of kind {kind}"
            raise ApiError(f"{kind}_assignments_limit_exceeded", details, resource=resource)
        saved = self._saved(visit, documents, program, **{f"{kind}s": assigned})
        for id_ in ids:
            self._note(visit, documents, (kind, id_), known, "assigned", saved)
        return saved

    def _check_structure(self, program: FaceDocument, id_: str, known: Known) -> None:
        structure = known.get(id_)
        if structure is None:
            raise not_found("tier_structure", id_)
        own, resource = program.document, ("program", program.key)
        cards = [each["id"] for each in own["card_definitions"]]
        if structure.card_definition and structure.card_definition not in cards:
            details = f"Card definition {structure.card_definition} is not assigned to program {program.key}"
            raise ApiError("missing_card_definition_assignment", details, resource=resource)
        if own["status"] == "ACTIVE" and structure.status != "ACTIVE":
            raise ApiError("non_active_tier_structure", f"Tier structure {id_} is not active", resource=resource)

    def _unassign(
        self,
        visit: Visit,
        documents: FaceDocuments,
        program: FaceDocument,
        kind: str,
        ids: Sequence[str],
        known: Known,
    ) -> FaceDocument:
        if not ids:
            return program
        own = program.document
        if own["status"] != "DRAFT":
            raise ApiError(
                "non_draft_program", f"Program {program.key} is not a draft", resource=("program", program.key)
            )
        for id_ in ids:
            if all(each["id"] != id_ for each in own[f"{kind}s"]):
                raise not_found(kind, id_)
        rest = [each for each in own[f"{kind}s"] if each["id"] not in ids]
        saved = self._saved(visit, documents, program, **{f"{kind}s": rest})
        for id_ in ids:
            self._note(visit, documents, (kind, id_), known, "unassigned", saved)
        return saved

    def activities(self, visit: Visit) -> Wire:
        def every(documents: FaceDocuments) -> list[Wire]:
            return activities.recorded(documents, find_program(documents, visit.path["programId"]).key, self.dialect)

        return page_of(visit, ACTIVITIES, read_face_documents(visit.context, FACE, every))

    def _log(self, visit: Visit, documents: FaceDocuments, program: FaceDocument, what: str) -> FaceDocument:
        activities.record(documents, visit, ("program", program.key), what, {"program": show_program(program)})
        return program

    def _note(
        self,
        visit: Visit,
        documents: FaceDocuments,
        assigned: tuple[str, str],
        known: Known,
        what: str,
        program: FaceDocument,
    ) -> None:
        """Log with the program and with what was assigned to it, or is no more."""
        kind, id_ = assigned
        link = show_assignment({"id": id_, "created_at": millisecond_text(visit.context.now)}, kind)
        said = {"program": show_program(program), f"program_{kind}": link}

        def show(dialect: Dialect) -> Wire:
            return {kind: show_structure(visit.context, known[id_], dialect), **said}

        if kind == "card_definition":
            card = documents.find(CARD_DEFINITION, id_)
            both = {kind: show_card_definition(card) if card else ledger_card(), **said}
            activities.record(documents, visit, (kind, id_), what, both)
            activities.record(documents, visit, ("program", program.key), f"{kind}.{what}", both)
        elif id_ in known:
            activities.note_in(documents, visit, what, show)
            activities.record(documents, visit, ("program", program.key), f"{kind}.{what}", show)

    def _changed(self, visit: Visit, work: Callable[[FaceDocuments, FaceDocument], FaceDocument]) -> Wire:
        only_parameters(visit, ())

        def found(documents: FaceDocuments) -> FaceDocument:
            return work(documents, find_program(documents, visit.path["programId"]))

        return show_program(change_face_documents(visit.context, FACE, found))

    def _saved(self, visit: Visit, documents: FaceDocuments, found: FaceDocument, **changes: Any) -> FaceDocument:
        return documents.save(found, **changes, updated_at=millisecond_text(visit.context.now))


def program_routes(dialect: Dialect) -> list[FaceRoute]:
    """The routes of programs."""
    return _Programs(dialect).routes()


def _known(context: Context) -> Known:
    return {each.id: each for each in structures(context)}


def _shown(ids: Sequence[str], now: Mapping[str, Wire], kind: str, gone: Wire) -> list[Wire]:
    return [show_assignment(now.get(id_, {"id": id_, **gone}), kind) for id_ in ids]


def _require(program: FaceDocument, doing: str, *allowed: str) -> None:
    status = program.document["status"]
    if status not in allowed:
        details = f"Cannot {doing} program from current state: '{status}'"
        raise ApiError("invalid_state_transition", details, resource=("program", program.key))


def _check_dates(start: str | None, end: str | None) -> None:
    if start and end and datetime.fromisoformat(start) >= datetime.fromisoformat(end):
        raise invalid("Property .start_date must be before .end_date")
