"""Members of programs and their cards. A customer is a member of the organization; her first card is that member.

Further cards (of a second wallet, or in a second program) hold points of their own, so they are members of their own,
called after the customer and the card.
"""

from __future__ import annotations

from typing import Any

from ziggurat.app.faces.change_face_documents import FaceDocuments
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.voucherify.errors import not_found
from ziggurat.http.faces.voucherify.ids import customer_id, member_names
from ziggurat.store.repositories.faces import FaceDocument

KIND = "member"
MEMBERSHIP = "membership"
"""Which member a customer is of a program: `PROGRAM CUSTOMER` -> member id."""
CARD_OF = "card_of"
"""Which card holds the points of a member of the organization."""


def find_member(documents: FaceDocuments, program: str, id_: str) -> FaceDocument:
    """The member of that program.

    Raises:
        ApiError: `not_found`.
    """
    found = documents.find(KIND, id_)
    if found is None or found.parent != program or found.document["status"] == "DELETED":
        raise not_found("member", id_)
    return found


def find_card(member: FaceDocument, id_: str) -> dict[str, Any]:
    """The card of that member.

    Raises:
        ApiError: `not_found`.
    """
    found: dict[str, Any] | None = next((card for card in member.document["cards"] if card["id"] == id_), None)
    if found is None:
        raise not_found("card", id_)
    return found


def membership_key(program: str, customer: str) -> str:
    """The key under which it is kept that a customer is a member of a program."""
    return f"{program} {customer}"


def member_of(documents: FaceDocuments, customer: str) -> str:
    """The member of the organization that a customer id or source id means, known or not."""
    names = member_names(customer)
    return next((name for name in names if documents.knows_member(name)), names[-1])


def points_name(documents: FaceDocuments, member: str, card: str) -> str:
    """The name under which the points of a new card are kept."""
    return member if documents.find(CARD_OF, member) is None else f"{member}/{card}"


def show_member(document: FaceDocument) -> dict[str, Any]:
    """A member on the wire."""
    own = document.document
    return {
        "id": document.key,
        "program_id": document.parent,
        "customer_id": customer_id(own["member"]),
        "status": own["status"],
        "metadata": own["metadata"],
        "created_at": millisecond_text(document.created_at),
        "updated_at": own["updated_at"],
        "object": "member",
    }
