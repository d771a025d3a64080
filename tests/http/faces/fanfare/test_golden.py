"""Representative requests are answered word for word as the golden files say, by either database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.http.conftest import Served
from tests.http.faces.fanfare.test_audiences import RULES, SHARED
from tests.http.faces.fanfare.test_loyalty_tiers import LADDER, group_body, tier
from tests.http.faces.fanfare.test_seed import FILLED_IN
from tests.store.conftest import backend, database_url, postgres, postgres_template, sqlite_template
from tests.support.golden_scenes import Golden
from ziggurat.app.audiences.run_imports import run_imports

__all__ = ["backend", "database_url", "postgres", "postgres_template", "sqlite_template"]

FOLDER = Path(__file__).parent / "golden"
TIERS = "/audiences/loyalty-tiers"
ANN = {"member": "ann", "type": "order.placed", "amount": 120, "points": 600, "occurred_at": "2025-06-01T00:00:00Z"}


@pytest.fixture
def served(serve_with: Callable[..., Served], database_url: str) -> Served:
    """Over either database."""
    return serve_with(database_url=database_url)


def loyalty_tiers(golden: Golden, served: Served) -> None:
    served.client().post("/v1/events", json=[ANN])
    group = golden.send("POST", TIERS, FILLED_IN)["tierGroup"]
    served.clock.pass_seconds(60)
    argent = [LADDER[0], {**LADDER[1], "name": "Argent", "startValue": "100.00"}, tier("Platinum", "500", 3)]
    golden.send("PUT", f"{TIERS}/{group}", group_body("loyaltyBalance", argent, "Clan"))
    golden.send("GET", f"/audiences/groups/{group}/members")
    golden.send("DELETE", f"/audiences/groups/{group}")
    golden.send("PUT", f"{TIERS}/{group}", group_body())


def tiers_refused(golden: Golden, served: Served) -> None:
    del served
    golden.send("POST", TIERS, {"groupName": "<string>", "tiers": [{"name": 1, "startValue": None, "order": "123"}]})
    golden.send("POST", TIERS, group_body("points", []))
    golden.send("POST", TIERS, group_body(tiers=[]))
    overlapping = [tier("A", 0, 0, endValue="10.5"), tier("A", "10.4", 0), tier("C", "x", 1, endValue=None)]
    golden.send("POST", TIERS, group_body(tiers=overlapping))
    golden.send("POST", TIERS, group_body(tiers=[tier("A", 0, 0), tier("B", 5, 1)]))
    golden.send("POST", TIERS, group_body(), authorization="Bearer nobody")


def audiences(golden: Golden, served: Served) -> None:
    served.client().post("/v1/events", json=[ANN])
    said = {"name": "Regulars", "type": "DYNAMIC", "iconName": "star", "metadata": {"a": [1]}, "rules": RULES}
    shared = {"groupId": SHARED, "groupName": "Segments", "groupType": "RFM"}
    one = f"/audiences/{golden.send('POST', '/audiences', {**said, **shared})['id']}"
    served.clock.pass_seconds(60)
    golden.send("PUT", one, {"description": "Often here", "refreshIntervalSeconds": 3600})
    golden.send("GET", "/audiences?first=1")
    golden.send("GET", f"{one}/count")
    golden.send("GET", f"{one}/status")
    golden.send("GET", f"{one}/members")
    rules = golden.send("GET", f"{one}/rules")
    golden.send("PUT", f"{one}/rules/{rules[0]['id']}", {"operator": "BETWEEN", "values": [1]})
    golden.send("PUT", f"{one}/rules/{rules[0]['id']}", {"operator": "BETWEEN", "values": [1, "2.50"], "position": 2})
    golden.send("DELETE", one)
    golden.send("DELETE", one)


def lists(golden: Golden, served: Served) -> None:
    static = golden.send("POST", "/audiences", {"name": "List", "type": "STATIC_LIST"})["id"]
    begun = golden.send("POST", f"/audiences/{static}/import")
    served.anonymous().put(begun["uploadUrl"], content=b"email,externalId\nann@example.com,ann\nnobody,\n")
    served.clock.pass_seconds(5)
    run_imports(served.service.database, served.service.objects, "w", served.clock)
    golden.send("GET", f"/audiences/{static}/import")
    golden.send("GET", f"/audiences/{static}")
    golden.send("POST", f"/audiences/{static}/members", {"consumerIds": ["ann", "nobody"]})
    golden.send("DELETE", f"/audiences/{static}/members", {"consumerIds": ["ann"]})
    golden.send("POST", f"/audiences/{static}/sync")
    far = golden.send("POST", "/audiences/import/klaviyo", {"listIds": ["XyZ", "XyZ"]})["skipped"][0]
    golden.send("GET", f"/audiences/{far['existingAudienceId']}")
    golden.send("POST", f"/audiences/{far['existingAudienceId']}/sync")


SCENES: dict[str, Callable[[Golden, Served], Any]] = {
    scene.__name__: scene for scene in (loyalty_tiers, tiers_refused, audiences, lists)
}


@pytest.mark.parametrize("name", list(SCENES))
def test_what_is_answered_is_word_for_word_what_the_golden_file_says(served: Served, name: str) -> None:
    golden = Golden(served.client(), "/fanfare/api", kept=(SHARED,))

    SCENES[name](golden, served)

    golden.check(FOLDER / f"{name}.json")


def test_every_golden_file_is_looked_at() -> None:
    assert {file.stem for file in FOLDER.glob("*")} >= set(SCENES)
