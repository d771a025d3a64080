"""How fast a file is replayed: Parquet in, tiers out.

Usage: script/bench files [EVENTS...], by default 1e8. Beside it, in the same run: DuckDB scanning that file, summing by
member, and writing that.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.replay import ZONE, made, program
from ziggurat.bulk.arrange import arrange
from ziggurat.bulk.read_events import read_event_files
from ziggurat.bulk.read_options import ReadOptions
from ziggurat.bulk.result_columns import tiers_of
from ziggurat.bulk.write_results import write_results
from ziggurat.engine.evaluate import compile_plan, evaluate_members
from ziggurat.program.calendar import calendar
from ziggurat.program.model import Revision

GROUP_ROWS = 1_000_000
TIMES = 2
"""Each figure is the best of so many."""
MONEY = pa.decimal128(12, 2)
"""Kept as integers, as the Parquet writers of DuckDB and Spark do."""


def write(path: Path, events: int) -> int:
    """Write a log of orders; answers how many."""
    zone = calendar(ZONE)
    member, histories = made(events, zone.parse("2021-01-01"), zone.parse("2024-01-01"))
    assert histories.amount is not None, "orders are a single sum"
    names = pa.array(member).cast(pa.int64())
    amount = pa.array(histories.amount // 100).cast(pa.decimal128(19, 0)).view(pa.decimal128(19, 2)).cast(MONEY)
    instants = pa.array(histories.occurred_at).view(pa.timestamp("us", "UTC"))
    table = pa.table({"member": names, "occurred_at": instants, "amount": amount})
    pq.write_table(table, path, row_group_size=GROUP_ROWS, store_decimal_as_integer=True)
    return histories.events


def by_ziggurat(path: Path, out: Path) -> list[tuple[str, float]]:
    """The steps, and the seconds of each."""
    steps, before = [], perf_counter()

    def done(step: str) -> None:
        nonlocal before
        now = perf_counter()
        steps.append((step, now - before))
        before = now

    options = ReadOptions(time_zone=ZONE, defaults={"type": "order.placed"})
    table, _ = read_event_files([path], options)
    done("read")
    plan = compile_plan([Revision(program())])
    histories = arrange(table, plan)
    done("arrange")
    results = evaluate_members(plan, histories, int(table.occurred_at.max()), transitions=False)
    done("evaluate")
    write_results(tiers_of(table.members, results), out, ZONE)
    done("write")
    return steps


def by_duckdb(path: Path, out: Path, threads: int) -> float:
    """Seconds for scanning, summing by member and writing."""
    database = duckdb.connect()
    database.execute(f"SET threads = {threads}")
    before = perf_counter()
    database.execute(
        f"COPY (SELECT member, sum(amount) AS value, count(*) AS n FROM '{path}' GROUP BY member) "
        f"TO '{out}' (FORMAT parquet)"
    )
    return perf_counter() - before


def seconds_of(steps: list[tuple[str, float]]) -> float:
    """How long all steps took."""
    return sum(taken for _, taken in steps)


def main() -> None:
    """Run the sizes asked for."""
    threads = len(os.sched_getaffinity(0))
    for size in [int(float(text)) for text in sys.argv[1:]] or [100_000_000]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "events.parquet"
            rows = write(path, size)
            by_ziggurat(path, Path(folder) / "warm.parquet")
            runs = [by_ziggurat(path, Path(folder) / "tiers.parquet") for _ in range(TIMES)]
            stateless = min(by_duckdb(path, Path(folder) / "sums.parquet", threads) for _ in range(TIMES))
        steps = min(runs, key=seconds_of)
        seconds = seconds_of(steps)
        told = ", ".join(f"{step} {taken:.2f} s" for step, taken in steps)
        print(f"{rows:,} events from Parquet to tiers in Parquet: {seconds:.2f} s ({told})")
        print(f"  DuckDB, scan and group by: {stateless:.2f} s; {seconds / stateless:.2f} x as long", flush=True)


if __name__ == "__main__":
    main()
