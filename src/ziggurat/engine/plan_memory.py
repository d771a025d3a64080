"""A plan's flat array while it is being written."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ziggurat.engine.day_tables import Int64s
from ziggurat.program.calendar import BEGINNING, NEVER


class PlanMemory:
    """An int64 array that grows: small rows written one by one, tables appended whole, a position for each."""

    def __init__(self) -> None:
        self._tables: list[tuple[int, Int64s]] = []
        self._size = 0
        self._cells: dict[int, int] = {}

    def reserve(self, count: int) -> int:
        """The position of `count` new cells, all zero."""
        position = self._size
        self._size += count
        return position

    def __setitem__(self, position: int, value: int) -> None:
        self._cells[position] = min(max(int(value), BEGINNING), NEVER)

    def put(self, values: Iterable[int]) -> int:
        """The position of new cells that hold `values`."""
        listed = list(values)
        position = self.reserve(len(listed))
        for offset, value in enumerate(listed):
            self[position + offset] = value
        return position

    def put_table(self, table: Int64s) -> int:
        """The position of a copy of `table`."""
        position = self.reserve(len(table))
        self._tables.append((position, table))
        return position

    def array(self) -> Int64s:
        """Everything written."""
        memory = np.zeros(self._size, np.int64)
        for position, table in self._tables:
            memory[position : position + len(table)] = table
        memory[list(self._cells)] = list(self._cells.values())
        return memory
