"""What a vendor face remembers beyond the programs: documents by kind and key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, func

from ziggurat.store.errors import StaleVersionError
from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.rows import OnConflict, write_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.sequences import take_one
from ziggurat.store.tables import face_documents, members
from ziggurat.store.tables.base import canonical_json


class FaceDocument(NamedTuple):
    """A document of a face. `parent` groups what belongs together, `position` is the order of creation.

    `subject` is the external id of the member whom it is about, if it is about one.
    """

    face: str
    kind: str
    key: str
    parent: str
    subject: str | None
    document: dict[str, Any]
    position: int
    version: int
    created_at: int
    updated_at: int


_COLUMNS = columns_of(face_documents, FaceDocument)


def _is(face: str, kind: str, key: str) -> Any:
    return (face_documents.c.face == face) & (face_documents.c.kind == kind) & (face_documents.c.key == key)


def create(  # noqa: PLR0913 - everything that a document is found by
    connection: Connection,
    scope: Scope,
    face: str,
    kind: str,
    key: str,
    document: dict[str, Any],
    *,
    created_at: int,
    parent: str = "",
    subject: str | None = None,
) -> FaceDocument:
    """Keep a new document."""
    position = take_one(connection, scope, "definitions")
    row = FaceDocument(face, kind, key, parent, subject, document, position, 1, created_at, created_at)
    connection.execute(scope.insert(face_documents).values(row._asdict()))
    return row


def ensure(
    connection: Connection, scope: Scope, face: str, kind: str, key: str, document: dict[str, Any], *, created_at: int
) -> None:
    """Keep a new document unless there is one, whoever else does the same at this moment."""
    position = take_one(connection, scope, "definitions")
    row = (face, kind, key, "", None, canonical_json(document), position, 1, created_at, created_at)
    write_rows(connection, scope, face_documents, FaceDocument._fields, [row], OnConflict.IGNORE)


def get(
    connection: Connection, scope: Scope, face: str, kind: str, key: str, *, lock: bool = False
) -> FaceDocument | None:
    """One document; with `lock` nobody else changes it until the transaction ends."""
    query = scope.select(face_documents, *_COLUMNS).where(_is(face, kind, key))
    return one_of(connection, query.with_for_update() if lock else query, FaceDocument)


def several(connection: Connection, scope: Scope, face: str, kind: str, keys: Iterable[str]) -> dict[str, FaceDocument]:
    """Those of the documents of a kind that there are, by key."""
    query = scope.select(face_documents, *_COLUMNS).where(
        face_documents.c.face == face, face_documents.c.kind == kind, among(connection, face_documents.c.key, keys)
    )
    return {document.key: document for document in all_of(connection, query, FaceDocument)}


def page(
    connection: Connection,
    scope: Scope,
    face: str,
    kind: str,
    *,
    parent: str | None = None,
    after: int = 0,
    limit: int,
    newest_first: bool = False,
) -> list[FaceDocument]:
    """The next `limit` documents of a kind by position (`after` 0 starts), of one parent if it is named."""
    position = face_documents.c.position
    query = scope.select(face_documents, *_COLUMNS).where(face_documents.c.face == face, face_documents.c.kind == kind)
    if parent is not None:
        query = query.where(face_documents.c.parent == parent)
    if after:
        query = query.where(position < after if newest_first else position > after)
    return all_of(connection, query.order_by(position.desc() if newest_first else position).limit(limit), FaceDocument)


def count(connection: Connection, scope: Scope, face: str, kind: str, parent: str | None = None) -> int:
    """How many documents of a kind there are, of one parent if it is named."""
    query = scope.select(face_documents, func.count()).where(
        face_documents.c.face == face, face_documents.c.kind == kind
    )
    if parent is not None:
        query = query.where(face_documents.c.parent == parent)
    return int(connection.execute(query).scalar_one())


def save(connection: Connection, scope: Scope, document: FaceDocument) -> FaceDocument:
    """Store `document`, as read before; it with its new version.

    Raises:
        StaleVersionError: somebody else has changed it since.
    """
    changed = document._replace(version=document.version + 1)
    mine = _is(document.face, document.kind, document.key) & (face_documents.c.version == document.version)
    if connection.execute(scope.update(face_documents).where(mine).values(changed._asdict())).rowcount != 1:
        raise StaleVersionError(document.kind, document.key, document.version)
    return changed


def members_about(connection: Connection, scope: Scope, names: Iterable[str]) -> list[int]:
    """The numbers of members under whose names documents about others are kept: cards of those `names`, say."""
    same = members.c.external_id == face_documents.c.key
    query = scope.select_joined(face_documents, members, same, members.c.id).where(
        among(connection, face_documents.c.subject, names), face_documents.c.key != face_documents.c.subject
    )
    return sorted(set(connection.execute(query).scalars()))


def forget(connection: Connection, scope: Scope, names: Iterable[str]) -> None:
    """Remove every face's documents about the members that are called so."""
    connection.execute(scope.delete(face_documents).where(among(connection, face_documents.c.subject, names)))


def delete(connection: Connection, scope: Scope, face: str, kind: str, key: str) -> bool:
    """Remove a document; whether there was one."""
    return connection.execute(scope.delete(face_documents).where(_is(face, kind, key))).rowcount == 1
