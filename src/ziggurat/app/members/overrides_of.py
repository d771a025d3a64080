"""Persons' decisions about a member, as the ledger tells them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ziggurat.app.events.load_programs import LoadedProgram
from ziggurat.app.members.views import OverrideView
from ziggurat.program.events import Event, EventType, OverrideMode


def overrides_of(events: Iterable[Event], programs: Iterable[LoadedProgram], as_of: int) -> list[OverrideView]:
    """The decisions taken by `as_of`, in order; each lasts until it is lifted, another takes its place, or it runs out.

    Args:
        events: the member's events with their external ids, in order.
        programs: those that may be meant.
        as_of: UTC microseconds; what is later has not happened.
    """
    found: list[OverrideView] = []
    listed = list(programs)
    for event in events:
        if event.type is not EventType.TIER_OVERRIDE or event.occurred_at > as_of:
            continue
        for program in listed:
            tier = _tier_of(program, event)
            if tier is None:
                continue
            id_, mode, at = program.row.public_id, event.mode or OverrideMode.FIXED, event.occurred_at
            if mode is not OverrideMode.ONCE:
                _end_earlier(found, id_, at)
            if event.until is None or event.until > at:
                ended = at if mode is OverrideMode.ONCE else None
                found.append(OverrideView(event.id, id_, tier, mode, event.until, event.reason, event.value, at, ended))
    return [_run_out(override, as_of) for override in found]


def current_override(overrides: Iterable[OverrideView], program: str) -> OverrideView | None:
    """The decision in force in one program."""
    return next((each for each in overrides if each.program == program and each.ended_at is None), None)


def _tier_of(program: LoadedProgram, event: Event) -> str | None:
    """The name of the tier that the event puts the member in; None where the program is not meant."""
    if event.attribute and event.attribute != program.row.public_id:
        return None
    revision = program.in_force(event.occurred_at) or program.newest
    ladder = revision.program.ladder if revision else ()
    return next((tier.name for tier in ladder if event.tier in (tier.name, tier.key)), None)


def _end_earlier(found: list[OverrideView], program: str, at: int) -> None:
    for place, override in enumerate(found):
        if override.program == program and override.ended_at is None:
            end = at if override.until is None else min(at, override.until)
            found[place] = replace(override, ended_at=end)


def _run_out(override: OverrideView, as_of: int) -> OverrideView:
    over = override.ended_at is None and override.until is not None and override.until <= as_of
    return replace(override, ended_at=override.until) if over else override
