"""Accounts are members: made, found, given points and moved through Wix, seen everywhere else."""

from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import (
    PROGRAM,
    SETTINGS,
    TIERS,
    activate,
    application_error,
    make_tier,
    settings_body,
    violations,
)
from ziggurat.app.principal import KeyScope

ACCOUNTS = "/wix/loyalty-accounts/v1/accounts"
ANN = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c11"
DAY = 24 * 3600


def create(wix: TestClient, contact: str = ANN) -> dict[str, Any]:
    answer = wix.post(ACCOUNTS, json={"contactId": contact})
    assert answer.status_code == 200, answer.text
    account: dict[str, Any] = answer.json()["account"]
    return account


def earn(wix: TestClient, amount: int, member: str = ANN, key: str = "", app: str = "shop") -> Any:
    body = {"amount": amount, "appId": app, "idempotencyKey": key or str(uuid4())}
    return wix.post(f"{ACCOUNTS}/{member}/earn-points", json=body)


def earned(wix: TestClient, amount: int, member: str = ANN) -> dict[str, Any]:
    answer = earn(wix, amount, member)
    assert answer.status_code == 200, answer.text
    account: dict[str, Any] = answer.json()["account"]
    return account


def adjust(wix: TestClient, member: str = ANN, **said: Any) -> Any:
    return wix.post(f"{ACCOUNTS}/{member}/adjust-points", json=said)


@pytest.fixture
def ladder(wix: TestClient) -> dict[str, str]:
    """The ids of Silver from 500 and Gold from 2000, in force."""
    ids = {name: make_tier(wix, name, points)["id"] for name, points in (("Silver", 500), ("Gold", 2000))}
    activate(wix)
    return ids


def test_a_new_account_has_no_points_and_no_tier_yet(wix: TestClient, ladder: dict[str, str]) -> None:
    account = create(wix)

    assert account == {
        "id": ANN,
        "contactId": ANN,
        "points": {"balance": 0, "earned": 0, "adjusted": 0, "redeemed": 0, "expired": 0},
        "rewardAvailable": False,
        "createdDate": "2025-07-01T12:00:00.000Z",
        "updatedDate": "2025-07-01T12:00:00.000Z",
        "revision": "1",
    }
    assert wix.get(f"{ACCOUNTS}/{ANN}", params={"id": ANN}).json() == {"account": account}


def test_a_contact_has_one_account(wix: TestClient) -> None:
    create(wix)

    second = wix.post(ACCOUNTS, json={"contactId": ANN})

    assert (second.status_code, application_error(second)["code"]) == (409, "ALREADY_EXISTS")
    assert violations(wix.post(ACCOUNTS, json={"contactId": "ann"})) == {"contactId": "FORMAT"}
    assert violations(wix.post(ACCOUNTS, json={})) == {"contactId": "REQUIRED_FIELD"}


def test_earning_points_lifts_the_account_in_the_same_answer(
    wix: TestClient, ladder: dict[str, str], served: Served
) -> None:
    create(wix)
    base = earned(wix, 499)
    served.clock.pass_seconds(60)
    silver = earned(wix, 1)

    assert base["tier"] == {"updatedDate": "2025-07-01T12:00:00.000Z", "points": 499}
    assert silver["tier"] == {
        "id": ladder["Silver"],
        "updatedDate": "2025-07-01T12:01:00.000Z",
        "points": 500,
    }
    assert silver["lastActivityDate"] == silver["tier"]["updatedDate"]
    assert silver["points"] == {"balance": 500, "earned": 500, "adjusted": 0, "redeemed": 0, "expired": 0}
    assert silver["revision"] == "3"


def test_an_account_goes_from_base_to_gold_and_when_the_window_has_passed_back(
    wix: TestClient, native: TestClient, ladder: dict[str, str], served: Served
) -> None:
    create(wix)
    assert earned(wix, 2000)["tier"]["id"] == ladder["Gold"]
    (standing,) = native.get(f"/v1/members/{ANN}").json()["programs"]
    assert (standing["tier"], standing["tier_id"]) == ("Gold", ladder["Gold"])

    served.clock.pass_seconds(365 * DAY - 1)
    assert wix.get(f"{ACCOUNTS}/{ANN}").json()["account"]["tier"]["id"] == ladder["Gold"]
    served.clock.pass_seconds(1)

    account = wix.get(f"{ACCOUNTS}/{ANN}").json()["account"]
    assert account["tier"] == {"updatedDate": "2026-07-01T12:00:00.000Z", "points": 0}
    assert account["points"]["balance"] == 2000
    (standing,) = native.get(f"/v1/members/{ANN}").json()["programs"]
    assert (standing["tier"], standing["since"]) == ("(base tier)", "2026-07-01T12:00:00Z")


