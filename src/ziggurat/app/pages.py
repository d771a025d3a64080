"""A stretch of a list, as use cases answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


Position: TypeAlias = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A stretch of a list; `next` is the `after` of the page that follows, None on the last one."""

    items: tuple[T, ...]
    next: Position | None
