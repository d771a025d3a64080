"""The definition of edition 1: what a program, its revisions and a member's events mean. Reads like docs/rules.md.

Plain Python, one member at a time, every value added up from its entries at every decision. Whatever is faster must
agree with this, without exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from ziggurat.engine.journal import Decision
from ziggurat.engine.measures import contribution
from ziggurat.engine.requirements import holds, qualified, readings_of
from ziggurat.engine.spans import PERIODIC, acted_on, hold_end, span
from ziggurat.engine.tally import Entry, Judgement, Tally
from ziggurat.engine.timeline import Cause, Kind, State, Timeline, Transition
from ziggurat.program.amounts import SCALE, parse_decimal, to_units
from ziggurat.program.calendar import BEGINNING, NEVER, Calendar, CalendarUnit, calendar
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import (
    Activation,
    Applies,
    Downgrade,
    DowngradeType,
    Expiration,
    ExpirationType,
    Measure,
    MeasureKind,
    OnReversal,
    Program,
    Renewal,
    RenewalType,
    Requirement,
    Revision,
    Status,
    Tier,
    Window,
)
from ziggurat.program.reversals import Holding, UnacceptableReversalError, holding_of, share_of

_RUNNING = frozenset({Status.ACTIVE, Status.PAUSED})
_UNHELD = Expiration()
"""How long the base tier, or no tier, is held: there is nothing to hold."""


def evaluate(
    revisions: Sequence[Revision], events: Sequence[Event], as_of: int, journal: list[Decision] | None = None
) -> Timeline:
    """The timeline of one member up to and at `as_of`.

    Args:
        revisions: at least one, in the order of taking effect.
        events: the member's events in order of arrival; those after `as_of` have not happened.
        as_of: UTC microseconds.
        journal: where to append every decision with its reasons, if anywhere.

    Raises:
        UnacceptableReversalError: a reversal of an unknown event, or of more than remains.
    """
    happened = sorted((event for event in events if event.occurred_at <= as_of), key=lambda event: event.occurred_at)
    member = _Member(revisions, journal)
    for event in happened:
        member.pass_time(event.occurred_at)
        member.take(event)
    member.pass_time(as_of)
    return member.timeline()


@dataclass(frozen=True, slots=True)
class _Taken:
    """An event (sign 1), or the share of one that a reversal undid (sign -1); `origin` is the event's position."""

    event: Event
    part: Holding
    sign: int
    origin: int


@dataclass(frozen=True, slots=True)
class _Override:
    """A person's decision in force: a tier (by key), fixed or as a floor, until an instant."""

    mode: OverrideMode
    tier: str
    until: int


@dataclass(frozen=True, slots=True)
class _Merit:
    """Why a tier is held: the judgement that lifted (criteria None) or renewed the member."""

    judged: Judgement
    criteria: Requirement | None = None


