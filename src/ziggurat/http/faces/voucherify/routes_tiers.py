"""The tiers of a structure: create, list, update, delete. The vendor has no operation that reads a single one."""

from __future__ import annotations

from typing import Any

from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.read_program import read_program
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.voucherify import activities, wire_newer, wire_seed
from ziggurat.http.faces.voucherify.dialect import Dialect
from ziggurat.http.faces.voucherify.lists import ListKind, only_parameters, page_of
from ziggurat.http.faces.voucherify.read_wire import invalid, read_body
from ziggurat.http.faces.voucherify.routes_structures import ONE, save
from ziggurat.http.faces.voucherify.structures import (
    Structure,
    find_structure,
    require_draft,
    show_structure,
    show_tier_of,
    structure_of,
    tiers_of,
)
from ziggurat.http.faces.voucherify.translate_rules import Wire
from ziggurat.http.faces.voucherify.translate_structures import EDITABLE
from ziggurat.http.faces.voucherify.translate_tiers import add_tier, change_tier, find_tier, without_tier
from ziggurat.program.model import Tier

BASE = f"{ONE}/tiers"
LIST = ListKind("lcrst", ("created_at", "name"))


class _Tiers:
    """The operations in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.models: Any = wire_seed if dialect is Dialect.SEED else wire_newer

    def routes(self) -> list[FaceRoute]:
        one = self.models.Tier
        common: dict[str, Any] = {"scope": KeyScope.DESIGN, "answer": one, "refusals": (404, 423)}
        update, create = self.models.TierUpdate, self.models.TierCreate
        path = f"{BASE}/{{tierId}}"
        return [
            FaceRoute(method="POST", path=BASE, run=self.create, summary="Make a tier", body=create, **common),
            FaceRoute(
                method="GET", path=BASE, scope=KeyScope.READ, run=self.listed, summary="List the tiers of a structure",
                answer=self.models.TierList, parameters=LIST.parameters, refusals=(404,),
            ),
            FaceRoute(method="PUT", path=path, run=self.update, summary="Change a tier", body=update, **common),
            FaceRoute(method="DELETE", path=path, run=self.delete, summary="Delete a tier", **common),
        ]  # fmt: skip

    def create(self, visit: Visit) -> Wire:
        only_parameters(visit, ())
        structure = self._structure(visit)
        _, wire = read_body(self.models.TierCreate, visit.body)
        require_draft(structure, "Creating a tier")
        program, tier = add_tier(structure.program, wire, self.dialect, visit.context.now)
        save(visit.context, structure, program)
        return self._noted(visit, structure, tier, "tier.created")

    def listed(self, visit: Visit) -> Wire:
        structure = self._structure(visit)
        return page_of(visit, LIST, [show_tier_of(structure, each, self.dialect) for each in tiers_of(structure)])

    def update(self, visit: Visit) -> Wire:
        only_parameters(visit, ())
        structure = self._structure(visit)
        tier = find_tier(structure.program, structure.public_id, visit.path["tierId"])
        _, wire = read_body(self.models.TierUpdate, visit.body)
        fixed = sorted(wire.keys() - EDITABLE)
        if structure.status != "DRAFT" and fixed:
            names = ", ".join(fixed)
            raise invalid(f"Only name and metadata may be updated when the structure is not DRAFT, not {names}")
        if not wire:
            return show_tier_of(structure, tier, self.dialect)
        program, changed = change_tier(structure.program, tier, wire, self.dialect, visit.context.now)
        save(visit.context, structure, program)
        return self._noted(visit, structure, changed, "tier.updated")

    def delete(self, visit: Visit) -> Wire:
        only_parameters(visit, ())
        structure = self._structure(visit)
        tier = find_tier(structure.program, structure.public_id, visit.path["tierId"])
        require_draft(structure, "Deleting a tier")
        save(visit.context, structure, without_tier(structure.program, tier))
        after = structure_of(read_program(visit.context, structure.public_id))
        return self._note(visit, after, structure, tier, "tier.deleted")

    def _structure(self, visit: Visit) -> Structure:
        return find_structure(visit.context, visit.path["tierStructureId"])

    def _noted(self, visit: Visit, structure: Structure, tier: Tier, what: str) -> Wire:
        after = structure_of(read_program(visit.context, structure.public_id))
        saved = next(each for each in tiers_of(after) if each.key == tier.key)
        return self._note(visit, after, after, saved, what)

    def _note(self, visit: Visit, after: Structure, having: Structure, tier: Tier, what: str) -> Wire:
        """Log it with the structure as it is `after`; the tier is shown in the structure `having` it."""

        def show(dialect: Dialect) -> Wire:
            shown = show_structure(visit.context, after, dialect)
            return {"tier_structure": shown, "tier": show_tier_of(having, tier, dialect)}

        activities.note(visit, what, show)
        return show_tier_of(having, tier, self.dialect)


def tier_routes(dialect: Dialect) -> list[FaceRoute]:
    """The routes of tiers in `dialect`."""
    return _Tiers(dialect).routes()
