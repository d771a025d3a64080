"""Say why a member is where she is."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.find_member import find_standing
from ziggurat.app.events.load_programs import load_programs
from ziggurat.app.members.ledger_of import ledger_of, own_events
from ziggurat.app.members.views import ExplanationView
from ziggurat.engine.explain import NothingHappenedError, explain
from ziggurat.store.errors import NotFoundError


def explain_member(
    context: Context, member: str, *, program: str | None = None, as_of: int | None = None
) -> tuple[ExplanationView, ...]:
    """An explanation for every program, or for the one named; none where nothing has happened to the member yet.

    Raises:
        NotFoundError: no such member or program.
    """
    instant = context.now if as_of is None else as_of
    with context.database.reading() as connection:
        _, standing = find_standing(connection, context, member)
        programs = [
            each for each in load_programs(connection, context) if program is None or each.row.public_id == program
        ]
        rows = ledger_of(connection, context, standing)
    if program is not None and not programs:
        raise NotFoundError("program", program)
    told = []
    for each in programs:
        revisions = each.known_by(instant, context.now)
        if not revisions:
            continue
        try:
            events = own_events(rows, standing.external_id, each.row.public_id)
            explanation = explain(revisions, events, instant, standing.external_id)
        except NothingHappenedError:
            continue
        sentence = " ".join(explanation.sentences)
        told.append(ExplanationView(each.row.public_id, sentence, explanation.as_dict()))
    return tuple(told)
