"""What a change is to those who listen: tiers created, updated, deleted, and the loyalty program updated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.http.face_support.ids import derived_uuid
from ziggurat.http.face_support.versions import Counted, count_further
from ziggurat.http.faces.wix.seen import (
    FACE,
    SeenProgram,
    SeenTier,
    program_message,
    seen_program,
    seen_tiers,
    tier_message,
)
from ziggurat.program.model import Program

CREATED = f"{FACE}:tier_created"
UPDATED = f"{FACE}:tier_updated"
DELETED = f"{FACE}:tier_deleted"
PROGRAM_UPDATED = f"{FACE}:program_updated"


def tier_changes(
    program_id: str, before: Mapping[str, Counted[SeenTier]], program: Program, at: int
) -> list[tuple[str, Mapping[str, Any]]]:
    """The messages about what `program`, in force from `at`, changes of the tiers seen `before`."""
    after = count_further(before, at, seen_tiers(program_id, program))
    said: list[tuple[str, Mapping[str, Any]]] = [(DELETED, {"id": id_}) for id_ in before if id_ not in after]
    for id_, tier in after.items():
        if id_ not in before:
            said.append((CREATED, tier_message(tier)))
        elif tier != before[id_]:
            said.append((UPDATED, tier_message(tier)))
    return said


def program_changes(
    program_id: str, before: Counted[SeenProgram], program: Program, at: int
) -> list[tuple[str, Mapping[str, Any]]]:
    """The message that the loyalty program is called otherwise, or its points are."""
    after = count_further({"": before}, at, {"": seen_program(program)})[""]
    return (
        []
        if after == before
        else [(PROGRAM_UPDATED, {"id": derived_uuid(FACE, program_id, "program"), **program_message(after)})]
    )
