"""What holds of the definition for every program and history, whatever the rules say in detail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.strategies.histories import DAY_US, evaluations
from ziggurat.engine.journal import Decision
from ziggurat.engine.outlook import fork, look_ahead
from ziggurat.engine.reference import evaluate, follow
from ziggurat.engine.reference.showing import timeline
from ziggurat.engine.running_tally import RunningTally
from ziggurat.engine.timeline import Kind, State, Timeline, Transition
from ziggurat.program.calendar import CalendarUnit, Period, Unit
from ziggurat.program.events import Event, EventType
from ziggurat.program.model import (
    CalendarWindow,
    Check,
    CycleWindow,
    Expiration,
    ExpirationType,
    Measure,
    MeasureKind,
    Program,
    Revision,
    Rolling,
    Tier,
)

Evaluation: TypeAlias = tuple[tuple[Revision, ...], list[Event], int]

many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@many
@given(evaluations(), st.integers(0, 1_000))
def test_the_past_does_not_change_as_time_goes_on(world: Evaluation, part: int) -> None:
    revisions, events, as_of = world
    first = min((event.occurred_at for event in events), default=as_of)
    earlier = first + (as_of - first) * part // 1_000
    later, sooner = evaluate(revisions, events, max(as_of, earlier)), evaluate(revisions, events, earlier)

    assert sooner.transitions == tuple(move for move in later.transitions if move.at <= earlier)


@many
@given(evaluations(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_matters_only_within_an_instant(world: Evaluation, random: Any) -> None:
    revisions, events, as_of = world
    instants: dict[int, list[Event]] = {}
    for event in events:
        instants.setdefault(event.occurred_at, []).append(event)
    groups = list(instants.values())
    random.shuffle(groups)

    assert evaluate(revisions, [event for group in groups for event in group], as_of) == evaluate(
        revisions, events, as_of
    )


@many
@given(evaluations())
def test_what_happens_later_has_not_happened(world: Evaluation) -> None:
    revisions, events, as_of = world
    known = [event for event in events if event.occurred_at <= as_of]

    assert evaluate(revisions, events, as_of) == evaluate(revisions, known, as_of)


@many
@given(evaluations())
def test_nothing_changes_before_the_next_decision(world: Evaluation) -> None:
    revisions, events, as_of = world
    known = [event for event in events if event.occurred_at <= as_of]
    now = evaluate(revisions, known, as_of)
    if now.state is None:
        return
    until = now.state.next_decision_at
    assert until is None or until > as_of
    eve = as_of + 1_000 * DAY_US if until is None else until - 1

    then = evaluate(revisions, known, eve)

    assert then.transitions == now.transitions
    assert then.state is not None
    # Where nobody moves, a program's windows go on: the value may change without a decision.
    assert replace(then.state, value=0, missing=None) == replace(now.state, value=0, missing=None)


@many
@given(evaluations())
def test_a_revision_to_come_changes_only_what_comes_next(world: Evaluation) -> None:
    revisions, events, as_of = world
    if any(revision.effective_from is not None and revision.effective_from > as_of for revision in revisions):
        return
    to_come = Revision(replace(revisions[0].program, tiers=(Tier("Other", start=Decimal(1)),)), as_of + DAY_US)
    now, announced = evaluate(revisions, events, as_of), evaluate((*revisions, to_come), events, as_of)

    assert announced.transitions == now.transitions
    if now.state is None or announced.state is None:
        assert announced.state is now.state
    else:
        assert replace(announced.state, next_decision_at=None) == replace(now.state, next_decision_at=None)
        coming = now.state.next_decision_at
        assert announced.state.next_decision_at == min(as_of + DAY_US, coming or as_of + DAY_US)


@many
@given(evaluations())
def test_transitions_are_a_chain_that_the_state_ends(world: Evaluation) -> None:
    revisions, events, as_of = world
    # A tier renamed by its id is the same tier, and no move tells of its new name.
    revisions = tuple(replace(revision, program=_mapped(revision.program, _unnamed)) for revision in revisions)
    timeline = evaluate(revisions, events, as_of)

    where = ""
    for before, move in zip((None, *timeline.transitions), timeline.transitions, strict=False):
        assert move.from_tier == where
        assert (move.kind is Kind.JOINED) == (not move.from_tier)
        assert (move.kind is Kind.LEFT) == (not move.to_tier)
        assert (move.kind is Kind.RENEWED) == (move.from_tier == move.to_tier)
        assert before is None or before.at <= move.at
        where = move.to_tier
    assert (timeline.state is None) == all(event.occurred_at > as_of for event in events)
    if timeline.state:
        moved = [move.at for move in timeline.transitions if move.kind is not Kind.RENEWED]
        assert timeline.state.tier == where
        assert timeline.state.since == (moved[-1] if moved else min(event.occurred_at for event in events))


@many
@given(evaluations())
def test_one_decision_makes_at_most_one_move_and_time_decides_once_an_instant(world: Evaluation) -> None:
    revisions, events, as_of = world
    journal: list[Decision] = []
    timeline = evaluate(revisions, events, as_of, journal)

    by_event = [decision.event for decision in journal if decision.event is not None]
    by_time = [decision.at for decision in journal if decision.event is None]
    assert len(set(by_event)) == len(by_event)
    assert len(set(by_time)) == len(by_time)
    moved = [(move.at, move.event) for move in timeline.transitions]
    assert len(set(moved)) == len(moved)
    assert [decision.at for decision in journal] == sorted(decision.at for decision in journal)


@many
@given(evaluations())
def test_a_tier_above_everybody_changes_nobody(world: Evaluation) -> None:
    revisions, events, as_of = world
    heaven = Tier("Heaven", start=Decimal(10**13))
    taller = [
        replace(revision, program=replace(revision.program, tiers=(*revision.program.tiers, heaven)))
        for revision in revisions
    ]
    now, then = evaluate(revisions, events, as_of), evaluate(taller, events, as_of)

    assert then.transitions == now.transitions
    if now.state and then.state:
        assert _without(then.state, "next_tier", "missing") == _without(now.state, "next_tier", "missing")


@many
@given(evaluations(), st.sampled_from([2, 3, 10]))
def test_the_unit_of_amounts_does_not_matter(world: Evaluation, factor: int) -> None:
    revisions, events, as_of = world
    amounts = {MeasureKind.POINTS_BALANCE, MeasureKind.POINTS_EARNED, MeasureKind.POINTS_LIFETIME}

    def to_amounts(value: Any) -> Any:
        if isinstance(value, Measure) and value.kind not in amounts:
            return Measure(MeasureKind.SPEND)
        return value

    def scaled(value: Any) -> Any:
        return value * factor if isinstance(value, Decimal) else value

    small = [replace(revision, program=_mapped(revision.program, to_amounts)) for revision in revisions]
    large = [replace(revision, program=_mapped(revision.program, scaled)) for revision in small]
    # Parts are rounded down, which depends on the unit: undo wholes.
    whole = [
        replace(event, points=None, amount=None, quantity=None) if event.type is EventType.REVERSAL else event
        for event in _first_reversals(events)
    ]
    more = [replace(event, points=_times(event.points, factor), amount=_times(event.amount, factor)) for event in whole]

    now, then = evaluate(small, whole, as_of), evaluate(large, more, as_of)

    assert [replace(move, value=move.value * factor) for move in now.transitions] == list(then.transitions)
    if now.state and then.state:
        assert then.state.value == now.state.value * factor
        assert _without(then.state, "value", "missing") == _without(now.state, "value", "missing")


@many
@given(evaluations(), st.integers(-2_000, 2_000))
def test_a_program_without_a_calendar_does_not_know_the_date(world: Evaluation, days: int) -> None:
    revisions, events, as_of = world
    by = days * DAY_US
    plain = [replace(revision, program=_without_calendar(revision.program)) for revision in revisions]
    moved = [
        replace(revision, effective_from=_plus(revision.effective_from, by), program=_shifted(revision.program, days))
        for revision in plain
    ]
    later = [replace(event, occurred_at=event.occurred_at + by, until=_plus(event.until, by)) for event in events]

    now, then = evaluate(plain, events, as_of), evaluate(moved, later, as_of + by)

    assert _moved_by(now, by) == then


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """`value` with every part changed, from the inside out."""
    if isinstance(value, tuple):
        value = tuple(_mapped(each, change) for each in value)
    elif is_dataclass(value) and not isinstance(value, type):
        parts = {each.name: _mapped(getattr(value, each.name), change) for each in fields(value)}
        value = replace(value, **parts)
    return change(value)


def _unnamed(value: Any) -> Any:
    return replace(value, id="") if isinstance(value, Tier) else value


def _without_calendar(program: Program) -> Program:
    """`program` in UTC, on periods of days and hours only."""

    def plain(value: Any) -> Any:
        match value:
            case Period(count, Unit.MONTHS | Unit.YEARS):
                return Period(count * 5, Unit.DAYS)
            case CalendarWindow():
                return Rolling(Period(3, Unit.DAYS))
            case Expiration(type=ExpirationType.CALENDAR | ExpirationType.ATTRIBUTE):
                return Expiration(ExpirationType.FIXED_DURATION, Period(4, Unit.DAYS))
            case Expiration():
                return replace(value, round_up=None, check=Check.AT_INSTANT)
            case CalendarUnit():
                return None
        return value

    def graceful(value: Any) -> Any:
        return replace(value, round_up=False) if hasattr(value, "rounding") else value

    return replace(_mapped(_mapped(program, graceful), plain), time_zone="UTC")  # type: ignore[no-any-return]


def _shifted(program: Program, days: int) -> Program:
    """`program` with the anchors of its cycles moved."""

    def moved(value: Any) -> Any:
        return replace(value, anchor=value.anchor.add(days=days)) if isinstance(value, CycleWindow) else value

    return _mapped(program, moved)  # type: ignore[no-any-return]


def _first_reversals(events: list[Event]) -> list[Event]:
    """`events` with the second and later reversal of one event left out."""
    reversed_ids: set[str] = set()
    kept = []
    for event in sorted(events, key=lambda event: event.occurred_at):
        if event.type is EventType.REVERSAL:
            if event.reverses in reversed_ids:
                continue
            reversed_ids.add(event.reverses)
        kept.append(event)
    return kept


def _moved_by(timeline: Timeline, by: int) -> Timeline:
    def moved(value: Transition | State) -> Any:
        instants = ("at", "since", "expires_at", "grace_until", "next_decision_at")
        said = {name: _plus(getattr(value, name), by) for name in instants if hasattr(value, name)}
        return replace(value, **said)  # type: ignore[arg-type]

    return Timeline(tuple(moved(move) for move in timeline.transitions), timeline.state and moved(timeline.state))


def _plus(instant: int | None, by: int) -> int | None:
    return None if instant is None else instant + by


def _times(amount: int | None, factor: int) -> int | None:
    return None if amount is None else amount * factor


def _without(state: State, *names: str) -> dict[str, Any]:
    return {name: getattr(state, name) for name in State.__slots__ if name not in names}


@many
@given(evaluations(40))
def test_running_sums_decide_as_adding_up_does(world: Evaluation) -> None:
    revisions, events, as_of = world
    told: list[list[Decision]] = [[], []]
    plain = follow(revisions, events, as_of, told[0])
    quick = follow(revisions, events, as_of, told[1], RunningTally)

    assert told[1] == told[0]
    assert timeline(quick) == timeline(plain)
    assert look_ahead(fork(quick)) == look_ahead(fork(plain))
    assert timeline(quick) == timeline(plain), "a fork goes its own way"
