"""Packed histories, folded by the kernel, give what the definition gives of the same events."""

import json
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ziggurat.app.events.evaluate_members import OneMember, evaluate_members
from ziggurat.engine.reference import evaluate
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import Revision
from ziggurat.program.read import read_program
from ziggurat.program.reversals import UnacceptableReversalError, holding_of, share_of
from ziggurat.store.histories import Histories
from ziggurat.store.packing import RECORD, Names, PackedEvent, names_of, pack

DAY = 86_400_000_000
START = 20_000 * DAY
TIERS = [{"name": "A", "from": 3}, {"name": "B", "from": 8}]
PROGRAMS = [
    {"name": "Earned", "qualification": {"measure": "points_earned"}, "expiration": "never", "tiers": TIERS},
    {"name": "Lifetime", "qualification": {"measure": "points_lifetime"}, "tiers": TIERS},
    {"name": "Balance", "qualification": {"measure": "points_balance"}, "tiers": TIERS},
    {"name": "Spend", "currency": "EUR", "qualification": {"measure": "spend"}, "tiers": TIERS},
    {"name": "Orders", "qualification": {"measure": "orders", "window": {"rolling": {"days": 9}}}, "tiers": TIERS},
    {"name": "Visits", "qualification": {"measure": {"activity": "visit"}}, "tiers": TIERS},
    {"name": "Average", "qualification": {"measure": "average_order_value"}, "tiers": TIERS},
    {
        "name": "Score",
        "qualification": {"measure": {"attribute": "score"}},
        "expiration": {"type": "attribute", "attribute": "until"},
        "tiers": TIERS,
    },
]
REVISIONS = [(Revision(read_program(document)),) for document in PROGRAMS]
AMOUNTS = st.integers(0, 9).map(lambda number: number * 5_000)


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[Event, int]]:
    """A member's events with what each reverses (0 nothing), in order; ids are sequences, as packed ones' are."""
    found: list[tuple[Event, int]] = []
    left: dict[str, Any] = {}
    at = START
    for sequence in range(1, draw(st.integers(1, 14)) + 1):
        at += draw(st.integers(0, 3)) * DAY // 2
        id_ = str(sequence)
        kind = draw(st.sampled_from(EventType))
        qualifying = draw(st.booleans() | st.just(value=True))
        if kind is EventType.REVERSAL:
            target = draw(st.sampled_from([*left] or ["0"]))
            part: dict[str, Any] = draw(
                st.just({})
                | st.sampled_from(["points", "amount", "quantity"]).flatmap(
                    lambda name: st.integers(1, 40_000).map(lambda units: {name: units})
                )
            )
            event = Event("", kind, at, id=id_, reverses=target, **part)
            try:
                original, rest = left[target]
                left[target] = (original, rest.less(share_of(original, rest, event)))
            except (KeyError, UnacceptableReversalError):
                continue
            found.append((event, int(target)))
            continue
        said: dict[str, Any] = {}
        if kind is EventType.TIER_OVERRIDE:
            said["tier"] = draw(st.sampled_from(["A", "B", "C"]))
            said["mode"] = draw(st.sampled_from(OverrideMode))
            days = draw(st.none() | st.integers(-2, 9))
            said["until"] = None if days is None else at + days * DAY
        elif kind is EventType.ATTRIBUTE_SET:
            said["attribute"] = draw(st.sampled_from(["score", "until", "other"]))
            said["value"] = draw(st.sampled_from(["", "4", "9.5", "2024-10-20", "2024-10-09", "x"]))
        elif kind is EventType.ACTIVITY:
            said["activity"] = draw(st.sampled_from(["visit", "other"]))
            said["quantity"] = draw(st.none() | AMOUNTS)
        elif kind is not EventType.MEMBER_ENROLLED:
            said["points"] = draw(st.none() | AMOUNTS)
            said["amount"] = draw(st.none() | AMOUNTS)
            said["currency"] = draw(st.sampled_from(["", "EUR", "USD"]))
            if kind is EventType.POINTS_ADJUSTED and said["points"] is not None:
                said["points"] -= 20_000
        event = Event("", kind, at, id=id_, qualifying=qualifying, **said)
        left[id_] = (event, holding_of(event))
        found.append((event, 0))
    return found


def packed(members: list[list[tuple[Event, int]]]) -> Histories:
    """The histories of members numbered from 1, as the store joins them."""
    names, offsets, records = Names(None), [0], b""
    everything: dict[tuple[int, int], dict[str, Any]] = {}
    for number, events in enumerate(members, 1):
        extras: dict[str, Any] = {}
        for event, target in events:
            records += pack(PackedEvent(event, int(event.id), target or None), names, extras)
        everything |= {(number, int(sequence)): said for sequence, said in json.loads(json.dumps(extras)).items()}
        offsets.append(offsets[-1] + len(events))
    array = np.frombuffer(records, RECORD)
    return Histories(list(range(1, len(members) + 1)), np.array(offsets), array, names_of(names.text), None, everything)


@settings(max_examples=60, deadline=None)
@given(st.lists(lives(), min_size=1, max_size=3), st.sampled_from(REVISIONS), st.integers(-1, 30))
def test_any_life_by_any_measure(
    members: list[list[tuple[Event, int]]], revisions: tuple[Revision, ...], days: int
) -> None:
    as_of = START + days * DAY
    histories = packed(members)
    told = evaluate_members(revisions, histories, as_of)
    ladder = revisions[0].program.ladder
    for index, events in enumerate(members):
        whole = evaluate(revisions, [event for event, _ in events], as_of)
        assert told.state(index) == whole.state
        one, half_way = OneMember(revisions, histories, index + 1, as_of), (START + as_of) // 2
        assert one.state(as_of) == whole.state
        assert one.moves(half_way, as_of) == [move for move in whole.transitions if move.at > half_way]
        known = [event for event, _ in events if event.occurred_at <= as_of]
        rows = told.of(index).tolist()
        assert [(row[0], ladder[row[3]].name if row[3] >= 0 else "", row[4], row[6]) for row in rows] == [
            (move.at, move.to_tier, move.value, int(known[move.event].id) if move.event is not None else 0)
            for move in whole.transitions
        ]
