"""Tiers both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.losses import Loss
from ziggurat.http.faces.voucherify import tier_rules
from ziggurat.http.faces.voucherify.dialect import FACE, Dialect
from ziggurat.http.faces.voucherify.errors import ApiError, not_found
from ziggurat.http.faces.voucherify.ids import new_id, tier_id
from ziggurat.http.faces.voucherify.kept import kept, merged_metadata, own_metadata, with_kept
from ziggurat.http.faces.voucherify.read_wire import invalid
from ziggurat.http.faces.voucherify.tier_rules import Rules
from ziggurat.http.faces.voucherify.translate_rules import Wire
from ziggurat.http.faces.voucherify.wire_parts import POINTS_MAX
from ziggurat.program.model import Downgrade, DowngradeType, Program, Tier

PLACEHOLDER = Tier("No tier", id="no_tier", metadata={FACE: {"placeholder": True}})
"""A ladder has to begin with something: what stands there until the first tier is made."""


def is_placeholder(tier: Tier | None) -> bool:
    """Whether `tier` only stands there until the first one is made."""
    return tier is not None and bool(kept(tier.metadata).get("placeholder"))


def shown_tiers(program: Program) -> tuple[Tier, ...]:
    """The tiers that the vendor's clients see."""
    return program.tiers if is_placeholder(program.base_tier) else program.ladder


def find_tier(program: Program, public_id: str, wanted: str) -> Tier:
    """The tier with the vendor's id `wanted`.

    Raises:
        ApiError: `not_found`.
    """
    found = next((tier for tier in shown_tiers(program) if tier_id(public_id, tier.key) == wanted), None)
    if found is None:
        raise not_found("tier", wanted)
    return found


def rules_from_wire(wire: Mapping[str, Any], dialect: Dialect) -> Rules:
    """What reaches a tier.

    Raises:
        ApiError: a part is missing or stands where it must not, or the range is empty.
    """
    place = "Property .qualification_rules"
    segment = (wire.get("segment") or {}).get("id", "")
    if dialect is Dialect.SEED:
        if wire["type"] == "SEGMENT":
            if not segment:
                raise invalid(f"{place} must have required property 'segment'")
            return Rules(segment=segment)
        points: Mapping[str, Any] = wire
        if wire.get("min_value") is None:
            raise invalid(f"{place} must have required property 'min_value'")
    else:
        points = wire.get("points") or {}
        if not points:
            raise invalid(f"{place} must have required property 'points'")
        if wire["type"] == "POINTS_AND_SEGMENT" and not segment:
            raise invalid(f"{place} must have required property 'segment'")
    if wire["type"] == "POINTS" and segment:
        raise invalid(f"{place}.segment must be null for POINTS")
    low, high = Decimal(points["min_value"]), points.get("max_value")
    if high is not None and high < low:
        raise invalid(f"{place}: max_value must be >= min_value")
    return Rules(low, None if high is None else Decimal(high), segment)


def add_tier(program: Program, wire: Mapping[str, Any], dialect: Dialect, now: int) -> tuple[Program, Tier]:
    """`program` with a new tier, and that tier.

    Raises:
        ApiError: too many of them, a name used twice, ranges that overlap.
    """
    if len(shown_tiers(program)) >= dialect.tiers_max:
        raise ApiError(
            "tiers_per_tier_structure_limit_exceeded", f"A tier structure can have up to {dialect.tiers_max} tiers"
        )
    rules = rules_from_wire(wire["qualification_rules"], dialect)
    tier = Tier(wire["name"], id=new_id("lt"), metadata={FACE: {"created_at": now}})
    tier = _with_words(tier, wire)
    return _placed(program, tier, rules, dialect)


def change_tier(
    program: Program, tier: Tier, wire: Mapping[str, Any], dialect: Dialect, now: int
) -> tuple[Program, Tier]:
    """`program` with `tier` changed, and that tier; what is left out stays.

    Raises:
        ApiError: as for `add_tier`.
    """
    # who is told apart by name keeps the old one as id
    changed = _with_words(replace(tier, name=wire.get("name", tier.name), id=tier.key), wire)
    changed = replace(changed, metadata=with_kept(changed.metadata, updated_at=now))
    if "qualification_rules" not in wire:
        return _swapped(program, tier, changed), changed
    rules = rules_from_wire(wire["qualification_rules"], dialect)
    if tier is program.base_tier:
        raise invalid("Property .qualification_rules: the base tier needs nothing")
    return _placed(without_tier(program, tier), changed, rules, dialect)


def without_tier(program: Program, tier: Tier) -> Program:
    """`program` without `tier`."""
    tiers = tuple(each for each in program.tiers if each is not tier)
    base = None if tier is program.base_tier else program.base_tier
    return replace(program, tiers=tiers, base_tier=base or (None if tiers else PLACEHOLDER))


def show_tier(program: Program, public_id: str, tier: Tier, created_at: int, dialect: Dialect) -> Wire:
    """`tier` as the vendor shows it; what the program does not know the date of was made with it."""
    own = kept(tier.metadata)
    said: Wire = {
        "id": tier_id(public_id, tier.key),
        "tier_structure_id": public_id,
        "name": tier.name,
        "qualification_rules": show_rules(program, tier, dialect, []),
        "downgrade": {"type": "NO_DOWNGRADE" if _never_falls(tier) else "INHERIT"},
        "metadata": own_metadata(tier.metadata),
    }
    if dialect is Dialect.NEWER:
        said["points_expiration"] = {"type": own.get("points_expiration", "INHERIT")}
    updated_at = own.get("updated_at")
    return {
        **said,
        "created_at": millisecond_text(own.get("created_at", created_at)),
        "updated_at": None if updated_at is None else millisecond_text(updated_at),
        "object": "tier",
    }


