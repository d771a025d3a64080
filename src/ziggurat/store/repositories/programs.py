"""Programs, their revisions and drafts."""

from __future__ import annotations

from json import loads
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from ziggurat.program.model import Activation, Status
from ziggurat.store.errors import StaleVersionError
from ziggurat.store.prepared import Prepared
from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.scope import Scope
from ziggurat.store.sequences import take_one
from ziggurat.store.tables import drafts, program_revisions, programs
from ziggurat.store.tables.programs import DraftState

_TURNS = 0x5A49 << 48
"""Tells the locks of programs from others' advisory locks in the same database."""


class ProgramRow(NamedTuple):
    """A program without its document: that is its revisions' and drafts'.

    `latest_revision` is the newest number, 0 before the first; `published_revision` the newest that all stored states
    have seen. `generation` is that of the states and moves that are shown, `staging` one that an activation is working
    out, `telling` one that is shown but not announced to the end: no part of what somebody changes (`version`).
    """

    id: int
    public_id: str
    name: str
    status: Status
    latest_revision: int
    published_revision: int
    settings: dict[str, Any]
    created_at: int
    updated_at: int
    version: int
    generation: int = 0
    staging: int | None = None
    telling: int | None = None


class RevisionRow(NamedTuple):
    """An immutable revision; `effective_from` None is "from the beginning"."""

    program_id: int
    number: int
    document: dict[str, Any]
    effective_from: int | None
    status: Status
    activation: Activation
    checksum: bytes
    note: str
    created_by: str
    created_at: int
    draft_id: int | None


class DraftRow(NamedTuple):
    """A draft: a document on its way to a revision. `version` is what its ETag says."""

    id: int
    program_id: int
    public_id: str
    document: dict[str, Any]
    state: DraftState
    base_revision: int
    author: str
    submitted_by: str | None
    submitted_at: int | None
    decided_by: str | None
    decided_at: int | None
    comment: str
    created_at: int
    updated_at: int
    version: int


_GENERATIONS = ("generation", "staging", "telling")
_PROGRAM = columns_of(programs, ProgramRow)
_EVERY = Prepared(lambda scope, _: scope.select(programs, *_PROGRAM).order_by(programs.c.id))
_HELD = Prepared(lambda scope, _: scope.select(programs, *_PROGRAM).order_by(programs.c.id).with_for_update(read=True))
_REVISION = columns_of(program_revisions, RevisionRow)
_DRAFT = columns_of(drafts, DraftRow)


# --- programs


def create(connection: Connection, scope: Scope, public_id: str, name: str, *, created_at: int) -> ProgramRow:
    """A new program in status `draft`, without any revision."""
    number = take_one(connection, scope, "definitions")
    row = ProgramRow(number, public_id, name, Status.DRAFT, 0, 0, {}, created_at, created_at, 1)
    connection.execute(scope.insert(programs).values(row._asdict()))
    return row


def get(connection: Connection, scope: Scope, public_id: str) -> ProgramRow | None:
    """The program with that public id."""
    return one_of(connection, scope.select(programs, *_PROGRAM).where(programs.c.public_id == public_id), ProgramRow)


def by_id(connection: Connection, scope: Scope, program_id: int) -> ProgramRow | None:
    """The program with that number."""
    return one_of(connection, scope.select(programs, *_PROGRAM).where(programs.c.id == program_id), ProgramRow)


def every(connection: Connection, scope: Scope, *, hold: bool = False) -> list[ProgramRow]:
    """All programs of the organization, oldest first.

    With `hold` nobody can add revisions to them, or put them in force, until the transaction ends; others may hold them
    too. Whoever evaluates members for keeps does.
    """
    if hold:
        _take_turn(connection, scope, shared=True)
    rows = (_HELD if hold else _EVERY).rows(connection, scope)
    return [ProgramRow._make((*row[:3], Status(row[3]), *row[4:6], loads(row[6]), *row[7:])) for row in rows]


def lock(connection: Connection, scope: Scope, program_id: int) -> ProgramRow | None:
    """The program, held until the transaction ends: puts whoever adds revisions in a row."""
    _take_turn(connection, scope, shared=False)
    query = scope.select(programs, *_PROGRAM).where(programs.c.id == program_id).with_for_update()
    return one_of(connection, query, ProgramRow)


