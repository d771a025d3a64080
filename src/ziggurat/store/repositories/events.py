"""The ledger: events are inserted once, found, and read in order. Nothing here changes a row but `redact`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, or_

from ziggurat.program.amounts import parse_decimal
from ziggurat.program.events import Event
from ziggurat.store.event_rows import COLUMNS, LedgerEvent, content_hash, ledger_event, row_of
from ziggurat.store.repositories.records import all_of
from ziggurat.store.rows import OnConflict, write_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.sequences import take
from ziggurat.store.tables import events, members

_COLUMNS = [events.c[name] for name in COLUMNS]


class Verdict(StrEnum):
    """What became of an event that was handed in."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


class Arrival(NamedTuple):
    """An event handed in: whose it is, and for a reversal the ledger's sequence of what it reverses."""

    member_id: int
    event: Event
    reverses_sequence: int | None = None


class Receipt(NamedTuple):
    """What became of an arrival; `sequence` is the ledger's of the event that has the id, ours or an earlier one."""

    verdict: Verdict
    sequence: int


class KnownEvent(NamedTuple):
    """What the ledger has under an external id."""

    external_id: str
    member_id: int
    occurred_at: int
    sequence: int
    content_hash: bytes


def known(connection: Connection, scope: Scope, external_ids: Iterable[str]) -> dict[str, KnownEvent]:
    """Which of the ids the ledger has, and where."""
    columns = [events.c[name] for name in KnownEvent._fields]
    query = scope.select(events, *columns).where(among(connection, events.c.external_id, external_ids))
    found = all_of(connection, query, KnownEvent)
    return {event.external_id: event._replace(content_hash=bytes(event.content_hash)) for event in found}


def insert(connection: Connection, scope: Scope, arrivals: Sequence[Arrival], recorded_at: int) -> list[Receipt]:
    """Insert each event once; what became of each, in the order given.

    The same id with the same content again is a duplicate, with other content a conflict, in the batch or in the ledger
    alike; an event without id is always new. The members must be locked.
    """
    sequences = take(connection, scope, "events", len(arrivals))
    hashes = [content_hash(arrival.event) for arrival in arrivals]
    first: dict[str, int] = {}
    rows = []
    for index, (member_id, event, reverses) in enumerate(arrivals):
        if not event.id or first.setdefault(event.id, index) == index:
            rows.append(row_of(event, member_id, sequences[index], recorded_at, hashes[index], reverses))
    rows.sort(key=_external_id)  # in order, so that two writers of the same ids never wait crosswise
    written = write_rows(connection, scope, events, COLUMNS, rows, OnConflict.IGNORE)
    if written == len(arrivals):
        return [Receipt(Verdict.ACCEPTED, sequence) for sequence in sequences]
    there = known(connection, scope, first)
    receipts = []
    for (_, event, _), sequence, hashed in zip(arrivals, sequences, hashes, strict=True):
        found = there.get(event.id) if event.id else None
        if found is None or found.sequence == sequence:
            receipts.append(Receipt(Verdict.ACCEPTED, sequence))
        else:
            same = found.content_hash == hashed
            receipts.append(Receipt(Verdict.DUPLICATE if same else Verdict.CONFLICT, found.sequence))
    return receipts


def _external_id(row: tuple[object, ...]) -> str:
    return str(row[3] or "")


