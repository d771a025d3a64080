"""Take a file's events straight into the ledger, in steps that a crash cannot lose or double."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ziggurat import limits
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest
from ziggurat.app.events.views import IngestOutcome
from ziggurat.bulk.event_table import EventTable, events_at
from ziggurat.store.database import Connection
from ziggurat.store.repositories import faces

if TYPE_CHECKING:
    from ziggurat.program.events import Event

_FACE, _KIND = "import", "progress"
REFUSALS_TOLD_MAX = limits.ROW_FAULTS_SHOWN_MAX


@dataclass(slots=True)
class ImportReport:
    """What became of the rows: counts by result (accepted, duplicate, conflict, refused), and the first that failed.

    `resumed` counts rows that an earlier, interrupted import of the same source had already taken in.
    """

    rows: int
    resumed: int = 0
    results: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, IngestOutcome]] = field(default_factory=list)


def import_events(
    context: Context,
    table: EventTable,
    source: str,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Take all events of `table` in, member by member, each member's in order.

    How far the import has come is written together with the events of each step: one that is interrupted goes on where
    it stopped when the same `source` is imported again, and one that is complete changes nothing.

    Args:
        context: who asks.
        table: events without faults, as `bulk.read_events` gives them.
        source: what tells this import from others, such as a digest of the files and of how they are read.
        progress: told after each step how many rows of how many are done.
    """
    order = np.lexsort((np.arange(len(table)), table.occurred_at, table.member))
    done = _rows_done(context, source)
    report = ImportReport(len(table), done)
    while done < len(order):
        rows = order[done : done + limits.EVENTS_PER_REQUEST_MAX]
        step = _take(context, events_at(table, rows), source, done, len(table))
        if isinstance(step, int):  # somebody else imports the same
            report.resumed += step - done
            done = step
            continue
        done += len(rows)
        report.results.update(outcome.result for outcome in step)
        failed = [
            (table.where(int(row)), outcome)
            for row, outcome in zip(rows, step, strict=True)
            if outcome.result in ("conflict", "refused")
        ]
        report.failed += failed[: REFUSALS_TOLD_MAX - len(report.failed)]
        if progress is not None:
            progress(done, len(table))
    return report


def _rows_done(context: Context, source: str) -> int:
    def work(connection: Connection) -> int:
        kept = faces.get(connection, context.scope, _FACE, _KIND, source)
        if kept is None:
            faces.ensure(connection, context.scope, _FACE, _KIND, source, {"rows": 0}, created_at=context.now)
        return int(kept.document["rows"]) if kept else 0

    return context.database.write(work)


def _take(context: Context, events: list[Event], source: str, done: int, total: int) -> tuple[IngestOutcome, ...] | int:
    """What became of `events`, which come after the first `done` rows; or how many rows are done, if it is not so many.

    Two imports of the same source share the work: each step is done by one of them.
    """

    def work(connection: Connection) -> tuple[IngestOutcome, ...] | int:
        kept = faces.get(connection, context.scope, _FACE, _KIND, source, lock=True)
        assert kept is not None, "it was made before the first step"
        if kept.document["rows"] != done:
            return int(kept.document["rows"])
        outcomes = ingest(connection, context, events, enforce_cut_off=False)
        now_done = {"rows": done + len(events), "of": total}
        faces.save(connection, context.scope, kept._replace(document=now_done))
        if done + len(events) == total:
            record(connection, context, "events.imported", f"import:{source}", rows=total)
        return outcomes

    return context.database.write(work)
