"""What an operation answers, and the same ready to be sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ziggurat.http.entity_tags import entity_tag
from ziggurat.http.json_text import render

NO_CONTENT = 204
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON value, and what goes into the head: `version` as ETag, `location` of what was made.

    An answer of another `media_type` is sent piece by piece as `stream` makes it.
    """

    body: Any = None
    status: int = 200
    version: int | None = None
    location: str | None = None
    media_type: str = "application/json"
    stream: Iterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Sendable:
    """Status, headers (lower case) and bytes; with a `stream` these are yet to come."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    stream: Iterator[bytes] | None = None


def sendable(answer: Answer) -> Sendable:
    """`answer` in bytes."""
    headers: dict[str, str] = {}
    if answer.version is not None:
        headers["etag"] = entity_tag(answer.version)
    if answer.location is not None:
        headers["location"] = answer.location
    if answer.status == NO_CONTENT:
        return Sendable(answer.status, headers, b"")
    headers["content-type"] = answer.media_type
    if answer.stream is not None:
        return Sendable(answer.status, headers, b"", answer.stream)
    return Sendable(answer.status, headers, render(answer.body))
