"""Whom a key speaks for, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ziggurat.store.scope import Scope


class KeyScope(StrEnum):
    """What a key may do."""

    READ = "read"
    INGEST = "ingest"
    DESIGN = "design"
    APPROVE = "approve"
    ADMIN = "admin"


ALL_SCOPES = frozenset(KeyScope)


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a valid key: the organization, and what the key may do in it."""

    scope: Scope
    key_id: str
    scopes: frozenset[KeyScope]
    organization: str

    @property
    def actor(self) -> str:
        """The name under which the audit trail keeps this key's doings."""
        return f"key:{self.key_id}"
