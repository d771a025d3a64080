"""Reading members, and what persons do about them."""

import json
from dataclasses import replace

import pytest

from tests.app.conftest import At
from tests.app.programs import COFFEE, SPEND, earned, order, publish, reversal
from ziggurat.app.audit.list_audit import list_audit
from ziggurat.app.audit.verify_audit import verify_audit
from ziggurat.app.context import Context
from ziggurat.app.errors import (
    InvalidRequestError,
    MemberErasedError,
    MemberMergedError,
    RefusedEventError,
    UnknownTierError,
    WrongStateError,
)
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.members.end_override import end_override
from ziggurat.app.members.enrol_member import enrol_member
from ziggurat.app.members.erase_member import erase_member
from ziggurat.app.members.explain_member import explain_member
from ziggurat.app.members.export_member import export_member
from ziggurat.app.members.list_member_events import list_member_events
from ziggurat.app.members.list_members import list_members
from ziggurat.app.members.list_overrides import list_overrides
from ziggurat.app.members.merge_members import merge_members
from ziggurat.app.members.read_member import read_member
from ziggurat.app.members.read_timeline import read_timeline
from ziggurat.app.members.set_override import set_override
from ziggurat.app.members.unmerge_member import unmerge_member
from ziggurat.app.members.views import OpportunityView, RiskView
from ziggurat.app.programs.count_tiers import count_tiers
from ziggurat.app.programs.daily_flows import daily_flows
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.app.programs.views import FlowView, TierCount
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.store.errors import NotFoundError


def tier(context: Context, member: str, as_of: int | None = None) -> str:
    (standing,) = read_member(context, member, as_of=as_of).programs
    return standing.tier


def moves(context: Context, member: str, *, superseded: bool = False) -> list[tuple[str, str]]:
    page = read_timeline(context, member, superseded=superseded, limit=100)
    return [(move.kind, move.to_tier) for move in page.items]


def sound(context: Context) -> bool:
    return not verify_states(context).differences


class TestReading:
    def test_a_member_is_read_as_of_now_earlier_and_later(self, context: Context, at: At) -> None:
        publish(context)
        ingest_events(context, [earned("m", "2025-02-01", 100), earned("m", "2025-05-01", 500)])
        assert tier(context, "m", at("2025-01-01")) == ""
        assert tier(context, "m", at("2025-03-01")) == "Member"
        assert tier(context, "m") == "Silver"
        assert tier(context, "m", at("2026-05-31")) == "Silver"
        assert tier(context, "m", at("2026-06-01")) == "Member"

    def test_what_is_at_risk_and_what_is_missing_is_said_with_its_date(self, context: Context, at: At) -> None:
        publish(context)
        ingest_events(context, [earned("m", "2025-02-01", 100), earned("m", "2025-05-01", 500)])
        (standing,) = read_member(context, "m").programs
        assert (standing.value, standing.next_tier, standing.missing) == (600 * SCALE, "Gold", 1400 * SCALE)
        assert (standing.since, standing.expires_at) == (at("2025-05-01"), at("2026-05-01"))
        assert standing.risks == (RiskView(at("2026-06-01"), "downgraded", "Member", 500 * SCALE),)
        assert standing.opportunities == (OpportunityView("Gold", 1400 * SCALE, at("2026-02-01")),)

    def test_a_reader_is_never_behind_the_worker(self, context: Context, at: At) -> None:
        publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 500)])
        later = replace(context, now=at("2026-06-02"))
        assert tier(later, "m") == "Member"
        assert moves(later, "m") == [("joined", "Silver"), ("downgraded", "Member")]

    def test_the_timeline_names_causes_and_pages(self, context: Context) -> None:
        program = publish(context, downgrade={"type": "to_qualified"})
        ingest_events(
            context,
            [
                earned("m", "2025-05-01", 500, "e1"),
                reversal("m", "2025-05-02", "e1", "r1"),
                earned("m", "2025-05-03", 600),
            ],
        )
        whole = read_timeline(context, "m", limit=10)
        assert [(move.cause, move.event_id, move.to_tier) for move in whole.items] == [
            ("event", "e1", "Silver"),
            ("event", "r1", "Member"),
            ("event", "", "Silver"),
        ]
        assert whole.items[1].from_tier == "Silver"
        assert {move.program for move in whole.items} == {program}
        first = read_timeline(context, "m", limit=2)
        rest = read_timeline(context, "m", limit=2, after=first.next)
        assert first.items + rest.items == whole.items
        assert rest.next is None

    def test_corrected_moves_stay_readable(self, context: Context) -> None:
        publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 500)])
        ingest_events(context, [earned("m", "2025-04-01", 100)])
        assert moves(context, "m") == [("joined", "Member"), ("upgraded", "Silver")]
        told = read_timeline(context, "m", superseded=True, limit=10).items
        assert [(move.kind, move.correction, move.superseded_at is not None) for move in told] == [
            ("joined", True, False),
            ("joined", False, True),
            ("upgraded", True, False),
        ]

    def test_events_are_listed_in_pages_both_ways(self, context: Context) -> None:
        publish(context)
        batch = [earned("m", f"2025-05-0{day}", day, f"e{day}") for day in (3, 1, 2)]
        ingest_events(context, batch)
        first = list_member_events(context, "m", limit=2)
        rest = list_member_events(context, "m", limit=2, after=first.next)
        assert [view.event.id for view in first.items + rest.items] == ["e1", "e2", "e3"]
        assert rest.next is None
        backwards = list_member_events(context, "m", limit=2, newest_first=True)
        assert [view.event.id for view in backwards.items] == ["e3", "e2"]

    def test_an_explanation_says_why(self, context: Context) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 500, "e1")])
        (told,) = explain_member(context, "m")
        assert told.program == program
        assert "Silver" in told.sentence
        assert json.loads(json.dumps(told.data))

    def test_another_organization_reads_nothing(self, context: Context, stranger: Context) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 500)])
        for read in (
            lambda: read_member(stranger, "m"),
            lambda: read_timeline(stranger, "m", limit=1),
            lambda: list_member_events(stranger, "m", limit=1),
            lambda: explain_member(stranger, "m"),
            lambda: export_member(stranger, "m"),
            lambda: count_tiers(stranger, program),
            lambda: list_members(stranger, program=program, limit=1),
            lambda: read_member(context, "m", program="prg_unknown"),
        ):
            with pytest.raises(NotFoundError):
                read()
        assert list_members(stranger, limit=10).items == ()


