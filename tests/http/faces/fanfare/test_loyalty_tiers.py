"""`POST` and `PUT /audiences/loyalty-tiers`: what the two reference pages say, and what follows from it."""

from typing import Any

from starlette.testclient import TestClient

from tests.http.faces.fanfare.conftest import AUDIENCES, TIERS


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
