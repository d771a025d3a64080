"""An explanation says what the rules did, and what it promises comes true when evaluated on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies.histories import evaluations
from ziggurat.engine.explain import NothingHappenedError, explain
from ziggurat.engine.explanation import Explanation
from ziggurat.engine.outlook import GRACE
from ziggurat.engine.reference import evaluate
from ziggurat.program.calendar import calendar
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import Program, Revision, Status
from ziggurat.program.read import load_program_text
from ziggurat.program.reversals import UnacceptableReversalError

CLUB = """
name: Coffee Club
time_zone: Europe/Paris
qualification: {measure: points_earned, window: {rolling: {months: 12}}}
expiration:    {type: fixed_duration, period: {months: 12}, round_up: day}
downgrade:     {type: single_level, grace_period: {months: 1, round_up: true}}
base_tier: Member
tiers:
  - {name: Silver,   from: 500}
  - {name: Gold,     from: 2000}
  - {name: Platinum, from: 10000, downgrade: {type: never}}
"""
OTHERS = [
    CLUB,
    """
name: Held for nothing
qualification: {measure: points_earned, window: {rolling: {days: 10}}, max_steps: 1}
tiers: [{name: One, from: 10}, {name: Two, from: 20, below: 50}, {name: Three, from: 60}]
""",
    """
name: Year by year
time_zone: America/Juneau
qualification: {measure: spend, window: {calendar: year}, applies: next_period}
expiration: {type: calendar, every: year, occurrence: 2}
base_tier: Base
tiers: [{name: One, from: 10}, {name: Two, requires: {all: [{measure: orders, from: 2}, {measure: spend, from: 30}]}}]
""",
    """
name: Average
currency: EUR
qualification: {measure: average_order_value, window: since_tier_entry}
expiration: {type: sliding, period: {days: 20}, activities: [earning, visit]}
renewal: {type: always}
base_tier: Base
tiers: [{name: One, from: 10}, {name: Two, from: 33.3333}]
""",
]
PARIS = calendar("Europe/Paris")
DAY_US = 86_400_000_000


def program(text: str = CLUB) -> Program:
    return load_program_text(text)


def earned(at: str, points: int, name: str) -> Event:
    return Event("ada", EventType.POINTS_EARNED, PARIS.parse(at), points=points * 10_000, id=name)


HISTORY = [
    earned("2024-03-01T10:00", 600, "e1"),
    earned("2024-05-01", 1500, "e2"),
    earned("2024-12-24T12:30", 300, "e3"),
    earned("2025-04-03", 900, "e4"),
]


def explained(as_of: str, *more: Event) -> Explanation:
    return explain([Revision(program())], [*HISTORY, *more], PARIS.parse(as_of))


def test_a_held_tier_is_told_with_its_rule_its_points_its_gap_and_its_future() -> None:
    assert (
        "\n".join(explained("2025-04-05").sentences)
        == """\
