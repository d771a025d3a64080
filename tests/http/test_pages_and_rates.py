"""Cursors that stay with their query, and rate limits that say what is left."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.http.conftest import SECOND, START, Served
from ziggurat import limits
from ziggurat.http.page_cursors import Cursors
from ziggurat.http.problems import Refusal

CURSORS = Cursors.of_database("sqlite:///x.db")


@given(st.lists(st.none() | st.integers(-(2**62), 2**62) | st.text()).map(tuple), st.text())
def test_a_cursor_gives_its_position_back(position: tuple[str | int | None, ...], query: str) -> None:
    assert CURSORS.read(CURSORS.make(position, query, START), query, START) == position


@given(st.integers(0), st.integers(1, 255))
def test_no_changed_cursor_is_taken(place: int, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(CURSORS.make((5, "a"), "q", START) + "=="))
    raw[place % len(raw)] ^= change
    with pytest.raises(Refusal, match="invalid_cursor"):
        CURSORS.read(base64.urlsafe_b64encode(raw).decode().rstrip("="), "q", START)


def test_processes_on_one_database_take_each_others_cursors() -> None:
    cursor = CURSORS.make((5,), "q", START)
    assert Cursors.of_database("sqlite:///x.db").read(cursor, "q", START) == (5,)
    with pytest.raises(Refusal, match="invalid_cursor"):
        Cursors.of_database("sqlite:///y.db").read(cursor, "q", START)


def numbers(client: TestClient, query: str) -> list[int]:
    return [entry["number"] for entry in client.get(f"/v1/audit{query}").json()["items"]]


@pytest.fixture
def busy(client: TestClient) -> TestClient:
    """A client whose organization has 12 entries in its audit trail."""
    for number in range(10):
        client.post("/v1/keys", json={"name": f"key {number}", "scopes": ["read"]})
    return client


def test_pages_give_everything_once(busy: TestClient) -> None:
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = busy.get("/v1/audit", params={"limit": 5, **({"cursor": cursor} if cursor else {})}).json()
        seen += [entry["number"] for entry in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(range(1, 13))


def test_the_size_of_a_page_may_change_on_the_way(busy: TestClient) -> None:
    cursor = busy.get("/v1/audit?limit=2").json()["next_cursor"]
    assert numbers(busy, f"?limit=3&cursor={cursor}") == [3, 4, 5]


@pytest.mark.parametrize("cursor", ["x", "====", "é", "A" * 5_000, "AAAAAAAAAAAAAAAAAAAAAAAA"])
def test_a_made_up_cursor_is_refused(client: TestClient, cursor: str) -> None:
    answer = client.get("/v1/audit", params={"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_cursor"


def test_a_cursor_is_good_for_its_query_and_organization_only(served: Served, busy: TestClient) -> None:
    cursor = busy.get("/v1/audit?limit=2").json()["next_cursor"]
    assert busy.get(f"/v1/audit?cursor={cursor}&subject=organization").json()["code"] == "invalid_cursor"
    assert busy.get(f"/v1/programs?cursor={cursor}").json()["code"] == "invalid_cursor"
    assert served.client("second").get(f"/v1/audit?cursor={cursor}").json()["code"] == "invalid_cursor"


def test_a_cursor_lasts_for_a_day(served: Served, busy: TestClient) -> None:
    cursor = busy.get("/v1/audit?limit=2").json()["next_cursor"]
    served.clock.pass_seconds(limits.CURSOR_LIFETIME_SECONDS)
    assert busy.get(f"/v1/audit?limit=2&cursor={cursor}").status_code == 200
    served.clock.pass_seconds(1)
    answer = busy.get(f"/v1/audit?limit=2&cursor={cursor}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "expired_cursor"


def test_without_a_limit_nothing_is_said_about_rates(client: TestClient) -> None:
    assert "ratelimit" not in client.get("/v1/organization").headers


def test_a_key_that_asks_too_often_is_told_when_to_come_back(serve_with: Callable[..., Served]) -> None:
    served = serve_with(rate_limit_per_minute=3)
    client, other = served.client(), served.client()
    left = [client.get("/v1/organization").headers["ratelimit"] for _ in range(3)]
    assert left == ['"key";r=2;t=0', '"key";r=1;t=0', '"key";r=0;t=20']
    refused = client.get("/v1/organization")
    assert refused.status_code == 429
    assert refused.headers["ratelimit-policy"] == '"key";q=3;w=60'
    assert other.get("/v1/organization").status_code == 200
    served.clock.now += int(refused.headers["retry-after"]) * SECOND
    assert client.get("/v1/organization").status_code == 200
    assert client.get("/v1/organization").status_code == 429
