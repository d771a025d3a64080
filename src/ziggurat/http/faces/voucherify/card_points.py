"""What a card holds and how it came to: read from the ledger, in the vendor's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.members.list_member_events import list_member_events
from ziggurat.app.members.views import EventView
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.voucherify.ids import derived_id, is_id
from ziggurat.http.json_text import number
from ziggurat.program.events import Event, EventType
from ziggurat.store.errors import NotFoundError

_PAGE = 1_000
_CREDITS = "added"
_BUCKET = (
    *("total", "earned", "added", "purchased", "purchased_reversed", "subtracted", "expired", "spent", "refunded"),
    *("returned", "locked", "unlocked"),
)


def events_of(context: Context, member: str) -> list[EventView]:
    """Every event of a member's ledger up to now, oldest first."""
    found: list[EventView] = []
    after = None
    while True:
        try:
            page = list_member_events(context, member, after=after, limit=_PAGE)
        except NotFoundError:
            return found
        found += page.items
        if page.next is None:
            return [each for each in found if each.event.occurred_at <= context.now]
        after = page.next


def movements(events: Iterable[EventView]) -> list[tuple[EventView, str, int]]:
    """The events that move points, each with the vendor's type and the signed points in ten-thousandths."""
    told: list[tuple[EventView, str, int]] = []
    undone: dict[str, int] = {}
    points: dict[str, tuple[str, int]] = {}
    for view in events:
        event = view.event
        kind, moved = _movement(event, points, undone)
        if not kind:
            continue
        if event.id:
            points[event.id] = kind, moved
        told.append((view, kind, moved))
    return told


def _movement(event: Event, points: Mapping[str, tuple[str, int]], undone: dict[str, int]) -> tuple[str, int]:  # noqa: PLR0911
    amount = event.points or 0
    match event.type:
        case EventType.POINTS_EARNED | EventType.ORDER_PLACED:
            return ("POINTS_EARNED", amount) if event.points is not None else ("", 0)
        case EventType.POINTS_ADJUSTED:
            return ("ADMIN_CREDIT" if amount >= 0 else "ADMIN_DEBIT"), amount
        case EventType.POINTS_SPENT:
            return "POINTS_SPENT_ON_ORDER", -amount
        case EventType.POINTS_EXPIRED:
            return "POINTS_EXPIRED", -amount
        case EventType.POINTS_RETURNED:
            return "POINTS_RETURNED", amount
        case EventType.REVERSAL if event.reverses in points:
            before = points[event.reverses][1]
            left = abs(before) - undone.get(event.reverses, 0)
            share = left if event.points is None else min(event.points, left)
            undone[event.reverses] = undone.get(event.reverses, 0) + share
            return ("POINTS_REFUNDED", -share) if before > 0 else ("POINTS_RETURNED", share)
    return "", 0


def bucket_of(moves: Iterable[tuple[EventView, str, int]]) -> dict[str, int]:
    """`lifetime_bucket.points` in ten-thousandths."""
    bucket = dict.fromkeys(_BUCKET, 0)
    for _, kind, moved in moves:
        name = {
            "POINTS_EARNED": "earned",
            "ADMIN_CREDIT": _CREDITS,
            "ADMIN_DEBIT": "subtracted",
            "POINTS_SPENT_ON_ORDER": "spent",
            "POINTS_EXPIRED": "expired",
            "POINTS_RETURNED": "returned",
            "POINTS_REFUNDED": "refunded",
        }[kind]
        bucket[name] += abs(moved)
        if name in ("earned", _CREDITS):
            bucket["total"] += moved
    return bucket


def balance_of(bucket: Mapping[str, int]) -> int:
    """What is there to spend, in ten-thousandths."""
    out = ("subtracted", "expired", "spent", "refunded", "locked", "purchased_reversed")
    return bucket["total"] + bucket["returned"] + bucket["unlocked"] - sum(bucket[name] for name in out)


def show_card(context: Context, card: Mapping[str, Any], until: int | None = None) -> dict[str, Any]:
    """A card on the wire; as it was at `until` (UTC microseconds) if that is said."""
    events = events_of(context if until is None else replace(context, now=until), card["member"])
    bucket = bucket_of(movements(events))
    return {
        "id": card["id"],
        "card_definition_id": card["card_definition_id"],
        "card_type": "INDIVIDUAL",
        "code": None,
        "lifetime_bucket": {
            "points": {name: number(units) for name, units in bucket.items()},
            "pending_points": {"total": 0, "activated": 0, "canceled": 0},
        },
        "balance": {"points": number(balance_of(bucket)), "pending_points": 0},
        "next_expiration": None,
        "next_activation": None,
        "object": "card",
    }


def transaction_id(view: EventView) -> str:
    """The id of the card transaction that an event is."""
    event = view.event
    return event.id if is_id("lctx", event.id) else derived_id("lctx", event.member, event.id or str(view.sequence))


def show_transaction(view: EventView, kind: str, moved: int, ids: Mapping[str, Any]) -> dict[str, Any]:
    """A card transaction on the wire; what lowers the balance is negative."""
    points: dict[str, Any] = {"total": number(moved)}
    if moved > 0:
        points["expiration_date"] = None  # points do not expire by themselves here
    return {
        "id": transaction_id(view),
        **ids,
        "card_type": "INDIVIDUAL",
        "type": kind,
        "details": {"reason": view.event.reason or None, "rejection": None, "metadata": {}, "points": points},
        "status": "APPROVED",
        "created_at": millisecond_text(view.event.occurred_at),
        "updated_at": millisecond_text(view.recorded_at),
        "object": "card_transaction",
    }