class TestLists:
    def test_members_are_found_by_tier_expiry_and_attributes(self, context: Context, at: At) -> None:
        program = publish(context)
        ingest_events(
            context,
            [
                earned("a", "2025-05-01", 500),
                earned("b", "2025-06-01", 500),
                earned("c", "2025-06-01", 1),
                Event("b", EventType.ATTRIBUTE_SET, at("2025-06-01"), attribute="city", value="Paris"),
                Event("c", EventType.ATTRIBUTE_SET, at("2025-06-01"), attribute="city", value="Paris"),
                Event("c", EventType.ATTRIBUTE_SET, at("2025-05-01"), attribute="city", value="Rome"),
            ],
        )

        def names(**wanted: object) -> list[str]:
            return [view.id for view in list_members(context, program=program, limit=10, **wanted).items]  # type: ignore[arg-type]

        assert names() == ["a", "b", "c"]
        assert names(tier="Silver") == ["a", "b"]
        assert names(tier="Member") == ["c"]
        assert names(tier="Silver", expires_before=at("2026-05-02")) == ["a"]
        assert names(attributes={"city": "Paris"}) == ["b", "c"]
        assert names(attributes={"city": "Rome"}) == []
        with pytest.raises(UnknownTierError):
            names(tier="Ruby")
        (view,) = list_members(context, program=program, attributes={"city": "Paris"}, limit=1).items
        assert view.programs == (replace(read_member(context, "b").programs[0], risks=(), opportunities=()),)

    def test_a_list_is_read_page_by_page(self, context: Context) -> None:
        program = publish(context)
        ingest_events(context, [earned(f"m{number}", "2025-05-01", 500) for number in range(5)])
        seen, after = [], None
        while True:
            page = list_members(context, program=program, after=after, limit=2)
            seen += [view.id for view in page.items]
            after = page.next
            if after is None:
                break
        assert seen == [f"m{number}" for number in range(5)]

    def test_tiers_are_counted_and_flows_told_by_local_day(self, context: Context, at: At) -> None:
        program = publish(context, time_zone="America/New_York")
        ingest_events(
            context,
            [earned("a", "2025-05-02T02:00", 500), earned("b", "2025-05-01", 1), earned("b", "2025-05-02T03:00", 500)],
        )
        assert [(count.tier, count.members) for count in count_tiers(context, program)] == [
            ("Member", 0),
            ("Silver", 2),
            ("Gold", 0),
        ]
        flows = daily_flows(context, program, since=at("2025-04-01"), until=at("2025-06-01"))
        assert sorted(flows, key=lambda flow: (flow.day, flow.kind, flow.to_tier)) == [
            FlowView("2025-04-30", "joined", "", "Member", 1),
            FlowView("2025-05-01", "joined", "", "Silver", 1),
            FlowView("2025-05-01", "upgraded", "Member", "Silver", 1),
        ]

    def test_those_without_a_tier_are_counted_where_there_is_no_base_tier(self, context: Context) -> None:
        program = publish(context, SPEND)
        ingest_events(context, [order("a", "2025-05-01", 1)])
        assert count_tiers(context, program)[0] == TierCount("", "", 1)
        assert [view.id for view in list_members(context, program=program, tier="", limit=5).items] == ["a"]


