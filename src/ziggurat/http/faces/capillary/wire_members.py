"""Bodies and answers around customers (v2), program settings and tokens."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, RootModel

from ziggurat.http.faces.capillary.wire import ABSENT, Answered, KpiType, Refused, Strict, UpgradeType, Warned
from ziggurat.http.faces.capillary.wire_customers import V1Response

SOURCES = (
    "INSTORE",
    "FACEBOOK",
    "WEB_ENGAGE",
    "WECHAT",
    "MARTJACK",
    "TMALL",
    "TAOBAO",
    "JD",
    "ECOMMERCE",
    "WEBSITE",
    "LINE",
    "MOBILE_APP",
)
IDENTIFIERS = ("mobile", "id", "externalId")
REASON_CHARACTERS_MAX = 255
SlabAction = Literal["UPGRADE", "DOWNGRADE", "RENEWAL", "EXTEND_CURRENT_TIER_EXPIRY_DATE"]
SlabValidity = Literal["FIXED_DURATION", "SPECIFIC_DATE", "CURRENT_TIER_EXPIRY_DATE", "AS_PER_TIER_STRATEGY"]


class ManualAdjustment(Strict):
    programId: int
    slabAction: SlabAction
    toSlabName: str = ABSENT
    manualSlabActionValidity: SlabValidity
    manualSlabActionValidityUpto: int | str = ABSENT
    reassessTierOnNextActivity: bool = ABSENT
    slabChangeReason: str = Field(default=ABSENT, max_length=REASON_CHARACTERS_MAX)


class SideEffect(Answered):
    entityType: Literal["USER"]
    previousSlabName: str
    previousSlabNumber: int
    upgradedSlabName: str
    upgradedSlabNumber: int
    slabExpiryDate: str
    type: Literal["slab"]


class AdjustmentAnswer(Answered):
    programId: int
    entityId: int
    sideEffects: list[SideEffect]
    warnings: list[Any]


class ProgramTier(Answered):
    programId: int
    currentTierName: str
    currentTierSerialNumber: int
    tierExpiryDate: str
    tierExpiryDateISO: str
    nextTierName: str
    nextTierSerialNumber: int


class TierDetails(Answered):
    entityId: int
    entityType: Literal["CUSTOMER"]
    programTiers: list[ProgramTier]
    warnings: list[Any]


class V2Said(Answered):
    status: Literal[False]
    code: int
    message: str


class V2Refused(Answered):
    errors: list[V2Said]
    warnings: list[Any]


class V1Refused(Answered):
    response: V1Response


class AnyRefused(RootModel[Refused | V2Refused | V1Refused]):
    """v3, v2 and v1.1 refuse in envelopes of their own."""


# --- program settings: not the vendor's schema, which is not published


class TrackerCase(Strict):
    trackerCondition: int = Field(ge=1)
    window: Any = "lifetime"


class Tracker(Strict):
    trackerId: int = Field(ge=1)
    trackerName: str = Field(max_length=100)
    measure: Any
    cases: list[TrackerCase] = Field(min_length=1, max_length=20)


class UpgradeSettings(Strict):
    kpiType: KpiType = ABSENT
    upgradeType: UpgradeType = ABSENT


class DowngradeSettings(Strict):
    target: Literal["ONE_BELOW", "ELIGIBLE", "BASE", "NEVER"] = ABSENT
    daily: bool = ABSENT
    onReturn: Literal["END_OF_DAY", "RECHECK", "IGNORE"] = ABSENT


class RenewalSettings(Strict):
    extendBy: Literal["VALIDITY", "ONE_MONTH"] = ABSENT


class AdvancedSettings(Strict):
    upgrade: UpgradeSettings = ABSENT
    downgrade: DowngradeSettings = ABSENT
    renewal: RenewalSettings = ABSENT
    trackers: list[Tracker] = Field(default=ABSENT, max_length=20)


class SettingsAnswer(Warned):
    data: AdvancedSettings


class TokenRequest(Strict):
    key: str = Field(max_length=512)
    secret: str = Field(max_length=512)


class Token(Answered):
    accessToken: str
    ttlSeconds: int


class TokenAnswer(Warned):
    data: Token


class WebhookRequest(Strict):
    url: str = Field(min_length=1, max_length=2_000)


class Webhook(Answered):
    id: str
    url: str
    secret: str


class WebhookAnswer(Warned):
    data: Webhook
