"""The OpenAPI 3.1 document, written from the operations that serve the requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Literal

from pydantic import TypeAdapter

from ziggurat import limits
from ziggurat.app.webhooks.webhook_types import WEBHOOK_EXAMPLES, WEBHOOK_TYPES
from ziggurat.http.answers import NO_CONTENT, NOT_MODIFIED
from ziggurat.http.operations import JSON, IfMatch, Operation
from ziggurat.http.problems import MEDIA_TYPE as PROBLEM
from ziggurat.http.problems import PROBLEMS

_REF = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"\{(\w+)\}")
_IDENTIFIER = {"type": "string", "minLength": 1, "maxLength": limits.IDENTIFIER_CHARACTERS_MAX}
_EVERYWHERE = ("authentication_required", "invalid_key", "scope_missing", "rate_limited", "internal_error")
_DATABASE = ("database_locked", "database_unavailable", "database_full")
_WITH_BODY = ("unsupported_media_type", "body_too_large", "malformed_body", "invalid_request")
_PATH_EXAMPLES = {
    "member": "ada",
    "program": "prg_7d2e90b1c4a85f36",
    "override": "ovr_3c2b1a0f9e8d7c6b",
    "job": "job_0b9d8c7a6f5e4d3c",
    "endpoint": "whk_6e5d4c3b2a190807",
    "delivery": "1207",
    "key_id": "key_5a1c2b3d4e5f6071",
    "number": "1",
    "audience": "aud_77c1f0a4be1d2230",
    "group": "tiers-2025",
    "import": "imp_2a40c16d3f90b7e5",
}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` never changes its meaning; docs/errors.md lists all of them.",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:ziggurat:problem:not_found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "Names the request; the log has it too."},
        "code": {"type": "string", "enum": list(PROBLEMS)},
        "params": {"type": "object"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "RFC 6901, into the body."},
                    "parameter": {"type": "string"},
                    "header": {"type": "string"},
                    "detail": {"type": "string"},
                    "remedy": {"type": "string"},
                },
            },
        },
    },
}


def openapi_document(operations: Sequence[Operation], tags: Mapping[str, str]) -> dict[str, Any]:
    """The document of `operations`; `tags` say what each family is about."""
    schemas, components = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ziggurat",
            "version": version("ziggurat"),
            "summary": "Who is in which tier, since when, until when and why.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"key": []}],
        "tags": [{"name": name, "description": says} for name, says in tags.items()],
        "paths": paths,
        "webhooks": _webhooks(),
        "components": {
            "schemas": {**components, "Problem": PROBLEM_SCHEMA},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The secret of a key (`ziggurat keys create`).",
                }
            },
        },
    }


def refusals_of(operation: Operation) -> list[str]:
    """The codes that `operation` may answer with, in order of precedence."""
    codes = {*_EVERYWHERE, *_DATABASE, *operation.refusals}
    if operation.body is not None:
        codes |= {*_WITH_BODY}
    if operation.query is not None or "{" in operation.path:
        codes.add("invalid_request")
    if operation.query is not None and "cursor" in operation.query.__annotations__:
        codes |= {"invalid_cursor", "expired_cursor"}
    if operation.if_match is not IfMatch.NOT_READ:
        codes |= {"precondition_required", "stale_version", "invalid_header"}
    if operation.method == "POST":
        codes |= {"idempotency_key_reused", "request_in_flight", "answer_lost", "invalid_header"}
    codes.add("invalid_request")  # a parameter that the operation doesn't know
    return [code for code in PROBLEMS if code in codes]


def _schemas(operations: Sequence[Operation]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Each type's schema by its key, and the components that they refer to."""
    wanted: dict[Any, Any] = {}
    for operation in operations:
        if operation.answer is not None:
            wanted[operation.name, "answer"] = operation.answer
        if operation.body is not None:
            for media_type, type_ in _body_types(operation):
                wanted[operation.name, media_type] = type_
    mode: Literal["validation"] = "validation"
    inputs = [(key, mode, TypeAdapter(type_)) for key, type_ in wanted.items()]
    schemas, definitions = TypeAdapter.json_schemas(inputs, ref_template=_REF)
    by_key = {key: schema for (key, _), schema in schemas.items()}
    return by_key, dict(definitions.get("$defs", {}))


