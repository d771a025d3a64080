"""What the makers of programs and histories promise: they are valid, and they reach everything."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from tests.strategies.dice import SeededDice
from tests.strategies.histories import World, make_as_of, make_history, make_world
from ziggurat.engine.reference import evaluate
from ziggurat.engine.timeline import Cause, Kind
from ziggurat.program.events import EventType, OverrideMode
from ziggurat.program.model import (
    Activation,
    Anniversary,
    Applies,
    AtLeast,
    CalendarWindow,
    Check,
    Condition,
    CycleWindow,
    DowngradeType,
    ExpirationType,
    LeapDay,
    Lifetime,
    MeasureKind,
    Not,
    OnReversal,
    RenewalType,
    Rolling,
    SinceTierEntry,
    Status,
)
from ziggurat.program.read import read_program
from ziggurat.program.write import program_document

WORDS: tuple[type[Enum], ...] = (
    MeasureKind,
    Applies,
    ExpirationType,
    Check,
    LeapDay,
    RenewalType,
    DowngradeType,
    OnReversal,
    Status,
    Activation,
)
SHAPES = (Lifetime, Rolling, CalendarWindow, CycleWindow, Anniversary, SinceTierEntry, Condition, AtLeast, Not)


def some_worlds(count: int) -> list[World]:
    return [make_world(SeededDice(f"strategies/{number}")) for number in range(count)]


def parts_of(value: Any) -> list[Any]:
    """`value` and everything in it."""
    parts = [value]
    if isinstance(value, tuple):
        parts += [part for each in value for part in parts_of(each)]
    elif is_dataclass(value):
        parts += [part for each in fields(value) for part in parts_of(getattr(value, each.name))]
    return parts


def test_every_quick_program_is_one_that_a_document_says() -> None:
    for world in some_worlds(300):
        for program in world.programs:
            assert read_program(program_document(program)) == program


def test_quick_programs_reach_every_word_of_the_vocabulary() -> None:
    parts = [part for world in some_worlds(600) for part in parts_of(world.revisions)]
    said = {part for part in parts if isinstance(part, Enum)}
    shapes = {type(part) for part in parts}

    assert [word for words in WORDS for word in words if word not in said] == []
    assert [shape for shape in SHAPES if shape not in shapes] == []


def test_quick_histories_are_acceptable_and_reach_every_event_kind_and_cause() -> None:
    types: Counter[EventType] = Counter()
    modes: Counter[OverrideMode | None] = Counter()
    kinds: Counter[Kind] = Counter()
    causes: Counter[Cause] = Counter()
    ties = late = 0
    for number, world in enumerate(some_worlds(400)):
        dice = SeededDice(f"histories/{number}")
        for _ in range(3):
            events = make_history(dice, world, dice.integer(0, 10))
            timeline = evaluate(world.revisions, events, make_as_of(dice, world, events))
            types.update(event.type for event in events)
            modes.update(event.mode for event in events)
            kinds.update(move.kind for move in timeline.transitions)
            causes.update(move.cause for move in timeline.transitions)
            instants = [event.occurred_at for event in events]
            ties += len(set(instants)) < len(instants)
            late += instants != sorted(instants)

    assert set(types) == set(EventType)
    assert set(modes) == {None, *OverrideMode}
    assert set(kinds) == set(Kind)
    assert set(causes) == set(Cause)
    assert min(ties, late) > 100
