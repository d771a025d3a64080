"""The published npm client does all ten tiers methods, and an account's way up and, the window passed, back."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.http.conftest import Served, serve_with, served, sqlite_file
from tests.http.faces.wix.conftest import TIERS, activate, make_tier
from tests.http.faces.wix.test_webhooks import Receiver, deliver, receiver, register
from tests.support.loopback import listening_on_loopback

__all__ = ["receiver", "serve_with", "served", "sqlite_file"]

HERE = Path(__file__).parent
NODE = shutil.which("node")
SITE = "b5a8cd1e-93c4-4a9f-a9b8-0a7e6f2d1c3b"
CONTACT = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c11"
ICON = "wix:image://v1/11062b_0a8e.svg/silver.svg#originWidth=10&originHeight=10"
YEAR = 365 * 24 * 3600

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (HERE / "node_modules" / "@wix").is_dir(), reason="the client is not installed: run script/test-clients"
    ),
]

Call = tuple[Any, ...]


class Client:
    """Runs calls of the npm client in one process, one after the other."""

    def __init__(self, base: str, secret: str) -> None:
        self.command = [NODE or "node", str(HERE / "client.mjs"), base, secret, SITE]

    def run(self, *calls: Call) -> list[dict[str, Any]]:
        done = subprocess.run(
            self.command, input=json.dumps(calls), capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        told: list[dict[str, Any]] = json.loads(done.stdout)
        return told

    def values(self, *calls: Call) -> list[Any]:
        """What calls that succeed resolve to."""
        told = self.run(*calls)
        assert not [each for each in told if "error" in each], told
        return [each["value"] for each in told]


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    """The npm client, with a key of its own, against a server on a free port."""
    with listening_on_loopback(served.app) as address:
        yield Client(f"{address}/wix", served.secret())


def tier(name: str, points: int, **definition: Any) -> dict[str, Any]:
    return {"tierDefinition": {"name": name, **definition}, "requiredPoints": points}


def settings(revision: str, status: str, **more: Any) -> dict[str, Any]:
    return {"revision": revision, "status": status, "rollingWindow": {"durationInMonths": 12}, **more}


def test_it_names_the_loyalty_program(client: Client) -> None:
    named = {"name": "Frequent Flowers", "pointDefinition": {"customName": "Petals"}}

    updated, seen, features = client.values(
        ("programs", "updateLoyaltyProgram", [named]),
        ("programs", "getLoyaltyProgram", []),
        ("programs", "getLoyaltyProgramPremiumFeatures", []),
    )

    assert updated == seen
    assert {name: seen["loyaltyProgram"][name] for name in named} == named
    assert (seen["loyaltyProgram"]["status"], features["tiers"]) == ("ACTIVE", True)


def test_it_does_all_ten_tiers_methods(client: Client) -> None:
    created, silver, bulk, listed = client.values(
        ("tiers", "createTiersProgramSettings", [{"status": "DISABLED", "rollingWindow": {"durationInMonths": 24}}]),
        ("tiers", "createTier", [tier("Silver", 500, description="Half way", icon=ICON)]),
        ("tiers", "bulkCreateTiers", [[tier("Gold", 2000), tier("Again", 500)]]),
        ("tiers", "listTiers", []),
    )
    created = created["programSettings"]
    assert (created["revision"], created["rollingWindow"]) == ("1", {"durationInMonths": 24})
    assert silver["tierDefinition"] == {
        "name": "Silver",
        "description": "Half way",
        "icon": "wix:image://v1/11062b_0a8e.svg/silver.svg#originWidth=0&originHeight=0",
    }
    assert [result["itemMetadata"]["success"] for result in bulk["results"]] == [True, False]
    gold = bulk["results"][0]["item"]
    assert listed == {"tiers": [silver, gold]}

    got, renamed, _, updated, read, program = client.values(
        ("tiers", "getTier", [silver["_id"]]),
        ("tiers", "updateTier", [silver["_id"], {"revision": "1", **tier("Argent", 600)}]),
        ("tiers", "deleteTier", [gold["_id"], "1"]),
        (
            "tiers",
            "updateTiersProgramSettings",
            [settings("1", "ACTIVE", baseTierDefinition={"name": "Basic", "icon": ICON})],
        ),
        ("tiers", "getTiersProgramSettings", []),
        ("tiers", "getTiersProgram", []),
    )
    assert got == silver
    assert (renamed["revision"], renamed["requiredPoints"], renamed["_id"]) == ("2", 600, silver["_id"])
    assert renamed["tierDefinition"]["name"] == "Argent"
    assert renamed["tierDefinition"]["description"] == "Half way"
    assert read == updated
    updated = updated["programSettings"]
    assert (updated["status"], updated["revision"]) == ("ACTIVE", "2")
    assert updated["baseTierDefinition"]["name"] == "Basic"
    assert program == {"tiers": [renamed], "programSettings": updated}


def test_it_understands_our_refusals(client: Client) -> None:
    told = client.run(
        ("tiers", "createTier", [tier("Silver", 500)]),
        ("tiers", "createTier", [tier("Silver", 600)]),
        ("tiers", "createTier", [tier("Gold", -1)]),
        ("tiers", "getTier", ["00000000-0000-4000-8000-000000000000"]),
        ("tiers", "updateTiersProgramSettings", [{"programSettings": settings("1", "ACTIVE")}]),
    )

    details = [each["error"]["details"] for each in told[1:]]
    assert details[0]["applicationError"]["code"] == "TIER_NAME_ALREADY_EXISTS"
    assert details[1]["validationError"]["fieldViolations"][0]["violatedRule"] == "MIN"
    assert details[2]["applicationError"]["code"] == "TIER_NOT_FOUND"
    assert len(details[3]["validationError"]["fieldViolations"]) == 3


def test_an_account_goes_from_base_to_gold_and_when_the_window_has_passed_back(client: Client, served: Served) -> None:
    bulk, program = client.values(
        ("tiers", "bulkCreateTiers", [[tier("Silver", 500), tier("Gold", 2000)]]),
        ("tiers", "getTiersProgram", []),
    )
    silver, gold = (result["item"]["_id"] for result in bulk["results"])
    _, account = client.values(
        ("tiers", "updateTiersProgramSettings", [settings(program["programSettings"]["revision"], "ACTIVE")]),
        ("accounts", "createAccount", [CONTACT]),
    )
    earned = {"amount": 500, "appId": SITE, "idempotencyKey": "order-1"}
    id_ = account["account"]["_id"]
    half, twice, full = client.values(
        ("accounts", "earnPoints", [id_, earned]),
        ("accounts", "earnPoints", [id_, earned]),
        ("accounts", "adjustPoints", [id_, {"balance": 2100, "revision": "2", "description": "Welcome"}]),
    )
    assert (half["account"]["tier"]["_id"], twice["transactionId"]) == (silver, half["transactionId"])
    assert (full["account"]["tier"]["_id"], full["account"]["tier"]["points"]) == (gold, 2100)

    served.clock.pass_seconds(YEAR)
    got, found, totals = client.values(
        ("accounts", "getAccount", [id_]),
        ("accounts", "getAccountBySecondaryId", [{"contactId": CONTACT}]),
        ("accounts", "getProgramTotals", []),
    )
    back = got.get("account", got)
    assert ("_id" in back["tier"], back["tier"]["points"], back["points"]["balance"]) == (False, 0, 2100)
    assert found == {"account": back}
    assert totals["points"]["balance"] == 2100


def test_an_update_of_the_settings_resolves_to_what_the_page_says(client: Client) -> None:
    _, before, updated = client.values(
        ("tiers", "getTiersProgram", []),
        ("tiers", "updateTiersProgramSettings", [settings("1", "ACTIVE", baseTierDefinition={"name": "Basic"})]),
        ("tiers", "updateTiersProgramSettings", [settings("2", "PAUSED")]),
    )

    assert before["programSettings"]["baseTierDefinition"]["name"] == "Basic"
    assert updated == {
        "programSettings": {
            "_createdDate": "2025-07-01T12:00:00.000Z",
            "_updatedDate": "2025-07-01T12:00:00.000Z",
            "status": "PAUSED",
            "revision": "3",
            "rollingWindow": {"durationInMonths": 12},
        }
    }


def test_it_finds_lists_counts_and_adjusts_accounts(client: Client, served: Served) -> None:
    other = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c12"
    client.values(("accounts", "createAccount", [CONTACT]), ("accounts", "createAccount", [other]))
    earned = {"amount": 500, "appId": SITE, "idempotencyKey": "order-1"}
    richer = ("ge", ["points.balance", 100])
    queried, searched, counted, listed, adjusted = client.values(
        ("accounts", "earnPoints", [CONTACT, earned]),
        ("accounts", "searchAccounts", [{"filter": {"points.balance": {"$gt": 100}}, "search": {"expression": ""}}]),
        ("accounts", "countAccounts", [{"filter": {"points.balance": {"$lt": 100}}}]),
        ("accounts", "listAccounts", [{"contactIds": [other, CONTACT], "cursorPaging": {"limit": 1}}]),
        ("accounts", "bulkAdjustPoints", [{"amount": 50, "search": {"filter": {"points.balance": {"$lt": 100}}}}]),
    )
    assert [each["_id"] for each in searched["accounts"]] == [CONTACT]
    assert counted == {"count": 1}
    assert [each["_id"] for each in listed["accounts"]] == [CONTACT]
    assert len(adjusted["asyncJobId"]) == 36

    served.clock.pass_seconds(1)
    found, page, transactions, one, refused = client.run(
        ("accounts", "queryLoyaltyAccounts", [], richer, ("descending", ["points.balance"]), ("find", [])),
        ("accounts", "queryLoyaltyAccounts", [], ("limit", [1]), ("find", [])),
        ("transactions", "queryLoyaltyTransactions", [], ("eq", ["accountId", CONTACT]), ("find", [])),
        ("transactions", "getLoyaltyTransaction", [queried["transactionId"]]),
        ("accounts", "getCurrentMemberAccount", []),
    )
    assert [each["_id"] for each in found["value"]["_items"]] == [CONTACT]
    assert [each["_id"] for each in page["value"]["_items"]] == [CONTACT]
    (shown,) = transactions["value"]["_items"]
    assert shown == one["value"]
    assert (shown["amount"], shown["transactionType"], shown["earnInfo"]["appId"]) == (500, "EARN", SITE)
    assert refused["error"]["details"]["applicationError"]["code"] == "PERMISSION_DENIED"


def test_it_checks_and_reads_our_webhooks(serve_with: Callable[..., Served], receiver: Receiver) -> None:
    served = serve_with(webhook_private_targets=True)
    served.clock.now = time.time_ns() // 1_000  # the client looks at its own clock: tokens are good for an hour
    wix = served.with_headers({"authorization": served.secret()})
    registered = register(wix, receiver.url)
    silver = make_tier(wix, "Silver", 500)
    wix.delete(f"{TIERS}/{silver['id']}", params={"revision": "1"})
    gold = make_tier(wix, "Gold", 500)
    activate(wix)
    accounts = "/wix/loyalty-accounts/v1/accounts"
    assert wix.post(accounts, json={"contactId": CONTACT}).status_code == 200
    earned = {"amount": 600, "appId": SITE, "idempotencyKey": "1"}
    assert wix.post(f"{accounts}/{CONTACT}/earn-points", json=earned).status_code == 200
    deliver(served)
    bodies = [body.decode() for body in receiver.bodies]
    said = {"appId": registered["appId"], "publicKey": registered["publicKey"], "bodies": bodies}

    done = subprocess.run(
        [NODE or "node", str(HERE / "webhooks.mjs")],
        input=json.dumps(said),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    heard = dict(reversed(told))
    accounts_heard = ["onAccountCreated", "onAccountUpdated", "onAccountPointsUpdated", "onAccountUpdated"]
    assert [name for name, _ in told if name in accounts_heard] == accounts_heard
    assert heard["onAccountCreated"]["entity"]["_id"] == CONTACT
    assert heard["onAccountPointsUpdated"]["data"]["account"]["points"]["earned"] == 600
    assert heard["onAccountUpdated"]["entity"]["tier"]["_id"] == gold["id"]
    assert {name for name, _ in told} == {*accounts_heard, "onTierCreated", "onTierDeleted"}
    assert heard["onTierCreated"]["entity"]["tierDefinition"]["name"] == "Silver"
    assert heard["onTierDeleted"]["metadata"]["entityId"] == silver["id"]
