"""Why a member is where she is, as data: what `explain` answers, and its form in JSON.

Instants are UTC microseconds and amounts ten-thousandths; in `as_dict` they are ISO 8601 in the program's zone and
decimal text. A tier is its name, "" for none.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ziggurat.engine.outlook import Prospect
from ziggurat.engine.timeline import State
from ziggurat.engine.wording import rule_text
from ziggurat.program.amounts import format_units
from ziggurat.program.calendar import Calendar, calendar
from ziggurat.program.events import Event
from ziggurat.program.model import Measure, Program, Revision, Window
from ziggurat.program.phrases import window_phrase


@dataclass(frozen=True, slots=True)
class Step:
    """A decision that changed something: a move, a renewal, the start or the end of a grace period.

    `kind` is a kind of transition, `grace_started` or `grace_ended`; `threshold` is where `to_tier` starts on the
    program's measure, None if it doesn't; `event` is what caused it, None when time did.
    """

    at: int
    kind: str
    from_tier: str
    to_tier: str
    cause: str
    reason: str
    value: int
    threshold: Decimal | None
    expires_at: int | None
    grace_until: int | None
    event: Event | None
    revision: int


@dataclass(frozen=True, slots=True)
class Counted:
    """An event that counts now: what it adds (reversed shares taken off), and when it leaves (None: it stays)."""

    event: Event
    adds: int
    orders: int
    leaves_at: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure over a window now. The span is half-open, None where unbounded; `counted` in order of occurrence."""

    measure: Measure
    window: Window
    start: int | None
    end: int | None
    value: int
    counted: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One condition of a tier, and whether it holds now."""

    measure: Measure
    window: Window
    value: int
    start: Decimal | None
    below: Decimal | None
    holds: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """What is short of the next tier: on the program's measure (None: it starts otherwise), and its conditions."""

    tier: str
    threshold: Decimal | None
    missing: int | None
    conditions: tuple[Checked, ...]


@dataclass(frozen=True, slots=True)
class Opportunity:
    """`missing` more, before `by` (when the value shrinks next; None: any time), reaches `tier` at `at`, until then."""

    tier: str
    missing: int
    by: int | None
    at: int
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class Risk:
    """A fall from `from_tier` to `to_tier` at `at` if nothing more happens.

    `missing` more, at `start` or later and before `by`, prevents it; these are None where no single amount does.
    """

    from_tier: str
    to_tier: str
    at: int
    missing: int | None
    start: int | None
    by: int | None


@dataclass(frozen=True, slots=True)
class InForce:
    """A person's decision in force: mode, tier, since and until when (None: no end), why; the tier by the rules."""

    mode: str
    tier: str
    since: int
    until: int | None
    reason: str
    tier_by_the_rules: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a member is where she is at `as_of`, what comes next, and how it came to this.

    `since_step` is the move that led to the tier shown, `held_by` the latest renewal after it. `reading` is the
    program's own measure now, `outlook` what happens first if nothing more does, as far as it was looked into
    (`looked_until`, None: for ever), `journal` every decision that changed something.
    """

    member: str
    as_of: int
    revision: Revision
    revision_index: int
    state: State
    since_step: Step | None
    held_by: Step | None
    reading: Reading
    gap: Gap | None
    opportunity: Opportunity | None
    risk: Risk | None
    outlook: tuple[Prospect, ...]
    looked_until: int | None
    override: InForce | None
    journal: tuple[Step, ...]

    @property
    def program(self) -> Program:
        """The program in force."""
        return self.revision.program

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in words."""
        from ziggurat.engine.telling import tell  # noqa: PLC0415 - the teller needs the types here

        return tell(self)

    def as_dict(self) -> dict[str, Any]:
        """The explanation as plain values for JSON: instants ISO 8601 in the program's zone, amounts decimal text."""
        return _Writer(calendar(self.program.time_zone)).explanation(self)


