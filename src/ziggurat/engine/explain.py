"""Why a member is in a tier: the reference evaluated with its journal, and evaluated on to see what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from ziggurat.engine.explanation import (
    Checked,
    Counted,
    Explanation,
    Gap,
    InForce,
    Opportunity,
    Reading,
    Risk,
    Step,
)
from ziggurat.engine.journal import Decision
from ziggurat.engine.outlook import DOWN, GRACE, Prospect, fork, kept_with, look_ahead, one_more, reached_with
from ziggurat.engine.reference import follow
from ziggurat.engine.reference.showing import timeline
from ziggurat.engine.reference.spans import PERIODIC
from ziggurat.engine.reference.standing import RUNNING, Standing, known
from ziggurat.engine.reference.tally import Judgement, Tally
from ziggurat.engine.requirements import conditions, within
from ziggurat.engine.running_tally import RunningTally
from ziggurat.engine.timeline import Kind, State, Transition
from ziggurat.errors import ZigguratError
from ziggurat.program.amounts import ceil_units
from ziggurat.program.calendar import BEGINNING, NEVER, calendar
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import Measure, MeasureKind, Program, Revision, Rolling, SinceTierEntry, Tier, Window


class NothingHappenedError(ZigguratError):
    """A member of whom no event is known by the instant asked about."""

    code = "nothing_happened"

    def __init__(self, member: str, as_of: str) -> None:
        self.member = member
        self.as_of = as_of
        who = f"member {member!r}" if member else "the member"
        super().__init__(f"{who} has no events up to {as_of}")


def explain(revisions: Sequence[Revision], events: Sequence[Event], as_of: int, member: str = "") -> Explanation:
    """Why one member is where she is at `as_of`.

    Args:
        revisions: at least one, in the order of taking effect; a future one is part of the outlook.
        events: the member's events in order of arrival; those after `as_of` have not happened.
        as_of: UTC microseconds.
        member: what to call the member; by default what the events do.

    Raises:
        NothingHappenedError: no event has happened by `as_of`.
        UnacceptableReversalError: a reversal of an unknown event, or of more than remains.
    """
    journal: list[Decision] = []
    standing = follow(revisions, events, as_of, journal, RunningTally)
    state = timeline(standing).state
    if state is None:
        raise NothingHappenedError(member, calendar(revisions[0].program.time_zone).format(as_of))
    happened = sorted((event for event in events if event.occurred_at <= as_of), key=lambda event: event.occurred_at)
    steps = _steps(standing, journal, happened, revisions)
    moves = [step for step in steps if step.kind in (*UP_OR_DOWN, Kind.LEFT)]
    since_step = moves[-1] if moves else None
    renewals = [step for step in steps if step.kind == Kind.RENEWED and step.at >= state.since]
    running = standing.status in RUNNING
    outlook, looked_until = look_ahead(fork(standing))
    return Explanation(
        member=member or happened[0].member,
        as_of=as_of,
        revision=revisions[state.revision],
        revision_index=state.revision,
        state=state,
        since_step=since_step,
        held_by=renewals[-1] if renewals else None,
        reading=_reading(standing, happened),
        gap=_gap(standing, state) if running else None,
        opportunity=_opportunity(standing, state) if running else None,
        risk=_risk(standing, outlook, happened[0].member),
        outlook=tuple(outlook),
        looked_until=looked_until,
        override=_override(standing, happened),
        journal=tuple(steps),
    )


UP_OR_DOWN = (Kind.JOINED, Kind.UPGRADED, Kind.DOWNGRADED)


# --- what changed something


def _steps(
    standing: Standing, journal: Sequence[Decision], happened: Sequence[Event], revisions: Sequence[Revision]
) -> list[Step]:
    """The decisions that changed something, with the moves they made, in order."""
    moves = {(move.at, move.cause, move.event): move for move in standing.transitions}
    steps: list[Step] = []
    graced: int | None = None
    seen: set[tuple[int, str, int | None]] = set()
    for decision in journal:
        key = (decision.at, decision.cause, decision.event)
        if move := moves.get(key):
            seen.add(key)
            steps.append(_moved(move, decision, happened, revisions))
        elif decision.grace_until != graced:
            steps.append(_grace_changed(decision, happened))
        graced = decision.grace_until
    unseen = (move for key, move in moves.items() if key not in seen)
    steps += [_moved(move, None, happened, revisions) for move in unseen]  # a change of status decides nothing
    return sorted(steps, key=lambda step: step.at)


def _moved(
    move: Transition, decision: Decision | None, happened: Sequence[Event], revisions: Sequence[Revision]
) -> Step:
    program = revisions[move.revision].program
    tier = next((tier for tier in program.ladder if tier.name == move.to_tier), None)
    reason = decision.reason if decision else ""
    return Step(
        at=move.at,
        kind=str(move.kind),
        from_tier=move.from_tier,
        to_tier=move.to_tier,
        cause=str(move.cause),
        reason=reason or _REASONS.get(str(move.cause), ""),
        value=move.value,
        threshold=tier.start if tier else None,
        expires_at=move.expires_at,
        grace_until=decision.grace_until if decision else None,
        event=happened[move.event] if move.event is not None else None,
        revision=move.revision,
    )


_REASONS = {
    "override": "a person decided so",
    "override_end": "a person's decision came to its end",
    "revision": "the program or its status changed",
    "event": "the first thing known of the member",
}


def _grace_changed(decision: Decision, happened: Sequence[Event]) -> Step:
    started = decision.grace_until is not None
    return Step(
        at=decision.at,
        kind=GRACE if started else "grace_ended",
        from_tier=decision.before,
        to_tier=decision.after,
        cause=str(decision.cause),
        reason=decision.reason,
        value=floor(decision.readings[0][2]),
        threshold=None,
        expires_at=decision.grace_until if started else decision.expires_at,
        grace_until=decision.grace_until,
        event=happened[decision.event] if decision.event is not None else None,
        revision=0,
    )


# --- what counts


def _now(standing: Standing) -> Judgement:
    return Judgement(standing.now, NEVER, standing.position, standing.entry)


def _value(standing: Standing, measure: Measure, window: Window) -> Fraction | int:
    return standing.read(measure, window, _now(standing))


def _reading(standing: Standing, happened: Sequence[Event]) -> Reading:
    """The program's own measure as it stands now."""
    own = standing.program.qualification
    tally = next(t for t in standing.tallies if (t.measure, t.window) == (own.measure, own.window))
    start, end = _span(standing, own.window)
    value = floor(_value(standing, own.measure, own.window))
    return Reading(own.measure, own.window, start, end, value, _counted(standing, tally, happened))


