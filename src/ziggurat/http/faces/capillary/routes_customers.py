"""Customers' details: points, tiers and what is short of them (v2), and their history of tiers besides (v1.1)."""

from __future__ import annotations

from typing import Any

from ziggurat.app.members.read_member import read_member
from ziggurat.app.members.read_progress import read_progress
from ziggurat.app.members.read_timeline import read_timeline
from ziggurat.app.principal import KeyScope
from ziggurat.errors import ZigguratError
from ziggurat.http.face_support.routes import FaceRoute, Reply, Visit
from ziggurat.http.faces.capillary import customer_view as view
from ziggurat.http.faces.capillary import wire_customers as wire
from ziggurat.http.faces.capillary.customer_view import Seen
from ziggurat.http.faces.capillary.customers import BAD_PROGRAM, customer_of, refusal, source_of, v2
from ziggurat.http.faces.capillary.errors import CapillaryError, plain
from ziggurat.http.faces.capillary.numbers import member_number, number_of
from ziggurat.http.faces.capillary.records import program_ids
from ziggurat.http.faces.capillary.wire_members import SOURCES
from ziggurat.http.json_text import number
from ziggurat.program.calendar import Period, Unit, calendar
from ziggurat.program.model import Program
from ziggurat.store.errors import NotFoundError

RETRIEVED, NO_CUSTOMER, PARTLY, NONE_FOUND, BAD_INPUT = 1000, 1011, 201, 500, 400
"""The codes of v1.1: of a customer who was retrieved and one who was not, and of requests."""
_MOST_SOURCES = (*SOURCES, "ALL")
_DAYS_MAX = 36_500
_CUSTOMERS_MAX = 50
_MOVES_MAX = 100_000
_V1_IDENTIFIERS = ("id", "mobile", "email", "external_id")
_SECONDS = 19


# --- what both versions read


def _programs(visit: Visit, parameter: str) -> dict[int, tuple[str, Program]]:
    """The programs asked about: the one that the parameter names, or all."""
    programs = program_ids(visit.context)
    asked = visit.request.query_params.get(parameter)
    if asked is None:
        return programs
    found = number_of(asked)
    if found not in programs:
        raise refusal(BAD_PROGRAM, "no such program")
    return {found: programs[found]}


def _days(visit: Visit, parameter: str) -> int | None:
    """How many days ahead a gap is asked for, None for not at all."""
    said = visit.request.query_params.get(parameter)
    if said is None:
        return None
    days = 0 if said == "0" else number_of(said)
    if days is None or days > _DAYS_MAX:
        raise CapillaryError(400, plain(f"{parameter} is a number of days, 0 to {_DAYS_MAX}"))
    return days


def _ahead(visit: Visit, program: Program, days: int | None) -> int | None:
    now = visit.context.now
    return now if days == 0 else None if days is None else calendar(program.time_zone).add(now, Period(days, Unit.DAYS))


def _seen(
    visit: Visit, member: str, programs: dict[int, tuple[str, Program]], upgrade: int | None, renew: int | None
) -> list[Seen]:
    """The customer in each of the programs that she can be in."""
    instants = {
        id_: (_ahead(visit, program, upgrade), _ahead(visit, program, renew)) for id_, program in programs.values()
    }
    found = read_member(visit.context, member, outlook=False)
    standings = {standing.program: standing for standing in found.programs}
    wanted = {id_: tuple({at for at in asked if at is not None}) for id_, asked in instants.items()}
    progress = read_progress(visit.context, member, ahead=wanted)
    return [
        Seen(number, program, found, standings[id_], progress[id_], visit.context.now, *instants[id_])
        for number, (id_, program) in programs.items()
        if id_ in standings and id_ in progress
    ]


# --- v2


def _details(visit: Visit) -> Any:
    return _details_of(visit, visit.path["user_id"], source_of(visit, "ALL"))


def _lookup(visit: Visit) -> Any:
    source = source_of(visit, "ALL")
    return _details_of(visit, customer_of(visit), source)