class TestOverrides:
    def test_a_decision_lies_over_the_rules_until_it_is_lifted(self, context: Context) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 500)])
        made = set_override(context, "m", program=program, tier="Gold", reason="a good customer")
        assert (made.tier, made.mode, made.author, made.ended_at) == ("Gold", OverrideMode.FIXED, "key:ann", None)
        (standing,) = read_member(context, "m").programs
        assert (standing.tier, standing.override) == ("Gold", made)

        later = replace(context, now=context.now + 1)
        ended = end_override(later, "m", made.id, "no longer")
        assert ended.ended_at == later.now
        assert tier(later, "m") == "Silver"
        assert list_overrides(later, "m") == (ended,)
        with pytest.raises(WrongStateError):
            end_override(later, "m", made.id)
        assert sound(later)

    def test_a_decision_runs_out_and_a_later_one_takes_its_place(self, context: Context, at: At) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 500)])
        first = set_override(
            context, "m", program=program, tier="Gold", mode=OverrideMode.FLOOR, until=at("2025-08-01")
        )
        later = replace(context, now=at("2025-07-10"))
        second = set_override(later, "m", program=program, tier="Gold", until=at("2025-07-20"))
        afterwards = replace(context, now=at("2025-07-21"))
        assert [(each.id, each.ended_at) for each in list_overrides(afterwards, "m")] == [
            (first.id, later.now),
            (second.id, at("2025-07-20")),
        ]
        assert tier(afterwards, "m") == "Silver"

    def test_a_decision_about_one_program_leaves_the_others_alone(self, context: Context) -> None:
        coffee, spend = publish(context), publish(context, SPEND)
        ingest_events(context, [earned("m", "2025-05-01", 1)])
        set_override(context, "m", program=spend, tier="Gold")
        told = {standing.program: standing.tier for standing in read_member(context, "m").programs}
        assert told == {coffee: "Member", spend: "Gold"}
        assert sound(context)

    def test_what_cannot_be_decided_is_refused(self, context: Context) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 1)])
        with pytest.raises(UnknownTierError):
            set_override(context, "m", program=program, tier="Ruby")
        with pytest.raises(NotFoundError):
            set_override(context, "n", program=program, tier="Gold")
        with pytest.raises(InvalidRequestError):
            set_override(context, "m", program=program, tier="Gold", until=context.now)
        with pytest.raises(RefusedEventError):
            set_override(context, "m", program=program, tier="Gold", reason="x" * 1_001)
        assert list_overrides(context, "m") == ()


class TestEnrolment:
    def test_a_member_is_enrolled_with_attributes(self, context: Context, at: At) -> None:
        publish(context, enrolment="explicit")
        view = enrol_member(context, "m", enrolled_at=at("2025-01-01"), attributes={"city": "Paris"})
        assert (view.enrolled_at, dict(view.attributes)) == (at("2025-01-01"), {"city": "Paris"})
        assert view.programs[0].tier == "Member"
        again = enrol_member(context, "m", attributes={"city": "Rome"})
        assert (again.enrolled_at, dict(again.attributes)) == (at("2025-01-01"), {"city": "Rome"})

    def test_who_is_not_enrolled_when_a_program_begins_to_ask_for_it_has_no_standing(self, context: Context) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 600)])
        publish_program(context, {**COFFEE, "enrolment": "explicit"}, program=program)
        assert list_members(context, program=program, limit=9).items == ()
        assert read_timeline(context, "m", program=program, limit=9).items == ()
        assert sound(context)

        enrol_member(context, "m", enrolled_at=context.now)
        assert [view.id for view in list_members(context, program=program, limit=9).items] == ["m"]
        assert len(read_timeline(context, "m", program=program, limit=9).items) == 1
        assert sound(context)

    def test_an_enrolment_the_ledger_does_not_take_leaves_nothing(self, context: Context) -> None:
        publish(context)
        with pytest.raises(RefusedEventError):
            enrol_member(context, "m", attributes={"city": "x" * 300})
        with pytest.raises(NotFoundError):
            read_member(context, "m")


