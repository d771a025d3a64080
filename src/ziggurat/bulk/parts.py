"""Work over many rows, in parts, on all the cores that the process may use."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

MANY = 100_000
"""So many rows or members are worth several threads."""
Answer = TypeVar("Answer")


def in_parts(count: int, work: Callable[[int, int], Answer]) -> list[Answer]:
    """`work(first, last)` over [0, count) in parts; its answers in order. `work` should do without the interpreter."""
    threads = len(os.sched_getaffinity(0))
    if count <= MANY:
        return [work(0, count)]
    edges = np.linspace(0, count, threads * 8 + 1).astype(np.int64).tolist()
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, edges[:-1], edges[1:]))
