"""Two clients of one organization: one speaks as Wix's does, the other natively."""

from collections.abc import Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served, serve_with, served, sqlite_file

__all__ = ["serve_with", "served", "sqlite_file"]

SETTINGS = "/wix/loyalty-tiers/v1/tiers/program-settings"
TIERS = "/wix/loyalty-tiers/v1/tiers"
PROGRAM = "/wix/loyalty-tiers/v1/tiers/program"
BULK = "/wix/loyalty-tiers/v1/bulk/tiers/create"


@pytest.fixture
def wix(served: Served) -> TestClient:
    """A client with a bare secret, as the vendor wants it."""
    return served.with_headers({"authorization": served.secret()})


@pytest.fixture
def native(served: Served) -> TestClient:
    """The same organization's native client."""
    return served.client()


def settings_body(revision: str = "1", status: str = "ACTIVE", months: int = 12, **more: Any) -> dict[str, Any]:
    return {
        "programSettings": {
            "revision": revision,
            "status": status,
            "rollingWindow": {"durationInMonths": months},
            **more,
        }
    }


def tier_body(name: str, points: int, **definition: Any) -> dict[str, Any]:
    return {"tier": {"tierDefinition": {"name": name, **definition}, "requiredPoints": points}}


def make_tier(wix: TestClient, name: str, points: int, **definition: Any) -> dict[str, Any]:
    answer = wix.post(TIERS, json=tier_body(name, points, **definition))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["tier"]
    return made


def activate(wix: TestClient) -> dict[str, Any]:
    """The settings, ACTIVE."""
    seen = wix.get(SETTINGS).json()["programSettings"]
    answer = wix.patch(SETTINGS, json=settings_body(seen["revision"]))
    assert answer.status_code == 200, answer.text
    settings: dict[str, Any] = answer.json()["programSettings"]
    return settings


def application_error(answer: Any) -> Mapping[str, Any]:
    said: Mapping[str, Any] = answer.json()["details"]["applicationError"]
    return said


def violations(answer: Any) -> dict[str, str]:
    """The violated rules by field."""
    assert answer.status_code == 400, answer.text
    found = answer.json()["details"]["validationError"]["fieldViolations"]
    return {each["field"]: each["violatedRule"] for each in found}
