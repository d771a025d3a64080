"""Members of programs, the points on their cards, and their memberships."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ziggurat.app.faces.change_face_documents import FaceDocuments, change_face_documents, read_face_documents
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.voucherify import activities
from ziggurat.http.faces.voucherify import wire_members as wire
from ziggurat.http.faces.voucherify.card_activities import card_activities
from ziggurat.http.faces.voucherify.card_points import (
    balance_of,
    bucket_of,
    events_of,
    movements,
    show_card,
    show_transaction,
)
from ziggurat.http.faces.voucherify.dialect import FACE, Dialect
from ziggurat.http.faces.voucherify.enrolment import enrol, require_open
from ziggurat.http.faces.voucherify.errors import ApiError, not_found
from ziggurat.http.faces.voucherify.ids import customer_id, new_id
from ziggurat.http.faces.voucherify.kept import document_metadata
from ziggurat.http.faces.voucherify.lists import ListKind, only_parameters, page_of, refused
from ziggurat.http.faces.voucherify.members import (
    KIND,
    MEMBERSHIP,
    find_card,
    find_member,
    member_of,
    membership_key,
    show_member,
)
from ziggurat.http.faces.voucherify.programs import find_program, live_programs, show_program
from ziggurat.http.faces.voucherify.read_wire import read_body
from ziggurat.http.faces.voucherify.routes_programs import ONE as PROGRAM
from ziggurat.http.faces.voucherify.structures import Structure, structures
from ziggurat.http.faces.voucherify.tier_progress import show_progress, tier_transactions
from ziggurat.http.faces.voucherify.translate_rules import Wire
from ziggurat.program.amounts import SCALE
from ziggurat.program.events import Event, EventType
from ziggurat.store.repositories.faces import FaceDocument

BASE = f"{PROGRAM}/members"
ONE = f"{BASE}/{{memberId}}"
CARD = f"{ONE}/cards/{{cardId}}"
LIST = ListKind(
    "lcrsmbr",
    ("created_at",),
    {"id": "id", "customer_id": "id", "status": "enum", "created_at": "date"},
    {"status": ("ACTIVE", "INACTIVE")},
)
MOVES = ListKind("lcrsttx", ("created_at",), {"card_id": "id", "created_at": "date"})
POINTS = ListKind(
    "lcrsctx",
    ("id", "created_at"),
    {"id": "id", "card_definition_id": "id", "type": "string", "created_at": "date"},
)
ADDED = "Points addition transaction created"
SUBTRACTED = "Points subtraction transaction created"
NO_CHANGE = "Provided amount is zero, transaction was not created"
BUCKETS = {"expiring": ListKind("lcrspeb"), "pending": ListKind("lcrsppb")}
_LOGGED = {"id": "id", "type": "enum", "created_at": "date"}
ACTIVITIES = {
    kind: ListKind(cursor, ("created_at",), _LOGGED, {"type": activities.types_of(kind, types)}, rounds_limit=True)
    for kind, cursor, types in (
        ("member", "lcrsambr", activities.MEMBER_TYPES),
        ("card", "lcrsacrd", activities.CARD_TYPES),
    )
}
_IDENTIFICATIONS = ("customer_id", "customer_source_id", "member_id")


class _Members:
    """The operations in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def routes(self) -> list[FaceRoute]:
        ingest, read, answer = KeyScope.INGEST, KeyScope.READ, wire.Member
        one: dict[str, Any] = {"answer": answer, "refusals": (404, 423)}
        how = {
            "name": "identification_type",
            "in": "query",
            "required": False,
            "schema": {"type": "string", "enum": list(_IDENTIFICATIONS)},
        }
        return [
            FaceRoute(
                method="POST", path=BASE, scope=ingest, run=self.create, summary="Make a customer a member",
                body=wire.MemberCreate, answer=answer, refusals=(404, 409, 423),
            ),
            FaceRoute(
                method="GET", path=BASE, scope=read, run=self.listed, summary="List the members of a program",
                answer=wire.Listed, refusals=(404,), parameters=LIST.parameters,
            ),
            FaceRoute(method="GET", path=ONE, scope=read, run=self.get, summary="Read a member", **one),
            FaceRoute(
                method="PUT", path=ONE, scope=ingest, run=self.update, summary="Change a member's metadata",
                body=wire.MemberUpdate, **one,
            ),
            FaceRoute(method="DELETE", path=ONE, scope=ingest, run=self.delete, summary="Delete a member", **one),
            FaceRoute(
                method="POST", path=f"{ONE}/activate", scope=ingest, run=self.activate, summary="Activate a member",
                **one,
            ),
            FaceRoute(
                method="POST", path=f"{ONE}/deactivate", scope=ingest, run=self.deactivate,
                summary="Deactivate a member", **one,
            ),
            FaceRoute(
                method="POST", path=f"{CARD}/points", scope=ingest, run=self.adjust, summary="Credit or debit points",
                body=wire.PointsChange, answer=wire.PointsChanged, refusals=(404, 423),
            ),
            FaceRoute(
                method="GET", path=f"{CARD}/transactions", scope=read, run=self.transactions,
                summary="What moved the points of a card", answer=wire.Listed, refusals=(404,),
                parameters=POINTS.parameters,
            ),
            *(
                FaceRoute(
                    method="GET", path=f"{CARD}/{what}-points", scope=read, run=self._none(kind),
                    summary=f"The {what} points of a card: none, as no wallet here has any", answer=wire.Listed,
                    refusals=(404,), parameters=kind.parameters,
                )
                for what, kind in BUCKETS.items()
            ),
            FaceRoute(
                method="GET", path=f"{ONE}/activities", scope=read, run=self.activities,
                summary="What happened to a member", answer=wire.Listed, refusals=(404,),
                parameters=ACTIVITIES["member"].parameters,
            ),
            FaceRoute(
                method="GET", path=f"{CARD}/activities", scope=read, run=self.card_activities,
                summary="What happened to a card", answer=wire.Listed, refusals=(404,),
                parameters=ACTIVITIES["card"].parameters,
            ),
            FaceRoute(
                method="GET", path=f"{ONE}/tiers/transactions", scope=read, run=self.moves,
                summary="How a member moved between tiers", answer=wire.Listed, refusals=(404,),
                parameters=MOVES.parameters,
            ),
            FaceRoute(
                method="GET", path=f"{PROGRAM}/memberships/{{customerId}}", scope=read, run=self.membership,
                summary="A customer's membership with its tier progress", answer=wire.Membership, refusals=(404,),
                parameters=(how,),
            ),
            FaceRoute(
                method="GET", path="/loyalties/memberships/{customerId}", scope=read, run=self.memberships,
                summary="All memberships of a customer", answer=wire.Memberships, parameters=(how,),
            ),
        ]  # fmt: skip

    def create(self, visit: Visit) -> Wire:
        only_parameters(visit, ())
        _, said = read_body(wire.MemberCreate, visit.body)
        id_ = new_id("lmbr")

        def work(documents: FaceDocuments) -> FaceDocument:
            program = find_program(documents, visit.path["programId"])
            require_open(visit, program)
            return enrol(visit, documents, program, said, id_)

        return show_member(change_face_documents(visit.context, FACE, work))

    def listed(self, visit: Visit) -> Wire:
        def every(documents: FaceDocuments) -> list[Wire]:
            program = find_program(documents, visit.path["programId"])
            found = documents.every(KIND, program.key)
            return [show_member(each) for each in found if each.document["status"] != "DELETED"]

        return page_of(visit, LIST, read_face_documents(visit.context, FACE, every))

    def get(self, visit: Visit) -> Wire:
        only_parameters(visit, ())
        _, found = self._read(visit)
        cards = [show_card(visit.context, card) for card in found.document["cards"]]
        return {**show_member(found), "cards": cards}

    def update(self, visit: Visit) -> Wire:
        _, said = read_body(wire.MemberUpdate, visit.body)

        def work(documents: FaceDocuments, found: FaceDocument) -> FaceDocument:
            if "metadata" not in said:
                return found
            metadata = document_metadata(found.document["metadata"], said["metadata"])
            return _saved(visit, documents, found, metadata=metadata)

        return self._changed(visit, work, "updated")

    def delete(self, visit: Visit) -> Wire:
        def work(documents: FaceDocuments, found: FaceDocument) -> FaceDocument:
            documents.delete(MEMBERSHIP, membership_key(found.parent, customer_id(found.document["member"])))
            return _saved(visit, documents, found, status="DELETED")

        return self._changed(visit, work)

    def activate(self, visit: Visit) -> Wire:
        return self._step(visit, "activate", "INACTIVE", "ACTIVE")

    def deactivate(self, visit: Visit) -> Wire:
        return self._step(visit, "deactivate", "ACTIVE", "INACTIVE")

    def adjust(self, visit: Visit) -> Wire:
        only_parameters(visit, ())
        _, said = read_body(wire.PointsChange, visit.body)
        program, member = self._read(visit)
        card = find_card(member, visit.path["cardId"])
        require_open(visit, program)
        if member.document["status"] != "ACTIVE":
            raise ApiError("non_active_member", f"Member {member.key} is not active", resource=("member", member.key))
        points = int(said["points"])
        if points == 0:
            return {"transaction": None, "status": "NO_CHANGE", "message": NO_CHANGE}
        balance = balance_of(bucket_of(movements(events_of(visit.context, card["member"]))))
        if balance + points * SCALE < 0:
            key = "insufficient_card_balance" if balance > 0 else "zero_card_balance"
            raise ApiError(key, f"Card {card['id']} holds fewer points", resource=("card", card["id"]))
        event = Event(
            member=card["member"],
            type=EventType.POINTS_ADJUSTED,
            occurred_at=visit.context.now,
            id=new_id("lctx"),
            points=points * SCALE,
            # a debit lowers the balance, not what was earned (unknown 6 of the sheet)
            qualifying=points > 0,
            reason=said.get("reason") or "",
        )
        change_face_documents(visit.context, FACE, lambda documents: documents.record(event))
        ids = _ids(member, card)
        made = next(each for each in self._points(visit, card, ids) if each["id"] == event.id)
        return {"transaction": made, "status": "TRANSACTION_CREATED", "message": ADDED if points > 0 else SUBTRACTED}

    def transactions(self, visit: Visit) -> Wire:
        _, member = self._read(visit)
        card = find_card(member, visit.path["cardId"])
        return page_of(visit, POINTS, self._points(visit, card, _ids(member, card)))

    def _none(self, kind: ListKind) -> Callable[[Visit], Wire]:
        """Points of a card neither expire nor wait here: card definitions that want so are refused."""

        def run(visit: Visit) -> Wire:
            _, member = self._read(visit)
            find_card(member, visit.path["cardId"])
            return page_of(visit, kind, [])

        return run

    def moves(self, visit: Visit) -> Wire:
        program, member = self._read(visit)
        found: list[Wire] = []
        for card in member.document["cards"]:
            structure = _structure_of(visit, program, card)
            if structure is not None:
                ids = _ids(member, card)
                found += tier_transactions(visit.context, structure, card["member"], ids)
        return page_of(visit, MOVES, sorted(found, key=lambda each: str(each["created_at"])))

    def membership(self, visit: Visit) -> Wire:
        how = _identification(visit)

        def find(documents: FaceDocuments) -> tuple[FaceDocument, FaceDocument]:
            program = find_program(documents, visit.path["programId"])
            named = visit.path["customerId"]
            if how == "member_id":
                return program, find_member(documents, program.key, named)
            customer = _customer(documents, named, how)
            link = documents.find(MEMBERSHIP, membership_key(program.key, customer))
            if link is None:
                raise not_found("customer", named)
            return program, find_member(documents, program.key, link.document["member_id"])

        program, member = read_face_documents(visit.context, FACE, find)
        return self._membership(visit, program, member, progress=True)

    def memberships(self, visit: Visit) -> Wire:
        how = _identification(visit)

        def find(documents: FaceDocuments) -> list[tuple[FaceDocument, FaceDocument]]:
            named = visit.path["customerId"]
            if how == "member_id":
                member = documents.find(KIND, named)
                customer = customer_id(member.document["member"]) if member else ""
            else:
                customer = _customer(documents, named, how)
            programs = {each.key: each for each in live_programs(documents)}
            found = []
            for link in documents.every(MEMBERSHIP, customer):
                member = documents.find(KIND, link.document["member_id"])
                if member is not None and member.parent in programs:
                    found.append((programs[member.parent], member))
            return found

        pairs = read_face_documents(visit.context, FACE, find)
        return {"object": "list", "data": [self._membership(visit, *pair, progress=False) for pair in pairs]}

    def _membership(self, visit: Visit, program: FaceDocument, member: FaceDocument, *, progress: bool) -> Wire:
        cards = []
        for card in member.document["cards"]:
            structure = _structure_of(visit, program, card) if progress else None
            # no structure, no progress (unknown 23 of the sheet)
            told = show_progress(visit.context, structure, card["member"], self.dialect) if structure else None
            said = {
                "member_role": "OWNER",
                "created_at": card["created_at"],
                "card": show_card(visit.context, card),
                "object": "member_card",
            }
            cards.append({**said, "tier_progress": told} if progress else said)
        shown = show_program(program)
        return {
            "member": show_member(member),
            "program": {name: shown[name] for name in ("id", "name", "status", "metadata", "object")},
            "cards": cards,
            "object": "membership",
        }

    def _read(self, visit: Visit) -> tuple[FaceDocument, FaceDocument]:
        def find(documents: FaceDocuments) -> tuple[FaceDocument, FaceDocument]:
            program = find_program(documents, visit.path["programId"])
            return program, find_member(documents, program.key, visit.path["memberId"])

        return read_face_documents(visit.context, FACE, find)

    def _points(self, visit: Visit, card: Wire, ids: Wire) -> list[Wire]:
        moves = movements(events_of(visit.context, card["member"]))
        return [show_transaction(view, kind, moved, ids) for view, kind, moved in moves]

    def activities(self, visit: Visit) -> Wire:
        _, member = self._read(visit)
        logged = self._logged(visit, member)
        given = [each for made in logged[:1] for each in card_activities(visit.context, made, member, "member")]
        return page_of(visit, ACTIVITIES["member"], sorted([*logged, *given], key=lambda each: str(each["id"])))

    def card_activities(self, visit: Visit) -> Wire:
        _, member = self._read(visit)
        card = find_card(member, visit.path["cardId"])
        logged = self._logged(visit, member)
        given = [each for made in logged[:1] for each in card_activities(visit.context, made, member, "card")]
        return page_of(visit, ACTIVITIES["card"], [each for each in given if each["card_id"] == card["id"]])

    def _logged(self, visit: Visit, member: FaceDocument) -> list[Wire]:
        """What was logged of the member, her making first; nothing of one who was made before there was a log."""

        def every(documents: FaceDocuments) -> list[Wire]:
            return activities.recorded(documents, member.key, self.dialect)

        found = read_face_documents(visit.context, FACE, every)
        made = [each for each in found if each["type"] == "vl.member.created"]
        return [*made, *(each for each in found if each not in made)]

    def _changed(self, visit: Visit, work: Any, what: str | None = None) -> Wire:
        only_parameters(visit, ())

        def change(documents: FaceDocuments) -> FaceDocument:
            program = find_program(documents, visit.path["programId"])
            found = find_member(documents, program.key, visit.path["memberId"])
            changed: FaceDocument = work(documents, found)
            if what is not None and changed is not found:
                data = {"member": show_member(changed), "program": show_program(program)}
                activities.record(documents, visit, ("member", changed.key), what, data, changed.subject)
            return changed

        return show_member(change_face_documents(visit.context, FACE, change))

    def _step(self, visit: Visit, doing: str, before: str, after: str) -> Wire:
        def work(documents: FaceDocuments, found: FaceDocument) -> FaceDocument:
            if found.document["status"] != before:
                details = f"Cannot {doing} member from current state: '{found.document['status']}'"
                raise ApiError("invalid_state_transition", details, resource=("member", found.key))
            return _saved(visit, documents, found, status=after)

        return self._changed(visit, work, f"{doing}d")


