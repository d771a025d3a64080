"""`ziggurat import`: files of events straight into the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ziggurat.cli.database import context_for, opened
from ziggurat.cli.inputs import EventFile, Flag, Reading, check_zone, load, read_in
from ziggurat.cli.output import cell, console, progress, say, show_json

if TYPE_CHECKING:
    from ziggurat.app.context import Context
    from ziggurat.app.events.import_events import ImportReport

_AS_READ = Reading()
_HASHED_BYTES = 1 << 20
_PROGRAMS_MAX = 1_000


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
        time_zone: Where times without zone are local. Default: where the programs in force are, or else UTC.
        database: Where everything is kept (default: ZIGGURAT_DATABASE_URL, or ziggurat.db here).
        reading: How the files are read.
        json: Print JSON.
    """
    from ziggurat.app.events.import_events import import_events as take_in

    if time_zone:
        check_zone(time_zone)
    zone = time_zone or (load(program).time_zone if program else _zone_in_force(database, organization))
    table = read_in(events, zone, reading)
    with opened(database) as found:
        context = context_for(found, organization, make=True)
        if program:
            _publish(context, program)
        with progress("importing") as moved:
            report = take_in(context, table, _digest(events, time_zone, reading), progress=moved)
    return _show(report, as_json=json)


def _zone_in_force(database: str | None, organization: str) -> str:
    """The zone of the organization's programs; UTC if there are none, or if they are in several."""
    from ziggurat.app.programs.list_programs import list_programs
    from ziggurat.store.errors import DatabaseGoneError, NotFoundError

    try:
        with opened(database, make=False) as found:
            programs = list_programs(context_for(found, organization), limit=_PROGRAMS_MAX).items
    except (DatabaseGoneError, NotFoundError):
        return "UTC"
    zones = {each.document.get("time_zone", "UTC") for each in programs if each.document is not None}
    if len(zones) > 1:
        say(f"times without zone are taken for UTC's: programs are in {', '.join(sorted(zones))} (see --time-zone)")
    return zones.pop() if len(zones) == 1 else "UTC"


def _publish(context: Context, program: Path) -> None:
    from ziggurat.app.programs.list_programs import list_programs
    from ziggurat.app.programs.publish_program import publish_program
    from ziggurat.program.write import program_document

    rules = load(program)
    known = list_programs(context, limit=_PROGRAMS_MAX).items
    if not any(each.name == rules.name for each in known):
        publish_program(context, program_document(rules))


def _digest(paths: Sequence[Path], zone: str | None, reading: Reading) -> str:
    """What tells this import from others: what is in the files, and how the command says to read them."""
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
