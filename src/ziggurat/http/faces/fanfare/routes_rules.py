"""The rules of an audience, one by one and all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.audiences.change_audience import change_audience
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare import wire, wire_answers
from ziggurat.http.faces.fanfare.audience_view import audience_uuid, show_audience_rules
from ziggurat.http.faces.fanfare.errors import FanfareError, not_found
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Loc, failed_check
from ziggurat.http.faces.fanfare.kept import kept, with_kept
from ziggurat.http.faces.fanfare.names import find_audience
from ziggurat.http.faces.fanfare.numbers import kept_form
from ziggurat.http.faces.fanfare.reading import check, read_json
from ziggurat.http.faces.fanfare.rules import POSITIONS, kept_positions, position_said, rule_id, rule_issues, said_rule
from ziggurat.program.audience_rules import InvalidAudienceError
from ziggurat.store.errors import StaleVersionError
from ziggurat.store.tables.audiences import AudienceKind

_ALL = "/audiences/{audienceId}/rules"
_ONE = f"{_ALL}/{{ruleId}}"
_ATTEMPTS_MAX = 5

Edit = Callable[[AudienceView], tuple[list[SaidRule], dict[str, Any]]]
"""The rules that an audience is to have, and the positions that are said (by rule), from how it is."""


def _list(visit: Visit) -> Any:
    return show_audience_rules(visit.context, find_audience(visit.context, visit.path["audienceId"]))


def _get(visit: Visit) -> Any:
    shown = show_audience_rules(visit.context, find_audience(visit.context, visit.path["audienceId"]))
    return _one_of(shown, visit.path["ruleId"])


def _add(visit: Visit) -> Any:
    """One rule; a list of them as on the vendor's older pages."""
    view = _changeable(visit)
    body = read_json(visit.body)
    is_list = isinstance(body, list)
    asked = check(wire.RulesIn, {"rules": body}).rules if is_list else [check(wire.AddressedRuleIn, body)]
    locs: list[Loc] = [("rules", place) if is_list else () for place in range(len(asked))]
    whole = {"rules": body} if is_list else body
    _require_own(view, asked, locs, whole)
    fresh = [said_rule(rule, visit.context.now) for rule in asked]
    positions = {rule.id: position_said(said) for rule, said in zip(fresh, asked, strict=True)}

    def edit(before: AudienceView) -> tuple[list[SaidRule], dict[str, Any]]:
        return [*before.rules, *fresh], positions

    after = _change(visit, view, edit, fresh, locs, whole)
    new = {rule.id for rule in fresh}
    shown = [rule for rule in show_audience_rules(visit.context, after) if rule["id"] in new]
    return shown if is_list else shown[0]


def _replace(visit: Visit) -> Any:
    view = _changeable(visit)
    body = read_json(visit.body)
    asked = check(wire.RulesIn, body).rules
    locs: list[Loc] = [("rules", place) for place in range(len(asked))]
    _require_own(view, asked, locs, body)
    fresh = [said_rule(rule, visit.context.now) for rule in asked]
    positions = {rule.id: position_said(said) for rule, said in zip(fresh, asked, strict=True)}
    after = _change(visit, view, lambda _: (fresh, positions), fresh, locs, body)
    return show_audience_rules(visit.context, after)


def _put(visit: Visit) -> Any:
    view = _changeable(visit)
    id_ = visit.path["ruleId"]
    _one_of(show_audience_rules(visit.context, view), id_)
    body = read_json(visit.body)
    asked = check(wire.RulePatch, body)
    said = asked.model_fields_set
    if "audienceId" in said and asked.audienceId != audience_uuid(view):
        raise InvalidInputError([_other_audience(("audienceId",), asked.audienceId)], body)
    made: list[SaidRule] = []

    def edit(before: AudienceView) -> tuple[list[SaidRule], dict[str, Any]]:
        made.clear()
        rules = []
        for rule in before.rules:
            if rule_id(before, rule) != id_.lower():
                rules.append(rule)
                continue
            shown = wire.RuleIn(
                field=asked.field if "field" in said else rule.field,
                operator=asked.operator if "operator" in said else rule.operator.upper(),
                values=asked.values if "values" in said else list(rule.values),
                groupId=asked.groupId,
            )
            new = said_rule(shown, visit.context.now, rule.id)
            made.append(
                SaidRule(
                    field=new.field if "field" in said else rule.field,
                    operator=new.operator if "operator" in said else rule.operator,
                    values=new.values if "values" in said else rule.values,
                    group=new.group if "groupId" in said else rule.group,
                    id=rule.id,
                )
            )
            rules.append(made[0])
        if not made:
            raise not_found("Rule")
        return rules, {id_.lower(): asked.position} if "position" in said else {}

    after = _change(visit, view, edit, made, [()], body)
    return _one_of(show_audience_rules(visit.context, after), id_)


