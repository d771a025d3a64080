"""The packed form of events: fixed-width little-endian records, made for reading a member's whole history at once.

What only some events say goes beside the records: names (activities, currencies, attributes) into a list that records
point into, the rest (values, tiers, ends, ...) as `extras` by the event's sequence.
"""

from __future__ import annotations

import json
import struct
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.store.tables.base import canonical_json

TYPE_CODES = {
    EventType.POINTS_EARNED: 1,
    EventType.POINTS_ADJUSTED: 2,
    EventType.POINTS_SPENT: 3,
    EventType.POINTS_EXPIRED: 4,
    EventType.POINTS_RETURNED: 5,
    EventType.ORDER_PLACED: 6,
    EventType.ORDER_REFUNDED: 7,
    EventType.REVERSAL: 8,
    EventType.ACTIVITY: 9,
    EventType.ATTRIBUTE_SET: 10,
    EventType.MEMBER_ENROLLED: 11,
    EventType.TIER_OVERRIDE: 12,
}
"""Stored numbers of the event types; one that was given never changes."""
TYPE_OF_CODE = {code: type_ for type_, code in TYPE_CODES.items()}
REVERSAL = TYPE_CODES[EventType.REVERSAL]

HAS_POINTS, HAS_AMOUNT, HAS_QUANTITY, QUALIFYING, HAS_EXTRAS = 1, 2, 4, 8, 16
"""Bits of a record's `flags`. A value that is not there is 0."""

RECORD = np.dtype(
    [
        ("occurred_at", "<i8"),
        ("sequence", "<i8"),
        ("points", "<i8"),
        ("amount", "<i8"),
        ("third", "<i8"),  # a reversal: the sequence of what it reverses; anything else: the quantity
        ("type", "u1"),
        ("flags", "u1"),
        ("activity", "<u2"),
        ("currency", "<u2"),
        ("attribute", "<u2"),
    ]
)
_STRUCT = struct.Struct("<qqqqqBBHHH")
RECORD_BYTES = _STRUCT.size
_SEQUENCE = struct.Struct("<q")


class PackedEvent(NamedTuple):
    """What packing needs: the event, its sequence, and for a reversal the sequence of what it reverses."""

    event: Event
    sequence: int
    reverses_sequence: int | None = None


class LedgerRow(NamedTuple):
    """What packing reads of a ledger row, as the driver gives it: `details` is JSON text."""

    member_id: int
    occurred_at: int
    sequence: int
    type: int
    qualifying: bool
    points: int | None
    amount: int | None
    quantity: int | None
    currency: str | None
    activity: str | None
    reverses_sequence: int | None
    details: str | None


def unpacked_event(row: LedgerRow) -> PackedEvent:
    """What packing needs to know of a row; neither whose it is nor external ids."""
    said = json.loads(row.details) if row.details else {}
    event = Event(
        "",
        TYPE_OF_CODE[row.type],
        row.occurred_at,
        points=row.points,
        amount=row.amount,
        quantity=row.quantity,
        currency=row.currency or "",
        qualifying=bool(row.qualifying),
        activity=row.activity or "",
        attribute=said.get("attribute", ""),
        value=said.get("value", ""),
        tier=said.get("tier", ""),
        mode=OverrideMode(said["mode"]) if "mode" in said else None,
        until=said.get("until"),
        reason=said.get("reason", ""),
    )
    return PackedEvent(event, row.sequence, row.reverses_sequence)


class Names:
    """The names of one chunk, numbered in the order of appearance; `text` is the JSON list of them, None if empty."""

    __slots__ = ("_added", "_number", "_text")

    def __init__(self, text: str | None = None) -> None:
        self._text = text
        self._number = _numbers_of(text)
        self._added = False

    def number(self, name: str) -> int:
        """The number of `name`, a new one if need be."""
        found = self._number.get(name)
        if found is None:
            if not self._added:
                self._number = dict(self._number)
                self._added = True
            found = self._number[name] = len(self._number)
        return found

    @property
    def text(self) -> str | None:
        return _text_of(tuple(self._number)) if self._added else self._text


