"""How many members joined, moved and left: by day and in all."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from ziggurat.app.faces.change_face_documents import read_face_documents
from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.daily_flows import daily_flows
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.voucherify import wire_members as wire
from ziggurat.http.faces.voucherify.dialect import FACE
from ziggurat.http.faces.voucherify.ids import derived_id, tier_id
from ziggurat.http.faces.voucherify.lists import matches, read_filters, refused
from ziggurat.http.faces.voucherify.programs import find_program
from ziggurat.http.faces.voucherify.routes_programs import ONE
from ziggurat.http.faces.voucherify.structures import Structure, structures
from ziggurat.http.faces.voucherify.translate_rules import Wire
from ziggurat.http.faces.voucherify.translate_tiers import shown_tiers
from ziggurat.program.calendar import calendar

_RESOLUTIONS = {"day": 90, "week": 12, "month": 12, "quarter": 4}
_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92}
_FILTERS = {"tier_structure_id": "id", "tier_id": "id"}
_ROWS_MAX = 100
_COUNTS = {
    "joined": "joins",
    "upgraded": "upgrades",
    "downgraded": "downgrades",
    "left": "lefts",
    "renewed": "prolongs",
}
_EPOCH, _LAST = date(1970, 1, 1), date(2199, 12, 31)
_PARAMETERS = [
    {"name": name, "in": "query", "required": True, "schema": schema}
    for name, schema in (
        ("start_date", {"type": "string", "format": "date"}),
        ("end_date", {"type": "string", "format": "date"}),
        ("resolution", {"type": "string", "enum": list(_RESOLUTIONS)}),
    )
]


def report_routes() -> list[FaceRoute]:
    """The routes of reports."""
    common: dict[str, Any] = {
        "method": "GET", "scope": KeyScope.READ, "answer": wire.Report, "refusals": (404,), "parameters": _PARAMETERS
    }  # fmt: skip
    path = f"{ONE}/reports/tiers"
    return [
        FaceRoute(path=f"{path}/daily", run=_daily, summary="Moves between tiers by day", **common),
        FaceRoute(path=f"{path}/summary", run=_summary, summary="Moves between tiers in all", **common),
    ]


def _daily(visit: Visit) -> Wire:
    rows, _ = _counted(visit)
    data = [
        {"date": day, "tier_structure_id": structure, "tier_id": tier, **_words(counts), "object": _object("daily")}
        for (day, structure, tier), counts in sorted(rows.items())
    ]
    return {"data": data, "object": "report"}


def _summary(visit: Visit) -> Wire:
    rows, program = _counted(visit)
    totals: dict[tuple[str, str], Counter[str]] = {}
    for (_, structure, tier), counts in rows.items():
        totals.setdefault((structure, tier), Counter()).update(counts)
    data = [
        {
            "id": derived_id("lptrs", program, structure, tier),
            "tier_structure_id": structure,
            "tier_id": tier,
            **_words(counts),
            "object": _object("summary"),
        }
        for (structure, tier), counts in totals.items()
    ]
    data.sort(key=lambda row: str(row["id"]), reverse=True)
    return {"data": data[:_ROWS_MAX], "object": "report"}


def _counted(visit: Visit) -> tuple[dict[tuple[str, str, str], Counter[str]], str]:
    """What moved, by start of the period, structure and tier; and the id of the program."""
    id_ = visit.path["programId"]
    program = read_face_documents(visit.context, FACE, lambda documents: find_program(documents, id_))
    first, last, resolution, conditions, any_of = _query(visit)
    assigned = {each["id"] for each in program.document["tier_structures"]}
    rows: dict[tuple[str, str, str], Counter[str]] = {}
    for structure in structures(visit.context):
        if structure.id not in assigned:
            continue
        for day, kind, tier, members in _flows(visit, structure, first, last):
            row = {"tier_structure_id": structure.id, "tier_id": tier}
            if matches(conditions, row, visit.context.now, any_of=any_of):
                start = _start(date.fromisoformat(day), resolution).isoformat()
                rows.setdefault((start, structure.id, tier), Counter())[kind] += members
    return rows, id_


def _flows(visit: Visit, structure: Structure, first: date, last: date) -> list[tuple[str, str, str, int]]:
    local = calendar(structure.program.time_zone)
    since, until = local.parse(first.isoformat()), local.parse((last + timedelta(days=1)).isoformat())
    ids = {tier.name: tier_id(structure.public_id, tier.key) for tier in shown_tiers(structure.program)}
    told = []
    for flow in daily_flows(visit.context, structure.public_id, since=since, until=until):
        # moves count on the tier they lead to, leaving on the tier that is left
        tier = ids.get(flow.to_tier) or ids.get(flow.from_tier)
        if tier is not None and flow.kind in _COUNTS:
            told.append((flow.day, _COUNTS[flow.kind], tier, flow.members))
    return told


def _query(visit: Visit) -> tuple[date, date, str, Any, bool]:
    said, conditions, any_of = read_filters(visit, _FILTERS)
    for name in ("start_date", "end_date", "resolution"):
        if name not in said:
            raise refused(f"Query must have required parameter '{name}'")
    if strangers := said.keys() - {"start_date", "end_date", "resolution"}:
        raise refused(f"Query parameter '{min(strangers)}' is not expected")
    if said["resolution"] not in _RESOLUTIONS:
        raise refused(f"Query parameter 'resolution' must be one of [ {', '.join(_RESOLUTIONS)} ]")
    try:
        first, last = date.fromisoformat(said["start_date"]), date.fromisoformat(said["end_date"])
    except ValueError:
        raise refused("Query parameters 'start_date' and 'end_date' must be dates") from None
    resolution = said["resolution"]
    if not _EPOCH <= first < last < _LAST:
        raise refused("Query parameter 'end_date' must be after 'start_date'")
    if (last - first).days > _RESOLUTIONS[resolution] * _DAYS[resolution]:
        raise refused(f"A report by {resolution} spans up to {_RESOLUTIONS[resolution]} of them")
    return first, last, resolution, conditions, any_of


def _start(day: date, resolution: str) -> date:
    match resolution:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day


def _words(counts: Counter[str]) -> dict[str, int]:
    return {word: counts[word] for word in _COUNTS.values()}


def _object(kind: str) -> str:
    return f"program_tiers_{kind}_report"
