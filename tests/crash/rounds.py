"""One kill each: while events come in, while a revision is put in force, or of the database itself."""

import threading
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2
from sqlalchemy import update

from tests.crash.servers import PATIENCE_S, Servers
from tests.crash.world import World, ladder_document
from tests.crash.writers import Batch, Writer, client, resend
from tests.support.postgres import PostgresServer
from ziggurat.store.database import Database
from ziggurat.store.tables import jobs

WRITERS = 4


@dataclass
class Tally:
    """What a run came to: `kills` of processes, and in how many rounds they came while what was going on."""

    rounds: int = 0
    kills: int = 0
    while_writing: int = 0
    while_activating: int = 0
    of_the_database: int = 0
    events_acknowledged: int = 0
    batches_in_doubt: int = 0
    activations_interrupted: int = 0
    activations_lost: int = 0
    activations_put_off: int = 0
    differences: list[str] = field(default_factory=list)


@dataclass
class Site:
    """Where the rounds of one kind of database happen. `postgres` is None on SQLite."""

    database: Database
    servers: Servers
    postgres: PostgresServer | None
    tally: Tally
    random: Random


def kill_while_writing(site: Site, world: World, name: str, batches: int, *, of_database: bool = False) -> None:
    """Several writers at once; after so many batches some servers, or the database, are killed."""
    site.tally.while_writing += not of_database
    site.tally.of_the_database += of_database
    writers, reached, enough = _start_writers(site, world, name, batches)
    reached.wait(PATIENCE_S)
    time.sleep(site.random.random() * 0.1)
    victims = _victims(site)
    if of_database:
        assert site.postgres is not None, "only a database that is a process can be killed"
        site.postgres.crash()
        site.tally.kills += 1
    else:
        site.servers.kill(victims)
    sent = _join(site, writers, enough)
    if not of_database:
        site.servers.restart(victims)
    _check_ledger(site, world, sent)


