"""Rules of audiences as somebody says them, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ziggurat.program.audience_rules import RuleSet, Value
from ziggurat.program.read_audience_rules import read_rules


@dataclass(frozen=True, slots=True)
class SaidRule:
    """A rule as somebody says it. Rules of the same `group` must all hold; `id` "" is a new one."""

    field: str
    operator: str
    values: tuple[Value, ...] = ()
    group: str = ""
    id: str = ""


def grouped(said: Sequence[SaidRule]) -> RuleSet:
    """Rules that are said one by one, by their groups; groups in the order in which they appear.

    Raises:
        InvalidAudienceError: with every fault of the rules.
    """
    groups: dict[str, list[dict[str, object]]] = {}
    for rule in said:
        said_rule: dict[str, object] = {"field": rule.field, "operator": rule.operator, "values": list(rule.values)}
        groups.setdefault(rule.group, []).append(said_rule)
    return read_rules(list(groups.values()))
