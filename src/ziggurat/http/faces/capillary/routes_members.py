"""Customers' tiers (v2): reading them, and moving one by hand."""

from __future__ import annotations

import re
from typing import Any

from whenever import Date

from ziggurat.app.members.read_member import read_member
from ziggurat.app.members.set_override import set_override
from ziggurat.app.members.views import StandingView
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.capillary import wire_members as wire
from ziggurat.http.faces.capillary.customers import (
    BAD_PROGRAM,
    NO_NUMBER,
    NO_SLAB,
    NOT_HIGHER,
    customer_of,
    last_second,
    refusal,
    serial_of,
    source_of,
    v2,
)
from ziggurat.http.faces.capillary.errors import CapillaryError, plain
from ziggurat.http.faces.capillary.numbers import member_number, number_of
from ziggurat.http.faces.capillary.once import once
from ziggurat.http.faces.capillary.reading import read_body
from ziggurat.http.faces.capillary.records import program_ids
from ziggurat.program.calendar import Period, Unit, add_to_date, calendar
from ziggurat.program.events import OverrideMode
from ziggurat.program.model import Program, Tier

_DAYS_MAX = 36_500
_LAST_YEAR = "2200"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


# --- reading


def _details(visit: Visit) -> Any:
    return _details_of(visit, visit.path["user_id"])


def _lookup(visit: Visit) -> Any:
    source_of(visit)
    return _details_of(visit, customer_of(visit))


def _details_of(visit: Visit, member: str) -> Any:
    query = visit.request.query_params
    if query.get("entityType", "CUSTOMER") != "CUSTOMER":
        raise CapillaryError(400, plain("entityType is CUSTOMER here"))
    programs = program_ids(visit.context)
    if query.get("fetchDataForAllPrograms", "false").lower() != "true":
        number = number_of(query["programId"]) if "programId" in query else next(iter(programs), None)
        if number not in programs:
            raise refusal(BAD_PROGRAM, "no such program")
        programs = {number: programs[number]}
    seen = read_member(visit.context, member, outlook=False)
    standings = {standing.program: standing for standing in seen.programs}
    tiers = [
        _program_tier(visit, number, program, standings[id_])
        for number, (id_, program) in programs.items()
        if id_ in standings
    ]
    return {"entityId": member_number(member), "entityType": "CUSTOMER", "programTiers": tiers, "warnings": []}


def _program_tier(visit: Visit, number: int, program: Program, standing: StandingView) -> dict[str, Any]:
    ladder = program.ladder
    serial = serial_of(ladder, standing.tier)
    following = ladder[serial] if serial < len(ladder) else None
    last = last_second(program, standing, visit.context.now)
    zone = calendar(program.time_zone)
    return {
        "programId": number,
        "currentTierName": standing.tier,
        "currentTierSerialNumber": serial,
        "tierExpiryDate": zone.format(last)[:19].replace("T", " "),
        "tierExpiryDateISO": zone.format(last),
        "nextTierName": following.name if following else "",
        "nextTierSerialNumber": serial + 1 if following else -1,
    }


# --- moving


def _adjust(visit: Visit) -> Any:
    return once(visit, lambda: v2(_adjusted)(visit))


def _adjusted(visit: Visit) -> Any:
    said = read_body(wire.ManualAdjustment, visit.body)
    if visit.request.query_params.get("type", "CUSTOMER") != "CUSTOMER":
        raise CapillaryError(400, plain("type is CUSTOMER here"))
    found = program_ids(visit.context).get(said["programId"])
    if found is None:
        raise refusal(BAD_PROGRAM, "no such program")
    id_, program = found
    source_of(visit)
    member = customer_of(visit)
    before = read_member(visit.context, member, program=id_, outlook=False).programs[0]
    serial = serial_of(program.ladder, before.tier)
    tier = _target(program, serial, said)
    mode, until = _how_long(visit, program, before, said)
    reason = said.get("slabChangeReason", "")
    set_override(visit.context, member, program=id_, tier=tier.key, mode=mode, until=until, reason=reason)
    after = read_member(visit.context, member, program=id_, outlook=False).programs[0]
    effect = {
        "entityType": "USER",
        "previousSlabName": before.tier,
        "previousSlabNumber": serial,
        "upgradedSlabName": after.tier,
        "upgradedSlabNumber": serial_of(program.ladder, after.tier),
        "slabExpiryDate": _in_words(calendar(program.time_zone).date(last_second(program, after, visit.context.now))),
        "type": "slab",
    }
    entity = member_number(member)
    return {"programId": said["programId"], "entityId": entity, "sideEffects": [effect], "warnings": []}


