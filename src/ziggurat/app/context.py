"""Who asks, of which organization, and when: the first argument of every use case behind a key."""

from __future__ import annotations

from dataclasses import dataclass

from ziggurat.store.database import Database
from ziggurat.store.scope import Scope

WORKER = "worker"
"""Who asks where nobody does: the audit trail's name for background work."""


@dataclass(frozen=True, slots=True)
class Context:
    """One request.

    Args:
        database: where everything is kept.
        scope: the organization; nothing outside of it can be read or written.
        actor: who asks, as the audit trail names them (`key:KEY_ID`, `cli:USER`, `worker`).
        now: UTC microseconds, read once by the door. No use case reads a clock.
    """

    database: Database
    scope: Scope
    actor: str
    now: int
