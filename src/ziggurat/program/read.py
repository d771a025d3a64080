"""A program document as a `Program`, or every fault that keeps it from being one: docs/program-document.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ziggurat.errors import InvalidProgramError
from ziggurat.program.calendar import calendar
from ziggurat.program.document_text import UnreadableTextError, parse_text
from ziggurat.program.model import EDITION, Award, Enrolment, Program, Qualification
from ziggurat.program.place import Faults, Place, shown
from ziggurat.program.read_extras import read_description, read_metadata
from ziggurat.program.read_rules import read_downgrade, read_expiration, read_qualification, read_renewal
from ziggurat.program.read_tiers import read_base_tier, read_tiers
from ziggurat.program.read_whole import check_whole
from ziggurat.program.read_windows import read_period
from ziggurat.program.time_zones import is_time_zone, zone_remedy

KEYS = (
    "edition",
    "name",
    "description",
    "time_zone",
    "currency",
    "enrolment",
    "qualification",
    "expiration",
    "renewal",
    "downgrade",
    "base_tier",
    "tiers",
    "late_events",
    "award",
    "metadata",
)
"""The keys of a program document, in the order in which it is written."""

_CURRENCY = re.compile(r"[A-Z]{3}")


def load_program_text(text: str, source: str = "program") -> Program:
    """The program that YAML or JSON `text` says; `source` names the text in messages.

    >>> load_program_text('''
    ... name: Coffee Club
    ... qualification: {measure: points_earned, window: {rolling: {months: 12}}}
    ... base_tier: Member
    ... tiers: [{name: Silver, from: 500}]
    ... ''').tiers[0].start
    Decimal('500')

    Raises:
        InvalidProgramError: with every fault, each with its path and line.
    """
    try:
        document = parse_text(text)
    except UnreadableTextError as error:
        raise InvalidProgramError(list(error.faults), source) from None
    return _read(document.value, Faults(document.lines), source)


def read_program(document: Mapping[str, Any], source: str = "program") -> Program:
    """The program that `document`, made of plain values, says; `source` names it in messages.

    Thresholds may be int, Decimal, text, or floats short enough (15 digits) to be exact in decimal.

    Raises:
        InvalidProgramError: with every fault, each with its path.
    """
    return _read(document, Faults(), source)


def _read(document: Any, faults: Faults, source: str) -> Program:
    program = _read_program(Place(document, "", faults))
    if faults.found or program is None:
        raise InvalidProgramError(faults.listed(), source)
    return program


def _read_program(place: Place) -> Program | None:
    if not place.mapping(KEYS, "a mapping, a program"):
        return None
    _check_edition(place)
    name_place = place.need("name", "name the program")
    name = name_place.text() if name_place else None
    said = _rules(place)
    qualification = said.pop("qualification", None)
    own = qualification if isinstance(qualification, Qualification) else None
    renewal_place = place.get("renewal")
    renewal = said["renewal"] = read_renewal(renewal_place, own) if renewal_place else None
    base_place = place.get("base_tier")
    tiers_place = place.need("tiers", "list the tiers, lowest first")
    base = read_base_tier(base_place) if base_place else None
    # a ladder that is still to be built has a base tier only; without one there would be nothing to be in
    tiers = read_tiers(tiers_place, own, least=0 if base_place else 1) if tiers_place else ()
    extras: dict[str, Any] = {"description": read_description(place), "metadata": read_metadata(place)}
    check_whole(place, base, tiers, own, renewal)
    if place.faults.found or name is None or own is None:
        return None
    good = {key: value for key, value in said.items() if value is not None}
    return Program(name, own, tuple(tier for tier in tiers if tier), base, **extras, **good)


def _check_edition(place: Place) -> None:
    edition = place.get("edition")
    if edition and (edition.value != EDITION or isinstance(edition.value, bool | float)):
        edition.fault(f"must be {EDITION}, not {shown(edition.value)}", f"write edition: {EDITION}")


def _rules(place: Place) -> dict[str, Any]:
    """What the document says of everything but the tiers and the renewal."""
    said: dict[str, Any] = {}
    if zone := place.get("time_zone"):
        said["time_zone"] = _read_zone(zone)
    if currency := place.get("currency"):
        said["currency"] = _read_currency(currency)
    if enrolment := place.get("enrolment"):
        said["enrolment"] = enrolment.choice(Enrolment)
    if qualification := place.need("qualification", "say what is counted: {measure: points_earned}"):
        said["qualification"] = read_qualification(qualification)
    if expiration := place.get("expiration"):
        said["expiration"] = read_expiration(expiration)
    if downgrade := place.get("downgrade"):
        said["downgrade"] = read_downgrade(downgrade)
    if award := place.get("award"):
        said["award"] = award.choice(Award)
    if (late := place.get("late_events")) and late.mapping(("cut_off",)):
        cut_off = late.need("cut_off", "write {cut_off: {days: 90}}")
        said["late_cut_off"] = read_period(cut_off) if cut_off else None
    return said


def _read_zone(place: Place) -> str | None:
    zone = place.text()
    if zone is None:
        return None
    if is_time_zone(zone):
        return calendar(zone).zone
    place.fault(f'is not a time zone: "{zone[:60]}"', zone_remedy(zone))
    return None


def _read_currency(place: Place) -> str | None:
    code = place.text()
    if code is None:
        return None
    if not _CURRENCY.fullmatch(code):
        remedy = (
            f'did you mean "{code.upper()}"?' if _CURRENCY.fullmatch(code.upper()) else 'write a code such as "EUR"'
        )
        place.fault(f"must be the three capital letters of a currency, not {shown(code)}", remedy)
        return None
    return code