def _target(program: Program, serial: int, said: dict[str, Any]) -> Tier:
    ladder, action = program.ladder, said["slabAction"]
    if action not in ("UPGRADE", "DOWNGRADE"):
        if serial == 0:
            raise refusal(NO_SLAB, "the customer has no tier")
        return ladder[serial - 1]
    place = serial_of(ladder, said.get("toSlabName", ""))
    if place == 0:
        raise refusal(NO_SLAB, "toSlabName names no tier of the program")
    if action == "UPGRADE" and place <= serial:
        raise refusal(NOT_HIGHER, "toSlabName is not above the customer's tier")
    if action == "DOWNGRADE" and place >= serial:
        raise CapillaryError(400, plain("toSlabName is not below the customer's tier"))
    return ladder[place - 1]


def _how_long(
    visit: Visit, program: Program, before: StandingView, said: dict[str, Any]
) -> tuple[OverrideMode, int | None]:
    """How the decision stands against the rules, and until when."""
    kind = said["manualSlabActionValidity"]
    if kind == "AS_PER_TIER_STRATEGY":
        return OverrideMode.ONCE, None
    # reassessed on the next activity: the rules may lift her further, but the tier is hers till then
    mode = OverrideMode.FLOOR if said.get("reassessTierOnNextActivity") else OverrideMode.FIXED
    if kind == "CURRENT_TIER_EXPIRY_DATE":
        return mode, before.expires_at
    zone, upto = calendar(program.time_zone), said.get("manualSlabActionValidityUpto")
    if kind == "SPECIFIC_DATE":
        found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})([ T]\d{2}:\d{2}:\d{2})?", upto) if isinstance(upto, str) else None
        try:
            last = Date.parse_iso(found[1]) if found and found[1] < _LAST_YEAR else None
        except ValueError:
            last = None
        if last is None:
            raise CapillaryError(400, plain("manualSlabActionValidityUpto is a date, YYYY-MM-DD"))
    else:
        count = number_of(str(upto))
        if count is None or count > _DAYS_MAX:
            raise refusal(NO_NUMBER, "manualSlabActionValidityUpto is a number of days")
        last = add_to_date(zone.date(visit.context.now), Period(count, Unit.DAYS))
    if last < zone.date(visit.context.now):
        raise CapillaryError(400, plain("manualSlabActionValidityUpto lies in the past"))
    return mode, zone.instant(add_to_date(last, Period(1, Unit.DAYS)))


def _in_words(date: Date) -> str:
    """A date as the vendor writes it.

    >>> _in_words(Date(2025, 11, 30)), _in_words(Date(2026, 1, 1))
    ('30th Nov, 2025', '1st Jan, 2026')
    """
    month = _MONTHS[date.month - 1]
    return f"{date.day}{_ORDINALS.get(date.day, 'th')} {month}, {date.year}"


def _parameter(name: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": {"type": "string", **schema}}


_WHOM = (
    _parameter("source", required=True, enum=list(wire.SOURCES)),
    _parameter("identifierName", required=True),
    _parameter("identifierValue", required=True),
)
_WHICH = (_parameter("programId"), _parameter("entityType"), _parameter("fetchDataForAllPrograms"))
MEMBER_ROUTES = (
    FaceRoute(
        method="POST",
        path="/v2/slab/manualSlabAdjustment",
        scope=KeyScope.APPROVE,
        run=_adjust,
        summary="Move a customer by hand",
        body=wire.ManualAdjustment,
        answer=wire.AdjustmentAnswer,
        parameters=(*_WHOM, _parameter("type")),
        refusals=(409,),
    ),
    FaceRoute(
        method="GET",
        path="/v2/customers/lookup/tierDetails",
        scope=KeyScope.READ,
        run=v2(_lookup),
        summary="A customer's tiers, by an identifier",
        answer=wire.TierDetails,
        parameters=(*_WHOM, *_WHICH),
    ),
    FaceRoute(
        method="GET",
        path="/v2/customers/{user_id}/tierDetails",
        scope=KeyScope.READ,
        run=v2(_details),
        summary="A customer's tiers",
        answer=wire.TierDetails,
        parameters=_WHICH,
    ),
)
