"""The page's update and a customer's way, on each of the two databases."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.capillary.conftest import CLUB, TIERS, create, good, make_program, publish, refusal
from tests.http.faces.capillary.test_members import adjust, details, earn, standing
from tests.http.faces.capillary.test_seed import EXAMPLE
from tests.store.conftest import backend, database_url, postgres, postgres_template, sqlite_template

__all__ = ["backend", "database_url", "postgres", "postgres_template", "sqlite_template"]


@pytest.fixture
def served(serve_with: Callable[..., Served], database_url: str) -> Served:
    """Over either database."""
    return serve_with(database_url=database_url)


def test_a_tier_is_updated_approved_and_lifts_a_customer_who_is_then_moved_by_hand(
    maker: TestClient, checker: TestClient, native: TestClient, served: Served
) -> None:
    make_program(native, CLUB)
    earn(native, 90_000)
    made = create(maker)
    again: dict[str, Any] = good(maker.put(f"{TIERS}/{made['objectId']}", json=EXAMPLE))
    assert (again["description"], again["eligibility"]) == (EXAMPLE["description"], EXAMPLE["eligibility"])
    assert refusal(maker.put(f"{TIERS}/{made['objectId']}", json={"name": "GOLD"})) == (409, [999999])
    assert standing(native)["tier"] == "Gold"

    slab = publish(maker, checker, made["objectId"])["slabId"]
    assert standing(native)["tier"] == details(maker)["currentTierName"] == "Super Platinum"

    draft = good(maker.put(f"{TIERS}/{slab}", json={"eligibility": {"threshold": 95_000}}))
    publish(maker, checker, draft["objectId"])
    assert refusal(maker.put(f"{TIERS}/{made['objectId']}", json=EXAMPLE)) == (409, [999999])
    assert adjust(maker, slabAction="DOWNGRADE", toSlabName="Blue").status_code == 200
    assert standing(native)["tier"] == details(maker)["currentTierName"] == "Blue"
    counts = [tier["customerCount"] for tier in good(maker.get(TIERS, params={"programId": 973}))["tiers"]]
    assert counts == [1, 0, 0]
