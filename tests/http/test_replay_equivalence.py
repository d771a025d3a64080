"""What comes in over HTTP, in any order and from several processes, stands as `ziggurat replay` says."""

import json
import shutil
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import httpx2

from tests.app.test_equivalence import DAY, MEMBERS, PROGRAMS, batches, life
from tests.cli.running import ziggurat
from tests.crash.servers import servers
from tests.store.conftest import backend, database_url, postgres, postgres_template, sqlite_template
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.program.amounts import SCALE
from ziggurat.program.calendar import calendar
from ziggurat.program.events import Event
from ziggurat.store.database import Database

__all__ = ["backend", "database_url", "postgres", "postgres_template", "sqlite_template"]

UTC = calendar("UTC")
CLIENTS = 4
PROCESSES = 2
Rows = dict[str, list[tuple[Any, ...]]]


def test_random_order_batches_and_processes_give_what_replay_gives(database_url: str, tmp_path: Path) -> None:
    random = Random("replay")
    now = time.time_ns() // 1_000
    lives = [life(random, name, now - 500 * DAY, now - DAY) for name in MEMBERS]
    said = {event.id: json_of(event) for events in lives for event in events}
    events = tmp_path / "events.jsonl"
    events.write_text("".join(json.dumps(event) + "\n" for event in said.values()))

    database = Database(database_url)
    headers = {"authorization": f"Bearer {create_first_key(database, now).secret}"}
    database.dispose()
    with servers(database_url, PROCESSES, tmp_path / "log") as started:
        sessions = [
            httpx2.Client(base_url=address, headers=headers, timeout=60, trust_env=False)
            for address in (started.addresses * CLIENTS)[:CLIENTS]
        ]
        for document in PROGRAMS:
            program = sessions[0].post("/v1/programs", json=document).json()["id"]
            assert sessions[0].post(f"/v1/programs/{program}/activate").status_code == 200
        waiting = list(said.values())
        random.shuffle(waiting)
        while waiting:
            left = send_all(sessions, batches(random, waiting))
            assert len(left) < len(waiting)
            assert all("reverses" in event for event in left), "only what reverses something unknown has to wait"
            waiting = left
        for document in PROGRAMS:
            (tmp_path / "program.yaml").write_text(json.dumps(document))
            right = replayed(tmp_path, events, UTC.format(now))
            assert served(random.choice(sessions), str(document["name"]), UTC.format(now)) == right
            assert len(right[0]) == len(MEMBERS) < sum(map(len, right[1].values()))
        for session in sessions:
            session.close()
    shutil.rmtree(tmp_path / "out")


def send_all(sessions: list[httpx2.Client], parts: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Each client sends its share of the batches, all clients at once; what was refused."""

    def share(place: int) -> list[dict[str, Any]]:
        refused = []
        for batch in parts[place::CLIENTS]:
            items = sessions[place].post("/v1/events", json=batch).json()["items"]
            assert {item["result"] for item in items} <= {"accepted", "refused"}
            refused += [event for event, item in zip(batch, items, strict=True) if item["result"] == "refused"]
        return refused

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [event for refused in pool.map(share, range(CLIENTS)) for event in refused]


def json_of(event: Event) -> dict[str, Any]:
    """The event as clients and files say it."""
    said: dict[str, Any] = {"id": event.id, "member": event.member, "type": str(event.type)}
    said["occurred_at"] = UTC.format(event.occurred_at)
    said |= {name: getattr(event, name) / SCALE for name in ("points", "amount") if getattr(event, name) is not None}
    said |= {name: str(getattr(event, name)) for name in ("reverses", "tier", "mode") if getattr(event, name)}
    return said | ({} if event.until is None else {"until": UTC.format(event.until)})


def replayed(folder: Path, events: Path, as_of: str) -> tuple[Rows, Rows]:
    """Tiers and moves by member, of the command line."""
    out = folder / "out"
    out.mkdir(exist_ok=True)
    words: list[str | Path] = ["--tiers", out / "tiers.jsonl", "--transitions", out / "moves.jsonl"]
    ziggurat("replay", folder / "program.yaml", events, "--as-of", as_of, *words)
    tiers: Rows = defaultdict(list)
    moves: Rows = defaultdict(list)
    for row in map(json.loads, (out / "tiers.jsonl").read_text().splitlines()):
        tiers[row["member"]].append(
            (row["tier"], instant(row["since"]), instant(row["expires_at"]), Decimal(row["value"]))
        )
    for row in map(json.loads, (out / "moves.jsonl").read_text().splitlines()):
        ends = instant(row["at"]), instant(row["expires_at"])
        moves[row["member"]].append((*ends, row["kind"], row["from"], row["to"], row["cause"], Decimal(row["value"])))
    return tiers, moves


def served(session: httpx2.Client, program: str, as_of: str) -> tuple[Rows, Rows]:
    """Tiers and moves by member, of the service."""
    tiers: Rows = defaultdict(list)
    moves: Rows = defaultdict(list)
    listed = session.get("/v1/programs").json()["items"]
    query = {"program": next(each["id"] for each in listed if each["name"] == program), "as_of": as_of}
    for member in MEMBERS:
        stands = session.get(f"/v1/members/{member}", params=query).json()["programs"][0]
        ends = instant(stands["since"]), instant(stands["expires_at"])
        tiers[member].append((stands["tier"], *ends, Decimal(str(stands["progress"]["value"]))))
        for row in session.get(f"/v1/members/{member}/timeline", params=query | {"limit": "500"}).json()["items"]:
            ends = instant(row["at"]), instant(row["expires_at"])
            said = row["kind"], row["from_tier"], row["to_tier"], row["cause"]
            moves[member].append((*ends, *said, Decimal(str(row["value"]))))
    return tiers, moves


def instant(text: str | None) -> int | None:
    """UTC microseconds, however the offset is written."""
    return UTC.parse(text) if text else None
