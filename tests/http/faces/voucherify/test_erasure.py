"""Whoever is erased leaves no name behind, in whatever the face keeps, on each database."""

from collections.abc import Callable

import pytest

from tests.http.conftest import Served
from tests.http.faces.voucherify.conftest import SEED, Vendor, join
from tests.http.faces.voucherify.test_batch import send, source
from tests.store.conftest import backend, database_url, postgres, postgres_template, sqlite_template
from tests.support.database_text import everything_in

__all__ = ["backend", "database_url", "postgres", "postgres_template", "sqlite_template"]

NAME = "alice-of-wonderland"


@pytest.fixture
def served(serve_with: Callable[..., Served], database_url: str) -> Served:
    """Over either database."""
    return serve_with(database_url=database_url)


def test_an_erased_customer_is_nowhere_any_more(served: Served, vendor_of: Callable[..., Vendor]) -> None:
    vendor = vendor_of(SEED)
    made = vendor.structure(downgrade={"type": "MULTI_LEVEL"})
    vendor.tier(made, "Silver", 500)
    joined = join(vendor, made, NAME)
    customer = joined.member["customer_id"]
    joined.points(600)
    vendor.put(joined.path, {"metadata": {"note": "the white rabbit"}})
    action = send(vendor, joined.program, [source(NAME), source("bob")])
    card = vendor.post("/card-definitions", {"name": "Stars", "type": "INDIVIDUAL", "status": "ACTIVE"})
    second = vendor.post("/programs", {"name": "Second", "status": "ACTIVE", "card_definitions": [{"id": card["id"]}]})
    member = vendor.post(f"/programs/{second['id']}/members", {"customer_id": customer})
    shown = vendor.get(f"/programs/{second['id']}/members/{member['id']}")
    vendor.post(
        f"/programs/{second['id']}/members/{member['id']}/cards/{shown['cards'][0]['id']}/points", {"points": 7}
    )
    before = everything_in(served.service.database)
    assert all(text in before for text in (NAME, customer, "the white rabbit"))

    answer = served.client().delete(f"/v1/members/{NAME}")

    assert answer.status_code < 300, answer.text
    after = everything_in(served.service.database)
    assert [text for text in (NAME, customer, "the white rabbit") if text in after] == []
    vendor.get(joined.path, 404)
    address = vendor.base.replace("/v2/loyalties", f"/v1/async-actions/{action['id']}")
    told = vendor.client.get(address).json()["result"]["rows"]
    assert [(row["customer_source_id"], row["created"]) for row in told] == [("bob", True)]
    assert "bob" in after
