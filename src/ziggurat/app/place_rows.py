"""Put the members that records of a file mean on a list: found or made, updated if so wanted, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ziggurat.app.announce_members import announce_changed, announce_created
from ziggurat.app.change_list import list_members
from ziggurat.app.context import Context
from ziggurat.app.follow_members import hold_definitions, place_members
from ziggurat.app.ingest_events import ingest
from ziggurat.app.keep_profiles import keep_profiles, renew_profiles
from ziggurat.app.load_programs import load_evaluated
from ziggurat.app.public_ids import new_id
from ziggurat.app.put_identity import changed_identity
from ziggurat.bulk.member_rows import MemberRow, RowFault
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Connection
from ziggurat.store.histories import empty_histories
from ziggurat.store.repositories import identities, members
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.repositories.members import Member
from ziggurat.store.tables.audiences import ImportMode


@dataclass(slots=True)
class Placed:
    """What became of some rows: counts of members, faults by row, and who the rows mean (numbers of members)."""

    created: int = 0
    updated: int = 0
    added: int = 0
    faults: list[tuple[int, RowFault]] = field(default_factory=list)
    meant: set[int] = field(default_factory=set)


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
    for row in rows:
        placed.faults += [(row.number, fault) for fault in row.faults]
    good = [row for row in rows if not row.faults]
    if any(row.points for row in good):
        load_evaluated(connection, context, hold=True)  # programs before members, like everybody who needs both
    known = _find(connection, context, good)
    wanted, makers = _decide(good, known, mode, placed)
    people = members.ensure(connection, context.scope, set(wanted.values()), context.now)
    held = members.lock(connection, context.scope, sorted(member.id for member in people.values()))
    by_name = {member.external_id: member for member in held.values()}
    for number in [number for number, name in wanted.items() if by_name[name].merged_into is not None]:
        placed.faults.append((number, RowFault("", "merged", "means a member who was merged into another")))
        del wanted[number]
    telling = [
        row
        for row in good
        if row.number in wanted and (mode is not ImportMode.SKIP or makers.get(wanted[row.number]) == row.number)
    ]
    placed.created = len(makers)
    placed.meant = {by_name[name].id for name in wanted.values()}
    _keep(connection, context, telling, wanted, by_name, makers, placed)
    _count_points(connection, context, telling, wanted, source, placed)
    standing = {id_: held[id_] for id_ in placed.meant}
    placed.added = len(list_members(connection, context, audience, standing, joined=True, cause=cause))
    return placed


def _find(connection: Connection, context: Context, rows: Sequence[MemberRow]) -> dict[int, str]:
    """The members that rows mean and who are there, by the rows' numbers."""
    by_email = identities.by_emails(connection, context.scope, {row.email.casefold() for row in rows if row.email})
    by_phone = identities.by_phones(connection, context.scope, {row.phone for row in rows if row.phone})
    asked = {row.member for row in rows if row.member}
    there = members.by_external_ids(connection, context.scope, asked)
    names = members.names(connection, context.scope, {*by_email.values(), *by_phone.values()})
    found: dict[int, str] = {}
    for row in rows:
        if row.member is not None:
            if row.member in there:
                found[row.number] = row.member
        elif row.email is not None and row.email.casefold() in by_email:
            found[row.number] = names[by_email[row.email.casefold()]]
        elif row.phone is not None and row.phone in by_phone:
            found[row.number] = names[by_phone[row.phone]]
    return found


def _decide(
    rows: Sequence[MemberRow], known: dict[int, str], mode: ImportMode, placed: Placed
) -> tuple[dict[int, str], dict[str, int]]:
    """Whom each row is about, by number; and the new members, each with the number of the row that makes her."""
    wanted: dict[int, str] = {}
    makers: dict[str, int] = {}
    fresh: dict[str, str] = {}
    for row in rows:
        keys = [f"member:{row.member}"] if row.member else []
        keys += [f"email:{row.email.casefold()}"] if row.email else []
        keys += [f"phone:{row.phone}"] if row.phone else []
        name = known.get(row.number) or fresh.get(keys[0])
        if name is not None and mode is ImportMode.CREATE:
            placed.faults.append((row.number, RowFault("", "already_exists", "means a member who is there already")))
            continue
        if name is None:
            name = row.member or new_id("mbr")
            makers[name] = row.number
            for key in keys:
                fresh.setdefault(key, name)
        wanted[row.number] = name
    return wanted, makers


def _keep(
    connection: Connection,
    context: Context,
    rows: Sequence[MemberRow],
    wanted: dict[int, str],
    by_name: dict[str, Member],
    makers: dict[str, int],
    placed: Placed,
) -> None:
    """Store what rows say of their members, and bring profiles and audiences up to date."""
    before = identities.by_ids(connection, context.scope, {by_name[wanted[row.number]].id for row in rows})
    after = dict(before)
    for row in rows:
        id_ = by_name[wanted[row.number]].id
        old = after.get(id_) or identities.unknown(id_, context.now)
        said: dict[str, Any] = dict(row.said)
        said |= {key: value for key, value in (("email", row.email), ("phone", row.phone)) if value}
        if row.metadata:
            said["metadata"] = {**old.metadata, **row.metadata}
        after[id_] = changed_identity(old, said, context.now)
    changed = [identity for id_, identity in after.items() if identity != before.get(id_) and identity.version]
    identities.save(connection, context.scope, changed)
    fresh = sorted(by_name[name].id for name in makers)
    new = set(fresh)
    renewed = [identity.member_id for identity in changed if identity.member_id not in new]
    placed.updated = len(renewed)
    people = {member.id: member for member in by_name.values()}
    announce_created(connection, context, [people[id_] for id_ in fresh])
    announce_changed(connection, context, [(people[id_], before.get(id_), after[id_]) for id_ in renewed])
    upkeep = hold_definitions(connection, context)
    if upkeep is not None:
        found = keep_profiles(connection, context, upkeep, people, empty_histories(fresh))
        found |= renew_profiles(connection, context, people, renewed)
        place_members(connection, context, upkeep, found, "import")


def _count_points(
    connection: Connection,
    context: Context,
    rows: Sequence[MemberRow],
    wanted: dict[int, str],
    source: str,
    placed: Placed,
) -> None:
    """Adjust the balances that rows bring, once for each row of a source, however often it is imported."""
    bringing = [row for row in rows if row.points]
    if not bringing:
        return
    events = [
        Event(
            wanted[row.number],
            EventType.POINTS_ADJUSTED,
            context.now,
            id=f"{source}:{row.number}",
            points=row.points,
            qualifying=False,
            reason="imported balance",
        )
        for row in bringing
    ]
    for row, outcome in zip(bringing, ingest(connection, context, events), strict=True):
        if outcome.result == "refused":
            placed.faults.append((row.number, RowFault("points", outcome.code, outcome.reason)))
