"""What an operation answers, and the same ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ziggurat.http.entity_tags import entity_tag
from ziggurat.http.json_text import render

NO_CONTENT = 204
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON value, and what goes into the head: `version` as ETag, `location` of what was made."""

    body: Any = None
    status: int = 200
    version: int | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Sendable:
    """Status, headers (lower case) and bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def sendable(answer: Answer) -> Sendable:
    """`answer` in bytes."""
    headers: dict[str, str] = {}
    if answer.version is not None:
        headers["etag"] = entity_tag(answer.version)
    if answer.location is not None:
        headers["location"] = answer.location
    if answer.status == NO_CONTENT:
        return Sendable(answer.status, headers, b"")
    headers["content-type"] = "application/json"
    return Sendable(answer.status, headers, render(answer.body))
