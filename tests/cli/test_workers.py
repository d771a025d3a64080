"""Several `ziggurat worker` processes at once, after years in which none ran: every move is made and told once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.app.programs import earned, publish
from tests.app.receiver import Receiver, receiver
from tests.store.conftest import backend, database_url, postgres, postgres_template, sqlite_template
from ziggurat.app.access.create_organization import create_organization
from ziggurat.app.access.read_organization import find_organization
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.upkeep.measure_service import measure_service
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.cli.database import present
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Database

__all__ = ["backend", "database_url", "postgres", "postgres_template", "sqlite_template"]

WORKERS = 3
PEOPLE = 2_100
YEARLY = {
    "name": "Yearly",
    "time_zone": "Europe/Paris",
    "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
    "expiration": {"type": "fixed_duration", "period": {"months": 12}},
    "downgrade": {"type": "single_level", "grace_period": {"months": 1}},
    "base_tier": {"name": "Member"},
    "tiers": [{"name": "Silver", "from": 100}, {"name": "Gold", "from": 300}],
}


@pytest.fixture
def target() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def context(database_url: str, target: Receiver) -> Iterator[Context]:
    """An organization whose members' tiers end in the years after 2021, which is when they were last looked at."""
    database = Database(database_url)
    then = calendar("UTC").parse("2021-06-01")
    create_organization(database, "default", then, "test")
    scope = find_organization(database, "default")
    assert scope is not None
    made = Context(database, scope, "test", then)
    publish(made, YEARLY)
    create_endpoint(made, url=target.url, types=["tier.downgraded"], private_targets=True)
    ingest_events(
        made,
        [
            earned(f"m{number}", f"2021-0{number % 5 + 1}-0{number % 9 + 1}", 12 * (number % 10))
            for number in range(PEOPLE)
        ],
    )
    yield made
    database.dispose()


@pytest.mark.slow
def test_workers_share_what_has_piled_up(context: Context, database_url: str, target: Receiver) -> None:
    before = measure_service(context.database, present())
    assert before.due_members == sum(number % 10 >= 1 for number in range(PEOPLE))
    words = [sys.executable, "-m", "ziggurat", "worker", "--once", "--database", database_url]
    private = {**os.environ, "ZIGGURAT_WEBHOOK_PRIVATE_TARGETS": "on"}
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=private) for _ in range(WORKERS)]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0] * WORKERS, said
    after = measure_service(context.database, present())
    assert (after.due_members, after.evaluation_lag_us, after.outbox_waiting) == (0, 0, 0)

    now = Context(context.database, context.scope, "test", present())
    assert verify_states(now).differences == ()
    with context.database.reading() as connection:
        downs = "SELECT count(*) FROM transitions WHERE kind = 'downgraded'"
        moves = connection.exec_driver_sql(downs).scalar_one()
    told = [json.loads(request.body)["data"] for request in target.received]
    assert len({(data["member"], data["at"], data["kind"]) for data in told}) == len(told) == moves >= PEOPLE // 10
    assert len({request.headers["webhook-id"] for request in target.received}) == len(told)
