"""What script/crash looks with sees: a loss, a double, and a state that does not follow, each planted by hand."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.crash.servers import Servers, servers
from tests.crash.world import World
from tests.crash.writers import Batch, client, resend
from ziggurat.store.database import Database
from ziggurat.store.schema import migrate

PEOPLE = 20
UNIQUE = ", \n\tCONSTRAINT uq_events_organization_id_external_id UNIQUE (organization_id, external_id)"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checked") / "checked.db"


@pytest.fixture(scope="module")
def started(file: Path) -> Iterator[Servers]:
    url = f"sqlite:///{file}"
    database = Database(url)
    migrate(database)
    database.dispose()
    with servers(url, 1, file.with_name("log")) as running:
        yield running


@pytest.fixture
def world(file: Path, started: Servers, request: pytest.FixtureRequest) -> Iterator[World]:
    """An organization that has taken 200 events in and acknowledged them."""
    database = Database(f"sqlite:///{file}")
    made = World.make(database, request.node.name, PEOPLE)
    assert resend(made, started.addresses[0], [batch(made, "first")]) == []
    assert made.differences() == []
    yield made
    database.dispose()


def batch(world: World, name: str) -> Batch:
    random = Random(name)
    return Batch([world.event(random, f"{world.name}-{name}-{number}") for number in range(200)], 0)


def acknowledged(world: World, started: Servers, sent: Batch) -> Batch:
    with client(world, started.addresses[0]) as session:
        answer = session.post("/v1/events", json=sent.events)
    assert answer.json()["counts"]["accepted"] == len(sent.events)
    sent.acknowledged = True
    return sent


def behind_its_back(file: Path, *statements: str) -> None:
    with sqlite3.connect(file) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0
    connection.close()


def test_what_was_acknowledged_and_then_lost_is_found(world: World, file: Path, started: Servers) -> None:
    """As by a disk that only said it had written: the file of an earlier moment is there again."""
    sent = batch(world, "second")
    started.kill([0])
    for each in (file, Path(f"{file}-wal")):
        shutil.copy(each, each.with_name(each.name + ".before"))
    started.restart([0])
    acknowledged(world, started, sent)
    started.kill([0])
    Path(f"{file}-shm").unlink()
    for each in (file, Path(f"{file}-wal")):
        each.with_name(each.name + ".before").replace(each)
    started.restart([0])
    known = dict(world.known), world.sums.copy()
    world.learn(sent.events)
    assert f"{world.name}: {sent.events[0]['id']} is lost" in world.differences()
    world.known, world.sums = known
    told = resend(world, started.addresses[0], [sent])
    assert len(told) == 1
    assert "that was acknowledged" in told[0]


def test_a_single_event_that_is_gone_is_found(world: World, file: Path) -> None:
    one = next(iter(world.known))
    behind_its_back(file, f"DELETE FROM events WHERE external_id = '{one}'")
    found = world.differences()
    assert f"{world.name}: {one} is lost" in found
    assert any("packed history" in each for each in found)


def test_an_event_that_counts_twice_is_found(world: World, started: Servers) -> None:
    """Taken in a second time under another id, as a service would that forgets what it knows."""
    one = next(event for event in batch(world, "first").events if event["points"])
    acknowledged(world, started, Batch([one | {"id": "the same again"}], 0))
    found = world.differences()
    assert f"{world.name}: the same again was never sent or acknowledged" in found
    assert any(each.startswith(f"{world.name}: {one['member']} has ") for each in found)


def test_an_event_that_is_there_twice_is_found(world: World, file: Path) -> None:
    one = next(iter(world.known))
    columns = "organization_id, member_id, occurred_at, type, recorded_at, content_hash, points, amount, qualifying"
    same = f"SELECT {columns}, sequence + 1000000, external_id FROM events WHERE external_id = '{one}'"
    with sqlite3.connect(file) as connection:
        (table,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'events'").fetchone()
        unprotected = table.replace(UNIQUE, "")
        assert unprotected != table
        connection.execute("ALTER TABLE events RENAME TO guarded")
        connection.execute(unprotected)
        connection.execute("INSERT INTO events SELECT * FROM guarded")
        connection.execute(f"INSERT INTO events ({columns}, sequence, external_id) {same}")
    connection.close()
    try:
        assert f"{world.name}: {one} is there 2 times" in world.differences()
    finally:
        behind_its_back(file, "DROP TABLE events", "ALTER TABLE guarded RENAME TO events")


def test_a_tier_that_does_not_follow_from_the_events_is_found(world: World, file: Path) -> None:
    behind_its_back(file, "UPDATE member_states SET tier_index = 3, value = value + 10000")
    found = world.differences()
    assert any(" has [" in each for each in found)
    assert any("verify: " in each for each in found)


def test_an_audit_trail_with_a_hole_is_found(world: World, file: Path) -> None:
    behind_its_back(file, "DELETE FROM audit_entries WHERE number = 2")
    assert any("audit trail" in each for each in world.differences())
