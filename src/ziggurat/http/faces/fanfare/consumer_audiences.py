"""The audiences that consumers are in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ziggurat.app.audience_views import AudienceView
from ziggurat.app.context import Context
from ziggurat.app.read_audience import read_audience
from ziggurat.http.faces.fanfare.ids import shown_uuid


def shown_audiences(context: Context, views: Iterable[AudienceView]) -> list[dict[str, Any]]:  # noqa: ARG001
    """Those audiences as `AudienceBase` objects."""
    return [{"id": shown_uuid("audience", view.id), "name": view.name} for view in views]


def native_audience(context: Context, audience_id: str) -> str:
    """The id here of the audience with that id on the wire."""
    return read_audience(context, audience_id).id
