"""Rules both ways: what a request says of them, and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.http.faces.fanfare.fields import native_field, shown_field
from ziggurat.http.faces.fanfare.ids import new_uuid, shown_uuid
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Issue, Loc, failed_check
from ziggurat.http.faces.fanfare.kept import kept
from ziggurat.http.faces.fanfare.numbers import kept_form, sent_form, value_of
from ziggurat.http.faces.fanfare.reading import value_at
from ziggurat.http.faces.fanfare.wire import RuleIn
from ziggurat.program.audience_rules import InvalidAudienceError

POSITIONS = "positions"
"""Where the positions of rules are kept: by their ids on the wire; null is kept as such."""
_RULE_FAULT = re.compile(r"rules\[(\d+)\]\[(\d+)\](?:\.(field|operator|values))?(?:\[(\d+)\])?")


def said_rule(rule: RuleIn, now: int, id_: str = "") -> SaidRule:
    """A rule as the use cases take it; "" makes a new one. Those without group are one of their own (unknown 23)."""
    return SaidRule(
        field=native_field(rule.field),
        operator=rule.operator.lower(),
        values=tuple(rule.values),
        group=rule.groupId or "",
        id=id_ or new_uuid(now),
    )


def kept_positions(said: Mapping[str, Any]) -> dict[str, Any]:
    """Positions by rule as they are kept; one that is not said is 0."""
    return {id_: None if position is None else kept_form(position) for id_, position in said.items()}


def position_said(rule: RuleIn) -> Any:
    """The position that a rule in a request has: 0 where nothing is said, null where that is said."""
    return rule.position if "position" in rule.model_fields_set else 0


def show_rules(view: AudienceView, audience: str, organization: str) -> list[dict[str, Any]]:
    """The rules of an audience that was made of rules."""
    positions = kept(view.metadata).get(POSITIONS)
    known = positions if isinstance(positions, Mapping) else {}
    shown = []
    for place, rule in enumerate(view.rules):
        id_ = rule_id(view, rule)
        position: Any = place
        if id_ in known:
            form = known[id_]
            number = value_of(form[1]) if isinstance(form, list) else None
            position = None if number is None else sent_form(form, number)
        shown.append(
            {
                "id": id_,
                "organizationId": organization,
                "audienceId": audience,
                "field": shown_field(rule.field),
                "operator": rule.operator.upper(),
                "values": list(rule.values),
                "groupId": shown_uuid("rule group", rule.group) if rule.group else None,
                "position": position,
            }
        )
    return shown


def rule_id(view: AudienceView, rule: SaidRule) -> str:
    """A rule's id on the wire."""
    return shown_uuid("rule", f"{view.id}:{rule.id}") if not _is_own(rule.id) else rule.id


def _is_own(id_: str) -> bool:
    return shown_uuid("", id_) == id_


def rule_issues(error: InvalidAudienceError, said: Sequence[SaidRule], locs: Sequence[Loc], body: Any) -> Exception:
    """The faults of rules as issues; `locs` says where in the body each rule stands."""
    groups: dict[str, list[int]] = {}
    for place, rule in enumerate(said):
        groups.setdefault(rule.group, []).append(place)
    places = list(groups.values())
    issues: list[Issue] = []
    for fault in error.faults:
        found = _RULE_FAULT.match(fault.path)
        if found is None:
            issues.append(failed_check((), fault.remedy or "valid rules", None, f"Invalid rules: {fault.problem}"))
            continue
        place = places[int(found[1])][int(found[2])]
        inner: Loc = tuple(part for part in (found[3], found[4] and int(found[4])) if part is not None)
        loc = (*locs[place], *inner)
        operator = said[place].operator
        problem = fault.problem.replace(operator, operator.upper())
        issues.append(failed_check(loc, fault.remedy or "a valid value", value_at(body, loc), f"Invalid: {problem}"))
    return InvalidInputError(issues, body)


@contextmanager
def rules_placed(said: Sequence[SaidRule], body: Any, at: Loc) -> Iterator[None]:
    """Tell the faults of rules that stand one by one under `at`.

    Raises:
        InvalidInputError: use cases refused some.
    """
    try:
        yield
    except InvalidAudienceError as error:
        raise rule_issues(error, said, [(*at, place) for place in range(len(said))], body) from None
