"""What a command shows: answers on standard output, progress on standard error and only on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PIPED_WIDTH = 160
"""Columns of output that goes to a file or another program."""


def console() -> Console:
    """Standard output, as wide as the terminal, or wide enough when it is none."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False, soft_wrap=False)


def show_json(value: Any) -> None:
    """`value` as JSON on standard output."""
    any_character = sys.stdout.encoding.lower().startswith("utf")
    print(json.dumps(value, ensure_ascii=not any_character, indent=2))


def say(message: str) -> None:
    """A remark on standard error."""
    print(message, file=sys.stderr)


def plain_table(*columns: str, right: tuple[str, ...] = (), title: str | None = None) -> Table:
    """A table with those columns; those in `right` hold numbers."""
    from rich import box
    from rich.table import Table

    table = Table(
        title=title,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        title_style="bold",
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", no_wrap=column in right)
    return table


def show_table(table: Table) -> None:
    """A table on standard output, after an empty line."""
    print()
    console().print(table)


def number_of(count: int, what: str) -> str:
    """`1 member`, `2,000 members`."""
    return f"{count:,} {what}{'s' if count != 1 else ''}"


def cell(text: object) -> str:
    """Text from data as a cell shows it: nothing in it is a command to the terminal or to the table."""
    from rich.markup import escape

    return escape("".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in str(text)))


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner beside `what` while work goes on whose length nobody knows; nothing unless on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar beside `what`, moved by calling it with how much is done of how much; None unless on a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def tell_of_compiling() -> None:
    """Say why the first evaluation ever takes some seconds longer."""
    if sys.stderr.isatty():
        print("compiling the engine, once and for all: some seconds", file=sys.stderr)
