"""Make an audience: by rules, as a list, as a list synced from elsewhere, or of a program's tier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ziggurat.app.audiences.audience_views import AudienceGroup, AudienceView
from ziggurat.app.audiences.define_audience import (
    checked_group,
    checked_interval,
    checked_rules,
    checked_texts,
    checked_tier,
    default_interval,
    definitions_changed,
    fill,
    require_room,
    rule_rows,
)
from ziggurat.app.audiences.read_audience import read_audience
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.app.public_ids import new_id
from ziggurat.errors import Fault
from ziggurat.program.audience_rules import InvalidAudienceError
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audiences
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.tables.audiences import AudienceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAudience:
    """What an audience is to be; see `create_audience`."""

    name: str
    kind: AudienceKind = AudienceKind.DYNAMIC
    rules: Sequence[SaidRule] = ()
    description: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    program: str | None = None
    tier: str | None = None
    group: AudienceGroup | None = None
    position: int = 0
    refresh_interval_s: int | None = None
    id: str | None = None


def create_audience(  # noqa: PLR0913 - what an audience has
    context: Context,
    name: str,
    kind: AudienceKind = AudienceKind.DYNAMIC,
    *,
    rules: Sequence[SaidRule] = (),
    description: str = "",
    metadata: Mapping[str, Any] | None = None,
    program: str | None = None,
    tier: str | None = None,
    group: AudienceGroup | None = None,
    position: int = 0,
    refresh_interval_s: int | None = None,
    id: str | None = None,
) -> AudienceView:
    """The new audience. With few members in the organization it is filled when answered, else by the worker.

    Args:
        context: who asks.
        name: need not be unique.
        kind: how it comes by its members; it stays so.
        rules: whom a dynamic audience means; none is nobody.
        description: free text.
        metadata: plain JSON values.
        program: for kind `tier`: the public id.
        tier: for kind `tier`: the tier's id or name.
        group: what it is part of.
        position: its place in the group.
        refresh_interval_s: how often to look at everybody again; None: daily if rules ask about what decays.
        id: its public id, for faces; None makes one.

    Raises:
        InvalidAudienceError: with every fault of the rules.
        InvalidRequestError: a name, text, or interval that cannot be kept, or too many audiences.
        NotFoundError, UnknownTierError: there is no such program or tier.
    """
    wanted = NewAudience(
        name=name,
        kind=kind,
        rules=rules,
        description=description,
        metadata=metadata or {},
        program=program,
        tier=tier,
        group=group,
        position=position,
        refresh_interval_s=refresh_interval_s,
        id=id,
    )
    public_id = context.database.write(lambda connection: _create(connection, context, wanted))
    fill(context, [public_id])
    return read_audience(context, public_id)


def _create(connection: Connection, context: Context, wanted: NewAudience) -> str:
    row = add_audience(connection, context, wanted)
    definitions_changed(connection, context)
    record(connection, context, "audience.created", f"audience:{row.public_id}", name=row.name, kind=str(row.kind))
    return row.public_id


def add_audience(connection: Connection, context: Context, wanted: NewAudience) -> AudienceRow:
    """Store a new audience; whoever calls says afterwards that definitions changed, fills it, and raises as above."""
    name, description, kept = checked_texts(wanted.name, wanted.description, wanted.metadata)
    kind = wanted.kind
    if wanted.rules and kind is not AudienceKind.DYNAMIC:
        raise InvalidAudienceError([Fault("rules", f"are not for audiences of kind {kind}")])
    read = checked_rules(wanted.rules)
    group = checked_group(wanted.group)
    interval = default_interval(read, checked_interval(wanted.refresh_interval_s))
    follows = kind in (AudienceKind.DYNAMIC, AudienceKind.TIER)
    tier = checked_tier(connection, context, wanted.program, wanted.tier) if kind is AudienceKind.TIER else None
    if follows:
        require_room(connection, context, 1)
    due = context.now if follows else None
    if kind is AudienceKind.SYNCED and interval is not None:
        due = context.now + interval * 1_000_000
    row = AudienceRow(
        id=0,
        public_id=wanted.id or new_id("aud"),
        name=name,
        kind=kind,
        description=description,
        metadata=kept,
        program=wanted.program if tier else None,
        tier=tier,
        group_key=group.key if group else None,
        group_name=group.name if group else None,
        group_kind=group.kind if group else None,
        position=wanted.position,
        refresh_interval_s=interval if follows or kind is AudienceKind.SYNCED else None,
        refresh_due_at=due,
        refreshed_at=None if follows else context.now,
        rules_changed_at=context.now,
        rules_version=1,
        archived_at=None,
        created_by=context.actor,
        created_at=context.now,
        updated_by=context.actor,
        updated_at=context.now,
        version=1,
    )
    made = audiences.create(connection, context.scope, row)
    audiences.replace_rules(connection, context.scope, made.id, rule_rows(made.id, wanted.rules))
    return made
