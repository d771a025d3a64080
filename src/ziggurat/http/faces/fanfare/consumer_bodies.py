"""What requests say of consumers, as use cases want it said; and what those refuse, as issues in the request."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ziggurat.app.audiences.check_identities import TAKEN, Saying
from ziggurat.app.audiences.opening_events import Opening
from ziggurat.app.audiences.register_members import NewMember
from ziggurat.app.errors import InvalidMembersError, MemberFault
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.fanfare.fields import FIELDS, KEPT
from ziggurat.http.faces.fanfare.ids import FACE, new_uuid
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Issue, Loc, failed_check
from ziggurat.http.faces.fanfare.reading import value_at
from ziggurat.http.faces.fanfare.wire_consumers import ACTIVE, ConsumerUpdate, NewConsumer
from ziggurat.program.amounts import to_units

_SAID = ("email", "phone", "fullName", "status", "lastGeoCountry", "lastGeoRegion", "lastGeoCity")
_SCORES = ("activityScore", "purchaseFrequencyScore", "monetaryScore")
_INSTANTS = ("lastReturnAt", "lastEngagedAt", "lastLoginAt", "lastGeoAt")
_COUNTS = ("totalReturns", "totalMessages", "totalEngagements", "engagedCount")
_NAMES = {native: name for name, native in FIELDS.items()} | {
    "metadata": "metadata",
    "member": "externalId",
    "points.adjusted": "loyaltyBalance",
    "order.placed": "ltv",
    "id": "id",
}
"""What faults are about, by the vendor's names."""


class Amounts:
    """Reads amounts, and remembers what is wrong with them."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def units(self, loc: Loc, name: str, value: Any) -> int | None:
        """A number in ten-thousandths; None, and an issue, for one that cannot be kept."""
        try:
            return to_units(Decimal(value))
        except ValueError as error:
            self.issues.append(failed_check((*loc, name), "decimal(4)", value, f"Invalid number: {error}"))
            return None

    def count(self, loc: Loc, name: str, value: Any) -> int | None:
        """A whole number of zero or more."""
        if value < 0 or value != int(value):
            self.issues.append(failed_check((*loc, name), "integer", value, "Invalid integer: Expected 0, 1, 2, ..."))
            return None
        return int(value)


def saying_of(said: ConsumerUpdate) -> Saying:
    """What a body says of a member; fields that it leaves out are left as they are."""
    given = said.model_fields_set
    fields = {FIELDS[name]: getattr(said, name) for name in _SAID if name in given}
    if "metadata" in given:
        fields["metadata"] = said.metadata or {}
    extra = {name: _kept(name, getattr(said, name)) for name in KEPT if name in given}
    return Saying(fields, FACE, extra)


def new_member(said: NewConsumer, loc: Loc, now: int, amounts: Amounts) -> NewMember:
    """A member that is to be made; without an id of her own she gets a UUID."""
    saying = saying_of(said)
    fields = {"status": ACTIVE, **saying.fields}
    for name in _COUNTS:
        if name in said.model_fields_set:
            amounts.count(loc, name, getattr(said, name))
    opening = _opening(said, loc, amounts)
    return NewMember(said.externalId or new_uuid(now), Saying(fields, FACE, saying.extra), opening)


def _opening(said: NewConsumer, loc: Loc, amounts: Amounts) -> Opening:
    """What she brings along. Money is of orders: `aov` stands for it where one of the two others is missing."""
    given = said.model_fields_set
    orders = amounts.count(loc, "totalOrders", said.totalOrders) or None
    value = None if said.ltv is None else amounts.units(loc, "ltv", said.ltv)
    average = None if said.aov is None else amounts.units(loc, "aov", said.aov)
    if average and not value:
        value = average * (orders or 1)
    elif average and value and orders is None:
        orders = max(1, round(Decimal(value) / average))
    points = {
        name: amounts.units(loc, name, getattr(said, name))
        for name in ("loyaltyBalance", "loyaltyLifetimePoints")
        if name in given
    }
    scores = {FIELDS[name]: amounts.units(loc, name, getattr(said, name)) for name in _SCORES if name in given}
    return Opening(
        points_balance=points.get("loyaltyBalance"),
        points_lifetime=points.get("loyaltyLifetimePoints"),
        order_count=orders,
        lifetime_value=value,
        last_order_at=said.lastOrderAt,
        scores={name: units for name, units in scores.items() if units is not None},
    )


def _kept(name: str, value: Any) -> Any:
    if name in _INSTANTS and value is not None:
        return millisecond_text(value)
    return value


def as_issues(error: InvalidMembersError, body: Any, locs: Sequence[Loc]) -> InvalidInputError:
    """What a use case refuses of several members, with the places in `body`; `locs` are where each of them is."""
    return InvalidInputError([_issue(fault, body, locs[fault.place]) for fault in error.faults], body)


def _issue(fault: MemberFault, body: Any, loc: Loc) -> Issue:
    name, *rest = fault.field.split(".", 1) if fault.field.startswith("metadata.") else [fault.field]
    where = (*loc, _NAMES[name], *rest) if name in _NAMES else loc
    if fault.code == TAKEN:
        return Issue(where, "unique", "unique_value", "duplicate_value", "validation.unique", kind="validation")
    return failed_check(where, "valid_value", value_at(body, where), f"Invalid value: {fault.problem}")


def item_locs(body: Any, count: int) -> list[Loc]:
    """Where the items of a batch are, in either form."""
    root: Loc = () if isinstance(body, list) else ("consumers",)
    return [(*root, place) for place in range(count)]
