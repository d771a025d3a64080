"""A world small enough to look at all of it: every program of a tiny grammar, every history of up to four events.

The quick share takes every seventeenth program with every history of up to two events and a few longer ones; the slow
test takes everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations_with_replacement, islice, product

import pytest

from tests.support.engines import ENGINES
from ziggurat.engine import reference
from ziggurat.program.calendar import CalendarUnit, Period, Unit, calendar
from ziggurat.program.events import Event, EventType
from ziggurat.program.model import (
    Applies,
    CalendarWindow,
    Downgrade,
    DowngradeType,
    Expiration,
    ExpirationType,
    Grace,
    Lifetime,
    Measure,
    MeasureKind,
    Program,
    Qualification,
    Renewal,
    RenewalType,
    Revision,
    Rolling,
    Tier,
)

DAY = Period(1, Unit.DAYS)
TWO_DAYS = Period(2, Unit.DAYS)
EARNED, BALANCE = Measure(MeasureKind.POINTS_EARNED), Measure(MeasureKind.POINTS_BALANCE)
QUALIFICATIONS = (
    Qualification(EARNED, Lifetime()),
    Qualification(BALANCE, Lifetime()),
    Qualification(EARNED, Rolling(TWO_DAYS)),
    Qualification(EARNED, CalendarWindow(CalendarUnit.DAY)),
    Qualification(EARNED, CalendarWindow(CalendarUnit.DAY), Applies.NEXT_PERIOD),
)
EXPIRATIONS = (
    Expiration(),
    Expiration(ExpirationType.NEVER),
    Expiration(ExpirationType.FIXED_DURATION, DAY),
    Expiration(ExpirationType.FIXED_DURATION, TWO_DAYS, round_up=CalendarUnit.DAY),
    Expiration(ExpirationType.ANNIVERSARY, DAY, occurrence=2),
    Expiration(ExpirationType.SLIDING, DAY, activities=("earning",)),
)
RENEWALS = (Renewal(), Renewal(RenewalType.ALWAYS))
FALLS = (DowngradeType.SINGLE_LEVEL, DowngradeType.TO_QUALIFIED, DowngradeType.TO_BASE)
DOWNGRADES = (
    Downgrade(DowngradeType.NEVER),
    *(Downgrade(fall, grace) for fall in FALLS for grace in (None, Grace(DAY))),
)
BASES = (Tier("Base"), None)
TIERS = (Tier("One", start=Decimal(1)), Tier("Two", start=Decimal(2)))

ZONE = calendar("UTC")
START = ZONE.parse("2025-01-31")
GRID = tuple(ZONE.parse(text) for text in ("2025-01-31", "2025-01-31T12:00", "2025-02-01", "2025-02-02"))
KINDS = ("one", "two", "less", "undo")
AS_OF = ZONE.parse("2025-02-05")


def programs() -> list[tuple[Revision]]:
    """Every program of the grammar."""
    return [
        (Revision(Program("Small", own, TIERS, base, expiration=hold, renewal=renewal, downgrade=downgrade)),)
        for own, hold, renewal, downgrade, base in product(QUALIFICATIONS, EXPIRATIONS, RENEWALS, DOWNGRADES, BASES)
    ]


def histories(most: int) -> Iterator[list[Event]]:
    """Every history of up to `most` events on the grid."""
    for count in range(most + 1):
        for times in combinations_with_replacement(GRID, count):
            for kinds in product(KINDS, repeat=count):
                events = history(times, kinds)
                if events is not None:
                    yield events


def history(times: Sequence[int], kinds: Sequence[str]) -> list[Event] | None:
    """Events of these kinds at these times; None where one would undo what is not there."""
    events: list[Event] = []
    there: list[str] = []
    for number, (at, kind) in enumerate(zip(times, kinds, strict=True)):
        name = str(number)
        if kind == "undo":
            if not there:
                return None
            events.append(Event("m", EventType.REVERSAL, at, name, reverses=there.pop()))
            continue
        there.append(name)
        if kind == "less":
            events.append(Event("m", EventType.POINTS_SPENT, at, name, points=10_000))
        else:
            events.append(Event("m", EventType.POINTS_EARNED, at, name, points=10_000 if kind == "one" else 20_000))
    return events


OTHERS = [engine for name, engine in ENGINES.items() if name != "reference"]


def compare(revisions: tuple[Revision], members: list[list[Event]]) -> None:
    answers = [engine(revisions, members, AS_OF) for engine in OTHERS]
    for number, events in enumerate(members):
        expected = reference.evaluate(revisions, events, AS_OF)
        for each in answers:
            assert each[number] == expected, (revisions, events)


def test_a_share_of_the_small_world_has_no_difference() -> None:
    short = [*histories(2), *islice(histories(4), 0, None, 97)]
    for revisions in programs()[::17]:
        compare(revisions, short)


@pytest.mark.slow
def test_all_of_the_small_world_has_no_difference() -> None:
    members = list(histories(4))
    for revisions in programs():
        compare(revisions, members)


def test_the_small_world_is_as_large_as_it_says() -> None:
    assert len(programs()) == len(QUALIFICATIONS) * len(EXPIRATIONS) * len(RENEWALS) * 7 * 2
    assert sum(1 for _ in histories(2)) == 1 + 4 * 3 + 10 * (3 * 4)
