"""The tiers of a program document, each on its own."""

from __future__ import annotations

from typing import Any

from ziggurat import limits
from ziggurat.program.model import Qualification, Tier
from ziggurat.program.place import Place
from ziggurat.program.read_extras import read_benefits, read_description, read_metadata
from ziggurat.program.read_requirements import read_bounds, read_requirement
from ziggurat.program.read_rules import read_downgrade, read_expiration, read_renewal

SHOWN_KEYS = ("description", "color", "icon", "benefits", "metadata")
RULE_KEYS = ("from", "below", "requires", "expiration", "renewal", "downgrade")
KEYS = ("name", "id", *RULE_KEYS, *SHOWN_KEYS)


def read_tiers(place: Place, own: Qualification | None, *, least: int) -> tuple[Tier | None, ...]:
    """The tiers above the base, at least `least`, in the order listed; None stands for one with faults."""
    return tuple(_read_tier(item, own) for item in place.items(limits.TIERS_MAX, "tiers", least))


def read_base_tier(place: Place) -> Tier | None:
    """The base tier: a mapping, or just its name."""
    if place.is_text:
        name = place.text()
        return Tier(name) if name else None
    if not place.mapping(KEYS, "a tier"):
        return None
    for key in RULE_KEYS:
        if key in place.value:
            place.at(key).fault(
                "means nothing on the base tier", "take it out: everybody has the base tier for nothing"
            )
    return _tier(place)


def _read_tier(place: Place, own: Qualification | None) -> Tier | None:
    if not place.mapping(KEYS, "a tier"):
        return None
    start, below = read_bounds(place)
    rules: dict[str, Any] = {"start": start, "below": below}
    if requires := place.get("requires"):
        rules["requires"] = read_requirement(requires, own)
    if expiration := place.get("expiration"):
        rules["expiration"] = read_expiration(expiration)
    if renewal := place.get("renewal"):
        rules["renewal"] = read_renewal(renewal, own)
    if downgrade := place.get("downgrade"):
        rules["downgrade"] = read_downgrade(downgrade)
    if "from" not in place.value and "requires" not in place.value:
        place.fault("says neither from nor requires", "say what reaches it, as from: 500, or make it the base_tier")
    return _tier(place, **rules)


def _tier(place: Place, **rules: Any) -> Tier | None:
    name_place = place.need("name", "name the tier")
    name = name_place.text() if name_place else None
    words: dict[str, Any] = {key: (text.text() or "") for key in ("id", "color", "icon") if (text := place.get(key))}
    extras: dict[str, Any] = {
        "description": read_description(place),
        "benefits": read_benefits(place),
        "metadata": read_metadata(place),
    }
    return Tier(name, **words, **rules, **extras) if name else None
