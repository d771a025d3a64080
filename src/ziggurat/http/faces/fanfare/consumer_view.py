"""Members as the vendor's consumers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ziggurat.app.audiences.audience_views import ProfileView
from ziggurat.app.audiences.find_profiles import find_members, find_profiles
from ziggurat.app.context import Context
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import Visit
from ziggurat.http.faces.fanfare.consumer_ids import consumer_id, ref_of
from ziggurat.http.faces.fanfare.consumer_types import is_plain
from ziggurat.http.faces.fanfare.errors import not_found
from ziggurat.http.faces.fanfare.fields import KEPT, TIER_FIELDS
from ziggurat.http.faces.fanfare.ids import FACE, organization_uuid
from ziggurat.http.faces.fanfare.wire_consumers import ACTIVE, INACTIVE
from ziggurat.http.json_text import number
from ziggurat.program.amounts import format_units

MONEY = ("ltv", "aov")
ARCHIVED = "archived"
"""The status that stands for an archived consumer here."""
MADE_BY = "api"
NEVER = (
    *("activityScoreUpdatedAt", "purchaseFrequencyScoreUpdatedAt", "monetaryScoreUpdatedAt"),
    *("primarySyncSourceId", "primaryLastSyncedAt", "primarySyncSource"),
    *("verificationCode", "verificationCodeExpiresAt"),
)
"""What is always null."""
_RANKS = {
    "activityRank": "activity_rank",
    "purchaseFrequencyRank": "purchase_frequency_rank",
    "monetaryRank": "monetary_rank",
}


def show_consumers(context: Context, profiles: Sequence[ProfileView]) -> list[dict[str, Any]]:
    """Those members as `Consumer` objects."""
    return [show_consumer(context, profile) for profile in profiles]


def show_consumer(context: Context, view: ProfileView) -> dict[str, Any]:
    """A member as a `Consumer`."""
    said = view.metadata.get(FACE)
    said = said if isinstance(said, Mapping) else {}
    changed = _instant(view.updated_at)
    return {
        "id": consumer_id(context, view.number, view.member),
        "organizationId": organization_uuid(context),
        "createdAt": millisecond_text(view.created_at),
        "createdBy": MADE_BY,
        "updatedAt": changed,
        "updatedBy": MADE_BY if changed else None,
        "archived": view.status == ARCHIVED,
        "email": view.email,
        "phone": view.phone,
        "fullName": view.full_name,
        "status": INACTIVE if (view.status or ACTIVE).upper() in (INACTIVE, ARCHIVED.upper()) else ACTIVE,
        "metadata": shown_metadata(view.metadata),
        "externalId": view.member,
        **{name: shown_amount(name, view.amounts[native]) for name, native in TIER_FIELDS.items()},
        "totalOrderValue": number(view.amounts["lifetime_value"]),
        **{name: view.ranks[native] for name, native in _RANKS.items()},
        "loyaltyLastActivityAt": _instant(view.last_activity_at),
        "lastOrderAt": _instant(view.last_order_at),
        "lastGeoCountry": view.country,
        "lastGeoRegion": view.region,
        "lastGeoCity": view.city,
        **{name: said.get(name, usual) for name, usual in KEPT.items()},
        **dict.fromkeys(NEVER),
    }


def shown_metadata(metadata: Mapping[str, Any]) -> dict[str, Any] | None:
    """Metadata as the vendor has it, null for none: without what is kept for the face, and without nested objects."""
    return {name: value for name, value in metadata.items() if name != FACE and is_plain(value)} or None


def shown_amount(name: str, units: int) -> Any:
    """An amount as the vendor writes it: money as text, which has no form for less than nothing."""
    return format_units(max(units, 0)) if name in MONEY else number(units)


def find_consumer(visit: Visit) -> ProfileView:
    """The consumer that the path names, archived or not; one who was merged is the one she was merged into.

    Raises:
        FanfareError: there is none.
    """
    (found,) = find_profiles(visit.context, [ref_of(visit.context, visit.path["consumerId"])])
    if found is None:
        raise not_found("Consumer")
    return found


def members_of(context: Context, consumer_ids: Sequence[str]) -> list[str | None]:
    """The ids of the members that those consumers are, None for what is no consumer's id."""
    return find_members(context, [ref_of(context, each) for each in consumer_ids])


def _instant(microseconds: int | None) -> str | None:
    return None if microseconds is None else millisecond_text(microseconds)
