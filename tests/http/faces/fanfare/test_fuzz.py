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

from tests.http.faces.fanfare.conftest import AUDIENCES, TIERS
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.application import create_app
from ziggurat.http.faces.fanfare.application import fanfare_document
from ziggurat.http.settings import Settings

EXAMPLES = int(os.environ.get("ZIGGURAT_FUZZ_EXAMPLES", "8"))
SEED = secrets.randbits(64) if "ZIGGURAT_FUZZ_EXAMPLES" in os.environ else 1
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
KNOWN: dict[str, str] = {"consumerId": "ada"}
"""Values of path parameters that lead somewhere."""


def at_the_root() -> Any:
    """The document as it is where the face is mounted."""
    document = fanfare_document()
    return {**document, "paths": {f"/fanfare{path}": said for path, said in document["paths"].items()}}


SCHEMA = schemathesis.openapi.from_dict(at_the_root())
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]


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


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.definition.raw["operationId"])
def test_whatever_is_sent_is_answered_within_the_schema(operation: Any, session: Any) -> None:
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    raw = operation.definition.raw["parameters"]
    names = [parameter["name"] for parameter in raw if parameter["in"] == "path"]
    known = good
    if names and set(names) <= KNOWN.keys():
        known = operation.as_strategy(path_parameters={name: KNOWN[name] for name in names})
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
