"""Where the list of a synced audience comes from: said, asked for, looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat import limits
from ziggurat.app.audiences.audience_views import SyncSourceView
from ziggurat.app.audiences.define_audience import begin_profiles
from ziggurat.app.audiences.refresh_audience import require_audience
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.check_texts import require_text
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, SyncInProgressError, WrongStateError
from ziggurat.app.public_ids import new_id
from ziggurat.app.webhooks.webhook_targets import check_url
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import audiences, sync_sources
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.repositories.sync_sources import SourceRow
from ziggurat.store.tables.audiences import AudienceKind, ImportMode, SyncState

KINDS = ("http", "object")
FORMATS = ("csv", "json")
_SETTINGS = {"format", "headers", "mode"}
_HEADERS_MAX = 20
_OUR_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}


def put_sync_source(
    context: Context,
    audience: str,
    *,
    kind: str,
    location: str,
    settings: Mapping[str, Any] | None = None,
    private_targets: bool = False,
) -> SyncSourceView:
    """Say where the list of `audience` comes from.

    Args:
        context: who asks.
        audience: of kind `synced`.
        kind: `http` (a URL that answers GET) or `object` (a key in the place for files).
        location: the URL or the key.
        settings: `format` csv or json, `headers` to send, `mode` skip or update.
        private_targets: whether the URL may lead to private addresses.

    Raises:
        NotFoundError: there is no such audience, or it is archived.
        WrongStateError: it is of another kind.
        InvalidRequestError, WebhookTargetRefusedError: a source that cannot be used.
    """
    if kind not in KINDS:
        raise InvalidRequestError("kind", f"must be one of {', '.join(KINDS)}")
    location = require_text("location", location)
    if kind == "http":
        check_url(location, private_targets=private_targets)
    elif not location or location.startswith("/") or ".." in location.split("/"):
        raise InvalidRequestError("location", "must be a key such as lists/vip.csv")
    kept = _checked(settings or {})

    def work(connection: Connection) -> SyncSourceView:
        row = _synced(connection, context, audience)
        found = sync_sources.of_audience(connection, context.scope, row.id, lock=True)
        if found is None:
            source = SourceRow(
                id=0,
                public_id=new_id("src"),
                audience_id=row.id,
                kind=kind,
                location=location,
                settings=kept,
                state=SyncState.PENDING,
                error=None,
                asked_at=None,
                lease_until=None,
                synced_at=None,
                result=None,
                created_by=context.actor,
                created_at=context.now,
                updated_at=context.now,
                version=1,
            )
            saved = sync_sources.create(connection, context.scope, source)
        else:
            changed = found._replace(kind=kind, location=location, settings=kept, updated_at=context.now)
            saved = sync_sources.save(connection, context.scope, changed)
        record(connection, context, "sync_source.put", f"audience:{audience}", kind=kind)
        return source_view(saved, audience)

    return context.database.write(work)


def read_sync_source(context: Context, audience: str) -> SyncSourceView:
    """The source of a synced audience, and how its latest sync went.

    Raises:
        NotFoundError: there is no such audience, or it has no source.
        WrongStateError: it is of another kind.
    """
    with context.database.reading() as connection:
        return source_view(_source(connection, context, audience), audience)


def start_sync(context: Context, audience: str) -> SyncSourceView:
    """Have the list fetched anew in the background.

    Raises:
        NotFoundError: there is no such audience, or it has no source.
        WrongStateError: it is of another kind.
        SyncInProgressError: it is being synced already.
    """
    begin_profiles(context)

    def work(connection: Connection) -> SyncSourceView:
        found = _source(connection, context, audience, lock=True)
        if found.asked_at is not None:
            raise SyncInProgressError(audience)
        asked = found._replace(
            state=SyncState.PENDING, error=None, asked_at=context.now, lease_until=None, updated_at=context.now
        )
        return source_view(sync_sources.save(connection, context.scope, asked), audience)

    return context.database.write(work)


def source_view(row: SourceRow, audience: str) -> SyncSourceView:
    """`row` as a view; the values of headers are secrets and not shown."""
    settings = dict(row.settings)
    if settings.get("headers"):
        settings["headers"] = dict.fromkeys(settings["headers"], "***")
    return SyncSourceView(
        id=row.public_id,
        audience=audience,
        kind=row.kind,
        location=row.location,
        settings=settings,
        state=row.state,
        error=row.error,
        asked_at=row.asked_at,
        synced_at=row.synced_at,
        result=row.result,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _checked(settings: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(settings) - _SETTINGS)
    if unknown:
        raise InvalidRequestError(f"settings.{unknown[0]}", "is not known")
    format_ = settings.get("format", "csv")
    if format_ not in FORMATS:
        raise InvalidRequestError("settings.format", f"must be one of {', '.join(FORMATS)}")
    mode = settings.get("mode", str(ImportMode.UPDATE))
    if mode not in (str(ImportMode.SKIP), str(ImportMode.UPDATE)):
        raise InvalidRequestError("settings.mode", "must be skip or update")
    headers = settings.get("headers", {})
    if not isinstance(headers, Mapping) or len(headers) > _HEADERS_MAX:
        raise InvalidRequestError("settings.headers", f"must be an object of up to {_HEADERS_MAX} texts")
    for name, value in headers.items():
        fits = isinstance(name, str) and isinstance(value, str) and name.isascii() and value.isascii()
        if isinstance(name, str) and name.lower() in _OUR_HEADERS:
            raise InvalidRequestError(f"settings.headers.{name}", "is said by Ziggurat itself")
        if not fits or not name or not (name + value).isprintable() or len(value) > limits.TEXT_CHARACTERS_MAX:
            raise InvalidRequestError("settings.headers", "must be plain texts")
    return {"format": format_, "mode": mode, "headers": dict(headers)}


def _synced(connection: Connection, context: Context, audience: str) -> AudienceRow:
    row = require_audience(connection, context, audience).row
    if row.kind is not AudienceKind.SYNCED:
        raise WrongStateError(audiences.KIND, audience, str(row.kind), (str(AudienceKind.SYNCED),))
    return row


def _source(connection: Connection, context: Context, audience: str, *, lock: bool = False) -> SourceRow:
    row = _synced(connection, context, audience)
    found = sync_sources.of_audience(connection, context.scope, row.id, lock=lock)
    if found is None:
        raise NotFoundError(sync_sources.KIND, audience)
    return found
