"""Recompute everything that is derived from the ledger, and report (or repair) whatever differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import LoadedProgram, load_evaluated
from ziggurat.app.events.stage_members import stage_members, tell_staged
from ziggurat.app.events.update_attributes import attributes_of, store_attributes
from ziggurat.app.events.work_out_members import evaluate_for, write_outcome
from ziggurat.store.database import Connection
from ziggurat.store.event_rows import LedgerEvent
from ziggurat.store.histories import Histories
from ziggurat.store.repositories import audience_upkeep, history, members, states
from ziggurat.store.repositories import events as ledger
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.states import MemberState


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that is not what the ledger says: `what` of a member, in a program ("" if in none)."""

    member: str
    program: str
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what differs (or differed, if it was repaired)."""

    members: int
    events: int
    differences: tuple[Difference, ...]


def verify_states(
    context: Context, *, repair: bool = False, progress: Callable[[int], None] | None = None
) -> Verification:
    """Evaluate every member anew from the ledger and compare with the packed histories, attributes, states and moves.

    With `repair` what differs is written anew. Each stretch of members is one transaction; the service may run on
    meanwhile. `progress` is told how many members are done.
    """
    after, done, events = -1, 0, 0
    found: list[Difference] = []
    while True:
        with context.database.reading() as connection:
            ids = members.ids_page(connection, context.scope, after=after, limit=limits.MEMBERS_PER_STEP)
        if not ids:
            return Verification(done, events, tuple(found))
        after = ids[-1]
        counted, differences = _stretch(context, ids, repair=repair)
        done, events = done + len(ids), events + counted
        found += differences
        if progress is not None:
            progress(done)


def _stretch(context: Context, ids: list[int], *, repair: bool) -> tuple[int, list[Difference]]:
    if repair:
        return context.database.write(lambda connection: _check(connection, context, ids, repair=True))
    with context.database.reading() as connection:
        return _check(connection, context, ids, repair=False)


def _check(connection: Connection, context: Context, ids: list[int], *, repair: bool) -> tuple[int, list[Difference]]:
    programs = load_evaluated(connection, context, hold=repair)
    found = members.lock(connection, context.scope, ids) if repair else members.by_ids(connection, context.scope, ids)
    standing = {number: member for number, member in found.items() if member.merged_into is None}
    counted, differences = _check_histories(connection, context, standing, repair=repair)
    histories = history.load(connection, context.scope, sorted(standing))
    for number, member in standing.items():
        if attributes_of(histories, number, context.now) != member.attributes:
            differences.append(Difference(member.external_id, "", "attributes"))
            if repair:
                store_attributes(connection, context, member, histories)
    for program in programs:
        differences += _check_program(connection, context, program, standing, histories, repair=repair)
    return counted, differences


def _check_histories(
    connection: Connection, context: Context, standing: dict[int, Member], *, repair: bool
) -> tuple[int, list[Difference]]:
    """Whether the packed histories are the ledger's, of the members and of those merged into them."""
    groups = members.absorbed_by(connection, context.scope, standing)
    everyone = [*standing, *(number for group in groups.values() for number in group)]
    rows = ledger.of_members(connection, context.scope, everyone)
    histories = history.load(connection, context.scope, sorted(standing))
    differences, wrong = [], []
    for number, member in standing.items():
        group = [number, *groups.get(number, [])]
        told = sorted(
            (row for each in group for row in rows.get(each, [])),
            key=lambda row: (row.event.occurred_at, row.sequence),
        )
        if [_packed(row) for row in told] != histories.events(number):
            differences.append(Difference(member.external_id, "", "packed history"))
            wrong += group
    if repair and wrong:
        history.rebuild(connection, context.scope, wrong)
    return sum(map(len, rows.values())), differences


def _packed(row: LedgerEvent) -> object:
    reverses = str(row.reverses_sequence) if row.reverses_sequence else ""
    return replace(row.event, member="", id=str(row.sequence), reverses=reverses)


def _check_program(
    connection: Connection,
    context: Context,
    program: LoadedProgram,
    standing: dict[int, Member],
    histories: Histories,
    *,
    repair: bool,
) -> list[Difference]:
    stored = states.of_members(connection, context.scope, standing)
    known = {member: state for (member, number), state in stored.items() if number == program.id}
    _, outcome = evaluate_for(connection, context, program, program.published, standing, histories, known)
    late = {row.member_id for row in outcome.added if row.at <= _evaluated_at(known.get(row.member_id))}
    wrong = late | (outcome.superseded.keys() - set(outcome.outside))
    differences = [(number, "moves") for number in sorted(wrong)]
    everybody = outcome.everybody
    asked_for_values = audience_upkeep.is_ready(connection, context.scope)
    for state in everybody:
        old = known.get(state.member_id)
        if old is None and not histories.events(state.member_id):
            continue  # she was made without an event, by a file for audiences say: the first one brings her state
        is_due = old is not None and old.next_decision_at is not None and old.next_decision_at <= state.evaluated_at
        with_value = asked_for_values and standing[state.member_id].erased_at is None
        if old is None or (not is_due and _content(old, with_value) != _content(state, with_value)):
            differences.append((state.member_id, "state"))
    differences += [(number, "state of somebody who takes no part") for number in outcome.outside]
    if repair and differences:
        names = {number: member.external_id for number, member in standing.items()}
        tell_staged(connection, context, program, standing)
        write_outcome(connection, context, program, outcome, names, announce=False)
        known = {state.member_id: state for state in everybody}
    if repair and program.row.staging is not None:
        stage_members(connection, context, program, standing, histories, known)
    return [Difference(standing[number].external_id, program.row.public_id, what) for number, what in differences]


def _evaluated_at(state: MemberState | None) -> int:
    return state.evaluated_at if state else -1


def _content(state: MemberState, with_value: bool) -> MemberState:  # noqa: FBT001 - private
    """What has to be as the ledger says; the value follows events only where audiences ask for it."""
    shown = state if with_value else state._replace(value=None, through_sequence=0)
    return shown._replace(evaluated_at=0, checkpoint=None)
