"""List audiences in a chosen order, page by page in both directions."""

from __future__ import annotations

from dataclasses import dataclass

from ziggurat.app.audiences.audience_values import audience_views
from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.events.load_audiences import with_rules
from ziggurat.app.pages import Position
from ziggurat.store.repositories import audience_lists
from ziggurat.store.repositories.audience_lists import ORDERS, Place, Placed


@dataclass(frozen=True, slots=True)
class AudiencesPage:
    """A stretch of the list; `previous` and `next` are where the pages before and after it begin, None if none does."""

    items: tuple[AudienceView, ...]
    previous: Position | None
    next: Position | None


def list_audiences_by(
    context: Context,
    *,
    order: str = "created_at",
    descending: bool = True,
    start: Position | None = None,
    backwards: bool = False,
    limit: int,
) -> AudiencesPage:
    """The `limit` audiences in use after `start` (the beginning), or with `backwards` those before it (the end).

    Raises:
        InvalidRequestError: no such order.
    """
    if order not in ORDERS:
        raise InvalidRequestError("order", f"must be one of {', '.join(ORDERS)}")
    with context.database.reading() as connection:
        found = audience_lists.page(
            connection,
            context.scope,
            order=order,
            descending=descending is not backwards,
            after=None if start is None else _place(start),
            limit=limit + 1,
        )
        is_more = len(found) > limit
        shown = found[:limit][::-1] if backwards else found[:limit]
        views = audience_views(connection, context, with_rules(connection, context, [placed.row for placed in shown]))
    before, after = (is_more, start is not None) if backwards else (start is not None, is_more)
    return AudiencesPage(
        views, _position(shown[0]) if shown and before else None, _position(shown[-1]) if shown and after else None
    )


def _place(position: Position) -> Place:
    value, number = position
    assert value is not None, "a position of this list"
    assert isinstance(number, int), "a position of this list"
    return Place(value, number)


def _position(placed: Placed) -> Position:
    return tuple(placed.place)
