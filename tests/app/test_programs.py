"""A program's way from draft to revision, and what each step refuses."""

from dataclasses import replace

import pytest

from tests.app.conftest import At
from tests.app.programs import COFFEE, earned, publish
from ziggurat.app.access.change_organization import change_organization
from ziggurat.app.audit.list_audit import list_audit
from ziggurat.app.context import Context
from ziggurat.app.errors import (
    ActivationPendingError,
    ApprovalRequiredError,
    InvalidRequestError,
    OutdatedDraftError,
    OwnDraftError,
    WrongStateError,
)
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.members.read_member import read_member
from ziggurat.app.members.read_timeline import read_timeline
from ziggurat.app.programs.activate_program import activate_program
from ziggurat.app.programs.approve_draft import approve_draft
from ziggurat.app.programs.change_status import change_status
from ziggurat.app.programs.check_draft import check_draft
from ziggurat.app.programs.create_program import create_program
from ziggurat.app.programs.diff_draft import diff_draft
from ziggurat.app.programs.discard_draft import discard_draft
from ziggurat.app.programs.list_drafts import list_drafts
from ziggurat.app.programs.list_programs import list_programs
from ziggurat.app.programs.list_revisions import list_revisions
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.app.programs.put_draft import put_draft
from ziggurat.app.programs.read_draft import read_draft
from ziggurat.app.programs.read_program import read_program
from ziggurat.app.programs.read_revision import read_revision
from ziggurat.app.programs.reject_draft import reject_draft
from ziggurat.app.programs.roll_back import roll_back
from ziggurat.app.programs.run_activations import start_due_activations
from ziggurat.app.programs.submit_draft import submit_draft
from ziggurat.app.programs.views import ChangeView
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.errors import InvalidProgramError
from ziggurat.program.model import Activation, Status
from ziggurat.store.errors import NotFoundError, StaleVersionError

HARDER = {**COFFEE, "tiers": [{"name": "Silver", "from": 1000}, {"name": "Gold", "from": 2000}]}


@pytest.fixture
def bob(context: Context) -> Context:
    """Somebody else of the same organization."""
    return replace(context, actor="key:bob")


def tier(context: Context, member: str, as_of: int | None = None) -> str:
    (standing,) = read_member(context, member, as_of=as_of).programs
    return standing.tier


def moves(context: Context, member: str = "m") -> list[tuple[str, str]]:
    return [(move.kind, move.to_tier) for move in read_timeline(context, member, limit=100).items]


class TestDrafts:
    def test_a_new_program_is_a_draft_without_effect(self, context: Context) -> None:
        made = create_program(context, COFFEE)
        assert (made.status, made.revision, made.document) == (Status.DRAFT, None, None)
        assert made.draft is not None
        assert made.draft.document["name"] == "Coffee Club"
        (outcome,) = ingest_events(context, [earned("m", "2025-05-01", 600)])
        assert outcome.programs == ()
        assert read_program(context, made.id) == made

    def test_a_document_with_faults_is_refused_with_all_of_them(self, context: Context) -> None:
        with pytest.raises(InvalidProgramError) as refused:
            create_program(context, {"name": "", "tiers": [{"name": "A"}], "colour": "red"})
        assert len(refused.value.faults) > 2
        assert list_programs(context, limit=9).items == ()

    def test_a_draft_is_saved_again_only_as_it_was_seen(self, context: Context, bob: Context) -> None:
        program = create_program(context, COFFEE).id
        seen = read_draft(context, program)
        saved = put_draft(bob, program, HARDER, seen.version)
        assert (saved.id, saved.author) == (seen.id, "key:bob")
        with pytest.raises(StaleVersionError):
            put_draft(context, program, COFFEE, seen.version)
        with pytest.raises(InvalidProgramError):
            put_draft(context, program, {})
        assert read_draft(context, program) == saved

    def test_a_draft_thrown_away_makes_room_for_another(self, context: Context) -> None:
        program = create_program(context, COFFEE).id
        discard_draft(context, program)
        with pytest.raises(NotFoundError):
            read_draft(context, program)
        with pytest.raises(StaleVersionError):
            put_draft(context, program, HARDER, 1)
        second = put_draft(context, program, HARDER)
        assert [draft.state for draft in list_drafts(context, program, limit=9).items] == ["draft", "discarded"]
        assert list_drafts(context, program, limit=1).items == (second,)

    def test_a_draft_is_checked_and_compared(self, context: Context) -> None:
        program = publish(context)
        put_draft(context, program, {**HARDER, "description": "Harder"})
        check = check_draft(context, program)
        assert check.valid
        assert [row["name"] for row in check.ladder] == ["Member", "Silver", "Gold"]
        assert set(diff_draft(context, program)) == {
            ChangeView("tiers[Silver].from", 500, 1000),
            ChangeView("description", None, "Harder"),
        }


