"""The accounts methods about many accounts, and about the member who asks."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ziggurat.app.members.adjust_points import adjust_any_number
from ziggurat.app.members.count_members import count_members
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.ids import derived_uuid, is_uuid
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.wix import limits_of_wix as limits
from ziggurat.http.faces.wix import wire_accounts as wire
from ziggurat.http.faces.wix.account_query import AccountQuery, query_accounts
from ziggurat.http.faces.wix.account_view import account_message, read_account
from ziggurat.http.faces.wix.board import ladder_of
from ziggurat.http.faces.wix.errors import InvalidFieldsError, Violation, WixError, malformed_guid
from ziggurat.http.faces.wix.headers import MEMBER, SITE, member_of, site_of
from ziggurat.http.faces.wix.reading import check, read_body
from ziggurat.http.faces.wix.seen import FACE
from ziggurat.program.amounts import SCALE

_MEMBER_PARAMETER = {"name": MEMBER, "in": "header", "required": False, "schema": {"type": "string"}}
_SITE_PARAMETER = {"name": SITE, "in": "header", "required": False, "schema": {"type": "string"}}
_LISTED = tuple(
    {"name": name, "in": "query", "required": False, "schema": schema}
    for name, schema in (
        ("contactIds", {"type": "array", "items": {"type": "string"}, "maxItems": limits.LISTED_CONTACTS_MAX}),
        ("cursorPaging.limit", {"type": "integer", "minimum": 1, "maximum": limits.QUERY_MAX}),
        ("cursorPaging.cursor", {"type": "string"}),
    )
)


def _query(visit: Visit) -> Any:
    asked = read_body(wire.QueryAccountsRequest, visit.body).query
    return query_accounts(visit, ladder_of(visit.context, site_of(visit.request)), asked, "loyaltyAccounts")


def _search(visit: Visit) -> Any:
    asked = read_body(wire.SearchAccountsRequest, visit.body).search
    found = query_accounts(visit, ladder_of(visit.context, site_of(visit.request)), asked, "accounts")
    return {**found, "aggregationData": {"results": []}}


def _count(visit: Visit) -> Any:
    asked = read_body(wire.CountAccountsRequest, visit.body)
    asking = AccountQuery(visit.context, ladder_of(visit.context, site_of(visit.request)), asked.filter, asked.search)
    return {"count": count_members(visit.context) if asking.is_everything else sum(1 for _ in asking.every())}


def _list(visit: Visit) -> Any:
    """All accounts, or those of some contacts; ids and cursors are members of the query."""
    said = visit.request.query_params
    contacts = [id_ for each in said.getlist("contactIds") for id_ in each.split(",")]
    if len(contacts) > limits.LISTED_CONTACTS_MAX:
        threshold = {"threshold": limits.LISTED_CONTACTS_MAX}
        raise InvalidFieldsError(
            [Violation("contactIds", f"must have at most {limits.LISTED_CONTACTS_MAX} items", "MAX_SIZE", threshold)]
        )
    if any(not is_uuid(each) for each in contacts):
        raise malformed_guid("contactIds")
    limit = said.get("cursorPaging.limit", str(limits.QUERY_MAX))
    paging: dict[str, Any] = {"limit": int(limit) if limit.isascii() and limit.isdigit() else limit}
    if said.get("cursorPaging.cursor"):
        paging["cursor"] = said["cursorPaging.cursor"]
    wanted = {"contactId": {"$in": contacts}} if contacts else {}
    asked = check(wire.Query, {"filter": wanted, "cursorPaging": paging})
    return query_accounts(visit, ladder_of(visit.context, site_of(visit.request)), asked, "accounts")


def _bulk_adjust(visit: Visit) -> Any:
    """Done when it is answered: the id of the job is one of a job that is over."""
    asked = read_body(wire.BulkAdjustPointsRequest, visit.body)
    if asked.balance is None and asked.amount is None:
        supported = {"supported": ["balance", "amount"]}
        raise InvalidFieldsError([Violation("type", "must not be empty", "REQUIRED_ONE_OF_FIELD", supported)])
    if asked.balance is None and not asked.amount:
        raise InvalidFieldsError([Violation("amount", "must not be 0", "OTHER")])
    ladder = ladder_of(visit.context, site_of(visit.request))
    found = (
        each["id"] for each in AccountQuery(visit.context, ladder, asked.search.filter, asked.search.search).every()
    )
    job = str(uuid4())
    adjust_any_number(
        visit.context,
        ((name, f"{FACE}:{derived_uuid(FACE, 'bulk', job, name)}") for name in found),
        amount=None if asked.amount is None else asked.amount * SCALE,
        balance=None if asked.balance is None else asked.balance * SCALE,
        reason="Points adjusted",
    )
    return {"asyncJobId": job}


def _mine(visit: Visit) -> Any:
    """The account of the member on whose behalf a site's own server asks: keys are no members."""
    member = member_of(visit.request)
    if member is None:
        raise WixError(403, "PERMISSION_DENIED", f"No member is asking: {MEMBER} is missing")
    ladder = ladder_of(visit.context, site_of(visit.request))
    return {"account": account_message(read_account(visit.context, ladder, member))}


def _route(method: str, path: str, scope: KeyScope, run: Any, summary: str, **said: Any) -> FaceRoute:
    parameters = (_SITE_PARAMETER, *said.pop("parameters", ()))
    return FaceRoute(method=method, path=path, scope=scope, run=run, summary=summary, parameters=parameters, **said)


LIST_ROUTES = (
    _route(
        "GET",
        "/v1/accounts",
        KeyScope.READ,
        _list,
        "List accounts",
        answer=wire.ListedAccountsResponse,
        parameters=_LISTED,
    ),
    _route(
        "GET",
        "/v1/accounts/my-account",
        KeyScope.READ,
        _mine,
        "Get the account of the member who asks",
        answer=wire.AccountResponse,
        parameters=(_MEMBER_PARAMETER,),
        refusals=(404,),
    ),
    _route(
        "POST",
        "/v1/accounts/query",
        KeyScope.READ,
        _query,
        "Query accounts",
        body=wire.QueryAccountsRequest,
        answer=wire.AccountsResponse,
    ),
    _route(
        "POST",
        "/v1/accounts/search",
        KeyScope.READ,
        _search,
        "Search accounts",
        body=wire.SearchAccountsRequest,
        answer=wire.SearchedAccountsResponse,
    ),
    _route(
        "POST",
        "/v1/accounts/count",
        KeyScope.READ,
        _count,
        "Count accounts",
        body=wire.CountAccountsRequest,
        answer=wire.CountAccountsResponse,
    ),
    _route(
        "POST",
        "/v1/accounts/bulk-adjust",
        KeyScope.INGEST,
        _bulk_adjust,
        "Adjust the points of all accounts that a search finds",
        body=wire.BulkAdjustPointsRequest,
        answer=wire.BulkAdjustPointsResponse,
        refusals=(409,),
    ),
)
"""Tried before the routes of one account, whose ids could be any of these words."""
