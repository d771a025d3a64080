"""Revision counters and dates that vendors give to parts of a program, counted from the program's own revisions.

A vendor's tier has its own revision, grown by each change of it. Nothing of that is stored: the program's history says
when a part appeared, and how often what the vendor can see of it has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Counted(Generic[V]):
    """What is seen now, how many states it has had (1: never changed), and since when (UTC microseconds)."""

    seen: V
    revision: int
    created_at: int
    updated_at: int


def count_changes(history: Iterable[tuple[int, Mapping[K, V]]]) -> dict[K, Counted[V]]:
    """The parts that the last state of `history` has, each counted over the states before.

    Args:
        history: instant and parts by key of each state, oldest first. A part that was gone begins anew.

    >>> told = count_changes([(10, {"a": 1}), (20, {"a": 1, "b": 5}), (30, {"a": 2, "b": 5})])
    >>> told["a"].revision, told["a"].updated_at, told["b"].revision, told["b"].created_at
    (2, 30, 1, 20)
    """
    parts: dict[K, Counted[V]] = {}
    for at, seen in history:
        parts = count_further(parts, at, seen)
    return parts


def count_further(before: Mapping[K, Counted[V]], at: int, seen: Mapping[K, V]) -> dict[K, Counted[V]]:
    """The parts after one more state."""
    return {key: _next(before.get(key), value, at) for key, value in seen.items()}


def _next(before: Counted[V] | None, seen: V, at: int) -> Counted[V]:
    if before is None:
        return Counted(seen, 1, at, at)
    if before.seen == seen:
        return before
    return Counted(seen, before.revision + 1, before.created_at, at)
