"""The newest events of members: those that are in the ledger and not yet in the packed history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, bindparam, func, tuple_

from ziggurat.store.chunks import Chunk
from ziggurat.store.database import Database
from ziggurat.store.packing import (
    HAS_AMOUNT,
    HAS_POINTS,
    HAS_QUANTITY,
    QUALIFYING,
    RECORD,
    RECORD_BYTES,
    REVERSAL,
    LedgerRow,
    Names,
    pack,
    sequence_of_last,
    unpacked_event,
)
from ziggurat.store.prepared import Prepared, for_each_given, given_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.tables import events, member_history
from ziggurat.store.tables.base import canonical_json

BEFORE_ALL = (-(2**63), 0)
"""The end of a packed history that is empty."""
_GIVEN = ("member_id", "at", "sequence")
_COLUMNS = [events.c[name] for name in LedgerRow._fields]
_TYPE, _FIRST_RARE = map(LedgerRow._fields.index, ("type", "currency"))
_NOTHING_RARE = (None,) * (len(LedgerRow._fields) - _FIRST_RARE)
_OF_MEMBER = itemgetter(0)


def end_of(chunks: Sequence[Chunk]) -> tuple[int, int]:
    """The instant and the sequence of the last event in `chunks`: what is later in the ledger is not packed."""
    for chunk in reversed(chunks):
        if chunk.events:
            return chunk.last_at, sequence_of_last(chunk.records)
    return BEFORE_ALL


def _after(scope: Scope, member_id: Any, at: Any, sequence: Any) -> Select[Any]:
    return (
        scope.select(events, *_COLUMNS)
        .where(events.c.member_id == member_id, tuple_(events.c.occurred_at, events.c.sequence) > tuple_(at, sequence))
        .order_by(events.c.occurred_at, events.c.sequence)
    )


_MANY = Prepared(lambda scope, dialect: for_each_given(dialect, "ends", _GIVEN, partial(_after, scope)))


def _one(scope: Scope, _: str) -> Select[Any]:
    packed = scope.select(member_history, func.coalesce(func.sum(member_history.c.events), 0)).where(
        member_history.c.member_id == bindparam("member_id")
    )
    return _after(scope, *map(bindparam, _GIVEN)).add_columns(packed.scalar_subquery())


_ONE = Prepared(_one)


def first_events(connection: Connection, scope: Scope, member_ids: Collection[int]) -> Sequence[Row[tuple[int, int]]]:
    """Each of those members who has events, none of them packed, with the instant of the first."""
    query = scope.select(events, events.c.member_id, func.min(events.c.occurred_at))
    of_members = query.where(among(connection, events.c.member_id, member_ids))
    return connection.execute(of_members.group_by(events.c.member_id)).all() if member_ids else ()


def after_ends(
    connection: Connection, scope: Scope, ends: Mapping[int, tuple[int, int]]
) -> dict[int, list[tuple[Any, ...]]]:
    """The rows (fields of LedgerRow) of each member after the end of her packed history, in order."""
    if not ends:
        return {}
    given = [(member, *end) for member, end in ends.items()]
    rows = _MANY.rows(connection, scope, **given_rows(connection, "ends", _GIVEN, given))
    rows.sort()  # by member, instant and sequence, which no two have in common
    return {member: list(hers) for member, hers in groupby(rows, _OF_MEMBER)}


def after_end(
    database: Database, raw: Any, scope: Scope, member_id: int, chunks: Sequence[Chunk]
) -> list[Chunk] | None:
    """`chunks` of a member, who absorbed nobody, and what is not packed; None if they are no longer what is packed."""
    at, sequence = end_of(chunks)
    rows = _ONE.rows_alone(database, raw, scope, member_id=member_id, at=at, sequence=sequence)
    if not rows:
        return list(chunks)
    if rows[0][-1] != sum(chunk.events for chunk in chunks):
        return None
    return [*chunks, as_chunks({member_id: [row[:-1] for row in rows]})[member_id]]


def as_chunks(rows: Mapping[int, Sequence[tuple[Any, ...]]]) -> dict[int, Chunk]:
    """The rows of each member as a chunk, to be read like one; it is not stored."""
    everything = [row for hers in rows.values() for row in hers]
    if all(row[_FIRST_RARE:] == _NOTHING_RARE and row[_TYPE] != REVERSAL for row in everything):
        return _plain_chunks(rows, everything)
    return {member: _chunk(member, hers) for member, hers in rows.items()}


def _plain_chunks(
    rows: Mapping[int, Sequence[tuple[Any, ...]]], everything: Iterable[tuple[Any, ...]]
) -> dict[int, Chunk]:
    """The same for events that say nothing but type and amounts: packed all at once."""
    columns = list(zip(*everything, strict=True))
    if not columns:
        return {}
    _, occurred_at, sequence, kind, qualifying, points, amount, quantity = columns[:_FIRST_RARE]
    records = np.zeros(len(kind), RECORD)
    records["occurred_at"], records["sequence"], records["type"] = occurred_at, sequence, kind
    flags = np.where(np.array(qualifying, np.bool_), QUALIFYING, 0)
    for name, values, flag in (
        ("points", points, HAS_POINTS),
        ("amount", amount, HAS_AMOUNT),
        ("third", quantity, HAS_QUANTITY),
    ):
        if values.count(None) == len(values):
            continue
        records[name] = [value or 0 for value in values]
        flags |= np.array([0 if value is None else flag for value in values])
    records["flags"] = flags
    packed, start, found = records.tobytes(), 0, {}
    for member, hers in rows.items():
        stop = start + len(hers)
        content = packed[start * RECORD_BYTES : stop * RECORD_BYTES]
        found[member] = Chunk(member, -1, hers[0][1], hers[-1][1], len(hers), content, None, None)
        start = stop
    return found


def _chunk(member: int, rows: Sequence[tuple[Any, ...]]) -> Chunk:
    names = Names(None)
    extras: dict[str, Any] = {}
    content = b"".join([pack(unpacked_event(LedgerRow._make(row)), names, extras) for row in rows])
    said = canonical_json(extras) if extras else None
    return Chunk(member, -1, rows[0][1], rows[-1][1], len(rows), content, names.text, said)
