"""What these use cases answer: frozen values.

Instants are UTC microseconds, amounts ten-thousandths, tiers names ("" is none).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OrganizationView:
    """A tenant and its rules of approval."""

    name: str
    requires_approval: bool
    self_approval: bool
    settings: Mapping[str, Any]
    created_at: int
    version: int


@dataclass(frozen=True, slots=True)
class KeyView:
    """An API key without its secret."""

    key_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: int
    revoked_at: int | None
    last_used_at: int | None


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A new key with its secret, which nobody can read again."""

    key: KeyView
    secret: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer that was given to the first request with an idempotency key."""

    status: int
    headers: Mapping[str, str]
    body: bytes
