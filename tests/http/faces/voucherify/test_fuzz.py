"""Requests that schemathesis makes from the face's own documents: no fault of ours, no answer outside the schema."""

from __future__ import annotations

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

from tests.http.conftest import Served, StandingClock
from tests.http.faces.voucherify.conftest import NEWER, SEED, Vendor, join
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.application import create_app
from ziggurat.http.faces.voucherify.application import openapi_document
from ziggurat.http.faces.voucherify.cards import LEDGER
from ziggurat.http.faces.voucherify.dialect import Dialect
from ziggurat.http.settings import Settings

EXAMPLES = int(os.environ.get("ZIGGURAT_FUZZ_EXAMPLES", "8"))
FUZZ_SEED = secrets.randbits(64) if "ZIGGURAT_FUZZ_EXAMPLES" in os.environ else 1
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
KNOWN: dict[str, str] = {"cardDefinitionId": LEDGER}
"""Values of path parameters that lead somewhere."""
ADDRESSES = {Dialect.SEED: "/voucherify", Dialect.NEWER: "/voucherify-2026-08"}


def operations() -> Iterator[Any]:
    for dialect, address in ADDRESSES.items():
        document = openapi_document(dialect)
        paths = {address + path: said for path, said in document["paths"].items()}
        schema = schemathesis.openapi.from_dict({**document, "paths": paths})
        for found in schema.get_all_operations():
            if isinstance(found, Ok):
                operation = found.ok()
                yield pytest.param(operation, id=f"{dialect}-{operation.definition.raw['operationId']}")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session with a key to an application with structures and a member."""
    file: Path = tmp_path_factory.mktemp("fuzz") / "ziggurat.db"
    clock = StandingClock()
    app = create_app(Settings(database_url=f"sqlite:///{file}", sqlite_synchronous="NORMAL"), clock)
    service = app.state.service
    secret = create_first_key(service.database, service.clock()).secret
    client = TestClient(app, headers={"authorization": f"Bearer {secret}"})
    for base in (NEWER, SEED):
        vendor = Vendor(Served(app, clock), client, base)
        structure = vendor.structure(name=base)
        tier = vendor.tier(structure, "Silver", 500)
        joined = join(vendor, structure, base)
        joined.points(600)
        told = vendor.post(f"/programs/{joined.program['id']}/members/batch", [], 202)
        KNOWN.update(
            asyncActionId=told["async_action_id"],
            tierStructureId=structure["id"],
            tierId=tier["id"],
            programId=joined.program["id"],
            memberId=joined.member["id"],
            cardId=joined.card,
            customerId=joined.member["customer_id"],
        )
    asgi_app: Any = app
    with asgi.get_client(asgi_app) as session:
        session.headers["authorization"] = f"Bearer {secret}"
        yield session
    service.database.dispose()


@pytest.mark.parametrize("operation", list(operations()))
def test_whatever_is_sent_is_answered_within_the_schema(operation: Any, session: Any) -> None:
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    names = [parameter["name"] for parameter in operation.definition.raw["parameters"] if parameter["in"] == "path"]
    known = operation.as_strategy(path_parameters={name: KNOWN[name] for name in names}) if names else good
    seen: set[int] = set()

    @seed(FUZZ_SEED)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=good | bad | known)
    def send_cases(case: Any) -> None:
        case.headers = {}
        answer = case.call(session=session, app=session.app)
        case.validate_response(answer, checks=CHECKS)
        seen.add(answer.status_code)

    send_cases()
    assert seen


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_document_is_served_beside_the_face(session: Any, dialect: Dialect) -> None:
    answer = session.get(f"{ADDRESSES[dialect]}/openapi.json")
    said = openapi_document(dialect)
    assert {name: each for name, each in answer.json().items() if name in said} == said
