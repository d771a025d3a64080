"""What a program says that the vendor cannot, and the requests that make the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ziggurat.http.face_support.losses import Loss, said_metadata
from ziggurat.http.faces.capillary.changes import content_of, is_requirement_unsaid
from ziggurat.http.faces.capillary.ladder_tracker import ladder_tracker, needs_tracker, tracked, tracker_losses
from ziggurat.http.faces.capillary.numbers import kept
from ziggurat.http.faces.capillary.program_settings import settings_shown
from ziggurat.http.faces.capillary.translate import (
    TRACKER_KPI,
    check_of,
    extends_of,
    holds_of,
    kpi_of,
    renewal_conditions_said,
    validity_months,
    validity_said,
)
from ziggurat.http.faces.capillary.wire import (
    DESCRIPTION_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    THRESHOLD_MAX,
    TIERS_MAX,
)
from ziggurat.program.model import Applies, Enrolment, ExpirationType, MeasureKind, Program, Tier

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def to_payload(program: Program) -> tuple[dict[str, Any], list[Loss]]:
    """The bodies that make the ladder there, and what is lost.

    `settings` are of the program (our schema), `baseTier` updates the tier that it has from the beginning, and each of
    `tiers` creates one above it.
    """
    own = kept(program)
    number = {"programId": own["programId"]} if "programId" in own else {}  # else the vendor gives one
    tiers, settings = [], settings_shown(program)
    tracker = ladder_tracker(program) if needs_tracker(program) else None
    if tracker:
        settings["trackers"] = [*settings["trackers"], tracker]
    for tier in program.tiers:
        said = _said(content_of(program, tier))
        if tracker:
            said["eligibility"] = tracked(said["eligibility"], tracker)
        if "threshold" in said["eligibility"]:
            threshold = Decimal(said["eligibility"]["threshold"])
            said["eligibility"] = {**said["eligibility"], "threshold": threshold}
        tiers.append({**number, **said})
    if not program.tiers or kpi_of(program) == TRACKER_KPI:
        del settings["upgrade"]["kpiType"]  # the first tier chooses it
    payload: dict[str, Any] = {"settings": settings, "tiers": tiers}
    if program.base_tier is not None:
        base = _said(content_of(program, program.base_tier))
        payload["baseTier"] = {name: value for name, value in base.items() if name != "eligibility"}
    return payload, losses(program)


def _said(content: dict[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in content.items() if value not in ("", None)}
    if not _COLOR.fullmatch(said.get("color", "#000000")):
        del said["color"]
    return said


def losses(program: Program) -> list[Loss]:
    """Every part of `program` that the vendor cannot say, in the order of the document."""
    return list(dict.fromkeys([*_of_qualification(program), *_of_rules(program), *_of_tiers(program)]))


def _of_qualification(program: Program) -> Iterator[Loss]:
    own = program.qualification
    if needs_tracker(program):
        yield from tracker_losses(program)
    if kpi_of(program) == "LIFETIME_POINTS" and own.measure.kind is MeasureKind.POINTS_EARNED:
        yield Loss("qualification.measure", "points earned, ever, are shown as lifetime points")
    if own.applies is not Applies.IMMEDIATELY:
        yield Loss("qualification.applies", "a tier is reached at once there")
    if own.max_steps is not None:
        yield Loss("qualification.max_steps", "cannot be said there")


def _of_rules(program: Program) -> Iterator[Loss]:
    if program.downgrade.grace is not None:
        yield Loss("downgrade.grace_period", "there is no grace there")
    if program.late_cut_off is not None:
        yield Loss("late_events", "cannot be said there")
    if program.enrolment is not Enrolment.ON_FIRST_EVENT:
        yield Loss("enrolment", "cannot be said there")
    if program.base_tier is None:
        yield Loss("base_tier", "whoever is in no tier is in the lowest there")
    if program.time_zone != "UTC" and holds_of(program):
        yield Loss("time_zone", "days and months are those of the organization's server there")
    for name in ("description", "currency"):
        if getattr(program, name):
            yield Loss(name, "has no place there")
    if said_metadata(program.metadata):
        yield Loss("metadata", "has no place there")


def _of_tiers(program: Program) -> Iterator[Loss]:
    if len(program.ladder) > TIERS_MAX:
        yield Loss("tiers", f"{len(program.ladder)} tiers; {TIERS_MAX} can be made there")
    if program.base_tier is not None:
        yield from _of_look(program.base_tier, "base_tier")
    for index, tier in enumerate(program.tiers):
        path = f"tiers[{index}]"
        if tier.start is not None and not 0 < tier.start <= THRESHOLD_MAX:
            yield Loss(f"{path}.from", f"does not lie above the base tier's 0 and up to {THRESHOLD_MAX}")
        if tier.start is None and tier.requires is None:
            yield Loss(f"{path}.from", "each tier but the base asks for something there")
        if tier.below is not None:
            yield Loss(f"{path}.below", "cannot be said there")
        if is_requirement_unsaid(program, tier):
            yield Loss(f"{path}.requires", "cannot be said there")
        yield from _of_hold(program, tier, path)
        if tier.downgrade is not None:
            yield Loss(f"{path}.downgrade", "all tiers fall alike there")
        yield from _of_look(tier, path)


def _of_hold(program: Program, tier: Tier, path: str) -> Iterator[Loss]:
    held, renewal = program.expiration_of(tier), program.renewal_of(tier)
    at = f"{path}.expiration" if tier.expiration else "expiration"
    if held.type is ExpirationType.NEVER:
        return
    if validity_said(program, tier) is None:
        yield Loss(at, "is shown as held until the next upgrade")
        return
    if held.check is not check_of(program):
        yield Loss(f"{at}.check", "ends are acted on daily or at the end of the month, for all tiers alike, there")
    at = f"{path}.renewal" if tier.renewal else "renewal"
    months = validity_months(held)
    if months is None or renewal_conditions_said(program, renewal, months) is None:
        yield Loss(f"{at}.criteria", "is shown as always renewed")
    by = extends_of(program) if held.type is ExpirationType.FIXED_DURATION else None
    if renewal.extends != by:
        yield Loss(f"{at}.extends", "reaches by a month or by the validity, for all tiers alike, there")


def _of_look(tier: Tier, path: str) -> Iterator[Loss]:
    if len(tier.name) > NAME_CHARACTERS_MAX:
        yield Loss(f"{path}.name", f"has more than {NAME_CHARACTERS_MAX} characters")
    if len(tier.description) > DESCRIPTION_CHARACTERS_MAX:
        yield Loss(f"{path}.description", f"has more than {DESCRIPTION_CHARACTERS_MAX} characters")
    if tier.color and not _COLOR.fullmatch(tier.color):
        yield Loss(f"{path}.color", "is not written #RRGGBB")
    for name in ("icon", "benefits"):
        if getattr(tier, name):
            yield Loss(f"{path}.{name}", "has no place there")
    if said_metadata(tier.metadata):
        yield Loss(f"{path}.metadata", "has no place there")
