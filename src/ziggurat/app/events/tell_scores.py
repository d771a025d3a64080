"""Let programs count scores: tell members' scores to the ledger, as attributes, when there is a program that asks.

A score follows from a history and fades with time, so no program can measure it. A program that measures one of
the attributes of `TOLD` has it told: whenever something happens to a member, and once a day. The ledger then knows what
the score was when, so that timelines and explanations hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.events.evaluate_members import warm_up
from ziggurat.app.events.load_programs import LoadedProgram, load_evaluated
from ziggurat.program.amounts import format_units
from ziggurat.program.events import Event, EventType
from ziggurat.program.model import MeasureKind, Status
from ziggurat.store.database import Connection
from ziggurat.store.repositories import members as people
from ziggurat.store.repositories import profiles
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
    """The same for everybody who has a profile, a thousand in one transaction."""
    with context.database.reading() as connection:
        if not asked_scores(load_evaluated(connection, context)):
            return 0
    warm_up()
    after, told = -1, 0
    while True:
        with context.database.reading() as connection:
            page = profiles.page(connection, context.scope, after=after, limit=limits.MEMBERS_PER_STEP)
        if not page:
            return told
        ids = [profile.member_id for profile in page]
        told += context.database.write(lambda connection, ids=ids: _tell(connection, context, ids))  # type: ignore[misc]
        after = ids[-1]


def asked_scores(programs: Sequence[LoadedProgram]) -> list[str]:
    """The scores that programs in use measure."""
    named = {
        program.newest.program.qualification.measure.name
        for program in programs
        if program.newest is not None
        and program.newest.status is not Status.ARCHIVED
        and program.newest.program.qualification.measure.kind is MeasureKind.ATTRIBUTE
    }
    return [score for score, attribute in TOLD.items() if attribute in named]


def _tell(connection: Connection, context: Context, ids: Sequence[int]) -> int:
    programs = load_evaluated(connection, context, hold=True)  # programs before members
    held = people.lock(connection, context.scope, ids)
    return tell_scores(connection, context, programs, held, ids)
