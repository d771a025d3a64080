"""Groups of audiences: read, deleted, and who is in them."""

from __future__ import annotations

from typing import Any

from ziggurat.app.audiences.put_audience_group import archive_audience_group
from ziggurat.app.audiences.read_audience import list_group, read_audience
from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.tier_groups import archive_tier_group, has_tier_group
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare import wire_answers
from ziggurat.http.faces.fanfare.audience_view import show_audiences, show_bare
from ziggurat.http.faces.fanfare.errors import not_found
from ziggurat.http.faces.fanfare.names import find_audience, find_group
from ziggurat.http.faces.fanfare.paging import parameters
from ziggurat.http.faces.fanfare.routes_members import show_members

_ONE = "/audiences/groups/{groupId}"


def _get(visit: Visit) -> Any:
    shown = show_audiences(visit.context, list_group(visit.context, find_group(visit.context, visit.path["groupId"])))
    return sorted(shown, key=lambda audience: (audience["metadata"] or {}).get("tierOrder") or 0)


def _delete(visit: Visit) -> Any:
    """Archive every audience of the group; a group of tiers is a program, which is archived with them."""
    context, key = visit.context, find_group(visit.context, visit.path["groupId"])
    names = [view.id for view in list_group(context, key)]
    if has_tier_group(context, key):
        archive_tier_group(context, key)
    else:
        archive_audience_group(context, key)
    return show_bare(context, [read_audience(context, name) for name in names])


def _members(visit: Visit) -> Any:
    key = find_group(visit.context, visit.path["groupId"])
    names = [view.id for view in list_group(visit.context, key)]
    asked = visit.request.query_params.get("audienceId")
    if asked is not None:
        wanted = find_audience(visit.context, asked).id
        if wanted not in names:
            raise not_found("Audience")
        names = [wanted]
    return show_members(visit, names, f"group {key} {asked or ''}")


GROUP_ROUTES = (
    FaceRoute(
        method="GET",
        path=_ONE,
        scope=KeyScope.READ,
        run=_get,
        summary="The audiences of a group",
        answer=wire_answers.AllAudiences,
        parameters=({"name": "include", "in": "query", "required": False, "schema": {"type": "string"}},),
    ),
    FaceRoute(
        method="DELETE",
        path=_ONE,
        scope=KeyScope.DESIGN,
        run=_delete,
        summary="Archive every audience of a group",
        answer=wire_answers.BareAudiences,
        refusals=(409,),
    ),
    FaceRoute(
        method="GET",
        path=f"{_ONE}/members",
        scope=KeyScope.READ,
        run=_members,
        summary="The members of all audiences of a group, or of one of them",
        answer=wire_answers.Members,
        parameters=parameters("search", "include", "audienceId"),
    ),
)
