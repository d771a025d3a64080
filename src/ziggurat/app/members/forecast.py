"""What happens to a member if nothing more does, and what is still needed by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ziggurat import limits
from ziggurat.app.events.evaluate_members import OneMember
from ziggurat.app.members.views import OpportunityView, RiskView
from ziggurat.engine.reference.spans import PERIODIC, span
from ziggurat.engine.timeline import Kind, State
from ziggurat.program.amounts import ceil_units
from ziggurat.program.calendar import Period, Unit, calendar
from ziggurat.program.model import Program, Revision, Rolling
from ziggurat.store.histories import Histories

_MARGIN_US = 5 * 86_400_000_000
_DOWN = (Kind.DOWNGRADED, Kind.LEFT)


def risks_of(revisions: Sequence[Revision], member: OneMember, as_of: int) -> tuple[RiskView, ...]:
    """The falls to come within `limits.FORECAST_YEARS`, the first of them; `member` is known at `as_of`."""
    program = revisions[-1].program
    horizon = calendar(program.time_zone).add(as_of, Period(limits.FORECAST_YEARS, Unit.YEARS))
    found = []
    for move in member.moves(as_of, horizon):
        if move.kind in _DOWN:
            wanted = _start_of(revisions[move.revision].program, move.from_tier)
            short = None if wanted is None or wanted <= move.value else wanted - move.value
            found.append(RiskView(move.at, str(move.kind), move.to_tier, short))
    return tuple(found[: limits.RISKS_SHOWN_MAX])


def opportunities_of(
    program: Program, histories: Histories, member_id: int, state: State, as_of: int
) -> tuple[OpportunityView, ...]:
    """What is missing to keep the tier beyond its hold, and to each tier above it that is on the program's measure."""
    found = []
    ladder = program.ladder
    own = ladder[state.index].start if 0 <= state.index < len(ladder) else None
    if own is not None and state.expires_at is not None and ceil_units(own) > state.value:
        found.append(OpportunityView(state.tier, ceil_units(own) - state.value, state.expires_at))
    by = shrinks_at(program, histories, member_id, as_of)
    starts = [(tier, ceil_units(tier.start)) for tier in ladder[state.index + 1 :] if tier.start is not None]
    found += [OpportunityView(tier.name, start - state.value, by) for tier, start in starts if start > state.value]
    return tuple(found)


def shrinks_at(program: Program, histories: Histories, member_id: int, as_of: int) -> int | None:
    """When what counts now next begins to leave the program's window; None if it never does."""
    window, local = program.qualification.window, calendar(program.time_zone)
    instants = histories.occurred_at[histories.span(member_id)]
    instants = instants[: int(np.searchsorted(instants, as_of, side="right"))]
    if not len(instants):
        return None
    if isinstance(window, PERIODIC):
        return span(window, as_of, int(instants[0]), local)[1]
    if not isinstance(window, Rolling):
        return None
    # a period is never more than some days longer or shorter than the same period backwards
    about = local.add(as_of, replace(window.period, count=-window.period.count))
    start, end = np.searchsorted(instants, [about - _MARGIN_US, about + _MARGIN_US]).tolist()
    while start < end:  # the first contribution that has not left yet
        middle = (start + end) // 2
        if local.add(int(instants[middle]), window.period) > as_of:
            end = middle
        else:
            start = middle + 1
    return local.add(int(instants[start]), window.period) if start < len(instants) else None


def _start_of(program: Program, name: str) -> int | None:
    start = next((tier.start for tier in program.ladder if tier.name == name), None)
    return None if start is None else ceil_units(start)
