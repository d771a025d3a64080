"""Members as the vendor's loyalty accounts.

An account is a member: its id and its contact's id are the member's id. An account made through Wix has a GUID for a
contact; a member made elsewhere is shown with the id she has. The revision counts the member's events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.events.point_totals import PointTotals
from ziggurat.app.members.read_member import read_member
from ziggurat.app.members.read_members import read_members
from ziggurat.app.members.read_points import read_points
from ziggurat.app.members.views import MemberView, StandingView
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.wix.edits import Ladder
from ziggurat.http.faces.wix.errors import WixError
from ziggurat.http.faces.wix.seen import tier_id
from ziggurat.program.amounts import SCALE
from ziggurat.store.errors import NotFoundError

_CONTACT = ("name", "email")
"""Attributes of members that are shown as their contact's."""


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """A member with her points and where she stands in the site's program."""

    member: MemberView
    points: PointTotals
    ladder: Ladder | None

    @property
    def standing(self) -> StandingView | None:
        """In the site's program, if there is one that knows her."""
        if self.ladder is None:
            return None
        return next((each for each in self.member.programs if each.program == self.ladder.program_id), None)

    @property
    def tier_id(self) -> str | None:
        """The GUID of her tier, None for the base tier."""
        return tier_id_of(self.ladder, self.standing.tier_id) if self.ladder and self.standing else None


def read_account(context: Context, ladder: Ladder | None, member: str) -> SeenAccount:
    """The account of a member.

    Raises:
        WixError: there is none.
    """
    try:
        view = read_member(context, member, program=ladder.program_id if ladder else None, outlook=False)
        if view.erased_at is None:
            return SeenAccount(view, read_points(context, member), ladder)
    except NotFoundError:
        pass
    raise account_not_found(member)


def read_accounts(context: Context, ladder: Ladder | None, names: Sequence[str]) -> list[SeenAccount]:
    """The accounts of those of `names` that are members and not erased, in the order asked."""
    told = read_members(context, names, program=ladder.program_id if ladder else None)
    return [SeenAccount(view, points, ladder) for view, points in told if view.erased_at is None]


def account_not_found(member: str) -> WixError:
    """No such account."""
    return WixError(404, "NOT_FOUND", f"Account {member} was not found", {"accountId": member})


def tier_id_of(ladder: Ladder, key: str) -> str | None:
    """The GUID of the tier with that key, None for the base tier and for none."""
    return next((tier_id(ladder.program_id, tier) for tier in ladder.program.tiers if tier.key == key), None)


def account_message(account: SeenAccount) -> dict[str, Any]:
    """An account as it is answered; one that nothing has happened to has no tier yet, as the vendor's examples show."""
    member, points = account.member, account.points
    created = member.created_at if member.enrolled_at is None else min(member.created_at, member.enrolled_at)
    updated = created if points.last_at is None else max(created, points.last_at)
    said: dict[str, Any] = {
        "id": member.id,
        "contactId": member.id,
        "points": points_message(points),
        "rewardAvailable": False,
        "createdDate": millisecond_text(created),
        "updatedDate": millisecond_text(updated),
        "revision": str(points.events),
    }
    contact = {name: member.attributes[name] for name in _CONTACT if member.attributes.get(name)}
    if contact:
        said["contact"] = {"id": member.id, **contact}
    if points == PointTotals(events=points.events, last_at=points.last_at):
        return said
    said["lastActivityDate"] = millisecond_text(updated)
    standing = account.standing
    if standing is not None:
        # unknowns 18 and 20: told as it is, whatever the status
        tier: dict[str, Any] = {"updatedDate": millisecond_text(max(updated, standing.since or 0))}
        tier["points"] = standing.value // SCALE
        said["tier"] = tier if account.tier_id is None else {"id": account.tier_id, **tier}
    return said


def points_message(points: PointTotals) -> dict[str, Any]:
    """Points as they are answered: whole ones, rounded down."""
    return {
        "balance": points.balance // SCALE,
        "earned": points.earned // SCALE,
        "adjusted": points.adjusted // SCALE,
        "redeemed": (points.spent - points.returned) // SCALE,
        "expired": points.expired // SCALE,
    }
