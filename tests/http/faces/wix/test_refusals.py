"""What the service refuses for reasons of its own is told in the vendor's envelope, and faults tell nothing."""

import sqlite3
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import (
    PROGRAM,
    SETTINGS,
    TIERS,
    activate,
    application_error,
    make_tier,
    settings_body,
    tier_body,
)
from tests.http.test_problems import file_of

ServeWith = Callable[..., Served]


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, application_error(answer)["code"]


def test_changes_that_somebody_else_has_to_approve_are_not_made(wix: TestClient, native: TestClient) -> None:
    before = wix.get(PROGRAM).json()
    native.patch("/v1/organization", json={"requires_approval": True}, headers={"if-match": "*"})

    assert refused(wix.patch(SETTINGS, json=settings_body())) == (428, "APPROVAL_REQUIRED")
    assert refused(wix.post(TIERS, json=tier_body("Silver", 500))) == (428, "APPROVAL_REQUIRED")
    assert wix.get(PROGRAM).json() == before


def test_a_change_waits_for_the_one_that_is_still_to_be_carried_through(wix: TestClient, native: TestClient) -> None:
    activate(wix)
    (program,) = native.get("/v1/programs").json()["items"]
    later = {"effective_from": "2026-01-01T00:00:00Z"}
    assert native.post(f"/v1/programs/{program['id']}/pause", json=later).status_code < 300

    assert refused(wix.post(TIERS, json=tier_body("Silver", 500))) == (409, "ABORTED")
    assert wix.get(TIERS).json() == {"tiers": []}


def test_too_many_requests_and_too_large_ones_exhaust_what_there_is(serve_with: ServeWith) -> None:
    served = serve_with(rate_limit_per_minute=2)
    wix = served.with_headers({"authorization": served.secret()})

    assert refused(wix.post(TIERS, content=b" " * 1_000_001)) == (413, "RESOURCE_EXHAUSTED")
    assert wix.get(TIERS).status_code == 200
    limited = wix.get(TIERS)
    assert refused(limited) == (429, "RESOURCE_EXHAUSTED")
    assert int(limited.headers["retry-after"]) > 0


def test_a_fault_of_the_service_says_nothing_about_it(serve_with: ServeWith) -> None:
    served = serve_with(lock_timeout_ms=50)
    wix = served.with_headers({"authorization": served.secret()})
    silver = make_tier(wix, "Silver", 500)
    other = sqlite3.connect(file_of(served), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = wix.post(TIERS, json=tier_body("Gold", 2_000))
    finally:
        other.close()

    assert (answer.status_code, answer.json()) == (503, {"message": "", "details": {}})
    assert answer.headers["x-wix-request-id"]
    assert wix.get(TIERS).json() == {"tiers": [silver]}


def test_every_answer_names_its_request(wix: TestClient) -> None:
    for path, status in ((TIERS, 200), (f"{TIERS}/x", 400), ("/wix/nothing", 404), ("/wix/openapi.json", 200)):
        answer = wix.get(path, headers={"x-request-id": "mine-1"})
        assert (answer.status_code, answer.headers["x-wix-request-id"]) == (status, "mine-1")