def member_routes(dialect: Dialect) -> list[FaceRoute]:
    """The routes of members in `dialect`."""
    return _Members(dialect).routes()


def _customer(documents: FaceDocuments, named: str, how: str) -> str:
    return customer_id(named) if how == "customer_source_id" else customer_id(member_of(documents, named))


def _identification(visit: Visit) -> str:
    said = only_parameters(visit, ("identification_type",)).get("identification_type", "customer_id")
    if said not in _IDENTIFICATIONS:
        raise refused(f"Query parameter 'identification_type' must be one of [ {', '.join(_IDENTIFICATIONS)} ]")
    return said


def _structure_of(visit: Visit, program: FaceDocument, card: Wire) -> Structure | None:
    """The structure of the program that tracks the card's wallet."""
    assigned = {each["id"] for each in program.document["tier_structures"]}
    first = program.document["card_definitions"][0]["id"] if program.document["card_definitions"] else ""
    for each in structures(visit.context) if assigned else ():
        if each.id in assigned and (each.card_definition or first) == card["card_definition_id"]:
            return each
    return None


def _saved(visit: Visit, documents: FaceDocuments, found: FaceDocument, **changes: Any) -> FaceDocument:
    return documents.save(found, **changes, updated_at=millisecond_text(visit.context.now))


def _ids(member: FaceDocument, card: Wire) -> Wire:
    return {
        "card_id": card["id"],
        "program_id": member.parent,
        "member_id": member.key,
        "card_definition_id": card["card_definition_id"],
    }
