"""Audiences, rules, imports and sync sources as they are answered: field by field as the reference page has them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, Field, RootModel

from ziggurat.http.face_support.ids import UUID_PATTERN
from ziggurat.http.faces.fanfare.wire import (
    AudienceType,
    GroupType,
    OperatorName,
    SyncStatus,
)
from ziggurat.http.faces.fanfare.wire_consumers import Consumer

Id: TypeAlias = Annotated[str, Field(pattern=UUID_PATTERN, json_schema_extra={"format": "uuid"})]
Instant: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class RowErrors(BaseModel):
    row: int
    issues: list[Any]


class Import(BaseModel):
    id: Id
    organizationId: Id
    createdAt: Instant
    createdBy: str
    updatedAt: Instant | None
    updatedBy: str | None
    archived: bool
    audienceId: Id
    status: Literal["PENDING", "PROCESSING", "COMPLETED", "FAILED"]
    progress: float
    totalConsumers: float | None
    processedConsumers: float
    errorCount: float
    errors: list[RowErrors] | None
    s3Key: str


class NewImport(Import):
    uploadUrl: str


class Rule(BaseModel):
    id: Id
    organizationId: Id
    audienceId: Id
    field: str
    operator: OperatorName
    values: list[str | float | bool | None]
    groupId: Id | None
    position: float | None = 0


class Rules(RootModel[list[Rule]]):
    pass


class OneOrMoreRules(RootModel[Rule | list[Rule]]):
    pass


class SyncSource(BaseModel):
    id: Id
    organizationId: Id
    createdAt: Instant
    createdBy: str
    updatedAt: Instant | None
    updatedBy: str | None
    archived: bool
    syncSource: str
    syncSourceId: str
    syncStatus: SyncStatus = "PENDING"
    lastSyncedAt: Instant | None
    sourceData: dict[str, Any] | None


class AudienceBase(BaseModel):
    id: Id
    organizationId: Id
    createdAt: Instant
    createdBy: str
    updatedAt: Instant | None
    updatedBy: str | None
    archived: bool
    name: str = Field(min_length=1)
    type: AudienceType
    description: str | None
    iconName: str | None
    groupId: Id | None
    groupName: str | None
    groupType: GroupType
    metadata: dict[str, Any] | None
    refreshIntervalSeconds: float | None
    lastRefreshedAt: Instant | None
    primarySyncSourceId: str | None
    primaryExternalId: str | None
    primarySourceVendor: str | None
    primaryLastSyncedAt: Instant | None


class Audience(AudienceBase):
    rules: list[Rule]
    imports: list[Import]
    primarySyncSource: SyncSource | None


class PageInfo(BaseModel):
    startCursor: str | None
    endCursor: str | None


class Audiences(BaseModel):
    data: list[Audience]
    pageInfo: PageInfo


class AllAudiences(RootModel[list[Audience]]):
    pass


class BareAudiences(RootModel[list[AudienceBase]]):
    pass


class TierGroup(BaseModel):
    tierGroup: str
    audiences: list[Audience]


class Count(BaseModel):
    audienceId: str
    count: int
    source: str


class Status(BaseModel):
    audienceId: str
    version: int
    stale: bool
    inProgress: bool
    syncStatus: SyncStatus
    lastSyncedAt: Instant | None
    lastRefreshedAt: Instant | None
    refreshIntervalSeconds: float | None
    pendingShards: int | None


class Members(BaseModel):
    data: list[Consumer]
    pageInfo: PageInfo


class Added(BaseModel):
    audienceId: str
    addedCount: int


class Removed(BaseModel):
    audienceId: str
    removedCount: int


class Membership(BaseModel):
    isMember: bool
    matchedRules: list[str]


class SyncStarted(BaseModel):
    success: Literal[True]
    syncSourceId: str
    status: Literal["PENDING"]


class ImportedList(BaseModel):
    listId: str
    syncSourceId: str
    status: Literal["PENDING"]


class SkippedList(BaseModel):
    listId: str
    reason: str
    existingAudienceId: str | None = None


class ListsImported(BaseModel):
    imported: list[ImportedList]
    skipped: list[SkippedList]
