"""Requests that schemathesis makes from the face's own document: no fault of ours, no answer outside the schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from schemathesis.python import asgi
from starlette.testclient import TestClient

from tests.http.faces.wix.conftest import TIERS, activate, make_tier
from tests.support.schema_fuzz import hold_to_document, name_of, operations_of
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.application import create_app
from ziggurat.http.faces.wix.application import wix_document
from ziggurat.http.settings import Settings

ANN = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c11"
KNOWN: dict[str, str] = {"account_id": ANN}
"""Values of path parameters that lead somewhere."""
_NAMED = ("wix-site-id", "wix-member-id")


OPERATIONS = operations_of(wix_document(), "/wix")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session with a key to an application with tiers and an account."""
    file: Path = tmp_path_factory.mktemp("fuzz") / "ziggurat.db"
    app = create_app(Settings(database_url=f"sqlite:///{file}", sqlite_synchronous="NORMAL"))
    service = app.state.service
    secret = create_first_key(service.database, service.clock()).secret
    client = TestClient(app, headers={"authorization": secret})
    KNOWN["tier_id"] = make_tier(client, "Silver", 500)["id"]
    activate(client)
    assert client.post("/wix/loyalty-accounts/v1/accounts", json={"contactId": ANN}).status_code == 200
    assert client.get(TIERS).status_code == 200
    earned = {"amount": 5, "appId": "shop", "idempotencyKey": "1"}
    told = client.post(f"/wix/loyalty-accounts/v1/accounts/{ANN}/earn-points", json=earned)
    KNOWN["transaction_id"] = told.json()["transactionId"]
    asgi_app: Any = app
    with asgi.get_client(asgi_app) as session:
        session.headers["authorization"] = secret
        yield session
    service.database.dispose()


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_whatever_is_sent_is_answered_within_the_schema(operation: Any, session: Any) -> None:
    hold_to_document(operation, session, KNOWN, sends=lambda name: name not in _NAMED)


def test_the_document_is_served_beside_the_face(session: Any) -> None:
    answer = session.get("/wix/openapi.json")

    assert answer.json() == wix_document()
    assert set(answer.json()["components"]["schemas"]) >= {"Tier", "TiersProgramSettings", "ErrorEnvelope", "Account"}
