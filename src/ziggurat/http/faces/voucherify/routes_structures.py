"""Tier structures: create, list, get, update, delete, and their way through draft, active and inactive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from ziggurat.app.access.read_organization import read_organization
from ziggurat.app.context import Context
from ziggurat.app.faces.change_face_documents import FaceDocuments, read_face_documents
from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.activate_program import activate_program
from ziggurat.app.programs.change_status import change_status
from ziggurat.app.programs.create_program import create_program
from ziggurat.app.programs.discard_draft import discard_draft
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.app.programs.put_draft import put_draft
from ziggurat.app.programs.read_program import read_program
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.voucherify import activities, wire_newer, wire_seed
from ziggurat.http.faces.voucherify.cards import require_card_definition
from ziggurat.http.faces.voucherify.dialect import FACE, Dialect
from ziggurat.http.faces.voucherify.errors import ApiError
from ziggurat.http.faces.voucherify.ids import new_id
from ziggurat.http.faces.voucherify.kept import kept, with_kept
from ziggurat.http.faces.voucherify.lists import ListKind, only_parameters, page_of
from ziggurat.http.faces.voucherify.programs import programs_using
from ziggurat.http.faces.voucherify.read_wire import invalid, read_body
from ziggurat.http.faces.voucherify.structures import (
    Structure,
    find_structure,
    show_structure,
    structure_of,
    structures,
)
from ziggurat.http.faces.voucherify.translate_rules import Wire
from ziggurat.http.faces.voucherify.translate_structures import EDITABLE, changed, new_structure
from ziggurat.program.model import Activation, Program, Status
from ziggurat.program.write import program_document

BASE = "/loyalties/tier-structures"
ONE = f"{BASE}/{{tierStructureId}}"
STATUSES = ("DRAFT", "ACTIVE", "INACTIVE", "DELETED")
LIST = ListKind(
    "lcrsts",
    ("created_at", "name", "type", "status"),
    {"id": "id", "name": "string", "type": "enum", "status": "enum", "created_at": "date"},
    {"type": ("POINT_BALANCE", "POINT_EARNED"), "status": STATUSES},
)
NEWER_LIST = replace(LIST, words={**LIST.words, "status": STATUSES[:-1]})
ACTIVITIES = ListKind(
    "lcrsats",
    ("created_at",),
    {"id": "id", "type": "enum", "created_at": "date"},
    {"type": tuple(f"vl.tier_structure.{each}" for each in activities.TYPES)},
)


class _Structures:
    """The operations in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.models: Any = wire_seed if dialect is Dialect.SEED else wire_newer
        self.list_kind = LIST if dialect is Dialect.SEED else NEWER_LIST

    def routes(self) -> list[FaceRoute]:
        read, design = KeyScope.READ, KeyScope.DESIGN
        one: type[BaseModel] = self.models.TierStructure
        create, update = self.models.StructureCreate, self.models.StructureUpdate
        says = "{} a tier structure".format
        step: dict[str, Any] = {"method": "POST", "scope": design, "answer": one, "refusals": (404, 409, 423)}
        return [
            FaceRoute(
                method="POST", path=BASE, scope=design, run=self.create, summary=says("Make"), body=create, answer=one,
                refusals=(404,),
            ),
            FaceRoute(
                method="GET", path=BASE, scope=read, run=self.listed, summary="List tier structures",
                answer=self.models.TierStructureList, parameters=self.list_kind.parameters,
            ),
            FaceRoute(
                method="GET", path=ONE, scope=read, run=self.get, summary=says("Read"), answer=one, refusals=(404,)
            ),
            FaceRoute(
                method="PUT", path=ONE, scope=design, run=self.update, summary=says("Change"), body=update, answer=one,
                refusals=(404, 423),
            ),
            FaceRoute(
                method="DELETE", path=ONE, scope=design, run=self.delete, summary=says("Delete"), answer=one,
                refusals=(404, 423),
            ),
            FaceRoute(path=f"{ONE}/activate", run=self.activate, summary=says("Activate"), **step),
            FaceRoute(path=f"{ONE}/deactivate", run=self.deactivate, summary=says("Deactivate"), **step),
            FaceRoute(path=f"{ONE}/draft", run=self.draft, summary="Make a draft of a tier structure", **step),
            FaceRoute(
                method="GET", path=f"{ONE}/activities", scope=read, run=self.activities,
                summary="What happened to a tier structure", parameters=ACTIVITIES.parameters, refusals=(404,),
            ),
        ]  # fmt: skip

    def create(self, visit: Visit) -> Wire:
        only_parameters(visit, ())
        _, wire = read_body(self.models.StructureCreate, visit.body)
        zone = str(read_organization(visit.context).settings.get("time_zone", "UTC"))
        program = new_structure(wire, self.dialect, zone)
        require_card_definition(visit.context, str(kept(program.metadata)["card_definition_id"]))
        view = create_program(visit.context, program_document(program), public_id=new_id("lts"))
        if wire.get("status") == "ACTIVE":
            activate_program(visit.context, view.id, effective_from=visit.context.now)
        return self._noted(visit, view.id, "created")

    def listed(self, visit: Visit) -> Wire:
        shown = [show_structure(visit.context, each, self.dialect) for each in structures(visit.context)]
        return page_of(visit, self.list_kind, shown)

    def get(self, visit: Visit) -> Wire:
        only_parameters(visit, ())
        found = find_structure(visit.context, visit.path["tierStructureId"])
        return show_structure(visit.context, found, self.dialect)

    def update(self, visit: Visit) -> Wire:
        only_parameters(visit, ())
        structure = find_structure(visit.context, visit.path["tierStructureId"])
        _, wire = read_body(self.models.StructureUpdate, visit.body)
        fixed = sorted(wire.keys() - EDITABLE)
        if structure.status != "DRAFT" and fixed:
            names = ", ".join(fixed)
            raise invalid(f"Only name and metadata may be updated when the status is not DRAFT, not {names}")
        program = changed(structure.program, wire, self.dialect)
        card = kept(program.metadata).get("card_definition_id")
        if card is not None and card != structure.card_definition:
            require_card_definition(visit.context, str(card))
        if not wire:
            return show_structure(visit.context, structure, self.dialect)
        save(visit.context, structure, program)
        return self._noted(visit, structure.public_id, "updated")

    def delete(self, visit: Visit) -> Wire:
        structure = self._found(visit)
        users = self._users(visit.context, structure)
        if users:
            raise ApiError(
                "resource_in_use",
                f"Tier structure {structure.id} is assigned to programs",
                resource=("tier_structure", structure.id),
                related=("program", [id_ for id_, _ in users]),
            )
        if structure.view.draft is not None and structure.status == "DRAFT":
            discard_draft(visit.context, structure.public_id)
        if structure.view.revision is not None:
            change_status(visit.context, structure.public_id, Status.ARCHIVED)
        view = read_program(visit.context, structure.public_id)
        gone = Structure(structure.id, view, structure.program, "DELETED")
        return self._note(visit, gone, "deleted")

    def activate(self, visit: Visit) -> Wire:
        structure = self._found(visit)
        self._require(structure, "activate", "DRAFT", "INACTIVE")
        if structure.status == "INACTIVE":
            change_status(visit.context, structure.public_id, Status.ACTIVE)
        elif structure.view.revision is None:
            activate_program(visit.context, structure.public_id, effective_from=visit.context.now)
        else:
            program = replace(structure.program, metadata=with_kept(structure.program.metadata, drafted=None))
            publish_program(visit.context, program_document(program), structure.public_id, status=Status.ACTIVE)
            discard_draft(visit.context, structure.public_id)
        return self._noted(visit, structure.public_id, "activated")

    def deactivate(self, visit: Visit) -> Wire:
        structure = self._found(visit)
        self._require(structure, "deactivate", "ACTIVE")
        self._require_no_live_program(visit.context, structure)
        change_status(visit.context, structure.public_id, Status.FROZEN)
        return self._noted(visit, structure.public_id, "deactivated")

    def draft(self, visit: Visit) -> Wire:
        structure = self._found(visit)
        self._require(structure, "draft", "ACTIVE")
        self._require_no_live_program(visit.context, structure)
        change_status(visit.context, structure.public_id, Status.FROZEN)
        program = replace(structure.program, metadata=with_kept(structure.program.metadata, drafted=True))
        put_draft(visit.context, structure.public_id, program_document(program))
        return self._noted(visit, structure.public_id, "drafted")

    def activities(self, visit: Visit) -> Wire:
        structure = find_structure(visit.context, visit.path["tierStructureId"])
        found = read_face_documents(
            visit.context, FACE, lambda documents: documents.every(activities.KIND, structure.id)
        )
        return page_of(visit, ACTIVITIES, [activities.show_activity(each.document, self.dialect) for each in found])

    def _found(self, visit: Visit) -> Structure:
        only_parameters(visit, ())
        return find_structure(visit.context, visit.path["tierStructureId"])

    def _noted(self, visit: Visit, public_id: str, what: str) -> Wire:
        found = structure_of(read_program(visit.context, public_id))
        return self._note(visit, found, what)

    def _note(self, visit: Visit, structure: Structure, what: str) -> Wire:
        def show(dialect: Dialect) -> Wire:
            return {"tier_structure": show_structure(visit.context, structure, dialect)}

        activities.note(visit, what, show)
        return show_structure(visit.context, structure, self.dialect)

    def _require(self, structure: Structure, doing: str, *allowed: str) -> None:
        if structure.status not in allowed:
            raise ApiError(
                "invalid_state_transition",
                f"Cannot {doing} tier structure from current state: '{structure.status}'",
                resource=("tier_structure", structure.id),
                # the older dialect tells it as a conflict
                status=409 if self.dialect is Dialect.SEED else None,
            )

    def _users(self, context: Context, structure: Structure) -> list[tuple[str, str]]:
        def users(documents: FaceDocuments) -> list[tuple[str, str]]:
            return programs_using(documents, structure.id)

        return read_face_documents(context, FACE, users)

    def _require_no_live_program(self, context: Context, structure: Structure) -> None:
        live = [id_ for id_, status in self._users(context, structure) if status != "DRAFT"]
        if live:
            raise ApiError(
                "connected_non_draft_program",
                f"Tier structure {structure.id} is used by a program that is not a draft",
                resource=("tier_structure", structure.id),
                related=("program", live),
            )


def structure_routes(dialect: Dialect) -> list[FaceRoute]:
    """The routes of tier structures in `dialect`."""
    return _Structures(dialect).routes()


def save(context: Context, structure: Structure, program: Program) -> None:
    """`program` as what the structure says from now on: in its draft, or at once where there is none."""
    document: Mapping[str, Any] = program_document(program)
    if structure.status == "DRAFT":
        version = structure.view.draft.version if structure.view.draft else None
        put_draft(context, structure.public_id, document, version)
        return
    activation = Activation.AT_NEXT_DECISION
    version = structure.view.version
    publish_program(context, document, structure.public_id, activation=activation, expected_version=version)
