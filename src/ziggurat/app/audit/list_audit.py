"""Read the audit trail."""

from __future__ import annotations

from ziggurat.app.audit.views import AuditView
from ziggurat.app.context import Context
from ziggurat.app.pages import Page, Position
from ziggurat.store.repositories import audit


def list_audit(
    context: Context, *, subject: str | None = None, after: Position | None = None, limit: int
) -> Page[AuditView]:
    """The trail, oldest first, of one subject if it is named."""
    start = int(after[0] or 0) if after else 0
    with context.database.reading() as connection:
        found = audit.page(connection, context.scope, after=start, limit=limit + 1, subject=subject)
    shown = tuple(_view(entry) for entry in found[:limit])
    return Page(shown, (shown[-1].number,) if len(found) > limit else None)


def _view(entry: audit.AuditEntry) -> AuditView:
    hashed = bytes(entry.hash).hex()
    return AuditView(entry.number, entry.at, entry.actor, entry.action, entry.subject, entry.details, hashed)
