"""Accounts are filtered, searched, sorted, counted, listed and adjusted together; a member's own one is found."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import activate, application_error, make_tier, violations
from ziggurat import limits
from ziggurat.app.principal import KeyScope
from ziggurat.http.faces.wix import account_query

ACCOUNTS = "/wix/loyalty-accounts/v1/accounts"
ANN, BOB, CID = (f"0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c1{digit}" for digit in "123")
DAY = 24 * 3600


@pytest.fixture
def tiers(wix: TestClient, native: TestClient, served: Served) -> dict[str, str]:
    """Silver from 500, Gold from 2000; Ann has 100 points, Bob 600, a day later Cid 2500, of which 900 are spent."""
    ids = {name: make_tier(wix, name, points)["id"] for name, points in (("Silver", 500), ("Gold", 2000))}
    activate(wix)
    for member, points in ((ANN, 100), (BOB, 600), (CID, 2500)):
        if member == CID:
            served.clock.pass_seconds(DAY)
        assert wix.post(ACCOUNTS, json={"contactId": member}).status_code == 200
        earned = {"amount": points, "appId": "shop", "idempotencyKey": member}
        assert wix.post(f"{ACCOUNTS}/{member}/earn-points", json=earned).status_code == 200
    events: list[dict[str, Any]] = [{"member": CID, "type": "points.spent", "points": 900}]
    for member, name, email in ((ANN, "Ann Alder", "ann@example.com"), (BOB, "Bob Beech", "bob@alder.example")):
        events += [
            {"member": member, "type": "attribute.set", "attribute": "name", "value": name},
            {"member": member, "type": "attribute.set", "attribute": "email", "value": email},
        ]
    told = native.post("/v1/events", json=[{"occurred_at": "2025-07-02T12:00:00Z", **event} for event in events])
    assert told.status_code == 200, told.text
    return ids


def ids(answer: Any, shown_as: str = "loyaltyAccounts") -> list[str]:
    assert answer.status_code == 200, answer.text
    return [account["id"] for account in answer.json()[shown_as]]


def query(wix: TestClient, said: dict[str, Any], *sort: str) -> list[str]:
    orders = [{"fieldName": each.lstrip("-"), "order": "DESC" if each[0] == "-" else "ASC"} for each in sort]
    return ids(wix.post(f"{ACCOUNTS}/query", json={"query": {"filter": said, "sort": orders}}))


def test_every_operator_picks_the_accounts_that_it_says(wix: TestClient, tiers: dict[str, str]) -> None:
    silver, gold = tiers["Silver"], tiers["Gold"]
    second = "2025-07-02T00:00:00Z"
    for said, found in (
        ({"points.balance": 600}, [BOB]),
        ({"points.balance": {"$eq": 1600}}, [CID]),
        ({"points.balance": {"$ne": 600}}, [ANN, CID]),
        ({"points.earned": {"$gt": 600}}, [CID]),
        ({"points.earned": {"$gte": 600, "$lt": 2500}}, [BOB]),
        ({"points.earned": {"$lte": 600}}, [ANN, BOB]),
        ({"points.redeemed": {"$in": [900, 5]}}, [CID]),
        ({"points.adjusted": {"$nin": [0]}}, []),
        ({"createdDate": {"$gte": second}}, [CID]),
        ({"lastActivityDate": {"$lt": "2025-07-02T12:00:00+00:00"}}, []),
        ({"tier.id": {"$startsWith": silver[:9]}}, [BOB]),
        ({"tier.id": {"$hasSome": [gold.upper()]}}, [CID]),
        ({"tier.id": {"$ne": silver}}, [ANN, CID]),
        ({"tier.id": {"$exists": False}}, [ANN]),
        ({"tier.id": {"$exists": True}}, [BOB, CID]),
        ({"pointsExpiration.expirationDate": {"$exists": True}}, []),
        ({"$or": [{"id": ANN}, {"tier.id": gold}]}, [ANN, CID]),
        ({"$and": [{"id": {"$in": [ANN, CID]}}, {"points.balance": {"$gt": 100}}]}, [CID]),
        ({"$not": {"tier.id": gold}}, [ANN, BOB]),
        ({"contact.email": {"$startsWith": "bob"}}, [BOB]),
        ({"id": ANN, "memberId": BOB}, []),
    ):
        assert query(wix, said) == found, said


def test_accounts_are_sorted_by_any_of_their_fields(wix: TestClient, tiers: dict[str, str]) -> None:
    assert query(wix, {}) == query(wix, {}, "id") == [ANN, BOB, CID]
    assert query(wix, {}, "-points.balance") == [CID, BOB, ANN]
    assert query(wix, {}, "-createdDate", "-id") == [CID, BOB, ANN]
    assert query(wix, {}, "createdDate", "-points.earned") == [BOB, ANN, CID]
    assert query(wix, {"tier.id": {"$exists": True}}, "contact.name") == [CID, BOB]  # who has none comes first


def test_sorted_accounts_go_on_where_their_cursor_says(wix: TestClient, tiers: dict[str, str]) -> None:
    asked = {"sort": [{"fieldName": "points.balance", "order": "DESC"}], "cursorPaging": {"limit": 2}}
    first = wix.post(f"{ACCOUNTS}/query", json={"query": asked})
    cursor = first.json()["pagingMetadata"]["cursors"]["next"]
    rest = wix.post(f"{ACCOUNTS}/query", json={"query": {**asked, "cursorPaging": {"limit": 2, "cursor": cursor}}})

    assert (ids(first), ids(rest)) == ([CID, BOB], [ANN])
    assert rest.json()["pagingMetadata"] == {"count": 1, "cursors": {}, "hasNext": False}
    elsewhere = {"query": {"cursorPaging": {"limit": 2, "cursor": cursor}}}
    assert wix.post(f"{ACCOUNTS}/query", json=elsewhere).status_code == 400


def test_a_page_is_full_also_when_a_filter_leaves_many_out(wix: TestClient, tiers: dict[str, str]) -> None:
    asked = {"filter": {"points.balance": {"$gt": 100}}, "cursorPaging": {"limit": 1}}
    first = wix.post(f"{ACCOUNTS}/query", json={"query": asked}).json()
    assert [account["id"] for account in first["loyaltyAccounts"]] == [BOB]
    asked["cursorPaging"] = {"limit": 1, "cursor": first["pagingMetadata"]["cursors"]["next"]}
    rest = wix.post(f"{ACCOUNTS}/query", json={"query": asked}).json()
    assert [account["id"] for account in rest["loyaltyAccounts"]] == [CID]
    assert not rest["pagingMetadata"]["hasNext"]


def test_accounts_are_searched_by_the_contacts_name_and_address(wix: TestClient, tiers: dict[str, str]) -> None:
    def search(**said: Any) -> list[str]:
        return ids(wix.post(f"{ACCOUNTS}/search", json={"search": {"search": said}}), "accounts")

    assert search(expression="ALDER") == [ANN, BOB]
    assert search(expression="alder", fields=["contact.name"]) == [ANN]
    assert search(expression="ann beech") == [ANN, BOB]
    assert search(expression="bob alder", mode="AND") == [BOB]
    assert search(expression="oak", fuzzy=True) == []
    found = wix.post(f"{ACCOUNTS}/search", json={"search": {"search": {"expression": "beech"}}}).json()
    assert found["accounts"][0]["contact"] == {"id": BOB, "name": "Bob Beech", "email": "bob@alder.example"}
    assert (found["aggregationData"], found["pagingMetadata"]["count"]) == ({"results": []}, 1)
    said = {"search": {"filter": {"points.balance": {"$gt": 100}}, "sort": [{"fieldName": "points.balance"}]}}
    assert ids(wix.post(f"{ACCOUNTS}/search", json=said), "accounts") == [BOB, CID]


def test_a_search_that_is_not_served_is_refused(wix: TestClient) -> None:
    def refused(**said: Any) -> Any:
        return wix.post(f"{ACCOUNTS}/search", json={"search": said})

    answer = refused(search={"expression": "a", "fields": ["contact.phone"]})
    assert (answer.status_code, application_error(answer)["code"]) == (400, "INVALID_ARGUMENT")
    assert violations(refused(search={"expression": "a" * 101})) == {"search.search.expression": "MAX_LENGTH"}
    assert violations(refused(search={"mode": "NEAR"})) == {"search.search.mode": "INVALID_ENUM_VALUE"}
    assert violations(refused(aggregations=[{"name": "n"}])) == {"search.aggregations": "MAX_SIZE"}
    assert violations(refused(sort=[{"fieldName": "id"}] * 11)) == {"search.sort": "MAX_SIZE"}


def test_accounts_are_counted(wix: TestClient, tiers: dict[str, str]) -> None:
    def count(**said: Any) -> Any:
        return wix.post(f"{ACCOUNTS}/count", json=said).json()

    assert count() == {"count": 3}
    assert count(filter={"tier.id": tiers["Gold"]}) == {"count": 1}
    assert count(search={"expression": "alder"}) == {"count": 2}
    assert count(filter={"points.balance": {"$gt": 5_000}}) == {"count": 0}


def test_accounts_are_listed_all_or_those_of_some_contacts(wix: TestClient, tiers: dict[str, str]) -> None:
    assert ids(wix.get(ACCOUNTS), "accounts") == [ANN, BOB, CID]
    assert ids(wix.get(ACCOUNTS, params={"contactIds": [CID, ANN]}), "accounts") == [ANN, CID]
    assert ids(wix.get(ACCOUNTS, params={"contactIds": f"{CID},{BOB}"}), "accounts") == [BOB, CID]
    first = wix.get(ACCOUNTS, params={"cursorPaging.limit": "2"})
    cursor = first.json()["pagingMetadata"]["cursors"]["next"]
    rest = wix.get(ACCOUNTS, params={"cursorPaging.limit": "2", "cursorPaging.cursor": cursor})
    assert (ids(first, "accounts"), ids(rest, "accounts")) == ([ANN, BOB], [CID])
    assert violations(wix.get(ACCOUNTS, params={"contactIds": "ann"})) == {"contactIds": "FORMAT"}
    assert violations(wix.get(ACCOUNTS, params={"contactIds": [ANN] * 51})) == {"contactIds": "MAX_SIZE"}
    assert violations(wix.get(ACCOUNTS, params={"cursorPaging.limit": "many"})) == {"cursorPaging.limit": "FORMAT"}
    assert violations(wix.get(ACCOUNTS, params={"cursorPaging.limit": "101"})) == {"cursorPaging.limit": "MAX"}


def balances(wix: TestClient) -> list[int]:
    accounts = wix.get(ACCOUNTS).json()["accounts"]
    return [account["points"]["balance"] for account in accounts]


def test_all_accounts_that_a_search_finds_are_adjusted_together(wix: TestClient, tiers: dict[str, str]) -> None:
    some = {"search": {"filter": {"points.balance": {"$lt": 1_000}}}}
    done = wix.post(f"{ACCOUNTS}/bulk-adjust", json={"amount": 400, **some})
    assert done.status_code == 200
    assert list(done.json()) == ["asyncJobId"]
    assert balances(wix) == [500, 1_000, 1_600]
    ann = wix.get(f"{ACCOUNTS}/{ANN}").json()["account"]
    assert (ann["tier"]["id"], ann["points"]["adjusted"]) == (tiers["Silver"], 400)

    wix.post(f"{ACCOUNTS}/bulk-adjust", json={"balance": 1_000})
    assert balances(wix) == [1_000, 1_000, 1_000]
    ann, bob = (wix.get(f"{ACCOUNTS}/{member}").json()["account"] for member in (ANN, BOB))
    assert (ann["points"]["adjusted"], bob["points"]["adjusted"]) == (900, 400)

    wix.post(f"{ACCOUNTS}/{ANN}/adjust-points", json={"amount": -500, "revision": ann["revision"]})
    wix.post(f"{ACCOUNTS}/bulk-adjust", json={"amount": -600})
    assert balances(wix) == [500, 400, 400]  # nobody gets below nothing


def test_each_violation_of_a_bulk_adjustment_names_its_field(wix: TestClient, served: Served) -> None:
    for said, field, rule in (
        ({}, "type", "REQUIRED_ONE_OF_FIELD"),
        ({"amount": 0}, "amount", "OTHER"),
        ({"amount": 10_000_000}, "amount", "MAX"),
        ({"balance": -1}, "balance", "MIN"),
    ):
        assert violations(wix.post(f"{ACCOUNTS}/bulk-adjust", json=said)) == {field: rule}
    reader = served.with_headers({"authorization": served.secret(scopes=frozenset({KeyScope.READ}))})
    assert reader.post(f"{ACCOUNTS}/bulk-adjust", json={"amount": 5}).status_code == 403


def test_however_many_accounts_there_are_they_are_sorted_counted_and_adjusted(
    wix: TestClient, tiers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Step by step, two accounts at a time."""
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 1)
    monkeypatch.setattr(limits, "MEMBERS_PER_STEP", 2)
    monkeypatch.setattr(account_query, "_STEP", 2)

    assert query(wix, {}, "-points.balance") == [CID, BOB, ANN]
    assert wix.post(f"{ACCOUNTS}/count", json={"filter": {"points.balance": {"$gt": 1}}}).json() == {"count": 3}
    done = wix.post(f"{ACCOUNTS}/bulk-adjust", json={"amount": -150})
    assert done.status_code == 200
    assert balances(wix) == [100, 450, 1_450]  # Ann would have got below nothing
    assert wix.post(f"{ACCOUNTS}/bulk-adjust", json={"balance": 7}).status_code == 200
    assert balances(wix) == [7, 7, 7]


