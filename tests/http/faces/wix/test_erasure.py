"""Whoever is erased leaves nothing behind that was said of her account."""

from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.test_accounts import ACCOUNTS
from tests.support.database_text import everything_in

NAME = "5b3e0c9a-0d53-4a1b-9c36-2a8d3b1f7e55"


def test_an_erased_accounts_orders_are_nowhere_any_more(wix: TestClient, native: TestClient, served: Served) -> None:
    assert wix.post(ACCOUNTS, json={"contactId": NAME}).status_code == 200
    said = {"amount": 30, "appId": "shop", "idempotencyKey": "key-of-ann", "orderId": "order-of-ann"}
    earned = wix.post(f"{ACCOUNTS}/{NAME}/earn-points", json={**said, "description": "a gift for Ann"})
    assert earned.status_code == 200, earned.text
    private = [NAME, "key-of-ann", "order-of-ann", "a gift for Ann"]
    before = everything_in(served.service.database)
    assert [text for text in private if text in before] == private

    assert native.delete(f"/v1/members/{NAME}").status_code < 300

    after = everything_in(served.service.database)
    assert [text for text in private if text in after] == []
