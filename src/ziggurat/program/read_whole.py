"""What only the whole ladder shows: order, overlaps, names used twice, limits over all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ziggurat import limits
from ziggurat.program.expressions import conditions
from ziggurat.program.model import Measure, Qualification, Renewal, Requirement, Tier, Window
from ziggurat.program.place import Place

Placed = tuple[Place, Tier]


def check_whole(
    place: Place,
    base: Tier | None,
    tiers: Sequence[Tier | None],
    own: Qualification | None,
    renewal: Renewal | None,
) -> None:
    """Note the faults of a program document at `place` that no part of it shows alone."""
    listed = [(place.at("tiers").at(index), tier) for index, tier in enumerate(tiers) if tier]
    _check_order(listed)
    _check_overlaps(listed)
    _check_names([*([(place.at("base_tier"), base)] if base else []), *listed])
    _check_pairs(place, [tier for _, tier in listed], own, renewal)


def _check_order(tiers: Sequence[Placed]) -> None:
    lower: Tier | None = None
    for place, tier in tiers:
        if tier.start is None:
            continue
        if lower and lower.start is not None and tier.start <= lower.start:
            place.at("from").fault(
                f"must be more than {lower.start:f}, the from of {lower.name}, not {tier.start:f}",
                "list the tiers lowest first, each with a higher from",
            )
        else:
            lower = tier


def _check_overlaps(tiers: Sequence[Placed]) -> None:
    """A cap above the next tier's `from` says two things of the values between; a tier that requires more may share."""
    plain = [(place, tier) for place, tier in tiers if tier.start is not None]
    for index, (place, tier) in enumerate(plain):
        if tier.below is None or tier.start is None:
            continue
        inside = (other for _, other in plain[index + 1 :] if _starts_inside(other, tier.start, tier.below))
        if (above := next(inside, None)) and above.start is not None:
            place.at("below").fault(
                f"overlaps {above.name}, which starts from {above.start:f}",
                f"write below: {above.start:f}, or leave it out",
            )


def _starts_inside(tier: Tier, start: Decimal, below: Decimal) -> bool:
    return tier.requires is None and tier.start is not None and start < tier.start < below


def _check_names(tiers: Sequence[Placed]) -> None:
    """A tier is called by its name or its id, so no two may share any of them, however spelled."""
    owners: dict[str, Tier] = {}
    for place, tier in tiers:
        said = [("name", tier.name)]
        if tier.id and tier.id != tier.name:
            said.append(("id", tier.id))
        for key, word in said:
            folded = " ".join(word.casefold().split())
            owner = owners.setdefault(folded, tier)
            if owner is not tier:
                where = place.at(key) if place.is_mapping else place
                where.fault(f'"{word[:60]}" is already the name or id of another tier', "give each tier its own")


def _check_pairs(place: Place, tiers: Sequence[Tier], own: Qualification | None, renewal: Renewal | None) -> None:
    pairs: set[tuple[Measure, Window]] = {(own.measure, own.window)} if own else set()
    for requirement in _requirements(tiers, renewal):
        pairs.update((condition.measure, condition.window) for condition in conditions(requirement))
    if len(pairs) > limits.CONDITIONS_MAX:
        place.at("tiers").fault(
            f"counts {len(pairs)} different measures and windows", f"{limits.CONDITIONS_MAX} are allowed in one program"
        )


def _requirements(tiers: Sequence[Tier], renewal: Renewal | None) -> Iterator[Requirement]:
    for tier in tiers:
        if tier.requires:
            yield tier.requires
    for rule in (renewal, *(tier.renewal for tier in tiers)):
        if rule and rule.criteria:
            yield rule.criteria
