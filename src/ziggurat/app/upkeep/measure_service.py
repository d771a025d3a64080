"""Measure what is waiting, over all organizations."""

from __future__ import annotations

from ziggurat.app.context import WORKER, Context
from ziggurat.app.events.load_programs import load_evaluated
from ziggurat.app.upkeep.views import ServiceHealth
from ziggurat.store.database import Database
from ziggurat.store.repositories import jobs, organizations, outbox, states, webhooks


def measure_service(database: Database, now: int) -> ServiceHealth:
    """How many members are due and since when, what the outbox holds, and what is still to be delivered or done."""
    due = waiting = deliveries = open_jobs = 0
    oldest_due = oldest_message = now
    with database.reading() as connection:
        for organization in organizations.every(connection):
            scope = organization.scope
            for program in load_evaluated(connection, Context(database, scope, WORKER, now)):
                count, oldest = states.backlog(connection, scope, program.id, now)
                due, oldest_due = due + count, min(oldest_due, now if oldest is None else oldest)
            count, oldest = outbox.waiting(connection, scope)
            waiting, oldest_message = waiting + count, min(oldest_message, now if oldest is None else oldest)
            deliveries += webhooks.count_pending(connection, scope)
            open_jobs += jobs.count_open(connection, scope)
    return ServiceHealth(due, now - oldest_due, waiting, now - oldest_message, deliveries, open_jobs)
