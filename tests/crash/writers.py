"""Clients that send batches as fast as they are answered, and remember what was."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx2

from tests.crash.servers import PATIENCE_S
from tests.crash.world import World

Events = list[dict[str, Any]]
SIZES = (1, 1, 5, 50, 200, 500)


@dataclass(slots=True)
class Batch:
    """Events sent together; the first `again` of them were acknowledged before."""

    events: Events
    again: int
    acknowledged: bool = False


class Writer(threading.Thread):
    """Sends batches of new events, with a few old ones among them, until one is not acknowledged or it is enough."""

    def __init__(
        self, world: World, name: str, address: str, enough: threading.Event, sent: Callable[[], None]
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._world = world
        self._random = Random(name)
        self._address = address
        self._enough = enough
        self._sent = sent
        self.batches: list[Batch] = []
        self.faults: list[str] = []
        self._taken_back: set[str] = set()

    def run(self) -> None:
        try:
            with client(self._world, self._address) as session:
                while not self._enough.is_set() and self._send(session):
                    pass
        except httpx2.TransportError:
            pass  # the server is gone, and the last batch stays in doubt

    def _send(self, session: httpx2.Client) -> bool:
        batch = self._next()
        self.batches.append(batch)
        self._sent()
        answer = session.post("/v1/events", json=batch.events)
        if answer.status_code == 503:
            return False
        if answer.status_code != 200:
            self.faults.append(f"answered {answer.status_code}: {answer.text[:300]}")
            return False
        right = ["duplicate"] * batch.again + ["accepted"] * (len(batch.events) - batch.again)
        self.faults += wrong_results(batch, answer, [right])
        batch.acknowledged = True
        return True

    def _next(self) -> Batch:
        done = [batch for batch in self.batches if batch.acknowledged]
        again: Events = []
        if done and self._random.random() < 0.2:
            sent = self._random.choice(done).events
            again = self._random.sample(sent, min(3, len(sent)))
        size = self._random.choice(SIZES)
        first = sum(len(batch.events) for batch in self.batches)
        new = [self._world.event(self._random, f"{self.name}-{first + number}") for number in range(size)]
        if done:
            self._take_back(done, new)
        return Batch(again + new, len(again))

    def _take_back(self, done: list[Batch], new: Events) -> None:
        """Make some of the `new` events reversals of acknowledged ones, each of another."""
        for place, event in enumerate(new):
            if self._random.random() < 0.05:
                old = self._random.choice(self._random.choice(done).events)
                if "reverses" not in old and old["id"] not in self._taken_back:
                    self._taken_back.add(old["id"])
                    new[place] = self._world.reversal(old, event["id"])


def resend(world: World, address: str, batches: list[Batch]) -> list[str]:
    """Send everything again, whether it was acknowledged or not; what is wrong with the answers."""
    faults = []
    with client(world, address) as session:
        for batch in batches:
            answer = session.post("/v1/events", json=batch.events)
            size = len(batch.events)
            right = [["duplicate"] * size]
            if not batch.acknowledged:
                right.append(["duplicate"] * batch.again + ["accepted"] * (size - batch.again))
            faults += wrong_results(batch, answer, right)
            world.learn(batch.events)
    return faults


def wrong_results(batch: Batch, answer: httpx2.Response, right: list[list[str]]) -> list[str]:
    """What differs in the answer to `batch` from each of the lists of results that are `right`."""
    if answer.status_code != 200:
        return [f"answered {answer.status_code}: {answer.text[:300]}"]
    said = [item["result"] for item in answer.json()["items"]]
    if said in right:
        return []
    what = "acknowledged" if batch.acknowledged else "not acknowledged"
    odd = [(event["id"], result) for event, result in zip(batch.events, said, strict=False) if result != right[-1][0]]
    return [f"a batch of {len(batch.events)} that was {what} ({batch.again} of it sent before): {odd[:5]}"]


def client(world: World, address: str) -> httpx2.Client:
    """A client of `world` for the server at `address`."""
    headers = {"authorization": f"Bearer {world.secret}"}
    return httpx2.Client(base_url=address, headers=headers, timeout=PATIENCE_S, trust_env=False)
