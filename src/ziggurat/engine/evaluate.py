"""The one door to the evaluators.

`evaluate` asks the definition about one member, `evaluate_members` the kernel about many. They give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ziggurat.engine import reference
from ziggurat.engine.history import Histories, histories_of
from ziggurat.engine.kernel.run import is_compiled, run, shape_for
from ziggurat.engine.plan import Plan, UnsupportedError, compile_plan
from ziggurat.engine.results import Moves, Results, States
from ziggurat.engine.timeline import Timeline
from ziggurat.program.events import Event
from ziggurat.program.model import Revision

evaluate = reference.evaluate


def evaluate_members(
    plan: Plan,
    histories: Histories,
    as_of: int,
    *,
    transitions: bool = True,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
    compiling: Callable[[], None] | None = None,
) -> Results:
    """The answers for every member up to and at `as_of`, by the kernel.

    Args:
        plan: the compiled program (`compile_plan`).
        histories: the members' events, arranged for this plan (`histories_of`, `bulk.arrange`).
        as_of: UTC microseconds; later events have not happened.
        transitions: whether to keep the transitions, or only count them.
        threads: how many; default: the cores that this process may use.
        progress: called with the number of events just done, from any thread.
        compiling: called before a wait of some seconds, the first time ever that a kernel of this shape is needed.
    """
    if compiling is not None and not is_compiled(plan, histories):
        compiling()
    return run(plan, histories, as_of, transitions=transitions, threads=threads, progress=progress)


def timelines(revisions: Sequence[Revision], members: Sequence[Iterable[Event]], as_of: int) -> list[Timeline]:
    """The timeline of each of a few members, given their events in order of arrival, by the kernel.

    Raises:
        UnacceptableReversalError: a reversal of an unknown event, or of more than remains.
    """
    plan = compile_plan(revisions)
    happened = [[event for event in events if event.occurred_at <= as_of] for events in members]
    results = run(plan, histories_of(plan, happened), as_of, threads=1)
    return [results.timeline(member) for member in range(len(results))]


__all__ = [
    "Histories",
    "Moves",
    "Plan",
    "Results",
    "States",
    "UnsupportedError",
    "compile_plan",
    "evaluate",
    "evaluate_members",
    "histories_of",
    "shape_for",
    "timelines",
]
