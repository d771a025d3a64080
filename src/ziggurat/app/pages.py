"""A stretch of a list, as use cases answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

T = TypeVar("T")
P = TypeVar("P", bound="Placed")


Position: TypeAlias = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A stretch of a list; `next` is the `after` of the page that follows, None on the last one."""

    items: tuple[T, ...]
    next: Position | None


@dataclass(frozen=True, slots=True)
class TwoWayPage(Generic[T]):
    """A stretch of a list; `previous` and `next` are where the pages before and after it begin, None if none does."""

    items: tuple[T, ...]
    previous: Position | None
    next: Position | None


class Placed(Protocol):
    """What stands at a place of a list."""

    @property
    def place(self) -> tuple[str | int | None, ...]: ...


def two_way_page(
    found: Sequence[P],
    limit: int,
    start: Position | None,
    show: Callable[[Sequence[P]], tuple[T, ...]],
    *,
    backwards: bool,
) -> TwoWayPage[T]:
    """The page of `limit` of the rows `found` from `start` on (backwards: the nearest first); one more tells of others.

    show: makes the items of the rows that are on the page.
    """
    is_more = len(found) > limit
    on_it = found[:limit][::-1] if backwards else found[:limit]
    before, after = (is_more, start is not None) if backwards else (start is not None, is_more)
    previous = tuple(on_it[0].place) if on_it and before else None
    return TwoWayPage(show(on_it), previous, tuple(on_it[-1].place) if on_it and after else None)
