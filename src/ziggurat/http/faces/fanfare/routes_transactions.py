"""A consumer's points, change by change, and what she did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.app.audiences.opening_events import REASON
from ziggurat.app.members.list_member_events import list_member_events
from ziggurat.app.members.list_point_changes import PointChange, list_point_changes
from ziggurat.app.pages import Position
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.ids import derived_uuid
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare import wire_consumers as wire
from ziggurat.http.faces.fanfare.consumer_ids import consumer_id
from ziggurat.http.faces.fanfare.consumer_view import find_consumer
from ziggurat.http.faces.fanfare.ids import FACE, organization_uuid
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Issue, failed_check
from ziggurat.http.faces.fanfare.paging import FIRST_DEFAULT, FIRST_MAX
from ziggurat.http.json_text import number
from ziggurat.http.problems import Refusal
from ziggurat.program.events import EventType

_TYPES = {
    EventType.POINTS_EARNED: "earn",
    EventType.ORDER_PLACED: "earn",
    EventType.POINTS_SPENT: "redeem",
    EventType.POINTS_EXPIRED: "expire",
    EventType.POINTS_ADJUSTED: "adjust",
    EventType.POINTS_RETURNED: "reversal",
    EventType.REVERSAL: "reversal",
}
_MIGRATED = (REASON, "imported balance")
ACTIVITIES = (
    ("queue_", "QUEUE"),
    ("draw_", "DRAW"),
    ("auction_", "AUCTION"),
    ("bid_", "AUCTION"),
    ("outbid", "AUCTION"),
    ("waitlist_", "WAITLIST"),
    ("message", "MESSAGE"),
    ("appointment_", "APPOINTMENT"),
)
"""How the vendor's types of events begin that a timeline shows."""
EVENTS_LOOKED_AT_MAX = 1_000
_DIGITS_MAX = 9


def _transactions(visit: Visit) -> Any:
    """Unknown 29: `first` and `after` mean the same as `limit` and `cursor`."""
    given = dict(visit.request.query_params)
    found = find_consumer(visit)
    query = f"fanfare transactions {found.number}"
    issues: list[Issue] = []
    limit = read_limit(given, issues)
    after = read_after(visit, given, query, issues)
    if issues:
        raise InvalidInputError(issues, given)
    page = list_point_changes(visit.context, found.number, after=after, limit=limit)
    following = None if page.next is None else visit.service.cursors.make(page.next, query, visit.context.now)
    return {
        "transactions": [_transaction(visit, change) for change in page.items],
        "nextCursor": following,
        "expiringBuckets": [],
    }


def _transaction(visit: Visit, change: PointChange) -> dict[str, Any]:
    is_migrated = change.type is EventType.POINTS_ADJUSTED and change.reason in _MIGRATED
    return {
        "id": derived_uuid(FACE, "transaction", organization_uuid(visit.context), str(change.sequence)),
        "txnType": "migration" if is_migrated else _TYPES[change.type],
        "pointsDelta": number(change.points),
        "occurredAt": millisecond_text(change.at),
        "sourceType": str(change.undone or change.type),
        "sourceDescription": change.reason or None,
        "bucketExpiresOn": None,
        "metadata": None,
    }


def read_limit(given: Mapping[str, str], issues: list[Issue]) -> int:
    """How many are asked for; an issue where that cannot be."""
    name = "limit" if "limit" in given else "first"
    text = given.get(name, str(FIRST_DEFAULT))
    count = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else 0
    if not 1 <= count <= FIRST_MAX:
        message = f"Invalid value: Expected 1 to {FIRST_MAX} but received {text[:20]}"
        issues.append(failed_check((name,), f"1..{FIRST_MAX}", text, message))
    return count


def read_after(visit: Visit, given: Mapping[str, str], query: str, issues: list[Issue]) -> Position | None:
    """Where the page begins; None, and an issue, for a cursor that is none of `query`."""
    name = "cursor" if "cursor" in given else "after"
    if not given.get(name):
        return None
    try:
        return visit.service.cursors.read(given[name], query, visit.context.now)
    except Refusal as refusal:
        words = "has expired" if refusal.code == "expired_cursor" else "was not made for this list"
        issues.append(failed_check((name,), "cursor", given[name], f"Invalid cursor: {name} {words}"))
        return None


def _timeline(visit: Visit) -> Any:
    """Activities of the vendor's own types, newest first, among the member's latest events."""
    found = find_consumer(visit)
    page = list_member_events(visit.context, found.member, limit=EVENTS_LOOKED_AT_MAX, newest_first=True)
    activities = [
        {
            "id": derived_uuid(FACE, "activity", organization_uuid(visit.context), str(each.sequence)),
            "type": kind,
            "action": each.event.activity,
            "occurredAt": millisecond_text(each.event.occurred_at),
        }
        for each in page.items
        if each.event.occurred_at <= visit.context.now and (kind := _activity_type(each.event.activity))
    ]
    return {
        "consumerId": consumer_id(visit.context, found.number, found.member),
        "activities": activities,
        "totalCount": len(activities),
    }


def _activity_type(activity: str) -> str:
    return next((kind for begin, kind in ACTIVITIES if activity.startswith(begin)), "")


_COUNT = {"type": "integer", "minimum": 1, "maximum": FIRST_MAX}
TRANSACTION_ROUTES = (
    FaceRoute(
        method="GET",
        path="/consumers/{consumerId}/loyalty-transactions",
        scope=KeyScope.READ,
        run=_transactions,
        summary="List a consumer's loyalty transactions",
        answer=wire.LoyaltyTransactions,
        parameters=tuple(
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in (
                ("first", _COUNT),
                ("limit", _COUNT),
                ("after", {"type": "string"}),
                ("cursor", {"type": "string"}),
            )
        ),
        refusals=(404,),
    ),
    FaceRoute(
        method="GET",
        path="/consumers/{consumerId}/timeline",
        scope=KeyScope.READ,
        run=_timeline,
        summary="Get a consumer's timeline",
        answer=wire.Timeline,
        refusals=(404,),
    ),
)
