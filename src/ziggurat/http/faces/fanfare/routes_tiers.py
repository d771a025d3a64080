"""`POST` and `PUT /audiences/loyalty-tiers`: a whole group of tiers in one request."""

from __future__ import annotations

from typing import Any

from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.tier_groups import change_tier_group, create_tier_group, has_tier_group
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare import wire_answers
from ziggurat.http.faces.fanfare.audience_view import SEGMENTED, show_audiences
from ziggurat.http.faces.fanfare.check_tiers import require_program, require_tiers
from ziggurat.http.faces.fanfare.errors import not_found
from ziggurat.http.faces.fanfare.ids import new_uuid, shown_uuid
from ziggurat.http.faces.fanfare.ladders import changed_document, new_document
from ziggurat.http.faces.fanfare.names import find_group
from ziggurat.http.faces.fanfare.reading import check, read_json
from ziggurat.http.faces.fanfare.wire import TierGroupIn
from ziggurat.program.model import Program


def _create(visit: Visit) -> Any:
    body, asked = _read(visit)
    now = visit.context.now
    group = new_uuid(now)
    document = new_document(asked, lambda: new_uuid(now))
    require_program(document, asked, body)
    return _answer(visit, group, create_tier_group(visit.context, group, document, SEGMENTED))


def _put(visit: Visit) -> Any:
    group = find_group(visit.context, visit.path["groupId"])
    if not has_tier_group(visit.context, group):  # of type RFM, or somebody's own audiences (unknown 10)
        raise not_found("Audience group")
    body, asked = _read(visit)
    now = visit.context.now

    def edit(program: Program) -> dict[str, Any]:
        document = changed_document(program, asked, lambda: new_uuid(now))
        require_program(document, asked, body)
        return document

    return _answer(visit, group, change_tier_group(visit.context, group, edit))


def _read(visit: Visit) -> tuple[Any, TierGroupIn]:
    body = read_json(visit.body)
    asked = check(TierGroupIn, body)
    require_tiers(asked, body)
    return body, asked


def _answer(visit: Visit, group: str, views: tuple[AudienceView, ...]) -> dict[str, Any]:
    """The group in the order of its tiers; archived ones are left out (unknown 9)."""
    shown = show_audiences(visit.context, views)
    shown.sort(key=lambda audience: audience["metadata"]["tierOrder"])
    return {"tierGroup": shown_uuid("group", group), "audiences": shown}


TIER_ROUTES = (
    FaceRoute(
        method="POST",
        path="/audiences/loyalty-tiers",
        scope=KeyScope.DESIGN,
        run=_create,
        summary="Create loyalty tier audiences whose ranges do not overlap",
        body=TierGroupIn,
        answer=wire_answers.TierGroup,
        refusals=(409,),
    ),
    FaceRoute(
        method="PUT",
        path="/audiences/loyalty-tiers/{groupId}",
        scope=KeyScope.DESIGN,
        run=_put,
        summary="Update the loyalty tier audiences of a group",
        body=TierGroupIn,
        answer=wire_answers.TierGroup,
        refusals=(409,),
    ),
)
