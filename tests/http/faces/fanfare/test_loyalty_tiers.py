"""`POST` and `PUT /audiences/loyalty-tiers`: what the two reference pages say, and what follows from it."""

from typing import Any

from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.fanfare.conftest import AUDIENCES, TIERS
from ziggurat.app.audiences.run_audiences import run_audiences


def tier(name: str, start: Any, order: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "startValue": start, "order": order, **more}


LADDER = [
    tier("Bronze", 0, 0, endValue=100),
    tier("Silver", 100, 1, endValue=500),
    tier("Gold", 500, 2, iconName="star"),
]


def group_body(attribute: str = "loyaltyBalance", tiers: Any = None, name: str = "Club") -> dict[str, Any]:
    return {"groupName": name, "attribute": attribute, "tiers": LADDER if tiers is None else tiers}


def made(fanfare: TestClient, **said: Any) -> dict[str, Any]:
    answer = fanfare.post(TIERS, json=group_body(**said))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def earn(native: TestClient, **points: int) -> None:
    events = [
        {
            "id": f"e-{member}-{amount}",
            "member": member,
            "type": "points.earned",
            "points": amount,
            "occurred_at": "2025-06-01T00:00:00Z",
        }
        for member, amount in points.items()
    ]
    answer = native.post("/v1/events", json=events)
    assert answer.status_code == 200, answer.text


def names(native: TestClient, audience: dict[str, Any]) -> list[str]:
    """The members of an audience, natively."""
    items = native.get(f"/v1/audiences/{audience['id']}/members").json()["items"]
    return [item["profile"]["member"] for item in items]


def counts(fanfare: TestClient, group: dict[str, Any]) -> dict[str, int]:
    return {one["name"]: fanfare.get(f"{AUDIENCES}/{one['id']}/count").json()["count"] for one in group["audiences"]}


def test_members_are_in_the_tier_of_their_value_at_once(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=99, grace=100, joan=500, mary=10_000)

    group = made(fanfare)

    assert [one["name"] for one in group["audiences"]] == ["Bronze", "Silver", "Gold"]
    assert {one["name"]: names(native, one) for one in group["audiences"]} == {
        "Bronze": ["ada"],
        "Silver": ["grace"],
        "Gold": ["joan", "mary"],
    }


def test_a_group_of_tiers_is_a_program_of_the_native_api(fanfare: TestClient, native: TestClient) -> None:
    earn(native, grace=100)
    group = made(fanfare)

    program = native.get(f"/v1/programs/{group['tierGroup']}").json()
    assert program["name"] == "Club"
    (standing,) = native.get("/v1/members/grace").json()["programs"]
    assert (standing["tier"], standing["tier_id"]) == ("Silver", group["audiences"][1]["id"])
    (why,) = native.get("/v1/members/grace/explain").json()["items"]
    assert why["program"] == group["tierGroup"], why


def test_tiers_of_a_score_follow_orders_and_fade(fanfare: TestClient, native: TestClient, served: Served) -> None:
    order = {"id": "o-1", "member": "ada", "type": "order.placed", "amount": 80, "occurred_at": "2025-07-01T11:00:00Z"}
    assert native.post("/v1/events", json=[order]).status_code == 200
    group = made(fanfare, attribute="monetaryScore", tiers=[tier("Low", 0, 0, endValue=50), tier("High", 50, 1)])
    assert counts(fanfare, group) == {"Low": 0, "High": 1}

    served.clock.pass_seconds(31 * 86_400)
    run_audiences(served.service.database, served.clock())

    assert counts(fanfare, group) == {"Low": 1, "High": 0}
    later = {**order, "id": "o-2", "occurred_at": "2025-08-01T11:00:00Z"}
    assert native.post("/v1/events", json=[later]).status_code == 200
    assert counts(fanfare, group) == {"Low": 0, "High": 1}
    moves = native.get("/v1/members/ada/timeline", params={"program": group["tierGroup"]}).json()["items"]
    assert [move["to_tier"] for move in moves] == ["Low", "High", "Low", "High"]  # from zero, when first told