class _Member:
    """One member on the way through time. A tier is an index into the ladder in force, -1 for none."""

    def __init__(self, revisions: Sequence[Revision], journal: list[Decision] | None) -> None:
        starts_in_force = revisions[0].effective_from is None
        self.numbers = {id(revision): number for number, revision in enumerate(revisions)}
        self.revision: Revision | None = revisions[0] if starts_in_force else None
        self.upcoming = list(revisions[1:] if starts_in_force else revisions)
        self.journal = journal
        self.program: Program = revisions[0].program
        self.calendar: Calendar = calendar(self.program.time_zone)
        self.tallies = [Tally(measure, window) for measure, window in readings_of(self.program)]
        # what has happened
        self.now = BEGINNING
        self.enrolled = BEGINNING
        self.position = -1
        self.taken: list[_Taken] = []
        self.left: dict[str, tuple[Event, Holding, int]] = {}
        self.attributes: dict[str, str] = {}
        self.override: _Override | None = None
        # where the rules have put the member
        self.joined = False
        self.tier = -1
        self.entry = -1
        self.expires_at = NEVER
        self.grace_until = NEVER
        self.merit: _Merit | None = None
        # what is shown; between two places of the ladder where a tier was retired
        self.shown: float = -1
        self.shown_name = ""
        self.since = BEGINNING
        self.transitions: list[Transition] = []

    # --- time

    def pass_time(self, until: int) -> None:
        """Make every decision that time brings up to and at `until`, before the events of that instant."""
        while (at := min(self.next_revision(), self.next_due())) <= until:
            self.tick(max(at, self.now))
        self.now = max(self.now, until)

    def next_revision(self) -> int:
        if not self.upcoming:
            return NEVER
        at = self.upcoming[0].effective_from
        return BEGINNING if at is None else at

    def next_due(self) -> int:
        """The next instant at which a window, period, hold, grace or override ends. Nothing does while nobody moves."""
        if self.position < 0 or self.status not in _RUNNING:
            return NEVER
        windows = (
            self.span(tally.window, self.now)[1] if isinstance(tally.window, PERIODIC) else tally.next_leave(self.now)
            for tally in self.tallies
        )
        override_end = self.override.until if self.override else NEVER
        return min(self.hold_acted_on(), self.grace_until, override_end, *windows)

    def tick(self, at: int) -> None:
        """Everything that falls due at `at`, in one decision."""
        due, cause = self.next_due(), self.cause_at(at)
        self.now = at
        if self.override and self.override.until <= at:
            self.override = None
        if self.next_revision() <= at:
            self.take_effect(self.upcoming.pop(0), coincides=due <= at)
        else:
            self.decide(cause, may_climb=not self.next_period or self.period_start(self.window) == at)

    def cause_at(self, at: int) -> Cause:
        """What falls due at `at`: the first that does, in the order of `Cause`."""
        if self.next_revision() <= at:
            return Cause.REVISION
        if self.override and self.override.until <= at:
            return Cause.OVERRIDE_END
        if self.grace_until <= at:
            return Cause.GRACE_END
        if self.hold_acted_on() <= at:
            return Cause.HOLD_END
        periodic = (tally.window for tally in self.tallies if isinstance(tally.window, PERIODIC))
        period_ends = any(self.span(window, self.now)[1] <= at for window in periodic)
        return Cause.PERIOD_END if period_ends else Cause.WINDOW

    # --- what happens

    def take(self, event: Event) -> None:
        """Count `event`, then decide."""
        self.position += 1
        if self.position == 0:
            self.enrolled = self.since = event.occurred_at
        if event.type is EventType.REVERSAL:
            self.reverse(event)
        else:
            self.left[event.id] = (event, holding_of(event), self.position)
            self.count(_Taken(event, holding_of(event), 1, self.position))
        if event.type is EventType.ATTRIBUTE_SET:
            self.set_attribute(event)
        overriding = event.type is EventType.TIER_OVERRIDE
        put = self.overrule(event) if overriding else None
        self.slide(event)
        if self.status in _RUNNING:
            cause = Cause.OVERRIDE if overriding else Cause.EVENT
            self.decide(cause, may_climb=not self.next_period, put=put)

    def count(self, taken: _Taken) -> None:
        self.taken.append(taken)
        for tally in self.tallies:
            self.enter_in(tally, taken)

    def enter_in(self, tally: Tally, taken: _Taken) -> None:
        """Enter `taken` in `tally`, to leave together with the event that it is, or is a share of."""
        event = taken.event
        if event.type is EventType.ATTRIBUTE_SET:
            if tally.measure == Measure(MeasureKind.ATTRIBUTE, event.attribute):
                tally.entries.append(Entry(NEVER, taken.origin, _number(event.value), 0))
            return
        amount, orders = contribution(tally.measure, event, taken.part, self.program.currency)
        if amount or orders:
            until = self.span(tally.window, event.occurred_at)[1]
            tally.entries.append(Entry(until, taken.origin, taken.sign * amount, taken.sign * orders))

    def reverse(self, reversal: Event) -> None:
        """Undo a share of an earlier event, and end the hold that would not have begun without it."""
        if not reversal.reverses or reversal.reverses not in self.left:
            raise UnacceptableReversalError(f"it reverses an unknown event {reversal.reverses!r}")
        event, left, origin = self.left[reversal.reverses]
        share = share_of(event, left, reversal)
        self.left[reversal.reverses] = (event, left.less(share), origin)
        self.count(_Taken(event, share, -1, origin))
        if self.merit is None or self.grace_until != NEVER or self.expiration.type is ExpirationType.IMMEDIATE:
            return
        if self.downgrade.on_reversal is OnReversal.IGNORE or self.is_earned(self.merit):
            return
        at_once = self.downgrade.on_reversal is OnReversal.RECHECK
        end = reversal.occurred_at
        self.expires_at = min(self.expires_at, end if at_once else self.calendar.round_up(end, CalendarUnit.DAY))

    def is_earned(self, merit: _Merit) -> bool:
        """Whether the judgement that lifted or renewed the member would do so without what was reversed since."""
        if merit.criteria:
            return holds(merit.criteria, lambda measure, window: self.read(measure, window, merit.judged))
        return self.qualified(merit.judged) >= self.tier

    def set_attribute(self, event: Event) -> None:
        """Take over an attribute's new value, and the end of the hold that it may give."""
        self.attributes[event.attribute] = event.value
        rule = self.expiration
        if rule.type is ExpirationType.ATTRIBUTE and rule.attribute == event.attribute:
            self.expires_at = self.given_date(rule)
            if self.expires_at > event.occurred_at:
                self.grace_until = NEVER

    def overrule(self, event: Event) -> int | None:
        """Put a person's decision in force; answers the tier of one that is only for `once`.

        A decision that has already ended only ends the one before it; one for an unknown tier does nothing.
        """
        tier = next((i for i, tier in enumerate(self.program.ladder) if event.tier in (tier.name, tier.key)), None)
        if tier is None or event.mode is OverrideMode.ONCE:
            return tier
        until = NEVER if event.until is None else event.until
        mode = event.mode or OverrideMode.FIXED
        ended = until <= event.occurred_at
        self.override = None if ended else _Override(mode, self.program.ladder[tier].key, until)
        return None

    def slide(self, event: Event) -> None:
        """Push a sliding hold on, if `event` is an activity that does."""
        rule = self.expiration
        if rule.type is not ExpirationType.SLIDING or self.grace_until != NEVER:
            return
        names = {
            EventType.POINTS_EARNED: "earning",
            EventType.ORDER_PLACED: "earning",
            EventType.POINTS_SPENT: "spending",
            EventType.ACTIVITY: event.activity,
        }
        if names.get(event.type) in rule.activities and self.expires_at > event.occurred_at:
            self.expires_at = max(self.expires_at, self.hold_from(event.occurred_at, None))

    # --- deciding

    def decide(self, cause: Cause, *, may_climb: bool, put: int | None = None, replace_all: bool = False) -> None:
        """One decision at `now`, by docs/rules.md, "Deciding"."""
        if not self.joined:
            self.joined, self.tier, self.entry = True, self.lowest, -1
        before, hold_ended = self.tier, self.hold_acted_on() <= self.now
        judged = self.judgement(hold_ended)
        deserved = self.qualified(judged)
        reasons: list[str] = []
        renewed = False
        if put is not None:
            reasons.append("put there by a person")
            self.enter(put, judged)
        elif replace_all and deserved < self.tier and self.downgrade.type is not DowngradeType.NEVER:
            reasons.append("placed anew by a revision")
            self.enter(deserved, judged)
        elif deserved > self.tier and may_climb:
            steps = self.program.qualification.max_steps
            target = deserved if steps is None else min(deserved, self.tier + steps)
            reasons.append("qualifies for a higher tier")
            self.enter(target, judged)
            self.merit = _Merit(judged)
        elif self.grace_until != NEVER:
            if self.keeps(judged, deserved):
                reasons.append("keeps the tier within the grace period")
                renewed = self.renew(judged)
            elif self.grace_until <= self.now:
                reasons.append("the grace period is over")
                renewed = self.fall(judged, deserved)
        elif hold_ended:
            if self.keeps(judged, deserved):
                reasons.append("the hold ends and the tier is kept")
                renewed = self.renew(judged)
            else:
                reasons.append("the hold ends and the tier is not kept")
                renewed = self.start_fall(judged, deserved)
        elif (
            self.expiration.type is ExpirationType.IMMEDIATE
            and deserved < self.tier
            and (may_climb or not self.next_period)
        ):
            reasons.append("no longer qualifies, and the tier is not held")
            renewed = self.start_fall(judged, deserved)
        elif deserved != self.tier:
            reasons.append(
                "waits for the next period" if deserved > self.tier else "does not qualify, but holds the tier"
            )
        self.show(cause, judged, renewed)
        if self.journal is not None:
            self.journal.append(self.told(cause, judged, deserved, before, reasons))

    def judgement(self, hold_ended: bool) -> Judgement:
        """How values are read now: which periodic windows are read as they ended. (docs/rules.md, "Which period")"""
        ended_since = NEVER
        if self.next_period:
            ended_since = BEGINNING
        elif hold_ended and self.expiration.type in (ExpirationType.CALENDAR, ExpirationType.ANNIVERSARY):
            ended_since = self.expires_at if self.expiration.occurrence > 1 else NEVER
        return Judgement(self.now, ended_since, self.position, self.entry)

    def keeps(self, judged: Judgement, deserved: int) -> bool:
        """The renewal test."""
        if self.expiration.type is ExpirationType.IMMEDIATE or self.renewal.type is RenewalType.REQUALIFY:
            return deserved >= self.tier
        if self.renewal.criteria is None:
            return True
        return holds(self.renewal.criteria, lambda measure, window: self.read(measure, window, judged))

    def enter(self, tier: int, judged: Judgement) -> None:
        """Put the member in `tier`, where a hold starts."""
        self.tier, self.entry, self.merit = tier, self.position, None
        self.grace_until = NEVER
        self.expires_at = self.hold_from(judged.at, self.judged_end(judged))

    def renew(self, judged: Judgement) -> bool:
        """A new hold on the same tier; whether there is one to speak of."""
        self.grace_until, rule = NEVER, self.renewal
        if self.expiration.type is ExpirationType.IMMEDIATE:
            return False
        judged_end = self.judged_end(judged)
        self.merit = None if rule.type is RenewalType.ALWAYS else _Merit(judged, rule.criteria)
        self.expires_at = self.hold_from(judged.at, judged_end)
        if rule.extends:
            end = self.calendar.add(judged.at, rule.extends)
            rounding = self.expiration.round_up
            self.expires_at = self.calendar.round_up(end, rounding) if rounding else end
        return True

    def start_fall(self, judged: Judgement, deserved: int) -> bool:
        """Begin the grace period, or fall where there is none; whether a new hold on the same tier comes of it."""
        if self.downgrade.type is DowngradeType.NEVER or self.downgrade.grace is None:
            return self.fall(judged, deserved)
        self.grace_until = self.grace_end(judged.at)
        return False

    def fall(self, judged: Judgement, deserved: int) -> bool:
        """Go down as the downgrade rule says; whether a new hold on the same tier comes of it."""
        if self.downgrade.type is DowngradeType.NEVER:
            self.expires_at, self.grace_until = NEVER, NEVER
            return False
        targets = {
            DowngradeType.SINGLE_LEVEL: self.tier - 1,
            DowngradeType.TO_QUALIFIED: min(deserved, self.tier),
            DowngradeType.TO_BASE: self.lowest,
        }
        target = targets[self.downgrade.type]
        stays = target == self.tier
        self.enter(target, judged)
        if self.expiration.type is ExpirationType.IMMEDIATE and deserved < self.tier:
            self.start_next_fall(judged.at)
        return stays

    def start_next_fall(self, at: int) -> None:
        """Where the tier fallen to is not held either, its grace period begins at once; without one it waits a decision."""
        if self.downgrade.type is not DowngradeType.NEVER and self.downgrade.grace:
            self.grace_until = self.grace_end(at)

    # --- showing

    def show(self, cause: Cause, judged: Judgement, renewed: bool) -> None:
        """Show where the member now is, and record the move if there is one."""
        visible, expires_at, masked = self.visible()
        name = self.program.ladder[visible].name if visible >= 0 else ""
        moved = visible != self.shown
        if moved or (renewed and not masked):
            if self.shown < 0:
                kind = Kind.JOINED
            elif visible < 0:
                kind = Kind.LEFT
            elif moved:
                kind = Kind.UPGRADED if visible > self.shown else Kind.DOWNGRADED
            else:
                kind = Kind.RENEWED
            by_event = cause in (Cause.EVENT, Cause.OVERRIDE)
            self.transitions.append(
                Transition(
                    at=judged.at,
                    kind=kind,
                    from_tier=self.shown_name,
                    to_tier=name,
                    cause=cause,
                    value=floor(self.read(self.program.qualification.measure, self.window, judged)),
                    expires_at=_known(expires_at),
                    event=self.position if by_event else None,
                    revision=self.revision_number,
                )
            )
            self.since = judged.at if moved else self.since
        self.shown, self.shown_name = visible, name

    def visible(self) -> tuple[int, int, bool]:
        """The tier that is shown, until when as far as known, and whether something masks what the rules say."""
        if self.status is Status.PAUSED:
            return self.lowest, NEVER, True
        if self.status in (Status.DRAFT, Status.ARCHIVED):
            return -1, NEVER, True
        if self.override:
            place = self.place_of(self.override.tier)
            if self.override.mode is OverrideMode.FIXED or place > self.tier:
                return place, self.override.until, True
        return self.tier, self.expires_at if self.grace_until == NEVER else self.grace_until, False

    def timeline(self) -> Timeline:
        """The answer, as of now."""
        if self.position < 0:
            return Timeline((), None)
        index = int(self.shown)
        ladder = self.program.ladder
        following = ladder[index + 1] if index + 1 < len(ladder) else None
        judged = Judgement(self.now, NEVER, self.position, self.entry)
        value = self.read(self.program.qualification.measure, self.window, judged)
        missing = None
        if following is not None and following.start is not None:
            missing = max(0, ceil(Fraction(following.start) * SCALE - value))
        _, expires_at, masked = self.visible()
        state = State(
            tier=self.shown_name,
            index=index,
            since=self.since,
            expires_at=_known(expires_at),
            grace_until=None if masked else _known(self.grace_until),
            value=floor(value),
            next_tier=following.name if following else "",
            missing=missing,
            next_decision_at=_known(min(self.next_revision(), self.next_due())),
            revision=self.revision_number,
        )
        return Timeline(tuple(self.transitions), state)

    # --- revisions

    def take_effect(self, revision: Revision, *, coincides: bool) -> None:
        """Put `revision` in force; `coincides` says that something else falls due at the same instant."""
        first = self.revision is None
        program_stays = not first and revision.program == self.program
        self.revision = revision
        if not program_stays:
            self.adopt(revision.program)
        if self.position < 0 or self.status is Status.FROZEN:
            return
        judged = Judgement(self.now, NEVER, self.position, self.entry)
        if self.status not in _RUNNING:
            self.show(Cause.REVISION, judged, renewed=False)
        elif first or program_stays:
            at_boundary = self.next_period and self.period_start(self.window) == self.now
            self.decide(Cause.REVISION, may_climb=at_boundary or not self.next_period)
        elif revision.activation is not Activation.AT_NEXT_DECISION or coincides or not self.joined:
            replace_all = revision.activation is Activation.REEVALUATE
            self.decide(Cause.REVISION, may_climb=True, replace_all=replace_all)
        else:
            self.show(Cause.REVISION, judged, renewed=False)

    def adopt(self, program: Program) -> None:
        """Go over to another program: its measures over all that happened, its ladder, its holds."""
        before, self.program = self.program.ladder, program
        self.calendar = calendar(program.time_zone)
        self.tallies = [Tally(measure, window) for measure, window in readings_of(program)]
        for tally in self.tallies:
            for taken in self.taken:
                self.enter_in(tally, taken)
        self.merit = None
        if self.override:
            kept, _ = self.moved(before, _index_of(before, self.override.tier))
            self.override = replace(self.override, tier=program.ladder[kept].key) if kept >= 0 else None
        shown, stays = self.moved(before, int(self.shown))
        self.shown = -1 if self.shown < 0 else shown if stays else shown + 0.5
        if not self.joined:
            return
        self.tier, stays = self.moved(before, self.tier)
        if not stays:
            self.enter(self.tier, Judgement(self.now, NEVER, self.position, self.entry))
        elif self.expiration.type in (ExpirationType.IMMEDIATE, ExpirationType.NEVER):
            self.expires_at = NEVER
        elif self.expiration.type is ExpirationType.ATTRIBUTE or (
            self.expires_at == NEVER and self.grace_until == NEVER
        ):
            self.expires_at = self.hold_from(self.now, None)

    def moved(self, before: tuple[Tier, ...], index: int) -> tuple[int, bool]:
        """Where tier `index` of the ladder `before` is now, and whether it is the same tier.

        The members of a retired tier are in the next lower one that is still there.
        """
        for place in range(index, -1, -1):
            now = _index_of(self.program.ladder, before[place].key)
            if now >= 0:
                return now, place == index
        return self.lowest, index < 0 and self.lowest < 0

    # --- words of the rules

    @property
    def status(self) -> Status:
        """The status in force; before the first revision the program has no effect."""
        return self.revision.status if self.revision else Status.DRAFT

    @property
    def revision_number(self) -> int:
        return self.numbers[id(self.revision)] if self.revision else 0

    @property
    def window(self) -> Window:
        return self.program.qualification.window

    @property
    def next_period(self) -> bool:
        return self.program.qualification.applies is Applies.NEXT_PERIOD

    @property
    def lowest(self) -> int:
        """Where everybody is who is nowhere else: the base tier, or none."""
        return 0 if self.program.base_tier else -1

    @property
    def expiration(self) -> Expiration:
        on_ladder = self.tier > self.lowest
        return self.program.expiration_of(self.program.ladder[self.tier]) if on_ladder else _UNHELD

    @property
    def renewal(self) -> Renewal:
        return self.program.renewal_of(self.program.ladder[self.tier])

    @property
    def downgrade(self) -> Downgrade:
        return self.program.downgrade_of(self.program.ladder[self.tier])

    def place_of(self, key: str) -> int:
        return _index_of(self.program.ladder, key)

    def span(self, window: Window, at: int) -> tuple[int, int]:
        return span(window, at, self.enrolled, self.calendar)

    def period_start(self, window: Window) -> int:
        return self.span(window, self.now)[0]

    def hold_acted_on(self) -> int:
        """When the end of the current hold is acted on; NEVER while there is none or the fall has begun."""
        if self.grace_until != NEVER or self.expires_at == NEVER:
            return NEVER
        return acted_on(self.expires_at, self.expiration.check, self.calendar)

    def hold_from(self, at: int, judged_end: int | None) -> int:
        """The end of a hold that starts at `at` on the current tier."""
        rule = self.expiration
        return hold_end(rule, at, judged_end, self.enrolled, self.given_date(rule), self.calendar)

    def judged_end(self, judged: Judgement) -> int | None:
        """The end of the period that was judged, where one that had ended was."""
        if judged.ended_since == NEVER:
            return None
        return judged.ended_since if judged.ended_since != BEGINNING else self.period_start(self.window)

    def grace_end(self, at: int) -> int:
        grace = self.downgrade.grace
        assert grace is not None
        end = self.calendar.add(at, grace.period)
        return self.calendar.round_up(end, grace.rounding) if grace.rounding else end

    def given_date(self, rule: Expiration) -> int:
        """The end of a hold that was given from outside; NEVER while none was."""
        text = self.attributes.get(rule.attribute, "")
        try:
            return self.calendar.parse(text)
        except ValueError:
            return NEVER

    def read(self, measure: Measure, window: Window, judged: Judgement) -> Fraction | int:
        """The value of a measure over a window as `judged`, in ten-thousandths."""
        tally = next(t for t in self.tallies if (t.measure, t.window) == (measure, window))
        start = self.span(window, judged.at)[0] if isinstance(window, PERIODIC) else BEGINNING
        return tally.value(judged, start)

    def qualified(self, judged: Judgement) -> int:
        """The highest tier whose requirements all hold."""
        return qualified(self.program, lambda measure, window: self.read(measure, window, judged))

    def told(self, cause: Cause, judged: Judgement, deserved: int, before: int, reasons: list[str]) -> Decision:
        """The decision just made, for the journal."""
        names = ["", *(tier.name for tier in self.program.ladder)]
        return Decision(
            at=judged.at,
            cause=cause,
            event=self.position if cause in (Cause.EVENT, Cause.OVERRIDE) else None,
            readings=tuple((t.measure, t.window, self.read(t.measure, t.window, judged)) for t in self.tallies),
            ended_periods=judged.ended_since != NEVER,
            qualified=names[deserved + 1],
            before=names[before + 1],
            after=names[self.tier + 1],
            reasons=tuple(reasons),
        )


def _index_of(ladder: tuple[Tier, ...], key: str) -> int:
    return next((i for i, tier in enumerate(ladder) if tier.key == key), -1)


def _known(instant: int) -> int | None:
    return None if instant == NEVER else instant


def _number(text: str) -> int:
    """An attribute's value in ten-thousandths; what is not a number counts as zero."""
    try:
        return to_units(parse_decimal(text))
    except ValueError:
        return 0
