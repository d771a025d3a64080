"""How a member's packed history is cut into chunks, and what a further event does to them. Pure.

The last chunk is open while it has fewer than HISTORY_TAIL_EVENTS events: it takes what comes and is rewritten each
time. When it is full it moves into the chunk before, up to HISTORY_CHUNK_EVENTS. An event dated before the end of the
closed chunks goes into the one it belongs to, which is divided when it has become twice as long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ziggurat import limits
from ziggurat.store.packing import RECORD, Names, PackedEvent, is_plain, names_of, pack
from ziggurat.store.tables.base import canonical_json

_NAMELESS = Names(None)
_NOTHING_RARE: dict[str, Any] = {}


class Chunk(NamedTuple):
    """A row of `member_history`: `events` records from `first_at` to `last_at`, in order."""

    member_id: int
    chunk: int
    first_at: int
    last_at: int
    events: int
    records: bytes
    names: str | None
    extras: str | None


def extended(member_id: int, chunks: Sequence[Chunk], news: list[PackedEvent]) -> list[Chunk]:
    """`chunks` (all of a member's, in order) with further events, which arrived after all that are there.

    Chunks that stay as they are, are the same objects.
    """
    if (
        len(news) == 1
        and chunks
        and news[0].event.occurred_at >= _end(chunks)
        and (grown := _grown(chunks[-1], news[0]))
    ):
        return [*chunks[:-1], grown]
    after = list(chunks)
    news = sorted(news, key=_order)
    if after and after[-1].events < limits.HISTORY_TAIL_EVENTS:
        tail = after.pop()
    else:
        tail = Chunk(member_id, len(after), 0, 0, 0, b"", None, None)
    if after and news[0].event.occurred_at < after[-1].last_at:
        news = _insert_late(after, news)
        tail = tail._replace(chunk=len(after))
    if news:
        tail = _with(tail, news)
    return _settled(after, tail)


def followed(chunks: Sequence[Chunk], later: Chunk) -> list[Chunk]:
    """`chunks` (all of a member's, in order) with `later`, which comes after all that are there."""
    if not chunks or chunks[-1].events >= limits.HISTORY_TAIL_EVENTS:
        return _settled(list(chunks), later._replace(chunk=len(chunks)))
    tail = chunks[-1]
    grown = _merged(tail, later) if tail.events else later._replace(chunk=tail.chunk)
    return _settled(list(chunks[:-1]), grown)


def _settled(closed: list[Chunk], tail: Chunk) -> list[Chunk]:
    """`closed` and `tail` after them: open, or if it has become too long for that closed, too."""
    if tail.events < limits.HISTORY_TAIL_EVENTS:
        return [*closed, tail]
    if closed and closed[-1].events + tail.events <= limits.HISTORY_CHUNK_EVENTS:
        closed[-1] = _merged(closed[-1], tail)
        return [*closed, Chunk(tail.member_id, tail.chunk, 0, 0, 0, b"", None, None)]
    return [*closed, *_divided(tail)]


def _end(chunks: Sequence[Chunk]) -> int:
    """The instant of the last event. Where the open chunk is empty, what comes next has to come after the others."""
    for chunk in reversed(chunks):
        if chunk.events:
            return chunk.last_at
    return 0


def _grown(tail: Chunk, packed: PackedEvent) -> Chunk | None:
    """The open chunk and one event that says nothing rare and comes last: what nearly every event is."""
    event = packed.event
    if tail.events + 1 >= limits.HISTORY_TAIL_EVENTS:
        return None
    if event.activity or event.currency or not is_plain(event):
        return None
    record = pack(packed, _NAMELESS, _NOTHING_RARE)
    first = tail.first_at if tail.events else event.occurred_at
    return Chunk(
        tail.member_id,
        tail.chunk,
        first,
        event.occurred_at,
        tail.events + 1,
        tail.records + record,
        tail.names,
        tail.extras,
    )


def cut(member_id: int, packed: list[PackedEvent]) -> list[Chunk]:
    """A member's whole life (in order), in chunks."""
    size = limits.HISTORY_CHUNK_EVENTS
    whole = _with(Chunk(member_id, 0, 0, 0, 0, b"", None, None), packed)
    return list(_divided(whole)) if whole.events > size else [whole]


def _order(packed: PackedEvent) -> tuple[int, int]:
    return packed.event.occurred_at, packed.sequence


def _insert_late(closed: list[Chunk], news: list[PackedEvent]) -> list[PackedEvent]:
    """Put events into the closed chunks they belong to; what is left belongs after them.

    An event belongs after those of its own instant, so into the first chunk that ends later.
    """
    for place, chunk in enumerate(closed):
        mine = [packed for packed in news if packed.event.occurred_at < chunk.last_at]
        if mine:
            closed[place] = _with(chunk, mine)
            news = news[len(mine) :]
    if any(chunk.events > 2 * limits.HISTORY_CHUNK_EVENTS for chunk in closed):
        closed[:] = [
            piece if piece.chunk == number else piece._replace(chunk=number)
            for number, piece in enumerate(piece for chunk in closed for piece in _divided(chunk))
        ]
    return news


def _with(chunk: Chunk, news: list[PackedEvent]) -> Chunk:
    """`chunk` and further events, in order."""
    names = Names(chunk.names)
    extras: dict[str, Any] = {}
    records = bytes(chunk.records) + b"".join([pack(packed, names, extras) for packed in news])
    first, last = news[0].event.occurred_at, news[-1].event.occurred_at
    if chunk.events:
        if first < chunk.last_at:
            records = _sorted(records)
        first, last = min(first, chunk.first_at), max(last, chunk.last_at)
    return Chunk(
        chunk.member_id,
        chunk.chunk,
        first,
        last,
        chunk.events + len(news),
        records,
        names.text,
        _joined_extras(chunk.extras, extras),
    )


def _sorted(records: bytes) -> bytes:
    """`records` by occurred_at; equal ones stay as they are, which is by arrival."""
    array = np.frombuffer(records, RECORD)
    return array[np.argsort(array["occurred_at"], kind="stable")].tobytes()


def _merged(chunk: Chunk, later: Chunk) -> Chunk:
    """`chunk` followed by all of `later`."""
    records = bytes(later.records)
    names = chunk.names
    if later.names != chunk.names and later.names is not None:
        table = Names(chunk.names)
        renumbered = np.array([table.number(name) if name else 0 for name in names_of(later.names)], np.uint16)
        array = np.frombuffer(records, RECORD).copy()
        for column in ("activity", "currency", "attribute"):
            array[column] = renumbered[array[column]]
        records, names = array.tobytes(), table.text
    return chunk._replace(
        last_at=later.last_at,
        events=chunk.events + later.events,
        records=bytes(chunk.records) + records,
        names=names,
        extras=_joined_extras(chunk.extras, json.loads(later.extras) if later.extras else {}),
    )


def _joined_extras(text: str | None, more: dict[str, Any]) -> str | None:
    if not more:
        return text
    return canonical_json((json.loads(text) if text else {}) | more)


def _divided(chunk: Chunk) -> Iterator[Chunk]:
    """`chunk` in pieces of the size of closed chunks, numbered on from it; only if it is over twice as long, or new."""
    size = limits.HISTORY_CHUNK_EVENTS
    if chunk.events <= 2 * size:
        yield chunk
        return
    array = np.frombuffer(chunk.records, RECORD)
    extras = json.loads(chunk.extras) if chunk.extras else {}
    for number, start in enumerate(range(0, chunk.events, size), chunk.chunk):
        part = array[start : start + size]
        said = {key: extras[key] for key in map(str, part["sequence"].tolist()) if key in extras}
        yield chunk._replace(
            chunk=number,
            first_at=int(part["occurred_at"][0]),
            last_at=int(part["occurred_at"][-1]),
            events=len(part),
            records=part.tobytes(),
            extras=canonical_json(said) if said else None,
        )
