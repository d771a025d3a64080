"""Where one member stands: what has happened, where the rules have put her, and the words the rules use of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ziggurat.engine.journal import Decision
from ziggurat.engine.reference.spans import PERIODIC, acted_on, hold_end, span
from ziggurat.engine.reference.tally import Judgement, Tally
from ziggurat.engine.requirements import qualified, readings_of
from ziggurat.engine.timeline import Transition
from ziggurat.program.calendar import BEGINNING, NEVER, Calendar, calendar
from ziggurat.program.events import Event, OverrideMode
from ziggurat.program.model import (
    Applies,
    Downgrade,
    Expiration,
    Measure,
    Program,
    Renewal,
    Requirement,
    Revision,
    Status,
    Tier,
    Window,
)
from ziggurat.program.reversals import Holding

RUNNING = frozenset({Status.ACTIVE, Status.PAUSED})
"""The statuses under which decisions are made."""
_UNHELD = Expiration()
"""How long the base tier, or no tier, is held: there is nothing to hold."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An event (sign 1), or the share of one that a reversal undid (sign -1); `origin` is the event's position."""

    event: Event
    part: Holding
    sign: int
    origin: int


@dataclass(frozen=True, slots=True)
class Override:
    """A person's decision in force: a tier (by key), fixed or as a floor, until an instant."""

    mode: OverrideMode
    tier: str
    until: int


@dataclass(frozen=True, slots=True)
class Merit:
    """Why a tier is held: the judgement that lifted (criteria None) or renewed the member."""

    judged: Judgement
    criteria: Requirement | None = None


class Standing:
    """One member on the way through time. A tier is an index into the ladder in force, -1 for none."""

    def __init__(
        self, revisions: Sequence[Revision], journal: list[Decision] | None, new_tally: type[Tally] = Tally
    ) -> None:
        starts_in_force = revisions[0].effective_from is None
        self.numbers = {id(revision): number for number, revision in enumerate(revisions)}
        self.revision: Revision | None = revisions[0] if starts_in_force else None
        self.upcoming = list(revisions[1:] if starts_in_force else revisions)
        self.journal = journal
        self.program: Program = revisions[0].program
        self.calendar: Calendar = calendar(self.program.time_zone)
        self.new_tally = new_tally
        self.tallies = [new_tally(measure, window) for measure, window in readings_of(self.program)]
        self.periods: dict[Window, tuple[int, int]] = {}  # the last reckoned of each periodic window
        # what has happened
        self.now = BEGINNING
        self.enrolled = BEGINNING
        self.position = -1
        self.taken: list[Taken] = []
        self.left: dict[str, tuple[Event, Holding, int]] = {}
        self.attributes: dict[str, str] = {}
        self.override: Override | None = None
        # where the rules have put the member
        self.joined = False
        self.tier = -1
        self.entry = -1
        self.expires_at = NEVER
        self.grace_until = NEVER
        self.merit: Merit | None = None
        self.undone = False  # whether a reversal ended the hold at `expires_at`
        self.idle_since = BEGINNING  # since when no decisions are made, where none are
        # what is shown; between two places of the ladder where a tier was retired
        self.shown: float = -1
        self.shown_name = ""
        self.shown_until = NEVER
        self.shown_grace = NEVER
        self.since = BEGINNING
        self.transitions: list[Transition] = []

    def next_revision(self) -> int:
        if not self.upcoming:
            return NEVER
        at = self.upcoming[0].effective_from
        return BEGINNING if at is None else at

    def next_due(self) -> int:
        """The next instant at which a window, period, hold, grace or override ends. Nothing does while nobody moves."""
        if self.position < 0 or self.status not in RUNNING:
            return NEVER
        windows = (
            self.span(tally.window, self.now)[1] if isinstance(tally.window, PERIODIC) else tally.next_leave(self.now)
            for tally in self.tallies
        )
        override_end = self.override.until if self.override else NEVER
        return min(self.hold_acted_on(), self.grace_until, override_end, *windows)

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
        return index_of(self.program.ladder, key)

    def span(self, window: Window, at: int) -> tuple[int, int]:
        start, end = self.periods.get(window, (NEVER, NEVER))
        if not start <= at < end:
            start, end = span(window, at, self.enrolled, self.calendar)
            if isinstance(window, PERIODIC):
                self.periods[window] = start, end
        return start, end

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
            given = self.calendar.parse(text)
        except ValueError:
            return NEVER
        return self.calendar.round_up(given, rule.round_up) if rule.round_up else given

    def read(self, measure: Measure, window: Window, judged: Judgement) -> Fraction | int:
        """The value of a measure over a window as `judged`, in ten-thousandths."""
        tally = next(t for t in self.tallies if (t.measure, t.window) == (measure, window))
        start = self.span(window, judged.at)[0] if isinstance(window, PERIODIC) else BEGINNING
        return tally.value(judged, start)

    def qualified(self, judged: Judgement) -> int:
        """The highest tier whose requirements all hold."""
        return qualified(self.program, lambda measure, window: self.read(measure, window, judged))


def index_of(ladder: tuple[Tier, ...], key: str) -> int:
    """The place of the tier that `key` identifies, -1 if it is not on the ladder."""
    return next((i for i, tier in enumerate(ladder) if tier.key == key), -1)


def known(instant: int) -> int | None:
    """`instant`, or None for NEVER."""
    return None if instant == NEVER else instant
