"""A program in the words of each vendor's dialect: the payload that would make it there, and what is lost on the way.

A face that can say programs brings a function `translators() -> Mapping[dialect, Translator]` in its package. Nothing
else knows which there are: the native API and the command line ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from ziggurat.http.face_mounts import FACES_PACKAGE, installed_faces
from ziggurat.http.face_support.losses import Loss, Translator
from ziggurat.program.model import Program


class Translation(NamedTuple):
    """What `dialect` makes of a program: JSON values for its requests, and every part that they leave out."""

    dialect: str
    payload: dict[str, Any]
    losses: list[Loss]


def translators() -> Mapping[str, Translator]:
    """What translates into each dialect, by its name."""
    found: dict[str, Translator] = {}
    for face in installed_faces():
        own = getattr(import_module(f"{FACES_PACKAGE}.{face}"), "translators", None)
        found |= own() if own else {}
    return found


def translate(program: Program, dialect: str) -> Translation:
    """`program` in one dialect, which is one of `translators()`."""
    return Translation(dialect, *translators()[dialect](program))


def translate_all(program: Program) -> list[Translation]:
    """`program` in every dialect."""
    return [Translation(dialect, *say(program)) for dialect, say in translators().items()]
