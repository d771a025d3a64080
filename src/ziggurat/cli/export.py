"""`ziggurat export`: the whole ledger as a file of events."""

from __future__ import annotations

from pathlib import Path

from ziggurat.cli.database import context_for, opened
from ziggurat.cli.inputs import check_zone
from ziggurat.cli.output import cell, number_of, working
from ziggurat.cli.usage import UsageError


def export(out: Path, /, *, organization: str = "default", time_zone: str = "UTC", database: str | None = None) -> int:
    """Write every event of an organization, so that `replay` and `import` read them again.

    Args:
        out: Where to: CSV, JSON lines or Parquet, by its ending; written whole or not at all.
        organization: The organization.
        time_zone: The zone whose offset instants are written with (in Parquet they are UTC).
        database: Where everything is kept (default: ZIGGURAT_DATABASE_URL, or ziggurat.db here).
    """
    from ziggurat.app.events.export_events import export_events
    from ziggurat.bulk.events_out import events_out
    from ziggurat.bulk.result_tables import with_text_amounts
    from ziggurat.bulk.write_results import UnknownFormatError, check_output, write_results

    check_zone(time_zone)
    try:
        check_output(out)
    except UnknownFormatError as error:
        raise UsageError(str(error)) from None
    with opened(database, make=False) as found, working("reading the ledger ..."):
        table = events_out(export_events(context_for(found, organization)))
    write_results(table if out.suffix.lower() == ".parquet" else with_text_amounts(table), out, time_zone)
    print(f"{number_of(table.num_rows, 'event')} written to {cell(out)}")
    return 0
