"""Put the members that records of a file mean on a list: found or made, updated if so wanted, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ziggurat.app.audiences.change_list import list_members
from ziggurat.app.audiences.draft_rows import Directory, Draft, draft_rows
from ziggurat.app.context import Context
from ziggurat.app.events.announce_members import announce_changed, announce_created
from ziggurat.app.events.follow_members import hold_definitions, place_members
from ziggurat.app.events.ingest_events import ingest
from ziggurat.app.events.keep_profiles import keep_profiles, renew_profiles
from ziggurat.app.events.load_programs import load_evaluated
from ziggurat.bulk.member_rows import MemberRow, RowFault
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audiences, history, identities, members
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.repositories.identities import Identity
from ziggurat.store.repositories.members import Member
from ziggurat.store.tables.audiences import AudienceKind, ImportMode


@dataclass(slots=True)
class Placed:
    """What became of some rows: counts of members, faults by row, and who the rows mean (numbers of members).

    `spared` are the members whom rows mean that cannot be used.
    """

    created: int = 0
    updated: int = 0
    added: int = 0
    faults: list[tuple[int, RowFault]] = field(default_factory=list)
    meant: set[int] = field(default_factory=set)
    spared: set[int] = field(default_factory=set)


def place_rows(
    connection: Connection,
    context: Context,
    audience: AudienceRow,
    rows: Sequence[MemberRow],
    mode: ImportMode,
    source: str,
    cause: str,
) -> Placed:
    """Place `rows` on the list of `audience`.

    A row means the member with its id, else with its email, else with its phone; who is not known is made. `source` is
    part of the ids of events for points, so that the same row of the same source counts once.
    """
    placed = Placed()
    counted = any(one.kind is AudienceKind.TIER for one in audiences.ruled(connection, context.scope))
    if counted or any(row.points for row in rows if not row.faults):
        load_evaluated(connection, context, hold=True)  # programs before members, like everybody who needs both
    held = _hold(connection, context, rows)
    directory = _directory(connection, context, rows, held)
    draft = draft_rows(directory, rows, mode, context.now)
    held |= members.ensure(connection, context.scope, list(draft.made), context.now)
    for row in rows:
        placed.faults += [(row.number, fault) for fault in row.faults]
    placed.faults += draft.faults
    placed.created, placed.updated = len(draft.made), draft.changed
    placed.spared = {held[name].id for name in draft.spared}
    _keep(connection, context, draft, directory.before, held)
    enrolled = [Event(name, EventType.MEMBER_ENROLLED, context.now) for name in draft.made] if counted else []
    _ingest(connection, context, draft, enrolled, source, placed)  # so that they are in the tier that holds 0
    meant = {held[name].id: held[name] for name in draft.wanted.values()}
    placed.meant = set(meant)
    placed.added = len(list_members(connection, context, audience, meant, joined=True, cause=cause))
    return placed


def _hold(connection: Connection, context: Context, rows: Sequence[MemberRow]) -> dict[str, Member]:
    """The members that there are whom rows can mean, by id and held."""
    asked = {row.member for row in rows if row.member}
    there = members.by_external_ids(connection, context.scope, asked)
    holders = {member for found in _holders(connection, context, rows) for ids in found.values() for member in ids}
    reached = members.names(connection, context.scope, holders).values()
    return members.ensure(connection, context.scope, {*there, *reached}, context.now)


def _holders(
    connection: Connection, context: Context, rows: Sequence[MemberRow]
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """The members with the emails, and with the phones, of rows that have no id."""
    nameless = [row for row in rows if not row.member]
    return (
        identities.holding_emails(connection, context.scope, {row.email.casefold() for row in nameless if row.email}),
        identities.holding_phones(connection, context.scope, {row.phone for row in nameless if row.phone}),
    )


def _directory(
    connection: Connection, context: Context, rows: Sequence[MemberRow], there: Mapping[str, Member]
) -> Directory:
    """Whom rows can mean, read again now that nobody else changes them."""
    names = {member.id: name for name, member in there.items()}
    by_email, by_phone = (
        {value: [names[id_] for id_ in ids if id_ in names] for value, ids in found.items()}
        for found in _holders(connection, context, rows)
    )
    return Directory(there, identities.by_ids(connection, context.scope, names), by_email, by_phone)


def _keep(
    connection: Connection, context: Context, draft: Draft, before: Mapping[int, Identity], held: Mapping[str, Member]
) -> None:
    """Store what rows say of their members, of whom `before` was known, and bring profiles and audiences up to date."""
    after = [identity._replace(member_id=held[name].id) for name, identity in draft.identities.items()]
    changed = [one for one in after if one.version and one != before.get(one.member_id)]
    identities.save(connection, context.scope, changed)
    fresh = sorted(held[name].id for name in draft.made)
    new = set(fresh)
    renewed = [one.member_id for one in changed if one.member_id not in new]
    people = {member.id: member for member in held.values()}
    now = {one.member_id: one for one in changed}
    announce_created(connection, context, [people[id_] for id_ in fresh])
    announce_changed(connection, context, [(people[id_], before.get(id_), now[id_]) for id_ in renewed])
    upkeep = hold_definitions(connection, context)
    if upkeep is not None:
        histories = history.load(connection, context.scope, fresh)
        found = keep_profiles(connection, context, upkeep, people, histories)
        found |= renew_profiles(connection, context, people, renewed)
        place_members(connection, context, upkeep, found, "import")


def _ingest(
    connection: Connection, context: Context, draft: Draft, enrolled: Sequence[Event], source: str, placed: Placed
) -> None:
    """Enrol, and adjust the balances that rows bring, once for each row of a source, however often it is imported."""
    bringing = [row for row in draft.told if row.points]
    if not bringing and not enrolled:
        return
    adjusted = [
        Event(
            draft.wanted[row.number],
            EventType.POINTS_ADJUSTED,
            context.now,
            id=f"{source}:{row.number}",
            points=row.points,
            qualifying=False,
            reason="imported balance",
        )
        for row in bringing
    ]
    outcomes = ingest(connection, context, [*enrolled, *adjusted])[len(enrolled) :]
    for row, outcome in zip(bringing, outcomes, strict=True):
        if outcome.result == "refused":
            placed.faults.append((row.number, RowFault("points", outcome.code, outcome.reason)))
