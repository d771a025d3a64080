"""One entry of the audit trail for a change, in the change's own transaction."""

from __future__ import annotations

from typing import Any

from ziggurat.app.context import Context
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audit


def record(connection: Connection, context: Context, action: str, subject: str, **details: Any) -> audit.AuditEntry:
    """Say in the audit trail that the context's actor did `action` to `subject`; last in the transaction."""
    return audit.append(
        connection, context.scope, at=context.now, actor=context.actor, action=action, subject=subject, details=details
    )
