"""One organization under fire: what was sent to it, and what has to be true of it."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.app.access.read_organization import find_organization
from ziggurat.app.audit.verify_audit import verify_audit
from ziggurat.app.context import Context
from ziggurat.app.events.export_events import export_events
from ziggurat.app.members.list_members import list_members
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.program.amounts import SCALE
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Database

ROLLING: dict[str, Any] = {
    "edition": 1,
    "name": "Rolling",
    "time_zone": "Europe/Paris",
    "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 6}}},
    "expiration": {"type": "fixed_duration", "period": {"months": 3}},
    "downgrade": {"type": "single_level"},
    "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}],
}
LADDERS = ([100, 400, 1_600], [150, 500, 1_200])
"""Where the tiers of the two revisions begin that take turns."""
_DAY_US = 86_400_000_000


def ladder_document(ladder: int) -> dict[str, Any]:
    """A program whose tiers follow from the sum of a member's points alone, so that a few lines can foretell them."""
    tiers = [{"name": f"T{place}", "from": start} for place, start in enumerate(LADDERS[ladder], start=1)]
    base = {"base_tier": {"name": "T0"}, "qualification": {"measure": "points_earned"}}
    return {"edition": 1, "name": "Sums", **base, "tiers": tiers}


@dataclass
class World:
    """An organization with two programs; `sums` are the points of what it is known to have taken in, by member.

    `known` are the points of each event.
    """

    database: Database
    name: str
    people: list[str]
    secret: str = ""
    program: str = ""
    ladder: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    known: dict[str, int] = field(default_factory=dict)

    @classmethod
    def make(cls, database: Database, name: str, people: int) -> "World":
        """A new organization with its programs in force."""
        world = cls(database, name, [f"m{number}" for number in range(people)])
        world.secret = create_first_key(database, _now(), organization=name).secret
        world.program = publish_program(world.context, ladder_document(0)).program.id
        publish_program(world.context, ROLLING)
        return world

    @property
    def context(self) -> Context:
        scope = find_organization(self.database, self.name)
        assert scope is not None, "it was made"
        return Context(self.database, scope, "crash", _now())

    def event(self, random: Random, id_: str) -> dict[str, Any]:
        """A new event of anybody's, in the last year."""
        instant = calendar("UTC").format(_now() - random.randrange(1, 365 * _DAY_US))
        said = {"id": id_, "member": random.choice(self.people), "occurred_at": instant, "points": random.randrange(90)}
        if random.random() < 0.3:
            return said | {"type": "order.placed", "amount": random.randrange(1_000)}
        return said | {"type": "points.earned"}

    @staticmethod
    def reversal(event: dict[str, Any], id_: str) -> dict[str, Any]:
        """What takes `event` back, a moment ago."""
        instant = calendar("UTC").format(_now() - 1)
        of = {"member": event["member"], "reverses": event["id"]}
        return {"id": id_, "type": "reversal", "occurred_at": instant, **of}

    def learn(self, events: Iterable[dict[str, Any]]) -> None:
        """`events` are known to be in the ledger now, if they were not before."""
        for event in events:
            if event["id"] not in self.known:
                worth = -self.known[event["reverses"]] if "reverses" in event else event["points"]
                self.known[event["id"]] = worth
                self.sums[event["member"]] += worth

    def tier_counts(self, ladder: int) -> list[int]:
        """How many members stand on each tier, lowest first, by one of the ladders."""
        tiers = Counter(self._tier(total, ladder) for total in self.sums.values())
        return [tiers[index] for index in range(len(LADDERS[ladder]) + 1)]

    def differences(self) -> list[str]:
        """What is not as it has to be: the ledger, the sums, the tiers, all that is derived, and the audit trail."""
        context = self.context
        found = []
        ids = Counter(event.id for event in export_events(context))
        found += [f"{id_} is lost" for id_ in self.known.keys() - ids.keys()]
        found += [f"{id_} was never sent or acknowledged" for id_ in ids.keys() - self.known.keys()]
        found += [f"{id_} is there {times} times" for id_, times in ids.items() if times > 1]
        found += self._wrong_sums(context)
        found += [f"verify: {each}" for each in verify_states(context).differences]
        trail = verify_audit(context)
        found += [] if trail.intact else [f"audit trail: {trail}"]
        return [f"{self.name}: {each}" for each in found]

    def _wrong_sums(self, context: Context) -> list[str]:
        found = []
        listed = list_members(context, program=self.program, limit=len(self.people)).items
        told = {view.id: [(standing.tier, standing.value) for standing in view.programs] for view in listed}
        for name, total in self.sums.items():
            right = (f"T{self._tier(total, self.ladder)}", total * SCALE)
            said = told.get(name, [])
            if right not in said:
                found.append(f"{name} has {said}, and not {right}")
        return found

    @staticmethod
    def _tier(total: int, ladder: int) -> int:
        return sum(total >= start for start in LADDERS[ladder])


def _now() -> int:
    return time.time_ns() // 1_000