class _Writer:
    def __init__(self, local: Calendar) -> None:
        self.local = local

    def at(self, instant: int | None) -> str | None:
        return None if instant is None else self.local.format(instant)

    def explanation(self, told: Explanation) -> dict[str, Any]:
        state, program = told.state, told.program
        tier = next((tier for tier in program.ladder if tier.name == state.tier), None)
        return {
            "member": told.member,
            "as_of": self.at(told.as_of),
            "program": program.name,
            "edition": program.edition,
            "revision": told.revision.number,
            "status": str(told.revision.status),
            "time_zone": program.time_zone,
            "tier": state.tier,
            "since": self.at(state.since),
            "expires_at": self.at(state.expires_at),
            "grace_until": self.at(state.grace_until),
            "next_decision_at": self.at(state.next_decision_at),
            "rule": rule_text(program, tier) if tier else "",
            "why": {"reached": self.step(told.since_step), "renewed": self.step(told.held_by)},
            "value": self.reading(told.reading),
            "next_tier": self.gap(told.gap),
            "opportunity": self.opportunity(told.opportunity),
            "risk": self.risk(told.risk),
            "looked_until": self.at(told.looked_until),
            "outlook": [self.prospect(each) for each in told.outlook],
            "override": self.in_force(told.override),
            "journal": [self.step(step) for step in told.journal],
            "sentences": list(told.sentences),
        }

    def step(self, step: Step | None) -> dict[str, Any] | None:
        if step is None:
            return None
        return {
            "at": self.at(step.at),
            "kind": step.kind,
            "from": step.from_tier,
            "to": step.to_tier,
            "cause": step.cause,
            "reason": step.reason,
            "value": format_units(step.value),
            "threshold": _decimal(step.threshold),
            "expires_at": self.at(step.expires_at),
            "grace_until": self.at(step.grace_until),
            "event": self.event(step.event),
        }

    def event(self, event: Event | None) -> dict[str, Any] | None:
        if event is None:
            return None
        return {
            "id": event.id or None,
            "type": str(event.type),
            "occurred_at": self.at(event.occurred_at),
        }

    def reading(self, reading: Reading) -> dict[str, Any]:
        return {
            "measure": str(reading.measure),
            "window": window_phrase(reading.window) or "lifetime",
            "start": self.at(reading.start),
            "end": self.at(reading.end),
            "value": format_units(reading.value),
            "counted": [
                {
                    **(self.event(each.event) or {}),
                    "adds": format_units(each.adds),
                    "leaves_at": self.at(each.leaves_at),
                }
                for each in reading.counted
            ],
        }

    def gap(self, gap: Gap | None) -> dict[str, Any] | None:
        if gap is None:
            return None
        return {
            "tier": gap.tier,
            "threshold": _decimal(gap.threshold),
            "missing": _units(gap.missing),
            "conditions": [
                {
                    "measure": str(each.measure),
                    "window": window_phrase(each.window) or "lifetime",
                    "value": format_units(each.value),
                    "from": _decimal(each.start),
                    "below": _decimal(each.below),
                    "holds": each.holds,
                }
                for each in gap.conditions
            ],
        }

    def opportunity(self, chance: Opportunity | None) -> dict[str, Any] | None:
        if chance is None:
            return None
        return {
            "tier": chance.tier,
            "missing": format_units(chance.missing),
            "by": self.at(chance.by),
            "at": self.at(chance.at),
            "expires_at": self.at(chance.expires_at),
        }

    def risk(self, risk: Risk | None) -> dict[str, Any] | None:
        if risk is None:
            return None
        return {
            "from": risk.from_tier,
            "to": risk.to_tier,
            "at": self.at(risk.at),
            "missing": _units(risk.missing),
            "start": self.at(risk.start),
            "by": self.at(risk.by),
        }

    def prospect(self, prospect: Prospect) -> dict[str, Any]:
        return {
            "at": self.at(prospect.at),
            "kind": prospect.kind,
            "from": prospect.from_tier,
            "to": prospect.to_tier,
            "value": format_units(prospect.value),
            "expires_at": self.at(prospect.expires_at),
            "grace_until": self.at(prospect.grace_until),
            "reason": prospect.reason,
        }

    def in_force(self, override: InForce | None) -> dict[str, Any] | None:
        if override is None:
            return None
        return {
            "mode": override.mode,
            "tier": override.tier,
            "since": self.at(override.since),
            "until": self.at(override.until),
            "reason": override.reason,
            "tier_by_the_rules": override.tier_by_the_rules,
        }


def _decimal(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _units(units: int | None) -> str | None:
    return None if units is None else format_units(units)
