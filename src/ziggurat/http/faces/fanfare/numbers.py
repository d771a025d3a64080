"""Tier values: JSON numbers or decimal texts, compared as numbers, answered as they were sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ziggurat import limits

_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_MAGNITUDE_MAX = 40
NUMBER, TEXT = "number", "text"


def value_of(said: Any) -> Decimal | None:
    """The number that a JSON number or a text says (unknown 33: any finite decimal), None if it says none.

    >>> value_of("12.50"), value_of(3), value_of("gold"), value_of("NaN")
    (Decimal('12.50'), Decimal('3'), None, None)
    """
    if isinstance(said, str):
        text = said.strip()
        if len(text) > limits.NUMBER_CHARACTERS_MAX or not _DECIMAL.fullmatch(text):
            return None
        said = text
    number = Decimal(said)
    return number if number.is_finite() and abs(number.adjusted()) <= _MAGNITUDE_MAX else None


def kept_form(said: Any) -> list[str]:
    """A value as it was sent, for the metadata of a program, where numbers are not kept to the digit."""
    return [TEXT, said] if isinstance(said, str) else [NUMBER, f"{said:f}" if isinstance(said, Decimal) else str(said)]


def sent_form(kept: Any, number: Decimal) -> Any:
    """The value as it was sent, if that still says `number`; else the number itself.

    >>> sent_form(["text", "5.0"], Decimal(5)), sent_form(["text", "5.0"], Decimal(6)), sent_form(None, Decimal("2.5"))
    ('5.0', 6, Decimal('2.5'))
    """
    if isinstance(kept, Sequence) and not isinstance(kept, str) and len(kept) == len((NUMBER, TEXT)):
        form, text = kept
        if isinstance(text, str) and value_of(text) == number:
            return text if form == TEXT else plain_number(Decimal(text))
    return plain_number(number)


def plain_number(number: Decimal) -> int | Decimal:
    """A number as JSON says it: whole ones without a fraction."""
    return int(number) if number == number.to_integral_value() else number