def _delete(visit: Visit) -> Any:
    view = _changeable(visit)
    id_ = visit.path["ruleId"].lower()
    gone = _one_of(show_audience_rules(visit.context, view), id_)

    def edit(before: AudienceView) -> tuple[list[SaidRule], dict[str, Any]]:
        rules = [rule for rule in before.rules if rule_id(before, rule) != id_]
        if len(rules) == len(before.rules):
            raise not_found("Rule")
        return rules, {}

    _change(visit, view, edit, [], [], None)
    return gone


def _change(
    visit: Visit, view: AudienceView, edit: Edit, said: Sequence[SaidRule], locs: Sequence[Loc], body: Any
) -> AudienceView:
    """The audience with the rules that `edit` wants, asked again when somebody else was quicker."""
    for attempt in range(_ATTEMPTS_MAX):
        before = view if not attempt else find_audience(visit.context, view.id, archived=False)
        rules, positions = edit(before)
        old = kept(before.metadata).get(POSITIONS) or {}
        ids = {rule_id(before, rule) for rule in rules}
        known = {
            rule_id(before, rule): old.get(rule_id(before, rule), kept_form(place))
            for place, rule in enumerate(before.rules)
        }
        told = {id_: form for id_, form in {**known, **kept_positions(positions)}.items() if id_ in ids}
        metadata = with_kept(before.metadata, **{POSITIONS: told or None})
        try:
            return change_audience(visit.context, before.id, before.version, rules=rules, metadata=metadata)
        except StaleVersionError:
            if attempt == _ATTEMPTS_MAX - 1:
                raise
        except InvalidAudienceError as error:
            mine = {rule.id: loc for rule, loc in zip(said, locs, strict=True)}
            raise rule_issues(error, rules, [mine.get(rule.id, ()) for rule in rules], body) from None
    raise AssertionError("unreachable")


def _changeable(visit: Visit) -> AudienceView:
    view = find_audience(visit.context, visit.path["audienceId"], archived=False)
    if view.kind is AudienceKind.TIER:
        raise FanfareError(400, "Audience is a loyalty tier, its rules follow from its group")
    if view.kind is not AudienceKind.DYNAMIC:
        raise FanfareError(400, "Audience is not dynamic")
    return view


def _one_of(shown: Sequence[dict[str, Any]], id_: str) -> dict[str, Any]:
    found = next((rule for rule in shown if rule["id"] == id_.lower()), None)
    if found is None:
        raise not_found("Rule")
    return found


def _require_own(view: AudienceView, asked: Sequence[wire.AddressedRuleIn], locs: Sequence[Loc], body: Any) -> None:
    own = audience_uuid(view)
    issues = [
        _other_audience((*loc, "audienceId"), rule.audienceId)
        for rule, loc in zip(asked, locs, strict=True)
        if rule.audienceId != own
    ]
    if issues:
        raise InvalidInputError(issues, body)


def _other_audience(loc: Loc, given: str) -> Any:
    return failed_check(loc, "the audience of the address", given, "Invalid value: names another audience")


RULE_ROUTES = (
    FaceRoute(
        method="GET",
        path=_ALL,
        scope=KeyScope.READ,
        run=_list,
        summary="The rules of an audience",
        answer=wire_answers.Rules,
    ),
    FaceRoute(
        method="POST",
        path=_ALL,
        scope=KeyScope.DESIGN,
        run=_add,
        summary="Add a rule to an audience",
        body=wire.AddressedRuleIn,
        answer=wire_answers.OneOrMoreRules,
        refusals=(409,),
    ),
    FaceRoute(
        method="PUT",
        path=_ALL,
        scope=KeyScope.DESIGN,
        run=_replace,
        summary="Replace all rules of an audience",
        body=wire.RulesIn,
        answer=wire_answers.Rules,
        refusals=(409,),
    ),
    FaceRoute(
        method="GET",
        path=_ONE,
        scope=KeyScope.READ,
        run=_get,
        summary="One rule",
        answer=wire_answers.Rule,
    ),
    FaceRoute(
        method="PUT",
        path=_ONE,
        scope=KeyScope.DESIGN,
        run=_put,
        summary="Change one rule",
        body=wire.RulePatch,
        answer=wire_answers.Rule,
        refusals=(409,),
    ),
    FaceRoute(
        method="DELETE",
        path=_ONE,
        scope=KeyScope.DESIGN,
        run=_delete,
        summary="Delete one rule",
        answer=wire_answers.Rule,
        refusals=(409,),
    ),
)
