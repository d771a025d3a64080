"""Translation, without a server: expressions, and what is lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.faces.capillary.conftest import CLUB
from ziggurat.http.faces.capillary.expressions import UnreadableError, with_parentheses
from ziggurat.http.faces.capillary.losses import to_payload
from ziggurat.program.read import read_program


def from_left(letters: list[bool], words: list[str]) -> bool:
    """What a flat expression means without precedence."""
    value = letters[0]
    for word, letter in zip(words, letters[1:], strict=True):
        value = value and letter if word == "AND" else value or letter
    return value


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["AND", "OR"])), min_size=1, max_size=6))
def test_parentheses_keep_the_meaning_of_reading_from_left_to_right(steps: list[tuple[bool, str]]) -> None:
    letters = [letter for letter, _ in steps]
    words = [word for _, word in steps[1:]]
    names = "ABCDEF"[: len(letters)]
    text = names[0] + "".join(f" {word} {name}" for word, name in zip(words, names[1:], strict=True))

    said = with_parentheses(text, len(letters))

    meant = eval(said.replace("AND", "and").replace("OR", "or"), dict(zip(names, letters, strict=True)))
    assert meant == from_left(letters, words)
    assert with_parentheses(said, len(letters)) == said


@pytest.mark.parametrize("text", ["", "A", "A AND", "A & B", "A | B", "A B", "(A AND B", "A AND B)", "A AND C", "()"])
def test_what_is_no_expression_over_two_conditions_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        with_parentheses(text, 2)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"renewal": "always"},
        {"renewal": {"type": "requalify", "extends": {"months": 1}}},
        {"expiration": {"type": "fixed_duration", "period": {"years": 2}, "check": "daily"}},
        {"expiration": "never"},
        {"award": "split", "downgrade": {"type": "to_base", "on_reversal": "end_of_day"}},
    ],
)
def test_what_can_be_said_there_loses_nothing(change: dict[str, Any]) -> None:
    _, lost = to_payload(read_program({**CLUB, **change}))

    assert lost == []


def test_the_requests_that_make_a_ladder_there() -> None:
    payload, _ = to_payload(read_program(CLUB))

    assert payload["baseTier"] == {"name": "Blue"}
    assert payload["settings"]["downgrade"] == {"target": "ELIGIBLE", "daily": False, "onReturn": "RECHECK"}
    (gold,) = payload["tiers"]
    assert gold == {
        "programId": 973,
        "name": "Gold",
        "eligibility": {"kpiType": "CURRENT_POINTS", "upgradeType": "LAZY", "threshold": 50_000},
        "validity": {
            "periodType": "SLAB_UPGRADE",
            "periodValue": 12,
            "unit": "NUM_MONTHS",
            "renewal": {"criteriaType": "Same as eligibility"},
        },
    }


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (
            {"qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}}},
            "qualification.window",
        ),
        ({"qualification": {"measure": "points_earned", "window": {"calendar": "week"}}}, "qualification.window"),
        ({"qualification": {"measure": {"attribute": "score"}}}, "qualification.measure"),
        ({"downgrade": {"type": "to_base", "grace_period": {"months": 1}}}, "downgrade.grace_period"),
        ({"expiration": {"type": "calendar", "every": "year"}}, "expiration"),
        ({"expiration": {"type": "fixed_duration", "period": {"months": 12}}}, "expiration.check"),
        ({"renewal": {"type": "criteria", "criteria": {"not": {"from": 9}}}}, "renewal.criteria"),
        ({"renewal": {"type": "requalify", "extends": {"months": 2}}}, "renewal.extends"),
        ({"time_zone": "Europe/Paris"}, "time_zone"),
        ({"tiers": [{"name": "Gold", "from": 5, "color": "gold"}]}, "tiers[0].color"),
        ({"tiers": [{"name": "Gold", "from": 0}]}, "tiers[0].from"),
        ({"tiers": [{"name": "Gold", "from": 5, "below": 9}]}, "tiers[0].below"),
        ({"tiers": [{"name": "Gold", "from": 5, "downgrade": "never"}]}, "tiers[0].downgrade"),
        ({"tiers": [{"name": "Gold", "from": 5, "icon": "i"}]}, "tiers[0].icon"),
        ({"tiers": [{"name": "Gold", "from": 5, "requires": {"not": {"from": 9}}}]}, "tiers[0].requires"),
    ],
)
def test_what_cannot_be_said_there_is_reported(change: dict[str, Any], path: str) -> None:
    _, lost = to_payload(read_program({**CLUB, **change}))

    assert [loss.path for loss in lost] == [path]
