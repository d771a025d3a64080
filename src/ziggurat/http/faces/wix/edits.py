"""What Wix's changes make of a program document. Pure; what a program may be, it says itself.

Everything that the vendor cannot see (other rules, benefits, metadata) stays as it is.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ziggurat.http.faces.wix import limits_of_wix as limits
from ziggurat.http.faces.wix.errors import limit_reached, name_taken, points_taken
from ziggurat.http.faces.wix.seen import FACE, months_of, seen_tiers, status_shown, tier_id
from ziggurat.http.faces.wix.wire import (
    BaseDefinition,
    ChangedDefinition,
    ChangedProgram,
    ChangedSettings,
    ChangedTier,
    ImageIn,
    NewDefinition,
    NewSettings,
    NewTier,
)
from ziggurat.program.model import Program, Status

Document = dict[str, Any]

UNNAMED = "(base tier)"
"""What the base tier is called here while Wix gives it no name."""
_STATUS = {"ACTIVE": Status.ACTIVE, "PAUSED": Status.PAUSED, "DISABLED": Status.PAUSED, "DRAFT": Status.PAUSED}


@dataclass(frozen=True, slots=True)
class Ladder:
    """A program, its document and its public id, as they are before a change."""

    program_id: str
    program: Program
    document: Document
    status: Status


def fresh_document(settings: NewSettings, base_id: str, *, automatic: bool) -> Document:
    """A program without tiers: rolling months of points earned and adjusted, nothing held, no grace.

    `automatic` marks settings that nobody has asked for, so that creating them still works.
    """
    document: Document = {
        "edition": 1,
        "name": "Loyalty tiers",
        "qualification": {"measure": "points_earned", "window": _window(settings.rollingWindow.durationInMonths)},
        "base_tier": {"name": UNNAMED, "id": base_id},
        "tiers": [],
    }
    _put_base(document, settings.baseTierDefinition)
    _keep(document, status=_remark(settings.status), automatic=automatic or None)
    return document


def status_asked(status: str) -> Status:
    """The program's status for one of the vendor's."""
    return _STATUS[status]


def with_settings(
    ladder: Ladder, settings: ChangedSettings | NewSettings, base_id: str
) -> tuple[Document, Status | None]:
    """The document and status (None: as it is) that the new settings make."""
    document = deepcopy(ladder.document)
    if settings.rollingWindow.durationInMonths != months_of(ladder.program):
        document["qualification"]["window"] = _window(settings.rollingWindow.durationInMonths)
    if settings.baseTierDefinition and "base_tier" not in document:
        document["base_tier"] = {"name": UNNAMED, "id": base_id}
    if "base_tier" in document:
        _refuse_clash(ladder, settings.baseTierDefinition.name if settings.baseTierDefinition else "", None, base=True)
        _put_base(document, settings.baseTierDefinition)
    _keep(document, automatic=None)
    if settings.status == status_shown(ladder.program, ladder.status):
        status = None  # a frozen program is shown as active, and stays frozen
    else:
        status = status_asked(settings.status)
        _keep(document, status=_remark(settings.status))
    if document == ladder.document and status is None:
        _count_update(document)
    return document, status


def with_program(ladder: Ladder, program: ChangedProgram) -> Document:
    """The document under the names that are said; what is not said stays."""
    document = deepcopy(ladder.document)
    if program.name is not None:
        document["name"] = program.name
    named = program.pointDefinition.customName if program.pointDefinition else None
    if named is not None:
        _keep(document, points=named or None)
    return document


def with_tier(ladder: Ladder, tier: NewTier, new_id: str) -> Document:
    """The document with one tier more.

    Raises:
        WixError: the ladder is full, or another tier has the name or the points.
    """
    if len(ladder.program.tiers) >= limits.TIERS_MAX:
        raise limit_reached(limits.TIERS_MAX)
    _refuse_clash(ladder, tier.tierDefinition.name, tier.requiredPoints)
    document = deepcopy(ladder.document)
    node: Document = {"name": tier.tierDefinition.name, "id": new_id, "from": tier.requiredPoints}
    _put_look(node, tier.tierDefinition)
    document["tiers"].insert(_place(ladder.program, tier.requiredPoints, None), node)
    return document


def with_changed_tier(ladder: Ladder, id_: str, change: ChangedTier) -> Document:
    """The document with that tier changed; what the change does not say stays (unknown 6).

    Raises:
        WixError: another tier has the name or the points.
    """
    index = index_of(ladder, id_)
    said = change.tierDefinition
    points = change.requiredPoints
    if points == seen_tiers(ladder.program_id, ladder.program)[id_].points:
        points = None
    _refuse_clash(ladder, said.name if said and said.name else "", points, but=index)
    document = deepcopy(ladder.document)
    node = document["tiers"].pop(index)
    if said and said.name:
        if "id" not in node:
            node["id"] = node["name"]  # renamed, it is still the same tier
        node["name"] = said.name
    if said:
        _put_look(node, said)
    place = index
    if points is not None:
        node["from"] = points
        place = _place(ladder.program, points, index)
    document["tiers"].insert(place, node)
    if document == ladder.document:
        _count_update(document["tiers"][index])
    return document


def without_tier(ladder: Ladder, id_: str) -> Document:
    """The document without that tier; those in it fall to what they qualify for."""
    document = deepcopy(ladder.document)
    del document["tiers"][index_of(ladder, id_)]
    return document


def index_of(ladder: Ladder, id_: str) -> int:
    """The place of the tier with that GUID, which exists, among the tiers."""
    return list(seen_tiers(ladder.program_id, ladder.program)).index(id_)


def _place(program: Program, points: int, moving: int | None) -> int:
    """Where in the ladder a tier with those points stands, when the one at `moving` is taken out."""
    others = [tier for index, tier in enumerate(program.tiers) if index != moving]
    above = (place for place, tier in enumerate(others) if tier.start is not None and tier.start > points)
    return next(above, len(others))


def _refuse_clash(ladder: Ladder, name: str, points: int | None, *, but: int | None = None, base: bool = False) -> None:
    """Names and points are each other's own (unknown 1); names differ as the program wants it, not only in case."""
    program = ladder.program
    folded = _folded(name)
    if program.base_tier and not base and folded and folded == _folded(program.base_tier.name):
        raise name_taken("")
    for index, tier in enumerate(program.tiers):
        if index == but:
            continue
        if folded and folded in (_folded(tier.name), _folded(tier.id)):
            raise name_taken(tier_id(ladder.program_id, tier))
        if points is not None and tier.start == points:
            raise points_taken(tier_id(ladder.program_id, tier))


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _put_base(document: Document, definition: BaseDefinition | None) -> None:
    """Replace how the base tier looks; what is not said is empty again, as the vendor documents."""
    node = document["base_tier"]
    look = definition or BaseDefinition()
    node["name"] = look.name or UNNAMED
    _put_look(node, NewDefinition.model_construct(name=look.name, description=look.description, icon=look.icon))
    if look.icon is None:
        _put_icon(node, ImageIn())
    _keep(node, unnamed=None if look.name else True)


