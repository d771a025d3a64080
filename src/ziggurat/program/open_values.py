"""Values from outside (metadata, attributes) as texts that compare like the values themselves.

A number, a text and a truth value become texts that start with `n`, `s` and `b`; two numbers compare as their texts do,
character by character, at any precision. So a database can compare them exactly without knowing what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from ziggurat import limits

Scalar: TypeAlias = str | bool | int | Decimal
Encoded: TypeAlias = str | tuple[str, ...]
"""One encoded scalar, or the elements of a list."""

NUMBER, TEXT, TRUTH = "n", "s", "b"
_BIAS = 5_000
_NINES = str.maketrans("0123456789", "9876543210")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_ESCAPED = re.compile(r'[%"\\\x00-\x1f]')


def encode(value: Scalar) -> str:
    """`value` as text: encoded numbers sort by size, encoded texts by code points.

    >>> encode(True), encode("a"), encode(0)
    ('b1', 'sa', 'no')
    >>> encode(-2) < encode(Decimal("-1.25")) < encode(0) < encode(Decimal("0.5")) < encode(10)
    True

    Raises:
        ValueError: a number that is not finite, or is of an enormous or tiny magnitude.
    """
    if isinstance(value, bool):
        return f"{TRUTH}{value:d}"
    if isinstance(value, str):
        return TEXT + value
    return NUMBER + _encode_number(Decimal(value))


def _encode_number(number: Decimal) -> str:
    if not number.is_finite():
        raise ValueError(f"{number} is not a finite number")
    sign, digits, _ = number.as_tuple()
    text = "".join(map(str, digits)).strip("0")
    if not text:
        return "o"
    exponent = number.adjusted()
    if abs(exponent) > limits.METADATA_EXPONENT_MAX:
        raise ValueError(f"{number} is too large or too small")
    if sign:
        return f"m{9_999 - _BIAS - exponent:04d}{text.translate(_NINES)}~"
    return f"p{_BIAS + exponent:04d}{text}"


def encode_element(value: Scalar) -> str:
    """`value` as an element of a list: like `encode`, with nothing in it that JSON would escape."""
    return safe(encode(value))


def safe(text: str) -> str:
    """`text` with a percent sign and its code in place of quotes, backslashes, control characters and percent signs."""
    return _ESCAPED.sub(lambda found: f"%{ord(found[0]):02x}", text)


def flatten(values: Mapping[str, Any], prefix: str) -> dict[str, Encoded]:
    """Nested `values` by path (`prefix.shop.city`), encoded. Null says nothing, and so does a list within a list.

    A key that has a dot itself is found under the same path as a nested one, and goes before it.

    >>> flatten({"shop": {"city": "Lyon"}, "tags": ["a", 1]}, "metadata")
    {'metadata.shop.city': 'sLyon', 'metadata.tags': ('sa', 'np50001')}
    """
    found: dict[str, Encoded] = {}
    if not values:
        return found
    for depth, path, value in sorted(_leaves(values, prefix, 0), key=lambda leaf: (-leaf[0], leaf[1])):
        assert depth >= 0, "levels are counted from the outside"
        found[path] = value
    return {path: found[path] for path in sorted(found)}


def _leaves(values: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[int, str, Encoded]]:
    for key, value in values.items():
        path = f"{prefix}.{key}"
        if isinstance(value, Mapping):
            yield from _leaves(value, path, depth + 1)
        elif isinstance(value, str | bool | int | Decimal):
            yield depth, path, encode(value)
        elif isinstance(value, Sequence):
            scalars = (one for one in value if isinstance(one, str | bool | int | Decimal))
            yield depth, path, tuple(encode_element(one) for one in scalars)


def attribute_value(text: str) -> Scalar:
    """What the text of an attribute says: a number if it is written like one, else the text itself.

    >>> attribute_value("12.50"), attribute_value("007"), attribute_value("gold")
    (Decimal('12.50'), '007', 'gold')
    """
    is_number = len(text) <= limits.NUMBER_CHARACTERS_MAX and _PLAIN_NUMBER.fullmatch(text)
    return Decimal(text) if is_number else text


def decode(text: str, *, is_element: bool = False) -> str:
    """The value that encoded `text` stands for, as text to show.

    >>> decode(encode(Decimal("-12.50"))), decode(encode(True)), decode(encode_element('a"b'), is_element=True)
    ('-12.5', 'true', 'a"b')
    """
    if is_element:
        text = re.sub("%([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), text)
    kind, rest = text[:1], text[1:]
    if kind == TRUTH:
        return "true" if rest == "1" else "false"
    if kind != NUMBER:
        return rest
    if rest == "o":
        return "0"
    digits = rest[5:].rstrip("~")
    negative = rest[0] == "m"
    exponent = 9_999 - _BIAS - int(rest[1:5]) if negative else int(rest[1:5]) - _BIAS
    if negative:
        digits = digits.translate(_NINES)
    number = Decimal((int(negative), tuple(map(int, digits)), exponent - len(digits) + 1))
    return f"{number:f}" if abs(exponent) < limits.NUMBER_CHARACTERS_MAX else str(number)
