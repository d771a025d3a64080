"""Members' whole histories in memory, as one set of flat arrays: what the engine evaluates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ziggurat.program.calendar import NEVER
from ziggurat.program.events import Event
from ziggurat.store.packing import HAS_QUANTITY, RECORD, REVERSAL, unpack


@dataclass(frozen=True, slots=True)
class Histories:
    """The events of some members, member by member, each in order.

    `records[offsets[i]:offsets[i + 1]]` are those of `member_ids[i]` (fields: packing.RECORD; most columns below are
    strided views of them). `activity`, `currency` and `attribute` point into `names`; 0 is none. A name may
    be in `names` more than once. `extras` holds what few events say, by (member id, sequence).
    """

    member_ids: list[int]
    offsets: NDArray[np.int64]
    records: NDArray[Any]
    names: list[str]
    name_base: NDArray[np.int64] | None
    extras: Mapping[tuple[int, int], dict[str, Any]]
    _index: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.member_ids)

    @property
    def occurred_at(self) -> NDArray[np.int64]:
        return self.records["occurred_at"]

    @property
    def sequence(self) -> NDArray[np.int64]:
        return self.records["sequence"]

    @property
    def type(self) -> NDArray[np.uint8]:
        """Codes of packing.TYPE_CODES."""
        return self.records["type"]

    @property
    def flags(self) -> NDArray[np.uint8]:
        """Bits HAS_POINTS, HAS_AMOUNT, HAS_QUANTITY, QUALIFYING, HAS_EXTRAS."""
        return self.records["flags"]

    @property
    def points(self) -> NDArray[np.int64]:
        return self.records["points"]

    @property
    def amount(self) -> NDArray[np.int64]:
        return self.records["amount"]

    @property
    def reverses(self) -> NDArray[np.int64]:
        """The sequence of what a reversal reverses; 0 for everything else. A copy."""
        return np.where(self.type == REVERSAL, self.records["third"], 0)

    @property
    def quantity(self) -> NDArray[np.int64]:
        """Quantities; 0 where not said. A copy."""
        quantities = np.where(self.type == REVERSAL, 0, self.records["third"])
        for place in np.flatnonzero((self.type == REVERSAL) & (self.flags & HAS_QUANTITY > 0)):
            member = self.member_ids[int(np.searchsorted(self.offsets, place, side="right")) - 1]
            quantities[place] = self.extras[member, int(self.sequence[place])]["quantity"]
        return quantities

    @property
    def activity(self) -> NDArray[np.int64]:
        return self._named("activity")

    @property
    def currency(self) -> NDArray[np.int64]:
        return self._named("currency")

    @property
    def attribute(self) -> NDArray[np.int64]:
        return self._named("attribute")

    def span(self, member_id: int) -> slice:
        """Where the events of `member_id` are in the arrays."""
        if not self._index:
            self._index.update((member, index) for index, member in enumerate(self.member_ids))
        index = self._index[member_id]
        return slice(int(self.offsets[index]), int(self.offsets[index + 1]))

    def events(self, member_id: int, member: str = "") -> list[Event]:
        """The events of one member as values. Their `id` is the sequence as text: external ids are in the ledger."""
        span = self.span(member_id)
        base = [0] * (span.stop - span.start) if self.name_base is None else self.name_base[span].tolist()
        found = []
        for record, shift in zip(self.records[span], base, strict=True):
            sequence = int(record["sequence"])
            extra = self.extras.get((member_id, sequence))
            extras = {} if extra is None else {str(sequence): extra}
            found.append(unpack(record, self.names[shift:], extras, member).event)
        return found

    def _named(self, column: str) -> NDArray[np.int64]:
        numbers: NDArray[np.int64] = self.records[column].astype(np.int64)
        return numbers if self.name_base is None else np.where(numbers > 0, numbers + self.name_base, 0)


def next_events(histories: Histories, as_of: int) -> NDArray[np.int64] | None:
    """The instant of the first event after `as_of`, by member: it has not happened yet, and will count then.

    None where nobody has one, NEVER for a member without.
    """
    instants = histories.occurred_at
    if not len(instants) or int(instants.max()) <= as_of:
        return None
    found = np.full(len(histories), NEVER, np.int64)
    for index, (start, end) in enumerate(pairwise(histories.offsets.tolist())):
        place = start + int(np.searchsorted(instants[start:end], as_of, side="right"))
        if place < end:
            found[index] = instants[place]
    return found


def empty_histories(member_ids: list[int]) -> Histories:
    """Members without events."""
    offsets = np.zeros(len(member_ids) + 1, np.int64)
    return Histories(member_ids, offsets, np.empty(0, RECORD), [""], None, {})
