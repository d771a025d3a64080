"""Audiences as the vendor shows them: lists, rules, tiers of programs, with their imports and sync sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ziggurat.app.audiences.audience_views import AudienceView, ImportView
from ziggurat.app.audiences.import_members import list_imports, read_import
from ziggurat.app.audiences.sync_sources import read_sync_source
from ziggurat.app.context import Context
from ziggurat.app.programs.tier_groups import tier_programs
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.fanfare.ids import organization_uuid, shown_uuid
from ziggurat.http.faces.fanfare.kept import kept, own_metadata
from ziggurat.http.faces.fanfare.ladders import ShownTier, attribute_of, shown_tiers, tier_metadata, tier_rules
from ziggurat.http.faces.fanfare.rules import show_rules
from ziggurat.http.faces.fanfare.wire import GROUP_TYPES
from ziggurat.program.model import Program
from ziggurat.store.errors import NotFoundError
from ziggurat.store.tables.audiences import AudienceKind, ImportState, SyncState

SEGMENTED = GROUP_TYPES[0]
TYPES = {
    AudienceKind.DYNAMIC: "DYNAMIC",
    AudienceKind.TIER: "DYNAMIC",
    AudienceKind.STATIC: "STATIC_LIST",
    AudienceKind.SYNCED: "SYNCED_LIST",
}
KINDS = {"DYNAMIC": AudienceKind.DYNAMIC, "STATIC_LIST": AudienceKind.STATIC, "SYNCED_LIST": AudienceKind.SYNCED}
_IMPORT_STATES = {
    ImportState.WAITING: "PENDING",
    ImportState.PENDING: "PENDING",
    ImportState.PROCESSING: "PROCESSING",
    ImportState.COMPLETED: "COMPLETED",
    ImportState.FAILED: "FAILED",
}
_SYNC_STATES = {SyncState.PENDING: "PENDING", SyncState.SUCCESS: "SUCCESS", SyncState.FAILED: "FAILED"}
_COLUMNS = {
    "member": "externalId",
    "first_name": "firstName",
    "last_name": "lastName",
    "full_name": "fullName",
    "points": "loyaltyPoints",
}
"""What the vendor calls the columns of files that have other names here."""
IMPORTS_SHOWN_MAX = 100
FAULTS_SHOWN_MAX = 1_000
SOURCE = "sync_source"
"""Where a source is kept that only the vendor's own service can reach."""


@dataclass(slots=True)
class Shelf:
    """What several audiences are shown with: the programs behind tiers, read once."""

    context: Context
    programs: dict[str, Program] = field(default_factory=dict)

    @classmethod
    def of(cls, context: Context, views: Iterable[AudienceView]) -> Shelf:
        """A shelf with the programs of `views`."""
        asked = {view.program for view in views if view.program is not None}
        return cls(context, tier_programs(context, asked) if asked else {})

    def tier_of(self, view: AudienceView) -> tuple[Program, ShownTier] | None:
        """The program and the tier that an audience holds, None for another kind of audience."""
        program = self.programs.get(view.program or "")
        if program is None:
            return None
        tier = next((tier for tier in shown_tiers(program) if tier.key == view.tier), None)
        return None if tier is None else (program, tier)


def show_audiences(context: Context, views: Iterable[AudienceView]) -> list[dict[str, Any]]:
    """Those audiences with rules, imports and sync source."""
    listed = list(views)
    shelf = Shelf.of(context, listed)
    return [_full(shelf, view) for view in listed]


def show_audience(context: Context, view: AudienceView) -> dict[str, Any]:
    """One audience with rules, imports and sync source."""
    return show_audiences(context, [view])[0]


def show_bare(context: Context, views: Iterable[AudienceView]) -> list[dict[str, Any]]:
    """Those audiences without."""
    listed = list(views)
    shelf = Shelf.of(context, listed)
    return [_bare(shelf, view, show_source(context, view)) for view in listed]


def audience_uuid(view: AudienceView) -> str:
    """The audience's id on the wire."""
    return shown_uuid("audience", view.id)


def _full(shelf: Shelf, view: AudienceView) -> dict[str, Any]:
    source = show_source(shelf.context, view)
    return {
        **_bare(shelf, view, source),
        "rules": _rules(shelf, view),
        "imports": show_imports(shelf.context, view),
        "primarySyncSource": source,
    }


def _bare(shelf: Shelf, view: AudienceView, source: Mapping[str, Any] | None) -> dict[str, Any]:
    tier = shelf.tier_of(view)
    own = kept(view.metadata)
    group = view.group
    group_id = None if group is None else shown_uuid("group", group.key)
    metadata: dict[str, Any] | None = own_metadata(view.metadata)
    if tier is not None and group_id is not None:
        metadata = {**(metadata or {}), **tier_metadata(tier[1], group_id, attribute_of(tier[0]))}
    elif not metadata and not own.get("has_metadata"):
        metadata = None
    kind = None if group is None else group.kind
    vendor = None if source is None else str(source["syncSource"]).partition(":")[0]
    return {
        "id": audience_uuid(view),
        "organizationId": organization_uuid(shelf.context),
        "createdAt": millisecond_text(view.created_at),
        "createdBy": view.created_by,
        "updatedAt": millisecond_text(view.updated_at),
        "updatedBy": view.updated_by,
        "archived": view.archived,
        "name": view.name,
        "type": TYPES[view.kind],
        "description": view.description or (None if not own.get("has_description") else ""),
        "iconName": own.get("icon") if tier is None else tier[1].icon,
        "groupId": group_id,
        "groupName": None if group is None else group.name or None,
        "groupType": SEGMENTED if tier and group else kind if kind in GROUP_TYPES else None,
        "metadata": metadata,
        "refreshIntervalSeconds": view.refresh_interval_s,
        "lastRefreshedAt": None if view.refreshed_at is None else millisecond_text(view.refreshed_at),
        "primarySyncSourceId": None if source is None else source["id"],
        "primaryExternalId": None if source is None else source["syncSourceId"],
        "primarySourceVendor": vendor,
        "primaryLastSyncedAt": None if source is None else source["lastSyncedAt"],
    }


