"""One place in a document being read: its value, its path, and readers that note a fault instead of failing.

Every reader returns None for what it could not read, after noting why; reading goes on, so that one pass finds every
fault of a document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as stdlib_date
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from whenever import Date

from ziggurat import limits
from ziggurat.errors import Fault
from ziggurat.program.near_words import did_you_mean
from ziggurat.program.paths import child_path, line_of

E = TypeVar("E", bound=StrEnum)

_SHOWN_CHARACTERS = 60
_PRINTED_BITS = 256
"""Integers beyond are too large for anything here; Python refuses to print them when they are larger still."""
FLOAT_DIGITS = 15
"""A decimal of so many digits survives a float; of a longer one nobody knows what was written."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(slots=True)
class Faults:
    """The faults found so far; beyond `limits.FAULTS_SHOWN_MAX` they are only counted."""

    lines: Mapping[str, int] = field(default_factory=dict)
    found: list[Fault] = field(default_factory=list)
    uncounted: int = 0

    def note(self, path: str, problem: str, remedy: str = "") -> None:
        """One thing is wrong at `path`."""
        if self.full:
            self.uncounted += 1
            return
        self.found.append(Fault(path, problem, remedy, line_of(path, self.lines)))

    @property
    def full(self) -> bool:
        """Whether further faults are only counted."""
        return len(self.found) >= limits.FAULTS_SHOWN_MAX

    def listed(self) -> list[Fault]:
        """Every fault, by line where lines are known, and one more that counts the rest."""
        faults = sorted(self.found, key=lambda fault: fault.line or 0)
        if self.uncounted:
            faults.append(Fault("", f"has {self.uncounted} more faults", "mend the ones above first"))
        return faults


