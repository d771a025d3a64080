"""What the transactions methods read and answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from ziggurat.http.faces.wix.wire import Wire
from ziggurat.http.faces.wix.wire_accounts import PagingMetadata, Query


class QueryTransactionsRequest(Wire):
    query: Query = Query()


# --- answered


class FollowedMedia(BaseModel):
    channel: str


class EarnInfo(BaseModel):
    appId: str
    activityType: str
    orderId: str | None = None
    followedSocialMedia: FollowedMedia | None = None


class RedeemInfo(BaseModel):
    """Nothing: there are no rewards here."""


class AdjustInfo(BaseModel):
    appId: str
    amountBefore: int
    amountAfter: int


class RefundInfo(BaseModel):
    appId: str


class ExpireInfo(BaseModel):
    amountBefore: int
    amountAfter: int


class Transaction(BaseModel):
    id: str
    accountId: str
    createdDate: str
    amount: int
    transactionType: Literal["EARN", "REDEEM", "ADJUST", "REFUND", "EXPIRE"]
    description: str
    idempotencyKey: str | None = None
    earnInfo: EarnInfo | None = None
    redeemInfo: RedeemInfo | None = None
    adjustInfo: AdjustInfo | None = None
    refundInfo: RefundInfo | None = None
    expireInfo: ExpireInfo | None = None


class LoyaltyTransactionResponse(BaseModel):
    loyaltyTransaction: Transaction


class LoyaltyTransactionsResponse(BaseModel):
    loyaltyTransactions: list[Transaction]
    pagingMetadata: PagingMetadata
