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

from tests.http.faces.capillary.conftest import CLUB, PLATINUM, TIERS, basic, make_program
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.application import create_app
from ziggurat.http.faces.capillary.application import capillary_document
from ziggurat.http.settings import Settings

EXAMPLES = int(os.environ.get("ZIGGURAT_FUZZ_EXAMPLES", "10"))
SEED = secrets.randbits(64) if "ZIGGURAT_FUZZ_EXAMPLES" in os.environ else 1
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
KNOWN: dict[str, str] = {"user_id": "ann", "program_id": "973"}
"""Values of path parameters that lead somewhere."""


def at_the_root() -> Any:
    """The document as it is where the face is mounted."""
    document = capillary_document()
    return {**document, "paths": {f"/capillary{path}": said for path, said in document["paths"].items()}}


SCHEMA = schemathesis.openapi.from_dict(at_the_root())
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]


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


def test_the_document_is_served_beside_the_face(session: Any) -> None:
    answer = session.get("/capillary/openapi.json")

    assert answer.json() == capillary_document()
    assert set(answer.json()["components"]["schemas"]) >= {"EditorTier", "RecordTier", "AnyRefused", "TierDetails"}
