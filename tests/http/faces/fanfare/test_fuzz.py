"""Requests that schemathesis makes from the face's own document: no fault of ours, no answer outside the schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from schemathesis.python import asgi
from starlette.testclient import TestClient

from tests.http.faces.fanfare.conftest import AUDIENCES, TIERS
from tests.support.schema_fuzz import hold_to_document, name_of, operations_of
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.application import create_app
from ziggurat.http.faces.fanfare.application import fanfare_document
from ziggurat.http.settings import Settings

KNOWN: dict[str, str] = {"consumerId": "ada"}
"""Values of path parameters that lead somewhere."""


OPERATIONS = operations_of(fanfare_document(), "/fanfare")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session with a key to an application with audiences of each kind, and a member."""
    folder: Path = tmp_path_factory.mktemp("fuzz")
    app = create_app(
        Settings(
            database_url=f"sqlite:///{folder}/ziggurat.db", sqlite_synchronous="NORMAL", objects=str(folder / "files")
        )
    )
    service = app.state.service
    secret = create_first_key(service.database, service.clock()).secret
    headers = {"authorization": f"Bearer {secret}"}
    client = TestClient(app, headers=headers)
    event = {"member": "ada", "type": "points.earned", "points": 600, "occurred_at": "2025-06-01T00:00:00Z"}
    assert client.post("/v1/events", json=[event]).status_code == 200
    tiers = [
        {"name": "Silver", "startValue": 0, "order": 0, "endValue": 500},
        {"name": "Gold", "startValue": 500, "order": 1},
    ]
    group = client.post(TIERS, json={"groupName": "Club", "attribute": "loyaltyBalance", "tiers": tiers}).json()
    rule = {"field": "ltv", "operator": "GREATER_THAN", "values": ["12.5"]}
    dynamic = client.post(AUDIENCES, json={"name": "Many", "type": "DYNAMIC", "rules": [rule] * 12}).json()
    KNOWN.update(groupId=group["tierGroup"], audienceId=dynamic["id"], ruleId=dynamic["rules"][0]["id"])
    asgi_app: Any = app
    with asgi.get_client(asgi_app) as session:
        session.headers.update(headers)
        yield session
    service.database.dispose()


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_whatever_is_sent_is_answered_within_the_schema(operation: Any, session: Any) -> None:
    hold_to_document(operation, session, KNOWN)
