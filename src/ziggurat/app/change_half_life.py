"""After how many days an event counts half in scores."""

from __future__ import annotations

from ziggurat import limits
from ziggurat.app.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.define_audience import begin_profiles
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.refresh_scores import refresh_scores
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audience_upkeep, members


def read_half_life(context: Context) -> int:
    """The organization's half life in days."""
    with context.database.reading() as connection:
        upkeep = audience_upkeep.get(connection, context.scope)
    return limits.HALF_LIFE_DAYS if upkeep is None else upkeep.half_life_days


def change_half_life(context: Context, days: int) -> int:
    """Let scores halve in `days`; all of them are reckoned anew, at once for few members, by the worker for many.

    Raises:
        InvalidRequestError: less than a day, or more than `limits.HALF_LIFE_DAYS_MAX`.
    """
    if not 1 <= days <= limits.HALF_LIFE_DAYS_MAX:
        raise InvalidRequestError("half_life_days", f"must be 1 to {limits.HALF_LIFE_DAYS_MAX}")
    begin_profiles(context)

    def work(connection: Connection) -> bool:
        audience_upkeep.set_half_life(connection, context.scope, days)
        record(connection, context, "audience_settings.changed", "audience_settings", half_life_days=days)
        return members.is_at_most(connection, context.scope, limits.MEMBERS_AT_ONCE_MAX)

    if context.database.write(work):
        refresh_scores(context)
    return days
