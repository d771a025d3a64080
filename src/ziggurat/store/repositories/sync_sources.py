"""Where the lists of synced audiences come from, and how the latest sync went."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, or_

from ziggurat.store.errors import ConcurrentChangeError
from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.scope import Scope, organizations_with
from ziggurat.store.sequences import take_one
from ziggurat.store.tables import sync_sources
from ziggurat.store.tables.audiences import SyncState

KIND = "sync source"


class SourceRow(NamedTuple):
    """A source. `asked_at` is set while a sync is wanted or runs, `lease_until` while somebody runs it."""

    id: int
    public_id: str
    audience_id: int
    kind: str
    location: str
    settings: dict[str, Any]
    state: SyncState
    error: str | None
    asked_at: int | None
    lease_until: int | None
    synced_at: int | None
    result: dict[str, Any] | None
    created_by: str
    created_at: int
    updated_at: int
    version: int


_COLUMNS = columns_of(sync_sources, SourceRow)


def create(connection: Connection, scope: Scope, row: SourceRow) -> SourceRow:
    """A new source; its `id` is given here."""
    made = row._replace(id=take_one(connection, scope, "definitions"))
    connection.execute(scope.insert(sync_sources).values(made._asdict()))
    return made


def of_audience(connection: Connection, scope: Scope, audience_id: int, *, lock: bool = False) -> SourceRow | None:
    """The source of an audience; with `lock` held until the transaction ends."""
    query = scope.select(sync_sources, *_COLUMNS).where(sync_sources.c.audience_id == audience_id)
    if lock and connection.dialect.name != "sqlite":
        query = query.with_for_update()
    return one_of(connection, query, SourceRow)


def save(connection: Connection, scope: Scope, row: SourceRow) -> SourceRow:
    """Store the fields of a source."""
    changed = row._replace(version=row.version + 1)
    values = changed._asdict()
    del values["id"]
    connection.execute(scope.update(sync_sources).where(sync_sources.c.id == row.id).values(values))
    return changed


def claim(connection: Connection, scope: Scope, now: int, lease_until: int) -> SourceRow | None:
    """Take a source whose sync is wanted and which nobody is running; None if there is none."""
    query = scope.select(sync_sources, *_COLUMNS).where(_waiting(now)).order_by(sync_sources.c.asked_at).limit(1)
    if connection.dialect.name != "sqlite":
        query = query.with_for_update(skip_locked=True)
    found = one_of(connection, query, SourceRow)
    return None if found is None else save(connection, scope, found._replace(lease_until=lease_until))


def extend(connection: Connection, scope: Scope, source: SourceRow, lease_until: int) -> SourceRow:
    """Keep on running the sync of `source`, as claimed or extended before.

    Raises:
        ConcurrentChangeError: somebody else runs it by now.
    """
    mine = (sync_sources.c.id == source.id) & (sync_sources.c.lease_until == source.lease_until)
    if connection.execute(scope.update(sync_sources).where(mine).values(lease_until=lease_until)).rowcount != 1:
        raise ConcurrentChangeError(f"the sync {source.public_id} is no longer this worker's")
    return source._replace(lease_until=lease_until)


def organizations_waiting(connection: Connection, now: int) -> list[Scope]:
    """The organizations that have a sync to run."""
    query = organizations_with(sync_sources, _waiting(now))
    return [Scope(number) for number in connection.execute(query).scalars()]


def everything(connection: Connection, scope: Scope) -> list[SourceRow]:
    """All sources of the organization."""
    return all_of(connection, scope.select(sync_sources, *_COLUMNS).order_by(sync_sources.c.id), SourceRow)


def _waiting(now: int) -> Any:
    free = or_(sync_sources.c.lease_until.is_(None), sync_sources.c.lease_until <= now)
    return sync_sources.c.asked_at.is_not(None) & free