def _take_turn(connection: Connection, scope: Scope, *, shared: bool) -> None:
    """Stand in line, until the transaction ends.

    PostgreSQL lets those who share a row pass whoever waits for it alone: while events come in without a pause, no
    revision would ever be put in force. Its advisory locks know a line; SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        take = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        connection.execute(select(take(_TURNS | scope.organization_id)))


def save(connection: Connection, scope: Scope, program: ProgramRow) -> ProgramRow:
    """Store the fields of `program`, as read before; it with its new version.

    Raises:
        StaleVersionError: somebody else has changed it since.
    """
    changed = program._replace(version=program.version + 1)
    statement = scope.update(programs).where(programs.c.id == program.id, programs.c.version == program.version)
    values = {name: value for name, value in changed._asdict().items() if name not in _GENERATIONS}
    if connection.execute(statement.values(values)).rowcount != 1:
        raise StaleVersionError("program", program.public_id, program.version)
    return changed


def set_generations(connection: Connection, scope: Scope, program: ProgramRow) -> None:
    """Store which generations of `program` are shown, staged and told. It must be locked."""
    values = {name: getattr(program, name) for name in _GENERATIONS}
    connection.execute(scope.update(programs).where(programs.c.id == program.id).values(values))


def shown_generation(scope: Scope, program_id: int | ColumnElement[int]) -> ColumnElement[int]:
    """The generation that is shown of a program, within a statement; 0 of one that is not there."""
    query = scope.select(programs, programs.c.generation).where(programs.c.id == program_id)
    return func.coalesce(query.scalar_subquery(), 0)


# --- revisions


def add_revision(connection: Connection, scope: Scope, revision: RevisionRow) -> None:
    """Store a further revision. The program must be locked, and `number` the one after its latest."""
    connection.execute(scope.insert(program_revisions).values(revision._asdict()))


def revisions(connection: Connection, scope: Scope, program_id: int) -> list[RevisionRow]:
    """All revisions of a program, oldest first: what an evaluation needs."""
    query = scope.select(program_revisions, *_REVISION).where(program_revisions.c.program_id == program_id)
    return all_of(connection, query.order_by(program_revisions.c.number), RevisionRow)


def revision(connection: Connection, scope: Scope, program_id: int, number: int) -> RevisionRow | None:
    """One revision of a program."""
    query = scope.select(program_revisions, *_REVISION).where(
        program_revisions.c.program_id == program_id, program_revisions.c.number == number
    )
    return one_of(connection, query, RevisionRow)


# --- drafts


def create_draft(
    connection: Connection,
    scope: Scope,
    program: ProgramRow,
    public_id: str,
    document: dict[str, Any],
    *,
    author: str,
    created_at: int,
) -> DraftRow:
    """A new draft of `program`, on top of its latest revision."""
    number = take_one(connection, scope, "definitions")
    row = DraftRow(
        id=number,
        program_id=program.id,
        public_id=public_id,
        document=document,
        state=DraftState.DRAFT,
        base_revision=program.latest_revision,
        author=author,
        submitted_by=None,
        submitted_at=None,
        decided_by=None,
        decided_at=None,
        comment="",
        created_at=created_at,
        updated_at=created_at,
        version=1,
    )
    connection.execute(scope.insert(drafts).values(row._asdict()))
    return row


def draft(connection: Connection, scope: Scope, public_id: str) -> DraftRow | None:
    """The draft with that public id."""
    return one_of(connection, scope.select(drafts, *_DRAFT).where(drafts.c.public_id == public_id), DraftRow)


def drafts_of(connection: Connection, scope: Scope, program_id: int, *states: DraftState) -> list[DraftRow]:
    """The drafts of a program, newest first; in those states, if any are named."""
    query = scope.select(drafts, *_DRAFT).where(drafts.c.program_id == program_id)
    if states:
        query = query.where(drafts.c.state.in_(states))
    return all_of(connection, query.order_by(drafts.c.id.desc()), DraftRow)


def save_draft(connection: Connection, scope: Scope, draft: DraftRow) -> DraftRow:
    """Store the fields of `draft`, as read before; it with its new version.

    Raises:
        StaleVersionError: somebody else has changed it since.
    """
    changed = draft._replace(version=draft.version + 1)
    statement = scope.update(drafts).where(drafts.c.id == draft.id, drafts.c.version == draft.version)
    if connection.execute(statement.values(changed._asdict())).rowcount != 1:
        raise StaleVersionError("draft", draft.public_id, draft.version)
    return changed
