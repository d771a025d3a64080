"""The transactions methods: what moved the points of accounts, one by one.

A transaction is an event of the ledger. Those that were made through Wix have the id that was answered then; all others
have one that says where in the ledger they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from ziggurat.app.context import Context
from ziggurat.app.faces.change_face_documents import read_face_documents
from ziggurat.app.members.point_moves import PointMove, every_point_move, find_point_move, list_point_moves
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.ids import is_uuid
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.wix import wire_transactions as wire
from ziggurat.http.faces.wix.account_query import paging
from ziggurat.http.faces.wix.errors import WixError, malformed_guid
from ziggurat.http.faces.wix.filters import (
    Kind,
    conjuncts,
    named_values,
    not_served,
    orders,
    predicate,
    sorted_by,
)
from ziggurat.http.faces.wix.headers import SITE
from ziggurat.http.faces.wix.limits_of_wix import DESCRIPTION_OF_POINTS_CHARACTERS_MAX
from ziggurat.http.faces.wix.reading import read_body
from ziggurat.http.faces.wix.seen import FACE
from ziggurat.http.json_text import render
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import EventType
from ziggurat.store.errors import NotFoundError

EARNED = "earned"
"""The kind of documents that hold what earning said beside the points, by transaction."""
MANUAL = "553c79f3-5625-4f38-b14b-ef7c0d1e87df"
"""The app that the vendor says made what no app of its own did: the loyalty app."""
FIELDS = {
    "id": Kind.GUID,
    "accountId": Kind.ID,
    "createdDate": Kind.DATE,
    "transactionType": Kind.WORD,
    "amount": Kind.NUMBER,
    "description": Kind.WORD,
    "idempotencyKey": Kind.WORD,
}
_TYPES = {
    EventType.POINTS_EARNED: "EARN",
    EventType.ORDER_PLACED: "EARN",
    EventType.POINTS_ADJUSTED: "ADJUST",
    EventType.POINTS_SPENT: "REDEEM",
    EventType.POINTS_RETURNED: "REFUND",
    EventType.POINTS_EXPIRED: "EXPIRE",
}
_EVENTS_MAX = 20_000
_PLACE = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-8000-8000-([0-9a-f]{12})")
_SITE_PARAMETER = {"name": SITE, "in": "header", "required": False, "schema": {"type": "string"}}


def _get(visit: Visit) -> Any:
    id_ = visit.path["transaction_id"].lower()
    if not is_uuid(id_):
        raise malformed_guid("loyaltyTransactionId")
    move = find_point_move(visit.context, event_id=f"{FACE}:{id_}")
    placed = _PLACE.fullmatch(id_)
    if move is None and placed:
        place = int(placed[1] + placed[2], 16), int(placed[3], 16)
        move = find_point_move(visit.context, place=place)
    if move is None or transaction_id(move) != id_:
        raise WixError(404, "NOT_FOUND", f"Transaction {id_} was not found", {"loyaltyTransactionId": id_})
    (shown,) = _shown(visit.context, [move])
    return {"loyaltyTransaction": shown}


def _query(visit: Visit) -> Any:
    """The newest first, unless the order is said."""
    asked = read_body(wire.QueryTransactionsRequest, visit.body).query
    sort = orders(asked.sort, FIELDS) or [("createdDate", True)]
    holds = predicate(asked.filter, FIELDS)
    text = f"{visit.principal.scope.organization_id} wix transactions {render([asked.filter, asked.sort]).decode()}"
    cursors, now = visit.service.cursors, visit.context.now
    start = 0
    if asked.cursorPaging.cursor:
        start = int(cursors.read(asked.cursorPaging.cursor, text, now)[0] or 0)
    found = [each for each in _shown(visit.context, _moves(visit.context, asked.filter)) if holds(each)]
    ends = start + asked.cursorPaging.limit
    following = cursors.make((ends,), text, now) if ends < len(found) else None
    page = sorted_by(found, sort, FIELDS)[start:ends]
    return {"loyaltyTransactions": page, "pagingMetadata": paging(len(page), following)}


def _moves(context: Context, said: Mapping[str, Any]) -> Sequence[PointMove]:
    """Moves among which all are that pass the filter: those of the accounts it names, or everybody's."""
    accounts = [named_values(condition) for name, condition in conjuncts(said) if name == "accountId"]
    names = next((each for each in accounts if each is not None), None)
    if names is None:
        every = every_point_move(context, events_max=_EVENTS_MAX)
        if every is None:
            raise not_served(f"a query without accountId over more than {_EVENTS_MAX} transactions")
        return every
    found: list[PointMove] = []
    for name in dict.fromkeys(names):
        try:
            found += list_point_moves(context, name)
        except NotFoundError:
            continue
    return found


