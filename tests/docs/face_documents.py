"""What the faces serve, by their own OpenAPI documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.routing import Mount
from starlette.testclient import TestClient

from ziggurat.http.application import create_app
from ziggurat.http.settings import Settings

Document = Mapping[str, Any]


@cache
def documents() -> Mapping[str, Document]:
    """The OpenAPI document of every face and of every other dialect of one, by the name under which it is served."""
    with TemporaryDirectory() as folder:
        app = create_app(Settings(database_url=f"sqlite:///{Path(folder) / 'empty.db'}", objects=folder))
        names = [route.name for route in app.router.routes if isinstance(route, Mount) and route.name]
        with TestClient(app) as client:
            answers = {name: client.get(f"/{name}/openapi.json") for name in names}
        app.state.service.database.dispose()
    return {name: answer.json() for name, answer in answers.items() if answer.status_code == 200}


def documents_of(face: str) -> list[Document]:
    """Those of a face and its dialects."""
    return [document for name, document in documents().items() if name == face or name.startswith(f"{face}-")]


def answered(document: Document) -> set[str]:
    """The names of all properties in answers that are no refusals."""
    return {name for schema in _schemas_of(document, answers=True) for name in schema.get("properties", {})}


def asked(document: Document) -> set[str]:
    """The names of all properties in request bodies."""
    return {name for schema in _schemas_of(document, answers=False) for name in schema.get("properties", {})}


def words_asked(document: Document) -> set[str]:
    """The words that request bodies choose from."""
    return {
        str(word)
        for schema in _schemas_of(document, answers=False)
        for word in (*schema.get("enum", ()), *([schema["const"]] if isinstance(schema.get("const"), str) else ()))
    }


def parameters(document: Document) -> set[str]:
    """The names of all parameters."""
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    return {each["name"] for operation in operations for each in operation.get("parameters", ())}


def _schemas_of(document: Document, *, answers: bool) -> Iterator[Document]:
    seen: set[str] = set()
    for path in document["paths"].values():
        for operation in path.values():
            if not answers:
                yield from _inside(document, operation.get("requestBody", {}), seen)
                continue
            for status, response in operation["responses"].items():
                if status.startswith("2"):
                    yield from _inside(document, response, seen)


def _inside(document: Document, node: Any, seen: set[str]) -> Iterator[Document]:
    """Every schema in `node`, each component once."""
    if isinstance(node, list):
        for each in node:
            yield from _inside(document, each, seen)
    if not isinstance(node, dict):
        return
    yield node
    name = str(node.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        seen.add(name)
        yield from _inside(document, document["components"]["schemas"][name], seen)
    for each in node.values():
        yield from _inside(document, each, seen)
