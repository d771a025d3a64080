"""Audiences in lists: ordered, from any place in either direction; and what they and their groups are called."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_

from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.repositories.records import columns_of
from ziggurat.store.scope import Scope
from ziggurat.store.tables import audiences

_c = audiences.c
_ORDERS: dict[str, ColumnElement[Any]] = {
    "created_at": _c.id,  # audiences are numbered as they are made
    "name": _c.name,
    "refreshed_at": func.coalesce(_c.refreshed_at, -1),
}
ORDERS = tuple(_ORDERS)
"""By what audiences can be ordered; who was never refreshed comes before all others."""


class Place(NamedTuple):
    """Where an audience is in an order."""

    value: str | int
    id: int


class Placed(NamedTuple):
    """An audience and its place."""

    place: Place
    row: AudienceRow


def page(
    connection: Connection, scope: Scope, *, order: str, descending: bool, after: Place | None = None, limit: int
) -> list[Placed]:
    """The next `limit` audiences in use after a place, in one of ORDERS."""
    column = _ORDERS[order]
    query = scope.select(audiences, *columns_of(audiences, AudienceRow), column).where(_c.archived_at.is_(None))
    if after is not None:
        beyond = _c.id < after.id if descending else _c.id > after.id
        if column is not _c.id:
            further = column < after.value if descending else column > after.value
            beyond = or_(further, and_(column == after.value, beyond))
        query = query.where(beyond)
    ordering = [column] if column is _c.id else [column, _c.id]
    query = query.order_by(*[each.desc() if descending else each.asc() for each in ordering]).limit(limit)
    found = []
    for row in connection.execute(query):
        audience = AudienceRow._make(row[:-1])
        found.append(Placed(Place(row[-1], audience.id), audience))
    return found


def public_ids(connection: Connection, scope: Scope) -> list[str]:
    """What all audiences are called, archived or not."""
    return list(connection.execute(scope.select(audiences, _c.public_id)).scalars())


def group_keys(connection: Connection, scope: Scope) -> list[str]:
    """What the groups are called that have an audience in use."""
    query = scope.select(audiences, _c.group_key).where(_c.group_key.is_not(None), _c.archived_at.is_(None))
    return list(connection.execute(query.distinct()).scalars())
