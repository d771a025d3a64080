"""What is true of every address of the face: refusals of unknown addresses, and the document."""

import pytest
from starlette.testclient import TestClient


def test_an_unknown_address_is_not_found_in_the_vendors_words(fanfare: TestClient) -> None:
    answer = fanfare.get("/fanfare/api/nothing")

    assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})


@pytest.mark.parametrize("path", ["/openapi.json", "/api/openapi", "/api/v1/openapi", "/v1/openapi", "/openapi"])
def test_the_document_is_served_wherever_the_operations_are(fanfare: TestClient, path: str) -> None:
    document = fanfare.get(f"/fanfare{path}").json()

    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"] == {"SecretKeyAuth": {"type": "http", "scheme": "bearer"}}
