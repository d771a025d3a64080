"""The packed copy of the ledger, per member in chunks: appended to, read whole, rebuilt at any time.

A member's open chunk (number OPEN) is rewritten by every further event and is kept small; when it is full it moves into
the closed ones (0, 1, ...). An event dated before the end of the closed chunks rewrites the one it belongs to.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from ziggurat import limits
from ziggurat.store.histories import Histories, empty_histories
from ziggurat.store.packing import NO_NAMES, RECORD, Names, PackedEvent, pack
from ziggurat.store.repositories import events as ledger
from ziggurat.store.repositories import members
from ziggurat.store.repositories.records import all_of, columns_of
from ziggurat.store.rows import OnConflict, write_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.tables import member_history
from ziggurat.store.tables.base import canonical_json

OPEN = 2**31 - 1


class Chunk(NamedTuple):
    """A row of `member_history`."""

    member_id: int
    chunk: int
    first_at: int
    last_at: int
    events: int
    records: bytes
    names: str | None
    extras: str | None
    closed_chunks: int
    closed_until: int | None


class Addition(NamedTuple):
    """An accepted event on its way into the packed history."""

    member_id: int
    packed: PackedEvent


_COLUMNS = columns_of(member_history, Chunk)


def append(connection: Connection, scope: Scope, additions: Sequence[Addition]) -> None:
    """Add accepted events to the packed histories of their members, which must be locked."""
    by_member: dict[int, list[PackedEvent]] = {}
    for addition in additions:
        by_member.setdefault(addition.member_id, []).append(addition.packed)
    found = _chunks(connection, scope, by_member, member_history.c.chunk == OPEN)
    tails = {chunk.member_id: chunk for chunk in found}
    written: dict[tuple[int, int], Chunk] = {}
    for member_id, news in by_member.items():
        news.sort(key=_order)
        tail = tails.get(member_id) or _empty_tail(member_id)
        if tail.closed_until is not None and news[0].event.occurred_at < tail.closed_until:
            late = [packed for packed in news if packed.event.occurred_at < tail.closed_until]
            tail = _insert_late(connection, scope, tail, late, written)
            news = news[len(late) :]  # noqa: PLW2901 - the rest of them
        if news:
            tail = _with(tail, news)
        if tail.events >= limits.HISTORY_TAIL_EVENTS:
            tail = _close(connection, scope, tail, written)
        written[member_id, OPEN] = tail
    _write(connection, scope, list(written.values()))


def load(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> Histories:
    """The whole histories of those members, in the order asked; of a member that absorbed others, theirs too."""
    asked = list(member_ids)
    absorbed = members.absorbed_by(connection, scope, asked)
    owner = {member: survivor for survivor, group in absorbed.items() for member in group}
    chunks: dict[int, list[Chunk]] = {}
    for chunk in _chunks(connection, scope, [*asked, *owner]):
        chunks.setdefault(owner.get(chunk.member_id, chunk.member_id), []).append(chunk)
    return _joined(asked, chunks, absorbed.keys())


def rebuild(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> None:
    """Make the packed histories of those members anew from the ledger."""
    wanted = list(member_ids)
    connection.execute(scope.delete(member_history).where(among(connection, member_history.c.member_id, wanted)))
    written: list[Chunk] = []
    for member_id, found in ledger.of_members(connection, scope, wanted).items():
        packed = [PackedEvent(row.event, row.sequence, row.reverses_sequence) for row in found]
        written += _chunks_of(member_id, packed)
    _write(connection, scope, written)


def _write(connection: Connection, scope: Scope, chunks: list[Chunk]) -> None:
    write_rows(connection, scope, member_history, Chunk._fields, chunks, OnConflict.REPLACE)


def _order(packed: PackedEvent) -> tuple[int, int]:
    return packed.event.occurred_at, packed.sequence


def _empty_tail(member_id: int) -> Chunk:
    return Chunk(member_id, OPEN, 0, 0, 0, b"", None, None, 0, None)


def _chunks_of(member_id: int, packed: list[PackedEvent]) -> list[Chunk]:
    """`packed` (in order) as closed chunks and an open one."""
    size = limits.HISTORY_CHUNK_EVENTS
    full = len(packed) - len(packed) % limits.HISTORY_TAIL_EVENTS
    starts = [*range(0, full, size), full]
    closed = [
        _with(_empty_tail(member_id)._replace(chunk=number), packed[start:end])
        for number, (start, end) in enumerate(pairwise(starts))
        if start < end
    ]
    until = closed[-1].last_at if closed else None
    tail = _empty_tail(member_id)._replace(closed_chunks=len(closed), closed_until=until)
    return [*closed, _with(tail, packed[full:]) if packed[full:] else tail]


def _with(chunk: Chunk, news: list[PackedEvent]) -> Chunk:
    """`chunk` and further events, in order."""
    names = Names(json.loads(chunk.names) if chunk.names else NO_NAMES)
    extras: dict[str, Any] = json.loads(chunk.extras) if chunk.extras else {}
    added = b"".join([pack(packed, names, extras) for packed in news])
    records = bytes(chunk.records) + added
    first_new, last_new = news[0].event.occurred_at, news[-1].event.occurred_at
    if chunk.events and first_new < chunk.last_at:
        records = _sorted(records)
    return chunk._replace(
        first_at=min(first_new, chunk.first_at) if chunk.events else first_new,
        last_at=max(last_new, chunk.last_at) if chunk.events else last_new,
        events=chunk.events + len(news),
        records=records,
        names=canonical_json(names.names) if len(names.names) > 1 else None,
        extras=canonical_json(extras) if extras else None,
    )


def _sorted(records: bytes) -> bytes:
    """`records` by occurred_at; equal ones stay as they are, which is by arrival."""
    array = np.frombuffer(records, RECORD)
    return array[np.argsort(array["occurred_at"], kind="stable")].tobytes()


def _merged(chunk: Chunk, later: Chunk) -> Chunk:
    """`chunk` followed by all of `later`."""
    names = Names(json.loads(chunk.names) if chunk.names else NO_NAMES)
    array = np.frombuffer(later.records, RECORD).copy()
    if later.names:
        table = np.array([0, *(names.number(name) for name in json.loads(later.names)[1:])], np.uint16)
        for column in ("activity", "currency", "attribute"):
            array[column] = table[array[column]]
    extras = (json.loads(chunk.extras) if chunk.extras else {}) | (json.loads(later.extras) if later.extras else {})
    return chunk._replace(
        last_at=later.last_at,
        events=chunk.events + later.events,
        records=bytes(chunk.records) + array.tobytes(),
        names=canonical_json(names.names) if len(names.names) > 1 else None,
        extras=canonical_json(extras) if extras else None,
    )


def _close(connection: Connection, scope: Scope, tail: Chunk, written: dict[tuple[int, int], Chunk]) -> Chunk:
    """Move the full open chunk into the closed ones; the new open one."""
    closed = tail.closed_chunks
    last = written.get((tail.member_id, closed - 1))
    if closed and last is None:
        last = _chunks(connection, scope, [tail.member_id], member_history.c.chunk == closed - 1)[0]
    if last is not None and last.events + tail.events <= limits.HISTORY_CHUNK_EVENTS:
        written[tail.member_id, closed - 1] = _merged(last, tail)
    else:
        for piece in _divided(tail):
            written[tail.member_id, closed] = piece._replace(chunk=closed, closed_chunks=0, closed_until=None)
            closed += 1
    return _empty_tail(tail.member_id)._replace(closed_chunks=closed, closed_until=tail.last_at)


def _insert_late(
    connection: Connection,
    scope: Scope,
    tail: Chunk,
    late: list[PackedEvent],
    written: dict[tuple[int, int], Chunk],
) -> Chunk:
    """Put events that lie before the end of the closed chunks where they belong; the open chunk as it then is."""
    first = late[0].event.occurred_at
    closed = (member_history.c.chunk != OPEN) & (member_history.c.last_at > first)
    chunks = _chunks(connection, scope, [tail.member_id], closed)
    for place, chunk in enumerate(chunks):
        mine = [packed for packed in late if packed.event.occurred_at < chunk.last_at]
        late = late[len(mine) :]
        if mine:
            chunks[place] = changed = _with(chunk, mine)
            written[tail.member_id, chunk.chunk] = changed
    start = next((place for place, chunk in enumerate(chunks) if chunk.events > 2 * limits.HISTORY_CHUNK_EVENTS), None)
    if start is None:
        return tail
    number = chunks[start].chunk
    for chunk in chunks[start:]:  # one has grown too long: it is divided, those after it move up
        for piece in _divided(chunk):
            written[tail.member_id, number] = piece._replace(chunk=number)
            number += 1
    return tail._replace(closed_chunks=number)


def _divided(chunk: Chunk) -> list[Chunk]:
    """`chunk` in pieces of the size of closed chunks; one that is not over twice as long stays as it is."""
    size = limits.HISTORY_CHUNK_EVENTS
    if chunk.events <= 2 * size:
        return [chunk]
    array = np.frombuffer(chunk.records, RECORD)
    extras = json.loads(chunk.extras) if chunk.extras else {}
    pieces = []
    for start in range(0, chunk.events, size):
        part = array[start : start + size]
        said = {key: extras[key] for key in map(str, part["sequence"].tolist()) if key in extras}
        pieces.append(
            chunk._replace(
                first_at=int(part["occurred_at"][0]),
                last_at=int(part["occurred_at"][-1]),
                events=len(part),
                records=part.tobytes(),
                extras=canonical_json(said) if said else None,
            )
        )
    return pieces


def _chunks(connection: Connection, scope: Scope, member_ids: Iterable[int], *conditions: Any) -> list[Chunk]:
    """Rows of those members, in order."""
    query = scope.select(member_history, *_COLUMNS).where(
        among(connection, member_history.c.member_id, member_ids), *conditions
    )
    return all_of(connection, query.order_by(member_history.c.member_id, member_history.c.chunk), Chunk)


def _joined(asked: list[int], chunks: dict[int, list[Chunk]], merged: Collection[int]) -> Histories:
    """The chunks of each member one after the other, as one set of arrays."""
    in_order = [chunk for member_id in asked for chunk in chunks.get(member_id, ())]
    if not in_order:
        return empty_histories(asked)
    counts = [sum(chunk.events for chunk in chunks.get(member_id, ())) for member_id in asked]
    offsets = np.zeros(len(asked) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    records = np.frombuffer(b"".join([chunk.records for chunk in in_order]), RECORD)
    names, base = _names_of(in_order)
    extras: dict[tuple[int, int], dict[str, Any]] = {}
    for member_id in asked:
        for chunk in chunks.get(member_id, ()):
            if chunk.extras:
                extras |= {(member_id, int(key)): said for key, said in json.loads(chunk.extras).items()}
    histories = Histories(asked, offsets, records, names, base, extras)
    return _with_absorbed_in_order(histories, merged) if merged else histories


def _names_of(chunks: list[Chunk]) -> tuple[list[str], NDArray[np.int64] | None]:
    """All names in one list, and by how much the numbers of each record are to be shifted (None: not at all)."""
    spelled = {chunk.names: 0 for chunk in chunks}
    if len(spelled) == 1:
        only = next(iter(spelled))
        return (json.loads(only) if only else list(NO_NAMES)), None
    names: list[str] = []
    for text in spelled:
        spelled[text] = len(names)
        names += json.loads(text) if text else NO_NAMES
    shifts = np.array([spelled[chunk.names] for chunk in chunks], np.int64)
    return names, np.repeat(shifts, [chunk.events for chunk in chunks])


def _with_absorbed_in_order(histories: Histories, merged: Collection[int]) -> Histories:
    """`histories`, the events of those members who absorbed others put in order."""
    order = np.arange(len(histories.records))
    for member_id in merged:
        span = histories.span(member_id)
        part = histories.records[span]
        order[span] = span.start + np.lexsort((part["sequence"], part["occurred_at"]))
    base = None if histories.name_base is None else histories.name_base[order]
    return replace(histories, records=histories.records[order], name_base=base)
