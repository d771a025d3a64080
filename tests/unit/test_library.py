"""`import ziggurat` answers in the form of the question."""

from __future__ import annotations

import doctest
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import ziggurat
from ziggurat import library
from ziggurat.bulk.result_tables import amounts, unit_amounts, with_text_amounts
from ziggurat.program.events import Event, EventType

CLUB = Path(__file__).parents[2] / "examples" / "club.yaml"
ROWS = [
    {"member": "ada", "type": "points.earned", "occurred_at": "2025-03-01T10:00", "points": 600},
    {"member": "ben", "type": "points.earned", "occurred_at": "2025-03-02", "points": 20},
    {"member": "ada", "type": "points.earned", "occurred_at": "2025-05-01", "points": 1500},
]
TIERS = ["member", "tier", "since", "expires_at", "value", "next_tier", "missing"]


@pytest.fixture(scope="module")
def club() -> ziggurat.Program:
    return ziggurat.load_program(CLUB)


def test_dicts_are_answered_with_dicts(club: ziggurat.Program) -> None:
    answer = ziggurat.evaluate(club, ROWS)
    assert answer.tiers[0] == {
        "member": "ada",
        "tier": "Gold",
        "since": datetime(2025, 4, 30, 22, tzinfo=UTC),
        "expires_at": datetime(2026, 4, 30, 22, tzinfo=UTC),
        "value": Decimal(2100),
        "next_tier": "Platinum",
        "missing": Decimal(7900),
    }
    assert [(row["member"], row["kind"], row["to"]) for row in answer.transitions] == [
        ("ada", "joined", "Silver"),
        ("ada", "upgraded", "Gold"),
        ("ben", "joined", "Member"),
    ]


def test_a_document_and_a_file_are_programs_too(club: ziggurat.Program) -> None:
    expected = ziggurat.evaluate(club, ROWS)
    document = {
        "name": "Coffee Club",
        "time_zone": "Europe/Paris",
        "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
        "expiration": {"type": "fixed_duration", "period": {"months": 12}, "round_up": "day"},
        "base_tier": "Member",
        "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}, {"name": "Platinum", "from": 10000}],
    }
    assert ziggurat.evaluate(document, ROWS).transitions == expected.transitions
    assert ziggurat.evaluate(CLUB, ROWS).tiers == expected.tiers
    assert ziggurat.evaluate(str(CLUB), ROWS).tiers == expected.tiers
    assert ziggurat.evaluate([ziggurat.Revision(club)], ROWS).tiers == expected.tiers
    assert ziggurat.explain(document, ROWS, "ada").state.tier == "Gold"


def test_what_is_no_program_is_refused_by_name(club: ziggurat.Program) -> None:
    wrong: list[Any] = [None, 7, [], [club], {"name", "tiers"}]
    for program in wrong:
        with pytest.raises(TypeError, match=f"{type(program).__name__} is no program"):
            ziggurat.evaluate(program, ROWS)
    with pytest.raises(ziggurat.InvalidProgramError):
        ziggurat.evaluate({}, ROWS)


def test_polars_is_answered_with_polars(club: ziggurat.Program) -> None:
    frame = pl.DataFrame(ROWS)
    for asked in (frame, frame.lazy()):
        answer = ziggurat.evaluate(club, asked)
        assert isinstance(answer.tiers, pl.DataFrame)
        assert answer.tiers.columns == TIERS
        assert answer.tiers.schema["since"] == pl.Datetime("us", "UTC")
        assert answer.tiers["tier"].to_list() == ["Gold", "Member"]
        assert answer.transitions.height == 3


def test_arrow_is_answered_with_arrow(club: ziggurat.Program) -> None:
    answer = ziggurat.evaluate(club, pa.Table.from_pylist(ROWS))
    assert isinstance(answer.tiers, pa.Table)
    assert answer.tiers.column_names == TIERS
    assert answer.tiers["next_tier"].to_pylist() == ["Platinum", "Silver"]


def test_events_are_taken_as_they_are(club: ziggurat.Program) -> None:
    events = [Event("ada", EventType.POINTS_EARNED, 1_740_000_000_000_000, points=6_000_000)]
    assert ziggurat.evaluate(club, events).tiers[0]["tier"] == "Silver"


@pytest.mark.parametrize("as_of", ["2025-04-01", datetime(2025, 3, 31, 22, tzinfo=UTC), 1_743_458_400_000_000])
def test_an_instant_may_be_text_a_datetime_or_microseconds(club: ziggurat.Program, as_of: str | datetime | int) -> None:
    answer = ziggurat.evaluate(club, ROWS, as_of)
    assert answer.as_of == 1_743_458_400_000_000
    assert [row["tier"] for row in answer.tiers] == ["Silver", "Member"]
    assert ziggurat.explain(club, ROWS, "ada", as_of).state.tier == "Silver"


