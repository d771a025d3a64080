"""Take events into the ledger and bring the members they are about up to date, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.errors import BatchTooLargeError
from ziggurat.app.events.admit_events import Admission, admit_events
from ziggurat.app.events.announce_events import announce_events
from ziggurat.app.events.answer_events import answer_events
from ziggurat.app.events.evaluate_members import warm_up
from ziggurat.app.events.load_programs import load_evaluated
from ziggurat.app.events.settle_members import settle_members
from ziggurat.app.events.update_attributes import update_attributes
from ziggurat.app.events.views import IngestOutcome
from ziggurat.app.events.write_events import write_events
from ziggurat.program.events import Event
from ziggurat.store.database import Connection


def ingest_events(
    context: Context, events: Sequence[Event], *, enforce_cut_off: bool = True
) -> tuple[IngestOutcome, ...]:
    """What became of each event, in the order given; all of it durable when answered.

    An event without id is never a duplicate. A reversal may stand before the event it reverses. An event dated in the
    future is kept, and counts when its time has come. `enforce_cut_off=False` lets an import bring history that is
    older than programs take otherwise.

    Raises:
        BatchTooLargeError: more than `limits.EVENTS_PER_REQUEST_MAX` events.
        StoreError: the database could not; nothing was written.
    """
    if len(events) > limits.EVENTS_PER_REQUEST_MAX:
        raise BatchTooLargeError(len(events), limits.EVENTS_PER_REQUEST_MAX)
    warm_up()
    return context.database.write(
        lambda connection: ingest(connection, context, events, enforce_cut_off=enforce_cut_off)
    )


def ingest(
    connection: Connection, context: Context, events: Sequence[Event], *, enforce_cut_off: bool = True
) -> tuple[IngestOutcome, ...]:
    """The same within a transaction that is already there."""
    programs = load_evaluated(connection, context, hold=True)
    admission: Admission = admit_events(connection, context, programs, events, enforce_cut_off=enforce_cut_off)
    histories = write_events(connection, context, admission)
    if histories is None:
        return answer_events(admission, [])
    update_attributes(connection, context, admission, histories)
    announce_events(connection, context, admission, histories)
    settled = settle_members(connection, context, programs, admission.standing, histories)
    return answer_events(admission, settled)
