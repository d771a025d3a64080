"""Check that nobody has changed the audit trail."""

from __future__ import annotations

from ziggurat.app.audit.views import AuditCheck
from ziggurat.app.context import Context
from ziggurat.store.repositories import audit


def verify_audit(context: Context, expected_head: tuple[int, bytes] | None = None) -> AuditCheck:
    """Whether every entry is there and as it was written.

    `expected_head` is a number and hash noted earlier: without it, entries cut off at the end cannot be missed.
    """
    with context.database.reading() as connection:
        broken = audit.verify(connection, context.scope, expected_head)
        last = audit.head(connection, context.scope)
    entries = last.number if last else 0
    return AuditCheck(entries, broken is None, broken.number if broken else None, broken.problem if broken else "")
