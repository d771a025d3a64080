"""Every field of the face's bodies, by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from ziggurat.http.faces.voucherify import wire_members, wire_newer, wire_seed

Models = Mapping[str, type[BaseModel]]
REQUESTS: Mapping[str, Models] = {
    "Requests of the seed dialect": {
        "seed.structure": wire_seed.StructureCreate,
        "seed.tier": wire_seed.TierCreate,
    },
    "Requests of the newer dialect": {
        "newer.structure": wire_newer.StructureCreate,
        "newer.tier": wire_newer.TierCreate,
    },
    "Requests of both": {
        "card_definition": wire_members.CardDefinitionCreate,
        "program": wire_members.ProgramCreate,
        "batch": wire_members.Batch,
        "member": wire_members.MemberCreate,
        "points": wire_members.PointsChange,
    },
}


def leaves(model: type[BaseModel], at: str) -> Iterator[str]:
    """The paths of all fields in `model` that hold no others."""
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is None:
            yield f"{at}.{name}"
        else:
            yield from leaves(inner, f"{at}.{name}")


def enums(model: type[BaseModel], at: str) -> Iterator[tuple[str, str]]:
    """Path and value of every word that a field takes."""
    for path, annotation in _annotations(model, at):
        yield from ((path, word) for word in _words(annotation))


def _annotations(model: type[BaseModel], at: str) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is None:
            yield f"{at}.{name}", field.annotation
        else:
            yield from _annotations(inner, f"{at}.{name}")


def _words(annotation: Any) -> Iterator[str]:
    for each in get_args(annotation):
        if isinstance(each, str):
            yield each
        else:
            yield from _words(each)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each)) is not None), None)
