"""Change an audience, its rules, or archive it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ziggurat.app.audiences.audience_views import AudienceGroup, AudienceView
from ziggurat.app.audiences.define_audience import (
    checked_group,
    checked_interval,
    checked_rules,
    checked_texts,
    default_interval,
    definitions_changed,
    fill,
    rule_rows,
)
from ziggurat.app.audiences.read_audience import read_audience
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.events.load_audiences import load_audience
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.errors import Fault
from ziggurat.program.audience_rules import InvalidAudienceError
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError, StaleVersionError
from ziggurat.store.repositories import audiences
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.tables.audiences import AudienceKind

_UNSAID: Any = object()
"""Stands for: not said, leave it as it is (None says something for some of the fields)."""


def change_audience(  # noqa: PLR0913 - what an audience has
    context: Context,
    audience: str,
    expected_version: int | None = None,
    *,
    name: str = _UNSAID,
    description: str = _UNSAID,
    metadata: Mapping[str, Any] = _UNSAID,
    rules: Sequence[SaidRule] = _UNSAID,
    group: AudienceGroup | None = _UNSAID,
    position: int = _UNSAID,
    refresh_interval_s: int | None = _UNSAID,
) -> AudienceView:
    """The audience with what is said; what is not said stays. `rules` are replaced whole and the audience filled anew.

    Raises:
        NotFoundError: there is no such audience, or it is archived.
        StaleVersionError: somebody else has changed it since `expected_version`.
        InvalidAudienceError: with every fault of the rules.
        InvalidRequestError: a name, text, or interval that cannot be kept.
    """
    read = None if rules is _UNSAID else checked_rules(rules)

    def work(connection: Connection) -> bool:
        loaded = load_audience(connection, context, audience, lock=True)
        before = loaded.row
        _require(before, audience, expected_version)
        if read is not None and before.kind is not AudienceKind.DYNAMIC:
            raise InvalidAudienceError([Fault("rules", f"are not for audiences of kind {before.kind}")])
        texts = checked_texts(
            before.name if name is _UNSAID else name,
            before.description if description is _UNSAID else description,
            before.metadata if metadata is _UNSAID else metadata,
        )
        after = before._replace(
            name=texts[0], description=texts[1], metadata=texts[2], updated_by=context.actor, updated_at=context.now
        )
        if group is not _UNSAID:
            said = checked_group(group)
            key, shown, kind = (said.key, said.name, said.kind) if said else (None, None, None)
            after = after._replace(group_key=key, group_name=shown, group_kind=kind)
        if position is not _UNSAID:
            after = after._replace(position=position)
        if refresh_interval_s is not _UNSAID and loaded.has_rules:
            interval = default_interval(read or loaded.rules, checked_interval(refresh_interval_s))
            after = after._replace(refresh_interval_s=interval, refresh_due_at=context.now)
        elif read is not None:
            after = after._replace(refresh_interval_s=default_interval(read, before.refresh_interval_s))
        if read is not None:
            after = after._replace(
                rules_version=before.rules_version + 1,
                rules_changed_at=context.now,
                refresh_due_at=context.now,
                refreshed_at=None,
            )
            audiences.replace_rules(connection, context.scope, before.id, rule_rows(before.id, rules))
        audiences.save(connection, context.scope, after)
        definitions_changed(connection, context)
        record(connection, context, "audience.changed", f"audience:{audience}", rules_changed=read is not None)
        return read is not None

    if context.database.write(work):
        fill(context, [audience])
    return read_audience(context, audience)


def archive_audience(context: Context, audience: str, expected_version: int | None = None) -> AudienceView:
    """Take an audience out of use: it follows nobody any more, and is not shown; its members stay as they are.

    Raises:
        NotFoundError: there is no such audience, or it is archived already.
        StaleVersionError: somebody else has changed it since `expected_version`.
    """

    def work(connection: Connection) -> None:
        row = load_audience(connection, context, audience, lock=True).row
        _require(row, audience, expected_version)
        archive_row(connection, context, row)
        definitions_changed(connection, context)
        record(connection, context, "audience.archived", f"audience:{audience}")

    context.database.write(work)
    return read_audience(context, audience)


def archive_row(connection: Connection, context: Context, row: AudienceRow) -> AudienceRow:
    """`row` as an archived one, stored."""
    archived = row._replace(
        archived_at=context.now, refresh_due_at=None, updated_by=context.actor, updated_at=context.now
    )
    return audiences.save(connection, context.scope, archived)


def _require(row: AudienceRow, audience: str, expected_version: int | None) -> None:
    if row.archived_at is not None:
        raise NotFoundError(audiences.KIND, audience)
    if expected_version is not None and row.version != expected_version:
        raise StaleVersionError(audiences.KIND, audience, expected_version)
