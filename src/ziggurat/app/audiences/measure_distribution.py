"""How an amount is spread over all members: what one looks at before cutting it into tiers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np

from ziggurat.app.audiences.define_audience import begin_profiles
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.program.audience_fields import TIER_ATTRIBUTES
from ziggurat.store.repositories import profiles

BUCKETS = 10
_DIGITS = 60


@dataclass(frozen=True, slots=True)
class Bucket:
    """The `members` whose amount is from `low` up to `high`; only the last bucket includes its `high`."""

    low: int
    high: int
    members: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """Amounts in ten-thousandths, rounded to the nearest one; all are 0 where there is no member."""

    members: int
    least: int
    most: int
    mean: int
    median: int
    deviation: int
    buckets: tuple[Bucket, ...]


def measure_distribution(context: Context, field: str, *, buckets: int = BUCKETS) -> Distribution:
    """How `field`, one of the eight amounts, is spread over all members, in buckets of equal width.

    Raises:
        InvalidRequestError: no such amount.
    """
    if field not in TIER_ATTRIBUTES:
        raise InvalidRequestError("field", f"must be one of {', '.join(TIER_ATTRIBUTES)}")
    begin_profiles(context)
    with context.database.reading() as connection:
        values = np.sort(profiles.amounts_of_all(connection, context.scope, field))
    if not len(values):
        return Distribution(0, 0, 0, 0, 0, 0, ())
    least, most = int(values[0]), int(values[-1])
    exact = values.astype(object)
    total, squares = int(exact.sum()), int((exact * exact).sum())
    middle = len(values) // 2
    median = Decimal(int(values[middle]) if len(values) % 2 else int(values[middle - 1]) + int(values[middle]))
    with localcontext() as decimals:
        decimals.prec = _DIGITS
        mean = Decimal(total) / len(values)
        variance = Decimal(squares * len(values) - total * total) / len(values) / len(values)
        return Distribution(
            members=len(values),
            least=least,
            most=most,
            mean=_rounded(mean),
            median=_rounded(median if len(values) % 2 else median / 2),
            deviation=_rounded(variance.sqrt()),
            buckets=_buckets(values, least, most, buckets),
        )


def _buckets(
    values: np.ndarray[tuple[int], np.dtype[np.int64]], least: int, most: int, count: int
) -> tuple[Bucket, ...]:
    if least == most:
        return (Bucket(least, most, len(values)),)
    edges = [least + (most - least) * place // count for place in range(count + 1)]
    edges = sorted(set(edges))
    starts = [int(np.searchsorted(values, edge)) for edge in edges[:-1]] + [len(values)]
    return tuple(
        Bucket(low, high, end - start)
        for low, high, start, end in zip(edges[:-1], edges[1:], starts[:-1], starts[1:], strict=True)
    )


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))
