"""Events on their way in: what is accepted, what is answered, what follows."""

from dataclasses import replace

import pytest

from tests.app.conftest import At
from tests.app.programs import SPEND, earned, order, publish, reversal
from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.errors import BatchTooLargeError
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.events.views import AwardShare, IngestMove
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import Event, EventType
from ziggurat.store.repositories import events as ledger
from ziggurat.store.repositories import members, states, transitions
from ziggurat.store.repositories.transitions import TransitionRow


def results(context: Context, *events: Event) -> list[str]:
    return [outcome.result for outcome in ingest_events(context, events)]


def told(context: Context, member: str, *, superseded: bool = False) -> list[TransitionRow]:
    with context.database.reading() as connection:
        found = members.get(connection, context.scope, member)
        assert found is not None
        (state,) = states.of_member(connection, context.scope, found.id)
        return transitions.of_member(connection, context.scope, found.id, state.program_id, superseded=superseded)


def count(context: Context) -> int:
    with context.database.reading() as connection:
        return ledger.count(connection, context.scope)


def test_an_event_says_the_tier_before_and_after_it(context: Context) -> None:
    program = publish(context)
    first, second, third = ingest_events(
        context,
        [earned("m", "2025-06-01", 100), earned("m", "2025-06-02", 450), earned("n", "2025-06-03", 2500)],
    )
    assert first.programs == (IngestMove(program, "", "Member", (AwardShare("Member", 100 * SCALE, None),)),)
    assert second.programs == (IngestMove(program, "Member", "Silver", (AwardShare("Member", 450 * SCALE, None),)),)
    assert third.programs == (IngestMove(program, "", "Gold", (AwardShare("Member", 2500 * SCALE, None),)),)
    (later,) = ingest_events(context, [earned("m", "2025-06-04", 1)])
    assert later.programs == (IngestMove(program, "Silver", "Silver"),)


def test_a_bill_that_crosses_a_threshold_is_split_at_it(context: Context) -> None:
    program = publish(context, SPEND)
    ingest_events(context, [order("m", "2025-06-01", 14_000)])
    (outcome,) = ingest_events(context, [order("m", "2025-06-02", 2_000)])
    shares = (AwardShare("", None, 1_000 * SCALE), AwardShare("Silver", None, 1_000 * SCALE))
    assert outcome.programs == (IngestMove(program, "", "Silver", shares),)


def test_every_program_of_the_organization_answers(context: Context, stranger: Context) -> None:
    coffee, spend = publish(context), publish(context, SPEND)
    publish(stranger)
    (outcome,) = ingest_events(context, [order("m", "2025-06-01", 15_000, points=600 * SCALE)])
    assert [(move.program, move.tier_after) for move in outcome.programs] == [(coffee, "Silver"), (spend, "Silver")]


def test_the_same_event_again_is_a_duplicate_and_other_content_a_conflict(context: Context, stranger: Context) -> None:
    publish(context)
    event = earned("m", "2025-06-01", 100, "e1")
    other = earned("m", "2025-06-01", 101, "e1")
    assert results(context, event, event, other) == ["accepted", "duplicate", "conflict"]
    assert results(context, other, event, earned("m", "2025-06-02", 1)) == ["conflict", "duplicate", "accepted"]
    assert count(context) == 2
    assert results(stranger, other) == ["accepted"]


def test_events_without_id_are_never_duplicates(context: Context) -> None:
    publish(context)
    assert results(context, *[earned("m", "2025-06-01", 100)] * 3) == ["accepted"] * 3
    assert count(context) == 3


def test_one_bad_event_does_not_keep_the_others_out(context: Context) -> None:
    publish(context)
    bad = [
        replace(earned("m", "2025-06-01", 1), points=None),
        earned("m", "2025-06-01", -1),
        earned("", "2025-06-01", 1),
        earned("m\x00", "2025-06-01", 1),
        earned("m" * 201, "2025-06-01", 1),
        earned("m", "2025-06-01", 1, "i" * 201),
        replace(earned("m", "2025-06-01", 1), occurred_at=-1),
        earned("m", "2025-06-01", 2 * limits.AMOUNT_MAX),
        Event("m", EventType.TIER_OVERRIDE, 0, tier="Gold"),
        Event("m", EventType.ACTIVITY, 0),
    ]
    outcomes = ingest_events(context, [*bad, earned("m", "2025-06-01", 1)])
    assert [outcome.result for outcome in outcomes] == ["refused"] * len(bad) + ["accepted"]
    assert {outcome.code for outcome in outcomes[:-1]} == {"invalid_event"}
    assert all(outcome.reason for outcome in outcomes[:-1])
    assert count(context) == 1


def test_more_events_than_a_request_may_bring_are_refused_together(context: Context) -> None:
    with pytest.raises(BatchTooLargeError):
        ingest_events(context, [earned("m", "2025-06-01", 1)] * (limits.EVENTS_PER_REQUEST_MAX + 1))
    assert count(context) == 0


def test_a_late_event_corrects_what_was_told_and_keeps_it(context: Context, at: At) -> None:
    publish(context)
    ingest_events(context, [earned("m", "2025-03-01", 400), earned("m", "2025-05-01", 200)])
    before = told(context, "m")
    assert [(row.kind, row.at) for row in before] == [("joined", at("2025-03-01")), ("upgraded", at("2025-05-01"))]

    later = replace(context, now=context.now + 1)
    ingest_events(later, [earned("m", "2025-04-01", 150)])
    after = told(context, "m")
    assert [(row.kind, row.at, row.correction) for row in after] == [
        ("joined", at("2025-03-01"), False),
        ("upgraded", at("2025-04-01"), True),
    ]
    gone = [row for row in told(context, "m", superseded=True) if row.superseded_at is not None]
    assert [(row.at, row.superseded_at) for row in gone] == [(at("2025-05-01"), later.now)]


