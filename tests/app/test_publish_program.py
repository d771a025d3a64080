"""Publishing makes a document the next revision in one go, with the status that is asked for."""

from dataclasses import replace

import pytest

from tests.app.conftest import At
from tests.app.programs import COFFEE, earned, publish
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.members.read_member import read_member
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.program.model import Status
from ziggurat.store.errors import StaleVersionError


def test_a_status_is_changed_together_with_the_document(context: Context, at: At) -> None:
    program = publish(context)
    ingest_events(context, [earned("ann", "2025-06-01", 600)])

    paused = publish_program(context, {**COFFEE, "name": "Tea Club"}, program, status=Status.PAUSED)

    assert (paused.program.status, paused.program.name, paused.revision.number) == (Status.PAUSED, "Tea Club", 2)
    (outcome,) = ingest_events(context, [earned("ann", "2025-07-01", 1)])
    assert [move.tier_after for move in outcome.programs] == ["Member"]


def test_a_status_that_is_not_said_stays(context: Context) -> None:
    program = publish(context)
    publish_program(context, COFFEE, program, status=Status.PAUSED)

    assert publish_program(context, COFFEE, program).program.status is Status.PAUSED


def test_a_program_that_has_changed_since_it_was_seen_is_left_alone(context: Context) -> None:
    program = publish(context)
    seen = publish_program(context, COFFEE, program).program.version
    publish_program(context, COFFEE, program)

    with pytest.raises(StaleVersionError):
        publish_program(context, {**COFFEE, "name": "Tea Club"}, program, expected_version=seen)


def test_who_asked_first_but_had_to_wait_is_in_force_all_the_same(context: Context) -> None:
    program = publish(context)
    ingest_events(context, [earned("ann", "2025-06-01", 600)])
    publish_program(context, {**COFFEE, "name": "Tea Club"}, program)
    earlier = replace(context, now=context.now - 1_000)

    made = publish_program(earlier, {**COFFEE, "tiers": [{"name": "Bronze", "from": 600}]}, program)

    assert (made.program.revision, made.revision.published, made.job) == (3, True, None)
    (state,) = read_member(context, "ann").programs
    assert (state.tier, state.since) == ("Bronze", context.now)
    assert not verify_states(context).differences
    publish_program(earlier, COFFEE, program)
