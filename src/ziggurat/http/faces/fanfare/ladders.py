"""Loyalty tiers as programs, and programs as loyalty tiers. Pure.

A tier group is a program: its measure is the attribute over all time, nothing is held, and each tier covers
`[startValue, endValue)` (unknown 2). Gaps are allowed (unknown 6): whoever is in one has no tier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ziggurat.app.events.tell_scores import TOLD
from ziggurat.http.faces.fanfare.fields import TIER_FIELDS
from ziggurat.http.faces.fanfare.ids import shown_uuid
from ziggurat.http.faces.fanfare.kept import kept, with_kept
from ziggurat.http.faces.fanfare.numbers import kept_form, sent_form, value_of
from ziggurat.http.faces.fanfare.wire import TierGroupIn, TierIn
from ziggurat.program.model import Lifetime, MeasureKind, Program, Tier
from ziggurat.program.write import program_document

Document = dict[str, Any]

_MEASURES: Mapping[str, MeasureKind] = {
    "loyaltyBalance": MeasureKind.POINTS_BALANCE,
    "loyaltyLifetimePoints": MeasureKind.POINTS_LIFETIME,
    "ltv": MeasureKind.SPEND,
    "totalOrders": MeasureKind.ORDERS,
    "aov": MeasureKind.AVERAGE_ORDER_VALUE,
}


@dataclass(frozen=True, slots=True)
class ShownTier:
    """A tier as the vendor has it. `start` and `end` are as they were sent; `start` is None for all that is less."""

    key: str
    name: str
    start: Any
    end: Any
    order: Any
    icon: str | None


def measure_of(attribute: str) -> Any:
    """What a program measures for an attribute; scores fade with time and are told to it."""
    kind = _MEASURES.get(attribute)
    return str(kind) if kind else {"attribute": TOLD[TIER_FIELDS[attribute]]}


def attribute_of(program: Program) -> str | None:
    """The attribute that a program's ladder is made of, None if it counts something that the vendor has not."""
    return measured_attribute(program) if program.qualification.window == Lifetime() else None


def measured_attribute(program: Program) -> str | None:
    """The attribute that is what a program measures, over whatever span; None if there is none."""
    measure = program.qualification.measure
    if measure.kind is MeasureKind.ATTRIBUTE:
        return next((name for name, field in TIER_FIELDS.items() if TOLD.get(field) == measure.name), None)
    return next((name for name, kind in _MEASURES.items() if kind is measure.kind), None)


def shown_tiers(program: Program) -> list[ShownTier]:
    """The tiers of a ladder, lowest first. A tier that says no end goes as far as the next one's start."""
    shown = []
    tiers = program.tiers
    if program.base_tier:
        shown.append(_shown_base(program.base_tier, tiers))
    for place, tier in enumerate(tiers):
        own = kept(tier.metadata)
        start, end = tier.start, _end_of(tiers, place)
        shown.append(
            ShownTier(
                tier.key,
                tier.name,
                None if start is None else sent_form(own.get("start"), start),
                None if end is None else sent_form(own.get("end"), end),
                sent_form(own.get("order"), _order_of(own, len(shown))),
                tier.icon or None,
            )
        )
    return shown


def _shown_base(base: Tier, tiers: Sequence[Tier]) -> ShownTier:
    """The base tier, which is for whoever is below the others; with the start that was said of it."""
    own = kept(base.metadata)
    said = own.get("start")
    start = value_of(said[1]) if isinstance(said, list) else None
    end = next((tier.start for tier in tiers if tier.start is not None), None)
    return ShownTier(
        base.key,
        base.name,
        None if start is None else sent_form(said, start),
        None if end is None else sent_form(own.get("end"), end),
        sent_form(own.get("order"), _order_of(own, 0)),
        base.icon or None,
    )


def _end_of(tiers: Sequence[Tier], place: int) -> Decimal | None:
    following = [tier.start for tier in tiers[place + 1 :] if tier.start is not None]
    ends = [end for end in (tiers[place].below, *following[:1]) if end is not None]
    return min(ends) if ends else None


def _order_of(own: Mapping[str, Any], place: int) -> Decimal:
    form = own.get("order")
    known = value_of(form[1]) if isinstance(form, list) and len(form) == len(("form", "text")) else None
    return Decimal(place) if known is None else known


def new_document(asked: TierGroupIn, new_id: Callable[[], str]) -> Document:
    """The program that a new group is; `new_id` gives tiers their ids."""
    document: Document = {
        "edition": 1,
        "name": asked.groupName,
        "qualification": {"measure": measure_of(asked.attribute)},
        "tiers": [],
    }
    document["tiers"] = [_node({"id": new_id()}, tier) for tier in ascending(asked.tiers)]
    return document


