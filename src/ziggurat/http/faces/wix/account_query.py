"""Querying accounts: by id, contact, member and tier, in the order of their ids, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ziggurat.app.errors import UnknownTierError
from ziggurat.app.list_members import list_members
from ziggurat.app.views import MemberView, Page
from ziggurat.http.face_support.routes import Visit
from ziggurat.http.faces.wix.account_view import SeenAccount, account_message, read_account
from ziggurat.http.faces.wix.edits import Ladder
from ziggurat.http.faces.wix.errors import WixError
from ziggurat.http.faces.wix.seen import tier_id
from ziggurat.http.faces.wix.wire_accounts import Query
from ziggurat.http.json_text import render

_ID_FIELDS = ("id", "contactId", "memberId")
_TIER = "tier.id"
_IDS_MAX = 100
_BASE = ""


def query_accounts(visit: Visit, ladder: Ladder | None, asked: Query) -> dict[str, Any]:
    """The page that is asked for.

    Raises:
        WixError: a filter or an order that is not served.
        Refusal: a cursor of another query.
    """
    _refuse_orders(asked.sort)
    ids, tiers = _filters(asked.filter)
    if ids is not None:
        found = [account for account in _existing(visit, ladder, ids) if _is_in(account, tiers)]
        return _page(found, None)
    text = f"{visit.principal.scope.organization_id} wix accounts {render(asked.filter).decode()}"
    cursors, now = visit.service.cursors, visit.context.now
    after = cursors.read(asked.cursorPaging.cursor, text, now) if asked.cursorPaging.cursor else None
    single = tiers if tiers is not None and len(tiers) == 1 else None
    members: Page[MemberView] = Page((), None)
    if single is None:
        members = list_members(visit.context, after=after, limit=asked.cursorPaging.limit)
    elif ladder is not None:
        try:
            members = list_members(
                visit.context,
                program=ladder.program_id,
                tier=_tier_key(ladder, single[0]),
                after=after,
                limit=asked.cursorPaging.limit,
            )
        except UnknownTierError:
            members = Page((), None)
    names = [view.id for view in members.items if view.erased_at is None and view.merged_into is None]
    found = [account for account in _existing(visit, ladder, names) if _is_in(account, tiers)]
    return _page(found, None if members.next is None else cursors.make(members.next, text, now))


def _page(found: list[SeenAccount], following: str | None) -> dict[str, Any]:
    return {
        "loyaltyAccounts": [account_message(account) for account in found],
        "pagingMetadata": {
            "count": len(found),
            "cursors": {"next": following} if following else {},
            "hasNext": following is not None,
        },
    }


def _existing(visit: Visit, ladder: Ladder | None, names: list[str]) -> Iterator[SeenAccount]:
    for name in names:
        try:
            yield read_account(visit.context, ladder, name)
        except WixError:
            continue


def _is_in(account: SeenAccount, tiers: list[str] | None) -> bool:
    return tiers is None or (account.tier_id or _BASE) in tiers


def _tier_key(ladder: Ladder, id_: str) -> str:
    if id_ == _BASE:
        return ladder.program.base_tier.key if ladder.program.base_tier else ""
    return next((tier.key for tier in ladder.program.tiers if tier_id(ladder.program_id, tier) == id_), id_)


def _filters(said: Mapping[str, Any]) -> tuple[list[str] | None, list[str] | None]:
    """The ids and the tiers ("" is the base tier) that are wanted; None where any will do."""
    ids: list[str] | None = None
    tiers: list[str] | None = None
    for name, condition in said.items():
        if name in _ID_FIELDS:
            wanted = _values(name, condition)
            ids = wanted if ids is None else [id_ for id_ in ids if id_ in wanted]
        elif name == _TIER:
            tiers = _tier_values(condition)
        else:
            raise _not_served(f"a filter on {name}")
    return ids, tiers


def _tier_values(condition: Any) -> list[str]:
    if condition == {"$exists": False}:
        return [_BASE]
    return [value.lower() for value in _values(_TIER, condition)]


def _values(name: str, condition: Any) -> list[str]:
    """What `field: value`, `$eq` and `$in` name."""
    values: Any = [condition]
    if isinstance(condition, dict) and len(condition) == 1:
        ((operator, operand),) = condition.items()
        values = {"$eq": [operand], "$in": operand}.get(operator, [None])
    if not isinstance(values, list) or len(values) > _IDS_MAX or not all(isinstance(each, str) for each in values):
        raise _not_served(f"this filter on {name}")
    return values


def _refuse_orders(sort: list[Any]) -> None:
    for each in sort:
        name = each.get("fieldName") if isinstance(each, dict) else None
        order = each.get("order", "ASC") if isinstance(each, dict) else None
        if name not in _ID_FIELDS or order != "ASC":
            raise _not_served(f"an order by {name}")


def _not_served(what: str) -> WixError:
    return WixError(400, "INVALID_ARGUMENT", f"{what} is not served here")
