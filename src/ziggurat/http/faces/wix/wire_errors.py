"""The error envelope, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class ApplicationError(BaseModel):
    code: str
    description: str | None = None
    data: dict[str, Any] | None = None


class FieldViolation(BaseModel):
    field: str
    description: str
    violatedRule: str
    data: dict[str, Any] | None = None


class ValidationErrors(BaseModel):
    fieldViolations: list[FieldViolation]


class Details(BaseModel):
    applicationError: ApplicationError | None = None
    validationError: ValidationErrors | None = None


class ErrorEnvelope(BaseModel):
    message: str
    details: Details
