"""Ziggurat as a library: what `import ziggurat` offers (see the package for the names)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeAlias, TypeVar, overload

import polars as pl
import pyarrow as pa

from ziggurat.bulk.event_table import EventTable, code_of, events_of
from ziggurat.bulk.program_file import load_program_file
from ziggurat.bulk.read_events import Events, read_events
from ziggurat.bulk.read_options import ReadOptions
from ziggurat.bulk.replay import Engine, NotEnrolledError, latest, replay, taking_part
from ziggurat.bulk.result_tables import with_plain_words
from ziggurat.engine.explain import NothingHappenedError
from ziggurat.engine.explain import explain as explain_member
from ziggurat.engine.explanation import Explanation
from ziggurat.program.calendar import calendar
from ziggurat.program.events import Event
from ziggurat.program.model import Program, Revision
from ziggurat.program.read import read_program

Document: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]
ProgramLike: TypeAlias = Program | Document | Sequence[Revision]
Instant: TypeAlias = str | date | int  # a datetime is a date
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """What `evaluate` answers.

    Args:
        tiers: one row a member: member, tier, since, expires_at, value, next_tier, missing.
        transitions: one row a move: member, at, kind, from, to, cause, value, expires_at.
        as_of: the instant of the answer, UTC microseconds.

    Tiers are names, empty for none. Instants are UTC with a precision of microseconds, amounts exact decimals with four
    places; `expires_at` and `missing` are null where there is none.
    """

    tiers: T
    transitions: T
    as_of: int


def load_program(source: Document) -> Program:
    """A tier program, from a YAML or JSON file or from plain values.

    Args:
        source: the path of the file, or the document itself as a mapping.

    Raises:
        InvalidProgramError: with every fault in `.faults`, each with its path and, for files, its line.

    >>> club = load_program({
    ...     "name": "Coffee Club",
    ...     "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
    ...     "expiration": {"type": "fixed_duration", "period": {"months": 12}},
    ...     "base_tier": "Member",
    ...     "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}],
    ... })
    >>> [tier.name for tier in club.ladder]
    ['Member', 'Silver', 'Gold']
    """
    return read_program(source) if isinstance(source, Mapping) else load_program_file(source)


@overload
def evaluate(
    program: ProgramLike,
    events: pl.DataFrame | pl.LazyFrame,
    as_of: Instant | None = None,
    engine: str = "local",
) -> Result[pl.DataFrame]: ...
@overload
def evaluate(
    program: ProgramLike,
    events: Iterable[Mapping[str, Any]] | Iterable[Event],
    as_of: Instant | None = None,
    engine: str = "local",
) -> Result[list[dict[str, Any]]]: ...
@overload
def evaluate(
    program: ProgramLike,
    events: pa.Table | pa.RecordBatch | pa.RecordBatchReader,
    as_of: Instant | None = None,
    engine: str = "local",
) -> Result[pa.Table]: ...
def evaluate(program: ProgramLike, events: Events, as_of: Instant | None = None, engine: str = "local") -> Result[Any]:
    """Everybody's tier, and every move that led there.

    Args:
        program: a program (or what `load_program` takes for one), or its revisions in the order of taking effect.
        events: a Polars frame, an Arrow table or batches (or what offers itself as such, as pandas frames and DuckDB
            relations do), or an iterable of dicts or `Event`s, with the columns
            `member`, `type`, `occurred_at` and, as needed, `id`, `points`, `amount`, `qualifying`, `reverses`,
            `activity`, `quantity`, `attribute`, `value`, `tier`, `mode`, `until`, `reason`, `currency`. Instants
            without zone are local to the program. Rows without `id` are never taken for duplicates.
        as_of: the instant asked about: ISO 8601 text, a datetime, a date, or UTC microseconds; without zone it is
            local to the program. Default: the latest event.
        engine: `local` or `reference`; both answer the same.

    Returns:
        The answer in the form of the question: Polars frames, lists of dicts, or else Arrow tables.

    Raises:
        BadEventsError: rows that cannot be read; `.faults` has the first of them, each with its row and column.
        EngineMissingError: the engine is not there.
        InvalidProgramError: a document that is no program.
        TypeError: `program`, `events` or `as_of` is none of these.
        ValueError: `as_of` is not an instant.

    >>> club = load_program({"name": "Club", "qualification": {"measure": "points_earned"}, "base_tier": "Member",
    ...                      "tiers": [{"name": "Silver", "from": 500}]})
    >>> answer = evaluate(club, [
    ...     {"member": "ada", "type": "points.earned", "occurred_at": "2025-03-01", "points": 300},
    ...     {"member": "ada", "type": "points.earned", "occurred_at": "2025-04-01", "points": 250},
    ...     {"member": "ben", "type": "points.earned", "occurred_at": "2025-04-02", "points": 80},
    ... ])
    >>> [(row["member"], row["tier"], row["missing"]) for row in answer.tiers]
    [('ada', 'Silver', None), ('ben', 'Member', Decimal('420.0000'))]
    >>> [(row["at"].date().isoformat(), row["kind"], row["to"]) for row in answer.transitions][:2]
    [('2025-03-01', 'joined', 'Member'), ('2025-04-01', 'upgraded', 'Silver')]
    """
    revisions = _revisions(program)
    results = replay(revisions, *_table(revisions, events, as_of), Engine(engine))
    tiers, transitions = with_plain_words(results.tiers), with_plain_words(results.transitions)
    if isinstance(events, pl.DataFrame | pl.LazyFrame):
        return Result(pl.from_arrow(tiers), pl.from_arrow(transitions), results.as_of)
    if hasattr(events, "__arrow_c_stream__") or isinstance(events, pa.RecordBatch):
        return Result(tiers, transitions, results.as_of)
    return Result(tiers.to_pylist(), transitions.to_pylist(), results.as_of)


def explain(program: ProgramLike, events: Events, member: str, as_of: Instant | None = None) -> Explanation:
    """Why one member is in a tier: the rule, what counts, what is missing, what comes next, how it came to this.

    Args:
        program: as for `evaluate`.
        events: as for `evaluate`; those of other members are passed over.
        member: the member, as the events call it.
        as_of: as for `evaluate`; the default is the latest event of anybody.

    Returns:
        Typed data, with `.sentences` for people and `.as_dict()` for JSON.

    Raises:
        BadEventsError: rows that cannot be read.
        NothingHappenedError: the member has no events up to `as_of`.
        NotEnrolledError: the program asks for enrolment, and the member is not enrolled.
        ValueError: `as_of` is not an instant.

    >>> club = load_program({"name": "Club", "qualification": {"measure": "points_earned"}, "base_tier": "Member",
    ...                      "tiers": [{"name": "Silver", "from": 500}]})
    >>> told = explain(club, [
    ...     {"member": "ben", "type": "points.earned", "occurred_at": "2025-04-02", "points": 80},
    ... ], "ben")
    >>> told.state.tier, told.gap.missing
    ('Member', 4200000)
    >>> told.sentences[0]
    'ben is Member since 2 April 2025.'
    """
    revisions = _revisions(program)
    table, instant = _table(revisions, events, as_of)
    member = str(member)  # however the column has it
    if code_of(table, member) is None:
        raise NothingHappenedError(member, calendar(revisions[0].program.time_zone).format(instant))
    counted = taking_part(revisions, table, instant)
    code = code_of(counted, member)
    if code is None:
        raise NotEnrolledError(member)
    return explain_member(revisions, events_of(counted, code), instant, member)


def _revisions(program: ProgramLike) -> Sequence[Revision]:
    match program:
        case Program():
            return [Revision(program)]
        case Mapping() | str() | os.PathLike():
            return [Revision(load_program(program))]
        case [Revision(), *others] if all(isinstance(other, Revision) for other in others):
            return program
    raise TypeError(
        f"{type(program).__name__} is no program: give one, its document, its file, or a list of its revisions"
    )


def _table(revisions: Sequence[Revision], events: Events, as_of: Instant | None) -> tuple[EventTable, int]:
    zone = revisions[-1].program.time_zone
    table, _ = read_events(events, ReadOptions(time_zone=zone))
    return table, latest(table) if as_of is None else _instant(as_of, zone)


def _instant(as_of: Instant, zone: str) -> int:
    local = calendar(zone)
    match as_of:
        case str():
            return local.parse(as_of)
        case date():  # a datetime is one
            return local.parse(as_of.isoformat())
        case int():
            try:
                return local.parse(local.format(as_of))
            except (ValueError, OverflowError):
                raise ValueError(f"{as_of} is no instant in UTC microseconds") from None
    raise TypeError(f"as_of is a {type(as_of).__name__}: give text, a datetime, a date, or UTC microseconds")
