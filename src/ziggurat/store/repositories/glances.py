"""What reading one member needs, in two statements without a transaction."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func

from ziggurat.store.chunks import Chunk
from ziggurat.store.database import Database
from ziggurat.store.histories import Histories
from ziggurat.store.prepared import Prepared
from ziggurat.store.repositories.history import histories_of
from ziggurat.store.repositories.members import Member, member_of
from ziggurat.store.repositories.records import columns_of
from ziggurat.store.repositories.unpacked import after_end
from ziggurat.store.scope import Scope
from ziggurat.store.tables import member_history, members, programs

_FIELDS = len(Member._fields)


class Glance(NamedTuple):
    """A member with her own history; `programs_version` is another number whenever one of the programs is changed."""

    member: Member
    histories: Histories
    programs_version: int


def _statement(scope: Scope, dialect: str) -> Select[Any]:  # noqa: ARG001 - the same for both
    hers = and_(scope.owns(member_history), member_history.c.member_id == members.c.id)
    version = scope.select(programs, func.coalesce(func.sum(programs.c.version), 0)).scalar_subquery()
    columns = [*columns_of(members, Member), *columns_of(member_history, Chunk), version]
    query = scope.select(members, *columns).select_from(members.outerjoin(member_history, hers))
    return query.where(members.c.external_id == bindparam("external_id")).order_by(member_history.c.chunk)


_STATEMENT = Prepared(_statement)


def glance(database: Database, scope: Scope, external_id: str) -> Glance | None:
    """The member that the organization calls `external_id`; None if it knows none, or cannot tell at a glance.

    Raises:
        StoreError: the database could not.
    """
    with database.asking() as raw:
        rows = _STATEMENT.rows_alone(database, raw, scope, external_id=external_id)
        if not rows:
            return None
        first = rows[0]
        packed = [Chunk._make(row[_FIELDS:-1]) for row in rows] if first[_FIELDS] is not None else []
        chunks = after_end(database, raw, scope, first[0], packed)
    if chunks is None:
        return None
    return Glance(member_of(first[:_FIELDS]), histories_of(first[0], chunks), int(first[-1]))
