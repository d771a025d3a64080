"""Histories for evaluation: the packed copy of the ledger, and after it the ledger's own newest events."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func

from ziggurat import limits
from ziggurat.store.chunks import Chunk, cut, extended, followed
from ziggurat.store.histories import Histories, empty_histories
from ziggurat.store.packing import RECORD, PackedEvent, names_of
from ziggurat.store.prepared import Prepared, among_given, given_values
from ziggurat.store.repositories import events as ledger
from ziggurat.store.repositories import members, unpacked
from ziggurat.store.repositories.events import Arrival
from ziggurat.store.repositories.records import columns_of
from ziggurat.store.repositories.unpacked import after_ends, as_chunks, end_of
from ziggurat.store.rows import OnConflict, change_rows, write_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.tables import member_history

_CHUNKS = Prepared(
    lambda scope, dialect: (
        scope.select(member_history, *columns_of(member_history, Chunk))
        .where(among_given(dialect, member_history.c.member_id, "ids"))
        .order_by(member_history.c.member_id, member_history.c.chunk)
    )
)


def append(
    connection: Connection,
    scope: Scope,
    arrivals: Sequence[Arrival],
    sequences: Sequence[int],
    member_ids: Iterable[int] = (),
    absorbing: Iterable[int] | None = None,
) -> Histories:
    """Add accepted events to the histories of their members, which must be locked; the ledger has them by `sequences`.

    Those that come last stay in the ledger alone, until there are enough of them to be worth packing.

    `absorbing` are those of `member_ids` that absorbed others, where the caller knows.

    Answers what `load` would: the whole histories of `member_ids`, or if none are named, of those who have arrivals.
    To import much without evaluating, insert into the ledger and `rebuild` in the end.
    """
    news = {member_id: None for member_id, _, _ in arrivals}
    asked = list(member_ids) or list(news)
    chunks, owner = _packed(connection, scope, asked, news, asked if absorbing is None else list(absorbing))
    ends = {member_id: end_of(chunks.get(member_id, ())) for member_id in {*asked, *owner, *news}}
    rows = after_ends(connection, scope, ends)
    late: dict[int, list[PackedEvent]] = {}
    for (member_id, event, reverses), sequence in zip(arrivals, sequences, strict=True):
        if event.occurred_at < ends[member_id][0]:
            late.setdefault(member_id, []).append(PackedEvent(event, sequence, reverses))
    newest = as_chunks(rows)
    full = [member_id for member_id in news if len(rows.get(member_id, ())) >= limits.HISTORY_UNPACKED_EVENTS]
    written: list[Chunk] = []
    changed: list[Chunk] = []
    for member_id in dict.fromkeys([*late, *full]):
        before = after = chunks.get(member_id, [])
        if member_id in late:
            after = extended(member_id, after, late[member_id])
        if len(rows.get(member_id, ())) >= limits.HISTORY_UNPACKED_EVENTS:
            after = followed(after, newest.pop(member_id))
        chunks[member_id] = after
        changed += [new for new, old in zip(after, before, strict=False) if new is not old]
        written += after[len(before) :]
    change_rows(connection, scope, member_history, Chunk._fields, changed)
    _write(connection, scope, written)
    return _joined(asked, _followed_by(chunks, newest), owner)


def load(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> Histories:
    """The whole histories of those members, in the order asked; of a member that absorbed others, theirs too."""
    asked = list(member_ids)
    chunks, owner = _packed(connection, scope, asked, (), asked)
    ends = {member_id: end_of(chunks.get(member_id, ())) for member_id in (*asked, *owner)}
    return _joined(asked, _followed_by(chunks, as_chunks(after_ends(connection, scope, ends))), owner)


def histories_of(member_id: int, chunks: list[Chunk]) -> Histories:
    """The history of one member who absorbed nobody, from all her chunks in order."""
    return _joined([member_id], {member_id: chunks}, {})


def first_events(connection: Connection, scope: Scope, member_ids: Collection[int]) -> dict[int, int]:
    """The instant of the first event of each of those members who has one, those they absorbed included."""
    owner = {
        member: survivor
        for survivor, group in members.absorbed_by(connection, scope, member_ids).items()
        for member in group
    }
    wanted = {*member_ids, *owner}
    query = scope.select(member_history, member_history.c.member_id, func.min(member_history.c.first_at)).where(
        among(connection, member_history.c.member_id, wanted), member_history.c.events > 0
    )
    packed = connection.execute(query.group_by(member_history.c.member_id)).all()
    rest = unpacked.first_events(connection, scope, wanted - {member_id for member_id, _ in packed})
    found: dict[int, int] = {}
    for member_id, first in [*packed, *rest]:
        survivor = owner.get(member_id, member_id)
        found[survivor] = min(first, found.get(survivor, first))
    return found


def rebuild(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> None:
    """Make the packed histories of those members anew from the ledger."""
    wanted = list(member_ids)
    connection.execute(scope.delete(member_history).where(among(connection, member_history.c.member_id, wanted)))
    written: list[Chunk] = []
    for member_id, found in ledger.of_members(connection, scope, wanted).items():
        written += cut(member_id, [PackedEvent(row.event, row.sequence, row.reverses_sequence) for row in found])
    _write(connection, scope, written)


def _packed(
    connection: Connection, scope: Scope, asked: list[int], also: Collection[int], absorbing: list[int]
) -> tuple[dict[int, list[Chunk]], dict[int, int]]:
    """The chunks of those members and of those whom they absorbed, by member; and who absorbed whom."""
    absorbed = members.absorbed_by(connection, scope, absorbing) if absorbing else {}
    owner = {member: survivor for survivor, group in absorbed.items() for member in group}
    wanted = {*asked, *owner, *also}
    chunks: dict[int, list[Chunk]] = {}
    for row in _CHUNKS.rows(connection, scope, ids=given_values(connection, wanted)):
        chunks.setdefault(row[0], []).append(Chunk._make(row))
    return chunks, owner


def _followed_by(chunks: dict[int, list[Chunk]], newest: dict[int, Chunk]) -> dict[int, list[Chunk]]:
    """`chunks`, and after those of each member what is not packed."""
    return chunks | {member: [*chunks.get(member, ()), last] for member, last in newest.items()}


def _write(connection: Connection, scope: Scope, chunks: list[Chunk]) -> None:
    write_rows(connection, scope, member_history, Chunk._fields, chunks, OnConflict.REPLACE)


def _joined(asked: list[int], chunks: dict[int, list[Chunk]], owner: dict[int, int]) -> Histories:
    """The chunks of each member one after the other, as one set of arrays."""
    if owner:
        chunks = dict(chunks)
        for absorbed, survivor in owner.items():
            chunks[survivor] = [*chunks.get(survivor, ()), *chunks.get(absorbed, ())]
    in_order = [chunk for member_id in asked for chunk in chunks.get(member_id, ())]
    if not in_order:
        return empty_histories(asked)
    offsets = np.zeros(len(asked) + 1, np.int64)
    np.cumsum([sum([chunk.events for chunk in chunks.get(member_id, ())]) for member_id in asked], out=offsets[1:])
    records = np.frombuffer(b"".join([chunk.records for chunk in in_order]), RECORD)
    names, base = _names(in_order)
    extras: dict[tuple[int, int], dict[str, Any]] = {}
    for member_id in asked:
        for chunk in chunks.get(member_id, ()):
            if chunk.extras:
                extras |= {(member_id, int(key)): said for key, said in json.loads(chunk.extras).items()}
    histories = Histories(asked, offsets, records, names, base, extras)
    return _absorbed_in_order(histories, set(owner.values()).intersection(asked)) if owner else histories


def _names(chunks: list[Chunk]) -> tuple[list[str], NDArray[np.int64] | None]:
    """All names in one list, and by how much the numbers of each record are to be shifted (None: not at all)."""
    first_of = {chunk.names: 0 for chunk in chunks}
    names: list[str] = []
    for text in first_of:
        first_of[text] = len(names)
        names += names_of(text)
    if len(first_of) == 1:
        return names, None
    shifts = np.array([first_of[chunk.names] for chunk in chunks], np.int64)
    return names, np.repeat(shifts, [chunk.events for chunk in chunks])


def _absorbed_in_order(histories: Histories, survivors: Collection[int]) -> Histories:
    """`histories`, the events of those who absorbed others put in order."""
    order = np.arange(len(histories.records))
    for member_id in survivors:
        span = histories.span(member_id)
        part = histories.records[span]
        order[span] = span.start + np.lexsort((part["sequence"], part["occurred_at"]))
    base = None if histories.name_base is None else histories.name_base[order]
    return replace(histories, records=histories.records[order], name_base=base)
