"""Make a group of audiences what it is to be, in one go: new ones are made, others changed, the rest archived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ziggurat.app.audiences.audience_views import AudienceGroup, AudienceView
from ziggurat.app.audiences.change_audience import archive_row
from ziggurat.app.audiences.create_audience import NewAudience, add_audience
from ziggurat.app.audiences.define_audience import (
    checked_rules,
    checked_texts,
    checked_tier,
    default_interval,
    definitions_changed,
    fill,
    rule_rows,
)
from ziggurat.app.audiences.read_audience import list_group
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.events.load_audiences import LoadedAudience, with_rules
from ziggurat.errors import Fault
from ziggurat.program.audience_rules import InvalidAudienceError
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import audiences
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.tables.audiences import AudienceKind


def put_audience_group(
    context: Context, group: AudienceGroup, wanted: Sequence[NewAudience]
) -> tuple[AudienceView, ...]:
    """The audiences of `group` by position, all of it done or nothing.

    An audience of the group whose id is among those wanted stays the same audience; its kind stays too. One that is not
    is archived. Wanted ones without id are new, and so are those whose id is not known yet.

    Raises:
        InvalidAudienceError: with every fault of the rules.
        InvalidRequestError: names, texts or ids that cannot be, or nothing wanted.
        NotFoundError, UnknownTierError: there is no such program or tier.
    """
    ids = [one.id for one in wanted if one.id is not None]
    if not wanted or len(set(ids)) < len(ids):
        raise InvalidRequestError("audiences", "must be at least one, each with an id of its own")

    def work(connection: Connection) -> list[str]:
        rows = audiences.of_group(connection, context.scope, group.key, lock=True)
        there = {one.row.public_id: one for one in with_rules(connection, context, rows)}
        changed: list[str] = []
        for one in wanted:
            said = replace(one, group=group)
            if said.id in there:
                if _change(connection, context, there[said.id], said):
                    changed.append(said.id)
            else:
                changed.append(add_audience(connection, context, said).public_id)
        for public_id, gone in there.items():
            if public_id not in ids:
                archive_row(connection, context, gone.row)
        definitions_changed(connection, context)
        record(connection, context, "audience_group.put", f"audience_group:{group.key}", audiences=len(wanted))
        return changed

    fill(context, context.database.write(work))
    return list_group(context, group.key)


def archive_audience_group(context: Context, group: str) -> tuple[str, ...]:
    """Archive every audience of a group; their ids.

    Raises:
        NotFoundError: no audience is part of such a group.
    """

    def work(connection: Connection) -> tuple[str, ...]:
        rows = audiences.of_group(connection, context.scope, group, lock=True)
        if not rows:
            raise NotFoundError("group", group)
        for row in rows:
            archive_row(connection, context, row)
        definitions_changed(connection, context)
        record(connection, context, "audience_group.archived", f"audience_group:{group}", audiences=len(rows))
        return tuple(row.public_id for row in rows)

    return context.database.write(work)


def _change(connection: Connection, context: Context, loaded: LoadedAudience, said: NewAudience) -> bool:
    """Make a stored audience what is said; whether it means others now."""
    before = loaded.row
    if said.kind is not before.kind:
        raise InvalidAudienceError([Fault("kind", f"stays {before.kind}")])
    name, description, metadata = checked_texts(said.name, said.description, said.metadata)
    after = before._replace(
        name=name,
        description=description,
        metadata=metadata,
        position=said.position,
        group_name=said.group.name if said.group else None,
        group_kind=said.group.kind if said.group else None,
        updated_by=context.actor,
        updated_at=context.now,
    )
    after = _with_meaning(connection, context, loaded, said, after)
    means_others = after.rules_version != before.rules_version
    audiences.save(connection, context.scope, after)
    return means_others


def _with_meaning(
    connection: Connection, context: Context, loaded: LoadedAudience, said: NewAudience, after: AudienceRow
) -> AudienceRow:
    read = checked_rules(said.rules)
    tier = checked_tier(connection, context, said.program, said.tier) if said.kind is AudienceKind.TIER else None
    same_tier = (tier, said.program if tier else None) == (after.tier, after.program)
    if same_tier and (said.kind is not AudienceKind.DYNAMIC or read == loaded.rules):
        return after
    audiences.replace_rules(connection, context.scope, after.id, rule_rows(after.id, said.rules))
    return after._replace(
        tier=tier,
        program=said.program if tier else None,
        refresh_interval_s=default_interval(read, said.refresh_interval_s),
        rules_version=after.rules_version + 1,
        rules_changed_at=context.now,
        refresh_due_at=context.now,
        refreshed_at=None,
    )
