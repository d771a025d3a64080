"""Audiences and their rules: made, found, changed, listed; which of them want refreshing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection

from ziggurat.program.exact_json import read_exact, write_exact
from ziggurat.store.errors import StaleVersionError
from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.rows import write_rows
from ziggurat.store.scope import Scope, among, organizations_with
from ziggurat.store.sequences import take_one
from ziggurat.store.tables import audience_rules, audiences
from ziggurat.store.tables.audiences import AudienceKind

KIND = "audience"


class AudienceRow(NamedTuple):
    """An audience without its rules. `rules_version` grows with every change of whom it means."""

    id: int
    public_id: str
    name: str
    kind: AudienceKind
    description: str
    metadata: dict[str, Any]
    program: str | None
    tier: str | None
    group_key: str | None
    group_name: str | None
    group_kind: str | None
    position: int
    refresh_interval_s: int | None
    refresh_due_at: int | None
    refreshed_at: int | None
    rules_changed_at: int
    rules_version: int
    archived_at: int | None
    created_by: str
    created_at: int
    updated_by: str
    updated_at: int
    version: int


class RuleRow(NamedTuple):
    """A rule as it was said. Rules with the same `group_key` must all hold; `position` is the order among all rules."""

    audience_id: int
    position: int
    public_id: str
    group_key: str
    field: str
    operator: str
    operands: list[Any]


_COLUMNS = columns_of(audiences, AudienceRow)
_RULES = columns_of(audience_rules, RuleRow)
_LIVE = audiences.c.archived_at.is_(None)


def create(connection: Connection, scope: Scope, audience: AudienceRow) -> AudienceRow:
    """A new audience; its `id` is given here."""
    made = audience._replace(id=take_one(connection, scope, "definitions"))
    connection.execute(scope.insert(audiences).values(made._asdict()))
    return made


def get(connection: Connection, scope: Scope, public_id: str, *, lock: bool = False) -> AudienceRow | None:
    """The audience with that public id; with `lock` held until the transaction ends."""
    query = scope.select(audiences, *_COLUMNS).where(audiences.c.public_id == public_id)
    if lock and connection.dialect.name != "sqlite":
        query = query.with_for_update()
    return one_of(connection, query, AudienceRow)


def save(connection: Connection, scope: Scope, audience: AudienceRow) -> AudienceRow:
    """Store the fields of `audience`, as read before; it with its new version.

    Raises:
        StaleVersionError: somebody else has changed it since.
    """
    changed = audience._replace(version=audience.version + 1)
    values = changed._asdict()
    del values["id"]
    statement = scope.update(audiences).where(audiences.c.id == audience.id, audiences.c.version == audience.version)
    if connection.execute(statement.values(values)).rowcount != 1:
        raise StaleVersionError(KIND, audience.public_id, audience.version)
    return changed


def page(
    connection: Connection,
    scope: Scope,
    *,
    after: int = -1,
    limit: int,
    archived: bool = False,
    kind: AudienceKind | None = None,
    group_key: str | None = None,
) -> list[AudienceRow]:
    """The next `limit` audiences in the order in which they were made."""
    conditions: list[ColumnElement[bool]] = [audiences.c.id > after]
    conditions.append(audiences.c.archived_at.is_not(None) if archived else _LIVE)
    if kind is not None:
        conditions.append(audiences.c.kind == kind)
    if group_key is not None:
        conditions.append(audiences.c.group_key == group_key)
    query = scope.select(audiences, *_COLUMNS).where(*conditions).order_by(audiences.c.id).limit(limit)
    return all_of(connection, query, AudienceRow)


def of_group(connection: Connection, scope: Scope, group_key: str, *, lock: bool = False) -> list[AudienceRow]:
    """The audiences of a group that are not archived, by position."""
    query = scope.select(audiences, *_COLUMNS).where(audiences.c.group_key == group_key, _LIVE)
    if lock and connection.dialect.name != "sqlite":
        query = query.with_for_update()
    return all_of(connection, query.order_by(audiences.c.position, audiences.c.id), AudienceRow)


def by_ids(connection: Connection, scope: Scope, ids: Iterable[int]) -> dict[int, AudienceRow]:
    """Those audiences, archived or not, by id."""
    query = scope.select(audiences, *_COLUMNS).where(among(connection, audiences.c.id, ids))
    return {audience.id: audience for audience in all_of(connection, query, AudienceRow)}


def ruled(connection: Connection, scope: Scope) -> list[AudienceRow]:
    """The audiences that have their members by rules, or by tier: those that follow what happens to members."""
    query = scope.select(audiences, *_COLUMNS).where(
        _LIVE, audiences.c.kind.in_([AudienceKind.DYNAMIC, AudienceKind.TIER])
    )
    return all_of(connection, query.order_by(audiences.c.id), AudienceRow)


def due(connection: Connection, scope: Scope, now: int, limit: int) -> list[AudienceRow]:
    """Up to `limit` audiences that want refreshing at `now`, the longest overdue first."""
    query = scope.select(audiences, *_COLUMNS).where(audiences.c.refresh_due_at <= now, _LIVE)
    return all_of(connection, query.order_by(audiences.c.refresh_due_at).limit(limit), AudienceRow)


def postpone(connection: Connection, scope: Scope, audience: AudienceRow, due_at: int) -> bool:
    """Have `audience` refreshed at `due_at` instead; whether nobody else has changed that meanwhile."""
    mine = (audiences.c.id == audience.id) & (audiences.c.refresh_due_at == audience.refresh_due_at)
    return connection.execute(scope.update(audiences).where(mine).values(refresh_due_at=due_at)).rowcount == 1


def organizations_due(connection: Connection, now: int) -> list[Scope]:
    """The organizations that have audiences to refresh."""
    query = organizations_with(audiences, audiences.c.refresh_due_at <= now, _LIVE)
    return [Scope(number) for number in connection.execute(query).scalars()]


def set_refreshed(
    connection: Connection, scope: Scope, audience: AudienceRow, refreshed_at: int, due_at: int | None
) -> None:
    """Remember that `audience` was refreshed by its rules as read; nothing happens if they have changed meanwhile."""
    statement = scope.update(audiences).where(
        audiences.c.id == audience.id, audiences.c.rules_version == audience.rules_version
    )
    connection.execute(statement.values(refreshed_at=refreshed_at, refresh_due_at=due_at))


def make_due(connection: Connection, scope: Scope, ids: Iterable[int], at: int) -> None:
    """Have those audiences refreshed at `at` at the latest."""
    wanted = among(connection, audiences.c.id, ids)
    later = audiences.c.refresh_due_at.is_(None) | (audiences.c.refresh_due_at > at)
    connection.execute(scope.update(audiences).where(wanted, later, _LIVE).values(refresh_due_at=at))


# --- rules


def rules_of(connection: Connection, scope: Scope, ids: Iterable[int]) -> dict[int, list[RuleRow]]:
    """The rules of those audiences in order, by audience."""
    query = scope.select(audience_rules, *_RULES).where(among(connection, audience_rules.c.audience_id, ids))
    found: dict[int, list[RuleRow]] = {}
    for row in connection.execute(query.order_by(audience_rules.c.audience_id, audience_rules.c.position)):
        rule = RuleRow._make((*row[:-1], read_exact(row[-1])))
        found.setdefault(rule.audience_id, []).append(rule)
    return found


def replace_rules(connection: Connection, scope: Scope, audience_id: int, rules: Sequence[RuleRow]) -> None:
    """Give an audience other rules."""
    connection.execute(scope.delete(audience_rules).where(audience_rules.c.audience_id == audience_id))
    rows = [(*rule[:-1], write_exact(rule.operands)) for rule in rules]
    write_rows(connection, scope, audience_rules, RuleRow._fields, rows)
