"""A face's own OpenAPI 3.1 document, written from its routes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ziggurat.http.face_support.routes import HTTP_NO_CONTENT, FaceRoute

_REF = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"\{(\w+)\}")
_Mode = Literal["validation", "serialization"]


def face_document(
    title: str,
    summary: str,
    routes: Sequence[FaceRoute],
    *,
    prefix: str,
    error: type[BaseModel],
    security: Mapping[str, Any],
) -> dict[str, Any]:
    """The document of `routes` under `prefix`. All refusals have the schema `error`; `security` is one scheme each."""
    asked: list[tuple[type[BaseModel], _Mode]] = [(error, "serialization")]
    for route in routes:
        asked += [(route.body, "validation")] if route.body else []
        asked += [(route.answer, "serialization")] if route.answer else []
    schemas, definitions = models_json_schema(list(dict.fromkeys(asked)), ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        said = paths.setdefault(prefix + route.path, {})
        said[route.method.lower()] = _operation(route, schemas, schemas[error, "serialization"])
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version("ziggurat"), "summary": summary},
        "paths": paths,
        "components": {"schemas": definitions.get("$defs", {}), "securitySchemes": dict(security)},
        "security": [{name: []} for name in security],
    }


def _operation(route: FaceRoute, schemas: Mapping[Any, Any], error: Mapping[str, Any]) -> dict[str, Any]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(route.path)
    ]
    done: dict[str, Any] = {"description": "Done."}
    if route.status != HTTP_NO_CONTENT:
        done["content"] = _json(schemas[route.answer, "serialization"] if route.answer else {"type": "object"})
    responses: dict[str, Any] = {str(route.status): done}
    for status in sorted({400, 401, 403, 404, 413, 429, 500, 503, *route.refusals}):
        responses[str(status)] = {"description": "Refused.", "content": _json(error)}
    said: dict[str, Any] = {
        "operationId": f"{route.method.lower()}{re.sub(r'[^A-Za-z0-9]+', '_', route.path)}",
        "summary": route.summary,
        "parameters": [*in_path, *route.parameters],
        "responses": responses,
    }
    if route.body:
        said["requestBody"] = {"required": True, "content": _json(schemas[route.body, "validation"])}
    return said


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": dict(schema)}}
