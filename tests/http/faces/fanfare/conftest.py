"""Two clients of one organization: one speaks as Fanfare's do, the other natively."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served, serve_with, served, sqlite_file

__all__ = ["serve_with", "served", "sqlite_file"]

AUDIENCES = "/fanfare/api/audiences"
TIERS = "/fanfare/api/audiences/loyalty-tiers"
GROUPS = "/fanfare/api/audiences/groups"
CONSUMERS = "/fanfare/api/consumers"


@pytest.fixture
def fanfare(served: Served) -> TestClient:
    """A client with a secret key."""
    return served.client()


@pytest.fixture
def native(served: Served) -> TestClient:
    """The same organization's native client."""
    return served.client()


def issues_of(answer: Any) -> list[Mapping[str, Any]]:
    """What is wrong with the request, by the answer, which has the documented form."""
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body["error"] == "validation_error"
    found: Sequence[Mapping[str, Any]] = body["issues"]
    assert found
    for issue in found:
        assert {"kind", "type", "expected", "received", "message", "path"} <= issue.keys()
        assert all(isinstance(issue[key], str) for key in ("kind", "type", "expected", "received", "message"))
        for step in issue["path"]:
            assert {"type", "origin", "input", "key"} <= step.keys()
            assert isinstance(step["key"], str)
    return list(found)


def places_of(answer: Any) -> list[str]:
    """Where the issues are, such as `tiers.0.name`."""
    return [".".join(step["key"] for step in issue["path"]) for issue in issues_of(answer)]
