"""The vendor's programs: which wallets and which tier structure belong together, and who may join."""

from __future__ import annotations

from typing import Any

from ziggurat.app.faces.change_face_documents import FaceDocuments
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.voucherify.errors import not_found
from ziggurat.store.repositories.faces import FaceDocument

KIND = "program"


def find_program(documents: FaceDocuments, id_: str) -> FaceDocument:
    """The program with that id.

    Raises:
        ApiError: `not_found`.
    """
    found = documents.find(KIND, id_)
    if found is None or found.document["status"] == "DELETED":
        raise not_found("program", id_)
    return found


def live_programs(documents: FaceDocuments) -> list[FaceDocument]:
    """Every program that is not deleted, oldest first."""
    return [each for each in documents.every(KIND) if each.document["status"] != "DELETED"]


def programs_using(documents: FaceDocuments, structure: str) -> list[tuple[str, str]]:
    """Id and status of the programs that a tier structure is assigned to."""
    return [
        (each.key, str(each.document["status"]))
        for each in live_programs(documents)
        if any(assigned["id"] == structure for assigned in each.document["tier_structures"])
    ]


def programs_with_card(documents: FaceDocuments, card_definition: str) -> list[str]:
    """The programs that a card definition is assigned to."""
    return [
        each.key
        for each in live_programs(documents)
        if any(assigned["id"] == card_definition for assigned in each.document["card_definitions"])
    ]


def show_program(document: FaceDocument) -> dict[str, Any]:
    """A program on the wire, without its assignments."""
    own = document.document
    return {
        "id": document.key,
        "name": own["name"],
        "status": own["status"],
        "start_date": own["start_date"],
        "end_date": own["end_date"],
        "validity_hours": own["validity_hours"],
        "metadata": own["metadata"],
        "created_at": millisecond_text(document.created_at),
        "updated_at": own["updated_at"],
        "object": "program",
    }


def show_assignment(assigned: dict[str, Any], kind: str) -> dict[str, Any]:
    """An assignment on the wire; `kind` is tier_structure or card_definition."""
    return {f"{kind}_id": assigned["id"], "created_at": assigned["created_at"], "object": f"program_{kind}"}
