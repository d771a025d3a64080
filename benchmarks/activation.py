"""Putting a revision in force for a large base: how long whoever writes meanwhile has to wait.

    script/bench activation [--database sqlite|postgresql|both] [--members 200000] [--events 2,20]

A real `ziggurat serve` works the activation through in the background, while batches of events of members at random
come in over HTTP, one after the other, and while members are read. Thresholds change so that many members move. What is
told is the longest that an answer took before, while members are evaluated (`staging`), and around the moment the
revision is shown and after (`showing`); and how many requests were refused (503) because it took too long.
"""

import argparse
import http.client
import json
import random
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.support.base import PROGRAM, Base, fill
from benchmarks.support.servers import DATABASES, SERVE, Store, serving, stores
from ziggurat import limits
from ziggurat.app.events.evaluate_members import warm_up

HARDER = {
    **PROGRAM,
    "tiers": [{"name": "Silver", "from": 150}, {"name": "Gold", "from": 2500}, {"name": "Platinum", "from": 9000}],
}
BEFORE_S = 5.0
BATCH = 20


class Client:
    """One kept connection with the key."""

    def __init__(self, port: int, secret: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.headers = {"authorization": f"Bearer {secret}", "content-type": "application/json", "if-match": "*"}

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """The status and what was answered."""
        data = None if body is None else json.dumps(body)
        self.connection.request(method, path, data, self.headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")


@dataclass
class Asker:
    """Asks one thing after another; `waits` are when each began, how long it took, and whether it was refused."""

    waits: list[tuple[float, float, bool]] = field(default_factory=list)

    def run(self, client: Client, kind: str, base: Base, stop: threading.Event) -> None:
        chance = random.Random(kind)
        number = 0
        while not stop.is_set():
            started = time.perf_counter()
            if kind == "read":
                status, _ = client.ask("GET", f"/v1/members/m{chance.randrange(base.members)}")
            else:
                now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
                events = [
                    {
                        "id": f"{kind}-{number}-{place}",
                        "member": f"m{chance.randrange(base.members)}",
                        "type": "points.earned",
                        "occurred_at": now,
                        "points": chance.randrange(1, 100),
                    }
                    for place in range(BATCH)
                ]
                number += 1
                status, _ = client.ask("POST", "/v1/events", events)
            self.waits.append((started, time.perf_counter() - started, status >= 500))

    def told(self, since: float, until: float) -> str:
        """The longest wait of those that ended after `since` and began before `until`."""
        mine = [(took, refused) for began, took, refused in self.waits if began + took > since and began < until]
        if not mine:
            return "none"
        ordered = sorted(took for took, _ in mine)
        refused = sum(refused for _, refused in mine)
        return (
            f"longest {ordered[-1] * 1e3:9,.0f} ms  p99 {ordered[int(len(ordered) * 0.99)] * 1e3:8,.1f} ms  "
            f"{len(mine):6,} asked  {refused:3} refused"
        )


def measure(url: str, base: Base, folder: Path) -> None:
    with serving(SERVE, url, 1, folder / "serve.log") as servers:
        port = servers.ports[0]
        client = Client(port, base.secret)
        stop = threading.Event()
        askers = {kind: Asker() for kind in ("write", "read")}
        threads = [
            threading.Thread(target=asker.run, args=(Client(port, base.secret), kind, base, stop))
            for kind, asker in askers.items()
        ]
        for thread in threads:
            thread.start()
        time.sleep(BEFORE_S)
        status, said = client.ask("PUT", f"/v1/programs/{base.program}/draft", HARDER)
        assert status == 200, said
        begun = time.perf_counter()
        status, said = client.ask("POST", f"/v1/programs/{base.program}/activate")
        assert status == 200, said
        job = said["job"]
        staged = shown = 0.0
        while job["state"] in ("queued", "running"):
            time.sleep(0.02)
            if not staged and job["total"] - job["done"] <= 0:
                staged = time.perf_counter()
            if not shown and client.ask("GET", f"/v1/programs/{base.program}")[1]["revision"] == 2:
                shown = time.perf_counter()
            _, answer = client.ask("GET", f"/v1/jobs/{job['id']}")
            job = answer
        ended = time.perf_counter()
        stop.set()
        for thread in threads:
            thread.join()
        assert job["state"] == "done", job
        staged, shown = staged or ended, shown or ended
        times = f"staging {staged - begun:.1f} s, shown after {shown - begun:.1f} s, done after {ended - begun:.1f} s"
        print(f"  {job['result']} of {base.members:,}; {times}", flush=True)
        for kind, asker in askers.items():
            print(f"  {kind:6} before   {asker.told(begun - BEFORE_S + 1, begun)}", flush=True)
            print(f"  {'':6} staging  {asker.told(begun, staged)}", flush=True)
            print(f"  {'':6} showing  {asker.told(staged, ended)}", flush=True)


def run(store: Store, asked: argparse.Namespace, folder: Path) -> None:
    bases: list[Base] = []
    fewest, most = map(int, asked.events.split(","))
    started = time.perf_counter()
    now = time.time_ns() // 1_000
    store.fill(lambda database: bases.append(fill(database, asked.members, now, fewest=fewest, most=most)))
    base = bases[0]
    took = time.perf_counter() - started
    print(f"\n{store.name}: {base.members:,} members and {base.events:,} events, filled in {took:.0f} s", flush=True)
    with store.copy() as url:
        measure(url, base, folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=DATABASES, default="both")
    parser.add_argument("--members", type=int, default=200_000)
    parser.add_argument("--events", default="2,20", help="the fewest and the most that a member has")
    asked = parser.parse_args()
    if asked.members <= limits.MEMBERS_AT_ONCE_MAX:
        parser.error(f"--members: up to {limits.MEMBERS_AT_ONCE_MAX:,} are done at once, without a job to measure")
    warm_up()  # the kernel is compiled before anything is measured
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for store in stores(asked.database, folder):
            run(store, asked, folder)


if __name__ == "__main__":
    main()
