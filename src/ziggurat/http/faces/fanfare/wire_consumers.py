"""Consumers as they are read and answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, RootModel

from ziggurat.http.face_support.ids import UUID_PATTERN
from ziggurat.http.faces.fanfare.consumer_types import (
    DECIMAL_PATTERN,
    RANK_MAX,
    NullableCoordinates,
    NullableEmail,
    NullableInstant,
    NullableMetadata,
    NullableMoney,
    NullableRank,
)
from ziggurat.http.faces.fanfare.schema_types import Flag, NullableText, Number, Text, picklist

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"
StatusIn: TypeAlias = Annotated[str, *picklist(ACTIVE, INACTIVE)]
Id: TypeAlias = Annotated[str, Field(pattern=UUID_PATTERN, json_schema_extra={"format": "uuid"})]
Instant: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
DecimalText: TypeAlias = Annotated[str, Field(pattern=DECIMAL_PATTERN)]
Rank: TypeAlias = Annotated[int, Field(ge=0, le=RANK_MAX)]


# --- read


class ConsumerUpdate(BaseModel):
    """What an update may say; what it does not say stays."""

    email: NullableEmail = None
    phone: NullableText = None
    fullName: NullableText = None
    metadata: NullableMetadata = None
    smsOptOut: Flag = False
    status: StatusIn = ACTIVE


class ConsumerUpdateItem(ConsumerUpdate):
    """An update in a batch."""

    id: Text


class NewConsumer(ConsumerUpdate):
    """A consumer that is to be made, with what she brings along from elsewhere."""

    externalId: NullableText = None
    emailVerified: Flag = False
    phoneVerified: Flag = False
    loyaltyBalance: Number = 0
    loyaltyLifetimePoints: Number = 0
    ltv: NullableMoney = None
    aov: NullableMoney = None
    totalOrders: Number = 0
    totalReturns: Number = 0
    totalMessages: Number = 0
    totalEngagements: Number = 0
    engagedCount: Number = 0
    activityScore: Number = 0
    activityRank: NullableRank = None
    activityScoreUpdatedAt: NullableInstant = None
    purchaseFrequencyScore: Number = 0
    purchaseFrequencyRank: NullableRank = None
    purchaseFrequencyScoreUpdatedAt: NullableInstant = None
    monetaryScore: Number = 0
    monetaryRank: NullableRank = None
    monetaryScoreUpdatedAt: NullableInstant = None
    lastOrderAt: NullableInstant = None
    lastReturnAt: NullableInstant = None
    lastEngagedAt: NullableInstant = None
    lastLoginAt: NullableInstant = None
    lastGeoCountry: NullableText = None
    lastGeoRegion: NullableText = None
    lastGeoCity: NullableText = None
    lastGeoPostalCode: NullableText = None
    lastGeoTimezone: NullableText = None
    lastGeoSource: NullableText = None
    lastGeoAt: NullableInstant = None
    lastGeoCoordinates: NullableCoordinates = None
    primaryExternalId: NullableText = None
    primarySourceVendor: NullableText = None


class BatchConsumer(NewConsumer):
    """The same in a batch as the vendor's contract has it, which wants three fields."""

    emailVerified: Flag
    phoneVerified: Flag
    status: StatusIn


class ConsumersBatch(BaseModel):
    """New consumers, all of them or none."""

    consumers: list[BatchConsumer]


class BareBatch(RootModel[list[NewConsumer]]):
    """The same in the form of the older pages."""


class AnyBatch(RootModel[ConsumersBatch | list[NewConsumer]]):
    """Both forms, for the OpenAPI document."""


class UpdatesBatch(BaseModel):
    """Updates, all of them or none."""

    consumers: list[ConsumerUpdateItem]


class BareUpdates(RootModel[list[ConsumerUpdateItem]]):
    """The same in the form of the older pages."""


class AnyUpdates(RootModel[UpdatesBatch | list[ConsumerUpdateItem]]):
    """Both forms, for the OpenAPI document."""


# --- answered


class Coordinates(BaseModel):
    latitude: float
    longitude: float


class Consumer(BaseModel):
    """Somebody who buys. `externalId` and `totalOrderValue` are of older pages; `audiences` is there if asked for."""

    model_config = ConfigDict(extra="allow")

    id: Id
    organizationId: Id
    createdAt: Instant
    createdBy: str
    updatedAt: Instant | None
    updatedBy: str | None
    archived: bool
    email: str | None
    phone: str | None
    fullName: str | None
    emailVerified: bool
    phoneVerified: bool
    status: Literal["ACTIVE", "INACTIVE"]
    smsOptOut: bool
    metadata: dict[str, Any] | None
    externalId: str
    loyaltyBalance: float
    loyaltyLifetimePoints: float
    loyaltyLastActivityAt: Instant | None
    ltv: DecimalText
    aov: DecimalText
    totalOrders: float
    totalOrderValue: float
    totalReturns: float
    totalMessages: float
    totalEngagements: float
    engagedCount: float
    activityScore: float
    activityRank: Rank
    activityScoreUpdatedAt: Instant | None
    purchaseFrequencyScore: float
    purchaseFrequencyRank: Rank
    purchaseFrequencyScoreUpdatedAt: Instant | None
    monetaryScore: float
    monetaryRank: Rank
    monetaryScoreUpdatedAt: Instant | None
    lastOrderAt: Instant | None
    lastReturnAt: Instant | None
    lastEngagedAt: Instant | None
    lastLoginAt: Instant | None
    lastGeoCountry: str | None
    lastGeoRegion: str | None
    lastGeoCity: str | None
    lastGeoPostalCode: str | None
    lastGeoTimezone: str | None
    lastGeoSource: str | None
    lastGeoAt: Instant | None
    lastGeoCoordinates: Coordinates | None
    primarySyncSourceId: str | None
    primaryExternalId: str | None
    primarySourceVendor: str | None
    primaryLastSyncedAt: Instant | None
    primarySyncSource: None
    verificationCode: None
    verificationCodeExpiresAt: None


class ConsumerPageInfo(BaseModel):
    startCursor: str | None
    endCursor: str | None


class Consumers(BaseModel):
    data: list[Consumer]
    pageInfo: ConsumerPageInfo


class BareConsumers(RootModel[list[Consumer]]):
    pass


class LoyaltyTransaction(BaseModel):
    id: Id
    txnType: Literal["earn", "redeem", "expire", "adjust", "migration", "reversal"]
    pointsDelta: float
    occurredAt: Instant
    sourceType: str | None
    sourceDescription: str | None
    bucketExpiresOn: None
    metadata: None


class LoyaltyTransactions(BaseModel):
    """`expiringBuckets` is always empty: points expire here when an event says so."""

    transactions: list[LoyaltyTransaction]
    nextCursor: str | None
    expiringBuckets: list[Any]


class TimelineActivity(BaseModel):
    id: Id
    type: Literal["QUEUE", "DRAW", "AUCTION", "WAITLIST", "MESSAGE", "APPOINTMENT"]
    action: str
    occurredAt: Instant


class Timeline(BaseModel):
    consumerId: Id
    activities: list[TimelineActivity]
    totalCount: int


class DistributionBucket(BaseModel):
    range: str
    value: int
    x: float
    percentage: float
    minValue: float | str
    maxValue: float | str


class DistributionStats(BaseModel):
    min: float | str
    max: float | str
    mean: float | str
    median: float | str
    stdDev: float | str


class ConsumerDistribution(BaseModel):
    field: str
    buckets: list[DistributionBucket]
    stats: DistributionStats
    totalCount: int
