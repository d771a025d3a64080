"""Representative requests are answered word for word as the golden files say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import settings_body, tier_body
from tests.http.faces.wix.test_seed import example
from tests.support.golden_scenes import Golden

FOLDER = Path(__file__).parent / "golden"
TIERS, ACCOUNTS = "/loyalty-tiers/v1/tiers", "/loyalty-accounts/v1/accounts"
TRANSACTIONS = "/loyalty-transactions/v1/loyalty-transactions"
ANN = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c11"
BOB = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c12"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
YEAR = 365 * 24 * 3600


def program_settings(golden: Golden, served: Served) -> None:
    golden.send("GET", f"{TIERS}/program")
    served.clock.pass_seconds(60)
    golden.send("PATCH", f"{TIERS}/program-settings", example())
    golden.send("GET", f"{TIERS}/program-settings")
    served.clock.pass_seconds(60)
    golden.send("PATCH", f"{TIERS}/program-settings", settings_body("2", "ACTIVE", 36))


def settings_refused(golden: Golden, served: Served) -> None:
    golden.send("POST", f"{TIERS}/program-settings", {"programSettings": {"rollingWindow": {"durationInMonths": 24}}})
    golden.send("POST", f"{TIERS}/program-settings", {"programSettings": {}})
    golden.send("PATCH", f"{TIERS}/program-settings", {})
    golden.send("PATCH", f"{TIERS}/program-settings", {"programSettings": {"status": "UNKNOWN"}})
    golden.send("PATCH", f"{TIERS}/program-settings", settings_body("7"))
    golden.send("PATCH", f"{TIERS}/program-settings", settings_body(months=11))
    golden.send("GET", f"{TIERS}/program-settings", authorization="nobody's")


def tiers(golden: Golden, served: Served) -> None:
    icon = {"url": "shapes/silver.svg", "altText": "A disc"}
    made = golden.send("POST", TIERS, tier_body("Silver", 500, description="Half way", icon=icon))["tier"]
    again, gold = tier_body("Silver", 700)["tier"], tier_body("Gold", 2_000)["tier"]
    faulty = {"tierDefinition": {"name": "x" * 51}, "requiredPoints": -1}
    golden.send("POST", "/loyalty-tiers/v1/bulk/tiers/create", {"tiers": [again, gold, faulty]})
    served.clock.pass_seconds(60)
    golden.send("PATCH", f"{TIERS}/{made['id']}", {"tier": {"revision": "1", "requiredPoints": 600}})
    golden.send("PATCH", f"{TIERS}/{made['id']}", {"tier": {"revision": "1", "requiredPoints": 700}})
    golden.send("GET", f"{TIERS}/{made['id']}")
    golden.send("GET", f"{TIERS}/{UNKNOWN}")
    golden.send("GET", f"{TIERS}/silver")
    golden.send("GET", TIERS)
    golden.send("DELETE", f"{TIERS}/{made['id']}")
    golden.send("DELETE", f"{TIERS}/{made['id']}?revision=2")


def account(golden: Golden, served: Served) -> None:
    """From base to Gold and, the window passed, back."""
    golden.send("POST", TIERS, tier_body("Silver", 500))
    golden.send("POST", TIERS, tier_body("Gold", 2_000))
    golden.send("PATCH", f"{TIERS}/program-settings", settings_body())
    golden.send("POST", ACCOUNTS, {"contactId": ANN})
    golden.send("POST", ACCOUNTS, {"contactId": ANN})
    earned = {"amount": 500, "appId": "shop", "idempotencyKey": "order-1", "orderId": "1001"}
    golden.send("POST", f"{ACCOUNTS}/{ANN}/earn-points", earned)
    golden.send("POST", f"{ACCOUNTS}/{ANN}/earn-points", {**earned, "amount": 5})
    served.clock.pass_seconds(60)
    golden.send("POST", f"{ACCOUNTS}/{ANN}/adjust-points", {"balance": 2_100, "revision": "2"})
    golden.send("POST", f"{ACCOUNTS}/{ANN}/adjust-points", {"amount": 5, "revision": "2"})
    golden.send("POST", f"{TRANSACTIONS}/query", {"query": {"filter": {"accountId": ANN}}})
    served.clock.pass_seconds(YEAR)
    golden.send("GET", f"{ACCOUNTS}/{ANN}")
    golden.send("GET", f"{ACCOUNTS}/{BOB}")


def accounts(golden: Golden, served: Served) -> None:
    for contact, points in ((ANN, 100), (BOB, 600)):
        golden.send("POST", ACCOUNTS, {"contactId": contact})
        earned = {"amount": points, "appId": "shop", "idempotencyKey": contact}
        golden.send("POST", f"{ACCOUNTS}/{contact}/earn-points", earned)
    golden.send("POST", f"{ACCOUNTS}/query", {"query": {"cursorPaging": {"limit": 1}}})
    golden.send("POST", f"{ACCOUNTS}/query", {"query": {"filter": {"colour": "red"}}})
    golden.send("POST", f"{ACCOUNTS}/search", {"search": {"filter": {"points.balance": {"$gt": 100}}}})
    golden.send("POST", f"{ACCOUNTS}/count", {"filter": {"points.earned": {"$lte": 100}}})
    golden.send("GET", f"{ACCOUNTS}?contactIds={BOB}")
    golden.send("GET", f"{ACCOUNTS}/fetch-by?contactId={ANN}")
    golden.send("GET", f"{ACCOUNTS}/my-account", **{"wix-member-id": BOB})
    golden.send("POST", f"{ACCOUNTS}/bulk-adjust", {"amount": 50})
    richest = {"sort": [{"fieldName": "amount", "order": "DESC"}], "cursorPaging": {"limit": 1}}
    golden.send("POST", f"{TRANSACTIONS}/query", {"query": richest})
    golden.send("GET", f"{ACCOUNTS}/program-totals")


def loyalty_program(golden: Golden, served: Served) -> None:
    url = "/loyalty-programs/v1/program"
    golden.send("GET", url)
    served.clock.pass_seconds(60)
    golden.send(
        "PATCH", url, {"loyaltyProgram": {"name": "Frequent Flowers", "pointDefinition": {"customName": "Petals"}}}
    )
    golden.send("PATCH", url, {"loyaltyProgram": {"name": "F", "pointDefinition": {"customName": "x" * 21}}})
    golden.send("GET", f"{url}/premium-features")
    golden.send("POST", f"{url}/pause", {})


SCENES: dict[str, Callable[[Golden, Served], Any]] = {
    scene.__name__: scene for scene in (program_settings, settings_refused, tiers, account, accounts, loyalty_program)
}


@pytest.mark.parametrize("name", list(SCENES))
def test_what_is_answered_is_word_for_word_what_the_golden_file_says(served: Served, name: str) -> None:
    client = served.with_headers({"authorization": served.secret()})
    golden = Golden(client, "/wix", kept=(ANN, BOB, UNKNOWN))

    SCENES[name](golden, served)

    golden.check(FOLDER / f"{name}.json")


def test_every_golden_file_is_looked_at() -> None:
    assert {file.stem for file in FOLDER.glob("*")} == set(SCENES)
