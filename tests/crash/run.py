"""Rounds on one kind of database, which all of them go on with."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

from tests.crash.rounds import Site, Tally, kill_while_activating, kill_while_writing
from tests.crash.servers import servers
from tests.crash.world import World
from tests.crash.writers import Batch, resend
from tests.support.postgres import PostgresServer, postgres_server
from ziggurat.store.database import Database
from ziggurat.store.schema import migrate

KINDS = ("sqlite", "postgresql")
ROUNDS_OF_A_WORLD = 6
"""After so many rounds of writing a new organization takes its turn: checking all of an old one takes ever longer."""
PEOPLE = 200


def run(kind: str, rounds: int, seed: str, members: int, say: Callable[[str], None] = lambda _: None) -> Tally:
    """`rounds` kills on a new database of `kind`, one in three while a revision is put in force for `members`."""
    tally = Tally()
    with _site(kind, seed, tally) as (site, url):
        base = World.make(site.database, "base", members)
        _fill(site, base)
        writing, told = base, 0
        for number in range(rounds):
            name = f"{kind}-{number}"
            if number % ROUNDS_OF_A_WORLD == 0:
                writing = World.make(site.database, f"writing-{number}", PEOPLE)
            if number % 3 == 1:
                kill_while_activating(site, base, name, writing=site.random.random() < 0.4)
            else:
                crash = site.postgres is not None and site.postgres.can_crash and number % 6 == 5
                kill_while_writing(site, writing, name, site.random.randint(1, 30), of_database=crash)
            tally.rounds += 1
            say(f"{name}: {tally.events_acknowledged:,} acknowledged, {len(tally.differences):,} differences")
            for text in tally.differences[told:]:
                say(f"  {text}")
            told = len(tally.differences)
        tally.kills += site.servers.kills
        _verify_all(url, tally)
    return tally


@contextmanager
def _site(kind: str, seed: str, tally: Tally) -> Iterator[tuple[Site, str]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres: PostgresServer | None = None
        url = f"sqlite:///{folder / 'crash.db'}"
        if kind == "postgresql":
            postgres = stack.enter_context(postgres_server(durable=True))
            url = postgres.url_of(postgres.create())
        database = Database(url)
        stack.callback(database.dispose)
        migrate(database)
        started = stack.enter_context(servers(url, 1 if kind == "sqlite" else 2, folder / "log"))
        yield Site(database, started, postgres, tally, Random(f"{seed}-{kind}")), url


def _fill(site: Site, world: World) -> None:
    """Give everybody an event or two."""
    events = [world.event(site.random, f"base-{number}") for number in range(2 * len(world.people))]
    for number, event in enumerate(events):
        event["member"] = world.people[number // 2]
        event["points"] *= 8
    parts = [Batch(events[first : first + 5_000], 0) for first in range(0, len(events), 5_000)]
    site.tally.differences += resend(world, site.servers.addresses[0], parts)


def _verify_all(url: str, tally: Tally) -> None:
    """The command's own word on all organizations."""
    done = subprocess.run(
        [sys.executable, "-m", "ziggurat", "verify", "--database", url], capture_output=True, text=True, check=False
    )
    if done.returncode:
        tally.differences.append(f"ziggurat verify: {done.stdout}{done.stderr}")
