"""Requests that schemathesis makes from the face's own document: no fault of ours, no answer outside the schema."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from tests.http.faces.wix.conftest import TIERS, activate, make_tier
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.application import create_app
from ziggurat.http.faces.wix.application import wix_document
from ziggurat.http.settings import Settings

EXAMPLES = int(os.environ.get("ZIGGURAT_FUZZ_EXAMPLES", "10"))
SEED = secrets.randbits(64) if "ZIGGURAT_FUZZ_EXAMPLES" in os.environ else 1
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
ANN = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c11"
KNOWN: dict[str, str] = {"account_id": ANN}
"""Values of path parameters that lead somewhere."""
_NAMED = ("wix-site-id", "wix-member-id")


def at_the_root() -> Any:
    """The document as it is where the face is mounted."""
    document = wix_document()
    return {**document, "paths": {f"/wix{path}": said for path, said in document["paths"].items()}}


SCHEMA = schemathesis.openapi.from_dict(at_the_root())
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]


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


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.definition.raw["operationId"])
def test_whatever_is_sent_is_answered_within_the_schema(operation: Any, session: Any) -> None:
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    names = [parameter["name"] for parameter in operation.definition.raw["parameters"] if parameter["in"] == "path"]
    known = operation.as_strategy(path_parameters={name: KNOWN[name] for name in names}) if names else good
    seen: set[int] = set()

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=good | bad | known)
    def send_cases(case: Any) -> None:
        case.headers = {name: value for name, value in (case.headers or {}).items() if name not in _NAMED}
        answer = case.call(session=session, app=session.app)
        case.validate_response(answer, checks=CHECKS)
        seen.add(answer.status_code)

    send_cases()
    assert seen


def test_the_document_is_served_beside_the_face(session: Any) -> None:
    answer = session.get("/wix/openapi.json")

    assert answer.json() == wix_document()
    assert set(answer.json()["components"]["schemas"]) >= {"Tier", "TiersProgramSettings", "ErrorEnvelope", "Account"}
