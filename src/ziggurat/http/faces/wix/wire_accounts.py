"""What the accounts methods read and answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from ziggurat.http.face_support.ids import UUID_PATTERN
from ziggurat.http.faces.wix import limits_of_wix as limits
from ziggurat.http.faces.wix.wire import REVISION_PATTERN, Revision, Wire

Guid = Annotated[str, Field(pattern=UUID_PATTERN, json_schema_extra={"format": "uuid"})]
Reason = Annotated[str, Field(min_length=1, max_length=limits.DESCRIPTION_OF_POINTS_CHARACTERS_MAX)]


class CreateAccountRequest(Wire):
    contactId: Guid


class EarnPointsRequest(Wire):
    amount: int = Field(ge=1, le=limits.EARN_MAX)
    appId: str = Field(min_length=1, max_length=limits.APP_ID_CHARACTERS_MAX)
    idempotencyKey: str = Field(min_length=1, max_length=limits.IDEMPOTENCY_KEY_CHARACTERS_MAX)
    description: Reason = "Points earned"


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


class QueryAccountsRequest(Wire):
    query: Query = Query()


# --- answered


class Points(BaseModel):
    balance: int
    earned: int
    adjusted: int
    redeemed: int
    expired: int


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


class TierTotal(BaseModel):
    id: str | None = None
    numberOfAccounts: int


class ProgramTotalsResponse(BaseModel):
    points: Points | None = None
    tierTotals: list[TierTotal]