def kill_while_activating(site: Site, world: World, name: str, *, writing: bool) -> None:
    """A revision is put in force for a large base, in some rounds while events come in, and all servers are killed."""
    site.tally.while_activating += 1
    old, new = world.ladder, 1 - world.ladder
    writers: list[Writer] = []
    enough = threading.Event()
    before = world.tier_counts(old), world.tier_counts(new)
    if writing:
        writers, _, enough = _start_writers(site, world, name, 1)
    with client(world, site.servers.addresses[0]) as session:
        revision = session.get(f"/v1/programs/{world.program}").json()["revision"]
        draft = f"/v1/programs/{world.program}/draft"
        while session.put(draft, json=ladder_document(new), headers={"if-match": "*"}).status_code == 503:
            site.tally.activations_put_off += 1
            enough.set()
        path = f"/v1/programs/{world.program}/activate"
        if site.random.random() < 0.25:
            threading.Thread(target=_post_and_forget, args=(world, site.servers.addresses[-1], path)).start()
            time.sleep(site.random.random() * 0.06)
            job = None
        else:
            answer = session.post(path)
            if answer.status_code == 503:  # writers kept it waiting for too long; without them it has to go
                site.tally.activations_put_off += 1
                enough.set()
                answer = session.post(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{name}: {answer.status_code} {answer.text}")
            job = answer.json()["job"]
            _await_progress(site, session, world, job, None if writing else before)
    site.servers.kill(range(len(site.servers.running)))
    sent = _join(site, writers, enough)
    published, latest = _revisions(site, world)
    if published > revision:
        world.ladder = new
    if not sent and site.random.random() < 0.5:  # what writers left in doubt is sent again first
        site.tally.differences += world.differences()
    lapse_leases(site.database)
    site.servers.restart(range(len(site.servers.running)))
    if job is not None and latest == revision:
        site.tally.differences.append(f"{name}: an acknowledged activation is lost")
    site.tally.activations_lost += latest == revision
    site.tally.activations_interrupted += published == revision < latest
    if latest > revision:
        _await_end(site, world, latest, None if writing else before)
        world.ladder = new
    _check_ledger(site, world, sent)


def lapse_leases(database: Database) -> None:
    """As if a minute had passed: the jobs of the dead are free for others."""
    with database.writing() as connection:
        connection.execute(update(jobs).where(jobs.c.lease_until.is_not(None)).values(lease_until=0))


def _start_writers(
    site: Site, world: World, name: str, batches: int
) -> tuple[list[Writer], threading.Event, threading.Event]:
    """The writers, what is set when so many batches were sent, and what stops them."""
    reached, enough, count, lock = threading.Event(), threading.Event(), [0], threading.Lock()

    def sent() -> None:
        with lock:
            count[0] += 1
        if count[0] >= batches:
            reached.set()

    addresses = site.servers.addresses
    writers = [
        Writer(world, f"{name}-{number}", addresses[number % len(addresses)], enough, sent) for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    return writers, reached, enough


def _join(site: Site, writers: list[Writer], enough: threading.Event) -> list[Batch]:
    """Everything the writers sent, when they have ended."""
    enough.set()
    sent = []
    for writer in writers:
        writer.join(PATIENCE_S)
        if writer.is_alive():
            site.tally.differences.append(f"{writer.name} still waits for an answer")
        site.tally.differences += [f"{writer.name}: {fault}" for fault in writer.faults]
        sent += writer.batches
    site.tally.events_acknowledged += sum(len(batch.events) for batch in sent if batch.acknowledged)
    site.tally.batches_in_doubt += sum(not batch.acknowledged for batch in sent)
    return sent


def _check_ledger(site: Site, world: World, sent: list[Batch]) -> None:
    _await_ready(site, world)
    address = site.random.choice(site.servers.addresses)
    site.tally.differences += resend(world, address, sent)
    site.tally.differences += world.differences()


def _victims(site: Site) -> list[int]:
    places = range(len(site.servers.running))
    return sorted(site.random.sample(places, site.random.randint(1, len(places))))


def _await_ready(site: Site, world: World) -> None:
    """Until every server can work on the database: after a crash of the database that takes a moment."""
    deadline = time.monotonic() + PATIENCE_S
    for address in site.servers.addresses:
        with client(world, address) as session:
            while session.get("/readyz").status_code != 200:
                if time.monotonic() > deadline:
                    raise TimeoutError("the service did not come back")
                time.sleep(0.05)


def _post_and_forget(world: World, address: str, path: str) -> None:
    try:
        with client(world, address) as session:
            session.post(path)
    except httpx2.TransportError:
        pass  # it is killed


def _await_progress(
    site: Site, session: httpx2.Client, world: World, job: dict[str, Any], right: tuple[list[int], list[int]] | None
) -> None:
    """Until the job has come as far as chance says, and a moment more; nothing may be half visible meanwhile."""
    target = site.random.random() * job["total"]
    while job["done"] < target and job["state"] in ("queued", "running"):
        job = session.get(f"/v1/jobs/{job['id']}").json()
        _look(site, session, world, right)
        if job["total"] - job["done"] <= 1_000:
            break  # the last stretch shows everything: the longest one
    time.sleep(site.random.random() * (1.0 if job["total"] - job["done"] <= 1_000 else 0.4))


def _await_end(site: Site, world: World, latest: int, right: tuple[list[int], list[int]] | None) -> None:
    """Until the revision is in force; nothing may be half visible meanwhile."""
    deadline = time.monotonic() + PATIENCE_S
    with client(world, site.servers.addresses[0]) as session:
        while session.get(f"/v1/programs/{world.program}").json()["revision"] < latest:
            _look(site, session, world, right)
            if time.monotonic() > deadline:
                raise TimeoutError("the activation does not go on")
            time.sleep(0.02)


def _look(site: Site, session: httpx2.Client, world: World, right: tuple[list[int], list[int]] | None) -> None:
    counted = session.get(f"/v1/programs/{world.program}/tiers").json()["items"]
    members = [tier["members"] for tier in counted]
    if right is not None and members not in right:
        site.tally.differences.append(f"{world.name}: an activation is half visible: {members}, and not one of {right}")


def _revisions(site: Site, world: World) -> tuple[int, int]:
    """The revision in force, and the newest."""
    from ziggurat.app.events.load_programs import load_program

    with site.database.reading() as connection:
        row = load_program(connection, world.context, world.program).row
    return row.published_revision, row.latest_revision
