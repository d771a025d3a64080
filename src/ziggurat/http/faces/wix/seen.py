"""What Wix can see of a program: its tiers and settings as values that compare, so that changes can be counted.

Pure. The vendor knows points thresholds, a rolling window of months, a status, and how tiers look; a program that says
more is shown as far as that goes (`losses.py` tells the rest).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from ziggurat.http.face_support.ids import derived_uuid, is_uuid
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.versions import Counted
from ziggurat.program.calendar import Unit
from ziggurat.program.model import Program, Rolling, Status, Tier

FACE = "wix"
"""The name under which Wix's own members are kept in the metadata of programs and tiers."""
MONTHS_OF_YEAR = 12
PREMIUM_FEATURES = {"loyaltyProgram": True, "tiers": True, "pointsExpiration": False}
POINTS = "Points"
"""What points are called where nobody has named them, as there."""


@dataclass(frozen=True, slots=True)
class Icon:
    """An icon; width and height are not known here and told as 0, as the vendor's own examples do."""

    id: str
    url: str
    alt_text: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """What a tier is called and looks like."""

    name: str
    description: str
    icon: Icon | None


@dataclass(frozen=True, slots=True)
class SeenTier:
    """A tier; `updates` counts the updates that changed nothing else, which are revisions all the same."""

    id: str
    look: Look
    points: int
    updates: int


@dataclass(frozen=True, slots=True)
class SeenProgram:
    """The loyalty program around the tiers: what it is called, and its points."""

    name: str
    points: str


@dataclass(frozen=True, slots=True)
class SeenSettings:
    """The settings; `months` is None where the window is no rolling one of months."""

    status: str
    months: int | None
    base: Look | None
    updates: int


def kept(node: Program | Tier) -> dict[str, Any]:
    """What this face keeps in the metadata of a program or tier."""
    found = node.metadata.get(FACE)
    return dict(found) if isinstance(found, dict) else {}


def tier_id(program_id: str, tier: Tier) -> str:
    """The GUID of a tier: its own id if that is one, else derived from program and key."""
    return tier.key.lower() if is_uuid(tier.key) else derived_uuid(FACE, program_id, "tier", tier.key)


def settings_id(program_id: str) -> str:
    """The GUID by which errors name the settings."""
    return derived_uuid(FACE, program_id, "settings")


def seen_tiers(program_id: str, program: Program) -> dict[str, SeenTier]:
    """The tiers above the base by their GUID, lowest first."""
    seen: dict[str, SeenTier] = {}
    points = 0
    for tier in program.tiers:
        # a tier that asks for other things than points stands with the points of the one below
        points = points if tier.start is None else ceil(tier.start)
        id_ = tier_id(program_id, tier)
        seen[id_] = SeenTier(id_, look_of(tier), points, _updates(tier))
    return seen


def seen_program(program: Program) -> SeenProgram:
    """The loyalty program."""
    points = kept(program).get("points")
    return SeenProgram(program.name, points if isinstance(points, str) and points else POINTS)


def seen_settings(program: Program, status: Status) -> SeenSettings:
    """The settings."""
    return SeenSettings(status_shown(program, status), months_of(program), _base_look(program), _updates(program))


def look_of(tier: Tier) -> Look:
    """What `tier` is called and looks like."""
    said = kept(tier).get("icon")
    more = said if isinstance(said, dict) else {}
    icon = Icon(str(more.get("id", "")), tier.icon, more.get("altText")) if tier.icon or more else None
    return Look("" if kept(tier).get("unnamed") else tier.name, tier.description, icon)


def months_of(program: Program) -> int | None:
    """The rolling window in months, None for every other window."""
    window = program.qualification.window
    if not isinstance(window, Rolling):
        return None
    factor = {Unit.MONTHS: 1, Unit.YEARS: MONTHS_OF_YEAR}.get(window.period.unit)
    return factor and window.period.count * factor


def status_shown(program: Program, status: Status) -> str:
    """The vendor's status. DISABLED and DRAFT are a paused program: all in the base tier, points still counted."""
    if status is Status.PAUSED:
        said = kept(program).get("status")
        return said if said in ("DISABLED", "DRAFT") else "PAUSED"
    return {Status.DRAFT: "DRAFT", Status.ARCHIVED: "DISABLED"}.get(status, "ACTIVE")


def _base_look(program: Program) -> Look | None:
    if program.base_tier is None:
        return None
    look = look_of(program.base_tier)
    return None if look == Look("", "", None) else look


def _updates(node: Program | Tier) -> int:
    said = kept(node).get("updates", 0)
    return said if isinstance(said, int) else 0


# --- on the wire


def tier_message(tier: Counted[SeenTier]) -> dict[str, Any]:
    """A tier as it is answered."""
    return {
        "id": tier.seen.id,
        "tierDefinition": look_message(tier.seen.look),
        "requiredPoints": tier.seen.points,
        "revision": str(tier.revision),
        "createdDate": millisecond_text(tier.created_at),
        "updatedDate": millisecond_text(tier.updated_at),
    }


def program_message(program: Counted[SeenProgram]) -> dict[str, Any]:
    """The loyalty program as it is answered: points can always be earned here, and never expire by themselves."""
    return {
        "name": program.seen.name,
        "pointDefinition": {"customName": program.seen.points},
        "status": "ACTIVE",
        "createdDate": millisecond_text(program.created_at),
        "updatedDate": millisecond_text(program.updated_at),
        "premiumFeatures": dict(PREMIUM_FEATURES),
    }


def settings_message(settings: Counted[SeenSettings]) -> dict[str, Any]:
    """The settings as they are answered; what is not set is left out, as the vendor does."""
    seen = settings.seen
    said: dict[str, Any] = {} if seen.months is None else {"rollingWindow": {"durationInMonths": seen.months}}
    said |= {
        "status": seen.status,
        "revision": str(settings.revision),
        "createdDate": millisecond_text(settings.created_at),
        "updatedDate": millisecond_text(settings.updated_at),
    }
    return said if seen.base is None else said | {"baseTierDefinition": look_message(seen.base)}


def look_message(look: Look) -> dict[str, Any]:
    """A tier definition as it is answered."""
    said: dict[str, Any] = {"name": look.name, "description": look.description}
    if look.icon is None:
        return said
    icon: dict[str, Any] = {"id": look.icon.id, "url": look.icon.url, "height": 0, "width": 0}
    if look.icon.alt_text is not None:
        icon["altText"] = look.icon.alt_text
    return said | {"icon": icon}