def test_spending_lowers_the_balance_but_not_the_tier(
    wix: TestClient, native: TestClient, ladder: dict[str, str]
) -> None:
    create(wix)
    earned(wix, 600)
    spent = {"member": ANN, "type": "points.spent", "occurred_at": "2025-07-01T12:00:00Z", "points": 550}
    assert native.post("/v1/events", json=[spent]).status_code == 200

    account = wix.get(f"{ACCOUNTS}/{ANN}").json()["account"]

    assert (account["points"]["balance"], account["points"]["redeemed"]) == (50, 550)
    assert account["tier"]["id"] == ladder["Silver"]


def test_adjusted_points_count_up_and_down(wix: TestClient, ladder: dict[str, str]) -> None:
    create(wix)
    up = adjust(wix, balance=715, revision="1").json()["account"]
    down = adjust(wix, amount=-300, revision="2").json()["account"]

    assert (up["points"]["adjusted"], up["tier"]) == (715, {**up["tier"], "points": 715, "id": ladder["Silver"]})
    assert (down["points"]["balance"], down["tier"]["points"], "id" in down["tier"]) == (415, 415, False)


def test_the_balance_wins_over_the_amount(wix: TestClient) -> None:
    create(wix)

    assert adjust(wix, balance=10, amount=99, revision="1").json()["account"]["points"]["balance"] == 10


@pytest.mark.parametrize("status", ["PAUSED", "DISABLED", "DRAFT"])
def test_unless_tiers_are_active_an_account_shows_its_points_and_no_tier(
    wix: TestClient, ladder: dict[str, str], status: str
) -> None:
    create(wix)
    earned(wix, 600)
    revision = wix.get(SETTINGS).json()["programSettings"]["revision"]

    wix.patch(SETTINGS, json=settings_body(revision, status))

    tier = wix.get(f"{ACCOUNTS}/{ANN}").json()["account"]["tier"]
    assert (tier["points"], "id" in tier) == (600, False)


def test_the_same_idempotency_key_earns_once(wix: TestClient, served: Served) -> None:
    create(wix)
    first = earn(wix, 100, key="order-1").json()
    served.clock.pass_seconds(3600)

    again = earn(wix, 100, key="order-1")
    other = earn(wix, 200, key="order-1")
    elsewhere = earn(wix, 100, key="order-1", app="another app")

    assert again.status_code == 200
    assert again.json()["transactionId"] == first["transactionId"]
    assert again.json()["account"]["points"]["earned"] == 100
    assert (other.status_code, application_error(other)["code"]) == (409, "ALREADY_EXISTS")
    assert elsewhere.json()["account"]["points"]["earned"] == 200


def test_an_adjustment_from_a_stale_revision_is_refused(wix: TestClient) -> None:
    create(wix)
    earned(wix, 10)

    stale = adjust(wix, amount=5, revision="1")

    assert (stale.status_code, application_error(stale)["code"]) == (409, "INVALID_REVISION")
    assert application_error(stale)["data"] == {"revisionViolation": {"entityId": ANN}}
    assert wix.get(f"{ACCOUNTS}/{ANN}").json()["account"]["points"]["balance"] == 10


@pytest.mark.parametrize(
    ("said", "field", "rule"),
    [
        ({"revision": "1"}, "type", "REQUIRED_ONE_OF_FIELD"),
        ({"amount": 5}, "revision", "REQUIRED_FIELD"),
        ({"amount": 0, "revision": "1"}, "amount", "OTHER"),
        ({"amount": 10_000_000, "revision": "1"}, "amount", "MAX"),
        ({"amount": -10_000_000, "revision": "1"}, "amount", "MIN"),
        ({"balance": -1, "revision": "1"}, "balance", "MIN"),
        ({"balance": 1_000_000_000, "revision": "1"}, "balance", "MAX"),
        ({"amount": 5, "revision": "1", "description": "x" * 101}, "description", "MAX_LENGTH"),
    ],
)
def test_each_violation_of_an_adjustment_names_its_field(
    wix: TestClient, said: dict[str, Any], field: str, rule: str
) -> None:
    create(wix)

    assert violations(adjust(wix, **said)) == {field: rule}


