"""The activity logs of structures, programs, wallets and members.

What shows a structure is kept in the words of both dialects, for each client reads its own; all else is alike in both.
"""

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
_BOTH = "both"
"""Under which what is alike in both dialects is kept."""
_PREFIXES = {"program": "laprg", "card_definition": "lacd", "member": "lambr"}
_ASSIGNED = tuple(
    f"{kind}.{what}" for kind in ("card_definition", "tier_structure") for what in ("assigned", "unassigned")
)
PROGRAM_TYPES = ("created", "updated", "activated", "deactivated", "deleted", *_ASSIGNED)
CARD_DEFINITION_TYPES = ("created", "updated", "activated", "drafted", "deleted", "assigned", "unassigned")
MEMBER_TYPES = ("created", "updated", "activated", "deactivated", "deleted", "card.assigned", "card.unassigned")
CARD_TYPES = ("created", "assigned", "unassigned", "deleted", "code_generation.succeeded")


def note(visit: Visit, what: str, show: Show) -> None:
    """Log that `what` happened to a structure; `show` says its `tier_structure`, and whatever else it was about."""
    change_face_documents(visit.context, FACE, lambda documents: note_in(documents, visit, what, show))


def note_in(documents: FaceDocuments, visit: Visit, what: str, show: Show) -> None:
    """The same within a transaction that is already there. Changes of tiers are told to webhooks, too."""
    id_ = new_id("lats")
    shown = _in_both(show)
    said = shown[Dialect.SEED]
    structure = said["tier_structure"]
    activity = _activity(visit, "tier_structure", str(structure["id"]), what, id_, shown)
    documents.create(KIND, id_, activity, parent=str(structure["id"]))
    if "tier" in said:
        simple = {"id": structure["id"], "name": structure["name"], "object": "tier_structure"}
        tier = {name: said["tier"][name] for name in ("id", "tier_structure_id", "name", "object")}
        documents.tell(what, {"campaign": simple, "loyalty_tier": tier})


def record(
    documents: FaceDocuments,
    visit: Visit,
    about: tuple[str, str],
    what: str,
    data: Mapping[str, Any] | Show,
    subject: str | None = None,
) -> None:
    """Log that `what` happened; `about` is the kind (program, card_definition, member) and the id it happened to.

    `subject` is the member of the organization whom it tells about.
    """
    kind, id_ = about
    said: Mapping[str, Any] = {_BOTH: dict(data)} if isinstance(data, Mapping) else _in_both(data)
    key = new_id(_PREFIXES[kind])
    documents.create(KIND, key, _activity(visit, kind, id_, what, key, said), parent=id_, subject=subject)


def recorded(documents: FaceDocuments, id_: str, dialect: Dialect) -> list[dict[str, Any]]:
    """What was logged of the one with that id, in the order of ids."""
    found = [show_activity(each.document, dialect) for each in documents.every(KIND, id_)]
    return sorted(found, key=lambda each: str(each["id"]))


def types_of(kind: str, what: tuple[str, ...]) -> tuple[str, ...]:
    """The types of the activities of a kind."""
    return tuple(f"vl.{kind}.{each}" for each in what)


def show_activity(document: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """An activity as clients of `dialect` read it."""
    data = document["data"]
    return {**document, "data": data.get(_BOTH) or data[dialect]}


def _in_both(show: Show) -> dict[str, Any]:
    return {dialect.value: dict(show(dialect)) for dialect in Dialect}


def _activity(visit: Visit, kind: str, id_: str, what: str, key: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": key,
        "type": f"vl.{kind}.{what}",
        "data": data,
        "created_at": millisecond_text(visit.context.now),
        "group_id": None,
        "source": {"channel": "API", "api_key": {"name": visit.principal.key_id, "app_id": visit.principal.key_id}},
        f"{kind}_id": id_,
    }
