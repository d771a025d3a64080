"""JSON both ways without a float in between: numbers are read from their digits and written digit by digit."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

from msgspec.json import Encoder
from msgspec.json import format as indented

from ziggurat import limits
from ziggurat.program.amounts import SCALE, format_units

_EXACT_AS_FLOAT = 10**15
"""Below this many ten-thousandths, a float's shortest text is the very decimal it was made from."""
_DIGITS_MAX = 400
_ENCODER = Encoder(decimal_format="number")


class UnreadableJsonError(Exception):
    """The text is no JSON that we read; the message says why."""


class Twice(dict[str, Any]):
    """An object that says something more than once; its `keys_twice` are what, in order."""

    keys_twice: tuple[str, ...]


def parse(body: bytes, *, mark_twice: bool = False) -> Any:
    """The value of a JSON text; numbers with a fraction or exponent are Decimal, others int.

    Where an object has a key more than once, the last one counts; with `mark_twice` such objects are `Twice`.

    Raises:
        UnreadableJsonError: not UTF-8, not JSON, NaN or Infinity, a number too long or too large, or nested too deep.
    """
    try:
        value = json.loads(
            body.decode(),
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_constant,
            object_pairs_hook=_object if mark_twice else None,
        )
    except UnicodeDecodeError as error:
        raise UnreadableJsonError(f"not UTF-8: byte {error.start} cannot be read") from None
    except json.JSONDecodeError as error:
        raise UnreadableJsonError(f"{error.msg}: line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise UnreadableJsonError(f"nested more than {limits.JSON_DEPTH_MAX} levels deep") from None
    return value


def render(value: Any, indent: int | None = None) -> bytes:
    """`value` as JSON text in UTF-8, on one line or indented; Decimals with all their digits, `msgspec.Raw` as it is.

    Raises:
        ValueError: a number out of all proportion, or text that is no UTF-8.
    """
    body = _ENCODER.encode(value)
    return body if indent is None else indented(body, indent=indent)


def check_writable(value: Any) -> int:
    """How many bytes `value`, which came from outside, takes as JSON text with every digit written out.

    Raises:
        ValueError: a number that is not finite or out of all proportion, or text that is no UTF-8.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_digits)
    return len(text.encode())


def number(units: int) -> int | float | Decimal:
    """`units` ten-thousandths as what `render` writes exactly.

    >>> number(125000), number(5_000_000)
    (12.5, 500)
    """
    whole, part = divmod(units, SCALE)
    if not part:
        return whole
    return units / SCALE if -_EXACT_AS_FLOAT < units < _EXACT_AS_FLOAT else Decimal(format_units(units))


def depth_of(value: Any) -> int:
    """How deep `value` nests: 0 for a scalar. Looks no deeper than one level beyond the limit."""
    level, depth = [value], 0
    while depth <= limits.JSON_DEPTH_MAX:
        inner = [each for each in level if isinstance(each, dict | list)]
        if not inner:
            return depth
        level = [item for each in inner for item in (each.values() if isinstance(each, dict) else each)]
        depth += 1
    return depth


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        value = Twice(value)
        value.keys_twice = tuple(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
    return value


def _decimal(text: str) -> Decimal:
    if len(text) > limits.NUMBER_TEXT_CHARACTERS_MAX:
        raise UnreadableJsonError(f"a number of {len(text)} characters")
    number = Decimal(text)
    if not _is_writable(number):
        raise UnreadableJsonError("a number out of all proportion")
    return number


def _is_writable(number: Decimal) -> bool:
    # 1e999999999 is a short text, but a gigabyte of digits.
    return number.is_finite() and abs(number.adjusted()) < _DIGITS_MAX


def _integer(text: str) -> int:
    if len(text) > limits.NUMBER_TEXT_CHARACTERS_MAX:
        raise UnreadableJsonError(f"a number of {len(text)} characters")
    return int(text)


def _constant(text: str) -> Any:
    raise UnreadableJsonError(f"{text} is no JSON")


def _digits(value: Any) -> str:
    if isinstance(value, Decimal):
        if not _is_writable(value):
            raise ValueError("a number out of all proportion")
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no JSON")
