"""The OpenAPI document: whole, consistent, and with examples that are true."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from starlette.testclient import TestClient

from tests.http.conftest import Served
from ziggurat.app.webhooks.webhook_types import WEBHOOK_TYPES
from ziggurat.http.json_text import render
from ziggurat.http.native.application import native_openapi
from ziggurat.http.native.registry import OPERATIONS, TAGS
from ziggurat.http.operations import JSON
from ziggurat.http.problems import PROBLEMS

DOCUMENT: dict[str, Any] = json.loads(native_openapi())


def each_operation() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def fits(value: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.validator_for(whole).validate(value)


def test_it_is_served_without_a_key_and_as_it_is(served: Served) -> None:
    answer = served.anonymous().get("/v1/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT


def test_it_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_operation_served_is_in_it_and_the_other_way_round() -> None:
    listed = {(path, method.upper()) for path, method, _ in each_operation()}
    assert listed == {(operation.path, operation.method) for operation in OPERATIONS}


def test_names_of_operations_are_theirs_alone() -> None:
    names = [operation["operationId"] for _, _, operation in each_operation()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", name) for name in names)


def test_every_operation_has_a_summary_a_known_tag_and_its_scope() -> None:
    for _, _, operation in each_operation():
        assert operation["summary"]
        assert set(operation["tags"]) <= set(TAGS)
        assert f"`{operation['x-scope']}`" in operation["description"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_answer_has_an_example_that_fits(operation: Any) -> None:
    said = DOCUMENT["paths"][operation.path][operation.method.lower()]
    answer = said["responses"][str(operation.status)]
    if operation.status == 204:
        assert "content" not in answer
        return
    content = answer["content"][operation.answer_type]
    fits(content["example"], content["schema"])


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.body is not None], ids=lambda operation: operation.name
)
def test_every_body_has_an_example_that_the_operation_reads(operation: Any) -> None:
    content = DOCUMENT["paths"][operation.path][operation.method.lower()]["requestBody"]["content"]
    assert set(content) == set(operation.body.media_types)
    for media_type, said in content.items():
        fits(said["example"], said["schema"])
        text = said["example"].encode() if isinstance(said["example"], str) else render(said["example"])
        operation.body.parse(text, media_type)


def test_problems_have_examples_that_fit() -> None:
    for _, _, operation in each_operation():
        for status, response in operation["responses"].items():
            for said in response.get("content", {}).values():
                if int(status) >= 400:
                    fits(said["example"], said["schema"])
                    assert said["example"]["status"] == int(status)


def test_every_parameter_of_a_path_is_described() -> None:
    for path, _, operation in each_operation():
        described = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert described == set(re.findall(r"\{(\w+)\}", path))


def test_every_message_of_webhooks_is_described() -> None:
    assert set(DOCUMENT["webhooks"]) == set(WEBHOOK_TYPES)
    for webhook in DOCUMENT["webhooks"].values():
        content = webhook["post"]["requestBody"]["content"][JSON]
        fits(content["example"], content["schema"])


def test_operations_promise_only_codes_that_exist() -> None:
    assert {code for operation in OPERATIONS for code in operation.refusals} <= set(PROBLEMS)


def test_the_document_names_the_codes_of_problems(client: TestClient) -> None:
    assert DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == list(PROBLEMS)
    fits(client.get("/v1/programs/none").json(), {"$ref": "#/components/schemas/Problem"})
