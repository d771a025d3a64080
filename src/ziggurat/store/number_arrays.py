"""Many values as one parameter for PostgreSQL, many times quicker than the driver makes one."""

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


def text_array(values: Iterable[str | None]) -> str:
    r"""The same for texts.

    >>> print(text_array(["a", None, 'say "b"']))
    {"a",NULL,"say \"b\""}
    """
    return "{" + ",".join(["NULL" if value is None else f'"{_escaped(value)}"' for value in values]) + "}"


def _escaped(text: str) -> str:
    if "\\" in text or '"' in text:
        return text.replace("\\", "\\\\").replace('"', '\\"')
    return text


def bytes_array(values: Iterable[bytes | None]) -> str:
    r"""The same for bytes.

    >>> print(bytes_array([b"ab", None]))
    {"\\x6162",NULL}
    """
    return "{" + ",".join(["NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values]) + "}"


class Numbers(TypeDecorator[Any]):
    """An array of 64-bit integers, given as a list."""

    impl = ARRAY(BigInteger)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:  # noqa: ARG002 - SQLAlchemy's signature
        """How a list goes to the driver."""
        return number_array
