"""What a group of tiers must not say, every fault of it as an issue at its place (unknowns 3 to 7, 33, 34)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ziggurat import limits
from ziggurat.errors import InvalidProgramError
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Issue, Loc, failed_check
from ziggurat.http.faces.fanfare.ladders import ascending, folded
from ziggurat.http.faces.fanfare.numbers import value_of
from ziggurat.http.faces.fanfare.reading import value_at
from ziggurat.http.faces.fanfare.wire import TierGroupIn, TierIn
from ziggurat.program.read import read_program

_TIER_FAULT = re.compile(r"tiers\[(\d+)\](?:\.(\w+))?")
_ONE_TIER = {"icon": "iconName", "description": "description"}
_KEYS = {"from": "startValue", "below": "endValue", "icon": "iconName", "name": "name", "id": "name"}


def require_tiers(asked: TierGroupIn, body: Any) -> None:
    """Nothing, if the tiers make a group.

    Raises:
        InvalidInputError: with every issue.
    """
    issues = [*_size(asked.tiers), *_values(asked.tiers), *_repeated(asked.tiers)]
    if not issues:
        issues = _overlaps(asked.tiers)
    if issues:
        raise InvalidInputError(issues, body)


def require_program(document: Mapping[str, Any], asked: TierGroupIn, body: Any) -> None:
    """Nothing, if the document is a program: what else cannot be kept of names and values is said in the vendor's form.

    Raises:
        InvalidInputError: with every issue.
    """
    try:
        read_program(document)
    except InvalidProgramError as error:
        places = [_index(asked.tiers, tier) for tier in ascending(asked.tiers)]
        issues = []
        for fault in error.faults:
            loc = _loc_of(fault.path, places)
            message = f"Invalid value: {fault.problem}"
            issues.append(failed_check(loc, fault.remedy or "a valid value", value_at(body, loc), message))
        raise InvalidInputError(issues, body) from None


def one_tier_issues(error: InvalidProgramError, body: Any) -> InvalidInputError:
    """What cannot be kept of a single tier's audience, at its place in the body."""
    issues = []
    for fault in error.faults:
        key = "groupName" if fault.path == "name" else _ONE_TIER.get(fault.path.rpartition(".")[2], "name")
        message = f"Invalid value: {fault.problem}"
        issues.append(failed_check((key,), fault.remedy or "a valid value", value_at(body, (key,)), message))
    return InvalidInputError(issues, body)


def _loc_of(path: str, places: Sequence[int]) -> Loc:
    found = _TIER_FAULT.match(path)
    if found and int(found[1]) < len(places):
        key = _KEYS.get(found[2] or "")
        return ("tiers", places[int(found[1])], *([key] if key else []))
    return ("groupName",) if path == "name" else ()


def _index(tiers: Sequence[TierIn], wanted: TierIn) -> int:
    return next(index for index, tier in enumerate(tiers) if tier is wanted)


def _size(tiers: Sequence[TierIn]) -> list[Issue]:
    """No tiers are a mistake; to clear a group it is deleted (unknown 5)."""
    count = len(tiers)
    if not count:
        message = "Invalid length: Expected >=1 but received 0"
        return [Issue(("tiers",), "min_length", ">=1", "0", message, kind="validation")]
    if count > limits.TIERS_MAX:
        message = f"Invalid length: Expected <={limits.TIERS_MAX} but received {count}"
        return [Issue(("tiers",), "max_length", f"<={limits.TIERS_MAX}", str(count), message, kind="validation")]
    return []


def _values(tiers: Sequence[TierIn]) -> list[Issue]:
    issues = []
    for index, tier in enumerate(tiers):
        at: Loc = ("tiers", index)
        start, end = value_of(tier.startValue), None if tier.endValue is None else value_of(tier.endValue)
        if start is None:
            issues.append(_no_number((*at, "startValue"), tier.startValue))
        if tier.endValue is not None and end is None:
            issues.append(_no_number((*at, "endValue"), tier.endValue))
        if start is not None and end is not None and start >= end:
            message = f"Invalid range: startValue must be less than endValue {end:f}"
            issues.append(failed_check((*at, "startValue"), f"<{end:f}", tier.startValue, message))
    return issues


def _no_number(loc: Loc, value: Any) -> Issue:
    return failed_check(loc, "a decimal number", value, "Invalid value: Expected a decimal number", "decimal")


def _repeated(tiers: Sequence[TierIn]) -> list[Issue]:
    """Names are what tiers are matched by, and orders come second: each has its own (unknown 7)."""
    issues = []
    names: set[str] = set()
    orders: set[Decimal | None] = set()
    for index, tier in enumerate(tiers):
        name, order = folded(tier.name), value_of(tier.order)
        if name in names:
            issues.append(failed_check(("tiers", index, "name"), "unique_value", tier.name, _twice("name")))
        if order is None:
            message = "Invalid value: Expected a number of fewer digits"
            issues.append(failed_check(("tiers", index, "order"), "a number of fewer digits", tier.order, message))
        elif order in orders:
            issues.append(failed_check(("tiers", index, "order"), "unique_value", tier.order, _twice("order")))
        names.add(name)
        orders.add(order)
    return issues


def _twice(what: str) -> str:
    return f"Invalid value: another tier has the same {what}"


def _overlaps(tiers: Sequence[TierIn]) -> list[Issue]:
    """Each tier that begins before an earlier one ends; one without an end goes on for ever (unknown 4)."""
    issues = []
    reached: Decimal | None = None
    widest: TierIn | None = None
    for tier in ascending(tiers):
        start = value_of(tier.startValue)
        assert start is not None, "values were checked"
        end = None if tier.endValue is None else value_of(tier.endValue)
        if widest is not None and (reached is None or start < reached):
            until = "without an end" if reached is None else f"until {reached:f}"
            message = f"Invalid range: overlaps with tier {widest.name[: limits.NAME_CHARACTERS_MAX]}, {until}"
            expected = "no overlap" if reached is None else f">={reached:f}"
            issues.append(
                failed_check(("tiers", _index(tiers, tier), "startValue"), expected, tier.startValue, message)
            )
        if widest is None or end is None or (reached is not None and end > reached):
            reached, widest = end, tier
    return issues
