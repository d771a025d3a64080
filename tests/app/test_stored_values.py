"""Values in stored states: nobody writes a state for its value alone, but where audiences ask for it."""

from dataclasses import replace

from tests.app.programs import earned, publish
from tests.app.test_audiences import people
from ziggurat.app.audiences.create_audience import create_audience
from ziggurat.app.audiences.refresh_audience import refresh_audience
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.app.members.list_members import list_members
from ziggurat.app.members.read_member import read_member
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.program.amounts import SCALE
from ziggurat.store.repositories import members, states
from ziggurat.store.repositories.states import MemberState


def stored(context: Context, name: str) -> MemberState:
    with context.database.reading() as connection:
        found = members.get(connection, context.scope, name)
        assert found is not None
        (state,) = states.of_member(connection, context.scope, found.id)
    return state


def test_an_event_that_moves_nobody_leaves_the_stored_state_alone_and_lists_know_better(context: Context) -> None:
    publish(context)
    ingest_events(context, [earned("ann", "2025-06-01", 10)])
    before = stored(context, "ann")
    ingest_events(replace(context, now=context.now + 1), [earned("ann", "2025-06-02", 90)])
    assert stored(context, "ann") == before
    (view,) = list_members(context, limit=1).items
    assert view.programs == (replace(read_member(context, "ann").programs[0], risks=(), opportunities=()),)
    assert view.programs[0].value == 100 * SCALE
    assert not verify_states(context).differences
    ingest_events(context, [earned("ann", "2025-06-03", 400)])
    assert stored(context, "ann").value == 500 * SCALE


def test_rules_about_values_find_those_who_came_before_the_first_audience_and_follow(context: Context) -> None:
    program = publish(context)
    ingest_events(context, [earned("ann", "2025-06-01", 10), earned("bob", "2025-06-01", 10)])
    ingest_events(context, [earned("ann", "2025-06-02", 90)])
    rule = SaidRule(f"program.{program}.value", "greater_than_or_equal", (100,))
    audience = create_audience(context, "Hundred", rules=[rule])
    assert people(context, audience) == ["ann"]
    ingest_events(context, [earned("bob", "2025-06-02", 90), earned("eve", "2025-06-02", 99)])
    assert people(context, audience) == ["ann", "bob"]
    ingest_events(context, [earned("eve", "2025-06-03", 1)])
    refresh_audience(context, audience.id)
    assert people(context, audience) == ["ann", "bob", "eve"]
    assert not verify_states(context).differences