class TestApproval:
    def test_where_approval_is_wanted_somebody_else_gives_it(self, context: Context, bob: Context) -> None:
        change_organization(context, requires_approval=True)
        program = create_program(context, COFFEE).id
        for step in (activate_program, approve_draft, reject_draft):
            with pytest.raises((ApprovalRequiredError, WrongStateError)):
                step(bob, program)
        submit_draft(context, program, "please")
        with pytest.raises(OwnDraftError):
            approve_draft(context, program)
        with pytest.raises(WrongStateError):
            put_draft(context, program, HARDER)
        with pytest.raises(ApprovalRequiredError):
            activate_program(context, program)
        approved = approve_draft(bob, program, "fine")
        assert (approved.state, approved.decided_by, approved.comment) == ("approved", "key:bob", "fine")
        assert activate_program(context, program).program.status is Status.ACTIVE
        with pytest.raises(ApprovalRequiredError):
            publish_program(context, HARDER, program)

    def test_a_rejected_draft_is_edited_and_handed_in_again(self, context: Context, bob: Context) -> None:
        program = create_program(context, COFFEE).id
        submit_draft(context, program)
        assert reject_draft(bob, program, "too easy").comment == "too easy"
        with pytest.raises(WrongStateError):
            activate_program(context, program)
        assert put_draft(context, program, HARDER).state == "draft"
        submit_draft(context, program)
        with pytest.raises(WrongStateError):
            submit_draft(context, program)
        approve_draft(bob, program)
        reject_draft(bob, program, "on second thoughts")
        submit_draft(context, program)

    def test_an_organization_may_let_people_approve_their_own(self, context: Context) -> None:
        change_organization(context, requires_approval=True, self_approval=True)
        program = create_program(context, COFFEE).id
        submit_draft(context, program)
        approve_draft(context, program)
        activate_program(context, program)
        assert publish_program(context, HARDER, program).revision.number == 2

    def test_every_step_is_in_the_audit_trail(self, context: Context, bob: Context) -> None:
        program = create_program(context, COFFEE).id
        submit_draft(context, program)
        approve_draft(bob, program, "fine")
        activate_program(context, program)
        trail = list_audit(context, subject=f"program:{program}", limit=99).items
        assert [(entry.actor, entry.action) for entry in trail] == [
            ("key:ann", "program.created"),
            ("key:ann", "draft.submitted"),
            ("key:bob", "draft.approved"),
            ("key:ann", "revision.activated"),
            ("key:ann", "revision.in_force"),
        ]


