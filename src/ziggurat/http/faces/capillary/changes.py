"""What a record makes of a program, and what must hold before it may: names, order, numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ziggurat.http.faces.capillary.errors import NAME_TAKEN, CapillaryError, Said, conflict, invalid, named, plain
from ziggurat.http.faces.capillary.expressions import with_parentheses
from ziggurat.http.faces.capillary.reading import relation_faults, renewal_faults
from ziggurat.http.faces.capillary.records import Ladder
from ziggurat.http.faces.capillary.translate import (
    CANONICAL,
    MEASURES,
    TRACKER_KPI,
    TYPES_OF_KPI,
    eligibility_said,
    extends_of,
    first_tracker,
    kpi_of,
    number_text,
    renewal_conditions_said,
    requirement_said,
    tracker_window,
    upgrade_type_of,
    validity_months,
    validity_said,
    with_eligibility,
    with_validity,
)
from ziggurat.http.faces.capillary.wire import CUSTOM, SAME_AS_ELIGIBILITY
from ziggurat.program.model import Program, Tier
from ziggurat.program.read import read_program
from ziggurat.program.write import program_document

Content = dict[str, Any]
"""What a record says of a tier: name, description, color, eligibility, validity."""
_PLAIN = ("ALL", "ANY", "AND", "OR")


def content_of(program: Program, tier: Tier) -> Content:
    """What a live tier says."""
    return {
        "name": tier.name,
        "description": tier.description,
        "color": tier.color,
        "eligibility": eligibility_said(program, tier),
        "validity": None if tier == program.base_tier else validity_said(program, tier),
    }


def merged(before: Mapping[str, Any], said: Mapping[str, Any]) -> Content:
    """`before` with what was sent: named members of objects one by one, conditions as a whole."""
    content: Content = {**before}
    for name in ("name", "description", "color"):
        if name in said:
            content[name] = said[name].strip() if name == "name" else said[name]
    if "eligibility" in said:
        content["eligibility"] = _settled({**before["eligibility"], **_stored(said["eligibility"])})
    if "validity" in said:
        validity = {**(before["validity"] or {}), **said["validity"]}
        renewal = {**((before["validity"] or {}).get("renewal") or {}), **said["validity"].get("renewal", {})}
        if renewal.get("conditions") and "criteriaType" not in said["validity"].get("renewal", {}):
            renewal["criteriaType"] = CUSTOM
        if said["validity"].get("renewal", {}).get("criteriaType") == SAME_AS_ELIGIBILITY:
            sent = said["validity"]["renewal"]
            renewal = {key: value for key, value in renewal.items() if key == "criteriaType" or key in sent}
        content["validity"] = {**validity, "renewal": _settled(renewal) or {"criteriaType": SAME_AS_ELIGIBILITY}}
        content["validity"]["renewal"].setdefault("criteriaType", SAME_AS_ELIGIBILITY)
    return content


def _stored(eligibility: Mapping[str, Any]) -> Content:
    said = dict(eligibility)
    if "threshold" in said:
        said["threshold"] = number_text(Decimal(said["threshold"]))
    return said


def _settled(said: Content) -> Content:
    """`said` with its expression in parentheses, if it can be read."""
    relation = said.get("expressionRelation")
    if relation is not None and relation not in _PLAIN and not relation.startswith("ANY_"):
        try:
            said["expressionRelation"] = with_parentheses(relation, len(said.get("conditions") or []))
        except ValueError:
            return said  # `faults` says what is wrong
    return said


def check(ladder: Ladder, key: str, serial: int, content: Content) -> None:
    """Nothing, if the tier can stand so in the ladder.

    Raises:
        CapillaryError: 400 with every fault, or 409 when the name is taken.
    """
    errors = list(dict.fromkeys(_faults(ladder, key, serial, content)))
    if errors:
        raise invalid(errors)
    name = content["name"].strip().casefold()
    live = [tier.name for tier in ladder.program.ladder if tier.key != key]
    others = [record.name for record in ladder.open_records if record.tier != key]
    if name in {other.strip().casefold() for other in (*live, *others)}:
        raise conflict(f"a live tier named {content['name']} already exists in the program", NAME_TAKEN)
    read_program(program_document(with_tier(ladder.program, key, content)))


def _faults(ladder: Ladder, key: str, serial: int, content: Content) -> Iterator[Said]:
    program, eligibility = ladder.program, content["eligibility"]
    is_base = program.base_tier is not None and program.base_tier.key == key
    yield from _kpi_faults(program, eligibility)
    yield from relation_faults(eligibility, "eligibility")
    yield from _tracker_faults(program, eligibility, "eligibility")
    if is_base:
        if eligibility.get("conditions") or Decimal(eligibility.get("threshold", 0)):
            yield plain("eligibility: everybody is in the base tier; it has no conditions")
        if content["validity"] is not None:
            yield plain("validity: nobody falls from the base tier; it has none")
        return
    if "threshold" not in eligibility and not eligibility.get("conditions"):
        yield plain("eligibility.threshold: missing")
    validity = content["validity"]
    if validity is not None:
        yield from (
            plain(f"validity.{name}: missing") for name in ("periodType", "periodValue", "unit") if name not in validity
        )
        yield from renewal_faults(validity["renewal"])
        yield from relation_faults(validity["renewal"], "validity.renewal")
        yield from _tracker_faults(program, validity["renewal"], "validity.renewal")
    if "threshold" in eligibility:
        yield from _order_faults(ladder, key, serial, Decimal(eligibility["threshold"]))


def _kpi_faults(program: Program, eligibility: Mapping[str, Any]) -> Iterator[Said]:
    if "kpiType" not in eligibility:
        yield plain("eligibility.kpiType: missing")
        return
    kpi, own = CANONICAL.get(eligibility["kpiType"], eligibility["kpiType"]), kpi_of(program)
    chosen = kpi in MEASURES or (kpi == TRACKER_KPI and first_tracker(program, eligibility) is not None)
    is_first = not program.tiers and chosen  # the first tier's KPI is the program's
    if kpi != own and not is_first:
        yield named("TIER.PROGRAM_KPI_TYPE_MISMATCH", f"the program's KPI is {own}, not {kpi}")
        return
    for index, each in enumerate(eligibility.get("conditions") or []):
        if each["type"] not in TYPES_OF_KPI[kpi]:
            where = f"eligibility.conditions[{index}].type"
            yield named("TIER.PROGRAM_KPI_TYPE_MISMATCH", f"{where} {each['type']} does not go with the KPI {kpi}")


def _tracker_faults(program: Program, said: Mapping[str, Any], at: str) -> Iterator[Said]:
    for index, each in enumerate(said.get("conditions") or []):
        ids = each.get("trackerId"), each.get("trackerCondition")
        if each["type"] == "TRACKER" and tracker_window(program, *ids) is None:
            yield plain(f"{at}.conditions[{index}]: the program has no tracker {ids[0]} with the condition {ids[1]}")


def _order_faults(ladder: Ladder, key: str, serial: int, threshold: Decimal) -> Iterator[Said]:
    """Thresholds rise: above the nearest tier below that has one, and below the nearest above."""
    known: dict[int, Decimal] = {}
    for place, tier in enumerate(ladder.program.ladder, 1):
        if tier == ladder.program.base_tier:
            known[place] = Decimal(0)
        elif tier.key != key and tier.start is not None:
            known[place] = tier.start
    for record in ladder.new_records():
        if record.tier != key and "threshold" in record.eligibility:
            known[record.serialNumber] = Decimal(record.eligibility["threshold"])
    below = max((place for place in known if place < serial), default=None)
    above = min((place for place in known if place > serial), default=None)
    if below is not None and threshold <= known[below]:
        yield named("TIER.THRESHOLD_NOT_MONOTONIC", f"eligibility.threshold is not above {known[below]:f}")
    if above is not None and threshold >= known[above]:
        yield named("TIER.THRESHOLD_NOT_MONOTONIC", f"eligibility.threshold is not below {known[above]:f}")


def with_tier(program: Program, key: str, content: Content) -> Program:
    """`program` with the tier as `content` says; what it leaves alone stays, also where the vendor cannot say it."""
    live = next((tier for tier in program.ladder if tier.key == key), None)
    tier = replace(
        live or Tier("", id=key),
        name=content["name"],
        description=content["description"],
        color=content["color"],
    )
    if tier.key != key:
        tier = replace(tier, id=key)  # a tier made elsewhere without id keeps what it is known by
    if live is not None and live == program.base_tier:
        return replace(program, base_tier=tier)
    if live is None:
        program, tier = with_eligibility(program, tier, content["eligibility"])
        return replace(program, tiers=_placed(program.tiers, with_validity(program, tier, content["validity"])))
    # conditions and renewals that the vendor cannot say stay, unless others were sent
    before = content_of(program, live)
    if before["eligibility"] != content["eligibility"]:
        program, tier = with_eligibility(program, tier, content["eligibility"])
        if is_requirement_unsaid(program, live) and not content["eligibility"].get("conditions"):
            tier = replace(tier, requires=live.requires)
    said, was = content["validity"], before["validity"]
    if said != was:
        leaves_it = bool(said and was) and said["renewal"] == was["renewal"] and is_renewal_unsaid(program, live)
        tier = with_validity(program, tier, said, renewed=not leaves_it)
    return replace(program, tiers=_placed(program.tiers, tier))


def is_requirement_unsaid(program: Program, tier: Tier) -> bool:
    """Whether what `tier` requires beside its threshold cannot be shown."""
    return requirement_said(program, tier.requires) is None


def is_renewal_unsaid(program: Program, tier: Tier) -> bool:
    """Whether what renews `tier` is shown otherwise than it is."""
    renewal, months = program.renewal_of(tier), validity_months(program.expiration_of(tier)) or 1
    extends = renewal.extends is not None and renewal.extends != extends_of(program)
    return extends or renewal_conditions_said(program, renewal, months) is None


def _placed(tiers: tuple[Tier, ...], tier: Tier) -> tuple[Tier, ...]:
    """`tiers` with `tier`: in its own place, or below the first that asks for more."""
    keys = [each.key for each in tiers]
    if tier.key in keys:
        at = keys.index(tier.key)
        return (*tiers[:at], tier, *tiers[at + 1 :])
    start = tier.start
    above = [at for at, each in enumerate(tiers) if start is not None and each.start is not None and each.start > start]
    at = above[0] if above else len(tiers)
    return (*tiers[:at], tier, *tiers[at:])


def warnings(program: Program, said: Mapping[str, Any], content: Mapping[str, Any]) -> tuple[Said, ...]:
    """What may not be meant of what was sent, once `content` is made of it."""
    found = []
    eligibility, validity = content["eligibility"], content["validity"]
    if program.tiers and eligibility.get("upgradeType") != upgrade_type_of(program):
        found.append(plain("eligibility.upgradeType holds for all tiers of the program once this one is approved"))
    renewal = (validity or {}).get("renewal", {})
    sent = {"eligibility": said.get("eligibility", {}), "validity.renewal": said.get("validity", {}).get("renewal", {})}
    for at, kept in (("eligibility", eligibility), ("validity.renewal", renewal)):
        text, read = sent[at].get("expressionRelation", ""), kept.get("expressionRelation") or ""
        if read.count("(") > text.count("("):
            found.append(plain(f"{at}.expressionRelation is read from left to right: {read}"))
    if renewal.get("criteriaType") == CUSTOM and not renewal.get("conditions"):
        found.append(plain("validity.renewal has no conditions: whoever has the tier keeps it at each check"))
    return tuple(found)


def too_many(count: int) -> CapillaryError:
    """The program has all the tiers that it may have."""
    return conflict(f"the program has {count} tiers; no more can be made")
