"""Amounts of any Arrow type to ten-thousandths.

Amounts may be text, integers, decimals, or floats. A float is taken for the shortest decimal that it stands for (what
`repr` prints), which must have at most four decimal places: 12.1 is 12.1, 0.1 + 0.2 is refused, and so are NaN and
infinities.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.types as pt

from ziggurat import limits
from ziggurat.bulk.column import (
    Column,
    Explain,
    UnreadableColumnError,
    all_null,
    ask_each,
    is_text,
    plain,
    text_buffers,
    through_dictionary,
)
from ziggurat.bulk.column_kernel import bounds, units_of_words
from ziggurat.bulk.event_table import MISSING, Bools, Int64s
from ziggurat.bulk.row_faults import shown
from ziggurat.bulk.text_kernel import ASK, KNOWN, read_units
from ziggurat.program.amounts import SCALE, parse_decimal, to_units

EXACT_FLOAT_UNITS = 2.0**51
"""Below it n / 10^4 is the float nearest to that decimal, for every integer n."""
DECIMALS = 4
WORD_BITS = 64
SHIFT_MAX = 14
"""A decimal point is moved by so many places in the compiled reader, which cannot overflow then."""
AMOUNT_REMEDY = "write digits with a decimal point, as in 12.50"


def to_amounts(array: pa.Array) -> Column:
    """Ten-thousandths as int64, `MISSING` for null.

    Raises:
        UnreadableColumnError: neither text nor numbers.
    """
    if pt.is_dictionary(array.type):
        return through_dictionary(array, to_amounts, MISSING)
    type_ = array.type
    if pt.is_null(type_):
        return all_null(len(array))
    if is_text(type_):
        return _amounts_of_text(array)
    if pt.is_integer(type_):
        return _amounts_of_integers(array)
    if pt.is_floating(type_):
        return _amounts_of_floats(array)
    if pt.is_decimal(type_):
        return _amounts_of_decimals(array)
    raise UnreadableColumnError(f"it holds {type_}, not numbers", "cast it to a number")


def _amount_problem(spelled: str) -> tuple[str, str]:
    try:
        to_units(parse_decimal(spelled))
    except ValueError as problem:
        kind = str(problem)
        if "too fine" in kind:
            return f"{shown(spelled)} is too fine", "amounts have at most four decimal places"
        if "too large" in kind:
            return f"{shown(spelled)} is too large", f"amounts reach to {limits.AMOUNT_MAX}"
        return f"{shown(spelled)} is not a number", AMOUNT_REMEDY
    return f"{shown(spelled)} cannot be read", AMOUNT_REMEDY


def _explain_amount(array: pa.Array) -> Explain:
    return lambda row: _amount_problem(str(array[row].as_py()))


def _amounts_of_text(array: pa.Array) -> Column:
    data, offsets = text_buffers(array)
    units = np.empty(len(array), np.int64)
    status = read_units(data, offsets, MISSING, units)
    bad = ask_each(array, status, units, lambda text: to_units(parse_decimal(text)))
    return Column(units, bad, _explain_amount(array))


def _finish_amounts(array: pa.Array, units: Int64s, nulls: Bools | None, bad: Bools) -> Column:
    if nulls is not None:
        units[nulls] = MISSING
        bad &= ~nulls
    any_bad = bool(bad.any())
    if any_bad:
        units[bad] = MISSING
    return Column(units, bad if any_bad else None, _explain_amount(array))


def _amounts_of_integers(array: pa.Array) -> Column:
    numbers, nulls = plain(array)
    low, high = bounds(numbers) if len(numbers) else (0, 0)
    if low >= -limits.AMOUNT_MAX and high <= limits.AMOUNT_MAX:
        units = numbers.astype(np.int64) * SCALE
        if nulls is not None:
            units[nulls] = MISSING
        return Column(units, None, _explain_amount(array))
    bad = (numbers > limits.AMOUNT_MAX) | (numbers < -limits.AMOUNT_MAX)
    return _finish_amounts(array, np.where(bad, 0, numbers).astype(np.int64) * SCALE, nulls, bad)


def _amounts_of_floats(array: pa.Array) -> Column:
    if pt.is_float16(array.type):
        array = array.cast(pa.float32())
    numbers, nulls = plain(array)
    with np.errstate(over="ignore", invalid="ignore"):
        # n / 10^4 is the float nearest to that decimal, so equality says that the float stands for it; float16/32 too.
        scaled = np.rint(numbers.astype(np.float64) * SCALE)
        bad = ~((scaled / SCALE).astype(numbers.dtype) == numbers)
        huge = ~(np.abs(scaled) < EXACT_FLOAT_UNITS)
    bad |= huge
    units = np.where(bad, 0, scaled).astype(np.int64)
    if huge.any():
        for row in np.flatnonzero(huge).tolist():
            try:
                units[row] = to_units(parse_decimal(str(numbers[row])))
                bad[row] = False
            except ValueError:
                bad[row] = True
    return _finish_amounts(array, units, nulls, bad)


def _amounts_of_decimals(array: pa.Array) -> Column:
    rows, scale = len(array), array.type.scale
    nulls = array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None
    units, status = np.empty(rows, np.int64), np.full(rows, ASK, np.uint8)
    asks = True
    if array.type.bit_width <= WORD_BITS * 2 and DECIMALS - SHIFT_MAX <= scale <= DECIMALS + SHIFT_MAX:
        words = _words(array)
        factor, divisor = 10 ** max(DECIMALS - scale, 0), 10 ** max(scale - DECIMALS, 0)
        asks = units_of_words(words, factor, divisor, limits.AMOUNT_MAX * SCALE // factor, units, status)
    bad = np.zeros(rows, np.bool_)
    if asks:
        if nulls is not None:
            status[nulls] = KNOWN
        for row in np.flatnonzero(status == ASK).tolist():
            try:
                units[row] = to_units(Decimal(array[row].as_py()))
            except ValueError:
                bad[row] = True
    return _finish_amounts(array, units, nulls, bad)


def _words(array: pa.Array) -> Int64s:
    """The two words of each decimal; what null rows hold means nothing."""
    if array.type.bit_width < WORD_BITS * 2:
        array = array.cast(pa.decimal128(array.type.precision, array.type.scale))
    words = np.frombuffer(array.buffers()[1], np.int64)
    return words[2 * array.offset : 2 * (array.offset + len(array))]
