"""List audiences in a chosen order, page by page in both directions."""

from __future__ import annotations

from collections.abc import Sequence

from ziggurat.app.audiences.audience_values import audience_views
from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.events.load_audiences import with_rules
from ziggurat.app.pages import Position, TwoWayPage, two_way_page
from ziggurat.store.repositories import audience_lists
from ziggurat.store.repositories.audience_lists import ORDERS, Place, Placed


def list_audiences_by(
    context: Context,
    *,
    order: str = "created_at",
    descending: bool = True,
    start: Position | None = None,
    backwards: bool = False,
    limit: int,
) -> TwoWayPage[AudienceView]:
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

        def show(shown: Sequence[Placed]) -> tuple[AudienceView, ...]:
            rows = with_rules(connection, context, [placed.row for placed in shown])
            return audience_views(connection, context, rows)

        return two_way_page(found, limit, start, show, backwards=backwards)


def _place(position: Position) -> Place:
    value, number = position
    assert value is not None, "a position of this list"
    assert isinstance(number, int), "a position of this list"
    return Place(value, number)
