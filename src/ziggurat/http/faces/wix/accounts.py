"""The methods of one account: create, get, fetch by contact, earn points, adjust points; and the totals of all."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ziggurat.app.context import Context
from ziggurat.app.events.evaluate_members import warm_up
from ziggurat.app.events.views import IngestOutcome
from ziggurat.app.faces.change_face_documents import FaceDocuments, change_face_documents
from ziggurat.app.members.adjust_points import adjust_points
from ziggurat.app.members.enrol_member import enrol_member
from ziggurat.app.members.list_member_events import list_member_events
from ziggurat.app.members.read_points import sum_points
from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.count_tiers import count_tiers
from ziggurat.http.face_support.ids import derived_uuid
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.wix import wire_accounts as wire
from ziggurat.http.faces.wix.account_view import (
    SeenAccount,
    account_message,
    account_not_found,
    points_message,
    read_account,
    tier_id_of,
)
from ziggurat.http.faces.wix.board import ladder_of
from ziggurat.http.faces.wix.edits import Ladder
from ziggurat.http.faces.wix.errors import (
    InvalidFieldsError,
    Violation,
    WixError,
    outdated_revision,
)
from ziggurat.http.faces.wix.headers import SITE, site_of
from ziggurat.http.faces.wix.reading import read_body
from ziggurat.http.faces.wix.seen import FACE
from ziggurat.http.faces.wix.transactions import EARNED
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import Event, EventType
from ziggurat.store.errors import NotFoundError, StaleVersionError

_SITE_PARAMETER = {"name": SITE, "in": "header", "required": False, "schema": {"type": "string"}}
_SECONDARY = tuple(
    {"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in ("contactId", "memberId")
)
_EVENTS_AT_ONCE = 500
_KEPT = {"appId", "idempotencyKey", "activityType", "orderId", "followedSocialMedia"}
"""What is kept of earning beside the event: transactions show it."""


def _create(visit: Visit) -> Any:
    contact = read_body(wire.CreateAccountRequest, visit.body).contactId
    ladder = _ladder(visit)
    try:
        read_account(visit.context, ladder, contact)
    except WixError:
        enrol_member(visit.context, contact)
        return {"account": account_message(read_account(visit.context, ladder, contact))}
    raise WixError(409, "ALREADY_EXISTS", "The contact has an account already", {"accountId": contact})


def _get(visit: Visit) -> Any:
    return {"account": account_message(_account(visit))}


def _fetch_by(visit: Visit) -> Any:
    """By contact or member; here both are the member's id."""
    said = visit.request.query_params
    member = said.get("contactId") or said.get("memberId")
    if not member:
        supported = {"supported": ["contactId", "memberId"]}
        raise InvalidFieldsError([Violation("secondaryId", "must not be empty", "REQUIRED_ONE_OF_FIELD", supported)])
    return {"account": account_message(read_account(visit.context, _ladder(visit), member))}


def _earn(visit: Visit) -> Any:
    asked = read_body(wire.EarnPointsRequest, visit.body)
    member = _account(visit).member.id
    transaction = derived_uuid(FACE, "earn", asked.appId, asked.idempotencyKey)
    event = Event(
        member,
        EventType.POINTS_EARNED,
        visit.context.now,
        id=f"{FACE}:{transaction}",
        points=asked.amount * SCALE,
        reason=asked.description,
    )
    said = asked.model_dump(include=_KEPT, exclude_none=True)

    def work(documents: FaceDocuments) -> IngestOutcome:
        outcome = documents.take(event)
        if outcome.result == "accepted":
            documents.create(EARNED, transaction, said, subject=member)
        return outcome

    warm_up()
    outcome = change_face_documents(visit.context, FACE, work)
    if outcome.result == "conflict" and not _was_earned(visit.context, event):
        raise WixError(409, "ALREADY_EXISTS", "The idempotency key was used for other points")
    if outcome.result == "refused":
        raise WixError(400, "INVALID_ARGUMENT", outcome.reason)
    return {"account": account_message(_account(visit)), "transactionId": transaction}