def _put_look(node: Document, look: NewDefinition | ChangedDefinition) -> None:
    if look.description is not None:
        node["description"] = look.description
        if not look.description:
            del node["description"]
    if look.icon is not None:
        _put_icon(node, look.icon)


def _put_icon(node: Document, icon: ImageIn) -> None:
    """The address stands in the program; what only Wix has of an icon in the metadata. An empty one takes it away."""
    node.pop("icon", None)
    if icon.url:
        node["icon"] = icon.url
    more = {name: value for name, value in (("id", icon.id), ("altText", icon.altText)) if value}
    _keep(node, icon=more or None)


def _keep(node: Document, **members: Any) -> None:
    """Keep members in the metadata of a program or tier document; None takes one out."""
    metadata = dict(node.get("metadata") or {})
    own = {**(metadata.get(FACE) or {}), **members}
    metadata[FACE] = {name: value for name, value in own.items() if value is not None}
    if not metadata[FACE]:
        del metadata[FACE]
    node.pop("metadata", None)
    if metadata:
        node["metadata"] = metadata


def _count_update(node: Document) -> None:
    own = (node.get("metadata") or {}).get(FACE) or {}
    _keep(node, updates=own.get("updates", 0) + 1)


def _window(months: int) -> Document:
    return {"rolling": {"months": months}}


def _remark(status: str) -> str | None:
    """What is kept of a status that programs do not have."""
    return status if status in ("DISABLED", "DRAFT") else None