def _span(standing: Standing, window: Window) -> tuple[int | None, int | None]:
    match window:
        case Rolling(period):
            return standing.calendar.add(standing.now, period.times(-1)), None
        case SinceTierEntry():
            return (standing.since if standing.entry >= 0 else None), None
        case _ if isinstance(window, PERIODIC):
            start, end = standing.span(window, standing.now)
            return (None if start == BEGINNING else start), known(end)
    return None, None


def _counted(standing: Standing, tally: Tally, happened: Sequence[Event]) -> tuple[Counted, ...]:
    """Every event that counts, its reversed shares taken off."""
    if tally.measure.kind is MeasureKind.ATTRIBUTE:
        last = tally.entries[-1:]
        return tuple(Counted(happened[entry.origin], entry.amount, 0, None) for entry in last)
    after = standing.entry if isinstance(tally.window, SinceTierEntry) else -1
    sums: dict[int, tuple[int, int, int]] = {}
    for entry in tally.entries:
        if entry.origin > after and entry.until > standing.now:
            adds, orders, _ = sums.get(entry.origin, (0, 0, 0))
            sums[entry.origin] = (adds + entry.amount, orders + entry.orders, entry.until)
    return tuple(
        Counted(happened[origin], adds, orders, known(until))
        for origin, (adds, orders, until) in sorted(sums.items())
        if adds or orders
    )


# --- what is missing, and what threatens


def _next_tier(program: Program, state: State) -> Tier | None:
    return program.ladder[state.index + 1] if state.index + 1 < len(program.ladder) else None


