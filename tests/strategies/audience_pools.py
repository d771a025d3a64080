"""Few values, some of them awkward, from which profiles and rules are made: so that rules often hold."""

from decimal import Decimal

UNITS = [0, 1, -1, 9_999, 10_000, 10_001, 50_000, 5_000_000, -20_000, 2**62, -(2**62)]
INSTANTS = [0, 1, 1_735_689_600_000_000, 1_751_328_000_123_456]
SAID_INSTANTS = ["1970-01-01", "2025-01-01", "2025-07-01T00:00:00.123456Z", "2025-01-01T01:00:00+01:00", "2030-05-05"]
PHRASES = [
    *(
        "",
        "a",
        "A",
        "ab",
        "Ab",
        "b",
        "é",
        "É",
        "straße",
        "STRASSE",
        "100%",
        "a_b",
        'quote"s',
        "back\\slash",
        "😀",
        "zz",
    ),
    *("[", "[]", '"sa"', "sa", "n", "null", "0", "1", "true", "\n", "\x7f", "\uff5e", "ﬀ"),
]
CODES = ["", "a", "A", "ab", "b", "é", "😀"]
EMAILS = ["a@x.example", "A@x.example", "STRASSE@x.example", "straße@x.example", "", "é", "É"]
SAID_NUMBERS = [
    *(0, 1, -1, 5, 3, 10, 100, Decimal("0.5"), Decimal("1.0"), Decimal("0.00005"), Decimal("-0.0001")),
    *(Decimal("1E+30"), Decimal("-1E+30"), Decimal("123456789.123456"), Decimal("1.25"), Decimal("1.250001")),
]
KEYS = ["a", "b", 'k"q', "c.d", "per%cent", "é", "back\\", "list"]
PATHS = [*KEYS, "b.a", "a.d", "list.a", "nothing"]
ATTRIBUTES = ["0", "1", "3.0", "-1", "007", "1.25", "a", "gold", "", "1e3", "é"]
"""Texts of attributes, some of which are numbers."""