def show_audience_rules(context: Context, view: AudienceView) -> list[dict[str, Any]]:
    """The rules of one audience."""
    return _rules(Shelf.of(context, [view]), view)


def _rules(shelf: Shelf, view: AudienceView) -> list[dict[str, Any]]:
    audience, organization = audience_uuid(view), organization_uuid(shelf.context)
    if view.kind is not AudienceKind.TIER:
        return show_rules(view, audience, organization)
    found = shelf.tier_of(view)
    attribute = attribute_of(found[0]) if found else None
    if found and attribute:
        said = tier_rules(found[1], attribute, audience)
    else:  # a ladder that counts something the vendor does not know
        said = [(f"program.{view.program}.tier", "EQUALS", [view.tier], shown_uuid("tier rule", f"{audience}:0"))]
    group = shown_uuid("tier rules", f"{audience}:rules")
    return [
        {
            "id": id_,
            "organizationId": organization,
            "audienceId": audience,
            "field": name,
            "operator": operator,
            "values": values,
            "groupId": group,
            "position": place,
        }
        for place, (name, operator, values, id_) in enumerate(said)
    ]


# --- imports and sources


def show_imports(context: Context, view: AudienceView) -> list[dict[str, Any]]:
    """The imports into an audience, newest first, with the first faults of their rows."""
    if view.kind is not AudienceKind.STATIC:
        return []
    page = list_imports(context, view.id, limit=IMPORTS_SHOWN_MAX)
    return [
        show_import(context, view, each.id) if each.rows_failed else import_body(context, view, each)
        for each in page.items
    ]


def show_import(context: Context, view: AudienceView, import_id: str) -> dict[str, Any]:
    """One import into an audience."""
    return import_body(context, view, read_import(context, import_id, faults=FAULTS_SHOWN_MAX))


def import_body(context: Context, view: AudienceView, made: ImportView) -> dict[str, Any]:
    """An import on the wire; `progress` is 0-100 (unknown 20)."""
    rows: dict[int, list[dict[str, Any]]] = {}
    for fault in made.faults:
        column = _COLUMNS.get(fault.column, fault.column)
        rows.setdefault(fault.row, []).append({"column": column, "code": fault.code, "message": fault.problem})
    if made.error:
        rows.setdefault(0, []).append({"column": "", "code": "unreadable", "message": made.error})
    changed_at = made.finished_at or made.started_at
    return {
        "id": shown_uuid("import", made.id),
        "organizationId": organization_uuid(context),
        "createdAt": millisecond_text(made.created_at),
        "createdBy": made.created_by,
        "updatedAt": None if changed_at is None else millisecond_text(changed_at),
        "updatedBy": None if changed_at is None else made.created_by,
        "archived": False,
        "audienceId": audience_uuid(view),
        "status": _IMPORT_STATES[made.state],
        "progress": made.progress,
        "totalConsumers": made.rows_total,
        "processedConsumers": made.rows_done,
        "errorCount": made.rows_failed,
        "errors": [{"row": row, "issues": issues} for row, issues in sorted(rows.items())] or None,
        "s3Key": made.object_key,
    }


def show_source(context: Context, view: AudienceView) -> dict[str, Any] | None:
    """Where a synced list comes from: a source that Ziggurat fetches, or one that only the vendor's service can."""
    if view.kind is not AudienceKind.SYNCED:
        return None
    own = kept(view.metadata).get(SOURCE)
    said: Mapping[str, Any] = own if isinstance(own, Mapping) else {}
    shown = {
        "organizationId": organization_uuid(context),
        "createdBy": view.created_by,
        "updatedAt": None,
        "updatedBy": None,
        "archived": view.archived,
    }
    try:
        source = read_sync_source(context, view.id)
    except NotFoundError:
        if not said:
            return None
        return {
            "id": said["id"],
            **shown,
            "createdAt": millisecond_text(view.created_at),
            "syncSource": said["syncSource"],
            "syncSourceId": said["syncSourceId"],
            "syncStatus": said.get("syncStatus", "PENDING"),
            "lastSyncedAt": said.get("lastSyncedAt"),
            "sourceData": said.get("sourceData"),
        }
    return {
        "id": said.get("id") or shown_uuid("sync source", source.id),
        **shown,
        "createdAt": millisecond_text(source.created_at),
        "updatedAt": millisecond_text(source.updated_at),
        "createdBy": source.created_by,
        "syncSource": said.get("syncSource") or source.kind,
        "syncSourceId": said.get("syncSourceId") or source.location,
        "syncStatus": _SYNC_STATES[source.state],
        "lastSyncedAt": None if source.synced_at is None else millisecond_text(source.synced_at),
        "sourceData": said.get("sourceData"),
    }
