"""Runs the kernel: picks the one that a plan needs, compiles it once, folds members on all cores."""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numba import typeof

from ziggurat.engine import layout
from ziggurat.engine.history import Columns, Histories
from ziggurat.engine.kernel.fold_kernel import make_fold
from ziggurat.engine.kernel.slots_kernel import V_SIZE
from ziggurat.engine.plan import Plan
from ziggurat.engine.plan_shape import Shape
from ziggurat.engine.results import Moves, Results, States

CHUNK_EVENTS = 1_000_000
"""About how many events a thread takes at a time, at most."""
CHUNK_EVENTS_MIN = 20_000
"""Fewer are not worth another thread."""


@lru_cache(maxsize=1)
def source_stamp() -> int:
    """A number that changes with the kernel's source.

    Numba looks only at the file of the function itself when it takes a compiled copy from disk, not at those whose
    functions it calls.
    """
    files = [*sorted(Path(__file__).parent.glob("*.py")), Path(layout.__file__)]
    return zlib.crc32(b"".join(file.read_bytes() for file in files))


@lru_cache(maxsize=4)
def fold_for(shape: Shape) -> Any:
    """The kernel of a shape."""
    return make_fold(full=shape is Shape.FULL, lean=shape is Shape.LEAN, stamp=source_stamp())


def shape_for(plan: Plan, histories: Histories) -> Shape:
    """The smallest kernel that can do `plan` over `histories`."""
    if histories.amount is None:
        return Shape.FULL
    return Shape.SINGLE if plan.shape is Shape.LEAN and not histories.rises_only else plan.shape


def run(
    plan: Plan,
    histories: Histories,
    as_of: int,
    *,
    transitions: bool = True,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Results:
    """The answers for every member of `histories` up to and at `as_of`.

    Args:
        plan: the compiled program.
        histories: made for this plan.
        as_of: UTC microseconds.
        transitions: whether to keep the transitions, or only count them.
        threads: how many; default: the cores that this process may use.
        progress: called with the number of events just done, from any thread.
    """
    fold = fold_for(shape_for(plan, histories))
    members = len(histories)
    states, moved = States.empty(members), np.zeros(members, np.int32)
    given, answer = _given(plan, histories, as_of), states.columns()

    def work(chunk: tuple[int, int]) -> list[tuple[int, int, Moves]]:
        first, stop = chunk
        events = int(histories.offsets[stop] - histories.offsets[first])
        room = events + 1_024 if transitions else 1
        parts = []
        scratch = _scratch(plan, histories, first, stop, full=histories.amount is None)
        while first < stop:
            moves = _room_for(room)
            came, written = fold(*given, first, stop, scratch, answer, moves.columns(), moved, transitions)
            if transitions and came > first:
                parts.append((first, came, moves.copied(written)))
            room = len(moves) * 2 if came == first else room
            first = came
        if progress is not None:
            progress(events)
        return parts

    cores = threads or len(os.sched_getaffinity(0))
    chunks = list(_chunks(histories, cores))
    workers = min(cores, len(chunks))
    if workers <= 1:
        done = [work(chunk) for chunk in chunks]
        if len(_room_for(0)) > _ROOM_KEPT:
            del _of_thread.moves
    else:
        with ThreadPoolExecutor(workers) as pool:
            done = list(pool.map(work, chunks))
    return Results(plan.names, states, moved, tuple(part for parts in done for part in parts))


def is_compiled(plan: Plan, histories: Histories) -> bool:
    """Whether the kernel that this takes is at hand, here or in the cache on disk; compiling one takes some seconds."""
    fold = fold_for(shape_for(plan, histories))
    if fold.signatures:
        return True
    outputs = (States.empty(0).columns(), Moves.empty(0).columns(), np.zeros(0, np.int32), True)
    arguments = (*_given(plan, histories, 0), 0, 0, _scratch(plan, histories, 0, 0, full=False), *outputs)
    signature = tuple(map(typeof, arguments))
    return fold._cache.load_overload(signature, fold.targetctx) is not None  # noqa: SLF001 - Numba tells no other way


_of_thread = threading.local()
_ROOM_KEPT = 100_000


def _room_for(moves: int) -> Moves:
    """Room for at least that many transitions, used again by its thread."""
    room: Moves | None = getattr(_of_thread, "moves", None)
    if room is None or len(room) < moves:
        room = _of_thread.moves = Moves.empty(moves)
    return room


def _given(plan: Plan, histories: Histories, as_of: int) -> tuple[Any, ...]:
    """What is the same for every chunk of members."""
    columns, values = _columns(histories)
    amount = histories.amount if histories.amount is not None else np.zeros(1, np.int64)
    return plan.memory, histories.offsets, histories.occurred_at, amount, columns, values, as_of


def _chunks(histories: Histories, cores: int) -> Iterator[tuple[int, int]]:
    """Stretches of members of about as many events each, several for each core."""
    members, first = len(histories), 0
    if histories.events <= CHUNK_EVENTS_MIN and members:
        yield 0, members
        return
    share = -(-histories.events // (4 * cores))
    size = min(max(share, CHUNK_EVENTS_MIN), CHUNK_EVENTS)
    while first < members:
        target = int(histories.offsets[first]) + size
        stop = min(max(int(np.searchsorted(histories.offsets, target, "right")) - 1, first + 1), members)
        yield first, stop
        first = stop


def _scratch(plan: Plan, histories: Histories, first: int, stop: int, *, full: bool) -> tuple[Any, ...]:
    """Room for one member's values at a time; the kernel itself takes no memory, and so counts no references."""
    slots = int(plan.memory[layout.H_SLOTS_MAX])
    longest = int(np.diff(histories.offsets[first : stop + 1]).max(initial=1)) if full else 1
    sizes = [slots * V_SIZE, slots, slots, slots, slots, slots]
    sizes += [int(plan.memory[layout.H_CONDITIONS_MAX]) + 1, int(plan.memory[layout.H_ATTRIBUTES]) + 1]
    rows = [np.zeros((slots, longest), np.int64) for _ in range(3)]
    return (*(np.zeros(size, np.int64) for size in sizes), *rows)


def _columns(histories: Histories) -> tuple[tuple[Any, ...], tuple[Any, Any]]:
    """The columns as the kernel takes them: one that says nothing is one cell, and a mask leads all rows to it."""
    if histories.columns is None:
        return _nothing_more()
    return _told(histories.columns)


@lru_cache(maxsize=1)
def _nothing_more() -> tuple[tuple[Any, ...], tuple[Any, Any]]:
    return _told(Columns(np.zeros(1, np.int8)))


def _told(columns: Columns) -> tuple[tuple[Any, ...], tuple[Any, Any]]:
    absent = (
        (columns.kind, np.int8, 0),
        (columns.flags, np.uint8, layout.FLAG_QUALIFYING),
        (columns.currency, np.int8, 0),
        (columns.code, np.int32, -1),
        (columns.extra, np.int64, 0),
        (columns.points, np.int64, 0),
        (columns.amount, np.int64, 0),
        (columns.quantity, np.int64, 0),
    )
    arrays, mask = [], np.zeros(len(absent), np.int64)
    for number, (column, dtype, nothing) in enumerate(absent):
        same = column is None or (len(column) > 0 and column.strides == (0,))
        value = nothing if column is None else column[0] if same else 0
        arrays.append(np.full(1, value, dtype) if same else np.ascontiguousarray(column))
        mask[number] = 0 if same else -1
    return (*arrays, mask), (columns.numbers, np.ascontiguousarray(columns.dates).reshape(-1))
