"""The engines that must agree, each as a function of many members at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ziggurat.engine import reference
from ziggurat.engine.timeline import Timeline
from ziggurat.program.events import Event
from ziggurat.program.model import Revision

Engine: TypeAlias = Callable[[Sequence[Revision], Sequence[Sequence[Event]], int], list[Timeline]]
"""(revisions, the events of each member in order of arrival, as of) -> the timeline of each member."""


def by_reference(revisions: Sequence[Revision], histories: Sequence[Sequence[Event]], as_of: int) -> list[Timeline]:
    """The definition, one member after the other."""
    return [reference.evaluate(revisions, events, as_of) for events in histories]


ENGINES: Mapping[str, Engine] = {
    "reference": by_reference,
}
