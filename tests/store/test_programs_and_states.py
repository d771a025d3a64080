"""Programs with their revisions and drafts, member states and transitions, as the use cases find them."""

import pytest
from sqlalchemy import Connection

from ziggurat.program.model import Activation, Status
from ziggurat.store.database import Database
from ziggurat.store.errors import StaleVersionError
from ziggurat.store.repositories import members, programs, states, transitions
from ziggurat.store.repositories.programs import ProgramRow, RevisionRow
from ziggurat.store.repositories.states import MemberState
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
        one, other = (programs.create(connection, scope, f"prg_{n}", "Club", created_at=1).id for n in range(2))
        states.save(connection, scope, [state(number, one, tier=0, due=50) for number in ids], generation=0)
        again = [state(ids[0], one, tier=2, due=10), state(ids[0], other)]
        states.save(connection, scope, again, generation=0)
        assert states.counts(connection, scope, one) == {0: 2, 2: 1}
        assert states.get(connection, scope, ids[0], one) == state(ids[0], one, tier=2, due=10)
        assert [row.external_id for row in states.page(connection, scope, one, limit=2)] == ["a", "b"]
        assert [row.external_id for row in states.page(connection, scope, one, after="b", limit=2)] == ["c"]
        assert [row.external_id for row in states.page(connection, scope, one, tier_index=2, limit=9)] == ["a"]
        assert [row.external_id for row in states.page(connection, scope, one, expiring_before=50, limit=9)] == ["a"]
        assert len(states.of_members(connection, scope, ids)) == 4
        assert states.of_members(connection, other_scope, ids) == {}
        assert states.counts(connection, other_scope, one) == {}


def test_due_members_are_taken_longest_overdue_first_and_by_one_worker_each(database: Database, scope: Scope) -> None:
    with database.writing() as connection:
        states.save(connection, scope, [state(n, due=100 - n) for n in range(10)] + [state(99, due=None)], generation=0)
    with database.writing() as first:
        taken = states.claim_due(first, scope, 1, now=98, limit=3)
        assert taken == [9, 8, 7]
        assert states.backlog(first, scope, 1, now=98) == (8, 91)
        if not database.is_sqlite:
            with database.writing() as second:
                assert states.claim_due(second, scope, 1, now=98, limit=3) == [6, 5, 4]


def show(connection: Connection, scope: Scope, program: ProgramRow, generation: int) -> None:
    programs.set_generations(connection, scope, program._replace(generation=generation))


def test_a_generation_of_states_is_seen_by_nobody_until_the_program_shows_it(database: Database, scope: Scope) -> None:
    with database.writing() as connection:
        program = programs.create(connection, scope, "prg_1", "Club", created_at=1)
        ids = [member.id for member in members.ensure(connection, scope, ["a", "b"], created_at=0).values()]
        old = [state(number, program.id, tier=1, due=10) for number in ids]
        new = [state(number, program.id, tier=2, due=20) for number in ids]
        states.save(connection, scope, old, generation=0)
        states.save(connection, scope, new, generation=7)
        for shown, rows, tier in ((0, old, 1), (7, new, 2)):
            show(connection, scope, program, shown)
            assert states.counts(connection, scope, program.id) == {tier: 2}
            assert sorted(states.of_members(connection, scope, ids).values()) == rows
            assert states.of_member(connection, scope, ids[0]) == rows[:1]
            assert states.get(connection, scope, ids[1], program.id) == rows[1]
            assert [row.state for row in states.page(connection, scope, program.id, limit=9)] == rows
            assert states.backlog(connection, scope, program.id, now=15)[0] == (2 if rows is old else 0)
            assert len(states.claim_due(connection, scope, program.id, now=15, limit=9)) == (2 if rows is old else 0)
        assert states.first_generation(connection, scope, program.id, after=-1, before=7) == 0
        assert sorted(states.members_of_generation(connection, scope, program.id, 0, limit=9)) == ids
        states.clear(connection, scope, program.id, 0, ids)
        assert states.first_generation(connection, scope, program.id, after=-1, before=7) is None
        assert states.counts(connection, scope, program.id) == {2: 2}


def test_moves_of_a_generation_are_seen_by_nobody_until_the_program_shows_it(database: Database, scope: Scope) -> None:
    with database.writing() as connection:
        program = programs.create(connection, scope, "prg_1", "Club", created_at=1)
        rows = [transition(1, place, DAY * place)._replace(program_id=program.id) for place in range(3)]
        numbers = transitions.add(connection, scope, rows[:2])
        told = transitions.current(connection, scope, [1], program.id)[1]

        def stage() -> None:
            transitions.supersede_all(connection, scope, told[1:], 88, generation=7)
            transitions.add(connection, scope, rows[2:], generation=7)
            transitions.keep_to_tell(connection, scope, program.id, 7, [1])

        def places(*, superseded: bool = False) -> list[tuple[int, int | None]]:
            found = transitions.of_member(connection, scope, 1, program.id, superseded=superseded)
            return [(row.position, row.superseded_at) for row in found]

        stage()
        transitions.clear(connection, scope, program.id, 7, [1])
        assert transitions.to_tell(connection, scope, program.id, 7) == []
        show(connection, scope, program, 7)
        assert places() == [(0, None), (1, None)]
        show(connection, scope, program, 0)
        stage()
        for superseded in (False, True):
            assert places(superseded=superseded) == [(0, None), (1, None)]
        assert len(transitions.daily_flows(connection, scope, program.id, since=0, until=9 * DAY)) == 2
        assert len(transitions.page(connection, scope, program.id, since=0, until=9 * DAY, limit=9)) == 2

        show(connection, scope, program, 7)
        assert places() == [(0, None), (2, None)]
        assert places(superseded=True) == [(0, None), (1, 88), (2, None)]
        assert [row.position for row in transitions.current(connection, scope, [1], program.id)[1]] == [0, 2]
        assert transitions.to_tell(connection, scope, program.id, 7, among_members=[1, 2]) == [1]
        added, gone = transitions.of_generation(connection, scope, program.id, 7, [1])
        assert [row.position for row in added] == [2]
        assert [row.sequence for row in gone[1]] == numbers[1:]
        transitions.told(connection, scope, program.id, 7, [1])
        assert transitions.count_to_tell(connection, scope, program.id, 7) == 0


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
        flows = transitions.daily_flows(connection, scope, 1, since=0, until=3 * DAY)
        assert flows == [
            DailyFlow(0, "upgraded", 0, 1, 1),
            DailyFlow(1, "upgraded", 0, 1, 1),
            DailyFlow(1, "upgraded", 1, 2, 1),
        ]
        assert [row.at for row in transitions.page(connection, scope, 1, since=0, until=DAY, limit=9)] == [10]
        assert transitions.current(connection, other_scope, [1, 2], 1) == {}
