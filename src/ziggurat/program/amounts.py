"""Exact amounts: int64 counts of ten-thousandths, never floats.

Points, money, quantities, counts and scores share the one scale, so a value and a threshold always compare exactly:
`500` is stored as `5_000_000`.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from ziggurat import limits

SCALE = 10_000
_UNIT = Decimal("0.0001")
_WIDE = Context(prec=40)


def parse_decimal(text: str) -> Decimal:
    """The finite decimal number that `text` spells.

    >>> parse_decimal("12.50")
    Decimal('12.50')

    Raises:
        ValueError: `text` is not a finite decimal number.
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{text!r} is not a finite number")
    return number


def to_units(number: Decimal) -> int:
    """`number` in ten-thousandths.

    >>> to_units(Decimal("12.5"))
    125000

    Raises:
        ValueError: finer than a ten-thousandth, or larger than `limits.AMOUNT_MAX`.
    """
    if not -limits.AMOUNT_MAX <= number <= limits.AMOUNT_MAX:  # abs() overflows where the exponent is enormous
        raise ValueError(f"{number} is too large: amounts reach to {limits.AMOUNT_MAX}")
    units = int(number * SCALE)
    if Decimal(units).scaleb(-4) != number:  # the product may have been rounded; this comparison is exact
        raise ValueError(f"{number} is too fine: amounts have at most four decimal places")
    return units


def attribute_units(text: str) -> int:
    """An attribute's value as a measure reads it, in ten-thousandths.

    Attributes come from outside (scores, segments, dates) and are not amounts: nothing is refused. A finer number is
    rounded down, so that it reaches the thresholds that it reached; a larger one than any amount counts as the largest;
    what is no number counts as zero.

    >>> attribute_units("0.98765"), attribute_units("-1e99"), attribute_units("gold")
    (9876, -1000000000000000000, 0)
    """
    try:
        number = parse_decimal(text)
    except ValueError:
        return 0
    held = min(max(number, Decimal(-limits.AMOUNT_MAX)), Decimal(limits.AMOUNT_MAX))
    return int(held.quantize(_UNIT, ROUND_FLOOR, _WIDE).scaleb(4, _WIDE))


@lru_cache(maxsize=10_000)
def ceil_units(threshold: Decimal) -> int:
    """The smallest amount, in ten-thousandths, that reaches `threshold`.

    `value >= threshold` and `value < threshold` mean the same for this integer, however fine the threshold is.

    >>> ceil_units(Decimal("0.00001"))
    1
    """
    scaled = Fraction(threshold) * SCALE
    return -(-scaled.numerator // scaled.denominator)


def format_units(units: int) -> str:
    """`units` ten-thousandths as the shortest decimal text.

    >>> format_units(125000), format_units(-1), format_units(5_000_000)
    ('12.5', '-0.0001', '500')
    """
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), SCALE)
    return f"{sign}{whole}" + (f".{part:04d}".rstrip("0") if part else "")
