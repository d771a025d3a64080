"""Finding audiences and groups by the ids that the vendor's clients have."""

from __future__ import annotations

from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.audiences.find_audiences import audience_names, group_names
from ziggurat.app.audiences.read_audience import read_audience
from ziggurat.app.context import Context
from ziggurat.http.face_support.ids import is_uuid
from ziggurat.http.faces.fanfare.errors import not_found
from ziggurat.http.faces.fanfare.ids import shown_uuid
from ziggurat.store.errors import NotFoundError

_ID_CHARACTERS_MAX = 200


def find_audience(context: Context, audience_id: str, *, archived: bool = True) -> AudienceView:
    """The audience with that id on the wire; without `archived` only one in use (unknown 15).

    Raises:
        FanfareError: there is none.
    """
    view = _find(context, audience_id)
    if view is None or (view.archived and not archived):
        raise not_found("Audience")
    return view


def find_group(context: Context, group_id: str) -> str:
    """The key of the group with that id on the wire (unknown 10: whatever is no group's id is not found).

    Raises:
        FanfareError: there is none.
    """
    if not _is_sayable(group_id):
        raise not_found("Audience group")
    keys = group_names(context)
    found = next((key for key in keys if shown_uuid("group", key) == group_id.lower() or key == group_id), None)
    if found is None:
        raise not_found("Audience group")
    return found


def _find(context: Context, audience_id: str) -> AudienceView | None:
    if not _is_sayable(audience_id):
        return None
    named = audience_id.lower() if is_uuid(audience_id) else audience_id
    try:
        return read_audience(context, named)
    except NotFoundError:
        if not is_uuid(named):
            return None
    name = next((name for name in audience_names(context) if shown_uuid("audience", name) == named), None)
    return None if name is None else read_audience(context, name)


def _is_sayable(text: str) -> bool:
    return 0 < len(text) <= _ID_CHARACTERS_MAX and text.isprintable()
