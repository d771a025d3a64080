"""A program as the request that would make it a group of loyalty tiers, and what of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ziggurat.http.face_support.losses import Loss, said_metadata, where_tiers_follow_at_once
from ziggurat.http.faces.fanfare.ladders import measured_attribute, shown_tiers
from ziggurat.program.model import (
    Award,
    Enrolment,
    Lifetime,
    MeasureKind,
    Program,
    Tier,
)

_NEAREST = {MeasureKind.POINTS_EARNED: "loyaltyLifetimePoints"}
_ACTIVITY = "activityScore"
_NEVER_NEGATIVE = (MeasureKind.POINTS_LIFETIME, MeasureKind.ORDERS)
_OF_A_TIER = ("requires", "expiration", "renewal", "downgrade", "description", "color", "benefits")
_OF_BASE = ("description", "color", "benefits")


def to_payload(program: Program) -> tuple[dict[str, Any], list[Loss]]:
    """The body of `POST /audiences/loyalty-tiers` that makes the ladder there, and what is lost."""
    kind = program.qualification.measure.kind
    attribute = measured_attribute(program) or _NEAREST.get(kind, _ACTIVITY)
    starts = {tier.key: tier.start for tier in program.tiers}
    first = next((tier.start for tier in program.tiers if tier.start is not None), None)
    tiers = []
    for shown in shown_tiers(program):
        start = shown.start
        if shown.key not in starts:  # the base tier
            if first is not None and first <= 0:
                continue
            start = 0 if start is None else start
        elif starts[shown.key] is None:
            continue
        said: dict[str, Any] = {"name": shown.name, "startValue": start, "order": shown.order}
        said |= {} if shown.end is None else {"endValue": shown.end}
        tiers.append(said | ({"iconName": shown.icon} if shown.icon else {}))
    return {"groupName": program.name, "attribute": attribute, "tiers": tiers}, losses(program)


def losses(program: Program) -> list[Loss]:
    """Every part of `program` that the vendor cannot say, in the order of the document."""
    return [*_of_rules(program), *_of_tiers(program), *_of_the_rest(program)]


def _of_rules(program: Program) -> Iterator[Loss]:
    own = program.qualification
    if measured_attribute(program) is None:
        nearest = _NEAREST.get(own.measure.kind, _ACTIVITY)
        yield Loss("qualification.measure", f"{own.measure} is shown as {nearest}")
    if own.window != Lifetime():
        yield Loss("qualification.window", "everything so far counts there")
    yield from where_tiers_follow_at_once(program)
    if program.time_zone != "UTC":
        yield Loss("time_zone", "has no place there")


def _of_tiers(program: Program) -> Iterator[Loss]:
    base = program.base_tier
    if base is not None:
        first = next((tier.start for tier in program.tiers if tier.start is not None), None)
        if first is not None and first <= 0:
            yield Loss("base_tier", "is left out: the tiers above it begin no higher than 0")
        elif program.qualification.measure.kind not in _NEVER_NEGATIVE:
            yield Loss("base_tier", "begins at 0 there: whoever has less is in no tier")
        yield from _of_look(base, "base_tier", _OF_BASE)
    reached: Decimal | None = None
    for index, tier in enumerate(program.tiers):
        path = f"tiers[{index}]"
        if tier.start is None:
            yield Loss(path, "is left out: it asks for no value of what the program counts")
        elif reached is not None and tier.start <= reached:
            yield Loss(f"{path}.from", "is no higher than where the tier below begins: such ranges are refused there")
        reached = tier.start if tier.start is not None else reached
        yield from _of_look(tier, path, _OF_A_TIER)


def _of_look(tier: Tier, path: str, names: tuple[str, ...]) -> Iterator[Loss]:
    for name in names:
        if getattr(tier, name):
            yield Loss(f"{path}.{name}", "cannot be said of a tier there")
    if said_metadata(tier.metadata):
        yield Loss(f"{path}.metadata", "has no place there")


def _of_the_rest(program: Program) -> Iterator[Loss]:
    if program.late_cut_off is not None:
        yield Loss("late_events", "cannot be said there")
    if program.award is not Award.BEFORE:
        yield Loss("award", "cannot be said there")
    if program.enrolment is not Enrolment.ON_FIRST_EVENT:
        yield Loss("enrolment", "cannot be said there")
    if program.currency:
        yield Loss("currency", "money of every currency counts there")
    if program.description:
        yield Loss("description", "has no place there")
    if said_metadata(program.metadata):
        yield Loss("metadata", "has no place there")
