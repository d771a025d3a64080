"""Audiences with their rules as evaluators read them: parsed once, kept for as long as no definition changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from ziggurat.app.context import Context
from ziggurat.app.events.said_rules import SaidRule, grouped
from ziggurat.program.audience_rules import RuleSet
from ziggurat.program.read_audience_rules import read_rules
from ziggurat.store.database import Connection, Database
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import audiences, programs
from ziggurat.store.repositories.audience_upkeep import Upkeep
from ziggurat.store.repositories.audiences import AudienceRow, RuleRow
from ziggurat.store.tables.audiences import AudienceKind

_loaded: WeakKeyDictionary[Database, dict[int, tuple[int, list[LoadedAudience]]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class LoadedAudience:
    """An audience and whom it means; for lists `rules` mean nobody."""

    row: AudienceRow
    said: tuple[SaidRule, ...]
    rules: RuleSet

    @property
    def has_rules(self) -> bool:
        """Whether its members follow from what is known of them."""
        return self.row.kind in (AudienceKind.DYNAMIC, AudienceKind.TIER)


def load_ruled(connection: Connection, context: Context, upkeep: Upkeep) -> list[LoadedAudience]:
    """The audiences that follow what happens to members; `upkeep` as read in this transaction.

    Never ask in a transaction that changes definitions: what it rolls back would stay known.
    """
    kept = _loaded.setdefault(context.database, {})
    found = kept.get(context.scope.organization_id)
    if found is None or found[0] != upkeep.version:
        found = (upkeep.version, with_rules(connection, context, audiences.ruled(connection, context.scope)))
        kept[context.scope.organization_id] = found
    return found[1]


def load_audience(connection: Connection, context: Context, public_id: str, *, lock: bool = False) -> LoadedAudience:
    """One audience; with `lock` held until the transaction ends.

    Raises:
        NotFoundError: the organization has no such audience.
    """
    row = audiences.get(connection, context.scope, public_id, lock=lock)
    if row is None:
        raise NotFoundError(audiences.KIND, public_id)
    return with_rules(connection, context, [row])[0]


def with_rules(connection: Connection, context: Context, rows: Sequence[AudienceRow]) -> list[LoadedAudience]:
    """Those audiences with their rules."""
    found = audiences.rules_of(connection, context.scope, [row.id for row in rows])
    loaded = []
    for row in rows:
        said = tuple(map(_said, found.get(row.id, ())))
        loaded.append(LoadedAudience(row, said, rules_of(row, said)))
    return loaded


def rules_of(row: AudienceRow, said: Sequence[SaidRule]) -> RuleSet:
    """Whom an audience means."""
    if row.kind is AudienceKind.TIER:
        return read_rules([[{"field": f"program.{row.program}.tier", "operator": "equals", "values": [row.tier]}]])
    return grouped(said)


def program_numbers(connection: Connection, context: Context, public_ids: Iterable[str]) -> Mapping[str, int]:
    """The numbers in the database of those programs that there are, by public id."""
    found = {public_id: programs.get(connection, context.scope, public_id) for public_id in sorted(public_ids)}
    return {public_id: row.id for public_id, row in found.items() if row is not None}


def _said(row: RuleRow) -> SaidRule:
    return SaidRule(row.field, row.operator, tuple(row.operands), row.group_key, row.public_id)
