"""An audience's rules: a field, one of 13 operators, and values; all rules of a group must hold, and one of the groups.

A rule is read once: its values are brought into the form in which members' values are kept, so that whoever evaluates
it (in memory or in a database) only compares. What each operator means, and what it makes of a missing value, is in
docs/audiences.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from ziggurat import limits
from ziggurat.errors import Fault, ZigguratError
from ziggurat.program.audience_fields import Field, Source

Value: TypeAlias = str | bool | int | Decimal | None
"""A value as a rule says it. Instants are ISO 8601 texts."""
Stored: TypeAlias = int | str
"""A value as members' values are kept: ten-thousandths, microseconds, or text."""


class Operator(StrEnum):
    """How a field is compared with a rule's values."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    GREATER_THAN = "greater_than"
    GREATER_THAN_OR_EQUAL = "greater_than_or_equal"
    LESS_THAN = "less_than"
    LESS_THAN_OR_EQUAL = "less_than_or_equal"
    BETWEEN = "between"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    IN = "in"
    NOT_IN = "not_in"
    EXISTS = "exists"
    NOT_EXISTS = "not_exists"


NEGATIONS = {
    Operator.NOT_EQUALS: Operator.EQUALS,
    Operator.NOT_CONTAINS: Operator.CONTAINS,
    Operator.NOT_IN: Operator.IN,
    Operator.NOT_EXISTS: Operator.EXISTS,
}
"""Each holds exactly where its counterpart does not; so a missing value satisfies them all."""


@dataclass(frozen=True, slots=True)
class Present:
    """There is a value."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value is one of `values`; with `missing` also where there is none."""

    values: frozenset[Stored]
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """The value lies between `low` and `high` (None: no bound), which belong to it if `with_low`, `with_high`."""

    low: Stored | None
    high: Stored | None
    with_low: bool = True
    with_high: bool = True


@dataclass(frozen=True, slots=True)
class Containing:
    """The text has `part` in it; an open field's list has `element` (encoded) among its own, its text has `part`."""

    part: str | None
    element: str | None = None


Test: TypeAlias = Present | OneOf | Within | Containing
"""What there is to compare, once a rule's values are read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition. `test` is what it asks, and it holds where `test` does, or does not if `negated`."""

    field: Field
    operator: Operator
    values: tuple[Value, ...]
    test: Test
    negated: bool


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Groups of rules; no group at all is nobody."""

    groups: tuple[tuple[Rule, ...], ...]

    @property
    def fields(self) -> frozenset[Field]:
        """Every field that is asked about."""
        return frozenset(rule.field for group in self.groups for rule in group)

    @property
    def programs(self) -> frozenset[str]:
        """The public ids of the programs whose standings are asked about."""
        return frozenset(field.program for field in self.fields if field.source is Source.STANDING)


class InvalidAudienceError(ZigguratError):
    """Rules, or another part of an audience, that none can have. Carries every fault, not just the first."""

    code = "invalid_audience"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults[: limits.FAULTS_SHOWN_MAX])))
