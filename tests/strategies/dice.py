"""One source of choices for two kinds of tests: a seeded one for speed, and Hypothesis for shrinking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Dice(Protocol):
    """Where makers of programs and histories get their choices from."""

    def integer(self, low: int, high: int) -> int:
        """One of `low` to `high`, both included."""
        ...

    def pick(self, options: Sequence[T]) -> T:
        """One of `options`; simpler ones stand first."""
        ...

    def chance(self, percent: int) -> bool:
        """True in about `percent` of a hundred."""
        ...


class SeededDice:
    """Choices that a seed decides."""

    def __init__(self, seed: str | int) -> None:
        self._random = Random(seed).random

    def integer(self, low: int, high: int) -> int:
        return low + int(self._random() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._random() * len(options))]

    def chance(self, percent: int) -> bool:
        return self._random() * 100 < percent


class DrawnDice:
    """Choices that Hypothesis draws, and shrinks."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        return int(self._draw(st.integers(low, high)))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.integer(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        return self.integer(0, 99) >= 100 - percent