ada is Gold since 1 May 2024, held to the end of 30 April 2025.
On 1 May 2024, after the event e2, ada rose from Silver to Gold with 2,100 points earned (Gold starts at 2,000): \
qualifies for a higher tier.
Gold asks for 2,000 or more of points earned in the last 12 months; is held for 12 months, to the end of the day; is \
kept by qualifying again; falls one tier after 1 month of grace, to the end of the month.
Now 2,700 points earned in the last 12 months, from 3 events; next to leave: 1,500 points of e2 on 1 May 2025.
Platinum, the next tier, starts at 10,000 points earned: 7,300 points short.
With 7,300 points more before 1 May 2025, ada becomes Platinum at once, held to the end of 4 April 2026.
If nothing more happens: on 1 May 2025 the grace period of Gold begins (to the end of 31 May 2025), then on \
1 June 2025 down to Silver (to the end of 31 May 2026).
To stay Gold: 800 points more before 1 June 2025."""
    )


def test_counted_events_say_what_they_add_and_when_they_leave() -> None:
    reversal = Event("ada", EventType.REVERSAL, PARIS.parse("2025-04-04"), reverses="e4", points=1_000_000, id="r")
    counted = explained("2025-04-05", reversal).as_dict()["value"]["counted"]
    assert [(each["id"], each["adds"], each["leaves_at"]) for each in counted] == [
        ("e2", "1500", "2025-05-01T00:00:00+02:00"),
        ("e3", "300", "2025-12-24T12:30:00+01:00"),
        ("e4", "800", "2026-04-03T00:00:00+02:00"),
    ]


def test_the_journal_holds_what_changed_something_and_nothing_else() -> None:
    journal = explained("2026-08-01").journal
    assert [(PARIS.format(step.at)[:10], step.kind, step.to_tier) for step in journal] == [
        ("2024-03-01", "joined", "Silver"),
        ("2024-05-01", "upgraded", "Gold"),
        ("2025-05-01", GRACE, "Gold"),
        ("2025-06-01", "downgraded", "Silver"),
        ("2026-06-01", GRACE, "Silver"),
        ("2026-07-01", "downgraded", "Member"),
    ]


def test_a_fall_called_off_in_its_grace_period_is_told_as_a_renewal() -> None:
    told = explained("2025-06-10", earned("2025-05-20", 800, "e5"))
    assert told.held_by is not None
    assert told.held_by.kind == "renewed"
    assert told.held_by.reason == "keeps the tier within the grace period"
    assert told.state.tier == "Gold"


def test_a_persons_decision_is_told_with_its_reason_and_what_the_rules_say() -> None:
    override = Event(
        "ada",
        EventType.TIER_OVERRIDE,
        PARIS.parse("2025-04-04"),
        tier="Platinum",
        mode=OverrideMode.FLOOR,
        until=PARIS.parse("2025-05-01"),
        reason="a guest of the house",
    )
    told = explained("2025-04-05", override)
    assert told.sentences[0] == "ada is Platinum since 4 April 2025, held to the end of 30 April 2025."
    assert told.sentences[1] == (
        "A person decided on 4 April 2025 to keep ada at or above Platinum to the end of 30 April 2025: a guest of the "
        "house. By the rules it would be Gold."
    )
    assert told.journal[-1].reason == "a person decided so"


def test_a_paused_program_is_told_to_be_paused() -> None:
    revisions = [Revision(program()), Revision(program(), PARIS.parse("2025-04-04"), Status.PAUSED)]
    told = explain(revisions, HISTORY, PARIS.parse("2025-04-05"))
    assert told.sentences[1].startswith("The program is paused")
    assert told.gap is not None


def test_the_next_tiers_own_conditions_are_read() -> None:
    text = CLUB.replace(
        "{name: Gold,     from: 2000}", "{name: Gold, from: 2000, requires: {measure: orders, from: 3}}"
    )
    told = explain([Revision(program(text))], HISTORY, PARIS.parse("2025-04-05"))
    assert told.state.tier == "Silver"
    assert told.gap is not None
    assert [(check.value, check.holds) for check in told.gap.conditions] == [(0, False)]
    assert told.opportunity is None
    assert "Gold also looks at 0 orders, wanted 3 or more: does not hold." in told.sentences


def test_what_was_not_looked_into_is_not_promised() -> None:
    text = CLUB.replace("type: fixed_duration, period: {months: 12}, round_up: day", "type: never")
    text = text.replace("rolling: {months: 12}", "calendar: hour")
    told = explain([Revision(program(text))], HISTORY, PARIS.parse("2025-04-05"))
    assert told.outlook == ()
    assert told.sentences[-1] == "If nothing more happens, ada stays Silver until 30 October 2025 at 08:00 at least."


def test_somebody_unknown_is_refused() -> None:
    with pytest.raises(NothingHappenedError, match=r"member 'bob' has no events up to 2025-04-05T00:00:00\+02:00"):
        explain([Revision(program())], [], PARIS.parse("2025-04-05"), "bob")


# --- what is promised comes true

START = PARIS.parse("2025-01-30")
events = st.lists(
    st.builds(
        lambda kind, day, units: Event(
            "m",
            kind,
            START + day * DAY_US // 4,
            points=units * 10_000 if kind is not EventType.ORDER_PLACED else None,
            amount=units * 10_000 if kind is EventType.ORDER_PLACED else None,
            activity="visit" if kind is EventType.ACTIVITY else "",
        ),
        st.sampled_from([EventType.POINTS_EARNED, EventType.POINTS_SPENT, EventType.ORDER_PLACED, EventType.ACTIVITY]),
        st.integers(0, 2000),
        st.sampled_from([0, 1, 7, 15, 40, 600, 2500]),
    ),
    min_size=1,
    max_size=12,
)


@given(st.sampled_from(OTHERS), events, st.integers(0, 800))
def test_what_is_explained_agrees_with_what_is_evaluated(text: str, history: list[Event], day: int) -> None:
    revisions = [Revision(program(text))]
    as_of = min(event.occurred_at for event in history) + day * DAY_US
    happened = [event for event in history if event.occurred_at <= as_of]
    told = explain(revisions, history, as_of)
    answer = evaluate(revisions, history, as_of)

    json.dumps(told.as_dict())
    assert told.state == answer.state
    assert [s.at for s in told.journal if not s.kind.startswith("grace")] == [move.at for move in answer.transitions]
    if "average" not in text:
        assert sum(each.adds for each in told.reading.counted) == told.reading.value

    promised = [(each.at, each.kind, each.to_tier, each.expires_at) for each in told.outlook if each.kind != GRACE]
    if promised:
        later = evaluate(revisions, happened, promised[-1][0]).transitions[len(answer.transitions) :]
        assert [(move.at, move.kind, move.to_tier, move.expires_at) for move in later] == promised


@given(evaluations(most=6))
def test_every_kind_of_program_can_be_explained(made: tuple[tuple[Revision, ...], list[Event], int]) -> None:
    revisions, history, as_of = made
    try:
        answer = evaluate(revisions, history, as_of)
    except UnacceptableReversalError:
        assume(False)
        raise
    assume(answer.state is not None)
    told = explain(revisions, history, as_of)
    json.dumps(told.as_dict())
    assert told.state == answer.state
    assert all(sentence.endswith((".", ":")) for sentence in told.sentences)
    assert [s.at for s in told.journal if not s.kind.startswith("grace")] == [move.at for move in answer.transitions]
    happened = [event for event in history if event.occurred_at <= as_of]
    promised = [(each.at, each.kind, each.to_tier) for each in told.outlook if each.kind != GRACE]
    if promised:
        later = evaluate(revisions, happened, promised[-1][0]).transitions[len(answer.transitions) :]
        assert [(move.at, move.kind, move.to_tier) for move in later] == promised


@given(events, st.integers(0, 800))
def test_the_missing_amounts_are_enough_and_the_smallest_that_are(history: list[Event], day: int) -> None:
    revisions = [Revision(program())]
    as_of = min(event.occurred_at for event in history) + day * DAY_US
    happened = [event for event in history if event.occurred_at <= as_of]
    told = explain(revisions, happened, as_of)

    def tier_with(units: int, given: int, at: int) -> str:
        gift = replace(
            happened[0], type=EventType.POINTS_EARNED, occurred_at=given, points=units, amount=None, activity=""
        )
        state = evaluate(revisions, [*happened, gift], at).state
        assert state is not None
        return state.tier

    if chance := told.opportunity:
        assert tier_with(chance.missing, as_of, chance.at) == chance.tier
        assert tier_with(chance.missing - 1, as_of, chance.at) != chance.tier
    if (risk := told.risk) and risk.missing and risk.start is not None:
        places = [tier.name for tier in program().ladder]
        assert places.index(tier_with(risk.missing, risk.start, risk.at)) >= places.index(risk.from_tier)
        if tier_with(risk.missing - 1, risk.start, risk.start) == risk.from_tier:  # or else so much more lifts
            assert tier_with(risk.missing - 1, risk.start, risk.at) == risk.to_tier
