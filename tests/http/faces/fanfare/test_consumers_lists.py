"""Lists of consumers to the end in both directions, and what is told of their points and attributes."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.fanfare.conftest import CONSUMERS, places_of

BATCH = f"{CONSUMERS}/batch"
MONTH_DAYS = 31


@pytest.fixture
def crowd(fanfare: TestClient, served: Served) -> list[str]:
    """Twelve consumers, one a second; their full names in that order."""
    names = []
    for number in range(12):
        said = {"fullName": f"N{number:02d}", "totalOrders": number % 3, "ltv": str(number % 4)}
        if number % 2:
            said["email"] = f"m{number}@example.com"
        assert fanfare.post(CONSUMERS, json=said).status_code == 200
        names.append(said["fullName"])
        served.clock.pass_seconds(1)
    return [str(name) for name in names]


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["fullName"] for each in answer.json()["data"]]


def walk(fanfare: TestClient, path: str = CONSUMERS, **params: Any) -> list[str]:
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        answer = fanfare.get(path, params={**params, **after})
        found += names(answer)
        cursor = answer.json()["pageInfo"]["endCursor"]
        if cursor is None:
            return found
        after = {"after": cursor}


def walk_back(fanfare: TestClient, **params: Any) -> list[str]:
    found: list[str] = []
    before: dict[str, str] = {}
    while True:
        answer = fanfare.get(CONSUMERS, params={**params, **before})
        found = [*names(answer), *found]
        cursor = answer.json()["pageInfo"]["startCursor"]
        if cursor is None:
            return found
        before = {"before": cursor}


def test_consumers_come_newest_first_twenty_at_a_time(fanfare: TestClient, crowd: list[str]) -> None:
    answer = fanfare.get(CONSUMERS)
    assert names(answer) == crowd[::-1]
    assert answer.json()["pageInfo"] == {"startCursor": None, "endCursor": None}


@pytest.mark.parametrize("order", ["createdAt", "email", "fullName", "lastOrderAt", "totalOrderValue", "totalOrders"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_every_order_goes_to_the_end_and_back(
    fanfare: TestClient, crowd: list[str], order: str, direction: str
) -> None:
    how = {"sortBy": order, "sortDir": direction}
    there, back = walk(fanfare, first=5, **how), walk_back(fanfare, last=5, **how)
    assert there == back == names(fanfare.get(CONSUMERS, params=how))
    assert sorted(there) == crowd
    if order in ("createdAt", "fullName"):
        assert there == sorted(crowd, reverse=direction == "desc")


def test_a_page_in_the_middle_has_both_cursors(fanfare: TestClient, crowd: list[str]) -> None:
    first = fanfare.get(CONSUMERS, params={"first": 4}).json()["pageInfo"]
    middle = fanfare.get(CONSUMERS, params={"first": 4, "after": first["endCursor"]})
    back = fanfare.get(CONSUMERS, params={"last": 4, "before": middle.json()["pageInfo"]["startCursor"]})
    assert first["startCursor"] is None
    assert None not in middle.json()["pageInfo"].values()
    assert names(middle) == crowd[::-1][4:8]
    assert names(back) == crowd[::-1][:4]
    assert back.json()["pageInfo"]["startCursor"] is None


def test_consumers_are_searched_and_filtered(fanfare: TestClient, crowd: list[str]) -> None:
    assert names(fanfare.get(CONSUMERS, params={"search": "n0", "sortDir": "asc"})) == crowd[:10]
    assert names(fanfare.get(CONSUMERS, params={"search": "M11@"})) == ["N11"]
    late = {"createdAfter": "2025-07-01T12:00:08Z", "sortDir": "asc"}
    assert names(fanfare.get(CONSUMERS, params=late)) == crowd[9:]
    assert names(fanfare.get(CONSUMERS, params={"createdBefore": "2025-07-01T12:00:01Z"})) == ["N00"]
    assert walk(fanfare, first=2, search="n0", createdBefore="2025-07-01T12:00:05Z") == crowd[:5][::-1]


def test_consumers_are_found_by_exactly_what_is_known_of_them(fanfare: TestClient) -> None:
    said = {"email": "ann@example.com", "phone": "+331", "externalId": "m-1", "fullName": "Ann"}
    fanfare.post(CONSUMERS, json=said)
    fanfare.post(
        CONSUMERS, json={"email": "ann@example.com.au", "phone": "+3312", "externalId": "m-11", "fullName": "B"}
    )
    search = f"{CONSUMERS}/search"
    for params in (
        {"email": "Ann@Example.com"},
        {"phone": "+331"},
        {"externalId": "m-1"},
        {"q": "ann", "externalId": "m-1"},
        {"q": "m-1", "email": "ann@example.com"},
    ):
        assert names(fanfare.get(search, params=params)) == ["Ann"]
    assert names(fanfare.get(search, params={"externalId": "m-1", "email": "b@example.com"})) == []
    assert walk(fanfare, search, q="example", first=1) == ["B", "Ann"]
    assert places_of(fanfare.get(search)) == ["q"]


@pytest.mark.parametrize(
    "params",
    [
        {"first": "0"},
        {"first": "101"},
        {"last": "many"},
        {"after": "nothing"},
        {"before": "nothing"},
        {"sortBy": "karma"},
        {"sortDir": "up"},
        {"search": "a"},
        {"createdAfter": "soon"},
    ],
)
def test_a_query_that_cannot_be_is_refused_by_its_parameter(fanfare: TestClient, params: dict[str, str]) -> None:
    assert places_of(fanfare.get(CONSUMERS, params=params)) == list(params)


def test_cursors_belong_to_their_list(fanfare: TestClient, crowd: list[str], served: Served) -> None:
    cursor = fanfare.get(CONSUMERS, params={"first": 2}).json()["pageInfo"]["endCursor"]
    for params in ({"sortBy": "email"}, {"search": "n0"}, {"sortDir": "asc"}):
        assert places_of(fanfare.get(CONSUMERS, params={"after": cursor, **params})) == ["after"]
    assert served.client("second").get(CONSUMERS, params={"after": cursor}).json()["data"] == []
    assert len(crowd) == 12


def test_transactions_are_paged_to_the_end_newest_first(fanfare: TestClient, native: TestClient) -> None:
    made = fanfare.post(CONSUMERS, json={"externalId": "ann", "loyaltyBalance": 40}).json()
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("points.earned", {"id": "e1", "points": 10}),
        ("points.spent", {"points": 5, "reason": "coffee"}),
        ("points.expired", {"points": 1}),
        ("points.adjusted", {"points": -2}),
        ("points.returned", {"points": 1}),
        ("reversal", {"reverses": "e1", "points": 4}),
        ("order.placed", {"amount": 9}),
    ]
    events = [
        {"member": "ann", "type": kind, "occurred_at": f"2025-07-01T0{hour}:00:00Z", **said}
        for hour, (kind, said) in enumerate(kinds)
    ]
    assert native.post("/v1/events", json=events).status_code == 200

    found: list[dict[str, Any]] = []
    params: dict[str, Any] = {"first": 3}
    while True:
        page = fanfare.get(f"{CONSUMERS}/{made['id']}/loyalty-transactions", params=params).json()
        assert page.keys() == {"transactions", "nextCursor", "expiringBuckets"}
        assert page["expiringBuckets"] == []
        found += page["transactions"]
        if page["nextCursor"] is None:
            break
        params = {"limit": 3, "cursor": page["nextCursor"]}

    told = [(each["txnType"], each["pointsDelta"]) for each in found]
    assert told == [
        ("migration", 40),
        ("reversal", -4),
        ("reversal", 1),
        ("adjust", -2),
        ("expire", -1),
        ("redeem", -5),
        ("earn", 10),
    ]
    assert sum(delta for _, delta in told) == fanfare.get(f"{CONSUMERS}/{made['id']}").json()["loyaltyBalance"]
    assert len({each["id"] for each in found}) == 7
    assert found[5] == {
        "id": found[5]["id"],
        "txnType": "redeem",
        "pointsDelta": -5,
        "occurredAt": "2025-07-01T01:00:00.000Z",
        "sourceType": "points.spent",
        "sourceDescription": "coffee",
        "bucketExpiresOn": None,
        "metadata": None,
    }


@pytest.mark.parametrize("params", [{"first": "0"}, {"limit": "x"}, {"after": "x"}, {"cursor": "x"}])
def test_a_page_of_transactions_that_cannot_be_is_refused(fanfare: TestClient, params: dict[str, str]) -> None:
    made = fanfare.post(CONSUMERS, json={}).json()
    assert places_of(fanfare.get(f"{CONSUMERS}/{made['id']}/loyalty-transactions", params=params)) == list(params)


def test_a_timeline_has_the_activities_that_the_vendor_knows(fanfare: TestClient, native: TestClient) -> None:
    made = fanfare.post(CONSUMERS, json={"externalId": "ann"}).json()
    kinds = (
        "queue_entered",
        "draw_won",
        "bid_placed",
        "waitlist_left",
        "messageClicked",
        "appointment_booked",
        "visit",
    )
    events = [
        {"member": "ann", "type": "activity", "activity": kind, "occurred_at": f"2025-07-01T0{hour}:00:00Z"}
        for hour, kind in enumerate(kinds)
    ]
    assert native.post("/v1/events", json=events).status_code == 200

    timeline = fanfare.get(f"{CONSUMERS}/{made['id']}/timeline").json()

    assert (timeline["consumerId"], timeline["totalCount"]) == (made["id"], 6)
    assert [each["type"] for each in timeline["activities"]] == [
        *("APPOINTMENT", "MESSAGE", "WAITLIST", "AUCTION", "DRAW", "QUEUE")
    ]
    assert timeline["activities"][-1]["occurredAt"] == "2025-07-01T00:00:00.000Z"


def test_a_distribution_shows_how_an_attribute_is_spread(fanfare: TestClient) -> None:
    fanfare.post(BATCH, json=[{"loyaltyBalance": points, "ltv": f"{points}.50"} for points in (0, 10, 10, 100)])

    points = fanfare.get(f"{CONSUMERS}/distribution", params={"field": "loyaltyBalance"}).json()
    money = fanfare.get(f"{CONSUMERS}/distribution", params={"attribute": "ltv"}).json()

    assert points["stats"] == {"min": 0, "max": 100, "mean": 30, "median": 10, "stdDev": 40.6202}
    assert [bucket["value"] for bucket in points["buckets"]] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 1]
    assert points["buckets"][1] == {
        "range": "10-20",
        "value": 2,
        "x": 15,
        "percentage": 50.0,
        "minValue": 10,
        "maxValue": 20,
    }
    assert (points["field"], points["totalCount"]) == ("loyaltyBalance", 4)
    assert (money["stats"]["min"], money["stats"]["max"], money["stats"]["mean"]) == ("0.5", "100.5", "30.5")
    assert places_of(fanfare.get(f"{CONSUMERS}/distribution")) == ["field"]
    assert places_of(fanfare.get(f"{CONSUMERS}/distribution", params={"field": "karma"})) == ["field"]


def test_an_empty_distribution_has_no_buckets(fanfare: TestClient) -> None:
    answer = fanfare.get(f"{CONSUMERS}/distribution", params={"field": "aov"}).json()
    assert (answer["buckets"], answer["totalCount"], answer["stats"]["mean"]) == ([], 0, "0")
