"""Whom rules would mean, before anything is saved."""

from __future__ import annotations

from collections.abc import Sequence

from ziggurat import limits
from ziggurat.app.audiences.audience_values import profile_views
from ziggurat.app.audiences.audience_views import PreviewView
from ziggurat.app.audiences.define_audience import begin_profiles, checked_rules
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.events.load_audiences import program_numbers
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.store.repositories import profiles


def preview_audience(context: Context, rules: Sequence[SaidRule], *, limit: int = 20) -> PreviewView:
    """How many members satisfy `rules` now, and the first of them. Nothing is saved.

    An organization that has never used audiences begins to keep profiles here.

    Raises:
        InvalidAudienceError: with every fault of the rules.
        InvalidRequestError: more members asked for than a preview shows.
    """
    if not 0 <= limit <= limits.PREVIEW_MEMBERS_MAX:
        raise InvalidRequestError("limit", f"must be 0 to {limits.PREVIEW_MEMBERS_MAX}")
    read = checked_rules(rules)
    begin_profiles(context)
    with context.database.reading() as connection:
        numbers = program_numbers(connection, context, read.programs)
        count = profiles.count_matching(connection, context.scope, read, numbers)
        ids = profiles.matching_ids(connection, context.scope, read, numbers, limit)
        found = profiles.by_ids(connection, context.scope, ids)
        return PreviewView(count, profile_views(connection, context, [found[id_] for id_ in ids]))