def shown(value: Any) -> str:
    """`value` as a message shows it: named by what it is, and short."""
    match value:
        case None | True | False:
            return {None: "nothing", True: "true", False: "false"}[value]
        case str():
            return f'the text "{_short(value)}"' if value else "empty text"
        case Decimal() | int() | float():
            enormous = isinstance(value, int) and value.bit_length() > _PRINTED_BITS
            return "an enormous number" if enormous else _short(str(value))
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
    return type(value).__name__


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a document, where it stands, and the list that its faults go to."""

    value: Any
    path: str
    faults: Faults

    def fault(self, problem: str, remedy: str = "") -> None:
        """Note that something is wrong here."""
        self.faults.note(self.path, problem, remedy)

    def at(self, key: str | int) -> Place:
        """The place of `key` in this mapping or list; its value is None if it is not there."""
        there = self.value.get(key) if isinstance(key, str) else self.value[key]
        return Place(there, child_path(self.path, key), self.faults)

    # --- mappings and lists

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, Mapping)

    @property
    def is_text(self) -> bool:
        return isinstance(self.value, str)

    def mapping(self, known: Sequence[str], what: str = "a mapping") -> bool:
        """Whether this is a mapping; every key that is not `known` is a fault."""
        if not self.is_mapping:
            self.fault(f"must be {what}, not {shown(self.value)}", f"its keys are {', '.join(known)}")
            return False
        for key in self.value:
            if not isinstance(key, str):
                self.fault(f"has the key {shown(key)}", "a key is always text")
            elif key not in known:
                remedy = "" if self.faults.full else did_you_mean(key, known)
                self.faults.note(child_path(self.path, key), "is not a key here", remedy)
        return True

    def get(self, key: str) -> Place | None:
        """The place of `key`, None if the mapping does not have it; a key without a value is a fault."""
        if not self.is_mapping or key not in self.value:
            return None
        place = self.at(key)
        if place.value is None:
            place.fault("has no value", "give one, or leave the key out")
            return None
        return place

    def need(self, key: str, remedy: str) -> Place | None:
        """The place of `key`; a fault if it is not there."""
        if self.is_mapping and key not in self.value:
            self.at(key).fault("is missing", remedy)
        return self.get(key)

    def items(self, most: int, what: str, least: int = 1) -> list[Place]:
        """The places of a list of `least` to `most` of `what`."""
        if not isinstance(self.value, list | tuple):
            self.fault(f"must be a list of {what}, not {shown(self.value)}")
            return []
        count = len(self.value)
        if count < least:
            self.fault("is empty", f"list at least {least} of {what}" if least > 1 else "list at least one")
        if count > most:
            self.fault(f"lists {count:,} {what}", f"{most} are allowed")
            return []
        return [self.at(index) for index in range(count)]

    # --- scalars

    def text(self, most: int = limits.NAME_CHARACTERS_MAX, *, lines: bool = False) -> str | None:
        """Text of 1 to `most` characters, on one line unless `lines`."""
        if not isinstance(self.value, str):
            remedy = f'put it in quotes: "{self.value}"' if isinstance(self.value, int | Decimal | float) else ""
            self.fault(f"must be text, not {shown(self.value)}", remedy)
            return None
        if not self.value.strip():
            self.fault("is empty", "write something, or leave the key out")
        elif len(self.value) > most:
            self.fault(f"has {len(self.value):,} characters", f"{most:,} are allowed")
        elif _CONTROL.search(self.value) or (not lines and ("\n" in self.value or "\t" in self.value)):
            self.fault("holds a control character", "use printable characters" + ("" if lines else " on one line"))
        else:
            return self.value
        return None

    def choice(self, choices: type[E], allowed: Sequence[E] | None = None) -> E | None:
        """One of the words of `choices`, or of those that are `allowed` here."""
        words = list(allowed or choices)
        if self.value in words and isinstance(self.value, str):
            return choices(self.value)
        self.fault(
            f"must be one of {', '.join(words)}, not {shown(self.value)}",
            did_you_mean(self.value, words) if isinstance(self.value, str) else "",
        )
        return None

    def boolean(self) -> bool | None:
        """True or false."""
        if isinstance(self.value, bool):
            return self.value
        self.fault(f"must be true or false, not {shown(self.value)}")
        return None

    def integer(self, least: int, most: int, what: str = "a whole number") -> int | None:
        """A whole number from `least` to `most`."""
        value = self.value
        if isinstance(value, Decimal) and value.is_finite() and _in_range(value) and value == int(value):
            value = int(value)  # a Decimal so bounded is quick to make an int of
        if not isinstance(value, int) or isinstance(value, bool):
            self.fault(f"must be {what}, not {shown(value)}")
        elif value < least:
            self.fault(f"must be {least:,} or more, not {shown(value)}")
        elif value > most:
            self.fault(f"must be {most:,} or less, not {shown(value)}")
        else:
            return value
        return None

    def decimal(self) -> Decimal | None:
        """An exact number within `limits.AMOUNT_MAX`, with at most `limits.THRESHOLD_DECIMALS_MAX` decimal places.

        A string that spells a number is one, for JSON whose numbers would not be exact.
        """
        number = self._number()
        if number is None:
            return None
        if not number.is_finite():
            self.fault("must be a finite number", f"numbers reach to {limits.AMOUNT_MAX:,}")
            return None
        if not _in_range(number):
            self.fault(f"is too large: {shown(self.value)}", f"numbers reach to {limits.AMOUNT_MAX:,}")
            return None
        digits = number.as_tuple()
        places = -int(digits.exponent) - _trailing_zeros(digits.digits) if number else 0
        if places > limits.THRESHOLD_DECIMALS_MAX:
            self.fault(f"has {places} decimal places", f"{limits.THRESHOLD_DECIMALS_MAX} are allowed")
            return None
        # The one spelling of each value: 500, not 500.0 or 5E+2. Exact, and short since it is known to be bounded.
        text = f"{number:f}" if number else "0"
        return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)

    def _number(self) -> Decimal | None:
        value = self.value
        match value:
            case bool():
                pass
            case Decimal():
                return value
            case int():
                return Decimal(value) if value.bit_length() <= _PRINTED_BITS else Decimal("Infinity")
            case float():
                number = Decimal(repr(value))
                if number.is_finite() and len(number.as_tuple().digits) > FLOAT_DIGITS:
                    self.fault("is more exact than a float is", f'give it as text: "{value}"')
                    return None
                return number
            case str() if len(value) <= limits.NUMBER_CHARACTERS_MAX and _DECIMAL_TEXT.fullmatch(value):
                return Decimal(value)
        self.fault(f"must be a number, not {shown(value)}")
        return None

    def date(self) -> Date | None:
        """A date as `2025-02-01`."""
        value = self.value
        if isinstance(value, stdlib_date) and not isinstance(value, datetime):
            return Date.parse_iso(value.isoformat())
        if isinstance(value, Date):
            return value
        if isinstance(value, str) and _DATE_TEXT.fullmatch(value):
            try:
                return Date.parse_iso(value)
            except ValueError:
                self.fault(f"is a date that does not exist: {value}", "check the day of the month")
                return None
        self.fault(f"must be a date, not {shown(value)}", "write year, month and day: 2025-02-01")
        return None


_DECIMAL_TEXT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)")
_DATE_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _in_range(number: Decimal) -> bool:
    return -limits.AMOUNT_MAX <= number <= limits.AMOUNT_MAX  # exact whatever its exponent, where abs() overflows


def _trailing_zeros(digits: tuple[int, ...]) -> int:
    return next((n for n, digit in enumerate(reversed(digits)) if digit), len(digits))