def test_no_events_are_no_members(club: ziggurat.Program) -> None:
    answer = ziggurat.evaluate(club, [])
    assert (answer.tiers, answer.transitions) == ([], [])


def test_bad_rows_and_programs_are_refused_with_all_their_faults(club: ziggurat.Program) -> None:
    with pytest.raises(ziggurat.BadEventsError) as rows:
        ziggurat.evaluate(club, [{**ROWS[0], "points": "many"}, {**ROWS[0], "occurred_at": "soon"}])
    assert [fault.column for fault in rows.value.faults] == ["points", "occurred_at"]
    with pytest.raises(ziggurat.InvalidProgramError) as programs:
        ziggurat.load_program({"name": "x", "tiers": []})
    assert len(programs.value.faults) > 1
    with pytest.raises(ziggurat.NothingHappenedError):
        ziggurat.explain(club, ROWS, "cyd")
    with pytest.raises(ValueError, match="not a date or a time"):
        ziggurat.evaluate(club, ROWS, "soon")


def test_every_name_that_the_package_offers_is_there() -> None:
    for name in ziggurat.__all__:
        assert getattr(ziggurat, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ziggurat.nothing


def test_amounts_are_exact_to_the_ends_of_int64() -> None:
    units = [5_000_000, None, -1, 0, 2**63 - 1, -(2**63), 123_456]
    table = pa.table({"value": amounts(units)})
    assert unit_amounts(table["value"]).to_pylist() == units
    assert with_text_amounts(table)["value"].to_pylist() == [
        "500",
        None,
        "-0.0001",
        "0",
        "922337203685477.5807",
        "-922337203685477.5808",
        "12.3456",
    ]


def test_the_examples_in_the_docstrings_work() -> None:
    from ziggurat.engine import wording

    for module in (library, wording):
        outcome = doctest.testmod(module)
        assert outcome.attempted
        assert not outcome.failed


class Offered:
    """A frame of another library, which offers itself as an Arrow stream."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.table = pa.Table.from_pylist(rows)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def test_what_offers_itself_as_arrow_is_answered_with_arrow(club: ziggurat.Program) -> None:
    offered: Any = Offered(ROWS)
    assert ziggurat.evaluate(club, offered).tiers.equals(ziggurat.evaluate(club, pa.Table.from_pylist(ROWS)).tiers)


def test_what_holds_no_events_is_refused_by_name(club: ziggurat.Program) -> None:
    wrong: list[Any] = ["events.csv", b"x", None, ROWS[0], {"member": ["ada"]}, 7]
    for events in wrong:
        with pytest.raises(TypeError, match=f"events are a {type(events).__name__}: give a Polars frame"):
            ziggurat.evaluate(club, events)
    with pytest.raises(TypeError, match="the first event is a str: give"):
        ziggurat.evaluate(club, ["ada"])
    huge = [
        Event("ada", EventType.POINTS_EARNED, 0, points=2**70),
        Event("ada", EventType.POINTS_EARNED, 2**62, points=1),
    ]
    with pytest.raises(
        ziggurat.BadEventsError, match=r"events:1: points: is too large .*\nevents:2: occurred_at: is out"
    ):
        ziggurat.evaluate(club, huge)


def test_an_instant_may_be_a_date_and_must_be_one(club: ziggurat.Program) -> None:
    asked: list[Any] = [
        "2025-04-01",
        date(2025, 4, 1),
        datetime.fromisoformat("2025-04-01"),
        datetime(2025, 3, 31, 22, tzinfo=UTC),
    ]
    assert len({ziggurat.evaluate(club, ROWS, as_of).as_of for as_of in asked}) == 1
    assert ziggurat.evaluate(club, ROWS, 1_743_458_400_000_000).as_of == 1_743_458_400_000_000
    for as_of in (10**30, 10**18, -(10**16), "soon"):
        with pytest.raises(ValueError, match=str(as_of)):
            ziggurat.evaluate(club, ROWS, as_of)
    with pytest.raises(TypeError, match="as_of is a float"):
        ziggurat.evaluate(club, ROWS, 1.5)  # type: ignore[call-overload]


def test_a_member_of_a_column_of_numbers_may_be_asked_for_by_number(club: ziggurat.Program) -> None:
    frame = pl.DataFrame([row | {"member": 7} for row in ROWS])
    number: Any = 7
    assert ziggurat.explain(club, frame, number) == ziggurat.explain(club, frame, "7")
