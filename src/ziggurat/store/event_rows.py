"""Events as ledger rows, and back."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, NamedTuple

from ziggurat.program.events import Event, OverrideMode
from ziggurat.store.packing import TYPE_CODES, TYPE_OF_CODE
from ziggurat.store.tables.base import canonical_json

COLUMNS = (
    "member_id",
    "occurred_at",
    "sequence",
    "external_id",
    "type",
    "recorded_at",
    "content_hash",
    "points",
    "amount",
    "quantity",
    "qualifying",
    "currency",
    "activity",
    "reverses_sequence",
    "details",
)


class LedgerEvent(NamedTuple):
    """An event as the ledger has it. `sequence` is its order of arrival."""

    member_id: int
    sequence: int
    recorded_at: int
    content_hash: bytes
    reverses_sequence: int | None
    event: Event


def content_hash(event: Event) -> bytes:
    """16 bytes that two events share only if they say the same; stays the same over versions."""
    said: tuple[Any, ...] = (
        event.member,
        TYPE_CODES[event.type],
        event.occurred_at,
        event.points,
        event.amount,
        event.quantity,
        event.qualifying,
        event.currency,
        event.activity,
        event.reverses,
    )
    if event.attribute or event.tier or event.mode is not None or event.until is not None or event.reason:
        mode = None if event.mode is None else str(event.mode)
        said += (event.attribute, event.value, event.tier, mode, event.until, event.reason)
    return blake2b(ascii(said).encode(), digest_size=16).digest()


def row_of(event: Event, member_id: int, sequence: int, recorded_at: int, hashed: bytes, reverses: int | None) -> Any:
    """The row that says `event`, in the order of COLUMNS."""
    details = None
    if event.attribute or event.tier or event.mode is not None or event.until is not None or event.reason:
        details = _details(event)
    elif event.reverses:
        details = canonical_json({"reverses": event.reverses})
    return (
        member_id,
        event.occurred_at,
        sequence,
        event.id or None,
        TYPE_CODES[event.type],
        recorded_at,
        hashed,
        event.points,
        event.amount,
        event.quantity,
        event.qualifying,
        event.currency or None,
        event.activity or None,
        reverses,
        details,
    )


def _details(event: Event) -> str:
    said = {
        name: getattr(event, name) for name in ("reverses", "attribute", "value", "tier", "mode", "until", "reason")
    }
    return canonical_json({name: value for name, value in said.items() if value not in ("", None)})


def ledger_event(row: Any, member: str) -> LedgerEvent:
    """The event that a row (with the columns of COLUMNS, `details` read) says."""
    details = row.details or {}
    event = Event(
        member=member,
        type=TYPE_OF_CODE[row.type],
        occurred_at=row.occurred_at,
        id=row.external_id or "",
        points=row.points,
        amount=row.amount,
        quantity=row.quantity,
        currency=row.currency or "",
        qualifying=row.qualifying,
        reverses=details.get("reverses", ""),
        activity=row.activity or "",
        attribute=details.get("attribute", ""),
        value=details.get("value", ""),
        tier=details.get("tier", ""),
        mode=OverrideMode(details["mode"]) if "mode" in details else None,
        until=details.get("until"),
        reason=details.get("reason", ""),
    )
    hashed = bytes(row.content_hash)
    return LedgerEvent(row.member_id, row.sequence, row.recorded_at, hashed, row.reverses_sequence, event)
