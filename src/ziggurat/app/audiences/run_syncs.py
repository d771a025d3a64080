"""Bring synced lists up to date with their sources, in the background: who is no longer there leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from ziggurat import limits
from ziggurat.app.audiences.change_list import list_members
from ziggurat.app.audiences.fetch_source import FetchFailedError, fetch_source, opened_rows
from ziggurat.app.audiences.place_rows import Placed, place_rows
from ziggurat.app.context import Context
from ziggurat.bulk.member_rows import MemberRow, UnreadableFileError
from ziggurat.store.database import Connection, Database
from ziggurat.store.errors import ConcurrentChangeError
from ziggurat.store.objects import Objects, ObjectsUnavailableError
from ziggurat.store.repositories import audience_upkeep, audiences, members, memberships, sync_sources
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.repositories.sync_sources import SourceRow
from ziggurat.store.tables.audiences import ImportMode, SyncState

_SECOND = 1_000_000


def run_syncs(database: Database, objects: Objects, clock: Callable[[], int], *, private_targets: bool = False) -> int:
    """Run one sync in every organization that has one waiting; how many it were.

    A worker that is gone before the end leaves the list with whom it had added; the next one begins again.
    """
    with database.reading() as connection:
        waiting = sync_sources.organizations_waiting(connection, clock())
        ready = [scope for scope in waiting if audience_upkeep.is_ready(connection, scope)]
    done = 0
    for scope in ready:
        context = Context(database, scope, "worker", clock())
        lease = context.now + limits.SYNC_LEASE_S * _SECOND
        source = database.write(
            lambda connection, context=context, lease=lease: sync_sources.claim(  # type: ignore[misc]
                connection, context.scope, context.now, lease
            )
        )
        if source is not None:
            _sync(context, objects, source, clock, private_targets=private_targets)
            done += 1
    return done


def _sync(
    context: Context, objects: Objects, source: SourceRow, clock: Callable[[], int], *, private_targets: bool
) -> None:
    whole = Placed()
    error, removed = None, 0
    try:
        key = fetch_source(source, objects, _fetched(source), private_targets=private_targets)
        with opened_rows(objects, key, source.settings["format"]) as rows:
            while step := list(islice(rows, limits.IMPORT_ROWS_PER_STEP)):
                now = replace(context, now=clock())
                source, placed = context.database.write(
                    lambda connection, now=now, source=source, step=step: _place(connection, now, source, step)  # type: ignore[misc]
                )
                whole.created += placed.created
                whole.updated += placed.updated
                whole.added += placed.added
                whole.meant |= placed.meant | placed.spared
                whole.faults += placed.faults
        removed = _remove_others(replace(context, now=clock()), source, whole.meant)
    except ConcurrentChangeError:
        return  # another worker has begun it again; the step that was not this one's own did not count
    except (FetchFailedError, UnreadableFileError, ObjectsUnavailableError) as failure:
        error = str(failure)
    finally:
        if source.kind == "http":
            objects.delete(_fetched(source))
    result = {
        "created": whole.created,
        "updated": whole.updated,
        "added": whole.added,
        "removed": removed,
        "failed": len({number for number, _ in whole.faults}),
        "first_faults": [
            {"row": number, "column": fault.column, "code": fault.code, "problem": fault.problem}
            for number, fault in whole.faults[: limits.ROW_FAULTS_SHOWN_MAX]
        ],
    }
    context.database.write(lambda connection: _finish(connection, replace(context, now=clock()), source, error, result))


def _fetched(source: SourceRow) -> str:
    """Where a list is kept while it is read."""
    return f"syncs/{source.public_id}"


def _finish(
    connection: Connection, context: Context, source: SourceRow, error: str | None, result: dict[str, Any]
) -> None:
    current = sync_sources.of_audience(connection, context.scope, source.audience_id, lock=True) or source
    finished = current._replace(
        state=SyncState.FAILED if error else SyncState.SUCCESS,
        error=error,
        asked_at=None,
        lease_until=None,
        synced_at=current.synced_at if error else context.now,
        updated_at=context.now,
        result=result,
    )
    sync_sources.save(connection, context.scope, finished)


def _place(
    connection: Connection, context: Context, source: SourceRow, rows: Sequence[MemberRow]
) -> tuple[SourceRow, Placed]:
    """Place some rows, and keep the sync this worker's for as long again."""
    extended = sync_sources.extend(connection, context.scope, source, context.now + limits.SYNC_LEASE_S * _SECOND)
    audience = _audience(connection, context, source)
    mode = ImportMode(source.settings["mode"])
    return extended, place_rows(connection, context, audience, rows, mode, f"sync:{source.public_id}", "sync")


def _remove_others(context: Context, source: SourceRow, meant: set[int]) -> int:
    """Take those off the list who are not `meant`; how many."""
    with context.database.reading() as connection:
        there = memberships.ids_in(connection, context.scope, source.audience_id)
    others = sorted(set(there) - meant)
    removed = 0
    for start in range(0, len(others), limits.IMPORT_ROWS_PER_STEP):
        step = others[start : start + limits.IMPORT_ROWS_PER_STEP]
        removed += context.database.write(lambda connection, step=step: _remove(connection, context, source, step))  # type: ignore[misc]
    return removed


def _remove(connection: Connection, context: Context, source: SourceRow, ids: Sequence[int]) -> int:
    held = members.lock(connection, context.scope, ids)
    audience = _audience(connection, context, source)
    return len(list_members(connection, context, audience, held, joined=False, cause="sync"))


def _audience(connection: Connection, context: Context, source: SourceRow) -> AudienceRow:
    row = audiences.by_ids(connection, context.scope, [source.audience_id])[source.audience_id]
    if row.archived_at is not None:
        raise FetchFailedError("the audience is archived")
    return row
