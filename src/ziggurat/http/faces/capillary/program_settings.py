"""Advanced settings of a program, both ways; pure. The schema is ours; the vendor's is not published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ziggurat.http.faces.capillary.errors import invalid, named, plain
from ziggurat.http.faces.capillary.numbers import kept, with_settings
from ziggurat.http.faces.capillary.translate import (
    AWARDS,
    CANONICAL,
    MEASURES,
    check_of,
    extends_of,
    kpi_of,
    upgrade_type_of,
)
from ziggurat.program.model import (
    Check,
    DowngradeType,
    Expiration,
    ExpirationType,
    OnReversal,
    Program,
    Qualification,
    Renewal,
    RenewalType,
    Tier,
)
from ziggurat.program.place import Faults, Place
from ziggurat.program.read_windows import check_window, read_measure, read_window

TARGETS = {
    "ONE_BELOW": DowngradeType.SINGLE_LEVEL,
    "ELIGIBLE": DowngradeType.TO_QUALIFIED,
    "BASE": DowngradeType.TO_BASE,
    "NEVER": DowngradeType.NEVER,
}
RETURNS = {"END_OF_DAY": OnReversal.END_OF_DAY, "RECHECK": OnReversal.RECHECK, "IGNORE": OnReversal.IGNORE}
_UNCHECKED = (ExpirationType.IMMEDIATE, ExpirationType.NEVER)


def settings_shown(program: Program) -> dict[str, Any]:
    """The settings of a program."""
    return {
        "upgrade": {"kpiType": kpi_of(program), "upgradeType": upgrade_type_of(program)},
        "downgrade": {
            "target": next(name for name, each in TARGETS.items() if each is program.downgrade.type),
            "daily": check_of(program) is Check.DAILY,
            "onReturn": next(name for name, each in RETURNS.items() if each is program.downgrade.on_reversal),
        },
        "renewal": {"extendBy": "VALIDITY" if extends_of(program) is None else "ONE_MONTH"},
        "trackers": kept(program).get("trackers", []),
    }


def changed_program(program: Program, said: Mapping[str, Any]) -> Program:
    """`program` with the settings that were sent.

    Raises:
        CapillaryError: 400.
    """
    upgrade, downgrade = said.get("upgrade", {}), said.get("downgrade", {})
    if "trackers" in said:
        program = with_settings(program, trackers=_checked(said["trackers"]))
    if "kpiType" in upgrade:
        program = _with_kpi(program, CANONICAL.get(upgrade["kpiType"], upgrade["kpiType"]))
    if "upgradeType" in upgrade:
        program = replace(program, award=AWARDS[upgrade["upgradeType"]])
    rule = program.downgrade
    rule = replace(rule, type=TARGETS[downgrade["target"]]) if "target" in downgrade else rule
    rule = replace(rule, on_reversal=RETURNS[downgrade["onReturn"]]) if "onReturn" in downgrade else rule
    program = replace(program, downgrade=rule)
    if "daily" in downgrade:
        program = with_settings(program, daily=downgrade["daily"])
        tiers = tuple(replace(tier, expiration=_checking(program, tier.expiration)) for tier in program.tiers)
        program = replace(program, expiration=_checking(program, program.expiration), tiers=tiers)
    if "extendBy" in said.get("renewal", {}):
        by = said["renewal"]["extendBy"]
        program = with_settings(program, extendBy=by)
        program = replace(program, tiers=tuple(_extending(program, tier, by) for tier in program.tiers))
    return program


def _with_kpi(program: Program, kpi: str) -> Program:
    if kpi == kpi_of(program):
        return program
    if program.tiers or kpi not in MEASURES:
        raise invalid([named("TIER.PROGRAM_KPI_TYPE_MISMATCH", f"the program's KPI is {kpi_of(program)}")])
    return replace(program, qualification=Qualification(MEASURES[kpi]))


def _checking(program: Program, held: Any) -> Any:
    """A hold with the program's check, None and holds without an end as they are."""
    if not isinstance(held, Expiration) or held.type in _UNCHECKED:
        return held
    return replace(held, check=check_of(program))


def _extending(program: Program, tier: Tier, by: str) -> Tier:
    held = program.expiration_of(tier)
    if held.type is not ExpirationType.FIXED_DURATION:
        return tier  # by anniversaries and dates it is always a year
    renewal = program.renewal_of(tier)
    if renewal.type is RenewalType.ALWAYS and by == "VALIDITY" and renewal.extends is None:
        return tier
    extends = extends_of(program)
    how = Renewal(renewal.type, renewal.criteria, extends)
    return replace(tier, renewal=None if how == program.renewal else how)


def _checked(trackers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Trackers, once their measures and windows can be read and their numbers are unlike each other."""
    faults = Faults()
    for index, each in enumerate(trackers):
        measure = read_measure(Place(each["measure"], f"trackers[{index}].measure", faults))
        for number, case in enumerate(each["cases"]):
            place = Place(case.get("window", "lifetime"), f"trackers[{index}].cases[{number}].window", faults)
            check_window(place, measure, read_window(place))
        if len({case["trackerCondition"] for case in each["cases"]}) < len(each["cases"]):
            faults.note(f"trackers[{index}].cases", "says a trackerCondition twice")
    if len({each["trackerId"] for each in trackers}) < len(trackers):
        faults.note("trackers", "says a trackerId twice")
    if faults.found:
        raise invalid([plain(str(fault)) for fault in faults.listed()])
    return trackers
