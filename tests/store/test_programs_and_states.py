"""Programs with their revisions and drafts, member states and transitions, as the use cases find them."""

import pytest

from ziggurat.program.model import Activation, Status
from ziggurat.store.database import Database
from ziggurat.store.errors import StaleVersionError
from ziggurat.store.repositories import members, programs, states, transitions
from ziggurat.store.repositories.programs import RevisionRow
from ziggurat.store.repositories.states import MemberState, StagedState
from ziggurat.store.repositories.transitions import DailyFlow, TransitionRow
from ziggurat.store.scope import Scope
from ziggurat.store.tables.programs import DraftState

DAY = 86_400_000_000


def state(member_id: int, program_id: int = 1, tier: int = 0, due: int | None = None) -> MemberState:
    return MemberState(member_id, program_id, tier, f"t{tier}", 1, due, None, due, 5_000, 1, -(2**63), 9, 3)


def transition(member_id: int, position: int, at: int, to: int = 1) -> TransitionRow:
    return TransitionRow(
        member_id,
        1,
        position,
        at,
        "upgraded",
        "event",
        to - 1,
        None,
        to,
        f"t{to}",
        1,
        2,
        None,
        1,
        7,
        details={"a": [1]},
    )


def test_a_program_goes_from_draft_to_revision(database: Database, scope: Scope, other_scope: Scope) -> None:
    with database.writing() as connection:
        program = programs.create(connection, scope, "prg_1", "Club", created_at=1)
        draft = programs.create_draft(connection, scope, program, "drf_1", {"name": "Club"}, author="ann", created_at=1)
        submitted = programs.save_draft(connection, scope, draft._replace(state=DraftState.SUBMITTED))
        with pytest.raises(StaleVersionError):
            programs.save_draft(connection, scope, draft)
        revision = RevisionRow(
            program.id, 1, draft.document, None, Status.ACTIVE, Activation.REEVALUATE, b"c", "", "ann", 2, draft.id
        )
        programs.add_revision(connection, scope, revision)
        live = programs.save(connection, scope, program._replace(status=Status.ACTIVE, latest_revision=1))
    with database.reading() as connection:
        assert programs.get(connection, scope, "prg_1") == live
        assert programs.draft(connection, scope, "drf_1") == submitted
        assert programs.drafts_of(connection, scope, program.id, DraftState.SUBMITTED) == [submitted]
        assert programs.drafts_of(connection, scope, program.id, DraftState.DRAFT) == []
        assert programs.revisions(connection, scope, program.id) == [revision]
        assert programs.every(connection, other_scope) == []
        assert programs.get(connection, other_scope, "prg_1") is None
        assert programs.revision(connection, other_scope, program.id, 1) is None


def test_states_are_written_over_listed_and_counted(database: Database, scope: Scope, other_scope: Scope) -> None:
    with database.writing() as connection:
        known = members.ensure(connection, scope, ["a", "b", "c"], created_at=0)
        ids = [known[name].id for name in "abc"]
        states.save(connection, scope, [state(number, tier=0, due=50) for number in ids])
        states.save(connection, scope, [state(ids[0], tier=2, due=10), state(ids[0], program_id=2)])
        assert states.counts(connection, scope, 1) == {0: 2, 2: 1}
        assert states.get(connection, scope, ids[0], 1) == state(ids[0], tier=2, due=10)
        assert [row.external_id for row in states.page(connection, scope, 1, limit=2)] == ["a", "b"]
        assert [row.external_id for row in states.page(connection, scope, 1, after="b", limit=2)] == ["c"]
        assert [row.external_id for row in states.page(connection, scope, 1, tier_index=2, limit=9)] == ["a"]
        assert [row.external_id for row in states.page(connection, scope, 1, expiring_before=50, limit=9)] == ["a"]
        assert len(states.of_members(connection, scope, ids)) == 4
        assert states.of_members(connection, other_scope, ids) == {}
        assert states.counts(connection, other_scope, 1) == {}


def test_due_members_are_taken_longest_overdue_first_and_by_one_worker_each(database: Database, scope: Scope) -> None:
    with database.writing() as connection:
        states.save(connection, scope, [state(n, due=100 - n) for n in range(10)] + [state(99, due=None)])
    with database.writing() as first:
        taken = states.claim_due(first, scope, 1, now=98, limit=3)
        assert taken == [9, 8, 7]
        assert states.backlog(first, scope, 1, now=98) == (8, 91)
        if not database.is_sqlite:
            with database.writing() as second:
                assert states.claim_due(second, scope, 1, now=98, limit=3) == [6, 5, 4]


def test_staged_states_are_seen_by_nobody_until_taken_out(database: Database, scope: Scope) -> None:
    staged = [StagedState(state(n), [{"kind": "upgraded"}]) for n in range(5)]
    with database.writing() as connection:
        states.stage(connection, scope, staged)
        states.stage(connection, scope, staged[:2])
        assert states.counts(connection, scope, 1) == {}
        assert states.staged_page(connection, scope, 1, limit=3) == staged[:3]
        assert states.staged_page(connection, scope, 1, after=2, limit=3) == staged[3:]
        assert states.clear_staged(connection, scope, 1) == 5


def test_superseded_transitions_are_kept_and_no_longer_counted(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    with database.writing() as connection:
        told = [transition(1, 0, 10), transition(1, 1, DAY + 10, 2), transition(2, 0, DAY + 20)]
        numbers = transitions.add(connection, scope, told)
        assert numbers == sorted(numbers)
        assert transitions.supersede(connection, scope, 1, 1, from_position=1, at=77) == 1
        (correction,) = transitions.add(connection, scope, [transition(1, 1, DAY + 5, 2)._replace(correction=True)])
        current = transitions.current(connection, scope, [1, 2], 1)
        assert [row.sequence for row in current[1]] == [numbers[0], correction]
        assert current[2] == [told[2]._replace(sequence=numbers[2])]
        everything = transitions.of_member(connection, scope, 1, 1, superseded=True)
        assert [row.superseded_at for row in everything] == [None, 77, None]
        assert transitions.last_positions(connection, scope, [1]) == {(1, 1): (2, DAY + 5)}
        flows = transitions.daily_flows(connection, scope, 1, since=0, until=3 * DAY)
        assert flows == [
            DailyFlow(0, "upgraded", 0, 1, 1),
            DailyFlow(1, "upgraded", 0, 1, 1),
            DailyFlow(1, "upgraded", 1, 2, 1),
        ]
        assert [row.at for row in transitions.page(connection, scope, 1, since=0, until=DAY, limit=9)] == [10]
        assert transitions.current(connection, other_scope, [1, 2], 1) == {}
