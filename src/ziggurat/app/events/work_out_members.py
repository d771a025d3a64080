"""Evaluate members over their whole histories, and write what follows: states, new moves, corrections, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ziggurat.app.context import Context
from ziggurat.app.events.announce_moves import announce_moves
from ziggurat.app.events.evaluate_members import CAUSES, KINDS, Evaluations, evaluate_members
from ziggurat.app.events.load_programs import LoadedProgram
from ziggurat.app.events.timeline_checksums import EMPTY, prefix_checksums, whole_checksums
from ziggurat.engine.kernel.fold_kernel import NOBODY
from ziggurat.engine.timeline import Kind
from ziggurat.program.amounts import ceil_units
from ziggurat.program.calendar import NEVER
from ziggurat.program.model import Enrolment, Revision
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories, next_events
from ziggurat.store.repositories import history, states, transitions
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.states import MemberState
from ziggurat.store.repositories.transitions import TransitionRow

_INDEXED = slice(2, 8)
"""The fields of a state that are found by an index: from the tier to the next decision."""
_REVISION = slice(9, 11)
"""What else only a decision changes: the revision and the timeline."""
_DOWN = (str(Kind.DOWNGRADED), str(Kind.LEFT))


@dataclass(frozen=True, slots=True)
class Settled:
    """What came out for one program: the evaluations, in the order of `member_ids`, as of `as_of`."""

    program: LoadedProgram
    member_ids: list[int]
    evaluations: Evaluations
    as_of: int
    moved: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be written for one program.

    `fresh` are new states and those whose tier, expiry or next decision changed, `refreshed` those of which something
    else did, `same` those in which at most the value is another; `added` the moves to add, `superseded` those that are
    no longer true, by member.
    """

    fresh: list[MemberState]
    refreshed: list[MemberState]
    same: list[MemberState]
    added: list[TransitionRow]
    superseded: dict[int, list[TransitionRow]]
    outside: list[int]

    @property
    def everybody(self) -> list[MemberState]:
        """The states of all whom the program counts."""
        return [*self.fresh, *self.refreshed, *self.same]


def evaluate_for(
    connection: Connection,
    context: Context,
    program: LoadedProgram,
    revisions: Sequence[Revision],
    members: Mapping[int, Member],
    histories: Histories,
    known: Mapping[int, MemberState],
) -> tuple[Settled, Outcome]:
    """The evaluations of `members` by `revisions` of one program, and what is to be written where `known` is stored."""
    mine = program.own(_taking_part(connection, context, revisions[-1], members, histories))
    as_of = evaluation_instant(context, known)
    evaluations = evaluate_members(revisions, mine, as_of)
    outcome = work_out(connection, context, program, revisions, mine, evaluations, known, as_of)
    return Settled(program, mine.member_ids, evaluations, as_of, len(outcome.added)), outcome


def evaluation_instant(context: Context, known: Mapping[int, MemberState]) -> int:
    """Now, or the latest instant by which one of the members has been evaluated.

    What was told is not taken back because another process's clock is ahead.
    """
    return max([context.now, *(state.evaluated_at for state in known.values())])


def _taking_part(
    connection: Connection,
    context: Context,
    revision: Revision,
    members: Mapping[int, Member],
    histories: Histories,
) -> Histories:
    """The histories of those whom the program counts: with explicit enrolment only who has been enrolled."""
    if revision.program.enrolment is Enrolment.ON_FIRST_EVENT:
        return histories
    enrolled = [number for number in histories.member_ids if members[number].enrolled_at is not None]
    return histories if len(enrolled) == len(histories) else history.load(connection, context.scope, enrolled)


def work_out(
    connection: Connection,
    context: Context,
    program: LoadedProgram,
    revisions: Sequence[Revision],
    histories: Histories,
    evaluations: Evaluations,
    known: Mapping[int, MemberState],
    as_of: int,
) -> Outcome:
    """What is to be written where `known` is what is stored: by member, in the order of `histories`."""
    prefixes = prefix_checksums(evaluations.offsets, evaluations.moves)
    whole = whole_checksums(evaluations.offsets, prefixes).tolist()
    states_now = state_rows(program, revisions, histories, evaluations, whole, as_of)
    starts = evaluations.offsets.tolist()
    fresh: list[MemberState] = []
    refreshed: list[MemberState] = []
    same: list[MemberState] = []
    added: list[TransitionRow] = []
    changed: list[int] = []
    for index, state in enumerate(states_now):
        old = known.get(state.member_id)
        if old is None or old[_INDEXED] != state[_INDEXED]:
            fresh.append(state)
        else:
            (same if old[_REVISION] == state[_REVISION] else refreshed).append(state)
        old_sum = old.timeline_checksum if old else EMPTY
        if old_sum == whole[index]:
            continue
        start, end = starts[index], starts[index + 1]
        kept = _kept(prefixes[start:end], old_sum)
        if kept is None:
            changed.append(index)
        else:
            mine = evaluations.of(index)
            added += move_rows(context, program, revisions, state.member_id, mine, kept, end - start)
    superseded: dict[int, list[TransitionRow]] = {}
    if changed:
        ids = [histories.member_ids[index] for index in changed]
        told = transitions.current(connection, context.scope, ids, program.id)
        for index, member_id in zip(changed, ids, strict=True):
            mine = evaluations.of(index)
            rows = move_rows(context, program, revisions, member_id, mine, 0, len(mine))
            gone = told.get(member_id, [])
            common = _in_common(gone, rows)
            if gone[common:]:
                superseded[member_id] = gone[common:]
                rows = [row._replace(correction=True) for row in rows]
            added += rows[common:]
    outside = sorted(known.keys() - set(histories.member_ids))
    if outside:
        superseded |= transitions.current(connection, context.scope, outside, program.id)
    return Outcome(fresh, refreshed, same, added, superseded, outside)


