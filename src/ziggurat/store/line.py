"""A line that threads stand in: who comes first is served first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from ziggurat.store.errors import DatabaseLockedError


class Line:
    """One at a time, in the order in which they came.

    SQLite's own waiters look again after growing pauses and meet whoever comes by chance: one that writes without a
    pause (an activation's steps, say) would keep the others out for seconds.
    """

    def __init__(self) -> None:
        self._mutex = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def turn(self, timeout_s: float) -> Iterator[None]:
        """Have the turn while the block lasts.

        Raises:
            DatabaseLockedError: it did not come within `timeout_s`.
        """
        self._take(timeout_s)
        try:
            yield
        finally:
            with self._mutex:
                if self._waiting:
                    self._waiting.popleft().release()  # handed over: it stays taken
                else:
                    self._is_taken = False

    def _take(self, timeout_s: float) -> None:
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=timeout_s):
            return
        with self._mutex:
            if mine in self._waiting:
                self._waiting.remove(mine)
                raise DatabaseLockedError("other writers of this process are in line")
        # the turn came in this very moment
