"""What these use cases answer: frozen values.

Instants are UTC microseconds, amounts ten-thousandths, tiers names ("" is none).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EndpointView:
    """Where messages go. `types` () is all of them."""

    id: str
    url: str
    types: tuple[str, ...]
    enabled: bool
    disabled_reason: str | None
    failing_since: int | None
    settings: Mapping[str, Any]
    created_at: int
    updated_at: int
    version: int
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class CreatedEndpoint:
    """An endpoint with its new signing secret, which nobody can read again."""

    endpoint: EndpointView
    secret: str


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try to deliver."""

    number: int
    at: int
    status: int | None
    took_us: int
    error: str | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One message on its way to one endpoint."""

    id: str
    endpoint: str
    message_id: str
    type: str
    member: str | None
    state: str
    attempts: int
    next_attempt_at: int | None
    created_at: int
    finished_at: int | None
    log: tuple[AttemptView, ...] = ()
