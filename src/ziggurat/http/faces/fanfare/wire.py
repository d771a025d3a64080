"""Audiences, rules and loyalty tiers as they are read. Unknown keys are passed over, as the vendor does."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ziggurat.http.faces.fanfare.schema_types import (
    FilledText,
    NullableNumber,
    NullableNumberOrText,
    NullableObject,
    NullableText,
    NullableUuid,
    Number,
    NumberOrText,
    Scalar,
    Text,
    Uuid,
    picklist,
)

ATTRIBUTES = (
    "loyaltyBalance",
    "loyaltyLifetimePoints",
    "ltv",
    "totalOrders",
    "aov",
    "activityScore",
    "purchaseFrequencyScore",
    "monetaryScore",
)
OPERATORS = (
    "EQUALS",
    "NOT_EQUALS",
    "GREATER_THAN",
    "GREATER_THAN_OR_EQUAL",
    "LESS_THAN",
    "LESS_THAN_OR_EQUAL",
    "BETWEEN",
    "CONTAINS",
    "NOT_CONTAINS",
    "IN",
    "NOT_IN",
    "EXISTS",
    "NOT_EXISTS",
)
TYPES = ("DYNAMIC", "STATIC_LIST", "SYNCED_LIST")
GROUP_TYPES = ("SEGMENTED_VALUE", "RFM")
SYNC_STATUSES = ("PENDING", "SUCCESS", "FAILED")
IMPORT_STATUSES = ("PENDING", "PROCESSING", "COMPLETED", "FAILED")

Attribute = Annotated[str, *picklist(*ATTRIBUTES)]
OperatorName = Annotated[str, *picklist(*OPERATORS)]
AudienceType = Annotated[str, *picklist(*TYPES)]
GroupType = Annotated[str | None, *picklist(*GROUP_TYPES, nullable=True)]
SyncStatus = Annotated[str | None, *picklist(*SYNC_STATUSES, nullable=True)]


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore")


class TierIn(Wire):
    """A tier of a group: `[startValue, endValue)`, without an end for the top one."""

    name: FilledText
    startValue: NumberOrText
    order: Number
    endValue: NullableNumberOrText = None
    iconName: NullableText = None


class TierGroupIn(Wire):
    """A whole group of loyalty tiers."""

    groupName: FilledText
    attribute: Attribute
    tiers: list[TierIn]


class RuleIn(Wire):
    """One condition. Rules with the same `groupId` must all hold."""

    field: FilledText
    operator: OperatorName
    values: list[Scalar]
    groupId: NullableUuid = None
    position: NullableNumber = None


class AddressedRuleIn(RuleIn):
    """A rule that says whose it is."""

    audienceId: Uuid


class RulePatch(Wire):
    """What is to be different about a rule."""

    field: FilledText = Field(default_factory=str)
    operator: OperatorName = Field(default_factory=str)
    values: list[Scalar] = Field(default_factory=list)
    groupId: NullableUuid = None
    position: NullableNumber = None
    audienceId: Uuid = Field(default_factory=str)


class RulesIn(Wire):
    rules: list[AddressedRuleIn]


class SyncSourceIn(Wire):
    """Where a synced list comes from: a kind such as `klaviyo:list`, and its id there."""

    syncSource: FilledText
    syncSourceId: FilledText
    syncStatus: SyncStatus = None
    lastSyncedAt: NullableText = None
    sourceData: NullableObject = None


class AudienceIn(Wire):
    name: FilledText
    type: AudienceType
    description: NullableText = None
    iconName: NullableText = None
    metadata: NullableObject = None
    groupId: NullableUuid = None
    groupName: NullableText = None
    groupType: GroupType = None
    lastRefreshedAt: NullableText = None
    refreshIntervalSeconds: NullableNumber = None
    rules: list[RuleIn] | None = None
    primarySyncSource: SyncSourceIn | None = None


class AudiencePatch(Wire):
    """What is to be different about an audience."""

    name: FilledText = Field(default_factory=str)
    type: AudienceType = Field(default_factory=str)
    description: NullableText = None
    iconName: NullableText = None
    metadata: NullableObject = None
    groupId: NullableUuid = None
    groupName: NullableText = None
    groupType: GroupType = None
    lastRefreshedAt: NullableText = None
    refreshIntervalSeconds: NullableNumber = None


class ConsumerIds(Wire):
    consumerIds: list[Text]


class ListIds(Wire):
    listIds: list[FilledText]


Json = dict[str, Any]
