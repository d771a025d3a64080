"""Requests that schemathesis makes from the OpenAPI document: no fault of ours, no answer outside the schema.

A quick share runs with every change; `script/fuzz http` sends many more.
"""

import json
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
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from tests.http.club import filled
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.application import create_app
from ziggurat.http.native.application import native_openapi
from ziggurat.http.settings import Settings

EXAMPLES = int(os.environ.get("ZIGGURAT_FUZZ_EXAMPLES", "10"))
SEED = secrets.randbits(64) if "ZIGGURAT_FUZZ_EXAMPLES" in os.environ else 1
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


SCHEMA = schemathesis.openapi.from_dict(json.loads(native_openapi()))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]

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
        answer = case.call(session=session, app=session.app)
        case.validate_response(answer, checks=CHECKS)
        seen.add(answer.status_code)

    send_cases()
    assert seen
