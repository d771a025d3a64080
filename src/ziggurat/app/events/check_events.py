"""Whether an event can be taken into the ledger: one quick pass, without looking anything up."""

from __future__ import annotations

from functools import lru_cache

from whenever import Date

from ziggurat import limits
from ziggurat.program.amounts import SCALE
from ziggurat.program.calendar import calendar
from ziggurat.program.check_metadata import text_problem
from ziggurat.program.event_rules import MAY_BE_NEGATIVE, NEEDS
from ziggurat.program.events import Event, EventType

_UNITS_MAX = limits.AMOUNT_MAX * SCALE
_NEED_POINTS = frozenset(kind for kind, needs in NEEDS.items() if needs == (("points",),))
_TEXTS = ("currency", "activity", "attribute", "value", "tier")


@lru_cache(maxsize=1)
def _bounds() -> tuple[int, int]:
    utc = calendar("UTC")
    return utc.instant(Date(limits.INSTANT_YEAR_MIN, 1, 1)), utc.instant(Date(limits.INSTANT_YEAR_MAX, 1, 1))


def event_problem(event: Event) -> str:
    """What is wrong with `event`, "" if nothing."""
    first, end = _bounds()
    if not first <= event.occurred_at < end:
        return f"occurred_at is outside the years {limits.INSTANT_YEAR_MIN} to {limits.INSTANT_YEAR_MAX - 1}"
    if not event.member.strip(" "):
        return "member is missing"
    id_, member = event.id, event.member
    if len(id_) > limits.IDENTIFIER_CHARACTERS_MAX or (id_ and not id_.isprintable()):
        return _name_problem("id", id_)
    if len(member) > limits.IDENTIFIER_CHARACTERS_MAX or not member.isprintable():
        return _name_problem("member", member)
    points, amount = event.points, event.amount
    if (
        event.type in _NEED_POINTS
        and points is not None
        and 0 <= points <= _UNITS_MAX
        and amount is None
        and event.quantity is None
        and not (event.currency or event.reason or event.activity)
    ):
        return ""  # the commonest event, done with
    return _needs_problem(event) or _amounts_problem(event) or _texts_problem(event)


def _name_problem(field: str, name: str) -> str:
    problem = text_problem(name, limits.IDENTIFIER_CHARACTERS_MAX)
    return f"{field} {problem}" if problem else ""


def _needs_problem(event: Event) -> str:
    for group in NEEDS[event.type]:
        if all(getattr(event, field) in (None, "") for field in group):
            return f"{event.type} needs {' or '.join(group)}"
    return ""


def _amounts_problem(event: Event) -> str:
    for field in ("points", "amount", "quantity"):
        units = getattr(event, field)
        if units is None:
            continue
        if abs(units) > _UNITS_MAX:
            return f"{field} is larger than {limits.AMOUNT_MAX}"
        if units < 0 and (event.type, field) not in MAY_BE_NEGATIVE:
            return f"{field} of {event.type} must not be negative"
        if units == 0 and event.type is EventType.REVERSAL:
            return f"{field} of a reversal must be more than zero: it undoes that much"
    if event.until is not None and not _bounds()[0] <= event.until < _bounds()[1]:
        return f"until is outside the years {limits.INSTANT_YEAR_MIN} to {limits.INSTANT_YEAR_MAX - 1}"
    return ""


def _texts_problem(event: Event) -> str:
    for field in _TEXTS:
        if (text := getattr(event, field)) and (problem := text_problem(text, limits.IDENTIFIER_CHARACTERS_MAX)):
            return f"{field} {problem}"
    if event.reverses and (problem := text_problem(event.reverses, limits.IDENTIFIER_CHARACTERS_MAX)):
        return f"reverses {problem}"
    said = event.reason.replace("\n", " ").replace("\t", " ")
    problem = text_problem(said, limits.REASON_CHARACTERS_MAX) if said else ""
    return f"reason {problem}" if problem else ""