def test_of_many_accounts_those_that_the_ledger_takes_no_event_of_are_passed_over(
    wix: TestClient, tiers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cid has had more points already than anybody may have; of few accounts all are left as they are."""
    monkeypatch.setattr(limits, "LARGE_AMOUNT_UNITS", 1)
    monkeypatch.setattr(limits, "MEMBER_TOTAL_UNITS_MAX", 3_000 * 10_000)

    assert wix.post(f"{ACCOUNTS}/bulk-adjust", json={"amount": 5}).status_code == 400
    assert balances(wix) == [100, 600, 1_600]
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 1)
    assert wix.post(f"{ACCOUNTS}/bulk-adjust", json={"amount": 5}).status_code == 200
    assert balances(wix) == [105, 605, 1_600]


def test_a_sorted_page_begins_after_the_account_that_was_last_whatever_has_come_between(
    wix: TestClient, tiers: dict[str, str]
) -> None:
    asked: dict[str, Any] = {"sort": [{"fieldName": "points.balance", "order": "DESC"}], "cursorPaging": {"limit": 1}}
    seen = []
    for _ in range(3):
        page = wix.post(f"{ACCOUNTS}/query", json={"query": asked}).json()
        seen += [account["id"] for account in page["loyaltyAccounts"]]
        asked["cursorPaging"] = {"limit": 1, "cursor": page["pagingMetadata"]["cursors"].get("next")}
        if len(seen) == 1:  # now Ann passes Cid, who was shown already: nobody is shown twice, nobody else is left out
            wix.post(f"{ACCOUNTS}/bulk-adjust", json={"amount": 5_000, "search": {"filter": {"id": ANN}}})
            break
    rest = wix.post(f"{ACCOUNTS}/query", json={"query": asked}).json()
    assert (seen, [account["id"] for account in rest["loyaltyAccounts"]]) == ([CID], [BOB])
    assert not rest["pagingMetadata"]["hasNext"]


def test_accounts_of_one_rank_are_in_the_order_of_their_ids(wix: TestClient, tiers: dict[str, str]) -> None:
    wix.post(f"{ACCOUNTS}/bulk-adjust", json={"balance": 50})
    assert query(wix, {}, "-points.balance") == query(wix, {}, "points.balance") == [ANN, BOB, CID]
    assert query(wix, {}, "-id") == query(wix, {}, "-memberId") == query(wix, {}, "-contactId") == [CID, BOB, ANN]


def test_a_site_asks_for_the_account_of_the_member_who_is_there(wix: TestClient, tiers: dict[str, str]) -> None:
    mine = wix.get(f"{ACCOUNTS}/my-account", headers={"wix-member-id": BOB})
    nobodys = wix.get(f"{ACCOUNTS}/my-account")
    strangers = wix.get(f"{ACCOUNTS}/my-account", headers={"wix-member-id": "dan"})

    assert mine.json() == wix.get(f"{ACCOUNTS}/{BOB}").json()
    assert (nobodys.status_code, application_error(nobodys)["code"]) == (403, "PERMISSION_DENIED")
    assert (strangers.status_code, application_error(strangers)["code"]) == (404, "NOT_FOUND")


def test_who_was_erased_or_merged_is_no_account_of_a_list(
    wix: TestClient, native: TestClient, tiers: dict[str, str]
) -> None:
    merged = native.post(f"/v1/members/{ANN}/merge", json={"into": BOB})
    assert merged.status_code < 300, merged.text
    erased = native.delete(f"/v1/members/{CID}")
    assert erased.status_code < 300, erased.text

    assert ids(wix.get(ACCOUNTS), "accounts") == [BOB]
    assert wix.post(f"{ACCOUNTS}/count", json={}).json() == {"count": 1}
    (account,) = wix.get(ACCOUNTS).json()["accounts"]
    assert account["points"]["balance"] == 700
