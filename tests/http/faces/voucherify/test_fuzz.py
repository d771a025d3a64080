"""Requests that schemathesis makes from the face's own documents: no fault of ours, no answer outside the schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from schemathesis.python import asgi
from starlette.testclient import TestClient

from tests.http.conftest import Served, StandingClock
from tests.http.faces.voucherify.conftest import NEWER, SEED, Vendor, join
from tests.support.schema_fuzz import hold_to_document, name_of, operations_of
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.application import create_app
from ziggurat.http.faces.voucherify.application import openapi_document
from ziggurat.http.faces.voucherify.cards import LEDGER
from ziggurat.http.faces.voucherify.dialect import Dialect
from ziggurat.http.settings import Settings

KNOWN: dict[str, str] = {"cardDefinitionId": LEDGER}
"""Values of path parameters that lead somewhere."""
ADDRESSES = {Dialect.SEED: "/voucherify", Dialect.NEWER: "/voucherify-2026-08"}


OPERATIONS = [
    pytest.param(operation, id=f"{dialect}-{name_of(operation)}")
    for dialect, address in ADDRESSES.items()
    for operation in operations_of(openapi_document(dialect), address)
]


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


@pytest.mark.parametrize("operation", OPERATIONS)
def test_whatever_is_sent_is_answered_within_the_schema(operation: Any, session: Any) -> None:
    hold_to_document(operation, session, KNOWN, sends=lambda _: False)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_document_is_served_beside_the_face(session: Any, dialect: Dialect) -> None:
    answer = session.get(f"{ADDRESSES[dialect]}/openapi.json")
    said = openapi_document(dialect)
    assert {name: each for name, each in answer.json().items() if name in said} == said
