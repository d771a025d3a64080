"""Put admitted events into the ledger, in order, reversals after what they reverse."""

from __future__ import annotations

from collections.abc import Iterable

from ziggurat.app.context import Context
from ziggurat.app.events.admit_events import Admission
from ziggurat.app.events.check_reversals import check_reversals
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories
from ziggurat.store.repositories import events as ledger
from ziggurat.store.repositories import history, members
from ziggurat.store.repositories.events import Arrival, KnownEvent, Verdict


def write_events(connection: Connection, context: Context, admission: Admission) -> Histories | None:
    """Insert what was admitted; fills the admission's accepted, duplicates, conflicts, and refused reversals.

    Answers the whole histories of those whom accepted events are about, None if no event was accepted.
    """
    events, refused = admission.events, admission.refused
    places = [place for place in range(len(events)) if place not in refused]
    if any(events[place].type is EventType.REVERSAL for place in places):
        for run in _runs(events, places):
            _write(connection, context, admission, run, _targets(connection, context, admission, run))
        touched = sorted({admission.owner[place] for place in admission.accepted})
        histories = history.load(connection, context.scope, touched) if touched else None
    else:
        histories = _write(connection, context, admission, places, {})
    _unmake_nobodies(connection, context, admission)
    _note_enrolments(connection, context, admission)
    return histories


def _unmake_nobodies(connection: Connection, context: Context, admission: Admission) -> None:
    """Whoever was made for events of which none was accepted is nobody."""
    nobodies = admission.made - {admission.holder[place] for place in admission.accepted}
    if nobodies:
        members.unmake(connection, context.scope, nobodies)
        for number in nobodies:
            del admission.standing[number]


def _runs(events: Iterable[Event], places: list[int]) -> list[list[int]]:
    """`places` in stretches such that a reversal is in a later one than what it reverses."""
    listed = list(events)
    first: dict[str, int] = {}
    for place in places:
        if listed[place].id:
            first.setdefault(listed[place].id, place)
    early = [p for p in places if listed[p].reverses and first.get(listed[p].reverses, -1) > p]
    moved = set(early)
    runs: list[list[int]] = [[]]
    inside: set[str] = set()
    for place in [*(p for p in places if p not in moved), *early]:
        if listed[place].reverses in inside and listed[place].reverses:
            runs.append([])
            inside = set()
        runs[-1].append(place)
        inside.add(listed[place].id)
    return runs


def _targets(connection: Connection, context: Context, admission: Admission, run: list[int]) -> dict[int, int]:
    """The sequences of what the reversals of `run` reverse; those that cannot be taken are refused here."""
    reversals = [place for place in run if admission.events[place].type is EventType.REVERSAL]
    if not reversals:
        return {}
    asked = [admission.events[place] for place in reversals]
    known = ledger.known(connection, context.scope, {*(e.reverses for e in asked), *(e.id for e in asked if e.id)})
    owners = _owners(connection, context, [known[event.reverses] for event in asked if event.reverses in known])
    targets: dict[int, int] = {}
    first: dict[str, int] = {}
    checked = []
    for place, event in zip(reversals, asked, strict=True):
        target = known.get(event.reverses)
        if target is not None:
            targets[place] = target.sequence
        if event.id in known:
            continue  # sent before: a duplicate or a conflict, whatever is left by now
        if event.id and first.setdefault(event.id, place) != place:
            continue  # the same in the batch: whatever becomes of the first
        if target is None:
            admission.refused[place] = ("unknown_event", f"it reverses an unknown event {event.reverses}")
        elif owners[target.member_id] != admission.owner[place]:
            admission.refused[place] = ("unacceptable_reversal", "it reverses an event of another member")
        else:
            checked.append(place)
    why = check_reversals(
        connection, context, [(admission.owner[place], admission.events[place], targets[place]) for place in checked]
    )
    for index, reason in why.items():
        admission.refused[checked[index]] = ("unacceptable_reversal", reason)
    for place in reversals:
        earlier = first.get(admission.events[place].id, place)
        if earlier in admission.refused:
            admission.refused[place] = admission.refused[earlier]
    return targets


def _owners(connection: Connection, context: Context, known: list[KnownEvent]) -> dict[int, int]:
    """Who stands for the members of those events."""
    found = members.by_ids(connection, context.scope, {event.member_id for event in known})
    return {number: member.merged_into or number for number, member in found.items()}


def _write(
    connection: Connection, context: Context, admission: Admission, run: list[int], targets: dict[int, int]
) -> Histories | None:
    places = [place for place in run if place not in admission.refused]
    events, holder = admission.events, admission.holder
    arrivals = [Arrival(holder[place], events[place], targets.get(place)) for place in places]
    receipts = ledger.insert(connection, context.scope, arrivals, context.now)
    if all(verdict is Verdict.ACCEPTED for verdict, _ in receipts):
        taken, sequences = arrivals, [sequence for _, sequence in receipts]
        admission.accepted.update(zip(places, sequences, strict=True))
    else:
        taken, sequences = [], []
        for place, arrival, (verdict, sequence) in zip(places, arrivals, receipts, strict=True):
            if verdict is Verdict.ACCEPTED:
                admission.accepted[place] = sequence
                taken.append(arrival)
                sequences.append(sequence)
            elif verdict is Verdict.DUPLICATE:
                admission.duplicates.add(place)
            else:
                admission.conflicts.add(place)
    if not taken:
        return None
    owners = sorted({admission.owner[place] for place in places if place in admission.accepted})
    absorbing = [owner for owner in owners if admission.standing[owner].absorbed]
    return history.append(connection, context.scope, taken, sequences, owners, absorbing)


def _note_enrolments(connection: Connection, context: Context, admission: Admission) -> None:
    """Remember when members were enrolled, the earliest instant said."""
    said: dict[int, int] = {}
    for place in admission.accepted:
        event = admission.events[place]
        if event.type is EventType.MEMBER_ENROLLED:
            owner = admission.owner[place]
            said[owner] = min(said.get(owner, event.occurred_at), event.occurred_at)
    fresh = []
    for owner, at in said.items():
        member = admission.standing[owner]
        if member.enrolled_at is None or at < member.enrolled_at:
            fresh.append((owner, at))
            admission.standing[owner] = member._replace(enrolled_at=at)
    members.set_enrolled(connection, context.scope, fresh)