def _shown(context: Context, moves: Sequence[PointMove]) -> list[dict[str, Any]]:
    """Moves as transactions; what earning said is read in one go."""
    ids = [transaction_id(move) for move in moves]
    ours = [id_ for id_, move in zip(ids, moves, strict=True) if move.event.id == f"{FACE}:{id_}"]
    kept = read_face_documents(context, FACE, lambda documents: documents.several(EARNED, ours)) if ours else {}
    return [_message(move, id_, kept.get(id_, {})) for move, id_ in zip(moves, ids, strict=True)]


def transaction_id(move: PointMove) -> str:
    """The GUID of a transaction: as answered when it was made through Wix, else its place in the ledger."""
    own = move.event.id.removeprefix(f"{FACE}:")
    if own != move.event.id and is_uuid(own):
        return own
    digits = f"{move.member_number:012x}80008000{move.sequence:012x}"
    return str(UUID(digits))


def _message(move: PointMove, id_: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    kind = "ADJUST" if move.is_reversal else _TYPES[move.kind]
    if move.is_reversal and move.kind is EventType.POINTS_SPENT:
        kind = "REFUND"
    amount = move.moved if kind == "ADJUST" else abs(move.moved)
    said: dict[str, Any] = {
        "id": id_,
        "accountId": move.event.member,
        "createdDate": millisecond_text(move.event.occurred_at),
        "amount": _whole(amount),
        "transactionType": kind,
        "description": move.event.reason[:DESCRIPTION_OF_POINTS_CHARACTERS_MAX],
    }
    if kept.get("idempotencyKey"):
        said["idempotencyKey"] = kept["idempotencyKey"]
    before_and_after = {"amountBefore": _whole(move.balance - move.moved), "amountAfter": _whole(move.balance)}
    about: Mapping[str, tuple[str, dict[str, Any]]] = {
        "EARN": ("earnInfo", _earn_info(kept)),
        "REDEEM": ("redeemInfo", {}),
        "ADJUST": ("adjustInfo", {"appId": MANUAL, **before_and_after}),
        "REFUND": ("refundInfo", {"appId": MANUAL}),
        "EXPIRE": ("expireInfo", before_and_after),
    }
    name, info = about[kind]
    return {**said, name: info}


def _earn_info(kept: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"appId": kept.get("appId") or MANUAL, "activityType": kept.get("activityType") or ""}
    return said | {name: kept[name] for name in ("orderId", "followedSocialMedia") if kept.get(name)}


def _whole(units: int) -> int:
    """Whole points, rounded down."""
    return units // SCALE


TRANSACTION_ROUTES = (
    FaceRoute(
        method="POST",
        path="/v1/loyalty-transactions/query",
        scope=KeyScope.READ,
        run=_query,
        summary="Query transactions",
        body=wire.QueryTransactionsRequest,
        answer=wire.LoyaltyTransactionsResponse,
        parameters=(_SITE_PARAMETER,),
    ),
    FaceRoute(
        method="GET",
        path="/v1/loyalty-transactions/{transaction_id}",
        scope=KeyScope.READ,
        run=_get,
        summary="Get a transaction",
        answer=wire.LoyaltyTransactionResponse,
        parameters=(_SITE_PARAMETER,),
        refusals=(404,),
    ),
)
