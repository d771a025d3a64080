"""Answers about customers: v2 in camel case and numbers, v1.1 in snake case and texts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ziggurat.http.faces.capillary.wire import Answered

EMBEDS = (
    "points",
    "mlp",
    "subscriptions",
    "userGroup",
    "gapDetails",
    "promotionalPoints",
    "expirySchedules",
    "expiredPoints",
    "customerImage",
    "returnedPoints",
    "associatedImages",
    "segments",
    "cardLoyaltyDetails",
    "fleetParentDetails",
    "ignoreCardDetails",
    "customerStatus",
    "alternateCurrencies",
)
"""What the vendor lets embed; the first two are answered, the others are passed over."""
RenewedBy = Literal["PURCHASE", "VISITS", "POINTS", "TRACKER"]
UpgradedBy = Literal["CURRENT_POINTS", "CUMULATIVE_POINTS", "CUMULATIVE_PURCHASES", "VISITS", "TRACKER_VALUE_BASED"]


class Identifier(Answered):
    type: Literal["externalId", "email"]
    value: str


class Attribution(Answered):
    createDate: str


class Profile(Answered):
    firstName: str
    lastName: str
    attribution: Attribution
    fields_: dict[str, Any] = Field(alias="fields")
    identifiers: list[Identifier]
    commChannels: list[Any]
    source: str
    userId: int
    conflictingProfileList: list[Any]


class LoyaltyInfo(Answered):
    loyaltyType: Literal["loyalty"]
    attributionV2: Attribution
    lifetimePurchases: float


class PointsSummary(Answered):
    redeemed: float
    expired: float
    returned: float
    adjusted: float
    lifetimePoints: float
    loyaltyPoints: float
    cumulativePurchases: float
    loyaltyId: int
    currentSlab: str
    nextSlab: str
    nextSlabSerialNumber: int
    nextSlabDescription: str
    slabSNo: int
    slabExpiryDate: str


class TrackerIdentifiers(Answered):
    trackerName: str
    trackerType: str
    trackerMode: str
    trackerCaseName: str
    trackerCasePeriodType: str | None = None
    trackerCasePeriodValue: str | None = None


class UpgradeValues(Answered):
    currentValue: float
    gapToUpgrade: float
    valueValidUpto: str


class UpgradeStrategy(Answered):
    upgradeBasedOn: UpgradedBy
    upgradeEntityIdentifiers: TrackerIdentifiers | None = None
    upgradeThreshold: float
    customerUpgradeEntityValues: UpgradeValues


class RenewStrategy(Answered):
    renewBasedOn: RenewedBy
    trackerEntityIdentifiers: list[TrackerIdentifiers] | None = None
    renewThreshold: float
    customerRenewEntityValue: float
    customerGapToRenewValue: float


class GapToRenew(Answered):
    tierExpiryDate: str
    renewConfirmed: bool
    renewStrategies: list[RenewStrategy]


class ProgramDetails(PointsSummary):
    programId: int
    programTitle: str
    programDescription: str
    currentSlabDescription: str
    upgradeStrategies: list[UpgradeStrategy] | None = None
    gapToRenewSummary: GapToRenew | None = None


class CustomerDetails(Answered):
    id: int
    profiles: list[Profile]
    loyaltyInfo: LoyaltyInfo
    segments: dict[str, Any]
    extendedFields: dict[str, str]
    pointsSummary: PointsSummary | None = None
    loyaltyProgramDetails: list[ProgramDetails] | None = None
    gapToUpgrade: list[UpgradeStrategy] | None = None
    gapToRenew: GapToRenew | None = None
    warnings: list[Any]


# --- v1.1


class V1Status(Answered):
    success: Literal["true", "false"]
    code: int
    message: str
    total: str | None = None
    success_count: str | None = None


class V1Tracker(Answered):
    tracker_name: str | None = None
    tracker_type: str | None = None
    tracker_mode: str | None = None
    tracker_case_name: str | None = None
    tracker_case_period_type: str | None = None
    tracker_case_period_value: str | None = None


class V1UpgradeValues(Answered):
    current_value: str
    gap_to_upgrade: str
    value_valid_upto: str


class V1UpgradeStrategy(Answered):
    upgrade_based_on: UpgradedBy
    upgrade_entity_identifers: V1Tracker
    upgrade_threshold: str
    customer_upgrade_entity_values: V1UpgradeValues


class V1GapToUpgrade(Answered):
    upgrade_strategy: list[V1UpgradeStrategy]


class V1RenewStrategy(Answered):
    renew_based_on: RenewedBy
    renew_entity_identifiers: V1Tracker
    renew_threshold: str
    customer_renew_entity_value: str
    customer_gap_to_renew_value: str


class V1GapToRenew(Answered):
    tier_expiry_date: str
    renew_confirmed: Literal["true", "false"]
    renew_strategy: list[V1RenewStrategy]


class V1PointsSummary(Answered):
    programId: str
    redeemed: str
    expired: str
    returned: str
    adjusted: str
    lifetimePoints: str
    loyaltyPoints: str
    cumulativePurchases: str
    currentSlab: str
    nextSlab: str
    nextSlabSerialNumber: str
    nextSlabDescription: str
    slabSNo: str
    slabExpiryDate: str
    totalPoints: str
    program_title: str
    program_description: str
    gap_to_upgrade: V1GapToUpgrade | None = None
    gap_to_renew: V1GapToRenew | None = None


class V1PointsSummaries(Answered):
    points_summary: list[V1PointsSummary]


class SlabMove(Answered):
    to: str
    from_: str = Field(alias="from")
    store: str
    type: Literal["Upgrade", "Downgrade"]
    to_tier_expiry_date: str
    from_tier_expiry_date: str
    changed_on: str
    notes: str
    program_id: str


class V1Field(Answered):
    name: str
    value: str


class V1Fields(Answered):
    field: list[V1Field]


class V1Warnings(Answered):
    warning: list[Any]


class V1ItemStatus(Answered):
    success: Literal["true", "false"]
    code: str
    message: str
    warnings: V1Warnings


class V1Customer(Answered):
    """One who was not found has the identifier that was asked by, and `item_status`."""

    firstname: str | None = None
    lastname: str | None = None
    mobile: str | None = None
    email: str | None = None
    external_id: str | None = None
    id: str | None = None
    user_id: str | None = None
    lifetime_points: float | None = None
    lifetime_purchases: float | None = None
    loyalty_points: float | None = None
    current_slab: str | None = None
    tier_expiry_date: str | None = None
    registered_on: str | None = None
    type: Literal["LOYALTY"] | None = None
    source: Literal["instore"] | None = None
    extended_fields: V1Fields | None = None
    points_summaries: V1PointsSummaries | None = None
    slab_history: list[SlabMove] | None = None
    item_status: V1ItemStatus


class V1Customers(Answered):
    customer: list[V1Customer]


class V1Response(Answered):
    status: V1Status
    customers: V1Customers | None = None


class V1Answer(Answered):
    response: V1Response
