"""What a face remembers beyond programs and members: documents by kind and key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ziggurat.app.context import Context
from ziggurat.store.database import Connection
from ziggurat.store.repositories import faces


def read_face_document(context: Context, face: str, kind: str, key: str) -> Mapping[str, Any] | None:
    """The document of `face` with that kind and key, None if there is none."""
    with context.database.reading() as connection:
        found = faces.get(connection, context.scope, face, kind, key)
    return None if found is None else found.document


def ensure_face_document(
    context: Context, face: str, kind: str, key: str, make: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """The document of `face` with that kind and key; `make` says what it is when there is none yet."""
    known = read_face_document(context, face, kind, key)
    if known is not None:
        return known
    made = dict(make())

    def work(connection: Connection) -> Mapping[str, Any]:
        found = faces.get(connection, context.scope, face, kind, key)
        if found is None:
            found = faces.create(connection, context.scope, face, kind, key, made, created_at=context.now)
        return found.document

    return context.database.write(work)
