"""The one place that keeps organizations apart: every statement on what belongs to one is made here.

Repositories never call SQLAlchemy's own `select`, `insert`, `update` and `delete` (a test sees to that).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    FromClause,
    Insert,
    Integer,
    Join,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from ziggurat.store.number_arrays import Numbers
from ziggurat.store.tables.base import ANY_ORGANIZATION, canonical_json


@dataclass(frozen=True, slots=True)
class Scope:
    """One organization: what a caller may see and change."""

    organization_id: int

    def select(self, table: Table, *columns: Any) -> Select[Any]:
        """A SELECT of `columns` (all, if none are named) of `table`, of this organization."""
        return select(*(columns or table.c)).select_from(table).where(self.owns(table))

    def select_joined(self, table: Table, other: Table, on: ColumnElement[bool], *columns: Any) -> Select[Any]:
        """A SELECT over two tables, both of this organization."""
        both: Join = table.join(other, and_(self.owns(other), on))
        return select(*columns).select_from(both).where(self.owns(table))

    def insert(self, table: Table) -> Insert:
        """An INSERT into `table` for this organization."""
        return insert(table).values(organization_id=self.organization_id)

    def update(self, table: Table) -> Update:
        """An UPDATE of this organization's rows of `table`."""
        return update(table).where(self.owns(table))

    def delete(self, table: Table) -> Delete:
        """A DELETE of this organization's rows of `table`."""
        return delete(table).where(self.owns(table))

    def owns(self, table: FromClause) -> ColumnElement[bool]:
        """The condition that a row of `table` is this organization's."""
        owned: ColumnElement[bool] = table.c.organization_id == self.organization_id
        return owned


def select_any_organization(table: Table, *columns: Any) -> Select[Any]:
    """A SELECT that finds out which organization is meant: only on the tables marked for it."""
    if table.info != ANY_ORGANIZATION:
        raise ValueError(f"{table.name} is only read within an organization")
    return select(*(columns or table.c)).select_from(table)


def organizations_with(table: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
    """The ids of the organizations that have such rows in `table`: how workers find where there is work."""
    return select(table.c.organization_id).where(*conditions).distinct()


def among(connection: Connection, column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """`column IN values`, for any number of values, as one parameter: the statement's text stays the same.

    Said as a subquery, which PostgreSQL joins; `= ANY (array)` compares every row with every value where statistics are
    not there yet.
    """
    wanted: Sequence[Any] = list(values)
    if connection.dialect.name == "sqlite":
        each = func.json_each(bindparam(None, canonical_json(wanted))).table_valued("value")
        return column.in_(select(each.c.value))
    given = bindparam(None, wanted, type_=Numbers() if isinstance(column.type, Integer) else ARRAY(column.type))
    return column.in_(select(func.unnest(given, type_=column.type)))
