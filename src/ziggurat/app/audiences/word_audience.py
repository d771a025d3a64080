"""Audience rules and verdicts in words."""

from __future__ import annotations

from ziggurat.engine.audience_match import Known, MatchReport, RuleVerdict
from ziggurat.program.amounts import format_units
from ziggurat.program.audience_fields import Field, FieldKind
from ziggurat.program.audience_rules import Operator, Rule
from ziggurat.program.calendar import calendar
from ziggurat.program.open_values import decode

_WORDS = {
    Operator.EQUALS: "is",
    Operator.NOT_EQUALS: "is not",
    Operator.GREATER_THAN: "is over",
    Operator.GREATER_THAN_OR_EQUAL: "is at least",
    Operator.LESS_THAN: "is under",
    Operator.LESS_THAN_OR_EQUAL: "is at most",
    Operator.BETWEEN: "is between",
    Operator.CONTAINS: "contains",
    Operator.NOT_CONTAINS: "does not contain",
    Operator.IN: "is one of",
    Operator.NOT_IN: "is none of",
    Operator.EXISTS: "is known",
    Operator.NOT_EXISTS: "is not known",
}
_UTC = calendar("UTC")


def say_rule(rule: Rule) -> str:
    """A rule as a clause, such as `points_balance is at least 500`."""
    values = ["nothing" if value is None else str(value) for value in rule.values]
    said = " and ".join(values) if rule.operator is Operator.BETWEEN else ", ".join(values)
    return f"{rule.field.name} {_WORDS[rule.operator]} {said}".rstrip()


def say_value(field: Field, value: Known) -> str | None:
    """A member's value as text: amounts as decimals, instants as ISO 8601; None where there is none."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return ", ".join(decode(element, is_element=True) for element in value)
    match field.kind:
        case FieldKind.AMOUNT if isinstance(value, int):
            return format_units(value)
        case FieldKind.INSTANT if isinstance(value, int):
            return _UTC.format(value)
        case FieldKind.OPEN if isinstance(value, str):
            return decode(value)
    return str(value)


def say_membership(audience: str, member: str, is_member: bool, report: MatchReport | None) -> str:  # noqa: FBT001
    """Why a member is in an audience, or is not, as a sentence."""
    there = f"{member} is {'' if is_member else 'not '}in {audience}"
    if report is None:
        return f"{there}: {'she was put on its list' if is_member else 'she is not on its list'}."
    if report.matches is not is_member:
        return f"{there}, but her values say otherwise by now; the next refresh will put that right."
    if not report.verdicts:
        return f"{there}: it has no rules, and so no members."
    if report.matches:
        clauses = [_clause(verdict) for verdict in report.verdicts if verdict.group == report.group]
        return f"{there}: {'; '.join(clauses)}."
    return f"{there}: {'; '.join(_clause(verdict) for verdict in report.verdicts if not verdict.holds)}."


def _clause(verdict: RuleVerdict) -> str:
    value = say_value(verdict.rule.field, verdict.value)
    found = "she has none" if value is None else f"hers is {value}"
    return f"{say_rule(verdict.rule)} {'holds' if verdict.holds else 'does not hold'} ({found})"
