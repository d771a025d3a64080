"""What commands read: a program, events, and an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from ziggurat.cli.output import number_of, say, working
from ziggurat.cli.usage import UsageError
from ziggurat.errors import ZigguratError

if TYPE_CHECKING:
    from ziggurat.bulk.event_table import EventTable
    from ziggurat.program.model import Program


FAULTS_SAID_MAX = 20

Flag: TypeAlias = Annotated[bool, Parameter(negative="", show_default=False)]
"""An option that is there or not."""
EventFile: TypeAlias = Annotated[Path, Parameter(required=True)]
"""One of the files of events, at least one of which is named; options may stand between them."""
Pairs: TypeAlias = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]
"""An option that may be given more than once."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Reading:
    """How files of events are read.

    Args:
        map: FIELD=COLUMN: the column that holds a field; may be given more than once.
        default: FIELD=VALUE: what stands where a row says nothing; may be given more than once.
        columns: The names of the columns, with commas between, for CSV files whose first line is an event already.
        skip_bad_rows: Leave out rows that cannot be read, and say which, instead of refusing everything.
    """

    map: Pairs = ()
    default: Pairs = ()
    columns: str | None = None
    skip_bad_rows: Flag = False


class NothingLeftError(ZigguratError):
    """Every row was left out."""

    code = "nothing_left"

    def __init__(self) -> None:
        super().__init__("no event is left (mend the rows)")


def load(path: Path) -> Program:
    """The program in a file.

    Raises:
        InvalidProgramError: it cannot be read, or is no program.
    """
    from ziggurat.bulk.program_file import load_program_file

    return load_program_file(path)


def read(paths: Sequence[Path], program: Program, how: Reading) -> EventTable:
    """The events in files, their dates local to `program`; as `read_in`."""
    return read_in(paths, program.time_zone, how)


def read_in(paths: Sequence[Path], time_zone: str, how: Reading) -> EventTable:
    """The events in files; what was left out is said on standard error.

    Raises:
        BadEventsError: a file or a row cannot be read.
        UsageError: a mapping or a default is not one.
    """
    from ziggurat.bulk.read_events import read_event_files
    from ziggurat.bulk.read_options import ReadOptions, UnknownFieldError
    from ziggurat.bulk.row_faults import BadEventsError
    from ziggurat.cli.column_remedies import OptionRemedies

    try:
        options = ReadOptions(
            mapping=_pairs("--map", how.map, "FIELD=COLUMN"),
            defaults=_pairs("--default", how.default, "FIELD=VALUE"),
            columns=how.columns.split(",") if how.columns else (),
            time_zone=time_zone,
            skip_bad_rows=how.skip_bad_rows,
            remedies=OptionRemedies(),
        )
    except UnknownFieldError as error:
        raise UsageError(str(error)) from None
    try:
        with working("reading events ..."):
            table, report = read_event_files(paths, options)
    except BadEventsError as error:
        rows = any(fault.line is not None for fault in error.faults)
        hint = "\nNothing was evaluated: mend the rows, or leave them out with --skip-bad-rows." if rows else ""
        error.args = (f"{error}{hint}",)
        raise
    for fault in report.faults[:FAULTS_SAID_MAX]:
        say(f"left out: {fault}")
    if report.refused:
        say(f"{report.refused:,} of {number_of(report.accepted + report.refused + report.duplicates, 'row')} left out")
    if report.duplicates:
        say(f"{number_of(report.duplicates, 'row')} said again, word for word under the same id: each counts once")
    if not len(table):
        raise NothingLeftError
    return table


def warn_of_unknown_tiers(program: Program, table: EventTable) -> None:
    """Say which tiers people decided on that the program does not have; such decisions do nothing."""
    if table.tier is None:
        return
    from ziggurat.bulk.row_faults import shown
    from ziggurat.program.near_words import nearest

    known = {word for tier in program.ladder for word in (tier.name, tier.key)}
    for name in sorted(set(table.tier.unique().drop_null().to_pylist()) - known)[:FAULTS_SAID_MAX]:
        near = nearest(name, known)
        hint = f'did you mean "{near}"?' if near else f"its tiers are {', '.join(tier.name for tier in program.ladder)}"
        say(f"tier.override to {shown(name)} does nothing: the program has no such tier ({hint})")


def instant(text: str | None, program: Program, table: EventTable) -> int:
    """`--as-of` as UTC microseconds; by default the latest event.

    Raises:
        UsageError: `text` is neither a date nor a time.
    """
    from ziggurat.bulk.replay import latest
    from ziggurat.program.calendar import calendar

    if text is None:
        return latest(table)
    try:
        return calendar(program.time_zone).parse(text)
    except ValueError as error:
        raise UsageError(f"--as-of: {error}") from None


def check_zone(name: str) -> None:
    """See to it that `--time-zone` names one.

    Raises:
        UsageError: it does not.
    """
    from ziggurat.program.time_zones import is_time_zone, zone_remedy

    if not is_time_zone(name):
        raise UsageError(f"--time-zone: {name!r} is not a time zone ({zone_remedy(name)})")


def _pairs(option: str, words: Sequence[str], form: str) -> dict[str, str]:
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} {word}: write {option} {form}")
        if name in pairs:
            raise UsageError(f"{option} {name} is given twice")
        pairs[name] = value
    return pairs