def of_members(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> dict[int, list[LedgerEvent]]:
    """The whole ledger of those members, each in order. Members without events are left out."""
    query = (
        scope.select_joined(
            events, members, members.c.id == events.c.member_id, members.c.external_id.label("member"), *_COLUMNS
        )
        .where(among(connection, events.c.member_id, member_ids))
        .order_by(events.c.member_id, events.c.occurred_at, events.c.sequence)
    )
    found: dict[int, list[LedgerEvent]] = {}
    for row in connection.execute(query):
        found.setdefault(row.member_id, []).append(ledger_event(row, row.member))
    return found


def page(
    connection: Connection,
    scope: Scope,
    member_id: int,
    member: str,
    *,
    after: tuple[int, int] | None = None,
    newest_first: bool = False,
    limit: int,
) -> list[LedgerEvent]:
    """The next `limit` events of a member after the (occurred_at, sequence) of the last one seen."""
    query = scope.select(events, *_COLUMNS).where(events.c.member_id == member_id)
    at, sequence = events.c.occurred_at, events.c.sequence
    if after is not None:
        seen_at, seen = after
        if newest_first:
            query = query.where(or_(at < seen_at, and_(at == seen_at, sequence < seen)))
        else:
            query = query.where(or_(at > seen_at, and_(at == seen_at, sequence > seen)))
    order = (at.desc(), sequence.desc()) if newest_first else (at, sequence)
    rows = connection.execute(query.order_by(*order).limit(limit))
    return [ledger_event(row, member) for row in rows]


def by_sequences(
    connection: Connection, scope: Scope, member_ids: Sequence[int], keys: Sequence[tuple[int, int]], member: str
) -> dict[int, LedgerEvent]:
    """The events of a member (and those merged into it) with those (occurred_at, sequence), by sequence."""
    instants = {at for at, _ in keys}
    wanted = {sequence for _, sequence in keys}
    query = scope.select(events, *_COLUMNS).where(
        among(connection, events.c.member_id, member_ids), among(connection, events.c.occurred_at, instants)
    )
    return {row.sequence: ledger_event(row, member) for row in connection.execute(query) if row.sequence in wanted}


def everything(connection: Connection, scope: Scope, batch: int = 10_000) -> Iterator[LedgerEvent]:
    """The organization's whole ledger, member by member, each in order; read as it goes."""
    query = scope.select_joined(
        events, members, members.c.id == events.c.member_id, members.c.external_id.label("member"), *_COLUMNS
    ).order_by(events.c.member_id, events.c.occurred_at, events.c.sequence)
    with connection.execute(query, execution_options={"yield_per": batch}) as rows:
        for row in rows:
            yield ledger_event(row, row.member)


def count(connection: Connection, scope: Scope) -> int:
    """How many events the organization has."""
    query = scope.select(events, func.count())
    return int(connection.execute(query).scalar_one())


def redact(connection: Connection, scope: Scope, member_id: int, salt: bytes) -> int:
    """Take out of a member's events what could tell who it was; how many events it was.

    Free text (reasons), and attribute values that are no numbers, are removed; external ids become digests with `salt`,
    which the caller throws away. Amounts, instants, types and names stay, so that totals and tiers do. The content
    hashes are of what was said once: they are overwritten, too. Rebuild the packed history afterwards.
    """
    query = scope.select(events, *_COLUMNS).where(events.c.member_id == member_id)
    found = [ledger_event(row, "") for row in connection.execute(query).all()]
    for row in found:
        event = replace(
            row.event,
            id=_digest(row.event.id, salt),
            reverses=_digest(row.event.reverses, salt),
            value=row.event.value if _is_number(row.event.value) else "",
            reason="",
        )
        values = row_of(event, member_id, row.sequence, row.recorded_at, content_hash(event), row.reverses_sequence)
        changed = dict(zip(COLUMNS, values, strict=True))
        changed["details"] = json.loads(changed["details"]) if changed["details"] else None
        here = and_(
            events.c.member_id == member_id,
            events.c.occurred_at == event.occurred_at,
            events.c.sequence == row.sequence,
        )
        connection.execute(scope.update(events).where(here).values(changed))
    return len(found)


def _digest(external_id: str, salt: bytes) -> str:
    return f"erased:{blake2b(external_id.encode(), key=salt, digest_size=16).hexdigest()}" if external_id else ""


def _is_number(text: str) -> bool:
    try:
        parse_decimal(text)
    except ValueError:
        return False
    return True
