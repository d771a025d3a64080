"""What the tiers methods read and answer.

Read as the vendor reads: members nobody knows and read-only ones are passed over, null is absent (unknown 26), a 64-bit
number is a string. Lengths count code points, nothing is trimmed (unknown 14). Numbers of unknowns are those of
docs/faces/wix.md, "What the vendor does not say".
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ziggurat.http.faces.wix import limits_of_wix as limits

REVISION_PATTERN = r"^[0-9]{1,20}$"


def _as_text(value: Any) -> Any:
    return str(value) if type(value) is int else value


Revision = Annotated[str, BeforeValidator(_as_text), Field(pattern=REVISION_PATTERN, examples=["1"])]
Name = Annotated[str, Field(min_length=1, max_length=limits.NAME_CHARACTERS_MAX)]
BaseName = Annotated[str, Field(max_length=limits.NAME_CHARACTERS_MAX)]
Description = Annotated[str, Field(max_length=limits.DESCRIPTION_CHARACTERS_MAX)]
RequiredPoints = Annotated[int, Field(ge=0, le=limits.REQUIRED_POINTS_MAX)]


class Wire(BaseModel):
    """Strict about types, deaf to unknown members."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


# --- read


class ImageIn(Wire):
    """An icon as sent; size and file name are read-only."""

    id: str = Field("", max_length=200)
    url: str = Field("", max_length=200)
    altText: str | None = Field(None, max_length=200)


class NewDefinition(Wire):
    """What a new tier is called and looks like."""

    name: Name
    description: Description = ""
    icon: ImageIn | None = None


class ChangedDefinition(Wire):
    """What to change of that; what is absent stays (unknown 6)."""

    name: Name | None = None
    description: Description | None = None
    icon: ImageIn | None = None


class BaseDefinition(Wire):
    """What the base tier is called and looks like; replaced as a whole."""

    name: BaseName = ""
    description: Description = ""
    icon: ImageIn | None = None


class NewTier(Wire):
    """A tier to be made. Points that are not said are refused rather than zero (unknown 13)."""

    tierDefinition: NewDefinition
    requiredPoints: RequiredPoints


class ChangedTier(Wire):
    """A tier to be changed from `revision`."""

    revision: Revision
    tierDefinition: ChangedDefinition | None = None
    requiredPoints: RequiredPoints | None = None


class CreateTierRequest(Wire):
    tier: NewTier


class BulkCreateTiersRequest(Wire):
    tiers: list[Any] = Field(min_length=1, max_length=limits.BULK_MAX)


class UpdateTierRequest(Wire):
    tier: ChangedTier


class RollingWindow(Wire):
    durationInMonths: int = Field(ge=limits.MONTHS_MIN, le=limits.MONTHS_MAX)


Status = Literal["DISABLED", "DRAFT", "ACTIVE", "PAUSED"]
"""What a status may be set to; UNKNOWN is no such (unknown 7)."""


class NewSettings(Wire):
    """Settings to be made; by default tiers are disabled."""

    rollingWindow: RollingWindow = RollingWindow(durationInMonths=limits.MONTHS_DEFAULT)
    status: Status = "DISABLED"
    baseTierDefinition: BaseDefinition | None = None


class ChangedSettings(Wire):
    """Settings to be replaced, from `revision`."""

    revision: Revision
    status: Status
    rollingWindow: RollingWindow
    baseTierDefinition: BaseDefinition | None = None


class PointDefinitionIn(Wire):
    """What points are called; empty as they are called by default."""

    customName: str | None = Field(None, max_length=limits.POINT_NAME_CHARACTERS_MAX)


class ChangedProgram(Wire):
    """What to change of the loyalty program; what is absent stays."""

    name: str | None = Field(None, min_length=limits.PROGRAM_NAME_CHARACTERS_MIN, max_length=limits.NAME_CHARACTERS_MAX)
    pointDefinition: PointDefinitionIn | None = None


class UpdateProgramRequest(Wire):
    loyaltyProgram: ChangedProgram


class CreateSettingsRequest(Wire):
    programSettings: NewSettings


class UpdateSettingsRequest(Wire):
    programSettings: ChangedSettings


# --- answered


class Image(BaseModel):
    id: str
    url: str
    height: int
    width: int
    altText: str | None = None


class TierDefinition(BaseModel):
    name: str
    description: str
    icon: Image | None = None


class Tier(BaseModel):
    id: str
    tierDefinition: TierDefinition
    requiredPoints: int
    revision: str
    createdDate: str
    updatedDate: str


class RollingWindowOut(BaseModel):
    durationInMonths: int


class TiersProgramSettings(BaseModel):
    rollingWindow: RollingWindowOut | None = None
    status: Literal["UNKNOWN", "DISABLED", "DRAFT", "ACTIVE", "PAUSED"]
    revision: str
    createdDate: str
    updatedDate: str
    baseTierDefinition: TierDefinition | None = None


class PointDefinition(BaseModel):
    customName: str


class PremiumFeatures(BaseModel):
    loyaltyProgram: bool
    tiers: bool
    pointsExpiration: bool


class LoyaltyProgram(BaseModel):
    name: str
    pointDefinition: PointDefinition
    status: Literal["ACTIVE"]
    createdDate: str
    updatedDate: str
    premiumFeatures: PremiumFeatures


class ProgramResponse(BaseModel):
    loyaltyProgram: LoyaltyProgram


class TierResponse(BaseModel):
    tier: Tier


class TiersResponse(BaseModel):
    tiers: list[Tier]


class SettingsResponse(BaseModel):
    programSettings: TiersProgramSettings


class TiersProgramResponse(BaseModel):
    tiers: list[Tier]
    programSettings: TiersProgramSettings


class ItemError(BaseModel):
    code: str
    description: str
    data: dict[str, Any] | None = None


class ItemMetadata(BaseModel):
    id: str | None = None
    originalIndex: int
    success: bool
    error: ItemError | None = None


class BulkResult(BaseModel):
    itemMetadata: ItemMetadata
    item: Tier | None = None


class BulkActionMetadata(BaseModel):
    totalSuccesses: int
    totalFailures: int
    undetailedFailures: int


class BulkCreateTiersResponse(BaseModel):
    results: list[BulkResult]
    bulkActionMetadata: BulkActionMetadata


class Empty(BaseModel):
    """`{}`."""