@lru_cache(maxsize=10_000)
def _numbers_of(text: str | None) -> dict[str, int]:
    """Shared: copied before anything is added."""
    return {name: number for number, name in enumerate(names_of(text))}


@lru_cache(maxsize=10_000)
def _text_of(names: tuple[str, ...]) -> str:
    return canonical_json(names)


def names_of(text: str | None) -> list[str]:
    """The names that a chunk says, by number."""
    names: list[str] = json.loads(text) if text else [""]
    return names


def is_plain(event: Event) -> bool:
    """Whether all that `event` says, but for names, fits into its record."""
    return not (
        event.attribute
        or event.tier
        or event.reason
        or event.mode is not None
        or event.until is not None
        or (event.quantity is not None and event.type is EventType.REVERSAL)
    )


def pack(packed: PackedEvent, names: Names, extras: dict[str, Any]) -> bytes:
    """One record; adds to `names`, and to `extras` under the sequence as text."""
    event = packed.event
    flags = QUALIFYING if event.qualifying else 0
    if event.points is not None:
        flags |= HAS_POINTS
    if event.amount is not None:
        flags |= HAS_AMOUNT
    third = 0
    extra: dict[str, Any] = {}
    if event.type is EventType.REVERSAL:
        third = packed.reverses_sequence or 0
        if event.quantity is not None:
            flags |= HAS_QUANTITY
            extra["quantity"] = event.quantity
    elif event.quantity is not None:
        flags |= HAS_QUANTITY
        third = event.quantity
    if event.attribute or event.tier or event.mode is not None or event.until is not None or event.reason:
        _say_rare(event, extra)
    if extra:
        flags |= HAS_EXTRAS
        extras[str(packed.sequence)] = extra
    return _STRUCT.pack(
        event.occurred_at,
        packed.sequence,
        event.points or 0,
        event.amount or 0,
        third,
        TYPE_CODES[event.type],
        flags,
        names.number(event.activity) if event.activity else 0,
        names.number(event.currency) if event.currency else 0,
        names.number(event.attribute) if event.attribute else 0,
    )


def sequence_of_last(records: bytes) -> int:
    """The sequence of the last of some records."""
    found: int = _SEQUENCE.unpack_from(records, len(records) - RECORD_BYTES + _SEQUENCE.size)[0]
    return found


def _say_rare(event: Event, extra: dict[str, Any]) -> None:
    for name in ("value", "tier", "reason"):
        if said := getattr(event, name):
            extra[name] = said
    if event.mode is not None:
        extra["mode"] = str(event.mode)
    if event.until is not None:
        extra["until"] = event.until


def unpack(record: Any, names: list[str], extras: dict[str, Any], member: str) -> PackedEvent:
    """The event that `record` (one element of a RECORD array, or its tuple) says.

    Its `id` is the sequence as text, and so is what it reverses: the ledger knows the external ids.
    """
    occurred_at, sequence, points, amount, third, code, flags, activity, currency, attribute = record.item()
    extra = extras.get(str(sequence), {}) if flags & HAS_EXTRAS else {}
    is_reversal = code == REVERSAL
    quantity = extra.get("quantity") if is_reversal else third
    event = Event(
        member=member,
        type=TYPE_OF_CODE[code],
        occurred_at=occurred_at,
        id=str(sequence),
        points=points if flags & HAS_POINTS else None,
        amount=amount if flags & HAS_AMOUNT else None,
        quantity=quantity if flags & HAS_QUANTITY else None,
        currency=names[currency],
        qualifying=bool(flags & QUALIFYING),
        reverses=str(third) if is_reversal and third else "",
        activity=names[activity],
        attribute=names[attribute],
        value=extra.get("value", ""),
        tier=extra.get("tier", ""),
        mode=OverrideMode(extra["mode"]) if "mode" in extra else None,
        until=extra.get("until"),
        reason=extra.get("reason", ""),
    )
    return PackedEvent(event, sequence, third if is_reversal and third else None)
