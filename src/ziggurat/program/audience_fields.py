"""What an audience's rules can ask about: the fields, what kind of value each has, and where it is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ziggurat import limits


class FieldKind(StrEnum):
    """What a field's values are.

    Amounts are ten-thousandths, ranks whole numbers 0-5, instants UTC microseconds; `folded` text is compared without
    regard to case; an `open` field is whatever was put into it, a scalar or a list of scalars.
    """

    AMOUNT = "amount"
    RANK = "rank"
    INSTANT = "instant"
    TEXT = "text"
    FOLDED = "folded"
    OPEN = "open"


class Source(StrEnum):
    """Where a field's values are kept."""

    PROFILE = "profile"
    FACTS = "facts"
    STANDING = "standing"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that rules name.

    Args:
        name: as rules say it.
        kind: what its values are.
        source: where they are kept.
        key: the column of a profile or a standing, or the name among the open facts.
        program: the public id of the program whose standing it is; "" for all others.
    """

    name: str
    kind: FieldKind
    source: Source
    key: str
    program: str = ""


_KINDS = {
    FieldKind.AMOUNT: (
        "points_balance",
        "points_lifetime",
        "lifetime_value",
        "order_count",
        "average_order_value",
        "activity_score",
        "purchase_frequency_score",
        "monetary_score",
    ),
    FieldKind.RANK: ("activity_rank", "purchase_frequency_rank", "monetary_rank"),
    FieldKind.INSTANT: ("created_at", "enrolled_at", "last_order_at", "last_activity_at"),
    FieldKind.TEXT: ("member", "phone", "full_name", "status", "country", "region", "city"),
    FieldKind.FOLDED: ("email",),
}
PROFILE_FIELDS = {name: kind for kind, names in _KINDS.items() for name in names}
"""The fields that every member's profile has, and their kinds."""

STANDING_FIELDS = {
    "tier": FieldKind.TEXT,
    "value": FieldKind.AMOUNT,
    "since": FieldKind.INSTANT,
    "expires_at": FieldKind.INSTANT,
}
"""What `program.ID.` goes on with: where the member stands in that program."""

TIER_ATTRIBUTES = _KINDS[FieldKind.AMOUNT]
"""The eight amounts that tiers are made of."""
DECAYING = frozenset({"activity_score", "purchase_frequency_score", "monetary_score", *_KINDS[FieldKind.RANK]})
"""Fields that change though nothing happens to the member."""
RANKED = frozenset(_KINDS[FieldKind.RANK])
"""Fields that depend on everybody's scores."""

_OPEN = ("metadata", "attributes")
_STANDING = re.compile(r"program\.([A-Za-z0-9_-]{1,64})\.([a-z_]+)")


def find_field(name: str) -> Field | None:
    """The field that rules call `name`, None if there is none.

    >>> find_field("points_balance").kind, find_field("program.prg_1.tier").program
    (<FieldKind.AMOUNT: 'amount'>, 'prg_1')
    """
    kind = PROFILE_FIELDS.get(name)
    if kind is not None:
        return Field(name, kind, Source.PROFILE, name)
    head, _, rest = name.partition(".")
    if not rest or len(name) > limits.FIELD_CHARACTERS_MAX or not name.isprintable():
        return None
    if head in _OPEN:
        return Field(name, FieldKind.OPEN, Source.FACTS, name)
    if head == "other":
        return Field(name, FieldKind.OPEN, Source.NOWHERE, rest)
    standing = _STANDING.fullmatch(name)
    if standing and standing[2] in STANDING_FIELDS:
        return Field(name, STANDING_FIELDS[standing[2]], Source.STANDING, standing[2], standing[1])
    return None
