"""Making a customer a member of a program, with a card for each of its active wallets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ziggurat.app.faces.change_face_documents import FaceDocuments
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import Visit
from ziggurat.http.faces.voucherify import activities
from ziggurat.http.faces.voucherify.cards import card_status
from ziggurat.http.faces.voucherify.errors import ApiError
from ziggurat.http.faces.voucherify.ids import customer_id, new_id
from ziggurat.http.faces.voucherify.kept import document_metadata
from ziggurat.http.faces.voucherify.members import (
    CARD_OF,
    KIND,
    MEMBERSHIP,
    member_of,
    membership_key,
    points_name,
    show_member,
)
from ziggurat.http.faces.voucherify.programs import show_program
from ziggurat.http.faces.voucherify.read_wire import invalid
from ziggurat.http.faces.voucherify.translate_rules import Wire
from ziggurat.program.events import Event, EventType
from ziggurat.store.repositories.faces import FaceDocument


def enrol(
    visit: Visit, documents: FaceDocuments, program: FaceDocument, said: Mapping[str, Any], id_: str
) -> FaceDocument:
    """The new member `id_`, as the body `said` wants it. Nothing is written before everything is checked.

    Raises:
        ApiError: `invalid_payload`, `member_already_exists`.
    """
    member = member_of(documents, _named(said))
    metadata = document_metadata({}, said.get("metadata"))
    customer = customer_id(member)
    key = membership_key(program.key, customer)
    if documents.find(MEMBERSHIP, key) is not None:
        details = f"Customer '{customer}' already is a member of program '{program.key}'"
        raise ApiError("member_already_exists", details, resource=("program", program.key))
    documents.create(MEMBERSHIP, key, {"member_id": id_}, parent=customer, subject=member)
    wallets = [each["id"] for each in program.document["card_definitions"]]
    active = [each for each in wallets if card_status(documents, each) == "ACTIVE"]
    cards = [_new_card(visit, documents, member, each, id_) for each in active]
    own = {
        "member": member,
        "status": said.get("status") or "ACTIVE",
        "metadata": metadata,
        "updated_at": None,
        "cards": cards,
    }
    made = documents.create(KIND, id_, own, parent=program.key, subject=member)
    data = {"member": show_member(made), "program": show_program(program)}
    activities.record(documents, visit, ("member", id_), "created", data, member)
    return made


def require_open(visit: Visit, program: FaceDocument) -> None:
    """See that members may join the program and have points moved.

    Raises:
        ApiError: `non_active_program`, `program_outside_validity_window`.
    """
    own, resource = program.document, ("program", program.key)
    if own["status"] != "ACTIVE":
        raise ApiError("non_active_program", f"Program {program.key} is not active", resource=resource)
    now = visit.context.now / 1_000_000
    starts, ends = own["start_date"], own["end_date"]
    early = starts is not None and now < datetime.fromisoformat(starts).timestamp()
    if early or (ends is not None and now >= datetime.fromisoformat(ends).timestamp()):
        details = f"Program {program.key} is outside of its validity window"
        raise ApiError("program_outside_validity_window", details, resource=resource)


def _named(said: Mapping[str, Any]) -> str:
    """The customer that a request names: an id, or the id that a source id has.

    Raises:
        ApiError: none or two are named.
    """
    direct, other = said.get("customer_id"), said.get("customer_identification")
    if (direct is None) is (other is None):
        raise invalid("Payload must have either property 'customer_id' or 'customer_identification'")
    if other is None:
        return str(direct)
    named, stranger = other.get(other["type"]), ({"customer_id", "customer_source_id"} - {other["type"]}).pop()
    if named is None or other.get(stranger) is not None:
        raise invalid(f"Property .customer_identification must have required property '{other['type']}' alone")
    return str(named) if other["type"] == "customer_id" else customer_id(str(named))


def _new_card(visit: Visit, documents: FaceDocuments, member: str, definition: str, member_id: str) -> Wire:
    id_ = new_id("lcrd")
    name = points_name(documents, member, id_)
    documents.create(CARD_OF, name, {"card_id": id_}, subject=member)
    now = visit.context.now
    documents.record(Event(name, EventType.MEMBER_ENROLLED, now, id=f"{member_id}/{id_}"))
    return {"id": id_, "card_definition_id": definition, "member": name, "created_at": millisecond_text(now)}