def _gap(standing: Standing, state: State) -> Gap | None:
    tier = _next_tier(standing.program, state)
    if tier is None:
        return None
    checked = []
    for leaf in conditions(tier.requires) if tier.requires else []:
        value = _value(standing, leaf.measure, leaf.window)
        good = within(value, leaf.start, leaf.below)
        checked.append(Checked(leaf.measure, leaf.window, floor(value), leaf.start, leaf.below, good))
    return Gap(tier.name, tier.start, state.missing, tuple(checked))


def _opportunity(standing: Standing, state: State) -> Opportunity | None:
    """How much more on the program's measure reaches the next tier, if that alone does."""
    tier = _next_tier(standing.program, state)
    if tier is None or tier.start is None or not state.missing:
        return None
    measure = standing.program.qualification.measure
    more = one_more("", measure, state.missing, tier.start, standing.now)
    reached = reached_with(standing, more, state.index + 1)
    return reached and Opportunity(tier.name, state.missing, _shrinks_at(standing), *reached)


def _shrinks_at(standing: Standing) -> int | None:
    """When something that counts for the program's measure leaves next."""
    own = standing.program.qualification
    tally = next(t for t in standing.tallies if (t.measure, t.window) == (own.measure, own.window))
    if isinstance(own.window, PERIODIC):
        return known(standing.span(own.window, standing.now)[1])
    return known(tally.next_leave(standing.now))


def _risk(standing: Standing, outlook: Sequence[Prospect], name: str) -> Risk | None:
    """The first fall in the outlook, and how much more would prevent it."""
    place = next((n for n, each in enumerate(outlook) if each.kind in DOWN), None)
    if place is None:
        return None
    fall = outlook[place]
    nothing = Risk(fall.from_tier, fall.to_tier, fall.at, None, None, None)
    tier = next((tier for tier in standing.program.ladder if tier.name == fall.from_tier), None)
    if tier is None or tier.start is None:
        return nothing
    measure = standing.program.qualification.measure
    for value, by in _judged_before(standing, outlook[: place + 1]):
        missing = ceil_units(tier.start) - value
        for at in _chances(standing, by) if missing > 0 else []:
            if kept_with(standing, one_more(name, measure, missing, tier.start, at), fall):
                return Risk(fall.from_tier, fall.to_tier, fall.at, missing, at, by)
    return nothing


def _judged_before(standing: Standing, outlook: Sequence[Prospect]) -> list[tuple[int, int]]:
    """The values that the coming decisions on a fall will read, each with its instant, the largest value first.

    Within a grace period any event may be the one that keeps the tier, so the value as it stands now is one of them.
    """
    judged = [(each.value, each.at) for each in outlook if each.kind == GRACE or each is outlook[-1]]
    if standing.grace_until != NEVER:
        own = standing.program.qualification
        shrinks = _shrinks_at(standing) or NEVER
        judged.append((floor(_value(standing, own.measure, own.window)), min(shrinks, standing.grace_until)))
    return sorted(judged, reverse=True)


def _chances(standing: Standing, by: int) -> list[int]:
    """The instants from which something may still count at `by`, the earliest first: now, or later."""
    window = standing.program.qualification.window
    last = by - 1
    match window:
        case Rolling(period):
            counts_from = standing.calendar.add(by, period.times(-1)) + 1
        case _ if isinstance(window, PERIODIC):
            counts_from = standing.span(window, last)[0]
        case _:
            counts_from = standing.now
    return sorted({min(max(at, standing.now), max(last, standing.now)) for at in (standing.now, counts_from, last)})


# --- overrides


def _override(standing: Standing, happened: Sequence[Event]) -> InForce | None:
    override = standing.override
    if override is None:
        return None
    lasting = (e for e in reversed(happened) if e.type is EventType.TIER_OVERRIDE and e.mode is not OverrideMode.ONCE)
    said = next(lasting)
    ladder = standing.program.ladder
    return InForce(
        mode=str(override.mode),
        tier=ladder[standing.place_of(override.tier)].name,
        since=said.occurred_at,
        until=known(override.until),
        reason=said.reason,
        tier_by_the_rules=ladder[standing.tier].name if standing.tier >= 0 else "",
    )
