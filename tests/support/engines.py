"""The engines that must agree, each as a function of many members at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ziggurat.engine import reference
from ziggurat.engine.evaluate import compile_plan, evaluate_members, histories_of, timelines
from ziggurat.engine.timeline import Timeline
from ziggurat.program.events import Event
from ziggurat.program.model import Revision

Engine: TypeAlias = Callable[[Sequence[Revision], Sequence[Sequence[Event]], int], list[Timeline]]
"""(revisions, the events of each member in order of arrival, as of) -> the timeline of each member."""


def by_reference(revisions: Sequence[Revision], histories: Sequence[Sequence[Event]], as_of: int) -> list[Timeline]:
    """The definition, one member after the other."""
    return [reference.evaluate(revisions, events, as_of) for events in histories]


def by_kernel(revisions: Sequence[Revision], histories: Sequence[Sequence[Event]], as_of: int) -> list[Timeline]:
    """The compiled one, specialised for what these revisions use."""
    return timelines(revisions, histories, as_of)


def by_full_kernel(revisions: Sequence[Revision], histories: Sequence[Sequence[Event]], as_of: int) -> list[Timeline]:
    """The compiled one with nothing left out."""
    plan = compile_plan(revisions)
    happened = [[event for event in events if event.occurred_at <= as_of] for events in histories]
    results = evaluate_members(plan, histories_of(plan, happened, full=True), as_of, threads=1)
    return [results.timeline(member) for member in range(len(results))]


ENGINES: Mapping[str, Engine] = {
    "reference": by_reference,
    "kernel": by_kernel,
    "full kernel": by_full_kernel,
}
