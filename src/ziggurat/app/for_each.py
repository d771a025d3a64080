"""Do something for several organizations, so that the trouble of one is not the others'."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from ziggurat.store.errors import DatabaseGoneError

T = TypeVar("T")


def sum_for_each(things: Iterable[T], work: Callable[[T], int]) -> int:
    """The sum of what `work` answers for each of `things`; all get their turn before the first error is raised.

    Raises:
        DatabaseGoneError: at once: it is away for all of them.
    """
    total, failed = 0, None
    for thing in things:
        try:
            total += work(thing)
        except DatabaseGoneError:
            raise
        except Exception as error:  # noqa: BLE001 - raised below
            failed = failed or error
    if failed is not None:
        raise failed
    return total
