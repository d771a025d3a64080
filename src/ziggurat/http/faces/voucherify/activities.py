"""The activity log of tier structures, kept in the words of both dialects, for each client reads its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ziggurat.app.faces.change_face_documents import FaceDocuments, change_face_documents
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import Visit
from ziggurat.http.faces.voucherify.dialect import FACE, Dialect
from ziggurat.http.faces.voucherify.ids import new_id

KIND = "activity"
TYPES = (
    *("created", "updated", "deleted", "activated", "deactivated", "drafted", "assigned", "unassigned"),
    *("tier.created", "tier.updated", "tier.deleted"),
)


Show = Callable[[Dialect], Mapping[str, Any]]


def note(visit: Visit, what: str, show: Show) -> None:
    """Log that `what` happened to a structure; `show` says its `tier_structure`, and whatever else it was about."""
    change_face_documents(visit.context, FACE, lambda documents: note_in(documents, visit, what, show))


def note_in(documents: FaceDocuments, visit: Visit, what: str, show: Show) -> None:
    """The same within a transaction that is already there. Changes of tiers are told to webhooks, too."""
    id_ = new_id("lats")
    shown = {dialect.value: dict(show(dialect)) for dialect in Dialect}
    said = shown[Dialect.SEED]
    structure = said["tier_structure"]
    activity = {
        "id": id_,
        "type": f"vl.tier_structure.{what}",
        "data": shown,
        "created_at": millisecond_text(visit.context.now),
        "group_id": None,
        "source": {"channel": "API", "api_key": {"name": visit.principal.key_id, "app_id": visit.principal.key_id}},
        "tier_structure_id": structure["id"],
    }
    documents.create(KIND, id_, activity, parent=str(structure["id"]))
    if "tier" in said:
        simple = {"id": structure["id"], "name": structure["name"], "object": "tier_structure"}
        tier = {name: said["tier"][name] for name in ("id", "tier_structure_id", "name", "object")}
        documents.tell(what, {"campaign": simple, "loyalty_tier": tier})


def show_activity(document: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """An activity as clients of `dialect` read it."""
    return {**document, "data": document["data"][dialect]}
