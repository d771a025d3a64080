"""Requests that schemathesis makes from an OpenAPI document: no fault of ours, no answer outside the schema.

A quick share runs with every change; `script/fuzz http` sends many more (`ZIGGURAT_FUZZ_EXAMPLES`).
"""

import os
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = int(os.environ.get("ZIGGURAT_FUZZ_EXAMPLES", "8"))
SEED = secrets.randbits(64) if "ZIGGURAT_FUZZ_EXAMPLES" in os.environ else 1
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


def operations_of(document: Mapping[str, Any], address: str = "") -> list[Any]:
    """The operations of a document that is mounted at `address`."""
    paths = {address + path: said for path, said in document["paths"].items()}
    schema = schemathesis.openapi.from_dict({**document, "paths": paths})
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def name_of(operation: Any) -> str:
    """What the document calls an operation."""
    return str(operation.definition.raw["operationId"])


def hold_to_document(
    operation: Any, session: Any, known: Mapping[str, str], *, sends: Callable[[str], bool] = lambda _: True
) -> None:
    """Send good and bad requests and hold every answer to the document.

    `known` are values of path parameters that lead somewhere; `sends` says which generated headers are sent.
    """
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    names = [parameter["name"] for parameter in operation.definition.raw["parameters"] if parameter["in"] == "path"]
    leads = names and known.keys() >= set(names)
    found = operation.as_strategy(path_parameters={name: known[name] for name in names}) if leads else good
    seen: set[int] = set()

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=good | bad | found)
    def send_cases(case: Any) -> None:
        case.headers = {name: value for name, value in (case.headers or {}).items() if sends(name)}
        answer = case.call(session=session, app=session.app)
        case.validate_response(answer, checks=CHECKS)
        seen.add(answer.status_code)

    send_cases()
    assert seen