def _details_of(visit: Visit, member: str, source: str) -> Any:
    embeds = _embeds(visit)
    upgrade, renew = _days(visit, "gapToUpgrade"), _days(visit, "gapToRenew")
    if "mlp" not in embeds:  # the vendor's prerequisite
        upgrade = renew = None
    found = read_member(visit.context, member, outlook=False)
    seen = _seen(visit, member, _programs(visit, "programId"), upgrade, renew)
    first = seen[0] if seen else None
    said: dict[str, Any] = {
        "id": member_number(found.id),
        "profiles": [view.profile(found, "INSTORE" if source == "ALL" else source)],
        "loyaltyInfo": view.loyalty_info(found, first.progress.spend if first else 0),
        "segments": {},
        "extendedFields": dict(found.attributes),
    }
    if "points" in embeds and first:
        said["pointsSummary"] = view.points_summary(first)
    if "mlp" in embeds:
        said["loyaltyProgramDetails"] = [view.program_details(each) for each in seen]
    if first and upgrade is not None:
        said["gapToUpgrade"] = view.upgrade_strategies(first)
    renewal = view.renewal_summary(first) if first else None
    if renewal is not None:
        said["gapToRenew"] = renewal
    return {**said, "warnings": []}


def _embeds(visit: Visit) -> set[str]:
    """What is to be embedded: sent several times, with commas between, or in quotation marks."""
    listed = [each for said in visit.request.query_params.getlist("embed") for each in said.split(",")]
    names = {name.lower(): name for name in wire.EMBEDS}
    asked = {names.get(each.strip().strip('"').lower()) for each in listed if each.strip()}
    if None in asked:
        raise CapillaryError(400, plain(f"embed is some of {', '.join(wire.EMBEDS)}"))
    return {each for each in asked if each is not None}


# --- v1.1


def _get_v1(visit: Visit) -> Any:
    try:
        return _customers_v1(visit)
    except CapillaryError as error:
        return Reply(_response_v1(BAD_INPUT, str(error)), error.status)


def _customers_v1(visit: Visit) -> Any:
    query = visit.request.query_params
    if query.get("format", "json").lower() != "json":
        raise CapillaryError(400, plain("format is json here"))
    asked = next(((name, query[name]) for name in _V1_IDENTIFIERS if query.get(name)), None)
    values = [each.strip() for each in asked[1].split(",") if each.strip()] if asked else []
    if asked is None or not 0 < len(values) <= _CUSTOMERS_MAX:
        raise CapillaryError(400, plain(f"one of {', '.join(_V1_IDENTIFIERS)} names 1 to {_CUSTOMERS_MAX} customers"))
    programs = _programs(visit, "program_id")
    told = [_customer_v1(visit, asked[0], value, programs) for value in dict.fromkeys(values)]
    good = sum(each["item_status"]["success"] == "true" for each in told)
    code, message = (200, "Success") if good == len(told) else (PARTLY, "Partial success")
    if good == 0:
        code, message = NONE_FOUND, "All requests have failed due to errors"
    answer = _response_v1(code, message, total=str(len(told)), success_count=str(good))
    answer["response"]["customers"] = {"customer": told}
    return answer


def _response_v1(code: int, message: str, **more: str) -> dict[str, Any]:
    success = "true" if code in (200, PARTLY) else "false"
    return {"response": {"status": {"success": success, "code": code, "message": message, **more}}}


