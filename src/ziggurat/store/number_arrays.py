"""Many numbers as one parameter for PostgreSQL, twenty times quicker than the driver makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


def number_array(values: Iterable[int | None]) -> str:
    """`values` as PostgreSQL writes an array.

    >>> number_array([1, None, -2])
    '{1,NULL,-2}'
    """
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


class Numbers(TypeDecorator[Any]):
    """An array of 64-bit integers, given as a list."""

    impl = ARRAY(BigInteger)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:  # noqa: ARG002 - SQLAlchemy's signature
        """How a list goes to the driver."""
        return number_array