def _body_types(operation: Operation) -> Iterator[tuple[str, Any]]:
    assert operation.body is not None
    for media_type in operation.body.media_types:
        yield media_type, operation.body.more_types.get(media_type, operation.body.type)


def _operation(operation: Operation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "description": f"{operation.description}\n\nScope: `{operation.scope}`.".strip(),
        "x-scope": str(operation.scope),
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_headers(operation)],
        "responses": _responses(operation, schemas),
    }
    if operation.body is not None:
        body = operation.body
        content = {}
        for media_type in body.media_types:
            example = body.more_examples.get(media_type, body.example)
            content[media_type] = {"schema": schemas[operation.name, media_type], "example": example}
        said["requestBody"] = {"required": not body.optional, "content": content}
    return said


def _path_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for name in _PARAMETER.findall(operation.path):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _IDENTIFIER,
            "example": _PATH_EXAMPLES[name],
        }


def _query_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    if operation.query_adapter is None:
        return
    schema = operation.query_adapter.json_schema()
    for name, property_ in schema["properties"].items():
        said = dict(property_)
        said.pop("title", None)
        parameter: dict[str, Any] = {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": said,
        }
        if "description" in said:
            parameter["description"] = said.pop("description")
        yield parameter


def _headers(operation: Operation) -> Iterator[dict[str, Any]]:
    if operation.if_match is not IfMatch.NOT_READ:
        yield {
            "name": "If-Match",
            "in": "header",
            "required": operation.if_match is IfMatch.REQUIRED,
            "description": "The ETag that was read; `*` for any.",
            "schema": {"type": "string"},
            "example": '"1"',
        }
    if operation.method == "POST" and not operation.shows_secret:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key and request again get the first answer again.",
            "schema": {"type": "string", "maxLength": limits.IDEMPOTENCY_KEY_CHARACTERS_MAX},
            "example": "2f1c7a34-order-1001",
        }


def _responses(operation: Operation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    done: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.status != NO_CONTENT:
        schema = schemas[operation.name, "answer"]
        done["content"] = {operation.answer_type: {"schema": schema, "example": operation.example}}
    if operation.has_version:
        done["headers"] = {"ETag": {"description": "The version.", "schema": {"type": "string"}, "example": '"1"'}}
    responses: dict[str, Any] = {str(operation.status): done}
    if operation.has_version and operation.method == "GET":
        responses[str(NOT_MODIFIED)] = {"description": "`If-None-Match` names the version that it still has"}
    by_status: dict[int, list[str]] = {}
    for code in refusals_of(operation):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = _problem_response(status, codes)
    return responses


def _problem_response(status: int, codes: Iterable[str]) -> dict[str, Any]:
    listed = list(codes)
    first = PROBLEMS[listed[0]]
    example = {
        "type": f"urn:ziggurat:problem:{listed[0]}",
        "title": first.title,
        "status": status,
        "detail": first.meaning,
        "instance": "urn:ziggurat:request:3f0d2c1b",
        "code": listed[0],
    }
    return {
        "description": ", ".join(f"`{code}`" for code in listed),
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }


def _webhooks() -> dict[str, Any]:
    """What is sent to webhook endpoints."""
    headers = [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": says}
        for name, says in (
            ("webhook-id", "The same for every try to deliver the message."),
            ("webhook-timestamp", "Seconds since 1970 at which this try was signed."),
            ("webhook-signature", "Standard Webhooks signatures, one for each secret in use."),
        )
    ]
    return {
        kind: {
            "post": {
                "operationId": f"on_{kind.replace('.', '_')}",
                "summary": says,
                "security": [],
                "parameters": headers,
                "requestBody": {"required": True, "content": {JSON: _message(kind)}},
                "responses": {"2XX": {"description": "Taken; anything else is tried again for three days."}},
            }
        }
        for kind, says in WEBHOOK_TYPES.items()
    }


def _message(kind: str) -> dict[str, Any]:
    data = dict(WEBHOOK_EXAMPLES[kind])
    schema = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": kind},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"type": "object", "required": sorted(data)},
        },
    }
    return {"schema": schema, "example": {"type": kind, "timestamp": "2025-07-01T12:00:00Z", "data": data}}
