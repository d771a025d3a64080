"""Revisions put in force for large bases: by a job, in steps, seen by everybody at once, whatever happens meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from random import Random
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event

from tests.app.conftest import At
from tests.app.programs import COFFEE, earned, publish
from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.members.erase_member import erase_member
from ziggurat.app.members.list_members import list_members
from ziggurat.app.members.merge_members import merge_members
from ziggurat.app.members.read_member import read_member
from ziggurat.app.members.read_timeline import read_timeline
from ziggurat.app.members.unmerge_member import unmerge_member
from ziggurat.app.programs.count_tiers import count_tiers
from ziggurat.app.programs.daily_flows import daily_flows
from ziggurat.app.programs.list_jobs import list_jobs
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.app.programs.read_job import read_job
from ziggurat.app.programs.read_program import read_program
from ziggurat.app.programs.run_activations import claim_job, start_due_activations, step_activations, step_job
from ziggurat.app.upkeep.run_due import run_due
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.store.database import Connection
from ziggurat.store.repositories import jobs, outbox
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.tables import member_states, moves_to_tell, programs

HARDER = {**COFFEE, "tiers": [{"name": "Silver", "from": 1000}, {"name": "Gold", "from": 2000}]}
LADDERS = ([500, 2000], [1000, 2500], [300, 1200])
HOUR = 3_600_000_000


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 3)
    monkeypatch.setattr(limits, "MEMBERS_PER_STEP", 2)
    monkeypatch.setattr(limits, "STATES_PER_STEP", 3)


def ladder(number: int) -> dict[str, Any]:
    silver, gold = LADDERS[number]
    return {**COFFEE, "tiers": [{"name": "Silver", "from": silver}, {"name": "Gold", "from": gold}]}


def tier(context: Context, member: str, as_of: int | None = None) -> str:
    (standing,) = read_member(context, member, as_of=as_of).programs
    return standing.tier


def listen(context: Context) -> None:
    create_endpoint(context, url="http://127.0.0.1:9/", private_targets=True)


def messages(context: Context) -> list[Message]:
    with context.database.reading() as connection:
        return outbox.page(connection, context.scope, limit=10_000)


def step(context: Context, worker: str = "one") -> bool:
    return step_activations(context.database, worker, context.now)


def picture(context: Context, program: str, names: list[str]) -> tuple[object, ...]:
    """Everything that shows where members stand and how they came there."""
    year = 366 * 24 * HOUR
    return (
        count_tiers(context, program),
        list_members(context, program=program, limit=100),
        [list_members(context, program=program, tier=name, limit=100) for name in ("Member", "Silver", "Gold")],
        daily_flows(context, program, since=context.now - year, until=context.now + year),
        [read_timeline(context, name, limit=100, superseded=True) for name in names],
        [tier(context, name) for name in names],
    )


def left_over(context: Context) -> int:
    """Rows that nobody needs once an activation is done."""
    with context.database.reading() as connection:
        shown = {row.id: row.generation for row in connection.execute(context.scope.select(programs))}
        stored = connection.execute(context.scope.select(member_states)).all()
        waiting = connection.execute(context.scope.select(moves_to_tell)).all()
    return len(waiting) + len([row for row in stored if row.generation != shown[row.program_id]])


def chain_of_messages(context: Context, member: str) -> list[tuple[str, str]]:
    said = [message.payload for message in messages(context) if message.type.startswith("tier.")]
    return [(data["from_tier"], data["to_tier"]) for data in said if data["member"] == member]


def test_a_job_shows_everybody_by_the_new_rules_at_once(context: Context) -> None:
    program = publish(context)
    names = [f"m{number}" for number in range(7)]
    ingest_events(context, [earned(name, "2025-05-01", 600) for name in names])
    made = publish_program(context, HARDER, program)
    assert made.job is not None
    assert (made.job.done, made.job.total) == (0, 7)
    assert made.program.revision == 1

    before = picture(context, program, names)
    seen: list[int] = []
    while read_program(context, program).revision == 1:
        assert picture(context, program, names) == before
        assert step(context)
        seen.append(read_job(context, made.job.id).done)
    assert sorted(set(seen)) == [0, 2, 4, 6, 7]
    assert seen == sorted(seen)

    after = picture(context, program, names)
    assert {tier(context, name) for name in names} == {"Member"}
    while read_job(context, made.job.id).finished_at is None:
        assert step(context)
        assert picture(context, program, names) == after
    (job,) = list_jobs(context, limit=9).items
    assert (job.state, job.done, job.total, job.result) == ("done", 7, 7, {"moved": 7})
    assert not step(context)
    assert not verify_states(context).differences
    assert left_over(context) == 0


def test_what_happens_while_a_job_runs_is_not_lost(context: Context, at: At) -> None:
    program = publish(context)
    names = [f"m{number}" for number in range(7)]
    ingest_events(context, [earned(name, "2025-05-01", 600) for name in names])
    publish_program(context, HARDER, program)
    for _ in range(3):
        step(context)
    ingest_events(context, [earned("m0", "2025-06-01", 600), earned("new", "2025-06-01", 1200)])
    assert tier(context, "m0") == "Silver"
    run_due(context.database, at("2026-06-02"))
    later = replace(context, now=at("2026-06-03"))
    while step(later, "two"):
        pass
    as_of = context.now
    assert {name: tier(later, name, as_of) for name in ("m0", "m1", "new")} == {
        "m0": "Silver",
        "m1": "Member",
        "new": "Silver",
    }
    assert not verify_states(later).differences


def test_a_worker_that_dies_leaves_its_job_to_another(context: Context) -> None:
    program = publish(context)
    ingest_events(context, [earned(f"m{number}", "2025-05-01", 600) for number in range(5)])
    made = publish_program(context, HARDER, program)
    assert made.job is not None
    dead = claim_job(context.database, context.scope, "dead", context.now)
    assert dead is not None
    assert not step_activations(context.database, "alive", context.now + 1)
    later = context.now + 61_000_000
    while step_activations(context.database, "alive", later):
        pass
    assert read_job(context, made.job.id).state == "done"
    assert tier(context, "m0") == "Member"


def test_showing_a_revision_takes_no_more_statements_for_more_members(context: Context) -> None:
    listen(context)
    program = publish(context)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    def statements_to_show(members: int, number: int) -> int:
        ingest_events(context, [earned(f"m{n}", "2025-05-01", 600) for n in range(members)])
        publish_program(context, ladder(number), program)
        published = read_program(context, program).revision
        while read_program(context, program).revision == published:
            asked.clear()
            step(context)
        return len(asked)

    event.listen(context.database.engine, "before_cursor_execute", note)
    few = statements_to_show(6, 1)
    while step(context):
        pass
    assert statements_to_show(60, 0) == few


def test_everybody_hears_of_an_activation_once_and_before_anything_later(context: Context) -> None:
    listen(context)
    program = publish(context)
    names = [f"m{number}" for number in range(9)]
    ingest_events(context, [earned(name, "2025-05-01", 600) for name in names])
    publish_program(context, HARDER, program)
    while read_program(context, program).revision == 1:
        step(context)
    assert chain_of_messages(context, "m8") == [("", "Silver")]
    later = replace(context, now=context.now + 24 * HOUR)
    ingest_events(later, [earned("m8", "2025-07-01T12:00:00Z", 600)])
    while step(context):
        pass
    told = [("", "Silver"), ("Silver", "Member")]
    assert chain_of_messages(context, "m8") == [*told, ("Member", "Silver")]
    assert {tuple(chain_of_messages(context, name)) for name in names[:8]} == {tuple(told)}
    activated = [message for message in messages(context) if message.type == "program.activated"]
    assert [message.payload["members_moved"] for message in activated] == [0, 9]


class Broken(Exception):
    """The process dies."""


def test_a_death_in_any_step_changes_nothing_but_the_time_it_takes(context: Context) -> None:
    listen(context)
    program = publish(context)
    names = [f"m{number}" for number in range(5)]
    ingest_events(context, [earned(name, "2025-05-01", 600) for name in names])
    made = publish_program(context, HARDER, program)
    assert made.job is not None

    def die(connection: Connection) -> None:
        raise Broken

    now, deaths = context.now, 0
    while read_job(context, made.job.id).finished_at is None:
        dead = claim_job(context.database, context.scope, "dead", now)
        assert dead is not None
        now += 61_000_000  # its lease runs out
        with pytest.raises(Broken):
            step_job(replace(context, database=context.database.riding(die), now=now), dead)
        deaths += 1
        assert step_activations(context.database, "alive", now)
    assert deaths > 8
    assert [tier(context, name) for name in names] == ["Member"] * 5
    assert chain_of_messages(context, "m3") == [("", "Silver"), ("Silver", "Member")]
    assert not verify_states(context).differences
    assert left_over(context) == 0


def test_an_activation_given_up_half_way_leaves_nothing_behind(context: Context) -> None:
    program = publish(context)
    names = [f"m{number}" for number in range(7)]
    ingest_events(context, [earned(name, "2025-05-01", 600) for name in names])
    made = publish_program(context, HARDER, program)
    assert made.job is not None
    before = picture(context, program, names)
    for _ in range(3):
        step(context)
    with context.database.writing() as connection:
        assert jobs.cancel(connection, context.scope, made.job.id, context.now)
    ingest_events(context, [earned("m0", "2025-05-01", 1)])
    assert start_due_activations(context.database, context.now) == 1
    while read_program(context, program).revision == 1:
        assert count_tiers(context, program) == before[0]
        assert step(context)
    while step(context):
        pass
    assert {tier(context, name) for name in names} == {"Member"}
    told = read_timeline(context, "m1", limit=9, superseded=True).items
    assert [move.to_tier for move in told] == ["Silver", "Member"]
    assert not verify_states(context).differences
    assert left_over(context) == 0


def test_a_base_that_has_become_small_is_put_right_at_once_in_the_middle_of_telling(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(context)
    program = publish(context)
    ingest_events(context, [earned(f"m{number}", "2025-05-01", 600) for number in range(7)])
    publish_program(context, HARDER, program)
    while read_program(context, program).revision == 1:
        step(context)
    step(context)
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 50)
    assert publish_program(context, ladder(2), program).job is None
    while step(context):
        pass
    for number in range(7):
        told = [("", "Silver"), ("Silver", "Member"), ("Member", "Silver")]
        assert chain_of_messages(context, f"m{number}") == told
    assert not verify_states(context).differences
    assert left_over(context) == 0


class Life:
    """What happens to members, by chance, while time passes."""

    def __init__(self, context: Context, seed: int) -> None:
        self.chance, self.start, self.now = Random(seed), context, context.now
        self.names = [f"m{number}" for number in range(8)]
        self.gone: set[str] = set()
        self.again: set[str] = set()  # who were merged for a while, and are told of from the start
        self.made = count()

    @property
    def context(self) -> Context:
        return replace(self.start, now=self.now)

    def there(self) -> list[str]:
        return [name for name in self.names if name not in self.gone]

    def something(self) -> None:
        chances: list[Callable[[], None]] = [self.earn, self.earn, self.earn, self.pass_time, self.repair]
        if len(self.gone) < 4:
            chances += [self.merge, self.erase]
        self.chance.choice(chances)()

    def earn(self) -> None:
        who = self.chance.choice([*self.there(), f"new{next(self.made)}"])
        days = self.chance.choice([0, 0, 0, 30, 200])  # some of them come late, and correct what was told
        said = earned(who, "2025-05-01", self.chance.randrange(50, 900))
        ingest_events(self.context, [replace(said, occurred_at=self.now - days * 24 * HOUR - 1)])

    def merge(self) -> None:
        one, other = self.chance.sample(self.there(), 2)
        merge_members(self.context, one, other)
        if self.chance.random() < 0.5:
            step(self.context)
            unmerge_member(self.context, one)
            self.again.add(one)
        else:
            self.gone |= {one, other}

    def erase(self) -> None:
        name = self.chance.choice(self.there())
        erase_member(self.context, name)
        self.gone.add(name)

    def pass_time(self) -> None:
        run_due(self.context.database, self.now)

    def repair(self) -> None:
        verify_states(self.context, repair=True)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_between_the_steps_everything_follows_from_the_rules(context: Context, seed: int) -> None:
    listen(context)
    program = publish(context)
    life = Life(context, seed)
    for name in life.names:
        ingest_events(context, [earned(name, "2025-03-01", life.chance.randrange(100, 2500))])
    for number in (1, 2, 0):
        publish_program(life.context, ladder(number), program)
        while step(life.context):
            for _ in range(life.chance.randrange(3)):
                life.something()
            life.now += life.chance.choice([1, 20 * 24 * HOUR])
        life.pass_time()
        assert not verify_states(life.context).differences
    assert left_over(context) == 0
    corrected = {message.payload["member"] for message in messages(context) if message.type == "tier.corrected"}
    for name in set(life.there()) - life.again - corrected:
        told = chain_of_messages(context, name)
        assert [before for before, _ in told] == ["", *(after for _, after in told[:-1])]


def test_events_that_come_in_all_the_while_are_all_there(context: Context) -> None:
    program = publish(context)
    names = [f"m{number}" for number in range(30)]
    ingest_events(context, [earned(name, "2025-05-01", 600) for name in names])
    enough, faults, numbers = Flag(), [], count()

    def write(first: int) -> None:
        chance = Random(first)
        try:
            while not enough.is_set():
                who = chance.choice(names)
                (outcome,) = ingest_events(context, [earned(who, "2025-06-01", 50, id=f"w{next(numbers)}")])
                assert outcome.result == "accepted"
        except Exception as error:  # noqa: BLE001 - told below
            faults.append(error)

    writers = [Thread(target=write, args=(number,)) for number in range(2)]
    for writer in writers:
        writer.start()
    try:
        for number in (1, 2):
            publish_program(context, ladder(number), program)
            while step(context):
                pass
    finally:
        enough.set()
        for writer in writers:
            writer.join()
    assert faults == []
    assert read_program(context, program).revision == 3
    assert not verify_states(context).differences
    assert left_over(context) == 0