class TestActivation:
    def test_the_first_revision_counts_from_the_beginning_and_later_ones_from_now(
        self, context: Context, at: At
    ) -> None:
        ingest_events(context, [earned("m", "2025-05-01", 600)])
        program = publish(context)
        assert moves(context) == [("joined", "Silver")]
        made = publish_program(context, HARDER, program)
        assert (made.revision.number, made.revision.effective_from) == (2, context.now)
        assert moves(context) == [("joined", "Silver"), ("downgraded", "Member")]
        assert tier(context, "m", at("2025-06-30")) == "Silver"

    @pytest.mark.parametrize(
        ("activation", "after"),
        [
            (Activation.REEVALUATE, {"m": "Member", "n": "Gold"}),
            (Activation.UPGRADES_ONLY, {"m": "Silver", "n": "Gold"}),
            (Activation.AT_NEXT_DECISION, {"m": "Silver", "n": "Silver"}),
        ],
    )
    def test_an_activation_says_what_it_does_to_members(
        self, context: Context, activation: Activation, after: dict[str, str]
    ) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 600), earned("n", "2025-05-01", 1500)])
        tiers = [{"name": "Silver", "from": 1000}, {"name": "Gold", "from": 1200}]
        publish_program(context, {**COFFEE, "tiers": tiers}, program, activation=activation)
        assert {member: tier(context, member) for member in after} == after
        assert not verify_states(context).differences

    def test_a_tier_is_inserted_and_another_retired_on_a_live_ladder(self, context: Context) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 600), earned("n", "2025-05-01", 2500)])
        tiers = [{"name": "Silver", "from": 500}, {"name": "Bronze", "id": "b", "from": 550}]
        publish_program(context, {**COFFEE, "tiers": tiers}, program)
        assert {member: tier(context, member) for member in "mn"} == {"m": "Bronze", "n": "Bronze"}
        assert not verify_states(context).differences

    def test_a_scheduled_revision_waits_for_its_instant_and_is_foreseen(self, context: Context, at: At) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 600)])
        made = publish_program(context, HARDER, program, effective_from=at("2025-08-01"))
        assert (made.program.revision, made.job, made.revision.published) == (1, None, False)
        assert tier(context, "m") == "Silver"
        assert tier(context, "m", at("2025-08-01")) == "Member"
        with pytest.raises(ActivationPendingError):
            publish_program(context, COFFEE, program)
        with pytest.raises(ActivationPendingError):
            change_status(context, program, Status.PAUSED)

        assert start_due_activations(context.database, at("2025-07-31")) == 0
        later = replace(context, now=at("2025-08-03"))
        ingest_events(later, [earned("m", "2025-08-02", 1)])
        assert tier(later, "m") == "Silver", "nobody is shown by the new rules before everybody is"
        assert start_due_activations(context.database, later.now) == 1
        assert tier(later, "m") == "Member"
        fall = read_timeline(later, "m", limit=9).items[-1]
        assert (fall.at, fall.cause, fall.revision) == (at("2025-08-01"), "revision", 2)
        assert start_due_activations(context.database, later.now) == 0
        assert not verify_states(later).differences

    def test_a_revision_cannot_be_in_force_in_the_past_of_a_running_program(self, context: Context) -> None:
        program = publish(context)
        with pytest.raises(InvalidRequestError):
            publish_program(context, HARDER, program, effective_from=context.now - 1)

    def test_a_draft_on_top_of_an_earlier_revision_is_not_activated(self, context: Context) -> None:
        program = publish(context)
        put_draft(context, program, HARDER)
        publish_program(context, COFFEE, program)
        with pytest.raises(OutdatedDraftError):
            activate_program(context, program)
        put_draft(context, program, HARDER)
        assert activate_program(context, program, note="harder").revision.note == "harder"

    def test_a_program_changed_meanwhile_is_not_overwritten(self, context: Context) -> None:
        program = publish(context)
        seen = read_program(context, program).version
        publish_program(context, HARDER, program, expected_version=seen)
        with pytest.raises(StaleVersionError):
            publish_program(context, COFFEE, program, expected_version=seen)

    def test_history_is_listed_and_rolled_back_as_a_new_revision(self, context: Context) -> None:
        program = publish(context)
        publish_program(context, HARDER, program)
        back = roll_back(context, program, revision=1)
        revisions = list_revisions(context, program).items
        assert [revision.number for revision in revisions] == [1, 2, 3]
        assert revisions[0].document == revisions[2].document == back.revision.document
        assert revisions[0].checksum == revisions[2].checksum != revisions[1].checksum
        assert read_revision(context, program, 2) == revisions[1]
        page = list_revisions(context, program, limit=2)
        assert page.items + list_revisions(context, program, after=page.next, limit=2).items == revisions
        for missing in (0, 4):
            with pytest.raises(NotFoundError):
                roll_back(context, program, revision=missing)
            with pytest.raises(NotFoundError):
                read_revision(context, program, missing)


class TestStatus:
    def test_pausing_freezing_and_archiving_show_what_the_rules_say(self, context: Context, at: At) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 600)])

        def then(day: str, status: Status) -> str:
            changed = replace(context, now=at(day))
            assert change_status(changed, program, status).program.status is status
            assert not verify_states(changed).differences
            return tier(changed, "m")

        assert then("2025-07-02", Status.PAUSED) == "Member"
        assert then("2025-07-03", Status.ACTIVE) == "Silver"
        assert then("2025-07-04", Status.FROZEN) == "Silver"
        frozen = replace(context, now=at("2025-07-05"))
        ingest_events(frozen, [earned("m", "2025-07-05", 5000)])
        assert tier(frozen, "m") == "Silver"
        assert then("2025-07-06", Status.ACTIVE) == "Gold"
        assert then("2025-07-07", Status.ARCHIVED) == ""
        archived = replace(context, now=at("2025-07-08"))
        put_draft(archived, program, HARDER)
        with pytest.raises(WrongStateError):
            activate_program(archived, program)
        with pytest.raises(WrongStateError):
            roll_back(archived, program, revision=1)
        assert then("2025-07-09", Status.ACTIVE) == "Gold"

    def test_a_status_is_changed_only_where_there_is_one_to_change(self, context: Context) -> None:
        draft = create_program(context, COFFEE).id
        program = publish(context)
        with pytest.raises(WrongStateError):
            change_status(context, draft, Status.PAUSED)
        with pytest.raises(WrongStateError):
            change_status(context, program, Status.ACTIVE)
        with pytest.raises(InvalidRequestError):
            change_status(context, program, Status.DRAFT)

    def test_programs_are_listed_by_status(self, context: Context, stranger: Context) -> None:
        made = [publish(context) for _ in range(3)]
        change_status(context, made[1], Status.PAUSED)
        assert [view.id for view in list_programs(context, status=Status.ACTIVE, limit=9).items] == [made[0], made[2]]
        first = list_programs(context, limit=2)
        rest = list_programs(context, after=first.next, limit=2)
        assert [view.id for view in first.items + rest.items] == made
        assert list_programs(stranger, limit=9).items == ()
        with pytest.raises(NotFoundError):
            change_status(stranger, made[0], Status.PAUSED)
