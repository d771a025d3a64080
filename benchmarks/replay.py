"""How fast members are replayed.

Usage: script/bench replay [EVENTS...], by default 1e6 1e7 1e8.

Ten events a member on average, a fifth of the members with most of them; spend over rolling 12 months, four tiers held
for 12 months. Beside it, in the same run and on the same rows: DuckDB summing and counting by member and comparing with
the thresholds (no windows, holds or time passing), and a bare read of the columns.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import numba
import numpy as np
import pyarrow as pa

from ziggurat.engine.evaluate import Histories, Plan, Results, compile_plan, evaluate_members
from ziggurat.program.calendar import Period, Unit, calendar
from ziggurat.program.model import (
    Expiration,
    ExpirationType,
    Measure,
    MeasureKind,
    Program,
    Qualification,
    Revision,
    Rolling,
    Tier,
)

SIZES = (1_000_000, 10_000_000, 100_000_000)
TIMES = 3
"""Each figure is the best of so many."""
YEAR = Period(12, Unit.MONTHS)
LADDER = {"Silver": 200, "Gold": 500, "Platinum": 1_000, "Diamond": 2_500}
ZONE = "Europe/Paris"
_njit: Any = numba.njit


@_njit(cache=True)
def _mixed(seed: int, n: int) -> Any:
    """A number that looks random, for the n-th time with `seed` (both small)."""
    x = np.uint64(seed * 0x9E3779B1 + n + 1) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((x ^ (x >> np.uint64(31))) >> np.uint64(33))


@_njit(cache=True)
def _counts(offsets: Any) -> None:
    for m in range(len(offsets) - 1):
        r = _mixed(1, m)
        offsets[m + 1] = offsets[m] + (10 + (r >> 8) % 49 if r % 5 == 0 else 1 + (r >> 8) % 7)


@_njit(cache=True)
def _events(offsets: Any, start: int, end: int, member: Any, at: Any, amount: Any) -> None:
    for m in range(len(offsets) - 1):
        begin, count = offsets[m], offsets[m + 1] - offsets[m]
        for k in range(count):
            j = begin + k
            step = (end - start) // count
            member[j] = m
            at[j] = start + k * step + _mixed(2, j) % (step // 1_000_000) * 1_000_000
            amount[j] = (500 + _mixed(3, j) % 9_500) * 100


def made(events: int, start: int, end: int) -> tuple[Any, Histories]:
    """About so many events, and the member of each."""
    offsets = np.zeros(events // 10 + 1, np.int64)
    _counts(offsets)
    rows = int(offsets[-1])
    member, at, amount = np.empty(rows, np.int32), np.empty(rows, np.int64), np.empty(rows, np.int64)
    _events(offsets, start, end, member, at, amount)
    return member, Histories(offsets, at, amount, rises_only=True)


@_njit(cache=True, parallel=True)
def _read(at: Any, amount: Any) -> int:
    total = 0
    for i in numba.prange(len(at)):
        total += at[i] ^ amount[i]
    return total


def best(work: Callable[[], Any]) -> float:
    """The shortest of some runs, in seconds."""
    seconds = []
    for _ in range(TIMES):
        gc.collect()
        before = perf_counter()
        answer = work()
        seconds.append(perf_counter() - before)
        del answer
    return min(seconds)


def by_duckdb(member: Any, histories: Histories, threads: int) -> float:
    """Sum and count by member and compare with the thresholds, over a table of DuckDB's own."""
    database = duckdb.connect()
    database.execute(f"SET threads = {threads}")
    rows = pa.table({"member": member, "occurred_at": histories.occurred_at, "amount": histories.amount})
    database.register("rows", rows)
    database.execute("CREATE TABLE events AS SELECT * FROM rows")
    database.unregister("rows")
    cases = " ".join(f"WHEN s >= {start * 10_000} THEN '{name}'" for name, start in reversed(LADDER.items()))
    query = (
        f"SELECT member, s, n, CASE {cases} ELSE '' END AS tier FROM "
        "(SELECT member, sum(amount) AS s, count(*) AS n FROM events GROUP BY member)"
    )
    seconds = best(lambda: database.sql(query).to_arrow_table())
    database.close()
    return seconds


def program() -> Program:
    """What is replayed."""
    return Program(
        "Bench",
        Qualification(Measure(MeasureKind.SPEND), Rolling(YEAR)),
        tuple(Tier(name, start=Decimal(start)) for name, start in LADDER.items()),
        time_zone=ZONE,
        expiration=Expiration(ExpirationType.FIXED_DURATION, YEAR),
    )


def peak() -> int:
    """The most memory held so far, in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def column_bytes(histories: Histories, results: Results) -> int:
    """What goes in and comes out."""
    states = sum(column.nbytes for column in results.states.columns())
    moves = sum(column.nbytes for _, _, part in results.parts for column in part.columns())
    return histories.bytes + states + moves + results.moved.nbytes


def measure(plan: Plan, events: int, threads: int) -> None:
    """Print one size."""
    zone = calendar(ZONE)
    start, end = zone.parse("2021-01-01"), zone.parse("2024-01-01")
    base = peak()
    member, histories = made(events, start, end)
    rows = histories.events
    results = evaluate_members(plan, histories, end, threads=threads)
    held, listed = peak() - base - member.nbytes, column_bytes(histories, results)
    moves = int(results.moved.sum())
    del results
    kept = best(lambda: evaluate_members(plan, histories, end, threads=threads))
    states = best(lambda: evaluate_members(plan, histories, end, threads=threads, transitions=False))
    read = best(lambda: _read(histories.occurred_at, histories.amount))
    stateless = by_duckdb(member, histories, threads)
    print(f"{rows:,} events, {len(histories):,} members, {moves / rows:.2f} transitions an event, {threads} threads")
    for name, seconds in (("tiers and transitions", kept), ("tiers", states)):
        print(
            f"  {name:<22} {rows / seconds / 1e6:7.1f} M events/s  {seconds * 1e9 / rows:6.2f} ns an event  "
            f"{stateless / seconds:5.2f} x DuckDB's stateless group by  {read / seconds:5.3f} x a bare read"
        )
    print(f"  {'DuckDB, stateless':<22} {rows / stateless / 1e6:7.1f} M events/s")
    print(f"  {'bare read':<22} {rows / read / 1e6:7.1f} M events/s")
    print(
        f"  memory: columns in and out {listed / rows:.1f} bytes an event, process peak {held / rows:.1f}", flush=True
    )


def main() -> None:
    """Run the sizes asked for."""
    threads = len(os.sched_getaffinity(0))
    numba.set_num_threads(threads)
    plan = compile_plan([Revision(program())])
    _, small = made(1_000, 10**15, 2 * 10**15)
    evaluate_members(plan, small, 2 * 10**15, compiling=lambda: print("compiling the kernel, once", flush=True))
    _read(small.occurred_at, small.amount)
    for size in [int(float(text)) for text in sys.argv[1:]] or SIZES:
        measure(plan, size, threads)


if __name__ == "__main__":
    main()
