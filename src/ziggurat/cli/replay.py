"""`ziggurat replay`: everybody's tier, and every move, from files of events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ziggurat.cli.inputs import EventFile, Flag, Reading, instant, load, read, warn_of_unknown_tiers
from ziggurat.cli.output import (
    cell,
    console,
    number_of,
    plain_table,
    progress,
    show_json,
    show_table,
    tell_of_compiling,
)
from ziggurat.cli.usage import UsageError

if TYPE_CHECKING:
    from ziggurat.bulk.event_table import EventTable
    from ziggurat.bulk.result_tables import Results
    from ziggurat.program.model import Program

ROWS_SHOWN = 20
FULL_INSTANTS_WIDTH = 110
"""Columns of a terminal that shows instants with seconds and offset."""
_AS_READ = Reading()


def replay(
    program: Path,
    /,
    *events: EventFile,
    as_of: str | None = None,
    tiers: Path | None = None,
    transitions: Path | None = None,
    engine: Literal["local", "reference", "spark"] = "local",
    reading: Reading = _AS_READ,
    json: Flag = False,
) -> int:
    """Say everybody's tier, and every move that led there.

    Without OUT the first rows are printed; `csv`, `jsonl` and `parquet` files are written whole or not at all.

    Args:
        program: The program, YAML or JSON.
        events: The events: CSV, JSON lines or Parquet files, by their endings (`.gz` may follow the first two).
        as_of: The instant asked about (ISO 8601; without zone it is local to the program). Default: the latest event.
        tiers: Where to write one row a member: member, tier, since, expires_at, value, next_tier, missing.
        transitions: Where to write one row a move: member, at, kind, from, to, cause, value, expires_at.
        engine: What evaluates. All answer the same; the reference is slow and plain, spark is not there yet.
        reading: How the files are read.
        json: Print counts, and the rows that no file was named for, as JSON.
    """
    _check_outputs([program, *events], tiers, transitions)
    rules = load(program)
    table = read(events, rules, reading)
    warn_of_unknown_tiers(rules, table)
    results = evaluated(rules, table, instant(as_of, rules, table), engine)
    _write(results, tiers, transitions, rules.time_zone)
    if json:
        show_json(_as_json(results, rules, tiers, transitions))
    else:
        _show(results, rules, tiers, transitions)
    return 0


def evaluated(program: Program, table: EventTable, as_of: int, engine: str = "local") -> Results:
    """The results of `program` alone over `table`, with a progress bar where somebody looks on."""
    from ziggurat.bulk.replay import Engine
    from ziggurat.bulk.replay import replay as evaluate
    from ziggurat.program.model import Revision

    with progress("evaluating") as moved:
        return evaluate([Revision(program)], table, as_of, Engine(engine), moved, tell_of_compiling)


def _check_outputs(inputs: Sequence[Path], *paths: Path | None) -> None:
    from ziggurat.bulk.write_results import UnknownFormatError, check_output

    named = [path for path in paths if path]
    if len({path.resolve() for path in named}) < len(named):
        raise UsageError(f"--tiers and --transitions both name {named[0]}")
    read = {path.resolve() for path in inputs}
    for path in named:
        if path.resolve() in read:
            raise UsageError(f"{path} is read from, and would be written over")
        try:
            check_output(path)
        except UnknownFormatError as error:
            raise UsageError(str(error)) from None


def _write(results: Results, tiers: Path | None, transitions: Path | None, zone: str) -> None:
    from ziggurat.bulk.result_tables import with_text_amounts
    from ziggurat.bulk.write_results import write_all

    parts = [(rows, path) for rows, path in ((results.tiers, tiers), (results.transitions, transitions)) if path]
    write_all(
        [(rows if path.suffix.lower() == ".parquet" else with_text_amounts(rows), path) for rows, path in parts], zone
    )


# --- to the terminal


def ladder_counts(results: Results, program: Program) -> list[tuple[str, int]]:
    """How many members each tier has, the highest first; "" is no tier."""
    from ziggurat.bulk.result_tables import counts

    held = dict(counts(results.tiers["tier"]))
    ladder = [(tier.name, held.pop(tier.name, 0)) for tier in reversed(program.ladder)]
    return [*ladder, *held.items()]


def show_ladder(results: Results, program: Program) -> None:
    """The ladder with its counts, as a table."""
    table = plain_table("tier", "members", "share", right=("members", "share"))
    total = results.tiers.num_rows
    for name, members in ladder_counts(results, program):
        table.add_row(cell(name) or "(no tier)", f"{members:,}", f"{members / total:.1%}" if total else "")
    show_table(table)


def _show(results: Results, program: Program, tiers: Path | None, transitions: Path | None) -> None:
    from ziggurat.program.calendar import calendar

    out = console()
    rows = results.tiers.num_rows
    out.print(
        f"{cell(program.name)} as of {calendar(program.time_zone).format(results.as_of)}: {number_of(rows, 'member')}"
    )
    show_ladder(results, program)
    if tiers is None and transitions is None:
        show_table(_tiers_table(results, program, out.width))
        if rows > ROWS_SHOWN:
            out.print(f"and {rows - ROWS_SHOWN:,} more: --tiers tiers.csv writes them all")
    for path, number, what in ((tiers, rows, "tier"), (transitions, results.transitions.num_rows, "transition")):
        if path:
            out.print(f"{number_of(number, what)} written to {cell(path)}")


def _tiers_table(results: Results, program: Program, width: int) -> Any:
    """The first rows; on a narrow terminal instants are local and end with the minute."""
    columns = results.tiers.column_names
    table = plain_table(*columns, right=("value", "missing"))
    for row in _plain_rows(results.tiers.slice(0, ROWS_SHOWN), program.time_zone):
        if width < FULL_INSTANTS_WIDTH:
            row |= {name: (row[name] or "")[:16].replace("T", " ") for name in ("since", "expires_at")}
        table.add_row(*("" if row[name] is None else cell(row[name]) for name in columns))
    return table


def _plain_rows(table: Any, zone: str) -> list[dict[str, Any]]:
    """Rows as they are written: instants with the zone's offset, amounts as text."""
    import pyarrow.types as pt

    from ziggurat.bulk.format_instants import format_instants
    from ziggurat.bulk.result_tables import with_plain_words, with_text_amounts

    columns = {
        name: format_instants(column.combine_chunks(), zone) if pt.is_timestamp(column.type) else column
        for name, column in zip(table.column_names, with_plain_words(with_text_amounts(table)).columns, strict=True)
    }
    values = [column.to_pylist() for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


def _as_json(results: Results, program: Program, tiers: Path | None, transitions: Path | None) -> dict[str, Any]:
    from ziggurat.bulk.result_tables import counts
    from ziggurat.program.calendar import calendar

    answer: dict[str, Any] = {
        "program": program.name,
        "edition": program.edition,
        "as_of": calendar(program.time_zone).format(results.as_of),
        "members": results.tiers.num_rows,
        "ladder": [{"tier": name, "members": members} for name, members in ladder_counts(results, program)],
        "moves": dict(counts(results.transitions["kind"])),
    }
    if tiers is None:
        answer["tiers"] = _plain_rows(results.tiers, program.time_zone)
    if transitions is None:
        answer["transitions"] = _plain_rows(results.transitions, program.time_zone)
    return answer
