"""Tier structures and the programs behind them: finding, showing, and what state a program is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.programs.list_programs import list_programs
from ziggurat.app.programs.views import ProgramView
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.voucherify.cards import shown_card_definition
from ziggurat.http.faces.voucherify.dialect import Dialect
from ziggurat.http.faces.voucherify.errors import ApiError, not_found
from ziggurat.http.faces.voucherify.ids import structure_id
from ziggurat.http.faces.voucherify.kept import kept
from ziggurat.http.faces.voucherify.translate_rules import BALANCE, Wire
from ziggurat.http.faces.voucherify.translate_structures import show_settings
from ziggurat.http.faces.voucherify.translate_tiers import show_tier, shown_tiers
from ziggurat.program.model import Program, Status, Tier
from ziggurat.program.read import read_program

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Structure:
    """A program as the tier structure it is: `program` is what its clients see, a draft before the first revision."""

    id: str
    view: ProgramView
    program: Program
    status: str

    @property
    def public_id(self) -> str:
        """The program's own id."""
        return self.view.id

    @property
    def card_definition(self) -> str:
        """The wallet it tracks; "" if that was never said."""
        return str(kept(self.program.metadata).get("card_definition_id", ""))


def structures(context: Context) -> Iterator[Structure]:
    """Every structure that is not deleted, oldest first."""
    after = None
    while True:
        page = list_programs(context, after=after, limit=_PAGE)
        for view in page.items:
            found = structure_of(view)
            if found.status != "DELETED":
                yield found
        if page.next is None:
            return
        after = page.next


def find_structure(context: Context, wanted: str) -> Structure:
    """The structure with that id.

    Raises:
        ApiError: `not_found`.
    """
    found = next((each for each in structures(context) if each.id == wanted), None)
    if found is None:
        raise not_found("tier_structure", wanted)
    return found


def structure_of(view: ProgramView) -> Structure:
    """`view` as a structure."""
    status = _status(view)
    document = view.draft.document if view.draft and status == "DRAFT" else view.document
    program = read_program(document) if document is not None else Program(view.name, BALANCE, ())
    return Structure(structure_id(view.id), view, program, status)


def require_draft(structure: Structure, doing: str) -> None:
    """Nothing, if the structure is a draft.

    Raises:
        ApiError: `resource_locked`.
    """
    if structure.status != "DRAFT":
        details = f"{doing} needs a tier structure in status DRAFT, not {structure.status}"
        raise ApiError("resource_locked", details, resource=("tier_structure", structure.id))


def show_structure(context: Context, structure: Structure, dialect: Dialect, status: str | None = None) -> Wire:
    """The structure on the wire."""
    view = structure.view
    card = structure.card_definition or shown_card_definition(context)
    touched = view.version > 1 or (view.draft is not None and view.draft.version > 1)
    updated_at = max(view.updated_at, view.draft.updated_at if view.draft else 0)
    changed = touched or updated_at > view.created_at
    return {
        "id": structure.id,
        "name": structure.program.name,
        **show_settings(structure.program, card, dialect, []),
        "status": status or structure.status,
        "created_at": millisecond_text(view.created_at),
        "updated_at": millisecond_text(updated_at) if changed else None,
        "object": "tier_structure",
    }


def show_tier_of(structure: Structure, tier: Tier, dialect: Dialect) -> Wire:
    """One of its tiers on the wire."""
    said = show_tier(structure.program, structure.public_id, tier, structure.view.created_at, dialect)
    return {**said, "tier_structure_id": structure.id}


def tiers_of(structure: Structure) -> tuple[Tier, ...]:
    """The tiers that clients see, lowest first."""
    return shown_tiers(structure.program)


def is_drafted(document: Mapping[str, Any]) -> bool:
    """Whether a draft says that its structure went back to being one."""
    return bool(kept(document.get("metadata", {})).get("drafted"))


def _status(view: ProgramView) -> str:
    """Drafts are drafts, frozen and paused programs inactive, archived ones deleted.

    A program never becomes a draft again: a structure that does is a frozen program with a draft that says so.
    """
    if view.status is Status.ARCHIVED:
        return "DELETED"
    if view.revision is None:
        return "DRAFT" if view.draft else "DELETED"
    if view.status is Status.ACTIVE:
        return "ACTIVE"
    return "DRAFT" if view.draft and is_drafted(view.draft.document) else "INACTIVE"
