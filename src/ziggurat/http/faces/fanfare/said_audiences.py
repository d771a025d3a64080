"""What a request says of an audience, as the use cases take it; what they cannot take is told with its place."""

from __future__ import annotations

from typing import Any

from ziggurat import limits
from ziggurat.app.audiences.audience_views import AudienceGroup, AudienceView
from ziggurat.app.audiences.find_audiences import group_names
from ziggurat.app.context import Context
from ziggurat.http.faces.fanfare.ids import FACE, new_uuid, shown_uuid
from ziggurat.http.faces.fanfare.issues import Issue, failed_check
from ziggurat.http.faces.fanfare.ladders import TIER_METADATA
from ziggurat.http.faces.fanfare.schema_types import is_number
from ziggurat.http.faces.fanfare.wire import AudienceIn, AudiencePatch
from ziggurat.http.fields import free_form_of

Said = AudienceIn | AudiencePatch


def said_interval(asked: Said, body: Any, issues: list[Issue]) -> int | None:
    """How often to look at everybody again (unknown 13: null is whenever something happens)."""
    value = asked.refreshIntervalSeconds
    if value is None or not is_number(value):
        return None
    least, most = limits.REFRESH_INTERVAL_S_MIN, limits.REFRESH_INTERVAL_S_MAX
    if value != int(value) or not least <= value <= most:
        message = f"Invalid value: Expected {least} to {most} whole seconds"
        given = body["refreshIntervalSeconds"]
        issues.append(failed_check(("refreshIntervalSeconds",), f"{least}..{most}", given, message))
        return None
    return int(value)


def said_metadata(asked: Said, issues: list[Issue]) -> dict[str, Any]:
    """The metadata to keep; what is said of a tier there is not one's own to say."""
    said = asked.metadata or {}
    if FACE in said:
        message = f'Invalid key: "{FACE}" is kept for the face itself'
        issues.append(failed_check(("metadata", FACE), "another key", said[FACE], message))
    try:
        plain: dict[str, Any] = free_form_of(said)
    except ValueError as error:
        issues.append(failed_check(("metadata",), "plain JSON", said, f"Invalid metadata: {error}"))
        return {}
    return {name: value for name, value in plain.items() if name not in TIER_METADATA and name != FACE}


def said_group(context: Context, asked: Said, before: AudienceView | None = None) -> AudienceGroup | None:
    """The group that an audience is to be part of; without an id but with a name or type it is a new one."""
    said = asked.model_fields_set
    old = before.group if before else None
    if not said & {"groupId", "groupName", "groupType"}:
        return old
    if "groupId" in said and asked.groupId is None and not (asked.groupName or asked.groupType):
        return None
    key = old.key if old else ""
    if "groupId" in said:
        key = group_key(context, asked.groupId) if asked.groupId else ""
    name = asked.groupName if "groupName" in said else old.name if old else ""
    kind = asked.groupType if "groupType" in said else old.kind if old else ""
    return AudienceGroup(key or new_uuid(context.now), name or "", kind or "")


def group_key(context: Context, group_id: str) -> str:
    """What the group with that id on the wire is called here; a new one is called so."""
    return next((key for key in group_names(context) if shown_uuid("group", key) == group_id), group_id)
