"""What happened to cards: they are made for a member as she joins, and stay hers. That follows from her joining."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ziggurat.app.context import Context
from ziggurat.http.faces.voucherify.card_points import show_card
from ziggurat.http.faces.voucherify.ids import derived_id
from ziggurat.store.repositories.faces import FaceDocument

_ASSIGNED = "card.assigned"


def card_activities(
    context: Context, made: Mapping[str, Any], member: FaceDocument, of: str
) -> Iterator[dict[str, Any]]:
    """The activities about a member's cards, as the log `of` member or card tells them.

    Args:
        context: who asks.
        made: the activity that tells of the member's making.
        member: the member as she is now.
        of: `member` or `card`.
    """
    shown, program = made["data"]["member"], made["data"]["program"]
    for card in member.document["cards"]:
        plain = show_card(context, card, until=member.created_at)
        own = {name: value for name, value in plain.items() if not name.startswith("next_")}
        ids = {name: shown[name] for name in ("program_id", "customer_id")}
        dated = {"member_id": member.key, **ids, "created_at": card["created_at"], "updated_at": None}
        link = {"card": plain, "object": "member_card", "created_at": card["created_at"], "member_role": "OWNER"}
        both = {"card": {**own, **dated}, "program": program}
        given = {**both, "member": shown, "member_card": link}
        told = {"member": ((_ASSIGNED, given),), "card": (("created", both), ("assigned", given))}[of]
        prefix, id_ = ("lambr", member.key) if of == "member" else ("lacrd", card["id"])
        for what, data in told:
            yield {
                "id": derived_id(prefix, member.key, card["id"], what),
                "type": f"vl.{of}.{what}",
                "data": data,
                "created_at": card["created_at"],
                "group_id": made["group_id"],
                "source": made["source"],
                f"{of}_id": id_,
            }
