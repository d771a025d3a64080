"""After how many days an event counts half in scores."""

from __future__ import annotations

from ziggurat import limits
from ziggurat.app.audiences.define_audience import begin_profiles
from ziggurat.app.audiences.refresh_audience import refresh_audience
from ziggurat.app.audiences.refresh_scores import refresh_scores
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.events.load_audiences import LoadedAudience, with_rules
from ziggurat.program.audience_fields import DECAYING
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audience_upkeep, audiences, members


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

    few = context.database.write(work)
    if few:
        refresh_scores(context)
    for one in _asking(context):
        if few:
            refresh_audience(context, one.row.public_id)
    return days


def _asking(context: Context) -> list[LoadedAudience]:
    """The audiences whose members depend on scores, noted as due."""

    def work(connection: Connection) -> list[LoadedAudience]:
        ruled = with_rules(connection, context, audiences.ruled(connection, context.scope))
        asking = [one for one in ruled if any(field.key in DECAYING for field in one.rules.fields)]
        audiences.make_due(connection, context.scope, [one.row.id for one in asking], context.now)
        return asking

    return context.database.write(work)
