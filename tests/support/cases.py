"""Conformance cases as data: `tests/cases/SUBJECT__CONDITION__EXPECTED.json` as values, and values as cases.

A case is one member's history and the timeline that the rules make of it:

    why         the rule it stands on, a sentence
    program     a program document, or a list of revisions {program, effective_from, status, activation}; a revision
                without a program has that of the one before
    events      rows with the columns of an events file (`member` and `type` may be left out: one member, points.earned)
    as_of       the instant asked about
    expected    transitions: every one, each with at, kind, from, to, cause, value, expires_at
                state: as many of its fields as matter, or null before the first event

Instants are ISO 8601; without an offset they are local to the first program's zone. Amounts are in whole units.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ziggurat.engine.timeline import State, Timeline, Transition
from ziggurat.program.amounts import format_units, to_units
from ziggurat.program.calendar import Calendar, calendar
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import Activation, Revision, Status
from ziggurat.program.read import read_program
from ziggurat.program.write import program_document

FOLDER = Path(__file__).parents[1] / "cases"
MEMBER = "m"
_AMOUNTS = ("points", "amount", "quantity")
_STATE_INSTANTS = ("since", "expires_at", "grace_until", "next_decision_at")
_STATE_AMOUNTS = ("value", "missing")


@dataclass(frozen=True, slots=True)
class Case:
    """A case, read: what to evaluate, and the expectation as it is written in the file."""

    name: str
    why: str
    revisions: tuple[Revision, ...]
    events: tuple[Event, ...]
    as_of: int
    expected: Mapping[str, Any]

    @property
    def calendar(self) -> Calendar:
        return calendar(self.revisions[0].program.time_zone)


def case_paths() -> list[Path]:
    """Every case file, by name."""
    return sorted(FOLDER.glob("*.json"))


def load_case(path: Path) -> Case:
    """The case in `path`."""
    document = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return read_case(document, path.stem)


def read_case(document: Mapping[str, Any], name: str) -> Case:
    """The case that `document` says."""
    revisions = read_revisions(document["program"])
    zone = calendar(revisions[0].program.time_zone)
    events = tuple(read_event(row, zone) for row in document["events"])
    return Case(name, document["why"], revisions, events, zone.parse(document["as_of"]), document["expected"])


def read_revisions(said: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> tuple[Revision, ...]:
    """The revisions of a case."""
    if isinstance(said, Mapping):
        return (Revision(read_program(said)),)
    revisions: list[Revision] = []
    for number, row in enumerate(said, start=1):
        program = read_program(row["program"]) if "program" in row else revisions[-1].program
        zone = calendar(revisions[0].program.time_zone if revisions else program.time_zone)
        start = row.get("effective_from")
        revisions.append(
            Revision(
                program,
                None if start is None else zone.parse(start),
                Status(row.get("status", "active")),
                Activation(row.get("activation", "reevaluate")),
                number,
            )
        )
    return tuple(revisions)


def read_event(row: Mapping[str, Any], zone: Calendar) -> Event:
    """The event that a row says."""
    fields: dict[str, Any] = {"member": MEMBER, "type": "points.earned", **row}
    fields["type"] = EventType(fields["type"])
    fields["occurred_at"] = zone.parse(fields["occurred_at"])
    for name in _AMOUNTS:
        if fields.get(name) is not None:
            fields[name] = to_units(Decimal(fields[name]))
    if fields.get("until") is not None:
        fields["until"] = zone.parse(fields["until"])
    if "mode" in fields:
        fields["mode"] = OverrideMode(fields["mode"])
    return Event(**fields)


def told_transition(move: Transition, zone: Calendar) -> dict[str, Any]:
    """`move` as a case expects it."""
    return {
        "at": zone.format(move.at),
        "kind": str(move.kind),
        "from": move.from_tier,
        "to": move.to_tier,
        "cause": str(move.cause),
        "value": _number(move.value),
        "expires_at": None if move.expires_at is None else zone.format(move.expires_at),
    }


def told_state(state: State | None, zone: Calendar) -> dict[str, Any] | None:
    """`state` as a case expects it."""
    if state is None:
        return None
    told: dict[str, Any] = {name: getattr(state, name) for name in State.__slots__}
    for name in _STATE_INSTANTS:
        told[name] = None if told[name] is None else zone.format(told[name])
    for name in _STATE_AMOUNTS:
        told[name] = None if told[name] is None else _number(told[name])
    return told


def expected_transitions(case: Case) -> list[dict[str, Any]]:
    """What `case` expects, instants written in full."""
    return [_full(row, ("at", "expires_at"), case.calendar) for row in case.expected["transitions"]]


def expected_state(case: Case) -> dict[str, Any] | None:
    """The fields of the state that `case` expects, instants written in full."""
    state = case.expected["state"]
    return None if state is None else _full(state, _STATE_INSTANTS, case.calendar)


def case_document(
    revisions: Sequence[Revision], events: Sequence[Event], as_of: int, timeline: Timeline
) -> dict[str, Any]:
    """A case that expects `timeline`, ready to be written as JSON."""
    zone = calendar(revisions[0].program.time_zone)
    rows = [
        {
            "program": program_document(revision.program),
            "effective_from": None if revision.effective_from is None else zone.format(revision.effective_from),
            "status": str(revision.status),
            "activation": str(revision.activation),
        }
        for revision in revisions
    ]
    plain = len(rows) == 1 and revisions[0] == Revision(revisions[0].program)
    return {
        "why": "",
        "program": rows[0]["program"] if plain else rows,
        "events": [event_row(event, zone) for event in events],
        "as_of": zone.format(as_of),
        "expected": {
            "transitions": [told_transition(move, zone) for move in timeline.transitions],
            "state": told_state(timeline.state, zone),
        },
    }


def event_row(event: Event, zone: Calendar) -> dict[str, Any]:
    """`event` as a row of a case, what is empty left out."""
    row: dict[str, Any] = {"type": str(event.type), "occurred_at": zone.format(event.occurred_at)}
    plain = Event(event.member, event.type, event.occurred_at)
    for name in Event.__slots__:
        value = getattr(event, name)
        if value != getattr(plain, name):
            row[name] = _number(value) if name in _AMOUNTS else zone.format(value) if name == "until" else value
    return row


def _number(units: int) -> int | str:
    text = format_units(units)
    return text if "." in text else int(text)


def _full(row: Mapping[str, Any], instants: Sequence[str], zone: Calendar) -> dict[str, Any]:
    def full(name: str, value: Any) -> Any:
        if name in instants and value is not None:
            return zone.format(zone.parse(value))
        return str(value) if isinstance(value, Decimal) else value

    return {name: full(name, value) for name, value in row.items()}
