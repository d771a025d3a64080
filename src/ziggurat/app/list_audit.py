"""Read the audit trail, and check that nobody has changed it."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.views import AuditCheck, AuditView, Page, Position
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


def verify_audit(context: Context, expected_head: tuple[int, bytes] | None = None) -> AuditCheck:
    """Whether every entry is there and as it was written.

    `expected_head` is a number and hash noted earlier: without it, entries cut off at the end cannot be missed.
    """
    with context.database.reading() as connection:
        broken = audit.verify(connection, context.scope, expected_head)
        last = audit.head(connection, context.scope)
    entries = last.number if last else 0
    return AuditCheck(entries, broken is None, broken.number if broken else None, broken.problem if broken else "")


def _view(entry: audit.AuditEntry) -> AuditView:
    hashed = bytes(entry.hash).hex()
    return AuditView(entry.number, entry.at, entry.actor, entry.action, entry.subject, entry.details, hashed)