def _was_earned(context: Context, event: Event) -> bool:
    """Whether the ledger has these very points under the event's id, from when they were sent first."""
    after = None
    while True:
        page = list_member_events(context, event.member, after=after, limit=_EVENTS_AT_ONCE, newest_first=True)
        for row in page.items:
            if row.event.id == event.id:
                return (row.event.points, row.event.reason) == (event.points, event.reason)
        if page.next is None:
            return False
        after = page.next


def _adjust(visit: Visit) -> Any:
    asked = read_body(wire.AdjustPointsRequest, visit.body)
    if asked.balance is None and asked.amount is None:
        supported = {"supported": ["balance", "amount"]}
        raise InvalidFieldsError([Violation("type", "must not be empty", "REQUIRED_ONE_OF_FIELD", supported)])
    if asked.balance is None and not asked.amount:
        raise InvalidFieldsError([Violation("amount", "must not be 0", "OTHER")])
    transaction = str(uuid4())
    member = _account(visit).member.id
    try:
        adjust_points(
            visit.context,
            member,
            id=f"{FACE}:{transaction}",
            amount=None if asked.amount is None else asked.amount * SCALE,
            balance=None if asked.balance is None else asked.balance * SCALE,
            expected_events=int(asked.revision),
            reason=asked.description,
        )
    except StaleVersionError:
        raise outdated_revision(member) from None
    except NotFoundError:
        raise account_not_found(member) from None
    return {"account": account_message(_account(visit)), "transactionId": transaction}


def _totals(visit: Visit) -> Any:
    """Counted by tier; without `points` where there are too many accounts to add them up at once."""
    points = sum_points(visit.context)
    said: dict[str, Any] = {} if points is None else {"points": points_message(points)}
    ladder = _ladder(visit)
    if ladder is None:
        return said | {"tierTotals": []}
    counted: dict[str | None, int] = {}
    for each in count_tiers(visit.context, ladder.program_id):
        id_ = tier_id_of(ladder, each.tier_id)
        counted[id_] = counted.get(id_, 0) + each.members
    totals = [{"numberOfAccounts": count} | ({"id": id_} if id_ else {}) for id_, count in counted.items()]
    return said | {"tierTotals": totals}


def _account(visit: Visit) -> SeenAccount:
    return read_account(visit.context, _ladder(visit), visit.path["account_id"])


def _ladder(visit: Visit) -> Ladder | None:
    return ladder_of(visit.context, site_of(visit.request))


def _route(method: str, path: str, scope: KeyScope, run: Any, summary: str, **said: Any) -> FaceRoute:
    parameters = (_SITE_PARAMETER, *said.pop("parameters", ()))
    return FaceRoute(method=method, path=path, scope=scope, run=run, summary=summary, parameters=parameters, **said)


ACCOUNT_ROUTES = (
    _route(
        "POST",
        "/v1/accounts",
        KeyScope.INGEST,
        _create,
        "Create an account",
        body=wire.CreateAccountRequest,
        answer=wire.AccountResponse,
        refusals=(409,),
    ),
    _route(
        "GET",
        "/v1/accounts/program-totals",
        KeyScope.READ,
        _totals,
        "Count the accounts by tier",
        answer=wire.ProgramTotalsResponse,
    ),
    _route(
        "GET",
        "/v1/accounts/fetch-by",
        KeyScope.READ,
        _fetch_by,
        "Get the account of a contact",
        answer=wire.AccountResponse,
        parameters=_SECONDARY,
        refusals=(404,),
    ),
    _route(
        "GET",
        "/v1/accounts/{account_id}",
        KeyScope.READ,
        _get,
        "Get an account",
        answer=wire.AccountResponse,
        refusals=(404,),
    ),
    _route(
        "POST",
        "/v1/accounts/{account_id}/earn-points",
        KeyScope.INGEST,
        _earn,
        "Earn points",
        body=wire.EarnPointsRequest,
        answer=wire.TransactionResponse,
        refusals=(404, 409),
    ),
    _route(
        "POST",
        "/v1/accounts/{account_id}/adjust-points",
        KeyScope.INGEST,
        _adjust,
        "Adjust points",
        body=wire.AdjustPointsRequest,
        answer=wire.TransactionResponse,
        refusals=(404, 409),
    ),
)
"""In the order in which paths are tried."""
