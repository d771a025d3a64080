"""What the vendor's bodies and answers say. Bodies are strict: nothing is coerced, nothing unknown is passed over."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

NAME_CHARACTERS_MAX = 50
DESCRIPTION_CHARACTERS_MAX = 500
THRESHOLD_MAX = 2_147_483_647
MONTHS_MAX = 1200
TIERS_MAX = 50
CONDITIONS_MAX = 5
SAME_AS_ELIGIBILITY = "Same as eligibility"
CUSTOM = "Custom"
STATUSES = ("DRAFT", "PENDING_APPROVAL", "REJECTED", "ACTIVE", "DELETED", "SNAPSHOT", "PUBLISH_FAILED")
ORIGINS = ("BOTH", "MONGO_ONLY", "LEGACY_SQL_ONLY")

KpiType = Literal[
    "CURRENT_POINTS",
    "LIFETIME_POINTS",
    "LIFETIME_PURCHASES",
    "TRACKER_VALUE",
    "CUMULATIVE_POINTS",
    "CUMULATIVE_PURCHASES",
    "TRACKER_VALUE_BASED",
]
UpgradeType = Literal["EAGER", "LAZY", "DYNAMIC"]
ConditionType = Literal["PURCHASE", "VISITS", "POINTS", "TRACKER"]
PeriodType = Literal["SLAB_UPGRADE", "FIXED_CUSTOMER_REGISTRATION"]
Unit = Literal["NUM_MONTHS"]
ABSENT: Any = None
"""The default of members that may be left out but not be null."""
_Threshold = Annotated[float, Field(ge=0, le=THRESHOLD_MAX)]
_Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class ConditionBody(Strict):
    type: ConditionType
    value: str = Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$")
    trackerName: str = Field(default=ABSENT, max_length=100)
    trackerId: int = Field(default=ABSENT, ge=1)
    trackerCondition: int = Field(default=ABSENT, ge=1)


class EligibilityBody(Strict):
    kpiType: KpiType = ABSENT
    threshold: _Threshold = ABSENT
    upgradeType: UpgradeType = ABSENT
    expressionRelation: str = Field(default=ABSENT, max_length=200)
    conditions: list[ConditionBody] = Field(default=ABSENT, max_length=CONDITIONS_MAX)


class RenewalBody(Strict):
    criteriaType: Literal["Same as eligibility", "Custom"] = ABSENT
    expressionRelation: str = Field(default=ABSENT, max_length=200)
    conditions: list[ConditionBody] = Field(default=ABSENT, max_length=CONDITIONS_MAX)


class ValidityBody(Strict):
    periodType: PeriodType = ABSENT
    periodValue: int = Field(default=ABSENT, ge=1, le=MONTHS_MAX)
    unit: Unit = ABSENT
    renewal: RenewalBody = ABSENT


class UpdateTierBody(Strict):
    name: str = Field(default=ABSENT, max_length=NAME_CHARACTERS_MAX)
    description: str = Field(default=ABSENT, max_length=DESCRIPTION_CHARACTERS_MAX)
    color: _Color = ABSENT
    eligibility: EligibilityBody = ABSENT
    validity: ValidityBody = ABSENT


class CreateTierBody(Strict):
    programId: int = Field(ge=1)
    name: str = Field(max_length=NAME_CHARACTERS_MAX)
    description: str = Field(default=ABSENT, max_length=DESCRIPTION_CHARACTERS_MAX)
    color: _Color = ABSENT
    eligibility: EligibilityBody
    validity: ValidityBody = ABSENT


class ApproveBody(Strict):
    approvalStatus: Literal["APPROVE", "REJECT"]
    comment: str = ABSENT


# --- answers


class Answered(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Said(Answered):
    code: int
    message: str


class Refused(Answered):
    data: None
    errors: list[Said]
    warnings: list[Said] | None


class Condition(Answered):
    type: ConditionType
    value: str
    trackerName: str | None = None
    trackerId: int | None = None
    trackerCondition: int | None = None


class Eligibility(Answered):
    kpiType: KpiType
    threshold: float | None = None
    upgradeType: UpgradeType
    expressionRelation: str | None = None
    conditions: list[Condition] | None = None


class Meta(Answered):
    createdBy: str | None = None
    createdAt: str
    updatedBy: str | None = None
    updatedAt: str


class ShownRenewal(Answered):
    """What an editor sees of the validity; the period is text there."""

    periodType: PeriodType
    periodValue: str
    unit: Unit
    criteriaType: str


class Modes(Answered):
    upgrade: list[Any]
    renewal: list[Any]
    downgrade: list[Any]
    reminders: list[Any]


class EditorTier(Answered):
    tierUniqueId: str | None = None
    objectId: str | None = None
    slabId: int | None = None
    name: str
    description: str
    color: str
    serialNumber: int
    eligibility: Eligibility
    meta: Meta
    status: Literal["DRAFT", "PENDING_APPROVAL", "REJECTED", "ACTIVE", "DELETED", "SNAPSHOT", "PUBLISH_FAILED", "LIVE"]
    origin: Literal["BOTH", "MONGO_ONLY", "LEGACY_SQL_ONLY"]
    renewal: ShownRenewal | None = None
    tierStartDate: str | None = None
    communicationModeConfig: Modes | None = None
    customerCount: int | None = None
    countRefreshedAt: str | None = None


class RecordRenewal(Answered):
    criteriaType: str
    expressionRelation: str | None = None
    conditions: list[Condition] | None = None


class RecordValidity(Answered):
    periodType: PeriodType
    periodValue: int
    unit: Unit
    renewal: RecordRenewal


class RecordTier(Answered):
    objectId: str
    tierUniqueId: str
    orgId: int
    programId: int
    status: str
    parentId: str | None
    version: int
    slabId: int | None
    name: str
    description: str
    color: str
    serialNumber: int
    eligibility: Eligibility
    validity: RecordValidity | None
    downgrade: None
    engineConfig: None
    meta: Meta
    comments: str | None


class Warned(Answered):
    errors: None
    warnings: list[Said] | None


class EditorAnswer(Warned):
    data: EditorTier


class EditorsAnswer(Warned):
    data: list[EditorTier]


class TiersData(Answered):
    tiers: list[EditorTier]


class TiersAnswer(Warned):
    data: TiersData


class RecordAnswer(Warned):
    data: RecordTier


class RecordsAnswer(Warned):
    data: list[RecordTier]


class ProgramShown(Answered):
    programId: int
    name: str
    program: str


class ProgramsAnswer(Warned):
    data: list[ProgramShown]
