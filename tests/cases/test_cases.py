"""Every case in this folder holds on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cases import (
    case_paths,
    expected_state,
    expected_transitions,
    load_case,
    told_state,
    told_transition,
)
from tests.support.engines import ENGINES
from ziggurat.engine.timeline import State

FIELDS = {"at", "kind", "from", "to", "cause", "value", "expires_at"}


@pytest.mark.parametrize("path", case_paths(), ids=lambda path: path.stem)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_case_holds(engine: str, path: Path) -> None:
    case = load_case(path)

    (timeline,) = ENGINES[engine](case.revisions, [case.events], case.as_of)

    assert [told_transition(move, case.calendar) for move in timeline.transitions] == expected_transitions(case), (
        case.why
    )
    state, expected = told_state(timeline.state, case.calendar), expected_state(case)
    if state is None or expected is None:
        assert state == expected, case.why
    else:
        assert {name: state[name] for name in expected} == expected, case.why


def test_every_case_is_named_after_what_it_proves_and_expects_whole_transitions() -> None:
    odd = []
    for path in case_paths():
        case = load_case(path)
        whole = all(row.keys() == FIELDS for row in case.expected["transitions"])
        known = set(case.expected["state"] or ()) <= set(State.__slots__)
        if path.stem.count("__") != 2 or not case.why or not whole or not known:
            odd.append(path.name)
    assert not odd
