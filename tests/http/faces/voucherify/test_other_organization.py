"""Another organization's key on every operation of both documents: nothing readable, nothing writable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.voucherify.conftest import NEWER, SEED, Vendor, join
from tests.http.test_other_organization import rows_of_first
from ziggurat.http.faces.voucherify.application import openapi_document
from ziggurat.http.faces.voucherify.cards import LEDGER
from ziggurat.http.faces.voucherify.dialect import Dialect

MARK = "Argentum"
BASES = {Dialect.SEED: SEED, Dialect.NEWER: NEWER}
ALICE = {"customer_identification": {"type": "customer_source_id", "customer_source_id": "alice"}}
SPAN = "start_date=2025-07-01&end_date=2025-07-10&resolution=day"
Body = Any


def bodies(dialect: Dialect) -> dict[str, Body]:
    """A body with which each operation succeeds in its own organization, by method and path."""
    card: Body = {"card_definition_id": LEDGER}
    points: Body = {"min_value": 700}
    if dialect is Dialect.NEWER:
        card, points = {"point_balance": card}, {"points": points}
    structure = {"name": "x", "type": "POINT_BALANCE", **card}
    tier = {"name": "x", "qualification_rules": {"type": "POINTS", **points}}
    one, many = "/loyalties/tier-structures/{tierStructureId}", "/loyalties/programs/{programId}"
    return {
        "POST /loyalties/tier-structures": structure,
        f"PUT {one}": {"name": "y"},
        f"POST {one}/tiers": tier,
        f"PUT {one}/tiers/{{tierId}}": {"name": "y"},
        "POST /loyalties/card-definitions": {"name": "x", "type": "INDIVIDUAL"},
        "PUT /loyalties/card-definitions/{cardDefinitionId}": {"name": "y"},
        "POST /loyalties/programs": {"name": "x"},
        f"PUT {many}": {"name": "y"},
        f"POST {many}/tier-structures/batch": {"assign": []},
        f"POST {many}/card-definitions/batch": {"assign": []},
        f"POST {many}/members/batch": [ALICE],
        f"POST {many}/members": ALICE,
        f"PUT {many}/members/{{memberId}}": {"metadata": {"a": 1}},
        f"POST {many}/members/{{memberId}}/cards/{{cardId}}/points": {"points": 5},
        "POST /ziggurat/webhooks": {"target_url": "https://example.com/hooks"},
    }


def each_operation() -> Iterator[tuple[Dialect, str, str, bool]]:
    """Dialect, method, path and whether it takes a body."""
    for dialect in Dialect:
        for path, methods in openapi_document(dialect)["paths"].items():
            for method, operation in methods.items():
                yield dialect, method.upper(), path, "requestBody" in operation


OPERATIONS = list(each_operation())


def filled(vendor: Vendor) -> dict[str, str]:
    """The values of path parameters that lead somewhere in the first organization."""
    card = vendor.post("/card-definitions", {"name": MARK, "type": "INDIVIDUAL"})
    structure = vendor.structure(downgrade={"type": "MULTI_LEVEL"})
    tier = vendor.tier(structure, MARK, 500)
    joined = join(vendor, structure)
    joined.points(600)
    told = vendor.post(f"/programs/{joined.program['id']}/members/batch", [], 202)
    return {
        "cardDefinitionId": card["id"],
        "tierStructureId": structure["id"],
        "tierId": tier["id"],
        "programId": joined.program["id"],
        "memberId": joined.member["id"],
        "cardId": joined.card,
        "customerId": joined.member["customer_id"],
        "asyncActionId": told["async_action_id"],
    }


def attempt(client: TestClient, dialect: Dialect, method: str, path: str, values: dict[str, str]) -> Any:
    mount = BASES[dialect].removesuffix("/v2/loyalties")
    address = mount + re.sub(r"\{(\w+)\}", lambda match: values[match[1]], path)
    address += f"?{SPAN}" if "/reports/" in path else ""
    return client.request(method, address, json=bodies(dialect).get(f"{method} {path[3:]}"))


@pytest.mark.parametrize(
    ("dialect", "method", "path"),
    [each[:3] for each in OPERATIONS],
    ids=[" ".join(each[:3]) for each in OPERATIONS],
)
def test_a_stranger_finds_and_changes_nothing(
    vendor_of: Callable[..., Vendor], served: Served, dialect: Dialect, method: str, path: str
) -> None:
    values = filled(vendor_of(BASES[dialect]))
    stranger = served.client("second")
    before = rows_of_first(served)

    answer = attempt(stranger, dialect, method, path, values)

    assert rows_of_first(served) == before
    assert MARK not in answer.text
    if path == "/v2/loyalties/memberships/{customerId}":
        assert (answer.status_code, answer.json()["data"]) == (200, [])
    elif "{" in path:
        assert (answer.status_code, answer.json()["key"]) == (404, "not_found"), answer.text
    else:
        assert answer.status_code == 200, answer.text  # the same words say something in her own organization
        assert not any(value in answer.text for value in values.values())


@pytest.mark.parametrize("dialect", list(Dialect))
def test_every_operation_that_takes_a_body_is_tried_with_one(dialect: Dialect) -> None:
    with_body = {f"{method} {path[3:]}" for of, method, path, has_body in OPERATIONS if of is dialect and has_body}
    assert with_body == set(bodies(dialect))


@pytest.mark.parametrize("dialect", list(Dialect))
def test_there_is_something_to_find(vendor_of: Callable[..., Vendor], served: Served, dialect: Dialect) -> None:
    values = filled(vendor_of(BASES[dialect]))
    client = served.client("first")
    for of, method, path, _ in OPERATIONS:
        if of is dialect and method == "GET":
            answer = attempt(client, dialect, method, path, values)
            assert answer.status_code == 200, (path, answer.text)
            nothing_there = path.endswith(("/expiring-points", "/pending-points"))
            assert nothing_there or any(value in answer.text for value in (*values.values(), MARK, LEDGER)), path
