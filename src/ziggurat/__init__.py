"""Ziggurat, a loyalty tier engine: who is in which tier, since when, until when and why.

A member's tier is a pure function of the program's revisions, the member's events and an instant. The packages below
this one are layers: ``program`` and ``engine`` compute and know no database, no web and no clock; ``store`` and
``bulk`` bring the data; ``app`` holds the use cases; ``http`` and ``cli`` are the doors.

As a library::

    import ziggurat

    club = ziggurat.load_program("club.yaml")
    answer = ziggurat.evaluate(club, events)      # a Polars frame, an Arrow table, or an iterable of dicts
    answer.tiers, answer.transitions              # in the form of the question
    ziggurat.explain(club, events, "ada").sentences

Importing the package loads none of it; each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ziggurat.bulk.row_faults import BadEventsError
    from ziggurat.engine.explain import NothingHappenedError
    from ziggurat.engine.explanation import Explanation
    from ziggurat.errors import InvalidProgramError, ZigguratError
    from ziggurat.library import Result, evaluate, explain, load_program
    from ziggurat.program.events import Event, EventType, OverrideMode
    from ziggurat.program.model import Program, Revision

__all__ = [
    "BadEventsError",
    "Event",
    "EventType",
    "Explanation",
    "InvalidProgramError",
    "NothingHappenedError",
    "OverrideMode",
    "Program",
    "Result",
    "Revision",
    "ZigguratError",
    "evaluate",
    "explain",
    "load_program",
]

_HOMES = {
    "BadEventsError": "ziggurat.bulk.row_faults",
    "Event": "ziggurat.program.events",
    "EventType": "ziggurat.program.events",
    "Explanation": "ziggurat.engine.explanation",
    "InvalidProgramError": "ziggurat.errors",
    "NothingHappenedError": "ziggurat.engine.explain",
    "OverrideMode": "ziggurat.program.events",
    "Program": "ziggurat.program.model",
    "Result": "ziggurat.library",
    "Revision": "ziggurat.program.model",
    "ZigguratError": "ziggurat.errors",
    "evaluate": "ziggurat.library",
    "explain": "ziggurat.library",
    "load_program": "ziggurat.library",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