def show_rules(program: Program, tier: Tier, dialect: Dialect, losses: list[Loss]) -> Wire:
    """`qualification_rules` of `tier`."""
    ladder = shown_tiers(program)
    index = next(place for place, each in enumerate(ladder) if each is tier)
    rules, whole = tier_rules.shown_rules(ladder, program.qualification)[index]
    above_base = index - (len(ladder) - len(program.tiers))  # counted as the document does
    place = f"tiers[{above_base}]" if tier is not program.base_tier else "base_tier"
    if not whole:
        losses.append(Loss(f"{place}.requires", "conditions on anything but points and one segment are left out"))
    points = _range(rules, dialect, losses, place)
    if dialect is Dialect.NEWER:
        if rules.segment:
            return {"type": "POINTS_AND_SEGMENT", "points": points, "segment": {"id": rules.segment}}
        return {"type": "POINTS", "points": points}
    if not rules.segment:
        return {"type": "POINTS", **points}
    if rules.low is not None or rules.high is not None:
        losses.append(Loss(f"{place}.from", "a tier for a segment has no range of points"))
    return {"type": "SEGMENT", "segment": {"id": rules.segment}}


def tier_losses(program: Program) -> list[Loss]:
    """What the vendor cannot say of single tiers, whatever the dialect."""
    losses = []
    for index, tier in enumerate(program.tiers):
        place = f"tiers[{index}]"
        own = [field for field in ("expiration", "renewal") if getattr(tier, field) is not None]
        losses += [Loss(f"{place}.{field}", "tiers share that of their structure") for field in own]
        if tier.downgrade and not _never_falls(tier):
            losses.append(Loss(f"{place}.downgrade", "a tier either never falls or follows its structure"))
        losses += [
            Loss(f"{place}.{field}", "is not shown")
            for field in ("description", "color", "icon", "benefits")
            if getattr(tier, field)
        ]
    if program.base_tier is not None and not is_placeholder(program.base_tier):
        shown = ("description", "color", "icon", "benefits")
        losses += [Loss(f"base_tier.{field}", "is not shown") for field in shown if getattr(program.base_tier, field)]
    return losses


def _never_falls(tier: Tier) -> bool:
    return tier.downgrade is not None and tier.downgrade.type is DowngradeType.NEVER


def _with_words(tier: Tier, wire: Mapping[str, Any]) -> Tier:
    if "metadata" in wire:
        tier = replace(tier, metadata=merged_metadata(tier.metadata, wire["metadata"]))
    if "downgrade" in wire:
        never = (wire["downgrade"] or {}).get("type") == "NO_DOWNGRADE"
        tier = replace(tier, downgrade=Downgrade(DowngradeType.NEVER) if never else None)
    if wire.get("points_expiration"):
        tier = replace(tier, metadata=with_kept(tier.metadata, points_expiration=wire["points_expiration"]["type"]))
    return tier


def _placed(program: Program, tier: Tier, rules: Rules, dialect: Dialect) -> tuple[Program, Tier]:
    own = program.qualification
    clash = next((each for each in shown_tiers(program) if rules_clash(each, rules, program)), None)
    if clash is not None:
        # the older dialect answers 403 (unknown 9 of the sheet)
        status = 403 if dialect is Dialect.SEED else None
        details = f"Property .qualification_rules: the range overlaps that of tier '{clash.name}'"
        raise ApiError("invalid_payload", details, status=status)
    if (tier.id or tier.name) and any(_folded(each.name) == _folded(tier.name) for each in shown_tiers(program)):
        raise invalid(f"Property .name: there is a tier '{tier.name}' already")
    tiers = tier_rules.insert(program.tiers, tier, rules, own)
    base = None if is_placeholder(program.base_tier) else program.base_tier
    made = replace(program, tiers=tiers, base_tier=base)
    return made, next(each for each in tiers if each.id == tier.id and each.name == tier.name)


def rules_clash(tier: Tier, rules: Rules, program: Program) -> bool:
    """Whether the range of `tier` and `rules` overlap; a base tier gives way."""
    if tier is program.base_tier:
        return False
    ladder = shown_tiers(program)
    index = next(place for place, each in enumerate(ladder) if each is tier)
    return tier_rules.shown_rules(ladder, program.qualification)[index][0].overlaps(rules)


def _swapped(program: Program, tier: Tier, changed: Tier) -> Program:
    if tier is program.base_tier:
        return replace(program, base_tier=changed)
    return replace(program, tiers=tuple(changed if each is tier else each for each in program.tiers))


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _range(rules: Rules, dialect: Dialect, losses: list[Loss], place: str) -> Wire:
    low, high = max(rules.low or Decimal(0), Decimal(0)), rules.high
    said = {"min_value": low} | ({} if high is None else {"max_value": max(high, low)})
    if any(each > POINTS_MAX for each in said.values()):
        losses.append(Loss(f"{place}.from", f"points reach to {POINTS_MAX:,}"))
    shown: Wire = {}
    for name, bound in said.items():
        points = min(bound, Decimal(POINTS_MAX))
        if points == points.to_integral_value():
            shown[name] = int(points)
        elif dialect is Dialect.NEWER:
            shown[name] = points.normalize()
        else:
            losses.append(Loss(f"{place}.from", "points are whole"))
            shown[name] = int(points) + (name == "min_value")
    return shown
