"""Warnings name what a valid program can hardly mean; the ladder is listed in words."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.strategies.programs import programs
from ziggurat.program.check import ladder_rows, warnings
from ziggurat.program.model import Program
from ziggurat.program.read import read_program

FIXED = {"type": "fixed_duration", "period": {"months": 12}}
LADDER = [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}]


def program(**changes: Any) -> Program:
    said = {"name": "Club", "base_tier": "Member", "qualification": {"measure": "points_earned"}, "tiers": LADDER}
    return read_program(said | changes)


def test_a_plain_program_has_no_warnings() -> None:
    assert warnings(program(expiration=FIXED, downgrade="single_level")) == []


ODD: list[tuple[dict[str, Any], str, str]] = [
    ({"expiration": FIXED, "renewal": "always"}, "renewal", "always renews"),
    (
        {
            "expiration": FIXED,
            "renewal": {"type": "criteria", "criteria": {"any": 1, "of": [{"measure": "orders", "from": 0}]}},
        },
        "renewal.criteria",
        "always hold",
    ),
    (
        {"expiration": FIXED, "renewal": {"type": "criteria", "criteria": {"measure": "orders", "from": 1}}},
        "renewal.criteria",
        "do not end a tier that is still qualified for",
    ),
    ({"renewal": "always"}, "renewal", "is never asked"),
    ({"expiration": "never", "renewal": "always"}, "renewal", "is never asked"),
    ({"tiers": []}, "tiers", "is empty: everybody stays in Member"),
    ({"tiers": [{"name": "A", "from": 0}]}, "tiers[0].from", "is 0, which a new member has and Member is never seen"),
    ({"tiers": [{"name": "A", "from": 1, "below": 5}]}, "tiers[0].below", "caps the ladder: from 5"),
    (
        {"tiers": [{"name": "A", "from": 1, "below": 5}, {"name": "B", "from": 9}]},
        "tiers[0].below",
        "leaves a gap: from 5 to 9 a member qualifies for Member",
    ),
    (
        {"tiers": [{"name": "A", "from": 1, "requires": {"measure": "orders", "below": 0}}]},
        "tiers[0].requires",
        "can never hold",
    ),
    (
        {"tiers": [{"name": "A", "from": 1, "requires": {"all": [{"from": 9}, {"below": 5}]}}]},
        "tiers[0].requires",
        "can never hold",
    ),
    (
        {
            "tiers": [
                {"name": "A", "requires": {"measure": "orders", "from": 5}},
                {"name": "B", "requires": {"measure": "orders", "from": 2}},
            ]
        },
        "tiers[0]",
        "is never the highest: B",
    ),
    (
        {"expiration": FIXED, "downgrade": {"type": "never", "grace_period": {"days": 1}}},
        "downgrade.grace_period",
        "is never waited out",
    ),
    ({"downgrade": "single_level"}, "downgrade", "falls one tier a decision"),
]


@pytest.mark.parametrize(("changes", "path", "problem"), ODD, ids=range(len(ODD)))
def test_what_can_hardly_be_meant_is_warned_of(changes: dict[str, Any], path: str, problem: str) -> None:
    found = warnings(program(**changes))
    assert [fault.path for fault in found] == [path]
    assert problem in found[0].problem
    assert found[0].remedy


EASIER = {"type": "criteria", "criteria": {"from": 400}}
ORDERS = {"type": "criteria", "criteria": {"measure": "orders", "from": 1}}
BY_YEAR = {"measure": "points_earned", "window": {"calendar": "year"}}


@pytest.mark.parametrize(
    "changes",
    [
        {"expiration": FIXED, "renewal": EASIER},
        {"expiration": FIXED, "renewal": ORDERS, "downgrade": "to_base"},
        {"expiration": {"type": "calendar", "every": "year"}, "renewal": ORDERS, "qualification": BY_YEAR},
    ],
    ids=["easier than entering", "falls whatever is qualified for", "a new period leaves nothing to qualify with"],
)
def test_criteria_that_decide_something_are_not_warned_of(changes: dict[str, Any]) -> None:
    assert warnings(program(**changes)) == []


def test_a_program_without_a_base_tier_is_told_what_that_means() -> None:
    said = {"name": "Club", "qualification": {"measure": "spend"}, "tiers": LADDER}
    assert "below Silver a member has no tier" in warnings(read_program(said))[0].problem


def test_a_tier_that_climbing_passes_through_is_not_called_hidden() -> None:
    hidden = [
        {"name": "A", "requires": {"measure": "orders", "from": 5}},
        {"name": "B", "requires": {"measure": "orders", "from": 2}},
    ]
    assert warnings(program(tiers=hidden, qualification={"measure": "spend", "max_steps": 1})) == []


def test_the_ladder_is_listed_in_words() -> None:
    rows = ladder_rows(
        program(
            expiration=FIXED | {"round_up": "month"},
            downgrade={"type": "single_level", "grace_period": {"months": 1, "round_up": True}},
            tiers=[
                {"name": "Silver", "from": 500},
                {
                    "name": "Gold",
                    "from": 2000,
                    "requires": {"measure": "spend", "window": {"rolling": {"months": 12}}, "from": 99.5},
                    "downgrade": "never",
                },
            ],
        )
    )
    assert [row.name for row in rows] == ["Member", "Silver", "Gold"]
    silver, gold = rows[1:]
    assert (silver.start, silver.reached_by) == ("500", "500 or more")
    assert silver.hold == "held for 12 months, to the end of the month"
    assert silver.keep == "kept by qualifying again"
    assert silver.fall == "falls one tier after 1 month of grace, to the end of the month"
    assert gold.reached_by == "2,000 or more, and 99.5 or more of spend in the last 12 months"
    assert gold.fall == "never falls"


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_every_program_can_be_checked_and_put_in_words(made: Program) -> None:
    for fault in warnings(made):
        assert fault.path
        assert fault.problem
        assert fault.remedy
    rows = ladder_rows(made)
    assert [row.name for row in rows] == [tier.name for tier in made.ladder]
    assert all(row.hold and row.fall for row in rows[1:])
