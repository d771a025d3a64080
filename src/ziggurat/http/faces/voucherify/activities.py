"""The activity log of tier structures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.app.change_face_documents import FaceDocuments, change_face_documents
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import Visit
from ziggurat.http.faces.voucherify.dialect import FACE
from ziggurat.http.faces.voucherify.ids import new_id

KIND = "activity"
TYPES = (
    *("created", "updated", "deleted", "activated", "deactivated", "drafted", "assigned", "unassigned"),
    *("tier.created", "tier.updated", "tier.deleted"),
)


def note(visit: Visit, what: str, structure: Mapping[str, Any], **data: Any) -> None:
    """Log that `what` happened to a structure (its wire object)."""
    change_face_documents(visit.context, FACE, lambda documents: note_in(documents, visit, what, structure, **data))


def note_in(documents: FaceDocuments, visit: Visit, what: str, structure: Mapping[str, Any], **data: Any) -> None:
    """The same within a transaction that is already there. Changes of tiers are told to webhooks, too."""
    id_ = new_id("lats")
    activity = {
        "id": id_,
        "type": f"vl.tier_structure.{what}",
        "data": {"tier_structure": dict(structure), **data},
        "created_at": millisecond_text(visit.context.now),
        "group_id": None,
        "source": {"channel": "API", "api_key": {"name": visit.principal.key_id, "app_id": visit.principal.key_id}},
        "tier_structure_id": structure["id"],
    }
    documents.create(KIND, id_, activity, parent=str(structure["id"]))
    if "tier" in data:
        simple = {"id": structure["id"], "name": structure["name"], "object": "tier_structure"}
        tier = {name: data["tier"][name] for name in ("id", "tier_structure_id", "name", "object")}
        documents.tell(what, {"campaign": simple, "loyalty_tier": tier})