def test_a_balance_cannot_become_negative(wix: TestClient) -> None:
    create(wix)

    answer = adjust(wix, amount=-1, revision="1")

    assert (answer.status_code, application_error(answer)["code"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("said", "field", "rule"),
    [
        ({"appId": "a", "idempotencyKey": "k"}, "amount", "REQUIRED_FIELD"),
        ({"amount": 0, "appId": "a", "idempotencyKey": "k"}, "amount", "MIN"),
        ({"amount": 10_000_000, "appId": "a", "idempotencyKey": "k"}, "amount", "MAX"),
        ({"amount": 1.5, "appId": "a", "idempotencyKey": "k"}, "amount", "FORMAT"),
        ({"amount": 1, "idempotencyKey": "k"}, "appId", "REQUIRED_FIELD"),
        ({"amount": 1, "appId": "a"}, "idempotencyKey", "REQUIRED_FIELD"),
        ({"amount": 1, "appId": "a", "idempotencyKey": "k" * 257}, "idempotencyKey", "MAX_LENGTH"),
        ({"amount": 1, "appId": "a" * 101, "idempotencyKey": "k"}, "appId", "MAX_LENGTH"),
    ],
)
def test_each_violation_of_earning_names_its_field(
    wix: TestClient, said: dict[str, Any], field: str, rule: str
) -> None:
    create(wix)

    assert violations(wix.post(f"{ACCOUNTS}/{ANN}/earn-points", json=said)) == {field: rule}


def test_an_account_is_found_by_its_contact(wix: TestClient) -> None:
    account = create(wix)

    for name in ("contactId", "memberId"):
        assert wix.get(f"{ACCOUNTS}/fetch-by", params={name: ANN}).json() == {"account": account}
    assert violations(wix.get(f"{ACCOUNTS}/fetch-by")) == {"secondaryId": "REQUIRED_ONE_OF_FIELD"}


def test_unknown_accounts_are_not_found(wix: TestClient) -> None:
    for answer in (
        wix.get(f"{ACCOUNTS}/{ANN}"),
        wix.get(f"{ACCOUNTS}/fetch-by", params={"contactId": ANN}),
        earn(wix, 5),
        adjust(wix, amount=5, revision="1"),
    ):
        assert (answer.status_code, application_error(answer)["code"]) == (404, "NOT_FOUND")


def test_a_member_made_elsewhere_is_an_account(wix: TestClient, native: TestClient, ladder: dict[str, str]) -> None:
    points = {"member": "ann", "type": "points.earned", "occurred_at": "2025-07-01T12:00:00Z", "points": 600.5}
    native.post("/v1/events", json=[points])

    account = wix.get(f"{ACCOUNTS}/ann").json()["account"]

    assert (account["id"], account["points"]["earned"], account["tier"]["points"]) == ("ann", 600, 600)
    assert account["tier"]["id"] == ladder["Silver"]
    assert earned(wix, 1400, "ann")["tier"]["id"] == ladder["Gold"]


def query(wix: TestClient, **said: Any) -> Any:
    return wix.post(f"{ACCOUNTS}/query", json={"query": said})


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [account["id"] for account in answer.json()["loyaltyAccounts"]]


def test_accounts_are_queried_by_tier_and_id(wix: TestClient, ladder: dict[str, str]) -> None:
    contacts = sorted(str(uuid4()) for _ in range(4))
    for contact, points in zip(contacts, (10, 600, 700, 2500), strict=True):
        create(wix, contact)
        earned(wix, points, contact)
    one, two, three, four = contacts

    assert ids(query(wix)) == contacts
    assert ids(query(wix, filter={"tier.id": ladder["Silver"]})) == [two, three]
    assert ids(query(wix, filter={"tier.id": {"$in": [ladder["Silver"], ladder["Gold"]]}})) == [two, three, four]
    assert ids(query(wix, filter={"tier.id": {"$exists": False}})) == [one]
    assert ids(query(wix, filter={"tier.id": {"$eq": str(uuid4())}})) == []
    assert ids(query(wix, filter={"contactId": {"$in": [four, str(uuid4()), two]}})) == [two, four]
    assert ids(query(wix, filter={"id": two, "tier.id": ladder["Gold"]})) == []


def test_queries_go_on_where_their_cursor_says(wix: TestClient) -> None:
    contacts = sorted(str(uuid4()) for _ in range(3))
    for contact in contacts:
        create(wix, contact)

    first = query(wix, cursorPaging={"limit": 2})
    metadata = first.json()["pagingMetadata"]
    rest = query(wix, cursorPaging={"limit": 2, "cursor": metadata["cursors"]["next"]})

    assert (ids(first), metadata["count"], metadata["hasNext"]) == (contacts[:2], 2, True)
    assert ids(rest) == contacts[2:]
    assert rest.json()["pagingMetadata"] == {"count": 1, "cursors": {}, "hasNext": False}
    assert query(wix, cursorPaging={"cursor": "forged"}).status_code == 400


@pytest.mark.parametrize(
    "said",
    [
        {"filter": {"colour": "red"}},
        {"filter": {"points.balance": {"$startsWith": "a"}}},
        {"filter": {"points.balance": "5"}},
        {"filter": {"createdDate": {"$gt": "yesterday"}}},
        {"filter": {"id": 5}},
        {"filter": {"id": {"$in": "a"}}},
        {"filter": {"$or": {"id": "a"}}},
        {"filter": {"tier.id": {"$exists": "no"}}},
        {"sort": [{"fieldName": "colour"}]},
        {"sort": [{"fieldName": "id", "order": "UP"}]},
        {"sort": ["id"]},
    ],
)
def test_queries_that_are_not_served_are_refused_rather_than_answered_wrongly(
    wix: TestClient, said: dict[str, Any]
) -> None:
    answer = query(wix, **said)

    assert (answer.status_code, application_error(answer)["code"]) == (400, "INVALID_ARGUMENT")


def test_accounts_are_counted_by_tier(wix: TestClient, ladder: dict[str, str]) -> None:
    for points in (10, 20, 600):
        contact = str(uuid4())
        create(wix, contact)
        earned(wix, points, contact)

    assert wix.get(f"{ACCOUNTS}/program-totals").json() == {
        "points": {"balance": 630, "earned": 630, "adjusted": 0, "redeemed": 0, "expired": 0},
        "tierTotals": [
            {"numberOfAccounts": 2},
            {"numberOfAccounts": 1, "id": ladder["Silver"]},
            {"numberOfAccounts": 0, "id": ladder["Gold"]},
        ],
    }


def test_an_account_moved_through_wix_is_explained_natively(
    wix: TestClient, native: TestClient, ladder: dict[str, str]
) -> None:
    create(wix)
    earned(wix, 600)

    explained = native.get(f"/v1/members/{ANN}/explain")

    assert explained.status_code == 200, explained.text
    assert "Silver" in explained.text


def test_another_organizations_key_sees_no_account(wix: TestClient, served: Served) -> None:
    create(wix)
    stranger = served.with_headers({"authorization": served.secret("second")})

    assert stranger.get(f"{ACCOUNTS}/{ANN}").status_code == 404
    assert earn(stranger, 5).status_code == 404
    assert ids(query(stranger)) == []
    assert stranger.get(f"{ACCOUNTS}/program-totals").json()["tierTotals"] == []


def test_a_key_that_may_only_read_gives_no_points(wix: TestClient, served: Served) -> None:
    create(wix)
    reader = served.with_headers({"authorization": served.secret(scopes=frozenset({KeyScope.READ}))})

    for answer in (earn(reader, 5), adjust(reader, amount=5, revision="1")):
        assert (answer.status_code, application_error(answer)["code"]) == (403, "PERMISSION_DENIED")


def test_tiers_and_accounts_need_no_program_to_be_read(wix: TestClient) -> None:
    create(wix)

    account = earned(wix, 5)

    assert ("tier" in account, account["points"]["balance"]) == (False, 5)
    assert wix.get(f"{ACCOUNTS}/program-totals").json()["tierTotals"] == []
    assert (wix.get(TIERS).json(), wix.get(PROGRAM).status_code) == ({"tiers": []}, 200)
