"""What surrounds every request: ids, headers, logs, numbers, health."""

import json
import logging
import re

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from ziggurat.http.json_logs import JsonFormatter


def test_a_request_id_is_made_where_none_is_given(client: TestClient) -> None:
    first = client.get("/v1/organization").headers["x-request-id"]
    second = client.get("/v1/organization").headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second


def test_a_request_id_that_is_given_is_answered_and_named_in_problems(client: TestClient) -> None:
    answer = client.get("/v1/nothing", headers={"x-request-id": "till-3/000017"})
    assert answer.headers["x-request-id"] == "till-3/000017"
    assert answer.json()["instance"] == "urn:ziggurat:request:till-3/000017"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'quote"', "<script>"])
def test_an_indecent_request_id_is_replaced(client: TestClient, given: str) -> None:
    answered = client.get("/healthz", headers={"x-request-id": given}).headers["x-request-id"]
    assert answered != given
    assert re.fullmatch(r"[0-9a-f]{32}", answered)


@pytest.mark.parametrize("path", ["/healthz", "/v1/organization", "/v1/nothing", "/v1/openapi.json"])
def test_every_answer_carries_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_health_needs_no_key(served: Served) -> None:
    anonymous = served.anonymous()
    assert anonymous.get("/healthz").json() == {"status": "ok"}
    assert anonymous.get("/readyz").json() == {"status": "ok"}


def test_metrics_count_requests_by_route_and_never_by_path(served: Served, client: TestClient) -> None:
    client.get("/v1/keys")
    client.delete("/v1/keys/secret-customer-name")
    text = served.anonymous().get("/metrics").text
    assert 'ziggurat_request_seconds_count{method="GET",route="/v1/keys",status="200"} 1.0' in text
    assert 'route="/v1/keys/{key_id}",status="404"' in text
    assert "secret-customer-name" not in text
    for gauge in ("ziggurat_evaluation_lag_seconds", "ziggurat_due_members", "ziggurat_outbox_age_seconds"):
        assert f"{gauge} 0.0" in text


def test_metrics_can_be_switched_off(serve_with: object) -> None:
    assert callable(serve_with)
    served: Served = serve_with(metrics=False)
    assert served.anonymous().get("/metrics").status_code == 404


def test_log_lines_are_json_and_tell_neither_secrets_nor_paths(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    secret = served.secret()
    client = served.with_headers({"authorization": f"Bearer {secret}"})
    with caplog.at_level(logging.INFO, "ziggurat.http"):
        client.delete("/v1/keys/ada@example.org?why=private")
    lines = [JsonFormatter().format(record) for record in caplog.records]
    said = json.loads(lines[-1])
    assert said["route"] == "/v1/keys/{key_id}"
    assert said["method"] == "DELETE"
    assert said["took_us"] >= 0
    assert said["key_id"].startswith("key_")
    assert not any(word in line for line in lines for word in (secret, "ada@example.org", "private"))


def test_a_failing_database_is_told_without_its_inside(served: Served, client: TestClient) -> None:
    with served.service.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE api_keys RENAME TO gone")
    answer = client.get("/v1/keys")
    assert answer.status_code == 500
    assert answer.json()["code"] == "database_error"
    assert "api_keys" not in answer.text
    assert served.anonymous().get("/healthz").status_code == 200


def test_a_database_of_another_schema_is_not_ready(served: Served) -> None:
    with served.service.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    answer = served.anonymous().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["code"] == "schema_newer"


def test_a_slash_in_a_name_is_part_of_the_name(client: TestClient) -> None:
    answer = client.delete("/v1/keys/a%2Fb")
    assert answer.json()["code"] == "not_found"
    assert answer.json()["params"]["key"] == "a/b"
    assert client.delete("/v1/keys/a/b").json()["code"] == "route_not_found"