class TestMerging:
    def test_two_members_become_one_and_two_again(self, context: Context) -> None:
        publish(context)
        ingest_events(
            context,
            [earned("a", "2025-05-01", 300, "a1"), earned("b", "2025-05-02", 300, "b1"), earned("c", "2025-05-02", 9)],
        )
        alone = read_member(context, "a"), read_member(context, "b")
        merged = merge_members(context, "b", "a")
        assert merged.programs[0].tier == "Silver"
        assert read_member(context, "b").merged_into == "a"
        assert read_member(context, "b").programs == merged.programs
        assert [view.event.id for view in list_member_events(context, "a", limit=9).items] == ["a1", "b1"]
        assert sound(context)

        ingest_events(context, [earned("b", "2025-05-03", 1500, "b2")])
        assert tier(context, "a") == "Gold"
        assert sound(context)

        back = unmerge_member(context, "b")
        assert back.programs[0].value == 1800 * SCALE
        assert read_member(context, "a") == alone[0]
        assert sound(context)

    def test_who_is_merged_is_nobody_to_decide_about(self, context: Context) -> None:
        program = publish(context)
        ingest_events(context, [earned(name, "2025-05-01", 300) for name in "abc"])
        merge_members(context, "b", "a")
        with pytest.raises(MemberMergedError):
            set_override(context, "b", program=program, tier="Gold")
        with pytest.raises(MemberMergedError):
            merge_members(context, "c", "b")
        with pytest.raises(MemberMergedError):
            merge_members(context, "b", "c")
        with pytest.raises(WrongStateError):
            merge_members(context, "a", "c")
        with pytest.raises(WrongStateError):
            unmerge_member(context, "a")
        with pytest.raises(InvalidRequestError):
            merge_members(context, "a", "a")

    def test_a_reversal_reaches_over_a_merge(self, context: Context) -> None:
        publish(context, downgrade={"type": "to_qualified"})
        ingest_events(context, [earned("a", "2025-05-01", 600, "a1"), earned("b", "2025-05-02", 1)])
        merge_members(context, "b", "a")
        (outcome,) = ingest_events(context, [reversal("b", "2025-05-03", "a1")])
        assert outcome.result == "accepted"
        assert tier(context, "a") == "Member"
        assert sound(context)


class TestErasure:
    def test_an_erased_person_cannot_be_found_and_the_totals_stay(self, context: Context) -> None:
        program = publish(context)
        ingest_events(
            context,
            [
                earned("anna@example.org", "2025-05-01", 600, "anna-1", reason="birthday of Anna"),
                Event("anna@example.org", EventType.ATTRIBUTE_SET, context.now, attribute="name", value="Anna"),
                earned("annas-card", "2025-05-02", 1),
            ],
        )
        merge_members(context, "annas-card", "anna@example.org")
        counts = count_tiers(context, program)
        proof = erase_member(context, "anna@example.org")
        assert proof.events_kept == 3
        assert count_tiers(context, program) == counts
        for name in ("anna@example.org", "annas-card"):
            with pytest.raises(NotFoundError):
                read_member(context, name)
        (left,) = [view for view in list_members(context, limit=9).items if view.merged_into is None]
        assert left.erased_at == context.now
        assert "anna" not in json.dumps(export_member(context, left.id)).lower()
        trail = list_audit(context, limit=100).items
        assert (str(trail[-1].number), trail[-1].hash, trail[-1].action) == (
            proof.receipt,
            proof.proof,
            "member.erased",
        )
        assert "anna" not in repr(trail)
        assert verify_audit(context).intact
        assert sound(context)
        with pytest.raises(MemberErasedError):
            erase_member(context, left.id)
        (fresh,) = ingest_events(context, [earned("anna@example.org", "2025-06-01", 1, "anna-1")])
        assert fresh.result == "accepted"

    def test_a_person_gets_everything_that_is_kept(self, context: Context) -> None:
        program = publish(context)
        ingest_events(context, [earned("m", "2025-05-01", 600.5, "e1", reason="welcome")])
        set_override(context, "m", program=program, tier="Gold", reason="kind")
        told = export_member(context, "m")
        assert json.loads(json.dumps(told)) == told
        assert told["events"][0] == {
            "member": "m",
            "type": "points.earned",
            "occurred_at": "2025-05-01T00:00:00+00:00",
            "recorded_at": "2025-07-01T00:00:00+00:00",
            "id": "e1",
            "points": "600.5",
            "reason": "welcome",
        }
        assert [move["to_tier"] for move in told["timeline"]] == ["Silver", "Gold"]
        assert told["overrides"][0]["reason"] == "kind"
        assert told["member"]["programs"][0]["value"] == "600.5"
        assert COFFEE["name"] == told["member"]["programs"][0]["program_name"]
