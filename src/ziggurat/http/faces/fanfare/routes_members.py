"""Members of audiences: listed, put on lists and taken off them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.audiences.change_list import add_to_list, remove_from_list
from ziggurat.app.audiences.list_audience_members import explain_membership
from ziggurat.app.audiences.list_profiles import ProfilesAsked, list_profiles
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare import wire, wire_answers
from ziggurat.http.faces.fanfare.audience_view import audience_uuid, show_audience_rules
from ziggurat.http.faces.fanfare.consumer_view import members_of, show_consumers
from ziggurat.http.faces.fanfare.errors import FanfareError, not_found
from ziggurat.http.faces.fanfare.names import find_audience
from ziggurat.http.faces.fanfare.paging import page_body, parameters, read_page
from ziggurat.http.faces.fanfare.reading import check, placed, read_json
from ziggurat.store.tables.audiences import AudienceKind

_MEMBERS = "/audiences/{audienceId}/members"
_OLDER = "/audiences/{audienceId}/consumers"
"""What the oldest pages call it."""


def show_members(visit: Visit, audiences: Sequence[str], query: str) -> dict[str, Any]:
    """A page of those who are in any of the audiences (public ids), each once."""
    given = visit.request.query_params
    search = given.get("search", "")
    asked = read_page(visit, f"members {query} {search}")
    with placed(dict(given)):
        page = list_profiles(
            visit.context,
            ProfilesAsked(search=search, audiences=tuple(audiences)),
            descending=asked.descending,
            start=asked.start,
            backwards=asked.backwards,
            limit=asked.limit,
        )
    shown = show_consumers(visit.context, page.items)
    return page_body(visit, f"members {query} {search}", asked, shown, page.previous, page.next)


def _list(visit: Visit) -> Any:
    view = find_audience(visit.context, visit.path["audienceId"])
    return show_members(visit, [view.id], view.id)


def _add(visit: Visit) -> Any:
    """Unknown consumers and those who are there already are passed over (unknown 18)."""
    view, members = _named(visit)
    done = add_to_list(visit.context, view.id, members)
    return {"audienceId": audience_uuid(view), "addedCount": done.changed}


def _remove(visit: Visit) -> Any:
    """Not in the vendor's contract, but on its older pages (unknown 19)."""
    view, members = _named(visit)
    done = remove_from_list(visit.context, view.id, members)
    return {"audienceId": audience_uuid(view), "removedCount": done.changed}


def _named(visit: Visit) -> tuple[AudienceView, list[str]]:
    view = find_audience(visit.context, visit.path["audienceId"], archived=False)
    body = read_json(visit.body)
    asked = check(wire.ConsumerIds, body)
    if view.kind is not AudienceKind.STATIC:  # unknown 17
        raise FanfareError(400, "Audience is not a static list")
    found = members_of(visit.context, asked.consumerIds)
    return view, [member for member in found if member is not None]


def _is_member(visit: Visit) -> Any:
    view = find_audience(visit.context, visit.path["audienceId"])
    (member,) = members_of(visit.context, [visit.path["consumerId"]])
    if member is None:
        raise not_found("Consumer")
    why = explain_membership(visit.context, view.id, member)
    shown = show_audience_rules(visit.context, view)
    if view.kind is AudienceKind.TIER:
        held = [rule["id"] for rule in shown] if why.is_member else []
    else:
        holding = {verdict.rule.id for verdict in why.verdicts if verdict.holds}
        held = [rule["id"] for rule, said in zip(shown, view.rules, strict=True) if said.id in holding]
    return {"isMember": why.is_member, "matchedRules": held}


MEMBER_ROUTES = (
    *(
        FaceRoute(
            method="GET",
            path=path,
            scope=KeyScope.READ,
            run=_list,
            summary="Who is in an audience",
            answer=wire_answers.Members,
            parameters=parameters("search", "include"),
        )
        for path in (_MEMBERS, _OLDER)
    ),
    *(
        FaceRoute(
            method="POST",
            path=path,
            scope=KeyScope.INGEST,
            run=_add,
            summary="Put consumers on a static list",
            body=wire.ConsumerIds,
            answer=wire_answers.Added,
        )
        for path in (_MEMBERS, _OLDER)
    ),
    FaceRoute(
        method="DELETE",
        path=_MEMBERS,
        scope=KeyScope.INGEST,
        run=_remove,
        summary="Take consumers off a static list",
        body=wire.ConsumerIds,
        answer=wire_answers.Removed,
    ),
    FaceRoute(
        method="GET",
        path=f"{_OLDER}/{{consumerId}}",
        scope=KeyScope.READ,
        run=_is_member,
        summary="Whether a consumer is in an audience, and which rules she satisfies",
        answer=wire_answers.Membership,
    ),
)
