"""Requests that schemathesis makes from the face's own document: no fault of ours, no answer outside the schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from schemathesis.python import asgi
from starlette.testclient import TestClient

from tests.http.faces.capillary.conftest import CLUB, PLATINUM, TIERS, basic, make_program
from tests.support.schema_fuzz import hold_to_document, name_of, operations_of
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.application import create_app
from ziggurat.http.faces.capillary.application import capillary_document
from ziggurat.http.settings import Settings

KNOWN: dict[str, str] = {"user_id": "ann", "program_id": "973"}
"""Values of path parameters that lead somewhere."""


OPERATIONS = operations_of(capillary_document(), "/capillary")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session with a key to an application with tiers and an account."""
    file: Path = tmp_path_factory.mktemp("fuzz") / "ziggurat.db"
    app = create_app(Settings(database_url=f"sqlite:///{file}", sqlite_synchronous="NORMAL"))
    service = app.state.service
    made = create_first_key(service.database, service.clock())
    native = TestClient(app, headers={"authorization": f"Bearer {made.secret}"})
    make_program(native, CLUB)
    event = {
        "id": "e",
        "member": "ann",
        "type": "points.earned",
        "occurred_at": "2025-06-01T10:00:00Z",
        "points": 60_000,
    }
    assert native.post("/v1/events", json=[event]).status_code == 200
    headers = basic(made.key.key_id, made.secret)
    client = TestClient(app, headers=headers)
    KNOWN["tier_id"] = client.post(TIERS, json=PLATINUM).json()["data"]["objectId"]
    asgi_app: Any = app
    with asgi.get_client(asgi_app) as session:
        session.headers["authorization"] = headers["authorization"]
        yield session
    service.database.dispose()


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_whatever_is_sent_is_answered_within_the_schema(operation: Any, session: Any) -> None:
    hold_to_document(operation, session, KNOWN)


def test_the_document_is_served_beside_the_face(session: Any) -> None:
    answer = session.get("/capillary/openapi.json")

    assert answer.json() == capillary_document()
    assert set(answer.json()["components"]["schemas"]) >= {"EditorTier", "RecordTier", "AnyRefused", "TierDetails"}
