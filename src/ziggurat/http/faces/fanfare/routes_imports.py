"""Imports of files into static lists, and of lists that other vendors keep."""

from __future__ import annotations

from functools import partial
from typing import Any

from ziggurat.app.audiences.create_audience import create_audience
from ziggurat.app.audiences.import_members import create_import, list_imports
from ziggurat.app.audiences.read_audience import list_audiences
from ziggurat.app.context import Context
from ziggurat.app.pages import Position
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare import wire, wire_answers
from ziggurat.http.faces.fanfare.audience_view import SOURCE, audience_uuid, import_body, show_import
from ziggurat.http.faces.fanfare.errors import FanfareError, not_found
from ziggurat.http.faces.fanfare.ids import new_uuid
from ziggurat.http.faces.fanfare.issues import InvalidInputError, failed_check
from ziggurat.http.faces.fanfare.kept import kept, with_kept
from ziggurat.http.faces.fanfare.names import find_audience
from ziggurat.http.faces.fanfare.reading import check, placed, read_json
from ziggurat.http.faces.fanfare.uploads import upload_address
from ziggurat.store.tables.audiences import AudienceKind

_IMPORT = "/audiences/{audienceId}/import"
VENDORS = ("klaviyo", "mailchimp", "sendgrid")
ALREADY = "Already synced"
LISTS_MAX = 100
_PAGE = 500


def _get(visit: Visit) -> Any:
    """The latest import of an audience (unknown 16)."""
    view = find_audience(visit.context, visit.path["audienceId"])
    latest = list_imports(visit.context, view.id, limit=1).items
    if not latest:
        raise not_found("Import")
    return show_import(visit.context, view, latest[0].id)


def _create(visit: Visit) -> Any:
    view = find_audience(visit.context, visit.path["audienceId"], archived=False)
    if view.kind is not AudienceKind.STATIC:  # unknown 17
        raise FanfareError(400, "Audience is not a static list")
    made = create_import(visit.context, view.id)
    address = upload_address(visit.request, visit.context, made.id)
    return {**import_body(visit.context, view, made), "uploadUrl": address}


def _import_lists(vendor: str, visit: Visit) -> Any:
    """A synced audience for each list. The vendor is not asked anything: its lists wait for a source of one's own."""
    context, body = visit.context, read_json(visit.body)
    asked = check(wire.ListIds, body)
    if len(asked.listIds) > LISTS_MAX:
        message = f"Invalid length: Expected <={LISTS_MAX} but received {len(asked.listIds)}"
        raise InvalidInputError([failed_check(("listIds",), f"<={LISTS_MAX}", asked.listIds, message)], body)
    source = f"{vendor}:list"
    known = _known_lists(context, source)
    imported, skipped = [], []
    for list_id in asked.listIds:
        if list_id in known:
            skipped.append({"listId": list_id, "reason": ALREADY, "existingAudienceId": known[list_id]})
            continue
        id_ = new_uuid(context.now)
        metadata = with_kept({}, **{SOURCE: {"id": id_, "syncSource": source, "syncSourceId": list_id}})
        with placed(body):
            view = create_audience(context, list_id, AudienceKind.SYNCED, metadata=metadata, id=new_uuid(context.now))
        known[list_id] = audience_uuid(view)
        imported.append({"listId": list_id, "syncSourceId": id_, "status": "PENDING"})
    return {"imported": imported, "skipped": skipped}


def _known_lists(context: Context, source: str) -> dict[str, str]:
    """The audiences of lists of that source, by the lists' ids there."""
    found: dict[str, str] = {}
    after: Position | None = None
    while True:
        page = list_audiences(context, kind=AudienceKind.SYNCED, after=after, limit=_PAGE)
        for view in page.items:
            own = kept(view.metadata).get(SOURCE)
            if isinstance(own, dict) and own.get("syncSource") == source:
                found.setdefault(str(own.get("syncSourceId")), audience_uuid(view))
        if page.next is None:
            return found
        after = page.next


IMPORT_ROUTES = (
    FaceRoute(
        method="GET",
        path=_IMPORT,
        scope=KeyScope.READ,
        run=_get,
        summary="The latest import of an audience",
        answer=wire_answers.Import,
    ),
    FaceRoute(
        method="POST",
        path=_IMPORT,
        scope=KeyScope.INGEST,
        run=_create,
        summary="Begin an import; the file is then put at `uploadUrl`",
        answer=wire_answers.NewImport,
    ),
)
LIST_ROUTES = tuple(
    FaceRoute(
        method="POST",
        path=f"/audiences/import/{vendor}",
        scope=KeyScope.DESIGN,
        run=partial(_import_lists, vendor),
        summary=f"Make synced audiences of {vendor.capitalize()} lists",
        body=wire.ListIds,
        answer=wire_answers.ListsImported,
    )
    for vendor in VENDORS
)
