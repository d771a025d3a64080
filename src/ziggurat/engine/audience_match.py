"""Whether one member is in an audience, and why: its rules against the member's values, in memory.

The same as `ziggurat.store.audience_sql` says for everybody, proven by tests on generated rules and members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ziggurat.program.audience_fields import Source
from ziggurat.program.audience_rules import Containing, OneOf, Present, Rule, RuleSet, Stored, Test, Within
from ziggurat.program.open_values import TEXT

Known: TypeAlias = Stored | tuple[str, ...] | None
Facts: TypeAlias = Mapping[str, Known]
"""A member's values by field name, as they are kept: amounts are ten-thousandths, instants microseconds, emails folded,
open values encoded (a list is a tuple of encoded elements). What is not there has no value."""


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """Whether one rule holds. `group` and `place` say which; `value` is what it looked at, None for nothing."""

    group: int
    place: int
    rule: Rule
    value: Known
    holds: bool


@dataclass(frozen=True, slots=True)
class MatchReport:
    """Why a member matches rules or does not: every rule's verdict, and the first group that holds whole."""

    matches: bool
    group: int | None
    verdicts: tuple[RuleVerdict, ...]


def matches(rules: RuleSet, facts: Facts) -> bool:
    """Whether all rules of one group hold for the member with `facts`."""
    return any(all(holds(rule, _value(rule, facts)) for rule in group) for group in rules.groups)


def explain_match(rules: RuleSet, facts: Facts) -> MatchReport:
    """Every rule's verdict on the member with `facts`."""
    verdicts = []
    found = None
    for number, group in enumerate(rules.groups):
        said = [
            RuleVerdict(number, place, rule, value := _value(rule, facts), holds(rule, value))
            for place, rule in enumerate(group)
        ]
        if found is None and all(verdict.holds for verdict in said):
            found = number
        verdicts += said
    return MatchReport(found is not None, found, tuple(verdicts))


def holds(rule: Rule, value: Known) -> bool:
    """Whether `rule` holds for `value`."""
    return _passes(rule.test, value) is not rule.negated


def _value(rule: Rule, facts: Facts) -> Known:
    return None if rule.field.source is Source.NOWHERE else facts.get(rule.field.name)


def _passes(test: Test, value: Known) -> bool:
    match test:
        case Present():
            return value is not None
        case OneOf(values, missing):
            return missing if value is None else value in values
        case Within():
            return isinstance(value, int | str) and _is_within(test, value)
        case Containing():
            return _is_containing(test, value)


def _is_containing(test: Containing, value: Known) -> bool:
    if isinstance(value, tuple):
        return test.element in value
    if not isinstance(value, str) or test.part is None:
        return False
    if test.element is None:
        return test.part in value
    return value.startswith(TEXT) and test.part in value[1:]


def _is_within(test: Within, value: Stored) -> bool:
    low, high = test.low, test.high
    above = low is None or value > low or (test.with_low and value == low)  # type: ignore[operator]
    below = high is None or value < high or (test.with_high and value == high)  # type: ignore[operator]
    return above and below
