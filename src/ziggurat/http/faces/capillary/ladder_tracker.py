"""A ladder that counts what is no KPI of the vendor's, said by a tracker that each tier asks for; pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ziggurat.http.face_support.losses import Loss
from ziggurat.http.faces.capillary.numbers import kept
from ziggurat.http.faces.capillary.translate import TRACKER_KPI, kpi_of, number_text
from ziggurat.program.calendar import CalendarUnit, Unit
from ziggurat.program.model import (
    CalendarWindow,
    CycleWindow,
    MeasureKind,
    Program,
    Rolling,
    SinceTierEntry,
    Window,
)
from ziggurat.program.write import program_document

CASE = 1
_TRACKED = (MeasureKind.POINTS_EARNED, MeasureKind.SPEND, MeasureKind.ORDERS)
_DAYS = (Unit.DAYS, Unit.WEEKS)
_MONTHS = (Unit.MONTHS, Unit.YEARS)
_SHORT = (CalendarUnit.HOUR, CalendarUnit.DAY, CalendarUnit.WEEK)


def needs_tracker(program: Program) -> bool:
    """Whether the ladder's own measure is to be said by a tracker, other than one that a tier chose already."""
    return kpi_of(program) == TRACKER_KPI and kept(program).get("kpiType") != TRACKER_KPI


def ladder_tracker(program: Program) -> dict[str, Any]:
    """The tracker that counts what the ladder does, in the settings' schema."""
    numbers = [each["trackerId"] for each in kept(program).get("trackers") or () if isinstance(each, dict)]  # type: ignore[attr-defined]
    own = program_document(program)["qualification"]
    case = {"trackerCondition": CASE, "window": own.get("window", "lifetime")}
    name = str(program.qualification.measure)
    return {"trackerId": max(numbers, default=0) + 1, "trackerName": name, "measure": own["measure"], "cases": [case]}


def tracked(eligibility: dict[str, Any], tracker: dict[str, Any]) -> dict[str, Any]:
    """`eligibility` that asks the tracker for what it has as its threshold."""
    if "threshold" not in eligibility:
        return eligibility
    said = {name: value for name, value in eligibility.items() if name != "threshold"}
    ids = {"trackerName": tracker["trackerName"], "trackerId": tracker["trackerId"], "trackerCondition": CASE}
    value = number_text(Decimal(eligibility["threshold"]))
    return {**said, "conditions": [{"type": "TRACKER", "value": value, **ids}]}


def tracker_losses(program: Program) -> Iterator[Loss]:
    """What of the ladder's measure and window the vendor's trackers lack."""
    own = program.qualification
    if own.measure.kind not in _TRACKED:
        yield Loss("qualification.measure", f"{own.measure} is nothing that a tracker counts there")
        return
    lost = _window_lost(own.window)
    if lost:
        yield Loss("qualification.window", lost)


def _window_lost(window: Window) -> str:
    match window:
        case Rolling(period):
            return "" if period.unit in _DAYS else "a moving window is of days, or of whole months, there"
        case CalendarWindow(unit):
            return "cycles are of months there" if unit in _SHORT else ""
        case CycleWindow(period):
            return "" if period.unit in _MONTHS else "cycles are of months there"
        case SinceTierEntry():
            return ""
    return "a tracker counts over days, months or cycles, and its cycles begin with the first purchase, there"
