"""Another organization's key on every operation of the document: nothing readable, nothing writable."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.club import MARK, event, filled, send
from tests.http.conftest import Served
from ziggurat.http.json_text import render
from ziggurat.http.native.application import native_openapi
from ziggurat.http.operations import JSON

OPENAPI: dict[str, Any] = json.loads(native_openapi())
SHORT = 6
"""Numbers are found anywhere."""


def each_operation() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in OPENAPI["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def rows_of_first(served: Served) -> dict[str, list[Any]]:
    """Everything the database holds of the first organization, but when its keys were used."""
    found: dict[str, list[Any]] = {}
    with served.service.database.reading() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        for name in names:
            columns = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({name})")]
            if "organization_id" in columns:
                wanted = ", ".join(column for column in columns if column != "last_used_at")
                rows = connection.exec_driver_sql(f"SELECT {wanted} FROM {name} WHERE organization_id = 1")
                found[name] = sorted(map(repr, rows))
    return found


def attempt(client: TestClient, path: str, method: str, operation: dict[str, Any]) -> Any:
    """The operation with its example body, matching any version."""
    headers = {"if-match": "*"}
    content = b""
    if "requestBody" in operation:
        headers["content-type"] = JSON
        content = render(operation["requestBody"]["content"][JSON]["example"])
    query = {"since": "2025-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"} if path.endswith("/flows") else {}
    return client.request(method, path, content=content, headers=headers, params=query)


def with_values(path: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], path)


def test_there_is_something_to_find(served: Served) -> None:
    values = filled(served.client("first"))
    client = served.client("first")
    for path, method, operation in each_operation():
        if method == "GET":
            answer = attempt(client, with_values(path, values), method, operation)
            nothing_there = "{job}" in path or path.endswith("/sync-source")
            assert answer.status_code == 200 or nothing_there, (path, answer.text)
    assert MARK in client.get(f"/v1/members/{values['member']}").text


@pytest.mark.parametrize(
    ("path", "method", "operation"),
    list(each_operation()),
    ids=[each["operationId"] for _, _, each in each_operation()],
)
def test_a_stranger_finds_and_changes_nothing(
    served: Served, path: str, method: str, operation: dict[str, Any]
) -> None:
    values = filled(served.client("first"))
    stranger = served.client("second")
    before = rows_of_first(served)
    answer = attempt(stranger, with_values(path, values), method, operation)
    assert rows_of_first(served) == before
    assert answer.status_code < 500
    if "{" in path:
        assert answer.status_code == 404, answer.text
        assert answer.json()["code"] == "not_found"
        return
    told = answer.text
    assert MARK not in told
    assert not any(value in told for value in values.values() if len(value) > SHORT)


def test_a_stranger_may_use_the_same_names(served: Served) -> None:
    values = filled(served.client("first"))
    stranger = served.client("second")
    said = send(stranger, event(1, values["member"], 5))
    assert said["items"][0]["result"] == "accepted"
    assert said["items"][0]["programs"] == []
    assert stranger.get(f"/v1/members/{values['member']}").json()["programs"] == []
    filtered = stranger.get("/v1/members", params={"program": values["program"], "tier": "Gold"})
    assert filtered.status_code == 404
