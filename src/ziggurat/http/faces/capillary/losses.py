"""What a program says that the vendor cannot, and the requests that make the rest."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ziggurat.http.face_support.losses import Loss
from ziggurat.http.faces.capillary.changes import content_of
from ziggurat.http.faces.capillary.numbers import FACE, program_number
from ziggurat.http.faces.capillary.routes_settings import settings_shown
from ziggurat.http.faces.capillary.translate import conditions_said, kpi_of, validity_said
from ziggurat.http.faces.capillary.wire import (
    DESCRIPTION_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    THRESHOLD_MAX,
    TIERS_MAX,
)
from ziggurat.program.model import Applies, Enrolment, ExpirationType, Lifetime, Program, Tier


def to_payload(program: Program) -> tuple[dict[str, Any], list[Loss]]:
    """The bodies that make the ladder there (`settings`, and one of `tiers` each above the base), and what is lost."""
    number = program_number("", program)
    tiers = []
    for tier in program.tiers:
        content = content_of(program, tier)
        said = {name: value for name, value in content.items() if value not in ("", None)}
        if "threshold" in said["eligibility"]:
            threshold = Decimal(said["eligibility"]["threshold"])
            said["eligibility"] = {**said["eligibility"], "threshold": threshold}
        tiers.append({"programId": number, **said})
    return {"settings": settings_shown(program), "tiers": tiers}, losses(program)


def losses(program: Program) -> list[Loss]:
    """Every part of `program` that the vendor cannot say, in the order of the document."""
    return [*_of_rules(program), *_of_tiers(program)]


def _of_rules(program: Program) -> Iterator[Loss]:
    own = program.qualification
    if kpi_of(program) == "TRACKER_VALUE":
        yield Loss("qualification", f"{own.measure} over its window is shown as a tracker's value")
    if own.applies is not Applies.IMMEDIATELY:
        yield Loss("qualification.applies", "a tier is reached at once there")
    if own.max_steps is not None:
        yield Loss("qualification.max_steps", "cannot be said there")
    if program.downgrade.grace is not None:
        yield Loss("downgrade.grace_period", "there is no grace there")
    if program.late_cut_off is not None:
        yield Loss("late_events", "cannot be said there")
    if program.enrolment is not Enrolment.ON_FIRST_EVENT:
        yield Loss("enrolment", "cannot be said there")
    if program.base_tier is None:
        yield Loss("base_tier", "whoever is in no tier is in the lowest there")
    for name in ("description", "currency"):
        if getattr(program, name):
            yield Loss(name, "has no place there")
    if set(program.metadata) - {FACE}:
        yield Loss("metadata", "has no place there")


def _of_tiers(program: Program) -> Iterator[Loss]:
    if len(program.ladder) > TIERS_MAX:
        yield Loss("tiers", f"{len(program.ladder)} tiers; {TIERS_MAX} can be made there")
    if program.base_tier is not None:
        yield from _of_look(program.base_tier, "base_tier")
    for index, tier in enumerate(program.tiers):
        path = f"tiers[{index}]"
        if tier.start is not None and not 0 <= tier.start <= THRESHOLD_MAX:
            yield Loss(f"{path}.from", f"lies outside of 0 to {THRESHOLD_MAX}")
        if tier.below is not None:
            yield Loss(f"{path}.below", "cannot be said there")
        if tier.requires is not None and conditions_said(program, tier.requires, Lifetime()) is None:
            yield Loss(f"{path}.requires", "cannot be said there")
        is_kept = program.expiration_of(tier).type is not ExpirationType.NEVER
        if is_kept and validity_said(program, tier) is None:
            yield Loss(f"{path}.expiration", "is shown as held until the next upgrade")
        if tier.downgrade is not None:
            yield Loss(f"{path}.downgrade", "all tiers fall alike there")
        yield from _of_look(tier, path)


def _of_look(tier: Tier, path: str) -> Iterator[Loss]:
    if len(tier.name) > NAME_CHARACTERS_MAX:
        yield Loss(f"{path}.name", f"has more than {NAME_CHARACTERS_MAX} characters")
    if len(tier.description) > DESCRIPTION_CHARACTERS_MAX:
        yield Loss(f"{path}.description", f"has more than {DESCRIPTION_CHARACTERS_MAX} characters")
    for name in ("icon", "benefits", "metadata"):
        if getattr(tier, name):
            yield Loss(f"{path}.{name}", "has no place there")
