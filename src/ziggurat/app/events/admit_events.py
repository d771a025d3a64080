"""Which events of a batch may be taken at all, and whose they are; their members are locked from here on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.events.check_events import event_problem
from ziggurat.app.events.load_programs import LoadedProgram
from ziggurat.program.amounts import SCALE, format_units
from ziggurat.program.calendar import Period
from ziggurat.program.events import Event, EventType
from ziggurat.program.model import Status
from ziggurat.store.database import Connection
from ziggurat.store.repositories import events as ledger
from ziggurat.store.repositories import history, members
from ziggurat.store.repositories.members import Member


@dataclass(slots=True)
class Admission:
    """A batch on its way into the ledger.

    Events are meant by their place in the batch. `refused` holds (code, reason); `holder` is the member whose ledger an
    event goes into, `owner` the one who stands for that member now (herself, unless she was merged). `standing` are the
    owners, locked, and `made` those who were unknown before. Writing fills `accepted` (with the sequence each event
    got), `duplicates` and `conflicts`.
    """

    events: Sequence[Event]
    refused: dict[int, tuple[str, str]]
    holder: dict[int, int] = field(default_factory=dict)
    owner: dict[int, int] = field(default_factory=dict)
    standing: dict[int, Member] = field(default_factory=dict)
    made: set[int] = field(default_factory=set)
    accepted: dict[int, int] = field(default_factory=dict)
    duplicates: set[int] = field(default_factory=set)
    conflicts: set[int] = field(default_factory=set)


def admit_events(
    connection: Connection,
    context: Context,
    programs: Sequence[LoadedProgram],
    events: Sequence[Event],
    *,
    enforce_cut_off: bool,
) -> Admission:
    """Check every event and find, make and lock the members of those that may go on."""
    admission = Admission(events, {})
    for place, event in enumerate(events):
        problem = event_problem(event)
        if problem:
            admission.refused[place] = ("invalid_event", problem)
    if enforce_cut_off:
        _refuse_late(connection, context, programs, admission)
    _find_members(connection, context, programs, admission)
    _refuse_overflowing(connection, context, admission)
    return admission


def _refuse_late(
    connection: Connection, context: Context, programs: Sequence[LoadedProgram], admission: Admission
) -> None:
    """Refuse what is dated before a program's cut-off, unless it is known already: then it is a duplicate."""
    cut_off, name = max((_cut_off(program, context.now) for program in programs), default=(0, ""))
    if not cut_off:
        return
    late = {
        place: event
        for place, event in enumerate(admission.events)
        if event.occurred_at < cut_off and place not in admission.refused
    }
    if not late:
        return
    known = ledger.known(connection, context.scope, [event.id for event in late.values() if event.id])
    for place, event in late.items():
        if event.id not in known:
            admission.refused[place] = ("too_late", f"it is dated before the cut-off of program {name}")


def _cut_off(program: LoadedProgram, now: int) -> tuple[int, str]:
    revision = program.in_force(now)
    if revision is None or revision.status is Status.ARCHIVED or revision.program.late_cut_off is None:
        return 0, ""
    period = revision.program.late_cut_off
    return program.calendar.add(now, Period(-period.count, period.unit)), program.row.public_id


def _find_members(
    connection: Connection, context: Context, programs: Sequence[LoadedProgram], admission: Admission
) -> None:
    wanted = {event.member for place, event in enumerate(admission.events) if place not in admission.refused}
    if not wanted:
        return
    if not programs or any(program.takes_unknown_members() for program in programs):
        found = members.ensure(connection, context.scope, wanted, context.now, admission.made)
    else:
        found = _enrolled_only(connection, context, admission, wanted)
    survivors = {member.merged_into for member in found.values() if member.merged_into is not None}
    admission.standing = {member.id: member for member in found.values() if member.merged_into is None}
    if survivors:
        admission.standing |= members.lock(connection, context.scope, survivors)
    for place, event in enumerate(admission.events):
        if place not in admission.refused:
            member = found[event.member]
            admission.holder[place], admission.owner[place] = member.id, member.merged_into or member.id


def _enrolled_only(
    connection: Connection, context: Context, admission: Admission, wanted: set[str]
) -> dict[str, Member]:
    """Where members are only made by enrolment: refuse the events of those who neither exist nor are enrolled here."""
    known = members.by_external_ids(connection, context.scope, wanted).keys()
    enrolling = {
        event.member
        for place, event in enumerate(admission.events)
        if event.type is EventType.MEMBER_ENROLLED and place not in admission.refused
    }
    found = members.ensure(connection, context.scope, known | enrolling, context.now, admission.made)
    for place, event in enumerate(admission.events):
        if place not in admission.refused and event.member not in found:
            admission.refused[place] = ("unknown_member", "there is no such member: enrol first")
    return found


def _refuse_overflowing(connection: Connection, context: Context, admission: Admission) -> None:
    """Refuse enormous events that would take a member's total out of reach."""
    large = [
        place
        for place in admission.owner
        if max(abs(admission.events[place].points or 0), abs(admission.events[place].amount or 0))
        >= limits.LARGE_AMOUNT_UNITS
    ]
    if not large:
        return
    histories = history.load(connection, context.scope, sorted({admission.owner[place] for place in large}))
    totals: dict[int, int] = {}
    for place in large:
        owner, event = admission.owner[place], admission.events[place]
        if owner not in totals:
            span = histories.span(owner)
            totals[owner] = sum(map(abs, histories.points[span].tolist())) + sum(
                map(abs, histories.amount[span].tolist())
            )
        size = abs(event.points or 0) + abs(event.amount or 0)
        if totals[owner] + size > limits.MEMBER_TOTAL_UNITS_MAX:
            most = format_units(limits.MEMBER_TOTAL_UNITS_MAX // SCALE * SCALE)
            admission.refused[place] = ("total_too_large", f"the member's amounts would add up to more than {most}")
        else:
            totals[owner] += size