def changed_document(program: Program, asked: TierGroupIn, new_id: Callable[[], str]) -> Document:
    """The program after the whole group was said anew.

    Tiers are matched by name, then by order (unknown 8), and keep their ids; what the vendor cannot see of them stays.
    A base tier stays one for as long as it is the lowest.
    """
    document = program_document(program)
    document["name"] = asked.groupName
    if attribute_of(program) != asked.attribute:
        document["qualification"] = {"measure": measure_of(asked.attribute)}
    nodes = {tier.key: node for tier, node in zip(program.tiers, document["tiers"], strict=True)}
    base = program.base_tier
    if base is not None:
        nodes[base.key] = document.pop("base_tier")
    matched = match_tiers(program, asked.tiers)
    document["tiers"] = []
    for place, tier in enumerate(ascending(asked.tiers)):
        key = matched.get(tier.name)
        node = _node({"id": new_id()} if key is None else {"id": key, **nodes[key]}, tier)
        if base is not None and key == base.key and not place:
            document["base_tier"] = {name: value for name, value in node.items() if name not in ("from", "below")}
        else:
            document["tiers"].append(node)
    return document


def match_tiers(program: Program, asked: Sequence[TierIn]) -> dict[str, str]:
    """Which tier of the program each of those is, by name; those that are none are left out."""
    known = {folded(tier.name): tier.key for tier in program.ladder}
    found = {tier.name: known[folded(tier.name)] for tier in asked if folded(tier.name) in known}
    taken = set(found.values())
    places = {value_of(tier.order): tier.key for tier in shown_tiers(program) if tier.key not in taken}
    for tier in asked:
        key = places.get(value_of(tier.order))
        if tier.name not in found and key is not None:
            found[tier.name] = key
    return found


def folded(name: str) -> str:
    """What names of tiers are told apart by, as in every program: case and spaces are none of it.

    >>> folded(" Gold  Plus ")
    'gold plus'
    """
    return " ".join(name.casefold().split())


def ascending(tiers: Sequence[TierIn]) -> list[TierIn]:
    """The tiers by where they start, as a ladder has them."""
    return sorted(tiers, key=lambda tier: value_of(tier.startValue) or Decimal(0))


def _node(node: Document, tier: TierIn) -> Document:
    """A tier of a program document that is what was said."""
    start, end = value_of(tier.startValue), None if tier.endValue is None else value_of(tier.endValue)
    for name, value in (("from", start), ("below", end), ("icon", tier.iconName or None)):
        node.pop(name, None)
        if value is not None:
            node[name] = value
    node["name"] = tier.name
    node["metadata"] = with_kept(
        node.get("metadata") or {},
        order=kept_form(tier.order),
        start=kept_form(tier.startValue),
        end=None if tier.endValue is None else kept_form(tier.endValue),
    )
    return node


def without_tier(program: Program, key: str) -> Document | None:
    """The program without that tier, None if nothing would be left."""
    document = program_document(program)
    if program.base_tier and program.base_tier.key == key:
        del document["base_tier"]
    tiers = zip(program.tiers, document["tiers"], strict=True)
    document["tiers"] = [node for tier, node in tiers if tier.key != key]
    return document if document["tiers"] or "base_tier" in document else None


def with_changed_tier(program: Program, key: str, **said: str | None) -> Document:
    """The program with a tier's `name`, `description` or `icon` changed; None takes one out."""
    document = program_document(program)
    nodes = [document["base_tier"]] if program.base_tier else []
    for tier, node in zip(program.ladder, [*nodes, *document["tiers"]], strict=True):
        if tier.key == key:
            node.setdefault("id", key)  # renamed, it is still the same tier
            for name, value in said.items():
                node.pop(name, None)
                if value:
                    node[name] = value
    return document


def tier_rules(shown: ShownTier, attribute: str, audience: str) -> list[tuple[str, str, list[Any], str]]:
    """The rules that a tier is shown by (unknown 1): field, operator, values, and an id derived from the audience's."""
    rules = []
    if shown.start is not None:
        rules.append((attribute, "GREATER_THAN_OR_EQUAL", [shown.start], shown_uuid("tier rule", f"{audience}:0")))
    if shown.end is not None:
        rules.append((attribute, "LESS_THAN", [shown.end], shown_uuid("tier rule", f"{audience}:1")))
    return rules


def tier_metadata(shown: ShownTier, group: str, attribute: str | None) -> dict[str, Any]:
    """What the vendor keeps of a tier in its audience's metadata; `max` of an open tier is null (unknown 14)."""
    return {
        "tierGroup": group,
        "tierAttribute": attribute,
        "tierOrder": shown.order,
        "tierBoundaries": {"min": shown.start, "max": shown.end},
    }


TIER_METADATA = ("tierGroup", "tierAttribute", "tierOrder", "tierBoundaries")