def write_outcome(
    connection: Connection,
    context: Context,
    program: LoadedProgram,
    outcome: Outcome,
    names: Mapping[int, str],
    *,
    announce: bool = True,
    with_values: bool = True,
) -> None:
    """Store states, moves and corrections, and put the messages about them into the outbox.

    Without `with_values` states are left alone in which at most the value is another.
    """
    generation = program.row.generation
    states.save(connection, context.scope, outcome.fresh, generation=generation)
    refreshed = [*outcome.refreshed, *outcome.same] if with_values else outcome.refreshed
    states.refresh(connection, context.scope, refreshed, generation=generation)
    if outcome.outside:
        states.clear(connection, context.scope, program.id, generation, outcome.outside)
    gone = [row for rows in outcome.superseded.values() for row in rows]
    transitions.supersede_all(connection, context.scope, gone, context.now)
    transitions.add(connection, context.scope, outcome.added)
    if announce:
        announce_moves(connection, context, program, outcome.added, outcome.superseded, names)


def _kept(prefixes: NDArray[np.int64], checksum: int) -> int | None:
    """How many moves of the new timeline are all of the old one with that checksum; None if not so simple."""
    if checksum == EMPTY:
        return 0
    for kept in range(len(prefixes), 0, -1):
        if prefixes[kept - 1] == checksum:
            return kept
    return None


def _in_common(told: Sequence[TransitionRow], rows: Sequence[TransitionRow]) -> int:
    """How many moves the two have in common at the beginning."""
    same = 0
    for old, new in zip(told, rows, strict=False):
        if _content(old) != _content(new):
            break
        same += 1
    return same


def _content(row: TransitionRow) -> tuple[object, ...]:
    event = (row.details or {}).get("event", 0)
    return (row.at, row.kind, row.cause, row.to_index, row.to_key, row.value, row.expires_at, row.revision, event)


def move_rows(
    context: Context,
    program: LoadedProgram,
    revisions: Sequence[Revision],
    member_id: int,
    moves: NDArray[np.int64],
    start: int,
    end: int,
) -> list[TransitionRow]:
    """The moves from position `start` to `end` as rows."""
    rows = []
    before = moves[start - 1].tolist() if start else None
    from_index, from_key = (-1, None) if before is None else (before[3], _key(revisions, before[7], before[3]))
    for position, move in enumerate(moves[start:end].tolist(), start):
        at, kind, cause, tier, value, expires_at, event, revision = move
        key = _key(revisions, revision, tier)
        name = str(KINDS[kind])
        judged = from_index if name in _DOWN else tier
        rows.append(
            TransitionRow(
                member_id=member_id,
                program_id=program.id,
                position=position,
                at=at,
                kind=name,
                cause=str(CAUSES[cause]),
                from_index=from_index,
                from_key=from_key,
                to_index=tier,
                to_key=key,
                value=value,
                threshold=_threshold(revisions, revision, judged),
                expires_at=None if expires_at == NEVER else expires_at,
                revision=revision + 1,
                recorded_at=context.now,
                details={"event": event} if event else None,
            )
        )
        from_index, from_key = tier, key
    return rows


def _key(revisions: Sequence[Revision], revision: int, tier: int) -> str | None:
    return revisions[revision].program.ladder[tier].key if tier >= 0 else None


def _threshold(revisions: Sequence[Revision], revision: int, tier: int) -> int | None:
    ladder = revisions[revision].program.ladder
    start = ladder[tier].start if 0 <= tier < len(ladder) else None
    return None if start is None else ceil_units(start)


def state_rows(
    program: LoadedProgram,
    revisions: Sequence[Revision],
    histories: Histories,
    evaluations: Evaluations,
    checksums: Sequence[int],
    as_of: int,
) -> list[MemberState]:
    """The states of the members in `histories`, in their order, as they are stored."""
    keys = [[*(tier.key for tier in revision.program.ladder), None] for revision in revisions]
    found = evaluations.results.states
    columns = (
        histories.member_ids,
        found.index.tolist(),
        found.since.tolist(),
        found.expires_at.tolist(),
        found.grace_until.tolist(),
        _earlier(found.next_decision_at, next_events(histories, as_of)).tolist(),
        found.value.tolist(),
        found.revision.tolist(),
        checksums,
        _last_sequences(histories),
    )
    id_ = program.id
    rows = []
    for member_id, tier, since, expires, grace, due, value, revision, checksum, through in zip(*columns, strict=True):
        if tier == NOBODY:
            when = None if due == NEVER else due
            rows.append(
                MemberState(member_id, id_, -1, None, None, None, None, when, None, 0, checksum, as_of, through)
            )
            continue
        rows.append(
            MemberState(
                member_id,
                id_,
                tier,
                keys[revision][tier],
                since,
                None if expires == NEVER else expires,
                None if grace == NEVER else grace,
                None if due == NEVER else due,
                value,
                revision + 1,
                checksum,
                as_of,
                through,
            )
        )
    return rows


def _earlier(due: NDArray[np.int64], ahead: NDArray[np.int64] | None) -> NDArray[np.int64]:
    return due if ahead is None else np.minimum(due, ahead)


def _last_sequences(histories: Histories) -> list[int]:
    """The sequence of the last event that arrived, by member; 0 for none."""
    sequences = histories.sequence
    found = np.zeros(len(histories), np.int64)
    busy = np.flatnonzero(np.diff(histories.offsets) > 0)
    if len(busy):
        found[busy] = np.maximum.reduceat(sequences, histories.offsets[busy])
    return [int(number) for number in found.tolist()]
