"""The compiled engines say what the definition says, to the last field of whole timelines.

This is the quick share; `script/fuzz --pairs 1000000` is the full one.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import compare_world
from tests.strategies.dice import DrawnDice, SeededDice
from tests.strategies.histories import World, make_as_of, make_history, make_world, world_of
from tests.strategies.programs import programs
from tests.support.engines import ENGINES
from ziggurat.engine import reference
from ziggurat.program.events import Event

OTHERS = [name for name in ENGINES if name != "reference"]


@st.composite
def members_of_any_program(draw: Any) -> tuple[World, list[list[Event]], int]:
    """A few histories under one to three programs of the widest strategy, and an instant to ask about."""
    dice = DrawnDice(draw)
    zone = draw(st.sampled_from(["UTC", "Europe/Paris", "America/Juneau", "Pacific/Apia"]))
    world = world_of(dice, draw(st.lists(programs(zones=[zone]), min_size=1, max_size=3)))
    histories = [make_history(dice, world, dice.integer(0, 6)) for _ in range(3)]
    return world, histories, make_as_of(dice, world, histories[0])


def compare(world: World, histories: list[list[Event]], as_of: int) -> None:
    expected = [reference.evaluate(world.revisions, events, as_of) for events in histories]
    for engine in OTHERS:
        assert ENGINES[engine](world.revisions, histories, as_of) == expected


@pytest.mark.parametrize("number", range(0, 150, 10))
def test_seeded_worlds_have_no_difference(number: int) -> None:
    for world in range(number, number + 10):
        tally = compare_world("quick share", world, OTHERS)
        assert not tally.differences, "\n".join(tally.shown)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(members_of_any_program())
def test_programs_of_the_widest_strategy_have_no_difference(given_: tuple[World, list[list[Event]], int]) -> None:
    compare(*given_)


@pytest.mark.parametrize("number", range(3))
def test_histories_of_a_thousand_events_have_no_difference(number: int) -> None:
    dice = SeededDice(f"long/{number}")
    world = make_world(dice)
    events = make_history(dice, world, 1_000)
    compare(world, [events, events[:10]], world.end)


def test_no_members_and_no_events_have_no_difference() -> None:
    world = make_world(SeededDice("nobody"))
    compare(world, [], world.end)
    compare(world, [[], []], world.end)
