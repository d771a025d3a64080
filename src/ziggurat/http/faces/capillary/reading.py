"""Reading bodies: JSON, checked by a strict model and beyond; every fault has the vendor's number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ziggurat import limits
from ziggurat.http.faces.capillary.errors import Said, invalid, named, plain
from ziggurat.http.faces.capillary.expressions import UnreadableError, with_parentheses
from ziggurat.http.faces.capillary.translate import number_text
from ziggurat.http.faces.capillary.wire import SAME_AS_ELIGIBILITY, THRESHOLD_MAX
from ziggurat.http.json_text import depth_of
from ziggurat.http.problems import Refusal
from ziggurat.http.strict_bodies import json_of

M = TypeVar("M", bound=BaseModel)
_RELATIONS = ("ALL", "ANY", "AND", "OR")
_ANY_N = re.compile(r"ANY_([1-9])")
SENTINEL = -1


def read_body(model: type[M], body: bytes) -> dict[str, Any]:
    """What was sent, member by member, after `model` has found no fault in it.

    Raises:
        CapillaryError: 400, with every fault.
    """
    value = json_of(body, once=False) if body.strip() else None
    if depth_of(value) > limits.JSON_DEPTH_MAX:
        raise Refusal("malformed_body", "nested too deep")
    errors = list(dict.fromkeys([*_sentinels(value, ()), *_blank_name(value), *_model_faults(model, value)]))
    if isinstance(value, dict) and not errors:
        errors = list(dict.fromkeys(_beyond_the_model(value)))
    if errors:
        raise invalid(errors)
    return dict(value or {})


def _sentinels(value: Any, at: tuple[str | int, ...]) -> Iterator[Said]:
    """-1 stands for "not set" inside the vendor's engine and is refused wherever it is sent."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _sentinels(each, (*at, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _sentinels(each, (*at, index))
    elif at[-2:] != ("eligibility", "threshold") and (
        (isinstance(value, int | Decimal) and not isinstance(value, bool) and value == SENTINEL)
        or (isinstance(value, str) and at[-1:] == ("value",) and value.strip() == str(SENTINEL))
    ):
        yield plain(f"{_path(at)}: -1 is no value here")


def _model_faults(model: type[BaseModel], value: Any) -> Iterator[Said]:
    try:
        model.model_validate(_floats(value))
    except ValidationError as error:
        for each in error.errors(include_url=False):
            if each["input"] != SENTINEL or each["loc"][-1:] == ("threshold",):  # else told as a sentinel
                yield _said(each)


def _floats(value: Any) -> Any:
    """`value` with numbers as the models know them."""
    if isinstance(value, dict):
        return {name: _floats(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_floats(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


def _said(error: Mapping[str, Any]) -> Said:  # noqa: PLR0911 - one line a kind
    loc, kind = tuple(error["loc"]), error["type"]
    path = _path(loc)
    last = loc[-1] if loc else ""
    if loc == ("name",) and kind == "string_too_long":
        return named("TIER.NAME_TOO_LONG", "name has at most 50 characters")
    if loc == ("description",) and kind == "string_too_long":
        return named("TIER.DESCRIPTION_TOO_LONG", "description has at most 500 characters")
    if loc == ("color",) and kind == "string_pattern_mismatch":
        return named("TIER.INVALID_COLOR_CODE", "color is written #RRGGBB")
    if last in ("kpiType", "type") and kind == "literal_error":
        return named("TIER.INVALID_KPI_TYPE", f"{path} is not one of {error['ctx']['expected']}")
    if last == "upgradeType" and kind == "literal_error":
        return named("TIER.INVALID_UPGRADE_TYPE", f"{path} is not one of {error['ctx']['expected']}")
    if last == "threshold" and kind == "greater_than_equal":
        return named("TIER.THRESHOLD_MUST_BE_POSITIVE", "eligibility.threshold is not negative")
    if last == "threshold" and kind == "less_than_equal":
        return named("TIER.UPGRADE_VALUE_OUT_OF_RANGE", f"eligibility.threshold is at most {THRESHOLD_MAX:,}")
    if loc == ("validity", "endDate"):
        return named("TIER.END_DATE_FORBIDDEN_ON_WRITE", "validity.endDate is read-only")
    if kind == "extra_forbidden":
        return plain(f"{path}: unknown or read-only field")
    return plain(f"{path or 'body'}: {error['msg']}")


def _blank_name(value: Any) -> Iterator[Said]:
    name = value.get("name") if isinstance(value, dict) else None
    if isinstance(name, str) and not name.strip():
        on_update = "programId" not in value
        yield named("TIER.NAME_BLANK_ON_UPDATE", "name is blank") if on_update else plain("name is blank")


def _beyond_the_model(value: Mapping[str, Any]) -> Iterator[Said]:
    eligibility = value.get("eligibility", {})
    renewal = value.get("validity", {}).get("renewal", {})
    yield from _conditions(eligibility, "eligibility")
    yield from _conditions(renewal, "validity.renewal")
    threshold = eligibility.get("threshold")
    if isinstance(threshold, Decimal) and not _is_short(threshold):
        yield plain("eligibility.threshold: too many digits")


def _conditions(said: Mapping[str, Any], at: str) -> Iterator[Said]:
    for index, each in enumerate(said.get("conditions", [])):
        if each["type"] == "TRACKER" and not ("trackerId" in each and "trackerCondition" in each):
            path = f"{at}.conditions[{index}]"
            yield named("TIER.TRACKER_ID_REQUIRED", f"{path} needs trackerId and trackerCondition")


def _is_short(number: Decimal) -> bool:
    return len(number_text(number)) <= len(str(THRESHOLD_MAX)) + 5


def relation_faults(said: Mapping[str, Any], at: str) -> Iterator[Said]:
    """What is wrong with how the merged conditions combine; `said` gets the relation with its parentheses."""
    relation, count = said.get("expressionRelation"), len(said.get("conditions") or [])
    if relation is None or relation in _RELATIONS:
        return
    found = _ANY_N.fullmatch(relation)
    if found:
        if int(found[1]) >= max(count, 2):
            yield plain(f"{at}.expressionRelation: any {found[1]} of {count} is no choice")
        return
    try:
        with_parentheses(relation, count)
    except UnreadableError as error:
        yield plain(f"{at}.expressionRelation: {error}")


def renewal_faults(said: Mapping[str, Any]) -> Iterator[Said]:
    """What is wrong with a merged renewal."""
    kind, has = said.get("criteriaType", SAME_AS_ELIGIBILITY), bool(said.get("conditions"))
    if kind == SAME_AS_ELIGIBILITY and has and "criteriaType" in said:
        yield plain("validity.renewal.conditions: go with the criteriaType Custom")


def _path(loc: tuple[str | int, ...]) -> str:
    path = ""
    for step in loc:
        path += f"[{step}]" if isinstance(step, int) else f".{str(step)[:60]}" if path else str(step)[:60]
    return path
