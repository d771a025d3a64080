"""Amounts are exact, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ziggurat import limits
from ziggurat.program.amounts import attribute_units, ceil_units, format_units, parse_decimal, to_units


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0.00001", "too fine"),
        ("1.00000000000000000000000000000001", "too fine"),
        ("1e-999999999", "too fine"),
        ("1e999999999", "too large"),
        ("-1e999999999", "too large"),
        ("100000000000000.0001", "too large"),
        ("nan", "not a finite number"),
        ("inf", "not a finite number"),
        ("1,5", "not a number"),
        ("", "not a number"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        to_units(parse_decimal(text))


@given(st.integers(-limits.AMOUNT_MAX * 10_000, limits.AMOUNT_MAX * 10_000))
def test_units_print_as_the_text_they_are_read_from(units: int) -> None:
    assert to_units(parse_decimal(format_units(units))) == units


@pytest.mark.parametrize("text", ["", "gold", "nan", "-inf", "2025-03-01", "1e-999999999", "1,5"])
def test_an_attribute_that_is_no_number_or_next_to_nothing_counts_as_zero(text: str) -> None:
    assert attribute_units(text) == 0


@given(st.decimals(-(10**16), 10**16, allow_nan=False, places=9), st.integers(1 - 10**18, 10**18))
def test_an_attribute_reaches_exactly_the_thresholds_of_four_places_that_its_text_does(
    value: Decimal, threshold: int
) -> None:
    assert (attribute_units(str(value)) >= threshold) == (value >= Decimal(threshold).scaleb(-4))


@given(
    st.decimals(-1000, 1000, places=12),
    st.integers(-10_000_000, 10_000_000),
)
def test_a_threshold_of_any_fineness_compares_as_its_ceiling(threshold: Decimal, units: int) -> None:
    assert (Decimal(units).scaleb(-4) >= threshold) == (units >= ceil_units(threshold))
