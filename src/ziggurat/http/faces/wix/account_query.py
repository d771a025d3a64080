"""Which accounts are asked for: by any of their fields, by the contact's name and mail address, in any order.

Accounts in the order of their ids are walked over as far as a page needs; any other order walks over all of them for
each page. However many there are, no more than a page and a step of the walk is held in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.errors import UnknownTierError
from ziggurat.app.members.list_members import list_members
from ziggurat.app.members.views import MemberView
from ziggurat.app.pages import Page, Position
from ziggurat.http.face_support.routes import Visit
from ziggurat.http.faces.wix.account_view import account_message, read_accounts
from ziggurat.http.faces.wix.edits import Ladder
from ziggurat.http.faces.wix.filters import (
    Kind,
    Message,
    conjuncts,
    named_values,
    not_served,
    orders,
    place_of,
    predicate,
    rank_of,
)
from ziggurat.http.faces.wix.seen import tier_id
from ziggurat.http.faces.wix.wire_accounts import Query, Search, Words
from ziggurat.http.json_text import render
from ziggurat.http.problems import Refusal

FIELDS = {
    "id": Kind.ID,
    "contactId": Kind.ID,
    "memberId": Kind.ID,
    "tier.id": Kind.GUID,
    "createdDate": Kind.DATE,
    "updatedDate": Kind.DATE,
    "lastActivityDate": Kind.DATE,
    "contact.id": Kind.ID,
    **{f"contact.{name}": Kind.WORD for name in ("name", "displayName", "email")},
    **{f"points.{name}": Kind.NUMBER for name in ("balance", "earned", "adjusted", "redeemed", "expired")},
    "pointsExpiration.expirationDate": Kind.DATE,
    "pointsExpiration.expiringPointsAmount": Kind.NUMBER,
}
"""What filters and orders may name. No account has a `pointsExpiration` here: filters on it find none."""
SEARCHED = ("contact.name", "contact.email")
_IDS = ("id", "contactId", "memberId")
_TIER = "tier.id"
_STEP = 500


@dataclass(frozen=True, slots=True)
class Found:
    """Messages of accounts, and where a further page goes on."""

    accounts: list[dict[str, Any]]
    next: Position | None


class AccountQuery:
    """What one request asks for."""

    def __init__(self, context: Context, ladder: Ladder | None, said: Mapping[str, Any], words: Words) -> None:
        self.context = context
        self.ladder = ladder
        self.is_everything = not said and not words.expression
        self._holds = predicate(said, FIELDS)
        self._words = _words(words)
        self._names = _named(said, _IDS)
        self._tiers = _named(said, (_TIER,))

    def page(self, sort: Sequence[tuple[str, bool]], after: Position | None, limit: int) -> Found:
        """The accounts of a page, from `after` on.

        Raises:
            Refusal: `after` is no place in that order.
        """
        if all(name in _IDS and not descends for name, descends in sort):
            return self._walked(after, limit)
        if after is not None and len(after) != len(sort) + 1:
            raise Refusal("invalid_cursor")
        begins = None if after is None else rank_of(after, sort, FIELDS)
        ranked = ((rank_of(place_of(each, sort), sort, FIELDS), each) for each in self.every())
        later = (each for each in ranked if begins is None or begins < each[0])
        found = [each for _, each in nsmallest(limit + 1, later, key=lambda each: each[0])]
        return Found(found[:limit], place_of(found[limit - 1], sort) if len(found) > limit else None)

    def every(self) -> Iterator[dict[str, Any]]:
        """All accounts that are asked for, in the order of their ids."""
        for names, _ in self._candidates(None, _STEP):
            yield from self._matching(names)

    def _walked(self, after: Position | None, limit: int) -> Found:
        found: list[dict[str, Any]] = []
        seen = 0
        for names, following in self._candidates(after, limit + 1 if self.is_everything else _STEP):
            found += self._matching(names)
            if len(found) > limit:
                return Found(found[:limit], (found[limit - 1]["id"],))
            seen += len(names)
            if seen >= limits.MEMBERS_AT_ONCE_MAX:
                return Found(found, following)  # as far as one request looks; the next one goes on
        return Found(found, None)

    def _matching(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """Those of the members of these names that are asked for."""
        accounts = [account_message(each) for each in read_accounts(self.context, self.ladder, names)]
        return [each for each in accounts if self._holds({**each, "memberId": each["id"]}) and self._words.are_in(each)]

    def _candidates(self, after: Position | None, step: int) -> Iterator[tuple[list[str], Position | None]]:
        """Names of members among whom all are that are asked for, in order, each time with where to go on."""
        if self._names is not None:
            yield sorted(name for name in self._names if after is None or name > str(after[0])), None
            return
        while True:
            page = self._members(after, step)
            yield [view.id for view in page.items if view.erased_at is None and view.merged_into is None], page.next
            if page.next is None:
                return
            after = page.next

    def _members(self, after: Position | None, step: int) -> Page[MemberView]:
        if self._tiers is None or len(self._tiers) != 1 or self.ladder is None:
            return list_members(self.context, after=after, limit=step)
        (wanted,) = self._tiers
        program = self.ladder.program_id
        key = next((one.key for one in self.ladder.program.tiers if tier_id(program, one) == wanted.lower()), None)
        if key is None:
            return Page((), None)
        try:
            return list_members(self.context, program=program, tier=key, after=after, limit=step)
        except UnknownTierError:
            return Page((), None)


def query_accounts(visit: Visit, ladder: Ladder | None, asked: Query, shown_as: str) -> dict[str, Any]:
    """The page of accounts that is asked for, under the name `shown_as`.

    Raises:
        WixError: a filter or an order that is not served.
        Refusal: a cursor of another query.
    """
    sort = orders(asked.sort, FIELDS)
    words = asked.search if isinstance(asked, Search) else Words()
    said = render({"filter": asked.filter, "sort": asked.sort, "search": words.model_dump()}).decode()
    text = f"{visit.principal.scope.organization_id} wix accounts {said}"
    cursors, now = visit.service.cursors, visit.context.now
    after = cursors.read(asked.cursorPaging.cursor, text, now) if asked.cursorPaging.cursor else None
    page = AccountQuery(visit.context, ladder, asked.filter, words).page(sort, after, asked.cursorPaging.limit)
    following = None if page.next is None else cursors.make(page.next, text, now)
    return {shown_as: page.accounts, "pagingMetadata": paging(len(page.accounts), following)}


def paging(count: int, following: str | None) -> dict[str, Any]:
    """`pagingMetadata`."""
    return {"count": count, "cursors": {"next": following} if following else {}, "hasNext": following is not None}


@dataclass(frozen=True, slots=True)
class _Text:
    """Words of a search: all of them, or one, are to be in one of the fields."""

    words: tuple[str, ...]
    fields: tuple[str, ...]
    every: bool

    def are_in(self, account: Message) -> bool:
        if not self.words:
            return True
        contact = account.get("contact", {})
        texts = [str(contact.get(name.partition(".")[2], "")).casefold() for name in self.fields]
        found = [any(word in text for text in texts) for word in self.words]
        return all(found) if self.every else any(found)


def _words(said: Words) -> _Text:
    for name in said.fields:
        if name not in SEARCHED:
            raise not_served(f"a search in {name[:100]}")
    words = tuple(said.expression.casefold().split())
    return _Text(words, tuple(said.fields) or SEARCHED, said.mode == "AND")


def _named(said: Mapping[str, Any], fields: Sequence[str]) -> set[str] | None:
    """Values of which one of `fields` must have one for a filter to hold, None where others would do."""
    found: set[str] | None = None
    for name, condition in conjuncts(said):
        values = named_values(condition) if name in fields else None
        if values is not None:
            found = set(values) if found is None else found & set(values)
    return found
