"""Imports and sync sources on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from pydantic import Field, with_config
from typing_extensions import TypedDict

from ziggurat import limits
from ziggurat.app.audiences.audience_views import ImportFaultView, ImportView, SyncSourceView
from ziggurat.http.fields import InstantText, instant_text, optional_instant
from ziggurat.http.native.models.common import NextCursor
from ziggurat.http.strict_bodies import STRICT

ModeName: TypeAlias = Literal["skip", "update", "create"]
StateName: TypeAlias = Literal["waiting", "pending", "processing", "completed", "failed"]


@with_config(STRICT)
class NewImport(TypedDict):
    """An import; `mode` says what to do with members who are known: leave them, update them, refuse the row."""

    mode: NotRequired[ModeName]


@with_config(STRICT)
class FileBody(TypedDict):
    """A file as text, for those who would rather send JSON than the file itself."""

    csv: Annotated[str, Field(max_length=limits.DOCUMENT_BYTES_MAX)]


@with_config(STRICT)
class SyncSettings(TypedDict):
    """How to read a source."""

    format: NotRequired[Literal["csv", "json"]]
    headers: NotRequired[dict[str, str]]
    mode: NotRequired[Literal["skip", "update"]]


@with_config(STRICT)
class NewSource(TypedDict):
    """Where a list comes from: a URL that answers GET, or a key in the place for files."""

    kind: Literal["http", "object"]
    location: Annotated[str, Field(min_length=1, max_length=2_000)]
    settings: NotRequired[SyncSettings]


class Import(TypedDict):
    """An import; `progress` is 0-100. `upload_url` takes the file by PUT, null: send it here."""

    id: str
    audience: str
    mode: ModeName
    state: StateName
    progress: int
    rows_total: int | None
    rows_done: int
    rows_failed: int
    members_created: int
    members_updated: int
    members_added: int
    error: str | None
    created_by: str
    created_at: InstantText
    started_at: InstantText | None
    finished_at: InstantText | None
    upload_url: str | None


class Imports(TypedDict):
    """A page of imports."""

    items: list[Import]
    next_cursor: NextCursor


class RowFault(TypedDict):
    """What is wrong with one record, counted from 1; `column` "" is all of it."""

    row: int
    column: str
    code: str
    problem: str


class RowFaults(TypedDict):
    """A page of faults."""

    items: list[RowFault]
    next_cursor: NextCursor


class SyncFault(TypedDict):
    """What is wrong with one record of a source, counted from 1."""

    row: int
    column: str
    code: str
    problem: str


class SyncResult(TypedDict):
    """What the latest sync has changed, and the first of the records that it could not use."""

    created: int
    updated: int
    added: int
    removed: int
    failed: int
    first_faults: list[SyncFault]


class Source(TypedDict):
    """Where a list comes from, and how the latest sync went. Headers are not shown."""

    id: str
    audience: str
    kind: str
    location: str
    settings: dict[str, Any]
    state: Literal["pending", "success", "failed"]
    error: str | None
    asked_at: InstantText | None
    synced_at: InstantText | None
    result: SyncResult | None
    created_by: str
    created_at: InstantText
    updated_at: InstantText


def import_model(view: ImportView, upload_url: str | None = None) -> dict[str, Any]:
    """An import on the wire."""
    return {
        "id": view.id,
        "audience": view.audience,
        "mode": str(view.mode),
        "state": str(view.state),
        "progress": view.progress,
        "rows_total": view.rows_total,
        "rows_done": view.rows_done,
        "rows_failed": view.rows_failed,
        "members_created": view.members_created,
        "members_updated": view.members_updated,
        "members_added": view.members_added,
        "error": view.error,
        "created_by": view.created_by,
        "created_at": instant_text(view.created_at),
        "started_at": optional_instant(view.started_at),
        "finished_at": optional_instant(view.finished_at),
        "upload_url": upload_url,
    }


def fault_model(view: ImportFaultView) -> dict[str, Any]:
    """A row's fault on the wire."""
    return {"row": view.row, "column": view.column, "code": view.code, "problem": view.problem}


def source_model(view: SyncSourceView) -> dict[str, Any]:
    """A sync source on the wire."""
    return {
        "id": view.id,
        "audience": view.audience,
        "kind": view.kind,
        "location": view.location,
        "settings": dict(view.settings),
        "state": str(view.state),
        "error": view.error,
        "asked_at": optional_instant(view.asked_at),
        "synced_at": optional_instant(view.synced_at),
        "result": None if view.result is None else dict(view.result),
        "created_by": view.created_by,
        "created_at": instant_text(view.created_at),
        "updated_at": instant_text(view.updated_at),
    }
