"""A program's tier group: an audience for each tier of its ladder, kept as the ladder is, whichever door changes it.

The key of the group is the program's public id, and its audiences are of kind `tier`. A tier whose id is a UUID gives
it to its audience too.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from ziggurat.app.audiences.audience_views import AudienceGroup
from ziggurat.app.audiences.change_audience import archive_row
from ziggurat.app.audiences.create_audience import NewAudience, add_audience
from ziggurat.app.audiences.define_audience import definitions_changed
from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import LoadedProgram
from ziggurat.program.model import Status, Tier
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audiences
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.tables.audiences import AudienceKind

TIERS = "tiers"
"""The kind of a tier group, where nobody says another."""


def tier_rows(connection: Connection, context: Context, program: str, *, lock: bool = False) -> list[AudienceRow]:
    """The audiences of a program's tier group by position; none if it has no group."""
    rows = audiences.of_group(connection, context.scope, program, lock=lock)
    return [row for row in rows if row.kind is AudienceKind.TIER and row.program == program]


def follow_ladder(
    connection: Connection, context: Context, program: LoadedProgram, group: AudienceGroup | None = None
) -> list[str]:
    """Bring the program's tier group, if it has one, up to date with its newest revision.

    Comes after everything else that a transaction does with audiences. With `group` it is made if there is none, and
    called so. Answers the public ids of the audiences that have yet to be filled.
    """
    rows = tier_rows(connection, context, program.row.public_id, lock=True)
    newest = program.newest
    if newest is None or not (rows or group):
        return []
    if newest.status is Status.ARCHIVED:
        for row in rows:
            archive_row(connection, context, row)
        definitions_changed(connection, context)
        return []
    name = newest.program.name
    kind = group.kind if group else rows[0].group_kind or TIERS
    there = {row.tier: row for row in rows}
    fresh: list[str] = []
    for place, tier in enumerate(newest.program.ladder):
        own = AudienceGroup(program.row.public_id, name, kind)
        if tier.key in there:
            _rename(connection, context, there.pop(tier.key), tier, own, place)
        else:
            fresh.append(_add(connection, context, tier, own, place))
    for row in there.values():
        archive_row(connection, context, row)
    definitions_changed(connection, context)
    return fresh


def _rename(
    connection: Connection, context: Context, row: AudienceRow, tier: Tier, group: AudienceGroup, place: int
) -> None:
    after = row._replace(
        name=tier.name,
        description=tier.description,
        position=place,
        group_name=group.name,
        group_kind=group.kind,
        archived_at=None,
    )
    if after != row:
        after = after._replace(updated_by=context.actor, updated_at=context.now)
        audiences.save(connection, context.scope, after)


def _add(connection: Connection, context: Context, tier: Tier, group: AudienceGroup, place: int) -> str:
    """A new audience for `tier`, or the one that it had before it was retired."""
    wanted = NewAudience(
        name=tier.name,
        kind=AudienceKind.TIER,
        description=tier.description,
        program=group.key,
        tier=tier.key,
        group=group,
        position=place,
        id=_own_id(tier),
    )
    old = audiences.get(connection, context.scope, wanted.id, lock=True) if wanted.id else None
    if old is None:
        return add_audience(connection, context, wanted).public_id
    if (old.program, old.tier) != (group.key, tier.key):
        return add_audience(connection, context, replace(wanted, id=None)).public_id
    again = old._replace(refresh_due_at=context.now, refreshed_at=None, rules_version=old.rules_version + 1)
    _rename(connection, context, again, tier, group, place)
    return old.public_id


def _own_id(tier: Tier) -> str | None:
    try:
        return str(UUID(tier.id)) if tier.id else None
    except ValueError:
        return None
