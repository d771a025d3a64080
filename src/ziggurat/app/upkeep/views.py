"""What these use cases answer: frozen values.

Instants are UTC microseconds, amounts ten-thousandths, tiers names ("" is none).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """What is waiting, over all organizations; ages in microseconds."""

    due_members: int
    evaluation_lag_us: int
    outbox_waiting: int
    outbox_age_us: int
    deliveries_waiting: int
    jobs_open: int
