"""An explanation in sentences that a loyalty manager understands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ziggurat.engine.explanation import Checked, Counted, Explanation, Step
from ziggurat.engine.outlook import GRACE, Prospect
from ziggurat.engine.timeline import Cause, Kind
from ziggurat.engine.wording import (
    amount_text,
    counted_text,
    day_text,
    end_text,
    rule_text,
    short_amount_text,
)
from ziggurat.program.calendar import Calendar, calendar
from ziggurat.program.events import Event
from ziggurat.program.model import Status, Tier
from ziggurat.program.phrases import bounds_phrase, number_phrase, window_phrase

_NO_TIER = "without a tier"
_OUTLOOK_TOLD = 2
_SECOND_US = 1_000_000
_TIME = {
    Cause.REVISION: "the program changed",
    Cause.OVERRIDE_END: "a person's decision ended",
    Cause.GRACE_END: "the grace period ended",
    Cause.HOLD_END: "the hold ended",
    Cause.PERIOD_END: "the period ended",
    Cause.WINDOW: "something left the window",
}
_STATUS = {
    Status.PAUSED: "The program is paused: everybody shows the lowest tier, and what is counted goes on.",
    Status.FROZEN: "The program is frozen: nobody moves until it goes on.",
    Status.DRAFT: "The program is a draft: it has no effect yet.",
    Status.ARCHIVED: "The program is archived: it has no effect any more.",
}


def tell(told: Explanation) -> tuple[str, ...]:
    """The explanation, the most important sentence first."""
    local = calendar(told.program.time_zone)
    parts = (
        _standing(told, local),
        _status(told),
        _override(told, local),
        _why(told, local),
        _rule(told),
        _counts(told, local),
        _next_tier(told, local),
        _outlook(told, local),
        _risk(told, local),
    )
    return tuple(chain.from_iterable(parts))


def _tier(name: str) -> str:
    return name or _NO_TIER


def _shown(told: Explanation) -> Tier | None:
    return next((tier for tier in told.program.ladder if tier.name == told.state.tier), None)


def _standing(told: Explanation, local: Calendar) -> Iterator[str]:
    state = told.state
    since = f"since {day_text(local, state.since)}"
    text = f"{told.member} is {_tier(state.tier)} {since}"
    if state.grace_until is not None:
        yield f"{text}, in a grace period that lasts to {end_text(local, state.grace_until)}."
    elif state.expires_at is not None:
        yield f"{text}, held to {end_text(local, state.expires_at)}."
    else:
        yield f"{text}."


def _status(told: Explanation) -> Iterator[str]:
    if told.revision.status in _STATUS:
        yield _STATUS[told.revision.status]


def _override(told: Explanation, local: Calendar) -> Iterator[str]:
    if override := told.override:
        until = f" to {end_text(local, override.until)}" if override.until is not None else " without end"
        what = "at" if override.mode == "fixed" else "at or above"
        reason = f": {override.reason}" if override.reason else ""
        yield (
            f"A person decided on {day_text(local, override.since)} to keep {told.member} {what} {override.tier}"
            f"{until}{reason}. By the rules it would be {override.tier_by_the_rules or 'no tier'}."
        )


def _why(told: Explanation, local: Calendar) -> Iterator[str]:
    for step in (told.since_step, told.held_by):
        if step and step.cause != Cause.OVERRIDE:
            yield _step(step, told, local)


def _step(step: Step, told: Explanation, local: Calendar) -> str:
    by = (
        f"after {f'the event {step.event.id}' if step.event.id else _an_event(step.event)}"
        if step.event
        else f"when {_TIME.get(Cause(step.cause), 'time passed')}"
    )
    what = {
        Kind.JOINED: f"joined as {_tier(step.to_tier)}",
        Kind.UPGRADED: f"rose from {_tier(step.from_tier)} to {_tier(step.to_tier)}",
        Kind.DOWNGRADED: f"fell from {_tier(step.from_tier)} to {_tier(step.to_tier)}",
        Kind.RENEWED: f"had {_tier(step.to_tier)} renewed",
        Kind.LEFT: f"lost {_tier(step.from_tier)}",
    }[Kind(step.kind)]
    own, money = told.reading.measure, told.program.currency
    value = amount_text(step.value, own, money)
    threshold = f" ({step.to_tier} starts at {number_phrase(step.threshold)})" if step.threshold is not None else ""
    reason = f": {step.reason}" if step.reason else ""
    return f"On {day_text(local, step.at)}, {by}, {told.member} {what} with {value}{threshold}{reason}."


def _an_event(event: Event) -> str:
    article = "an" if event.type[0] in "aeiou" else "a"
    return f"{article} {event.type} event"


def _rule(told: Explanation) -> Iterator[str]:
    tier = _shown(told)
    if tier and tier is not told.program.base_tier:
        yield f"{tier.name} {rule_text(told.program, tier)}."


def _counts(told: Explanation, local: Calendar) -> Iterator[str]:
    reading, money = told.reading, told.program.currency
    events = "1 event" if len(reading.counted) == 1 else f"{len(reading.counted)} events"
    value = f"{amount_text(reading.value, reading.measure, money)} {window_phrase(reading.window)}".rstrip()
    text = f"Now {value}, from {events}"
    if reading.end is not None:
        yield f"{text}; the period ends at {end_text(local, reading.end)}."
    elif leaving := _next_to_leave(reading.counted):
        adds = short_amount_text(leaving.adds, reading.measure, money)
        assert leaving.leaves_at is not None, "what leaves, leaves at an instant"
        of = f" of {leaving.event.id}" if leaving.event.id else ""
        yield f"{text}; next to leave: {adds}{of} on {day_text(local, leaving.leaves_at)}."
    else:
        yield f"{text}."


def _next_to_leave(counted: tuple[Counted, ...]) -> Counted | None:
    leaving = [each for each in counted if each.leaves_at is not None]
    return min(leaving, key=lambda each: each.leaves_at or 0, default=None)


def _next_tier(told: Explanation, local: Calendar) -> Iterator[str]:
    gap, money = told.gap, told.program.currency
    if gap is None:
        if told.state.index >= 0 and told.state.index + 1 == len(told.program.ladder):
            yield f"{told.state.tier} is the highest tier."
        return
    measure = told.reading.measure
    if gap.threshold is not None and gap.missing:
        starts = counted_text(number_phrase(gap.threshold), measure, money)
        yield f"{gap.tier}, the next tier, starts at {starts}: {short_amount_text(gap.missing, measure, money)} short."
    elif gap.threshold is not None:
        yield f"The value reaches {gap.tier}, the next tier, which starts at {number_phrase(gap.threshold)}."
    for condition in gap.conditions:
        yield f"{gap.tier} also looks at {_condition(condition, money)}."
    if chance := told.opportunity:
        by = f" before {day_text(local, chance.by)}" if chance.by is not None else ""
        when = "at once" if chance.at == told.as_of else f"on {day_text(local, chance.at)}"
        until = f", held to {end_text(local, chance.expires_at)}" if chance.expires_at is not None else ""
        more = f"{short_amount_text(chance.missing, measure, money)} more{by}"
        yield f"With {more}, {told.member} becomes {chance.tier} {when}{until}."


def _condition(condition: Checked, money: str) -> str:
    value = f"{amount_text(condition.value, condition.measure, money)} {window_phrase(condition.window)}".rstrip()
    verdict = "holds" if condition.holds else "does not hold"
    return f"{value}, wanted {bounds_phrase(condition.start, condition.below)}: {verdict}"


def _outlook(told: Explanation, local: Calendar) -> Iterator[str]:
    if not told.outlook:
        if told.revision.status in (Status.ACTIVE, Status.FROZEN):
            until = f" until {day_text(local, told.looked_until)} at least" if told.looked_until is not None else ""
            yield f"If nothing more happens, {told.member} stays {_tier(told.state.tier)}{until}."
        return
    said = ", then ".join(_prospect(each, local) for each in told.outlook[:_OUTLOOK_TOLD])
    yield f"If nothing more happens: {said}."


def _prospect(each: Prospect, local: Calendar) -> str:
    at = day_text(local, each.at)
    until = f" (to {end_text(local, each.expires_at)})" if each.expires_at is not None else ""
    if each.kind == GRACE:
        return f"on {at} the grace period of {_tier(each.from_tier)} begins{until}"
    verb = {
        Kind.JOINED: "joined as",
        Kind.UPGRADED: "up to",
        Kind.DOWNGRADED: "down to",
        Kind.RENEWED: "renewed as",
        Kind.LEFT: "left,",
    }[Kind(each.kind)]
    return f"on {at} {verb} {_tier(each.to_tier)}{until}"


def _risk(told: Explanation, local: Calendar) -> Iterator[str]:
    risk, money = told.risk, told.program.currency
    if risk is None or risk.missing is None or risk.by is None or risk.start is None:
        return
    more = short_amount_text(risk.missing, told.reading.measure, money)
    start = ""
    if risk.start > told.as_of:
        start = "" if risk.start % _SECOND_US else f"from {day_text(local, risk.start)} on, and "
        start = start or f"after {day_text(local, risk.start)} and "
    yield f"To stay {_tier(risk.from_tier)}: {more} more {start}before {day_text(local, risk.by)}."
