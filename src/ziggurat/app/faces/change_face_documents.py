"""Several documents of a vendor face, and the events they go with, changed in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ziggurat.app.context import Context
from ziggurat.app.errors import RefusedEventError
from ziggurat.app.events.announce_moves import is_anybody_listening
from ziggurat.app.events.ingest_events import ingest
from ziggurat.app.events.load_programs import LoadedProgram, load_program
from ziggurat.app.events.views import IngestOutcome
from ziggurat.app.programs.publish_program import publish
from ziggurat.app.programs.views import ActivationView
from ziggurat.program.events import Event
from ziggurat.store.database import Connection
from ziggurat.store.errors import AlreadyExistsError, NotFoundError
from ziggurat.store.repositories import faces, members, organizations, outbox
from ziggurat.store.repositories.faces import FaceDocument
from ziggurat.store.repositories.outbox import Message

T = TypeVar("T")
_PAGE = 500


@dataclass(frozen=True, slots=True)
class FaceDocuments:
    """The documents of one face in one organization, within one transaction."""

    connection: Connection
    context: Context
    face: str

    def find(self, kind: str, key: str) -> FaceDocument | None:
        return faces.get(self.connection, self.context.scope, self.face, kind, key)

    def read(self, kind: str, key: str) -> FaceDocument:
        """The document.

        Raises:
            NotFoundError: there is none.
        """
        found = self.find(kind, key)
        if found is None:
            raise NotFoundError(kind, key)
        return found

    def every(self, kind: str, parent: str | None = None) -> list[FaceDocument]:
        """All documents of a kind, oldest first."""
        found: list[FaceDocument] = []
        while True:
            after = found[-1].position if found else 0
            scope = self.context.scope
            page = faces.page(self.connection, scope, self.face, kind, parent=parent, after=after, limit=_PAGE)
            found += page
            if len(page) < _PAGE:
                return found

    def several(self, kind: str, keys: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """What those of the documents say that there are, by key."""
        found = faces.several(self.connection, self.context.scope, self.face, kind, keys)
        return {key: each.document for key, each in found.items()}

    def create(
        self, kind: str, key: str, document: dict[str, Any], parent: str = "", subject: str | None = None
    ) -> FaceDocument:
        """A new document, made now. One about a member, the `subject`, goes with her when she is erased.

        If it is kept under the name of another member, that one is a part of her, and goes with her, too.

        Raises:
            AlreadyExistsError: there is one with that key.
        """
        if self.find(kind, key) is not None:
            raise AlreadyExistsError(kind, key)
        now, scope = self.context.now, self.context.scope
        return faces.create(
            self.connection, scope, self.face, kind, key, document, created_at=now, parent=parent, subject=subject
        )

    def save(self, document: FaceDocument, **changes: Any) -> FaceDocument:
        """`document` as read before, with those fields of its content changed now."""
        changed = document._replace(document={**document.document, **changes}, updated_at=self.context.now)
        return faces.save(self.connection, self.context.scope, changed)

    def take(self, event: Event) -> IngestOutcome:
        """What becomes of an event that is handed to the ledger, in the same transaction."""
        return ingest(self.connection, self.context, [event])[0]

    def record(self, event: Event) -> None:
        """Take an event into the ledger, in the same transaction.

        Raises:
            RefusedEventError: the ledger does not take it.
        """
        outcome = self.take(event)
        if outcome.result not in ("accepted", "duplicate"):
            raise RefusedEventError(outcome.code, outcome.reason)

    def tell(self, what: str, payload: Mapping[str, Any]) -> None:
        """Put a message of the face's own (its type is `FACE:WHAT`) into the outbox, if anybody listens."""
        if is_anybody_listening(self.connection, self.context):
            now = self.context.now
            outbox.add(self.connection, self.context.scope, [Message(f"{self.face}:{what}", dict(payload), now, now)])

    def knows_member(self, member: str) -> bool:
        """Whether the organization has a member of that name."""
        return members.get(self.connection, self.context.scope, member) is not None

    def program(self, program: str) -> LoadedProgram:
        """The program with that public id.

        Raises:
            NotFoundError: there is none.
        """
        return load_program(self.connection, self.context, program)

    def lock_program(self, program: str) -> LoadedProgram:
        """`program`, which nobody else changes before the transaction ends.

        Raises:
            NotFoundError: there is none.
        """
        return load_program(self.connection, self.context, program, lock=True)

    def may_approve_own(self) -> bool:
        """Whether the organization lets people approve what they wrote."""
        return organizations.get(self.connection, self.context.scope).self_approval

    def publish(self, program: str, document: dict[str, Any], author: str, note: str = "") -> ActivationView:
        """Make what `author` wrote, and the actor approves, the program's next revision.

        Raises:
            InvalidProgramError, ApprovalRequiredError, ActivationPendingError: as for `publish_program`.
        """
        return publish(self.connection, self.context, document, program, author=author, note=note)

    def delete(self, kind: str, key: str) -> bool:
        return faces.delete(self.connection, self.context.scope, self.face, kind, key)


def read_face_documents(context: Context, face: str, work: Callable[[FaceDocuments], T]) -> T:
    """What `work` makes of the face's documents, which it must not change."""
    with context.database.reading() as connection:
        return work(FaceDocuments(connection, context, face))


def change_face_documents(context: Context, face: str, work: Callable[[FaceDocuments], T]) -> T:
    """What `work` answers, with all its changes or none; it may be called again when others were in the way."""
    return context.database.write(lambda connection: work(FaceDocuments(connection, context, face)))
