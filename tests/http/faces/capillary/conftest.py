"""A maker, a checker, and the same organization's native client; a program whose KPI is current points."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served, serve_with, served, sqlite_file
from ziggurat.app.principal import ALL_SCOPES, KeyScope

__all__ = ["serve_with", "served", "sqlite_file"]

TIERS = "/capillary/v3/tiers"
CLUB: dict[str, Any] = {
    "name": "Club",
    "qualification": {"measure": "points_balance"},
    "expiration": {"type": "fixed_duration", "period": {"months": 12}, "check": "month_end"},
    "base_tier": {"name": "Blue", "id": "blue"},
    "tiers": [{"name": "Gold", "id": "gold", "from": 50_000}],
    "metadata": {"capillary": {"programId": 973}},
}
PLATINUM: dict[str, Any] = {
    "programId": 973,
    "name": "Super Platinum",
    "description": "Premium tier for top spenders",
    "color": "#E5E4E2",
    "eligibility": {"kpiType": "CURRENT_POINTS", "threshold": 100_000, "upgradeType": "LAZY"},
    "validity": {"periodType": "SLAB_UPGRADE", "periodValue": 12, "unit": "NUM_MONTHS"},
}


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@dataclass
class Pair:
    """A key's id and secret."""

    key_id: str
    secret: str


@pytest.fixture
def new_pair(served: Served) -> Callable[..., Pair]:
    from ziggurat.app.access.create_first_key import create_first_key

    def make(scopes: frozenset[KeyScope] = ALL_SCOPES, organization: str = "first") -> Pair:
        database = served.service.database
        made = create_first_key(database, served.clock(), organization=organization, scopes=scopes)
        return Pair(made.key.key_id, made.secret)

    return make


@pytest.fixture
def maker(served: Served, new_pair: Callable[..., Pair]) -> TestClient:
    pair = new_pair()
    return served.with_headers(basic(pair.key_id, pair.secret))


@pytest.fixture
def checker(served: Served, new_pair: Callable[..., Pair]) -> TestClient:
    """Signs in as the vendor's tills do: with the password's MD5."""
    pair = new_pair()
    return served.with_headers(basic(pair.key_id, hashlib.md5(pair.secret.encode()).hexdigest()))


@pytest.fixture
def native(served: Served) -> TestClient:
    return served.client()


@pytest.fixture
def club(native: TestClient) -> str:
    """The public id of program 973, in force."""
    return make_program(native, CLUB)


def make_program(native: TestClient, document: dict[str, Any]) -> str:
    made = native.post("/v1/programs", json=document)
    assert made.status_code == 201, made.text
    id_: str = made.json()["id"]
    answer = native.post(f"/v1/programs/{id_}/activate", json={})
    assert answer.status_code in (200, 202), answer.text
    return id_


def good(answer: Any) -> Any:
    """The data of an answer that says it is done."""
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["errors"] is None
    return told["data"]


def refusal(answer: Any) -> tuple[int, list[int]]:
    """The status and the error numbers of a refusal."""
    told = answer.json()
    assert set(told) == {"data", "errors", "warnings"}
    assert told["data"] is None
    assert all(set(each) == {"code", "message"} and each["message"] for each in told["errors"])
    return answer.status_code, [each["code"] for each in told["errors"]]


def create(maker: TestClient, **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = good(maker.post(TIERS, json={**PLATINUM, **changes}))
    return data


def publish(maker: TestClient, checker: TestClient, object_id: str) -> dict[str, Any]:
    good(maker.post(f"{TIERS}/{object_id}/submit"))
    data: dict[str, Any] = good(checker.post(f"{TIERS}/{object_id}/approve", json={"approvalStatus": "APPROVE"}))
    return data
