"""Fields of rules: the vendor's names for what rules ask about, and back.

The vendor takes any field name. One that stands for nothing here is kept all the same; no member has a value for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.http.faces.fanfare.ids import FACE
from ziggurat.program.audience_fields import find_field

TIER_FIELDS = {
    "loyaltyBalance": "points_balance",
    "loyaltyLifetimePoints": "points_lifetime",
    "ltv": "lifetime_value",
    "totalOrders": "order_count",
    "aov": "average_order_value",
    "activityScore": "activity_score",
    "purchaseFrequencyScore": "purchase_frequency_score",
    "monetaryScore": "monetary_score",
}
"""The eight attributes that tiers are made of."""
KEPT: Mapping[str, Any] = {
    "emailVerified": False,
    "phoneVerified": False,
    "smsOptOut": False,
    "totalReturns": 0,
    "totalMessages": 0,
    "totalEngagements": 0,
    "engagedCount": 0,
    "lastReturnAt": None,
    "lastEngagedAt": None,
    "lastLoginAt": None,
    "lastGeoPostalCode": None,
    "lastGeoTimezone": None,
    "lastGeoSource": None,
    "lastGeoAt": None,
    "lastGeoCoordinates": None,
    "primaryExternalId": None,
    "primarySourceVendor": None,
}
"""What is kept of consumers as it is said, in the member's metadata under the face's name; and what it is where nothing
was said. Rules see what was said only."""
FIELDS = {
    **TIER_FIELDS,
    **{name: f"metadata.{FACE}.{name}" for name in KEPT},
    "activityRank": "activity_rank",
    "purchaseFrequencyRank": "purchase_frequency_rank",
    "monetaryRank": "monetary_rank",
    "createdAt": "created_at",
    "lastOrderAt": "last_order_at",
    "loyaltyLastActivityAt": "last_activity_at",
    "externalId": "member",
    "email": "email",
    "phone": "phone",
    "fullName": "full_name",
    "status": "status",
    "lastGeoCountry": "country",
    "lastGeoRegion": "region",
    "lastGeoCity": "city",
}
OLDER_FIELDS = {"totalOrderValue": "lifetime_value", "lastActivityAt": "last_activity_at"}
"""Names on the vendor's older pages; they are answered by their newer ones."""
_NAMES = {native: name for name, native in FIELDS.items()}
_OTHER = "other."
_OPEN = ("metadata.", "attributes.", "program.")


def native_field(name: str) -> str:
    """What rules here call the vendor's field `name`.

    >>> native_field("ltv"), native_field("metadata.size"), native_field("smsOptOut"), native_field("shoeSize")
    ('lifetime_value', 'metadata.size', 'metadata.fanfare.smsOptOut', 'other.shoeSize')
    """
    known = FIELDS.get(name) or OLDER_FIELDS.get(name)
    if known:
        return known
    return name if name.startswith(_OPEN) and find_field(name) else _OTHER + name


def shown_field(native: str) -> str:
    """What the vendor calls a field of rules.

    >>> shown_field("lifetime_value"), shown_field("other.shoeSize"), shown_field("enrolled_at")
    ('ltv', 'shoeSize', 'enrolled_at')
    """
    return _NAMES.get(native, native.removeprefix(_OTHER))
