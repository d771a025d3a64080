"""Look for differences between the engines: seeded worlds, whole timelines compared.

    script/fuzz [--pairs N] [--seed S] [--processes P] [--world K]

A pair is one program (with its revisions) and one history. Without --pairs it goes on until interrupted. A difference
is made smaller and printed as a case, ready for tests/cases; then the exit code is 1. `--world K` looks at one world
alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context
from random import SystemRandom
from typing import Any

from rich.console import Console
from rich.progress import (
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from tests.strategies.dice import SeededDice
from tests.strategies.histories import make_as_of, make_history, make_world
from tests.support.cases import case_document
from tests.support.engines import ENGINES
from ziggurat.engine import reference
from ziggurat.engine.journal import Decision
from ziggurat.engine.timeline import State, Timeline
from ziggurat.program.events import Event
from ziggurat.program.model import Revision
from ziggurat.program.reversals import UnacceptableReversalError

MEMBERS = 20
"""Histories to a world: making a plan costs more than following it."""
WORLDS_AT_A_TIME = 10
LONG_EVERY = 2_000
"""One world in so many has a history of LONG_EVENTS."""
LONG_EVENTS = 1_500
DIFFERENCES_SHOWN = 5

Pair = tuple[Sequence[Revision], Sequence[Event], int]


@dataclass(slots=True)
class Tally:
    """What was compared and what differed, added up over worlds."""

    pairs: int = 0
    events: int = 0
    decisions: int = 0
    transitions: int = 0
    differences: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.pairs += other.pairs
        self.events += other.events
        self.decisions += other.decisions
        self.transitions += other.transitions
        self.differences += other.differences
        self.shown += other.shown[: max(0, DIFFERENCES_SHOWN - len(self.shown))]


def compare_worlds(seed: str, numbers: Sequence[int], engines: Sequence[str]) -> Tally:
    """The worlds of `numbers`, each evaluated by the reference and by `engines`."""
    tally = Tally()
    for number in numbers:
        tally.add(compare_world(seed, number, engines))
    return tally


def compare_world(seed: str, number: int, engines: Sequence[str]) -> Tally:
    """One world and its histories."""
    dice = SeededDice(f"{seed}/{number}")
    world = make_world(dice)
    counts = [dice.integer(0, 10) for _ in range(MEMBERS)]
    if number % LONG_EVERY == LONG_EVERY - 1:
        counts[0] = LONG_EVENTS
    histories = [make_history(dice, world, count) for count in counts]
    as_of = make_as_of(dice, world, histories[1])
    journal: list[Decision] = []
    expected = [reference.evaluate(world.revisions, events, as_of, journal) for events in histories]
    tally = Tally(len(histories), sum(counts), len(journal), sum(len(each.transitions) for each in expected))
    for engine in engines:
        answers = answers_of(engine, world.revisions, histories, as_of)
        for events, right, answer in zip(histories, expected, answers, strict=True):
            if answer != right:
                tally.differences += 1
                if len(tally.shown) < DIFFERENCES_SHOWN:
                    pair = shrunk((world.revisions, events, as_of), engine)
                    tally.shown.append(described(pair, engine, f"--seed {seed} --world {number}"))
    return tally


def answers_of(
    engine: str, revisions: Sequence[Revision], histories: Sequence[Sequence[Event]], as_of: int
) -> list[Timeline | str]:
    """The timelines by `engine`; what it raises, as text, in place of each."""
    try:
        return list(ENGINES[engine](revisions, histories, as_of))
    except Exception as error:  # noqa: BLE001 - whatever it raises is a difference
        return [f"{type(error).__name__}: {error}"] * len(histories)


def differ(pair: Pair, engine: str) -> bool:
    """Whether `engine` disagrees about `pair`; what the reference refuses is no pair."""
    revisions, events, as_of = pair
    try:
        right = reference.evaluate(revisions, events, as_of)
    except UnacceptableReversalError:
        return False
    return answers_of(engine, revisions, [events], as_of)[0] != right


def shrunk(pair: Pair, engine: str) -> Pair:
    """A smaller pair with a difference, where one is easily found; `pair` itself if it only shows among others."""
    if not differ(pair, engine):
        return pair
    smaller = True
    while smaller:
        smaller = False
        for candidate in smaller_ones(pair):
            if differ(candidate, engine):
                pair, smaller = candidate, True
                break
    return pair


def smaller_ones(pair: Pair) -> Iterator[Pair]:
    """Pairs with less in them."""
    revisions, events, as_of = pair
    if len(events) > 1:
        yield revisions, events[: len(events) // 2], as_of
    for index in range(min(len(events), 40)):
        yield revisions, [*events[:index], *events[index + 1 :]], as_of
    for index in range(len(revisions)):
        if len(revisions) > 1:
            yield [*revisions[:index], *revisions[index + 1 :]], events, as_of
    moves = reference.evaluate(revisions, events, as_of).transitions
    instants = {*(move.at for move in moves), *(event.occurred_at for event in events)}
    for instant in sorted(instant for instant in instants if instant < as_of):
        yield revisions, events, instant


def described(pair: Pair, engine: str, where: str) -> str:
    """What differs, and the pair as a case that expects what the reference says."""
    revisions, events, as_of = pair
    right = reference.evaluate(revisions, events, as_of)
    answer = answers_of(engine, revisions, [events], as_of)[0]
    case = case_document(revisions, events, as_of, right)
    case["why"] = f"{engine} differed ({where})"
    return "\n".join([f"{engine}: {where}", *_faults(right, answer), json.dumps(case, indent=1, default=str)])


def _faults(right: Timeline, answer: Timeline | str) -> list[str]:
    if isinstance(answer, str):
        return [f"  raised {answer}"]
    faults = []
    for number in range(max(len(right.transitions), len(answer.transitions))):
        right_move, said_move = (each.transitions[number : number + 1] for each in (right, answer))
        if right_move != said_move:
            faults += [f"  transition {number}: expected {right_move}", f"  transition {number}: it says {said_move}"]
            break
    for name in State.__slots__:
        expected, said = getattr(right.state, name, None), getattr(answer.state, name, None)
        if expected != said:
            faults.append(f"  state.{name}: expected {expected!r}, it says {said!r}")
    return faults or ["  only among other members"]


def fuzz(pairs: int | None, seed: str, processes: int) -> Tally:
    """Compare worlds on `processes` until there are `pairs`, or until interrupted."""
    engines = [name for name in ENGINES if name != "reference"]
    worlds = None if pairs is None else -(-pairs // MEMBERS)
    numbers = (
        range(first, min(first + WORLDS_AT_A_TIME, worlds) if worlds else first + WORLDS_AT_A_TIME)
        for first in (count(0, WORLDS_AT_A_TIME) if worlds is None else range(0, worlds, WORLDS_AT_A_TIME))
    )
    total = Tally()
    columns = (SpinnerColumn(), MofNCompleteColumn(), TextColumn("pairs, {task.fields[differences]} differences"))
    console = Console(stderr=True)
    with (
        Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as progress,
        ProcessPoolExecutor(processes, get_context("spawn")) as pool,
    ):
        task = progress.add_task("", total=worlds and worlds * MEMBERS, differences=0)
        running: set[Future[Tally]] = set()
        try:
            while True:
                while len(running) < 2 * processes and (batch := next(numbers, None)):
                    running.add(pool.submit(compare_worlds, seed, batch, engines))
                if not running:
                    break
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    total.add(future.result())
                progress.update(task, completed=total.pairs, differences=total.differences)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
    return total


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 no difference, 1 some, 2 nothing to compare with."""
    parser = argparse.ArgumentParser("script/fuzz", description="Look for differences between the engines.")
    parser.add_argument("--pairs", type=int, help="how many; default: until interrupted")
    parser.add_argument("--seed", default=None, help="default: a new one, which is printed")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--world", type=int, help="look at this world of the seed alone")
    said: Any = parser.parse_args(arguments)
    seed = said.seed or f"{SystemRandom().getrandbits(32):08x}"
    engines = [name for name in ENGINES if name != "reference"]
    if not engines:
        print("There is only the reference: nothing to compare it with.", file=sys.stderr)
        return 2
    print(f"seed {seed}: reference against {', '.join(engines)}", file=sys.stderr)
    one = said.world is not None
    total = compare_world(seed, said.world, engines) if one else fuzz(said.pairs, seed, said.processes)
    for number, text in enumerate(total.shown, start=1):
        print(f"\n--- difference {number}\n{text}")
    print(
        f"pairs {total.pairs:,}  events {total.events:,}  decisions {total.decisions:,}  "
        f"transitions {total.transitions:,}  differences {total.differences:,}  seed {seed}"
    )
    return 1 if total.differences else 0


if __name__ == "__main__":
    sys.exit(main())
