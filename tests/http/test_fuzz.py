"""Requests that schemathesis makes from the OpenAPI document: no fault of ours, no answer outside the schema.

A quick share runs with every change; `script/fuzz http` sends many more.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from schemathesis.python import asgi
from starlette.testclient import TestClient

from tests.http.club import filled
from tests.support.schema_fuzz import hold_to_document, name_of, operations_of
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.application import create_app
from ziggurat.http.native.application import native_openapi
from ziggurat.http.settings import Settings

OPERATIONS = operations_of(json.loads(native_openapi()))

KNOWN: dict[str, str] = {}
"""Values of path parameters that lead somewhere."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session with a key to an application that has one of everything."""
    file: Path = tmp_path_factory.mktemp("fuzz") / "ziggurat.db"
    files = str(file.with_name("files"))
    app = create_app(Settings(database_url=f"sqlite:///{file}", sqlite_synchronous="NORMAL", objects=files))
    service = app.state.service
    made = create_first_key(service.database, service.clock()).secret
    client = TestClient(app, headers={"authorization": f"Bearer {made}"})
    KNOWN.update(filled(client))
    asgi_app: Any = app
    with asgi.get_client(asgi_app) as session:
        session.headers["authorization"] = f"Bearer {made}"
        yield session


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_whatever_is_sent_is_answered_within_the_schema(operation: Any, session: Any) -> None:
    hold_to_document(operation, session, KNOWN)