def _customer_v1(visit: Visit, name: str, value: str, programs: dict[int, tuple[str, Program]]) -> dict[str, Any]:
    with_programs = _is_on(visit, "mlp")
    upgrade, renew = _days(visit, "gap_to_upgrade_for"), _days(visit, "gap_to_renew_for")
    if not with_programs:
        upgrade = renew = None
    try:
        seen = _seen(visit, value, programs, upgrade, renew)
        found = read_member(visit.context, value, outlook=False)
    except (NotFoundError, ZigguratError) as error:
        if not isinstance(error, NotFoundError) and error.code not in ("member_erased", "invalid_request"):
            raise
        return {name: value, "item_status": _item("false", NO_CUSTOMER, "Cannot find customer for provided identifier")}
    first, known = (seen[0] if seen else None), found.attributes
    registered = found.created_at if found.enrolled_at is None else found.enrolled_at
    zone = calendar(first.program.time_zone if first else "UTC")
    said: dict[str, Any] = {
        "firstname": known.get("first_name") or known.get("name") or "",
        "lastname": known.get("last_name", ""),
        "mobile": known.get("mobile", ""),
        "email": known.get("email", ""),
        "external_id": found.id,
        "lifetime_points": number(first.progress.lifetime_points if first else 0),
        "lifetime_purchases": number(first.progress.spend if first else 0),
        "loyalty_points": number(first.progress.points.balance if first else 0),
        "current_slab": first.standing.tier if first else "",
    }
    if first:
        said["tier_expiry_date"] = view.local_text(first.program, first.expires)
    said["registered_on"] = zone.format(registered)[:_SECONDS].replace("T", " ")
    said |= {"type": "LOYALTY", "source": "instore"}
    if _is_on(visit, "user_id"):
        said["user_id"] = str(member_number(found.id))
    said["extended_fields"] = {"field": [{"name": key, "value": text} for key, text in known.items()]}
    summaries = seen if with_programs else seen[:1] if _is_on(visit, "points_summary") else []
    said["points_summaries"] = {"points_summary": [view.summary_v1(each) for each in summaries]}
    if with_programs and _is_on(visit, "slab_history"):
        said["slab_history"] = _history(visit, value, seen, programs)
    return {**said, "item_status": _item("true", RETRIEVED, "Customer successfully retrieved")}


def _history(
    visit: Visit, member: str, seen: list[Seen], programs: dict[int, tuple[str, Program]]
) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for each in seen:
        moves = read_timeline(visit.context, member, program=programs[each.number][0], limit=_MOVES_MAX).items
        entries += view.slab_history(each.program, each.number, moves, visit.context.now)
    return sorted(entries, key=lambda entry: str(entry["changed_on"]), reverse=True)


def _is_on(visit: Visit, parameter: str) -> bool:
    return visit.request.query_params.get(parameter, "false").lower() == "true"


def _item(success: str, code: int, message: str) -> dict[str, Any]:
    return {"success": success, "code": str(code), "message": message, "warnings": {"warning": []}}


def _parameter(name: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": {"type": "string", **schema}}


_SOURCE = _parameter("source", required=True, enum=list(_MOST_SOURCES))
_WHOM = (_parameter("identifierName", required=True), _parameter("identifierValue", required=True))
_WHAT = (
    {
        "name": "embed",
        "in": "query",
        "required": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": list(wire.EMBEDS)}},
    },
    _parameter("gapToUpgrade"),
    _parameter("gapToRenew"),
    _parameter("programId"),
)
_V1_SWITCHES = ("mlp", "slab_history", "user_id", "points_summary")
CUSTOMER_ROUTES = (
    FaceRoute(
        method="GET",
        path="/v2/customers/lookup/customerDetails",
        scope=KeyScope.READ,
        run=v2(_lookup),
        summary="A customer's points, tiers and gaps, by an identifier",
        answer=wire.CustomerDetails,
        parameters=(_SOURCE, *_WHOM, *_WHAT),
    ),
    FaceRoute(
        method="GET",
        path="/v2/customers/{user_id}",
        scope=KeyScope.READ,
        run=v2(_details),
        summary="A customer's points, tiers and gaps",
        answer=wire.CustomerDetails,
        parameters=(_SOURCE, *_WHAT),
    ),
    FaceRoute(
        method="GET",
        path="/v1.1/customer/get",
        scope=KeyScope.READ,
        run=_get_v1,
        summary="Customers' points, tiers, gaps and history of tiers (v1.1)",
        answer=wire.V1Answer,
        parameters=(
            *(_parameter(name) for name in _V1_IDENTIFIERS),
            _parameter("format", enum=["json"]),
            *(_parameter(name, enum=["true", "false"]) for name in _V1_SWITCHES),
            _parameter("gap_to_upgrade_for"),
            _parameter("gap_to_renew_for"),
            _parameter("program_id"),
        ),
    ),
)
