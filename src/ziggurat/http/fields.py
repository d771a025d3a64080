"""The types that fields of requests and answers have, with their JSON schemas.

Requests are read strictly: nothing is coerced, an instant needs its offset, an amount is a JSON number read from its
digits. Types here check plain values as `json_text.parse` gives them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from ziggurat import limits
from ziggurat.http.json_text import check_writable, depth_of
from ziggurat.program import amounts

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_FIRST = (datetime(limits.INSTANT_YEAR_MIN, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_END = (datetime(limits.INSTANT_YEAR_MAX, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_FRACTION_DIGITS = 4


def instant_of(text: str) -> int:
    """UTC microseconds of an RFC 3339 instant.

    Raises:
        ValueError: another form, no offset, finer than a microsecond, or outside of the years we reckon with.
    """
    if not _INSTANT.fullmatch(text):
        raise ValueError("write an instant as 2025-07-01T12:00:00Z, with an offset and at most six decimals")
    microseconds = (datetime.fromisoformat(text.upper()) - _EPOCH) // _MICROSECOND
    if not _FIRST <= microseconds < _END:
        raise ValueError(f"instants lie in the years {limits.INSTANT_YEAR_MIN} to {limits.INSTANT_YEAR_MAX - 1}")
    return microseconds


def instant_text(microseconds: int) -> str:
    """An instant on the wire: UTC, with decimals only where there are any.

    >>> instant_text(1_751_371_200_000_000)
    '2025-07-01T12:00:00Z'
    """
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")


def optional_instant(microseconds: int | None) -> str | None:
    """`instant_text`, None for none."""
    return None if microseconds is None else instant_text(microseconds)


def units_of(number: Any) -> int:
    """A JSON number in ten-thousandths.

    Raises:
        ValueError: no number, finer than a ten-thousandth, or too large.
    """
    if type(number) is int:
        number = Decimal(number)
    elif not isinstance(number, Decimal):
        raise ValueError("write a number, without quotes")
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("write a finite number")  # noqa: TRY004 - pydantic collects ValueErrors
    too_fine = -exponent - _FRACTION_DIGITS
    if too_fine > 0 and any(digits[-too_fine:]):
        raise ValueError("is too fine: amounts have at most four decimal places")
    return amounts.to_units(number)


def identifier_of(text: str) -> str:
    """`text`, if it can name something.

    Raises:
        ValueError: empty, too long, edged with spaces, or with characters that cannot be seen.
    """
    if not text or len(text) > limits.IDENTIFIER_CHARACTERS_MAX:
        raise ValueError(f"has 1 to {limits.IDENTIFIER_CHARACTERS_MAX} characters")
    if not text.isascii() or not text.isprintable():
        _only_visible(text)
    if text != text.strip():
        raise ValueError("neither starts nor ends with a space")
    return text


def plain_text_of(text: str) -> str:
    """`text`, if it can be stored: no surrogates and no control characters but line breaks and tabs.

    Raises:
        ValueError: it has others.
    """
    _only_visible(text.replace("\n", "").replace("\t", "").replace("\r", ""))
    return text


def free_form_of(value: Any) -> Any:
    """`value`, if it is JSON that can be stored; nobody reckons with its numbers, so fractions become floats.

    Raises:
        ValueError: it nests too deep, has text that no UTF-8 says or a number that no float is, or is too large.
    """
    if depth_of(value) > limits.JSON_DEPTH_MAX:
        raise ValueError(f"nests at most {limits.JSON_DEPTH_MAX} levels deep")
    try:
        size = check_writable(value)
    except UnicodeEncodeError:
        raise ValueError("holds half a character (a lone surrogate)") from None
    if size > limits.METADATA_BYTES_MAX:
        raise ValueError(f"has at most {limits.METADATA_BYTES_MAX} bytes")
    return _with_floats(value)


def _with_floats(value: Any) -> Any:
    match value:
        case dict():
            return {name: _with_floats(each) for name, each in value.items()}
        case list():
            return [_with_floats(each) for each in value]
        case Decimal():
            if not isfinite(number := float(value)):
                raise ValueError("has a number that is too large")
            return number
        case _:
            return value


def _only_visible(text: str) -> None:
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("has no control characters and no half characters")


_INSTANT_SCHEMA = {"type": "string", "format": "date-time", "examples": ["2025-07-01T12:00:00Z"]}
_AMOUNT_SCHEMA = {
    "type": "number",
    "minimum": -limits.AMOUNT_MAX,
    "maximum": limits.AMOUNT_MAX,
    "description": "Exact, with at most four decimal places.",
    "examples": [12.5],
}

Instant: TypeAlias = Annotated[
    int, PlainValidator(lambda v: _text_then(v, instant_of)), WithJsonSchema(_INSTANT_SCHEMA)
]
"""RFC 3339 with an offset on the wire, UTC microseconds inside."""
Amount: TypeAlias = Annotated[int, PlainValidator(units_of), WithJsonSchema(_AMOUNT_SCHEMA)]
"""A JSON number on the wire, ten-thousandths inside."""
Identifier: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=limits.IDENTIFIER_CHARACTERS_MAX), AfterValidator(identifier_of)
]
Name: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=limits.NAME_CHARACTERS_MAX), AfterValidator(identifier_of)
]
Reason: TypeAlias = Annotated[str, Field(max_length=limits.REASON_CHARACTERS_MAX), AfterValidator(plain_text_of)]
FreeForm: TypeAlias = Annotated[dict[str, Any], AfterValidator(free_form_of)]
"""Any JSON object within the limits."""
Attributes: TypeAlias = Annotated[Mapping[Identifier, Reason], Field(max_length=limits.CONDITIONS_MAX)]

InstantText: TypeAlias = Annotated[str, WithJsonSchema(_INSTANT_SCHEMA)]
"""An instant in an answer."""
Number: TypeAlias = Annotated[int | float | Decimal, WithJsonSchema({"type": "number", "examples": [12.5]})]
"""An amount in an answer, as `json_text.number` makes it."""


def _text_then(value: Any, read: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("write a text in quotes")  # noqa: TRY004 - pydantic collects ValueErrors
    return read(value)
