"""Count who moved from where to where, day by day."""

from __future__ import annotations

from whenever import Date

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import LoadedProgram, load_program
from ziggurat.app.programs.views import FlowView
from ziggurat.store.repositories import transitions

_EPOCH = Date(1970, 1, 1)


def daily_flows(context: Context, program: str, *, since: int, until: int) -> tuple[FlowView, ...]:
    """The moves with `since <= at < until` that are still true, by day in the program's zone.

    Days are cut by the zone's offset at `since`, and tiers named as they are now.

    Raises:
        NotFoundError: no such program.
    """
    with context.database.reading() as connection:
        loaded = load_program(connection, context, program)
        offset = loaded.calendar.local(since).offset.total("microseconds")
        flows = transitions.daily_flows(
            connection, context.scope, loaded.id, since=since, until=until, offset_us=int(offset)
        )
    return tuple(
        FlowView(
            day=_EPOCH.add(days=flow.day).format_iso(),
            kind=flow.kind,
            from_tier=_name(loaded, flow.from_index, context.now),
            to_tier=_name(loaded, flow.to_index, context.now),
            members=flow.members,
        )
        for flow in flows
    )


def _name(program: LoadedProgram, index: int, now: int) -> str:
    revision = program.in_force(now) or program.newest
    ladder = revision.program.ladder if revision else ()
    return ladder[index].name if 0 <= index < len(ladder) else ""
