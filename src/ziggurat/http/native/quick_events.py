"""Lists of events read in one go: what nearly every request holds, at a tenth of the cost of the strict reader.

There is one definition of what a request may say: the strict reader's. This one takes in only what that would take in,
with the same meaning, and answers None to everything else, be it wrong or only rare; the strict reader then takes the
request, or tells all its faults. A test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np
from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, ValidationError, json

from ziggurat import limits
from ziggurat.http import json_text
from ziggurat.http.fields import identifier_of, instant_of, plain_text_of, units_of
from ziggurat.program.events import Event, EventType

_Text: TypeAlias = str | UnsetType
_Number: TypeAlias = Raw | UnsetType


class _Said(Struct, forbid_unknown_fields=True, gc=False):
    """An event as nearly all are; `member`, `type` and `occurred_at` are required as they are of every event."""

    member: str
    type: str
    occurred_at: str
    id: _Text = UNSET
    points: _Number = UNSET
    amount: _Number = UNSET
    quantity: _Number = UNSET
    currency: _Text = UNSET
    activity: _Text = UNSET
    qualifying: bool | UnsetType = UNSET


_OPTIONAL_TEXTS = ("id", "currency", "activity")
_OTHER_OPTIONAL = ("points", "amount", "quantity", "qualifying")
_ONE = json.Decoder(_Said)
_MANY = json.Decoder(list[_Said])
_TYPES = {str(each): each for each in EventType}
_CURRENCY_CHARACTERS_MAX = 10
_FEW = 8
_ZERO = 48
_WITH_DECIMALS = 27
_WITHOUT = 20


def read_one(body: bytes) -> list[Event] | None:
    """The event that `body` states, None if the strict reader is to be asked."""
    return _understood(lambda: [_ONE.decode(body)], [body])


def read_many(body: bytes) -> list[Event] | None:
    """The events of a list, in order, None if the strict reader is to be asked."""
    return _understood(lambda: _MANY.decode(body), [body])


def read_lines(lines: Sequence[bytes]) -> list[Event] | None:
    """The events of as many lines, in order, None if the strict reader is to be asked."""
    return _understood(lambda: [_ONE.decode(line) for line in lines], lines)


def _understood(read: Callable[[], list[_Said]], parts: Sequence[bytes]) -> list[Event] | None:
    try:
        said = read()
        if len(said) > limits.EVENTS_PER_REQUEST_MAX or _quotes(said) != sum(part.count(b'"') for part in parts):
            return None
        return _events(said)
    except (DecodeError, ValidationError, ValueError, KeyError, json_text.UnreadableJsonError, RecursionError):
        return None


def _quotes(said: Sequence[_Said]) -> int:
    """How many quotation marks it takes to say that: more are there if something is said twice (or has such marks)."""
    count = 12 * len(said)
    for name in _OPTIONAL_TEXTS:
        count += 4 * (len(said) - list(map(attrgetter(name), said)).count(UNSET))
    for name in _OTHER_OPTIONAL:
        count += 2 * (len(said) - list(map(attrgetter(name), said)).count(UNSET))
    return count


def _events(said: Sequence[_Said]) -> list[Event]:
    _check_names([each.member for each in said])
    _check_names([each.id for each in said if each.id is not UNSET])
    instants = _instants([each.occurred_at for each in said])
    types, events = _TYPES, []
    for each, at in zip(said, instants, strict=True):
        points, amount, quantity, id_ = each.points, each.amount, each.quantity, each.id
        event = Event(
            each.member,
            types[each.type],
            at,
            "" if id_ is UNSET else id_,
            None if points is UNSET else _units(bytes(points)),
            None if amount is UNSET else _units(bytes(amount)),
            None if quantity is UNSET else _units(bytes(quantity)),
            "" if each.currency is UNSET else _currency(each.currency),
            True if each.qualifying is UNSET else each.qualifying,
            activity="" if each.activity is UNSET else identifier_of(each.activity),
        )
        events.append(event)
    return events


def _check_names(names: Sequence[Any]) -> None:
    """Nothing, if all of `names` may be names: looked at together, and one by one only where something is unusual."""
    if not names:
        return
    together = "".join(names)
    lengths = [len(name) for name in names]
    plain = together.isascii() and together.isprintable() and " " not in together
    if not plain or min(lengths) == 0 or max(lengths) > limits.IDENTIFIER_CHARACTERS_MAX:
        for name in names:
            identifier_of(name)


def _instants(texts: list[str]) -> list[int]:
    """UTC microseconds of each; many of one form at once."""
    length = len(texts[0]) if texts else 0
    if len(texts) < _FEW or length not in (_WITHOUT, _WITH_DECIMALS) or any(len(text) != length for text in texts):
        return [instant_of(text) for text in texts]
    characters = np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(len(texts), length)
    digits, marks, separators = _FORMS[length]
    if not (characters[:, marks] == separators).all() or not (characters[:, digits] - _ZERO <= 9).all():  # noqa: PLR2004
        return [instant_of(text) for text in texts]
    without_zone = np.ascontiguousarray(characters[:, :-1]).view(f"S{length - 1}").ravel()
    found = without_zone.astype("datetime64[us]").astype(np.int64)
    for extreme in (int(found.argmin()), int(found.argmax())):
        instant_of(texts[extreme])  # it knows the years we reckon with
    instants: list[int] = found.tolist()
    return instants


def _form(pattern: str) -> tuple[list[int], list[int], Any]:
    """Where `pattern` has digits, where it has other characters, and which."""
    marks = [place for place, character in enumerate(pattern) if not character.isdigit()]
    digits = [place for place, character in enumerate(pattern) if character.isdigit()]
    return digits, marks, np.frombuffer("".join(pattern[place] for place in marks).encode(), np.uint8)


_FORMS = {len(pattern): _form(pattern) for pattern in ("0000-00-00T00:00:00Z", "0000-00-00T00:00:00.000000Z")}
_NUMBER = re.compile(rb"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


@lru_cache(maxsize=10_000)
def _units(text: bytes) -> int:
    """A number's text in ten-thousandths: prices are the same few again and again."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("no number")
    return units_of(json_text.parse(text))


@lru_cache(maxsize=1_000)
def _currency(text: str) -> str:
    if len(text) > _CURRENCY_CHARACTERS_MAX:
        raise ValueError("too long")
    return plain_text_of(text)
