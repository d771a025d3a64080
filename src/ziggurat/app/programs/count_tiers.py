"""Count a program's members by tier."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.views import TierCount
from ziggurat.store.repositories import states


def count_tiers(context: Context, program: str) -> tuple[TierCount, ...]:
    """How many members each tier of the ladder in force shows, lowest first; without a tier, if any are, before them.

    Raises:
        NotFoundError: no such program.
    """
    with context.database.reading() as connection:
        loaded = load_program(connection, context, program)
        counts = states.counts(connection, context.scope, loaded.id)
    revision = loaded.in_force(context.now)
    ladder = revision.program.ladder if revision else ()
    without = [TierCount("", "", counts[-1])] if counts.get(-1) else []
    return (*without, *(TierCount(tier.name, tier.key, counts.get(index, 0)) for index, tier in enumerate(ladder)))
