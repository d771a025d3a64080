"""A replay answers the same, row for row, whichever engine evaluates, and what the definition says of each member."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from tests.strategies.histories import evaluations
from tests.support.cases import case_paths, load_case
from ziggurat.bulk.event_table import EventTable, events_at
from ziggurat.bulk.read_events import read_events
from ziggurat.bulk.read_options import ReadOptions
from ziggurat.bulk.replay import Engine, EngineMissingError, histories, latest, replay
from ziggurat.bulk.result_tables import TIERS, TRANSITIONS, unit_amounts
from ziggurat.engine.reference import evaluate
from ziggurat.program.events import Event
from ziggurat.program.model import Revision
from ziggurat.program.read import read_program


def table_of(events: list[Event]) -> EventTable:
    return read_events(events, ReadOptions(skip_bad_rows=True))[0]


def assert_engines_agree(revisions: tuple[Revision, ...], table: EventTable, as_of: int) -> None:
    local = replay(revisions, table, as_of)
    reference = replay(revisions, table, as_of, Engine.REFERENCE)
    assert local.tiers.schema == reference.tiers.schema == TIERS
    assert local.transitions.schema == reference.transitions.schema == TRANSITIONS
    assert local.tiers.to_pylist() == reference.tiers.to_pylist()
    assert local.transitions.to_pylist() == reference.transitions.to_pylist()


@pytest.mark.parametrize("path", case_paths(), ids=lambda path: path.stem)
def test_the_engines_agree_on_every_case(path: object) -> None:
    case = load_case(path)  # type: ignore[arg-type]
    others = [replace(event, member="other", id=f"{event.id}-2" if event.id else "") for event in case.events]
    others = [replace(event, reverses=f"{event.reverses}-2" if event.reverses else "") for event in others]
    mixed = [event for pair in zip(case.events, others, strict=True) for event in pair]
    assert_engines_agree(case.revisions, table_of(mixed), case.as_of)


@given(evaluations())
def test_the_engines_agree_on_made_up_histories(made: tuple[tuple[Revision, ...], list[Event], int]) -> None:
    revisions, events, as_of = made
    assert_engines_agree(revisions, table_of(events), as_of)


@given(evaluations())
def test_the_tables_say_what_the_definition_says(made: tuple[tuple[Revision, ...], list[Event], int]) -> None:
    revisions, events, as_of = made
    table = table_of(events)
    results = replay(revisions, table, as_of)
    taken = events_at(table, np.arange(len(table)))
    answer = evaluate(revisions, taken, as_of)
    assert results.transitions["kind"].to_pylist() == [str(move.kind) for move in answer.transitions]
    assert unit_amounts(results.transitions["value"]).to_pylist() == [move.value for move in answer.transitions]
    ends = results.transitions["expires_at"].cast("int64").to_pylist()
    assert ends == [move.expires_at for move in answer.transitions]
    if answer.state is None:
        assert results.tiers.num_rows == 0
    else:
        assert unit_amounts(results.tiers["missing"]).to_pylist() == [answer.state.missing]
        assert results.tiers["tier"].to_pylist() == [answer.state.tier]


def test_histories_keep_arrival_order_and_leave_nobody_out() -> None:
    case = load_case(case_paths()[0])
    events = [replace(case.events[0], member=f"m{n % 7}", id=f"e{n}", reverses="") for n in range(100)]
    found = list(histories(table_of(events)))
    assert sorted(len(each) for each in found) == [14, 14, 14, 14, 14, 15, 15]
    assert all([int(event.id[1:]) for event in each] == sorted(int(event.id[1:]) for event in each) for each in found)
    assert all(len({event.member for event in each}) == 1 for each in found)


def test_without_an_instant_it_is_that_of_the_latest_event() -> None:
    case = load_case(case_paths()[0])
    table = table_of(list(case.events))
    assert replay(case.revisions, table).as_of == latest(table) == max(event.occurred_at for event in case.events)


def test_spark_is_not_there_yet() -> None:
    case = load_case(case_paths()[0])
    with pytest.raises(EngineMissingError, match="--engine local"):
        replay(case.revisions, table_of(list(case.events)), engine=Engine.SPARK)


@pytest.mark.parametrize("engine", [Engine.LOCAL, Engine.REFERENCE])
def test_explicit_enrolment_counts_only_who_is_enrolled(engine: Engine) -> None:
    document = {
        "name": "P",
        "enrolment": "explicit",
        "qualification": {"measure": "spend"},
        "base_tier": "B",
        "tiers": [],
    }
    revisions = [Revision(read_program(document))]
    table, _ = read_events(
        [
            {"member": "stranger", "type": "order.placed", "occurred_at": "2025-01-01", "amount": 1},
            {"member": "guest", "type": "order.placed", "occurred_at": "2025-01-02", "amount": 2},
            {"member": "guest", "type": "member.enrolled", "occurred_at": "2025-01-03"},
        ]
    )
    results = replay(revisions, table, engine=engine)
    assert results.tiers["member"].to_pylist() == ["guest"]
    assert [str(value) for value in results.tiers["value"].to_pylist()] == ["2.0000"]
    assert replay(revisions, table, latest(table) - 1, engine).tiers.num_rows == 0
