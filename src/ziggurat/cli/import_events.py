"""`ziggurat import`: files of events straight into the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ziggurat.cli.database import context_for, opened
from ziggurat.cli.inputs import EventFile, Flag, Reading, load, read_in
from ziggurat.cli.output import cell, console, progress, show_json

if TYPE_CHECKING:
    from ziggurat.app.context import Context
    from ziggurat.app.events.import_events import ImportReport

_AS_READ = Reading()
_HASHED_BYTES = 1 << 20


def import_events(
    *events: EventFile,
    program: Path | None = None,
    organization: str = "default",
    time_zone: str | None = None,
    database: str | None = None,
    reading: Reading = _AS_READ,
    json: Flag = False,
) -> int:
    """Take files of events into the ledger, and bring every member up to date.

    An import that was interrupted goes on where it stopped when the same command is given again.

    Args:
        events: The events: CSV, JSON lines or Parquet files, by their endings (`.gz` may follow the first two).
        program: A program to put in force first, unless the organization has one of that name.
        organization: The organization, which is made if there is none of that name.
        time_zone: Where dates without zone are local. Default: the program's zone, or else UTC.
        database: Where everything is kept (default: ZIGGURAT_DATABASE_URL, or ziggurat.db here).
        reading: How the files are read.
        json: Print JSON.
    """
    from ziggurat.app.events.import_events import import_events as take_in

    rules = load(program) if program else None
    zone = time_zone or (rules.time_zone if rules else "UTC")
    table = read_in(events, zone, reading)
    with opened(database) as found:
        context = context_for(found, organization, make=True)
        if program:
            _publish(context, program)
        with progress("importing") as moved:
            report = take_in(context, table, _digest(events, zone, reading), progress=moved)
    return _show(report, as_json=json)


def _publish(context: Context, program: Path) -> None:
    from ziggurat.app.programs.list_programs import list_programs
    from ziggurat.app.programs.publish_program import publish_program
    from ziggurat.program.write import program_document

    rules = load(program)
    known = list_programs(context, status=None, after=None, limit=1_000).items
    if not any(each.name == rules.name for each in known):
        publish_program(context, program_document(rules))


def _digest(paths: Sequence[Path], zone: str, reading: Reading) -> str:
    """What tells this import from others: what is in the files, and how they are read."""
    said = {name: value for name, value in asdict(reading).items() if value}  # options that come later change nothing
    found = hashlib.sha256(repr((zone, said)).encode())
    for path in paths:
        with path.open("rb") as file:
            while part := file.read(_HASHED_BYTES):
                found.update(part)
    return found.hexdigest()


def _show(report: ImportReport, *, as_json: bool) -> int:
    failed = sum(count for result, count in report.results.items() if result in ("conflict", "refused"))
    if as_json:
        told = [{"where": where, "code": row.code, "reason": row.reason} for where, row in report.failed]
        show_json({"rows": report.rows, "resumed": report.resumed, **report.results, "failed": told})
        return int(failed > 0)
    out = console()
    said = ", ".join(f"{count:,} {result}" for result, count in sorted(report.results.items())) or "nothing new"
    out.print(f"{report.rows:,} rows: {said}" + (f" ({report.resumed:,} earlier)" if report.resumed else ""))
    for where, row in report.failed:
        out.print(f"{cell(where)}: {cell(row.reason or row.code)}", soft_wrap=True)
    if failed > len(report.failed):
        out.print(f"and {failed - len(report.failed):,} more")
    return int(failed > 0)
