"""Another organization's key on every operation of the document: nothing readable, nothing writable."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import activate, make_tier, settings_body, tier_body
from tests.http.test_other_organization import rows_of_first
from ziggurat.http.faces.wix.application import wix_document

ANN = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c11"
NEW = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c12"
MARK = "Argentum"
BODIES: dict[str, Any] = {
    "post_loyalty_tiers_v1_tiers": tier_body("Gold", 2_000),
    "post_loyalty_tiers_v1_tiers_program_settings": settings_body(),
    "patch_loyalty_tiers_v1_tiers_program_settings": settings_body(),
    "post_loyalty_tiers_v1_bulk_tiers_create": {"tiers": [tier_body("Gold", 2_000)["tier"]]},
    "patch_loyalty_tiers_v1_tiers_tier_id_": {"tier": {"revision": "1", "requiredPoints": 5}},
    "patch_loyalty_programs_v1_program": {"loyaltyProgram": {"name": "Second"}},
    "post_loyalty_accounts_v1_accounts": {"contactId": NEW},
    "post_loyalty_accounts_v1_accounts_query": {"query": {}},
    "post_loyalty_accounts_v1_accounts_search": {"search": {"search": {"expression": MARK}}},
    "post_loyalty_accounts_v1_accounts_count": {},
    "post_loyalty_accounts_v1_accounts_bulk_adjust": {"amount": 5},
    "post_loyalty_accounts_v1_accounts_account_id_earn_points": {"amount": 5, "appId": "a", "idempotencyKey": "k"},
    "post_loyalty_accounts_v1_accounts_account_id_adjust_points": {"amount": 5, "revision": "3"},
    "post_loyalty_transactions_v1_loyalty_transactions_query": {"query": {}},
    "post_ziggurat_v1_webhooks": {"url": "https://example.com/hooks"},
}
"""Bodies with which each operation succeeds in its own organization."""


def each_operation() -> Iterator[tuple[str, str, str]]:
    for path, methods in wix_document()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation["operationId"]


def filled(served: Served) -> dict[str, str]:
    """The values of path parameters that lead somewhere in the first organization."""
    client = served.with_headers({"authorization": served.secret("first")})
    tier = make_tier(client, MARK, 500)
    activate(client)
    client.patch("/wix/loyalty-programs/v1/program", json={"loyaltyProgram": {"name": MARK}})
    accounts = "/wix/loyalty-accounts/v1/accounts"
    assert client.post(accounts, json={"contactId": ANN}).status_code == 200
    body = {"amount": 600, "appId": "shop", "idempotencyKey": "1", "description": MARK}
    earned = client.post(f"{accounts}/{ANN}/earn-points", json=body).json()
    assert earned["account"]["tier"]["id"] == tier["id"]
    return {"tier_id": tier["id"], "account_id": ANN, "transaction_id": earned["transactionId"]}


def attempt(client: TestClient, method: str, path: str, operation: str, values: dict[str, str]) -> Any:
    address = "/wix" + re.sub(r"\{(\w+)\}", lambda match: values[match[1]], path)
    headers = {"wix-member-id": ANN}
    params = {"revision": "1"} if method == "DELETE" else {"contactId": ANN} if path.endswith("fetch-by") else {}
    return client.request(method, address, json=BODIES.get(operation), params=params, headers=headers)


OPERATIONS = list(each_operation())


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=[each[2] for each in OPERATIONS])
def test_a_stranger_finds_and_changes_nothing(served: Served, method: str, path: str, operation: str) -> None:
    values = filled(served)
    stranger = served.with_headers({"authorization": served.secret("second")})
    before = rows_of_first(served)

    answer = attempt(stranger, method, path, operation, values)

    assert rows_of_first(served) == before
    assert answer.status_code < 500
    if "{" in path or path.endswith(("my-account", "fetch-by")):
        assert answer.status_code == 404, answer.text
    else:
        assert answer.status_code == 200, answer.text  # the same words say something in her own organization
    assert MARK not in answer.text
    if answer.status_code == 200:  # refusals name what was asked for
        assert not any(value in answer.text for value in values.values())


def test_every_operation_that_takes_a_body_is_tried_with_one() -> None:
    with_body = {
        operation["operationId"]
        for methods in wix_document()["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    }
    assert with_body == set(BODIES)


def test_there_is_something_to_find(served: Served) -> None:
    values = filled(served)
    client = served.with_headers({"authorization": served.secret("first")})
    for method, path, operation in OPERATIONS:
        if method == "GET" or path.endswith(("/query", "/search", "/count")):
            answer = attempt(client, method, path, operation, values)
            assert answer.status_code == 200, (path, answer.text)
            telling = [*values.values(), MARK, '"count":1']
            needs_words = path.endswith(("/search", "/program-settings", "/premium-features"))
            assert needs_words or any(each in answer.text for each in telling), (path, answer.text)
