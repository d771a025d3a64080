"""Instants as vendors write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def millisecond_text(microseconds: int) -> str:
    """An instant in UTC with three decimals, cut off rather than rounded.

    >>> millisecond_text(1_708_006_942_539_999)
    '2024-02-15T14:22:22.539Z'
    """
    instant = _EPOCH + timedelta(microseconds=microseconds)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def microsecond_text(microseconds: int) -> str:
    """An instant in UTC with six decimals.

    >>> microsecond_text(1_708_006_942_539_001)
    '2024-02-15T14:22:22.539001Z'
    """
    instant = _EPOCH + timedelta(microseconds=microseconds)
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
