"""What a program says that Wix cannot, and the payload of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ziggurat.http.face_support.losses import Loss, said_metadata, where_tiers_follow_at_once
from ziggurat.http.faces.wix import limits_of_wix as limits
from ziggurat.http.faces.wix.seen import look_message, look_of, months_of, seen_program, seen_settings, seen_tiers
from ziggurat.program.model import (
    Award,
    Enrolment,
    MeasureKind,
    Program,
    Status,
    Tier,
)


def to_payload(program: Program) -> tuple[dict[str, Any], list[Loss]]:
    """The bodies that make the ladder there (one of `tiers` each), and what is lost."""
    settings = seen_settings(program, Status.ACTIVE)
    months = settings.months or limits.MONTHS_MAX
    said: dict[str, Any] = {
        "rollingWindow": {"durationInMonths": min(max(months, limits.MONTHS_MIN), limits.MONTHS_MAX)},
        "status": "ACTIVE",
    }
    if settings.base:
        said["baseTierDefinition"] = look_message(settings.base)
    tiers = [
        {"tierDefinition": look_message(tier.look), "requiredPoints": tier.points}
        for tier in seen_tiers("", program).values()
    ]
    named = {"name": program.name, "pointDefinition": {"customName": seen_program(program).points}}
    return {"loyaltyProgram": named, "programSettings": said, "tiers": tiers}, losses(program)


def losses(program: Program) -> list[Loss]:
    """Every part of `program` that the vendor cannot say, in the order of the document."""
    return [*_of_rules(program), *_of_tiers(program), *_of_the_rest(program)]


def _of_rules(program: Program) -> Iterator[Loss]:
    own = program.qualification
    if own.measure.kind is not MeasureKind.POINTS_EARNED:
        yield Loss("qualification.measure", f"{own.measure} is shown as points")
    months = months_of(program)
    if months is None:
        yield Loss("qualification.window", "is shown as no window at all: only rolling months can be said")
    elif not limits.MONTHS_MIN <= months <= limits.MONTHS_MAX:
        yield Loss("qualification.window", f"{months} months lie outside of {limits.MONTHS_MIN} to {limits.MONTHS_MAX}")
    yield from where_tiers_follow_at_once(program)
    if program.time_zone != "UTC":
        yield Loss("time_zone", "months are those of UTC there")


def _of_tiers(program: Program) -> Iterator[Loss]:
    if program.base_tier is None:
        yield Loss("base_tier", "whoever is in no tier is in the base tier there")
    else:
        yield from _of_look(program.base_tier, "base_tier")
    if len(program.tiers) > limits.TIERS_MAX:
        yield Loss("tiers", f"{len(program.tiers)} tiers; {limits.TIERS_MAX} can be made there")
    for index, tier in enumerate(program.tiers):
        path = f"tiers[{index}]"
        if tier.start is None:
            yield Loss(f"{path}.from", "is shown with the points of the tier below")
        elif tier.start != tier.start.to_integral_value():
            yield Loss(f"{path}.from", "is rounded up to whole points")
        if tier.start is not None and not 0 <= tier.start <= limits.REQUIRED_POINTS_MAX:
            yield Loss(f"{path}.from", f"lies outside of 0 to {limits.REQUIRED_POINTS_MAX}")
        for name in ("below", "requires", "expiration", "renewal", "downgrade"):
            if getattr(tier, name) is not None:
                yield Loss(f"{path}.{name}", "cannot be said of a tier there")
        yield from _of_look(tier, path)


def _of_look(tier: Tier, path: str) -> Iterator[Loss]:
    look = look_of(tier)
    if len(look.name) > limits.NAME_CHARACTERS_MAX:
        yield Loss(f"{path}.name", f"has more than {limits.NAME_CHARACTERS_MAX} characters")
    if len(look.description) > limits.DESCRIPTION_CHARACTERS_MAX:
        yield Loss(f"{path}.description", f"has more than {limits.DESCRIPTION_CHARACTERS_MAX} characters")
    for name in ("color", "benefits"):
        if getattr(tier, name):
            yield Loss(f"{path}.{name}", "has no place there")
    if said_metadata(tier.metadata):
        yield Loss(f"{path}.metadata", "has no place there")


def _of_the_rest(program: Program) -> Iterator[Loss]:
    if program.late_cut_off is not None:
        yield Loss("late_events", "points are dated when they are given there")
    if program.award is not Award.BEFORE:
        yield Loss("award", "cannot be said there")
    if program.enrolment is not Enrolment.ON_FIRST_EVENT:
        yield Loss("enrolment", "cannot be said there")
    if not limits.PROGRAM_NAME_CHARACTERS_MIN <= len(program.name) <= limits.NAME_CHARACTERS_MAX:
        least, most = limits.PROGRAM_NAME_CHARACTERS_MIN, limits.NAME_CHARACTERS_MAX
        yield Loss("name", f"has fewer than {least} or more than {most} characters")
    for name in ("description", "currency"):
        if getattr(program, name):
            yield Loss(name, "has no place there")
    if said_metadata(program.metadata):
        yield Loss("metadata", "has no place there")
