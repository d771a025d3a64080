"""The page's update, an account's way and what lists and transactions say, word for word alike on each database."""

from collections.abc import Callable

import pytest

from tests.http.conftest import Served
from tests.http.faces.wix.test_golden import ANN, BOB, FOLDER, SCENES, UNKNOWN
from tests.http.faces.wix.test_webhooks import Receiver, deliver, receiver, register, told
from tests.store.conftest import backend, database_url, postgres, postgres_template, sqlite_template
from tests.support.golden_scenes import Golden

__all__ = ["backend", "database_url", "postgres", "postgres_template", "receiver", "sqlite_template"]


@pytest.fixture
def served(serve_with: Callable[..., Served], database_url: str) -> Served:
    """Over either database; it may post to this machine."""
    return serve_with(database_url=database_url, webhook_private_targets=True)


@pytest.mark.parametrize("name", ["program_settings", "account", "accounts", "loyalty_program"])
def test_either_database_answers_word_for_word_the_same(served: Served, name: str) -> None:
    golden = Golden(served.with_headers({"authorization": served.secret()}), "/wix", kept=(ANN, BOB, UNKNOWN))

    SCENES[name](golden, served)

    golden.check(FOLDER / f"{name}.json")


def test_accounts_tell_of_themselves_from_either_database(served: Served, receiver: Receiver) -> None:
    wix = served.with_headers({"authorization": served.secret()})
    key = register(wix, receiver.url)["publicKey"]
    accounts = "/wix/loyalty-accounts/v1/accounts"
    wix.post(accounts, json={"contactId": ANN})
    wix.post(f"{accounts}/{ANN}/earn-points", json={"amount": 5, "appId": "shop", "idempotencyKey": "1"})

    deliver(served)

    types = [told(body, key)[0] for body in receiver.bodies]
    assert types == [f"wix.loyalty.v1.account_{slug}" for slug in ("created", "points_updated")]
