"""Let programs count scores: tell members' scores to the ledger, as attributes, when there is a program that asks.

A score follows from a history and fades with time, so no program can measure it. A program that measures one of
the attributes of `TOLD` has it told: whenever something happens to a member, and once a day. The ledger then knows what
the score was when, so that timelines and explanations hold.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.events.evaluate_members import warm_up
from ziggurat.app.events.load_programs import LoadedProgram, load_evaluated
from ziggurat.engine.scores import day_of
from ziggurat.program.amounts import format_units
from ziggurat.program.events import Event, EventType
from ziggurat.program.model import MeasureKind, Revision, Status
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audience_upkeep, profiles
from ziggurat.store.repositories import members as people
from ziggurat.store.repositories.members import Member

TOLD = {
    "activity_score": "activity_score_now",
    "purchase_frequency_score": "purchase_frequency_score_now",
    "monetary_score": "monetary_score_now",
}
"""The attribute by which each score is told."""


def tell_scores(
    connection: Connection,
    context: Context,
    programs: Sequence[LoadedProgram],
    members: Mapping[int, Member],
    ids: Collection[int],
) -> int:
    """Tell the scores of the members `ids`, who are locked, where what was told last is something else; how many."""
    asked = asked_scores(programs)
    if not asked:
        return 0
    events = []
    for number, profile in profiles.by_ids(connection, context.scope, ids).items():
        known = members[number].attributes
        for score in asked:
            value = format_units(getattr(profile, score))
            if known.get(TOLD[score]) != value:
                event = Event(profile.member, EventType.ATTRIBUTE_SET, context.now, attribute=TOLD[score], value=value)
                events.append(event)
    if events:
        from ziggurat.app.events.ingest_events import ingest  # noqa: PLC0415 - which tells scores in its turn

        ingest(connection, context, events, enforce_cut_off=False)
    return len(events)


def tell_everybodys_scores(context: Context) -> int:
    """The same for everybody who has a profile; how many were told."""
    return sum(tell_steps(context))


def tell_steps(context: Context) -> Generator[int, None, list[str]]:
    """The same step by step, a thousand members in a transaction: how many were told. Returns what was asked for.

    Begun again, only those are told who were not yet.
    """
    with context.database.reading() as connection:
        asked = asked_scores(load_evaluated(connection, context))
    if not asked:
        return asked
    warm_up()
    after = -1
    while True:
        with context.database.reading() as connection:
            ids = profiles.ids_page(connection, context.scope, after=after, limit=limits.MEMBERS_PER_STEP)
        if not ids:
            return asked
        yield context.database.write(lambda connection, ids=ids: _tell(connection, context, ids))  # type: ignore[misc]
        after = ids[-1]


def ask_for_scores(connection: Connection, context: Context, program: LoadedProgram) -> None:
    """Have the worker tell everybody's scores, if `program` begins to measure one with its newest revision."""
    wanted = _asked(program.newest)
    before = program.published[-1] if program.published else None
    if wanted is not None and wanted != _asked(before):
        audience_upkeep.ask_for_scores(connection, context.scope, day_of(context.now))


def asked_scores(programs: Sequence[LoadedProgram]) -> list[str]:
    """The scores that programs in use measure."""
    named = {_asked(program.newest) for program in programs}
    return [score for score, attribute in TOLD.items() if attribute in named]


def _asked(revision: Revision | None) -> str | None:
    """The attribute that a revision measures, None if it measures something else or is out of use."""
    if revision is None or revision.status is Status.ARCHIVED:
        return None
    measure = revision.program.qualification.measure
    return measure.name if measure.kind is MeasureKind.ATTRIBUTE and measure.name in TOLD.values() else None


def _tell(connection: Connection, context: Context, ids: Sequence[int]) -> int:
    programs = load_evaluated(connection, context, hold=True)  # programs before members
    held = people.lock(connection, context.scope, ids)
    return tell_scores(connection, context, programs, held, ids)
