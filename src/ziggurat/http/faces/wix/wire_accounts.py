"""What the accounts methods read and answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ziggurat.http.face_support.ids import UUID_PATTERN
from ziggurat.http.faces.wix import limits_of_wix as limits
from ziggurat.http.faces.wix.wire import REVISION_PATTERN, Revision, Wire

Guid = Annotated[str, Field(pattern=UUID_PATTERN, json_schema_extra={"format": "uuid"})]
Reason = Annotated[str, Field(min_length=1, max_length=limits.DESCRIPTION_OF_POINTS_CHARACTERS_MAX)]


class CreateAccountRequest(Wire):
    contactId: Guid


class FollowedSocialMedia(Wire):
    channel: str = Field("", max_length=limits.CHANNEL_CHARACTERS_MAX)


class EarnPointsRequest(Wire):
    amount: int = Field(ge=1, le=limits.EARN_MAX)
    appId: str = Field(min_length=1, max_length=limits.APP_ID_CHARACTERS_MAX)
    idempotencyKey: str = Field(min_length=1, max_length=limits.IDEMPOTENCY_KEY_CHARACTERS_MAX)
    description: Reason = "Points earned"
    activityType: str | None = Field(None, max_length=limits.ACTIVITY_CHARACTERS_MAX)
    orderId: str | None = Field(None, max_length=limits.ORDER_CHARACTERS_MAX)
    followedSocialMedia: FollowedSocialMedia | None = None


class AdjustPointsRequest(Wire):
    """One of `balance` and `amount`; the balance wins over the amount."""

    balance: int | None = Field(None, ge=0, le=limits.BALANCE_MAX)
    amount: int | None = Field(None, ge=-limits.EARN_MAX, le=limits.EARN_MAX)
    revision: Revision
    description: Reason = "Points adjusted"


class CursorPaging(Wire):
    limit: int = Field(limits.QUERY_MAX, ge=1, le=limits.QUERY_MAX)
    cursor: str | None = Field(None, max_length=4_096)


class Query(Wire):
    filter: dict[str, Any] = Field(default_factory=dict)
    sort: list[Any] = Field(default_factory=list, max_length=limits.SORTS_MAX)
    cursorPaging: CursorPaging = CursorPaging()


class Words(Wire):
    """Free text that contacts are searched for; no fields are all of them. `fuzzy` is passed over."""

    expression: str = Field("", max_length=limits.EXPRESSION_CHARACTERS_MAX)
    mode: Literal["OR", "AND"] = "OR"
    fields: list[str] = Field(default_factory=list, max_length=limits.SEARCHED_FIELDS_MAX)


class Search(Query):
    """A query with free text; nothing is aggregated here."""

    sort: list[Any] = Field(default_factory=list, max_length=limits.SEARCH_SORTS_MAX)
    search: Words = Words()
    aggregations: list[Any] = Field(default_factory=list, max_length=0)


class QueryAccountsRequest(Wire):
    query: Query = Query()


class SearchAccountsRequest(Wire):
    search: Search = Search()


class CountAccountsRequest(Wire):
    filter: dict[str, Any] = Field(default_factory=dict)
    search: Words = Words()


class BulkAdjustPointsRequest(Wire):
    """One of `balance` and `amount`; the balance wins over the amount."""

    balance: int | None = Field(None, ge=0, le=limits.BALANCE_MAX)
    amount: int | None = Field(None, ge=-limits.EARN_MAX, le=limits.EARN_MAX)
    search: Search = Search()


# --- answered


class Points(BaseModel):
    balance: int
    earned: int
    adjusted: int
    redeemed: int
    expired: int


class Contact(BaseModel):
    id: str
    name: str | None = None
    email: str | None = None


class AccountTier(BaseModel):
    id: str | None = None
    updatedDate: str
    points: int


class Account(BaseModel):
    id: str
    contactId: str
    points: Points
    rewardAvailable: bool
    createdDate: str
    updatedDate: str
    lastActivityDate: str | None = None
    revision: str = Field(pattern=REVISION_PATTERN)
    tier: AccountTier | None = None
    contact: Contact | None = None


class AccountResponse(BaseModel):
    account: Account


class TransactionResponse(BaseModel):
    account: Account
    transactionId: str


class PageCursors(BaseModel):
    next: str | None = None


class PagingMetadata(BaseModel):
    count: int
    cursors: PageCursors
    hasNext: bool


class AccountsResponse(BaseModel):
    loyaltyAccounts: list[Account]
    pagingMetadata: PagingMetadata


class ListedAccountsResponse(BaseModel):
    accounts: list[Account]
    pagingMetadata: PagingMetadata


class AggregationData(BaseModel):
    results: list[Any]


class SearchedAccountsResponse(ListedAccountsResponse):
    aggregationData: AggregationData


class CountAccountsResponse(BaseModel):
    count: int


class BulkAdjustPointsResponse(BaseModel):
    asyncJobId: str


class TierTotal(BaseModel):
    id: str | None = None
    numberOfAccounts: int


class ProgramTotalsResponse(BaseModel):
    points: Points | None = None
    tierTotals: list[TierTotal]