def test_events_older_than_the_cut_off_are_refused_unless_known_or_imported(context: Context) -> None:
    publish(context, late_events={"cut_off": {"days": 90}})
    old, older = earned("m", "2025-04-02T00:00:00.000000", 1, "old"), earned("m", "2025-04-01", 1, "older")
    assert results(context, old) == ["accepted"]
    (refused,) = ingest_events(context, [older])
    assert (refused.result, refused.code) == ("refused", "too_late")
    assert ingest_events(context, [older], enforce_cut_off=False)[0].result == "accepted"
    assert results(context, older) == ["duplicate"]


def test_where_members_are_enrolled_nobody_else_is_made(context: Context) -> None:
    publish(context, enrolment="explicit")
    enrolled = Event("m", EventType.MEMBER_ENROLLED, context.now)
    outcomes = ingest_events(context, [earned("m", "2025-06-01", 1), enrolled, earned("n", "2025-06-01", 1)])
    assert [(outcome.result, outcome.code) for outcome in outcomes] == [
        ("accepted", ""),
        ("accepted", ""),
        ("refused", "unknown_member"),
    ]
    assert results(context, earned("m", "2025-06-02", 1)) == ["accepted"]


@pytest.mark.parametrize("beside", [[], [earned("known", "2025-06-02", 5)]], ids=["alone", "beside others"])
def test_who_is_only_in_refused_events_is_nobody(context: Context, beside: list[Event]) -> None:
    publish(context)
    assert results(context, earned("known", "2025-06-01", 100, "e1")) == ["accepted"]
    nobodies = [
        reversal("reverses nothing", "2025-06-02", "e0"),
        reversal("reverses another's", "2025-06-02", "e1"),
        earned("says an id again", "2025-06-01", 100, "e1"),
    ]
    assert results(context, *nobodies, *beside) == ["refused", "refused", "conflict", *["accepted" for _ in beside]]
    with context.database.reading() as connection:
        assert [member.external_id for member in members.page(connection, context.scope, limit=9)] == ["known"]
    assert verify_states(context).differences == ()


def test_an_event_of_the_future_counts_when_its_time_has_come(context: Context, at: At) -> None:
    publish(context)
    (outcome,) = ingest_events(context, [earned("m", "2025-08-01", 600)])
    assert outcome.programs[0].tier_after == ""
    assert told(context, "m") == []
    (now,) = ingest_events(replace(context, now=at("2025-08-02")), [earned("m", "2025-08-02", 1)])
    assert now.programs[0].tier_before == "Silver"


class TestReversals:
    def test_a_reversal_may_stand_before_what_it_reverses(self, context: Context) -> None:
        publish(context, downgrade={"type": "to_qualified"})
        batch = [reversal("m", "2025-06-02", "e1"), earned("m", "2025-06-01", 600, "e1")]
        assert results(context, *batch) == ["accepted", "accepted"]
        assert [row.to_key for row in told(context, "m")] == ["Silver", "Member"]

    def test_a_reversal_undoes_no_more_than_there_is(self, context: Context) -> None:
        publish(context)
        ingest_events(context, [earned("m", "2025-06-01", 600, "e1"), earned("n", "2025-06-01", 600, "e2")])
        outcomes = ingest_events(
            context,
            [
                reversal("m", "2025-06-03", "e1", points=400),
                reversal("m", "2025-06-04", "e1", points=201),
                reversal("m", "2025-06-04", "e1", points=200),
                reversal("m", "2025-06-05", "e1"),
                reversal("m", "2025-06-03", "e9"),
                reversal("m", "2025-06-03", "e2"),
                reversal("n", "2025-05-03", "e2"),
            ],
        )
        assert [outcome.code for outcome in outcomes] == [
            "",
            "unacceptable_reversal",
            "",
            "unacceptable_reversal",
            "unknown_event",
            "unacceptable_reversal",
            "unacceptable_reversal",
        ]

    def test_a_late_reversal_leaves_enough_for_those_after_it(self, context: Context) -> None:
        publish(context)
        ingest_events(context, [earned("m", "2025-06-01", 600, "e1"), reversal("m", "2025-06-10", "e1", points=400)])
        late = [reversal("m", "2025-06-05", "e1", points=points) for points in (201, 200)]
        assert results(context, *late) == ["refused", "accepted"]

    def test_a_reversal_sent_again_is_a_duplicate(self, context: Context) -> None:
        publish(context)
        whole = reversal("m", "2025-06-02", "e1", "r1")
        assert results(context, earned("m", "2025-06-01", 600, "e1"), whole, whole)[1:] == ["accepted", "duplicate"]
        assert results(context, whole) == ["duplicate"]
        assert results(context, reversal("m", "2025-06-03", "e1", "r1")) == ["conflict"]

    def test_events_of_one_instant_count_in_the_order_they_are_sent(self, context: Context) -> None:
        publish(context, expiration={"type": "immediate"}, downgrade={"type": "to_qualified"})
        same = "2025-06-01"
        ingest_events(context, [earned("m", same, 600, "e1"), reversal("m", same, "e1"), earned("m", same, 700, "e2")])
        assert [row.to_key for row in told(context, "m")] == ["Silver", "Member", "Silver"]
