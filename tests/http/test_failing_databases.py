"""A database that is locked, full, gone or of another schema: a clear answer, nothing half-written, and it goes on."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from sqlalchemy import event as sql_event
from starlette.testclient import TestClient

from tests.http.club import DOCUMENT, event, start_program
from tests.http.conftest import Served, StandingClock
from tests.http.test_problems import file_of
from tests.http.test_real_server import command_line
from tests.store.conftest import postgres, postgres_template
from tests.support.postgres import PostgresServer, postgres_server
from ziggurat.app.access.read_organization import find_organization
from ziggurat.app.context import Context
from ziggurat.app.events.export_events import export_events
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.http.application import create_app
from ziggurat.http.settings import Settings
from ziggurat.store.schema import LATEST, open_database

__all__ = ["postgres", "postgres_template"]

ServeWith = Callable[..., Served]
WAITING_MS = 100


@pytest.fixture
def serve_postgres(
    serve_with: ServeWith, postgres: PostgresServer, postgres_template: str
) -> Iterator[Callable[..., tuple[Served, str]]]:
    """Makes applications over new databases of PostgreSQL; with the address of each."""
    names = []

    def serve(**settings: Any) -> tuple[Served, str]:
        names.append(postgres.create(template=postgres_template))
        url = postgres.url_of(names[-1])
        return serve_with(database_url=url, **settings), url

    yield serve
    for name in names:
        postgres.drop(name)


def batch(number: int, size: int = 50) -> list[dict[str, Any]]:
    return [event(number * size + place, f"m{place % 7}", 1) for place in range(size)]


def told(client: TestClient, events: list[dict[str, Any]]) -> tuple[int, str]:
    """The status and code, "" for none, of the answer to those events."""
    answer = client.post("/v1/events", json=events)
    if answer.status_code in (503, 507):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert ("retry-after" in answer.headers) == (answer.status_code == 503)
    return answer.status_code, answer.json().get("code", "")


def readiness(served: Served) -> tuple[int, str]:
    answer = served.anonymous().get("/readyz")
    return answer.status_code, answer.json().get("code", "")


def ledger(served: Served) -> list[str]:
    """The ids in the ledger, after all that is derived was found to agree with it."""
    database = served.service.database
    scope = find_organization(database, "first")
    assert scope is not None
    context = Context(database, scope, "test", served.clock.now)
    assert verify_states(context).differences == ()
    return sorted(each.id for each in export_events(context))


def ids(*batches: list[dict[str, Any]]) -> list[str]:
    return sorted(each["id"] for events in batches for each in events)


# --- locked


def test_while_somebody_else_writes_a_sqlite_file_reading_goes_on(serve_with: ServeWith) -> None:
    served = serve_with(lock_timeout_ms=WAITING_MS)
    client = served.client()
    start_program(client)
    assert told(client, batch(0)) == (200, "")
    with sqlite3.connect(file_of(served), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert told(client, batch(1)) == (503, "database_locked")
        assert client.get("/v1/members/m1").json()["programs"][0]["progress"]["value"] == 7
        other.execute("ROLLBACK")
    other.close()
    assert ledger(served) == ids(batch(0))
    assert told(client, batch(1)) == (200, "")
    assert ledger(served) == ids(batch(0), batch(1))


def test_while_somebody_else_holds_a_member_of_postgresql_others_are_served(
    serve_postgres: Callable[..., tuple[Served, str]],
) -> None:
    served, url = serve_postgres(lock_timeout_ms=WAITING_MS)
    client = served.client()
    start_program(client)
    assert told(client, batch(0)) == (200, "")
    one = event(9_999, "m2", 1)
    with psycopg.connect(url) as other:
        other.execute("SELECT * FROM members WHERE external_id = 'm1' FOR UPDATE")
        assert told(client, batch(1)) == (503, "database_locked")
        assert client.get("/v1/members/m1").status_code == 200
        assert told(client, [one]) == (200, "")
    assert ledger(served) == ids(batch(0), [one])
    assert told(client, batch(1)) == (200, "")
    assert ledger(served) == ids(batch(0), batch(1), [one])


# --- full


def test_a_full_disk_takes_nothing_half_and_everything_when_there_is_room_again(serve_with: ServeWith) -> None:
    served = serve_with()
    client = served.client()
    start_program(client)
    room = [int(file_of(served).stat().st_size / 4096) + 40]

    def limit(connection: sqlite3.Connection, record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {room[0]}")

    served.service.database.dispose()
    sql_event.listen(served.service.database.engine, "connect", limit)
    taken: list[list[dict[str, Any]]] = []
    answers = (told(client, batch(number, 200)) for number in range(100))
    for answer in answers:
        if answer != (200, ""):
            assert answer == (507, "database_full")
            break
        taken.append(batch(len(taken), 200))
    left = batch(len(taken), 200)
    assert taken
    assert ledger(served) == ids(*taken)
    assert client.get("/v1/members/m1").status_code == 200
    assert served.anonymous().get("/healthz").status_code == 200
    for _ in range(2):
        assert readiness(served) == (507, "database_full")

    room[0] = 1_000_000
    served.service.database.dispose()
    assert readiness(served) == (200, "")
    for again in (*taken, left):
        assert told(client, again) == (200, "")
    assert ledger(served) == ids(*taken, left)


def test_a_full_disk_of_postgresql_takes_nothing_half(serve_postgres: Callable[..., tuple[Served, str]]) -> None:
    """PostgreSQL's own word for a full disk, said after the events are in and before their states are."""
    served, url = serve_postgres()
    client = served.client()
    start_program(client)
    assert told(client, batch(0)) == (200, "")
    one = event(9_999, "somebody new", 600)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        other.execute("CREATE TRIGGER full_disk BEFORE INSERT ON transitions EXECUTE FUNCTION full_disk()")
        other.execute("CREATE TRIGGER full_disk BEFORE UPDATE ON alembic_version EXECUTE FUNCTION full_disk()")
        assert readiness(served) == (200, "")  # it does not write unless something speaks against it
        assert told(client, [one]) == (507, "database_full")
        assert readiness(served) == (507, "database_full")
        assert ledger(served) == ids(batch(0))
        other.execute("DROP TRIGGER full_disk ON transitions")
        other.execute("DROP TRIGGER full_disk ON alembic_version")
        assert readiness(served) == (200, "")
    assert told(client, [one]) == (200, "")
    assert ledger(served) == ids(batch(0), [one])


