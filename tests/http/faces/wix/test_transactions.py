"""Transactions are what moved points, one by one, through whichever door."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import application_error, violations
from ziggurat.http.faces.wix import transactions

ACCOUNTS = "/wix/loyalty-accounts/v1/accounts"
TRANSACTIONS = "/wix/loyalty-transactions/v1/loyalty-transactions"
ANN = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c11"
LOYALTY_APP = "553c79f3-5625-4f38-b14b-ef7c0d1e87df"


def query(wix: TestClient, **said: Any) -> list[dict[str, Any]]:
    answer = wix.post(f"{TRANSACTIONS}/query", json={"query": said})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["loyaltyTransactions"]
    return found


@pytest.fixture
def earned(wix: TestClient) -> str:
    """The id of a transaction in which Ann earned 600 points."""
    assert wix.post(ACCOUNTS, json={"contactId": ANN}).status_code == 200
    body = {
        "amount": 600,
        "appId": "shop",
        "idempotencyKey": "order-1",
        "description": "Shoes",
        "activityType": "PURCHASE",
        "orderId": "1001",
    }
    transaction: str = wix.post(f"{ACCOUNTS}/{ANN}/earn-points", json=body).json()["transactionId"]
    return transaction


def test_earning_is_a_transaction_that_says_for_what(wix: TestClient, earned: str) -> None:
    told = wix.get(f"{TRANSACTIONS}/{earned}").json()

    assert told == {
        "loyaltyTransaction": {
            "id": earned,
            "accountId": ANN,
            "createdDate": "2025-07-01T12:00:00.000Z",
            "amount": 600,
            "transactionType": "EARN",
            "description": "Shoes",
            "idempotencyKey": "order-1",
            "earnInfo": {"appId": "shop", "activityType": "PURCHASE", "orderId": "1001"},
        }
    }
    assert query(wix, filter={"accountId": ANN}) == [told["loyaltyTransaction"]]


def test_adjusting_is_a_transaction_that_says_the_balance_before_and_after(
    wix: TestClient, served: Served, earned: str
) -> None:
    served.clock.pass_seconds(60)
    body = {"balance": 500, "revision": "2", "description": "Mistake"}
    adjusted = wix.post(f"{ACCOUNTS}/{ANN}/adjust-points", json=body).json()["transactionId"]

    told = wix.get(f"{TRANSACTIONS}/{adjusted}").json()["loyaltyTransaction"]

    assert (told["amount"], told["transactionType"], told["description"]) == (-100, "ADJUST", "Mistake")
    assert told["adjustInfo"] == {"appId": LOYALTY_APP, "amountBefore": 600, "amountAfter": 500}
    assert [each["id"] for each in query(wix, filter={"accountId": {"$eq": ANN}})] == [adjusted, earned]


def test_whatever_moved_points_natively_is_a_transaction_with_an_id_that_stays(
    wix: TestClient, native: TestClient, served: Served, earned: str
) -> None:
    events: list[dict[str, Any]] = [
        {"id": "o", "type": "order.placed", "points": 100, "amount": 90},
        {"id": "s", "type": "points.spent", "points": 40},
        {"type": "points.expired", "points": 10},
        {"type": "points.returned", "points": 5},
        {"type": "activity", "activity": "visit"},
        {"type": "reversal", "reverses": "o", "points": 30},
        {"type": "reversal", "reverses": "s"},
    ]
    for number, event in enumerate(events):
        said = {"member": ANN, "occurred_at": f"2025-07-01T12:01:0{number}Z", **event}
        assert native.post("/v1/events", json=said).status_code == 200
    served.clock.pass_seconds(120)

    told = query(wix, filter={"accountId": ANN}, sort=[{"fieldName": "createdDate"}])

    assert [(each["transactionType"], each["amount"]) for each in told] == [
        ("EARN", 600),
        ("EARN", 100),
        ("REDEEM", 40),
        ("EXPIRE", 10),
        ("REFUND", 5),
        ("ADJUST", -30),
        ("REFUND", 40),
    ]
    assert told[1]["earnInfo"] == {"appId": LOYALTY_APP, "activityType": ""}
    assert told[3]["expireInfo"] == {"amountBefore": 660, "amountAfter": 650}
    assert told[5]["adjustInfo"] == {"appId": LOYALTY_APP, "amountBefore": 655, "amountAfter": 625}
    for each in told:
        assert wix.get(f"{TRANSACTIONS}/{each['id']}").json() == {"loyaltyTransaction": each}
    account = wix.get(f"{ACCOUNTS}/{ANN}").json()["account"]
    assert account["points"]["balance"] == 665


def test_transactions_are_filtered_sorted_and_paged(wix: TestClient, native: TestClient, served: Served) -> None:
    for member, points, minute in (("ann", 5, 1), ("bob", 7, 2), ("ann", 9, 3)):
        said = {"member": member, "type": "points.earned", "points": points}
        native.post("/v1/events", json={**said, "occurred_at": f"2025-07-01T12:0{minute}:00Z"})
    served.clock.pass_seconds(600)

    def amounts(**said: Any) -> list[int]:
        return [each["amount"] for each in query(wix, **said)]

    assert amounts() == [9, 7, 5]
    assert amounts(filter={"amount": {"$gt": 5}}, sort=[{"fieldName": "amount"}]) == [7, 9]
    assert amounts(filter={"createdDate": {"$lte": "2025-07-01T12:02:00Z"}}) == [7, 5]
    assert amounts(filter={"accountId": {"$in": ["ann", "dan"]}, "transactionType": "EARN"}) == [9, 5]
    assert amounts(filter={"transactionType": {"$ne": "EARN"}}) == []
    first = wix.post(f"{TRANSACTIONS}/query", json={"query": {"cursorPaging": {"limit": 2}}}).json()
    cursor = first["pagingMetadata"]["cursors"]["next"]
    assert amounts(cursorPaging={"limit": 2, "cursor": cursor}) == [5]
    answer = wix.post(f"{TRANSACTIONS}/query", json={"query": {"filter": {"colour": "red"}}})
    assert (answer.status_code, application_error(answer)["code"]) == (400, "INVALID_ARGUMENT")


def test_transactions_of_everybody_are_refused_where_they_are_too_many(
    wix: TestClient, earned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "_EVENTS_MAX", 1)

    answer = wix.post(f"{TRANSACTIONS}/query", json={"query": {}})

    assert (answer.status_code, application_error(answer)["code"]) == (400, "INVALID_ARGUMENT")
    assert len(query(wix, filter={"accountId": ANN})) == 1


def test_unknown_transactions_are_not_found_and_malformed_ids_said_to_be(wix: TestClient, earned: str) -> None:
    for unknown in ("00000000-0000-4000-8000-000000000000", "00000000-0001-8000-8000-00000000ffff"):
        answer = wix.get(f"{TRANSACTIONS}/{unknown}")
        assert (answer.status_code, application_error(answer)["code"]) == (404, "NOT_FOUND")
    assert violations(wix.get(f"{TRANSACTIONS}/first")) == {"loyaltyTransactionId": "FORMAT"}


def test_another_organizations_transactions_are_not_there(wix: TestClient, served: Served, earned: str) -> None:
    stranger = served.with_headers({"authorization": served.secret("second")})

    assert stranger.get(f"{TRANSACTIONS}/{earned}").status_code == 404
    assert query(stranger) == query(stranger, filter={"accountId": ANN}) == []
