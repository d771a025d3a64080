"""What the kernel answers: states by member and moves by member, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ziggurat.engine.kernel.fold_kernel import NOBODY
from ziggurat.engine.layout import UNSAID
from ziggurat.engine.timeline import Cause, Kind, State, Timeline, Transition
from ziggurat.program.calendar import NEVER

Int64s: TypeAlias = NDArray[np.int64]
Int32s: TypeAlias = NDArray[np.int32]
Int16s: TypeAlias = NDArray[np.int16]
Int8s: TypeAlias = NDArray[np.int8]

__all__ = ["CAUSES", "KINDS", "NOBODY", "Moves", "Results", "States"]

KINDS: tuple[Kind, ...] = tuple(Kind)
CAUSES: tuple[Cause, ...] = tuple(Cause)


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Where M members stand. Instants are UTC microseconds, NEVER for none; values ten-thousandths.

    Args:
        index: int16[M], the tier's place on the ladder in force, -1 for none, NOBODY for a member without events.
        name: int16[M], number of the tier's name, -1 for none.
        since, expires_at, grace_until, next_decision_at: int64[M].
        value: int64[M], of the program's measure.
        next_name: int16[M], number of the name of the next tier, -1 for none.
        missing: int64[M], how much is short of it; UNSAID where it is not on the program's measure.
        revision: int16[M], index of the revision in force.
    """

    index: Int16s
    name: Int16s
    since: Int64s
    expires_at: Int64s
    grace_until: Int64s
    value: Int64s
    next_name: Int16s
    missing: Int64s
    next_decision_at: Int64s
    revision: Int16s

    @classmethod
    def empty(cls, members: int) -> States:
        """Room for `members` states."""
        shorts = [np.empty(members, np.int16) for _ in range(4)]
        longs = [np.empty(members, np.int64) for _ in range(6)]
        return cls(
            shorts[0], shorts[1], longs[0], longs[1], longs[2], longs[3], shorts[2], longs[4], longs[5], shorts[3]
        )

    def columns(self) -> tuple[NDArray[np.generic], ...]:
        """The columns in the order in which the kernel takes them."""
        return (
            self.index,
            self.name,
            self.since,
            self.expires_at,
            self.grace_until,
            self.value,
            self.next_name,
            self.missing,
            self.next_decision_at,
            self.revision,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Transitions of a stretch of members, in the order of members, then time.

    Args:
        at, value, expires_at: int64.
        event: int32, the position of the event that caused it, -1 when time did.
        from_name, to_name: int16, numbers of names, -1 for none.
        revision: int16.
        kind, cause: int8, indexes into KINDS and CAUSES.
    """

    at: Int64s
    value: Int64s
    expires_at: Int64s
    event: Int32s
    from_name: Int16s
    to_name: Int16s
    revision: Int16s
    kind: Int8s
    cause: Int8s

    def __len__(self) -> int:
        return len(self.at)

    @classmethod
    def empty(cls, room: int) -> Moves:
        """Room for `room` transitions; memory that is never written is never taken."""
        longs = [np.empty(room, np.int64) for _ in range(3)]
        shorts = [np.empty(room, np.int16) for _ in range(3)]
        codes = [np.empty(room, np.int8) for _ in range(2)]
        event = np.empty(room, np.int32)
        return cls(longs[0], longs[1], longs[2], event, shorts[0], shorts[1], shorts[2], codes[0], codes[1])

    def columns(self) -> tuple[NDArray[np.generic], ...]:
        """The columns in the order of the fields."""
        return (
            self.at,
            self.value,
            self.expires_at,
            self.event,
            self.from_name,
            self.to_name,
            self.revision,
            self.kind,
            self.cause,
        )

    def copied(self, count: int) -> Moves:
        """A copy of the first `count`."""
        return Moves(*(column[:count].copy() for column in self.columns()))  # type: ignore[arg-type]

    def part(self, start: int, stop: int) -> Moves:
        """Those from `start` to `stop`, without a copy."""
        return Moves(*(column[start:stop] for column in self.columns()))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """The answers for M members.

    Args:
        names: tier names by number.
        states: where each stands.
        moved: int32[M], how many transitions each made.
        parts: the transitions, in parts: `(first member, last member + 1, moves)`; none where states alone were asked.
    """

    names: tuple[str, ...]
    states: States
    moved: Int32s
    parts: tuple[tuple[int, int, Moves], ...]

    def __len__(self) -> int:
        return len(self.moved)

    def state(self, member: int) -> State | None:
        """Where the member stands; None without events."""
        states = self.states
        if states.index[member] == NOBODY:
            return None
        missing = int(states.missing[member])
        return State(
            tier=self.name(int(states.name[member])),
            index=int(states.index[member]),
            since=int(states.since[member]),
            expires_at=_known(int(states.expires_at[member])),
            grace_until=_known(int(states.grace_until[member])),
            value=int(states.value[member]),
            next_tier=self.name(int(states.next_name[member])),
            missing=None if missing == UNSAID else missing,
            next_decision_at=_known(int(states.next_decision_at[member])),
            revision=int(states.revision[member]),
        )

    def name(self, number: int) -> str:
        """The tier name of a number, "" for -1."""
        return self.names[number] if number >= 0 else ""

    def timeline(self, member: int) -> Timeline:
        """The member's whole timeline."""
        return Timeline(tuple(self.transitions(member)), self.state(member))

    def transitions(self, member: int, after: int | None = None) -> list[Transition]:
        """The member's transitions, in order; only those after an instant, if one is given."""
        for first, stop, moves in self.parts:
            if first <= member < stop:
                start = int(self.moved[first:member].sum())
                part = moves.part(start, start + int(self.moved[member]))
                if after is not None:
                    part = part.part(int(np.searchsorted(part.at, after, side="right")), len(part))
                return [self._transition(row) for row in zip(*(c.tolist() for c in part.columns()), strict=True)]
        return []

    def _transition(self, row: tuple[int, ...]) -> Transition:
        at, value, expires_at, event, from_name, to_name, revision, kind, cause = row
        return Transition(
            at=at,
            kind=KINDS[kind],
            from_tier=self.name(from_name),
            to_tier=self.name(to_name),
            cause=CAUSES[cause],
            value=value,
            expires_at=_known(expires_at),
            event=None if event < 0 else event,
            revision=revision,
        )


def _known(instant: int) -> int | None:
    return None if instant == NEVER else instant