def test_when_postgresql_has_no_connection_left_that_is_not_called_full(
    serve_postgres: Callable[..., tuple[Served, str]],
) -> None:
    served, url = serve_postgres()
    client = served.client()
    assert told(client, batch(0)) == (200, "")
    name = url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("CREATE ROLE guest LOGIN")
        other.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
    as_guest = url.replace("postgres@", "guest@")
    run = subprocess.run(command_line({"database": as_guest, "port": 0}), capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "too many connections" in run.stderr
    with psycopg.connect(url.replace(name, "postgres"), autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
        other.execute("DROP ROLE guest")


# --- gone


def test_postgresql_dies_while_events_come_in_and_comes_back(tmp_path: Path) -> None:
    with postgres_server(durable=True) as server:
        if not server.can_crash:
            pytest.skip("the server is not ours to kill")
        url = server.url_of(server.create())
        open_database(url).dispose()
        clock = StandingClock()
        served = Served(create_app(Settings(database_url=url, objects=str(tmp_path / "files")), clock), clock)
        start_program(served.client())
        clients = [served.client() for _ in range(3)]
        taken: list[int] = []
        refused: list[tuple[int, str]] = []

        def send(place: int) -> None:
            for number in range(place, 3_000, len(clients)):
                answer = told(clients[place], batch(number, 5))
                if answer != (200, ""):
                    refused.append(answer)
                    return
                taken.append(number)

        with ThreadPoolExecutor(len(clients)) as pool:
            sending = [pool.submit(send, place) for place in range(len(clients))]
            while len(taken) < 10:
                pass
            with server.away():
                for each in sending:
                    each.result()
                assert refused == [(503, "database_unavailable")] * len(clients)
                reader = clients[0]
                assert reader.get("/v1/members/m1").json()["code"] == "database_unavailable"
                assert reader.get("/healthz").status_code == 200
                assert reader.get("/readyz").status_code == 503
                assert "ziggurat_database_up 0.0" in reader.get("/metrics").text
        assert reader.get("/readyz").status_code == 200
        before = ledger(served)
        assert set(before) >= set(ids(*(batch(number, 5) for number in taken)))
        whole = [number for number in range(max(taken) + 4) if set(ids(batch(number, 5))) <= set(before)]
        assert before == ids(*(batch(number, 5) for number in whole))
        for number in range(max(taken) + 1):
            assert told(reader, batch(number, 5)) == (200, "")
        assert set(ledger(served)) == set(before) | set(ids(*(batch(n, 5) for n in range(max(taken) + 1))))
        for client in served.clients:
            client.close()
        served.service.database.dispose()


def test_a_deleted_file_is_not_written_to_and_a_backup_in_its_place_is_opened(
    serve_with: ServeWith, tmp_path: Path
) -> None:
    served = serve_with()
    client = served.client()
    start_program(client)
    assert told(client, batch(0)) == (200, "")
    file, backup = file_of(served), tmp_path / "backup.db"
    with sqlite3.connect(file) as source, sqlite3.connect(backup) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    assert told(client, batch(1)) == (200, "")

    for each in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        each.unlink()
    assert told(client, batch(2)) == (503, "database_unavailable")
    assert client.get("/v1/members/m1").status_code == 503
    assert served.anonymous().get("/readyz").status_code == 503
    assert not file.exists()

    shutil.copy(backup, file)
    assert ledger(served) == ids(batch(0))
    assert told(client, batch(1)) == told(client, batch(2)) == (200, "")
    assert ledger(served) == ids(batch(0), batch(1), batch(2))


def test_a_damaged_file_is_told_and_a_whole_one_in_its_place_is_opened(serve_with: ServeWith, tmp_path: Path) -> None:
    served = serve_with()
    client = served.client()
    start_program(client)
    assert told(client, batch(0)) == (200, "")
    file, whole = file_of(served), tmp_path / "whole.db"
    served.service.database.dispose()
    shutil.copy(file, whole)
    file.write_bytes(os.urandom(1 << 16))
    assert told(client, batch(1)) == (503, "database_unavailable")
    whole.replace(file)
    assert told(client, batch(1)) == (200, "")
    assert ledger(served) == ids(batch(0), batch(1))


# --- another schema


@pytest.mark.parametrize(
    ("kind", "version", "says"),
    [
        ("sqlite", "9999", "knows up to"),
        ("postgresql", "9999", "knows up to"),
        ("postgresql", "0001", "ziggurat migrate"),  # a file is brought up to date by whoever opens it
    ],
)
def test_a_schema_of_another_version_is_not_served(
    kind: str, version: str, says: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url_of(server.create(template=request.getfixturevalue("postgres_template")))
    database = open_database(url)
    with database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
    database.dispose()
    words = command_line({"database": url, "port": 0})
    run = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 1
    assert says in run.stderr
    assert run.stdout == ""


def test_a_file_of_the_schema_before_is_brought_up_to_date_with_all_it_holds(tmp_path: Path) -> None:
    from alembic import command

    from ziggurat.app.access.create_first_key import create_first_key
    from ziggurat.store.database import Database
    from ziggurat.store.schema import alembic_config, migrate, schema_state

    url = f"sqlite:///{tmp_path / 'old.db'}"
    database = Database(url)
    with database.writing() as connection:
        command.upgrade(alembic_config(connection), "0001")
    assert schema_state(database) == "older"
    with database.writing() as connection:
        columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(organizations)")]
    assert "name" in columns
    assert migrate(database)
    made = create_first_key(database, 0)
    database.dispose()
    process = subprocess.Popen(command_line({"database": url, "port": 0}), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    try:
        headers = {"authorization": f"Bearer {made.secret}"}
        with httpx2.Client(base_url=address, headers=headers, timeout=60, trust_env=False) as client:
            assert client.post("/v1/programs", json=DOCUMENT).status_code == 201
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_a_schema_that_changes_under_the_service_makes_it_unready_until_it_is_back(
    serve_postgres: Callable[..., tuple[Served, str]],
) -> None:
    served, url = serve_postgres()
    client = served.client()
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        assert client.get("/readyz").json()["code"] == "schema_newer"
        other.execute("UPDATE alembic_version SET version_num = %s", [LATEST])
    assert client.get("/readyz").status_code == 200
