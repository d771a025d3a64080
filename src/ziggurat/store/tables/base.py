"""What all tables share: names of constraints, and the few column types.

Instants are UTC microseconds and amounts ten-thousandths, both in BIGINT; documents are canonical JSON text. Keys of
what belongs to an organization lead with `organization_id`, keys of what belongs to a member with `member_id` after it,
so that a hash-distributed PostgreSQL can shard by organization.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ANY_ORGANIZATION = {"any_organization": True}
"""`Table.info` of the few tables that are read before the organization is known."""

Long = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer; SQLite's INTEGER is one."""


def canonical_json(value: Any) -> str:
    """`value` as the one JSON text that says it: keys sorted, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class Json(TypeDecorator[Any]):
    """Any JSON value, kept as canonical text. None is SQL's NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        if value == "{}":  # by far the most frequent one
            return {}
        return None if value is None else json.loads(value)


class Words(TypeDecorator[StrEnum]):
    """A member of a string enumeration, kept as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        return None if value is None else self.words(value)


def organization_column() -> Column[int]:
    """The first column of every key of what belongs to an organization."""
    return Column("organization_id", Long, primary_key=True, autoincrement=False)


def key(name: str) -> Column[int]:
    """A numeric key column, given by `sequences.take`."""
    return Column(name, Long, primary_key=True, autoincrement=False)


def instant(name: str, *, optional: bool = False) -> Column[int]:
    """UTC microseconds."""
    return Column(name, Long, nullable=optional)


def amount(name: str, *, optional: bool = False) -> Column[int]:
    """Ten-thousandths."""
    return Column(name, Long, nullable=optional)


def number(name: str, *, optional: bool = False) -> Column[int]:
    """A 64-bit integer."""
    return Column(name, Long, nullable=optional)


def text(name: str, *, optional: bool = False) -> Column[str]:
    """Text of any length; limits are checked before it gets here."""
    return Column(name, Text, nullable=optional)


def text_key(name: str) -> Column[str]:
    """A text that is part of the key."""
    return Column(name, Text, primary_key=True)


def document(name: str, *, optional: bool = False) -> Column[Any]:
    """Canonical JSON text, read and written as Python values."""
    return Column(name, Json, nullable=optional)


def binary(name: str, *, optional: bool = False) -> Column[bytes]:
    """Bytes."""
    return Column(name, LargeBinary, nullable=optional)
