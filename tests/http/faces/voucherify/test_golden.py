"""Representative requests are answered word for word as the golden files say, in both dialects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.http.conftest import Served
from tests.http.faces.voucherify.conftest import DAY, NEWER, SEED
from tests.http.faces.voucherify.test_seed_update import AS_PRINTED
from tests.support.golden_scenes import Golden
from ziggurat.http.faces.voucherify.cards import LEDGER

FOLDER = Path(__file__).parent / "golden"
DIALECTS = {"seed": SEED, "newer": NEWER}
STRUCTURES, PROGRAMS = "/tier-structures", "/programs"
EARNED = {"period": {"value": 1, "unit": "MONTH"}, "type": "IMMEDIATELY"}
ALICE = {"customer_identification": {"type": "customer_source_id", "customer_source_id": "alice"}}
Body = dict[str, Any]


class Speaking(Golden):
    """A golden recorder that says the same things in either dialect."""

    def __init__(self, served: Served, dialect: str) -> None:
        super().__init__(served.client(), DIALECTS[dialect], kept=(LEDGER,))
        self.is_seed = dialect == "seed"
        self.clock = served.clock

    def structure(self, earned: Body | None = None, **said: Any) -> Body:
        """A new structure that tracks the ledger."""
        card: Body = {"card_definition_id": LEDGER}
        if self.is_seed:
            said |= card | ({"point_earned": earned} if earned else {})
        else:
            said |= {"point_earned": {**card, **earned}} if earned else {"point_balance": card}
        type_ = "POINT_EARNED" if earned else "POINT_BALANCE"
        made: Body = self.send("POST", STRUCTURES, {"name": "Coffee Club", "type": type_, **said})
        return made

    def tier(self, structure: Body, name: str, low: int, high: int | None = None) -> Body:
        points = {"min_value": low} | ({} if high is None else {"max_value": high})
        rules = {"type": "POINTS", **(points if self.is_seed else {"points": points})}
        body = {"name": name, "qualification_rules": rules}
        made: Body = self.send("POST", f"{STRUCTURES}/{structure['id']}/tiers", body)
        return made

    def program(self, structure: Body) -> Body:
        """An active program with the structure, which is activated."""
        self.send("POST", f"{STRUCTURES}/{structure['id']}/activate")
        body = {
            "name": "Program",
            "status": "ACTIVE",
            "card_definitions": [{"id": LEDGER}],
            "tier_structures": [{"id": structure["id"]}],
        }
        made: Body = self.send("POST", PROGRAMS, body)
        return made


def structures(golden: Speaking) -> None:
    """A structure's way from draft to deleted; in the seed dialect with the page's own update."""
    made = golden.structure(EARNED)
    path = f"{STRUCTURES}/{made['id']}"
    golden.clock.pass_seconds(60)
    if golden.is_seed:
        golden.send("PUT", path, AS_PRINTED)
        golden.send("PUT", path, {**AS_PRINTED, "point_earned": None, "card_definition_id": LEDGER})
    golden.send("PUT", path, {"name": "Tea Club", "metadata": {"colour": "green"}})
    golden.send("PUT", path, {"name": "", "nme": "x"})
    golden.tier(made, "Silver", 500, 1_999)
    overlapping = golden.tier(made, "Gold", 1_000)
    assert "id" not in overlapping
    golden.clock.pass_seconds(60)
    golden.send("GET", path)
    golden.send("GET", f"{path}/tiers?order=created_at")
    golden.send("POST", f"{path}/deactivate")
    golden.send("POST", f"{path}/activate")
    golden.send("PUT", path, {"downgrade": {"type": "MULTI_LEVEL"}})
    golden.send("POST", f"{path}/deactivate")
    golden.send("GET", f"{path}/activities?limit=1")
    golden.send("GET", f"{STRUCTURES}?filters[status][conditions][$is]=INACTIVE")
    golden.send("DELETE", path)
    golden.send("GET", path)


def wallets_and_programs(golden: Speaking) -> None:
    card = golden.send("POST", "/card-definitions", {"name": "Stars", "type": "INDIVIDUAL"})
    golden.send("POST", f"/card-definitions/{card['id']}/activate")
    program = golden.send("POST", PROGRAMS, {"name": "Program", "card_definitions": [{"id": card["id"]}]})
    path = f"{PROGRAMS}/{program['id']}"
    golden.send("POST", f"{path}/members", ALICE)
    golden.send("POST", f"{path}/activate")
    golden.send("POST", f"{path}/members", ALICE)
    golden.send("POST", f"{path}/members", ALICE)
    golden.send("POST", f"{path}/members/batch", [ALICE])
    golden.send("GET", f"{path}/card-definitions")
    golden.send("DELETE", f"/card-definitions/{card['id']}")
    golden.send("GET", f"{path}/members")
    golden.send("GET", f"{path}/activities?filters[type][conditions][$is]=vl.program.card_definition.assigned")
    golden.send(
        "GET", f"/card-definitions/{card['id']}/activities?filters[type][conditions][$is]=vl.card_definition.created"
    )


def member(golden: Speaking) -> None:
    """Up to Gold and, when the month is over, down again with a grace period."""
    grace = {"value": 10, "unit": "DAY", "round_up": False}
    made = golden.structure(EARNED, downgrade={"type": "MULTI_LEVEL", "grace_period": grace})
    golden.tier(made, "Silver", 500, 1_999)
    gold = golden.tier(made, "Gold", 2_000)
    program = golden.program(made)
    joined = golden.send("POST", f"{PROGRAMS}/{program['id']}/members", ALICE)
    path = f"{PROGRAMS}/{program['id']}/members/{joined['id']}"
    card = golden.send("GET", path)["cards"][0]["id"]
    golden.send("GET", f"{path}/activities?filters[type][conditions][$is]=vl.member.card.assigned")
    golden.send("GET", f"{path}/cards/{card}/activities?filters[type][conditions][$is]=vl.card.created")
    for points in (600, 1_500, -100):
        golden.clock.pass_seconds(60)
        golden.send("POST", f"{path}/cards/{card}/points", {"points": points, "reason": "Visit"})
    golden.send("POST", f"{path}/cards/{card}/points", {"points": -5_000})
    membership = f"{PROGRAMS}/{program['id']}/memberships/{joined['customer_id']}"
    golden.send("GET", membership)
    golden.clock.pass_seconds(31 * DAY)
    golden.send("GET", membership)
    golden.clock.pass_seconds(10 * DAY)
    golden.send("GET", membership)
    golden.send("GET", f"{path}/tiers/transactions?order=created_at")
    golden.send("GET", f"{path}/cards/{card}/transactions?order=created_at")
    # of one tier: rows come in the order of ids, which is another in each run
    span = f"start_date=2025-07-01&end_date=2025-08-31&filters[tier_id][conditions][$is]={gold['id']}"
    golden.send("GET", f"{PROGRAMS}/{program['id']}/reports/tiers/daily?{span}&resolution=day")
    golden.send("GET", f"{PROGRAMS}/{program['id']}/reports/tiers/summary?{span}&resolution=month")


def refusals(golden: Speaking) -> None:
    golden.send("GET", f"{STRUCTURES}/lts_0")
    golden.send("GET", f"{STRUCTURES}?limit=0")
    golden.send("GET", f"{STRUCTURES}?cursor=lcrsts_00")
    golden.send("POST", STRUCTURES, {"name": "x"})
    golden.send("GET", "/nothing")
    golden.send("GET", STRUCTURES, authorization="Bearer nobody")


SCENES: dict[str, Callable[[Speaking], None]] = {
    scene.__name__: scene for scene in (structures, wallets_and_programs, member, refusals)
}


@pytest.mark.parametrize("dialect", list(DIALECTS))
@pytest.mark.parametrize("name", list(SCENES))
def test_what_is_answered_is_word_for_word_what_the_golden_file_says(served: Served, name: str, dialect: str) -> None:
    golden = Speaking(served, dialect)

    SCENES[name](golden)

    golden.check(FOLDER / f"{name}.{dialect}.json")


def test_every_golden_file_is_looked_at() -> None:
    there = {file.name for file in FOLDER.glob("*")}
    assert there == {f"{name}.{dialect}.json" for name in SCENES for dialect in DIALECTS}
