"""What refusals look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, RootModel


class PathItem(BaseModel):
    """A step from the body's root to the faulty value: `input` is the container, `key` its member or index."""

    type: str
    origin: str
    input: Any
    key: str


class IssueBody(BaseModel):
    kind: str
    type: str
    expected: str
    received: str
    message: str
    path: list[PathItem]


class ValidationErrorBody(BaseModel):
    error: Literal["validation_error"]
    issues: list[IssueBody]


class ErrorBody(BaseModel):
    error: str
    retryAfter: int | None = None


class AnyRefused(RootModel[ValidationErrorBody | ErrorBody]):
    """What is wrong with the input, or one plain phrase."""
