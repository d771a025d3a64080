"""Audience rules as conditions in the database, for everybody at once.

The same as `ziggurat.engine.audience_match` says of one member, proven by tests on generated rules and members.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, FromClause, Text, and_, false, func, literal, or_, true

from ziggurat.program.audience_fields import Field, FieldKind, Source
from ziggurat.program.audience_rules import Containing, OneOf, Present, Rule, RuleSet, Stored, Within
from ziggurat.program.open_values import TEXT, safe
from ziggurat.store.scope import among
from ziggurat.store.tables import member_profiles

_FEW = 20
"""So many values are compared one by one; more of them travel as one parameter."""
_COLUMNS = {"tier": "tier_key"}
_TEXTS = (FieldKind.TEXT, FieldKind.FOLDED, FieldKind.OPEN)


def profile_column(field: Field) -> Column[Any]:
    """The column of `member_profiles` that a field of a profile is kept in."""
    return member_profiles.c["email_folded" if field.kind is FieldKind.FOLDED else field.key]


def condition(connection: Connection, rules: RuleSet, standings: Mapping[str, FromClause]) -> ColumnElement[bool]:
    """That a row of `member_profiles` satisfies `rules`; never NULL.

    `standings` are `member_states` as joined for the programs that rules ask about, by public id; for a program that is
    not among them nobody has a standing.
    """
    builder = _Conditions(connection, standings)
    return or_(false(), *[and_(true(), *[builder.holds(rule) for rule in group]) for group in rules.groups])


class _Conditions:
    def __init__(self, connection: Connection, standings: Mapping[str, FromClause]) -> None:
        self.connection = connection
        self.standings = standings
        self.is_sqlite = connection.dialect.name == "sqlite"

    def holds(self, rule: Rule) -> ColumnElement[bool]:
        value, may_miss = self._value(rule.field)
        if value is None:
            misses = isinstance(rule.test, OneOf) and rule.test.missing
            return true() if misses is not rule.negated else false()
        if isinstance(rule.test, Present):
            return value.is_(None) if rule.negated else value.is_not(None)
        passes = self._passes(rule.field, rule.test, value)
        if isinstance(rule.test, OneOf) and rule.test.missing:
            return and_(value.is_not(None), ~passes) if rule.negated else or_(value.is_(None), passes)
        if not may_miss:
            return ~passes if rule.negated else passes
        return or_(value.is_(None), ~passes) if rule.negated else and_(value.is_not(None), passes)

    def _value(self, field: Field) -> tuple[ColumnElement[Any] | None, bool]:
        """The expression of the field's value (None: nobody has one), and whether it may be NULL."""
        match field.source:
            case Source.PROFILE:
                column = profile_column(field)
                return column, bool(column.nullable)
            case Source.FACTS:
                facts, path = member_profiles.c.facts, safe(field.key)
                if self.is_sqlite:
                    return func.json_extract(facts, f'$."{path}"', type_=Text()), True
                return facts.op("->>", return_type=Text())(literal(path, Text())), True
            case Source.STANDING if field.program in self.standings:
                return self.standings[field.program].c[_COLUMNS.get(field.key, field.key)], True
        return None, True

    def _passes(
        self, field: Field, test: OneOf | Within | Containing, value: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        match test:
            case OneOf(values):
                return self._one_of(value, values)
            case Within():
                return self._within(value, test, is_text=field.kind in _TEXTS)
            case Containing(part, None):
                return self._has(value, part or "")
            case Containing(part, element):
                in_list = and_(self._starts(value, "["), self._has(value, f'"{element}"'))
                if part is None:
                    return in_list
                in_text = and_(self._starts(value, TEXT), self._has(func.substr(value, 2), part))
                return or_(in_list, in_text)
        raise AssertionError(f"{test} is no test of values")

    def _one_of(self, value: ColumnElement[Any], values: frozenset[Stored]) -> ColumnElement[bool]:
        wanted = sorted(values, key=str)
        if len(wanted) == 1:
            return value == wanted[0]
        return value.in_(wanted) if len(wanted) <= _FEW else among(self.connection, value, wanted)

    def _within(self, value: ColumnElement[Any], test: Within, *, is_text: bool) -> ColumnElement[bool]:
        if is_text and not self.is_sqlite:
            value = value.collate("C")  # by code points, like Python and SQLite
        bounds = []
        if test.low is not None:
            bounds.append(value >= test.low if test.with_low else value > test.low)
        if test.high is not None:
            bounds.append(value <= test.high if test.with_high else value < test.high)
        return and_(true(), *bounds)

    def _has(self, value: ColumnElement[Any], part: str) -> ColumnElement[bool]:
        place = func.instr(value, part) if self.is_sqlite else func.strpos(value, part)
        return place > 0

    def _starts(self, value: ColumnElement[Any], letter: str) -> ColumnElement[bool]:
        return func.substr(value, 1, 1) == literal(letter)
