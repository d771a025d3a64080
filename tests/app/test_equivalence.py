"""However events come in, states and timelines are those of the whole history evaluated at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from typing import TypeVar

import pytest

from tests.app.programs import COFFEE, publish
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.events.load_programs import load_evaluated
from ziggurat.app.members.list_members import list_members
from ziggurat.app.upkeep.run_due import run_due
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.engine.reference import evaluate
from ziggurat.engine.timeline import Transition
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import Revision
from ziggurat.store.repositories import members, states, transitions

T = TypeVar("T")
DAY = 86_400_000_000
EVENTS = 45
"""Of each member: more than fit into one chunk of packed history."""
MEMBERS = [f"m{number}" for number in range(10)]
PROGRAMS = [
    COFFEE,
    {
        "name": "Visits",
        "time_zone": "Europe/Paris",
        "qualification": {"measure": "points_balance"},
        "tiers": [
            {"name": "One", "from": 100},
            {"name": "Two", "from": 300, "requires": {"measure": "orders", "from": 2}},
        ],
    },
]


def life(random: Random, member: str, start: int, end: int) -> list[Event]:
    """A made-up member's events, at instants that are all different, so that arrival has no say."""
    instants = sorted(random.sample(range(start // DAY, end // DAY), EVENTS))
    events: list[Event] = []
    for place, day in enumerate(instants):
        at, id_ = day * DAY + random.randrange(DAY), f"{member}-{place}"
        points = random.randrange(1, 300) * SCALE
        kind = random.choice(["earned", "earned", "order", "spent", "reversal", "visit", "override"])
        open_ = [event for event in events if event.points and not any(e.reverses == event.id for e in events)]
        if kind == "reversal" and open_:
            events.append(Event(member, EventType.REVERSAL, at, id=id_, reverses=random.choice(open_).id))
        elif kind == "order":
            events.append(Event(member, EventType.ORDER_PLACED, at, id=id_, amount=points, points=points // 2))
        elif kind == "spent":
            events.append(Event(member, EventType.POINTS_SPENT, at, id=id_, points=points // 3))
        elif kind == "override":
            until = at + random.randrange(1, 90) * DAY
            mode = random.choice([OverrideMode.FLOOR, OverrideMode.ONCE])
            events.append(Event(member, EventType.TIER_OVERRIDE, at, id=id_, tier="Silver", mode=mode, until=until))
        else:
            events.append(Event(member, EventType.POINTS_EARNED, at, id=id_, points=points))
    return events


def in_turns(random: Random, lives: list[list[Event]]) -> list[Event]:
    """All events in random order, but no reversal before its event."""
    events = [event for events in lives for event in events]
    random.shuffle(events)
    return [event for event in events if not event.reverses] + [event for event in events if event.reverses]


def batches(random: Random, events: list[T]) -> list[list[T]]:
    found = []
    while events:
        size = random.choice([1, 2, 7, 40])
        found.append(events[:size])
        events = events[size:]
    return found


def assert_as_evaluated_at_once(context: Context, lives: dict[str, list[Event]]) -> None:
    listed = {
        (view.id, standing.program): (standing.tier, standing.value, standing.missing)
        for view in list_members(context, limit=len(lives)).items
        for standing in view.programs
    }
    with context.database.reading() as connection:
        programs = load_evaluated(connection, context)
        known = members.by_external_ids(connection, context.scope, lives)
        assert known.keys() == lives.keys()
        for program in programs:
            ids = [member.id for member in known.values()]
            told = transitions.current(connection, context.scope, ids, program.id)
            stored = states.of_members(connection, context.scope, ids)
            for name, events in lives.items():
                whole = evaluate(program.published, events, context.now)
                assert whole.state is not None
                state = stored[known[name].id, program.id]
                assert (state.tier_index, state.since, state.expires_at, state.next_decision_at) == (
                    whole.state.index,
                    whole.state.since,
                    whole.state.expires_at,
                    whole.state.next_decision_at,
                )
                assert listed[name, program.row.public_id] == (whole.state.tier, whole.state.value, whole.state.missing)
                rows = told.get(known[name].id, [])
                assert [(r.position, r.at, r.kind, r.cause, r.to_key or "", r.value, r.expires_at) for r in rows] == [
                    (place, *seen(move, program.published)) for place, move in enumerate(whole.transitions)
                ]
                assert [program.tier_name(row.from_key, row.revision) for row in rows] == [
                    move.from_tier for move in whole.transitions
                ]
    assert not verify_states(context).differences


def seen(move: Transition, revisions: tuple[Revision, ...]) -> tuple[object, ...]:
    ladder = revisions[move.revision].program.ladder
    key = next((tier.key for tier in ladder if tier.name == move.to_tier), "")
    return move.at, str(move.kind), str(move.cause), key, move.value, move.expires_at


@pytest.mark.parametrize("seed", range(3))
def test_random_order_and_batch_sizes_with_worker_runs_in_between(context: Context, seed: int) -> None:
    random = Random(seed)
    for program in PROGRAMS:
        publish(context, program)
    start = context.now - 500 * DAY
    lives = {name: life(random, name, start, context.now) for name in MEMBERS}
    for batch in batches(random, in_turns(random, list(lives.values()))):
        outcomes = ingest_events(context, batch)
        assert {outcome.result for outcome in outcomes} == {"accepted"}
        again = ingest_events(context, random.sample(batch, 1))
        assert again[0].result == "duplicate"
        if random.random() < 0.2:
            run_due(context.database, context.now)
    assert_as_evaluated_at_once(context, lives)


@pytest.mark.parametrize("seed", range(2))
def test_events_in_order_while_time_passes(context: Context, seed: int, at_years_later: int) -> None:
    random = Random(seed)
    for program in PROGRAMS:
        publish(context, program)
    lives = {name: life(random, name, context.now, context.now + 400 * DAY) for name in MEMBERS}
    events = sorted((event for events in lives.values() for event in events), key=lambda event: event.occurred_at)
    for batch in batches(random, events):
        now = max(event.occurred_at for event in batch) + random.randrange(DAY)
        ingest_events(replace(context, now=now), batch)
        if random.random() < 0.5:
            run_due(context.database, now)
    later = replace(context, now=at_years_later)
    while run_due(later.database, later.now, limit=5):
        pass
    assert_as_evaluated_at_once(later, lives)


@pytest.fixture
def at_years_later(context: Context) -> int:
    return context.now + 900 * DAY


def test_several_writers_at_once_on_the_same_members(context: Context) -> None:
    random = Random(7)
    for program in PROGRAMS:
        publish(context, program)
    lives = {name: life(random, name, context.now - 500 * DAY, context.now) for name in MEMBERS[:4]}
    plain = [event for events in lives.values() for event in events if not event.reverses]
    reversals = [event for events in lives.values() for event in events if event.reverses]
    random.shuffle(plain)
    for part in (plain, reversals):
        with ThreadPoolExecutor(4) as pool:
            shares = [part[place::4] + random.sample(part, min(3, len(part))) for place in range(4)]
            results = list(pool.map(lambda share: _ingest_in_batches(context, share), shares))
        assert {result for found in results for result in found} <= {"accepted", "duplicate"}
    assert_as_evaluated_at_once(context, lives)


def _ingest_in_batches(context: Context, events: list[Event]) -> list[str]:
    found = []
    for place in range(0, len(events), 10):
        found += [outcome.result for outcome in ingest_events(context, events[place : place + 10])]
    return found
