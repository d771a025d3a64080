"""Card definitions: the vendor's wallets. The organization's own ledger of points is one of them, always there."""

from __future__ import annotations

from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.faces.change_face_documents import FaceDocuments, read_face_documents
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.voucherify.dialect import FACE
from ziggurat.http.faces.voucherify.errors import not_found
from ziggurat.http.faces.voucherify.ids import derived_id
from ziggurat.store.repositories.faces import FaceDocument

KIND = "card_definition"
LEDGER = derived_id("lcdef", "the organization's ledger of points")
"""The card definition of programs that were made elsewhere."""

SECTIONS: dict[str, Any] = {
    "points_expiration": {"type": "NO_EXPIRATION"},
    "pending_points": {"type": "IMMEDIATE"},
    "earning_limits": {"type": "NO_LIMIT"},
    "spending_limits": {"type": "NO_LIMIT"},
    "refunds": {"type": "NONE"},
    "balance_settings": {"allow_negative": False},
    "pay_with_points": {"type": "NO_PAYMENTS"},
}
"""What a wallet could do beside holding points, with the one value that it has here."""


def ledger_card() -> dict[str, Any]:
    """The card definition that is the organization's own ledger."""
    made: dict[str, Any] = {"name": "Points", "status": "ACTIVE", "metadata": {}, "updated_at": None}
    return show_card_definition(FaceDocument(FACE, KIND, LEDGER, "", None, made, 0, 1, 0, 0))


def show_card_definition(document: FaceDocument) -> dict[str, Any]:
    """A card definition on the wire."""
    own = document.document
    return {
        "id": document.key,
        "name": own["name"],
        "type": "INDIVIDUAL",
        "status": own["status"],
        "metadata": own["metadata"],
        **SECTIONS,
        "created_at": millisecond_text(document.created_at),
        "updated_at": own["updated_at"],
        "object": "card_definition",
    }


def shown_card_definition(context: Context) -> str:
    """The card definition shown for a program that names none: the first one, or the ledger."""

    def first(documents: FaceDocuments) -> str:
        return next((each.key for each in documents.every(KIND) if each.document["status"] != "DELETED"), LEDGER)

    return read_face_documents(context, FACE, first)


def card_status(documents: FaceDocuments, id_: str) -> str:
    """The status of a card definition.

    Raises:
        ApiError: `not_found`.
    """
    found = documents.find(KIND, id_)
    if found is not None and found.document["status"] != "DELETED":
        return str(found.document["status"])
    if id_ == LEDGER:
        return "ACTIVE"
    raise not_found("card_definition", id_)


def require_card_definition(context: Context, id_: str) -> None:
    """Nothing, if there is such a card definition.

    Raises:
        ApiError: `not_found`.
    """
    read_face_documents(context, FACE, lambda documents: card_status(documents, id_))
