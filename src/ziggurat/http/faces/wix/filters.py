"""The vendor's query language: filters and orders over the members of messages.

    {"points.balance": {"$gte": 100}, "$or": [{"tier.id": "..."}, {"tier.id": {"$exists": false}}]}

Pure. What is no filter of a field that is listed is refused, so that nobody gets an answer to another question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from ziggurat.http.faces.wix.errors import WixError

VALUES_MAX = 100
Message: TypeAlias = Mapping[str, Any]
Predicate: TypeAlias = Callable[[Message], bool]


class Kind(StrEnum):
    """What a field holds, and so which operators it takes."""

    ID = "id"
    GUID = "guid"
    WORD = "word"
    NUMBER = "number"
    DATE = "date"


_ORDERED = ("$eq", "$ne", "$hasSome", "$in", "$nin", "$exists", "$lt", "$lte", "$gt", "$gte")
_TEXT = (*_ORDERED, "$startsWith")
_OPERATORS = {Kind.ID: _TEXT, Kind.GUID: _TEXT, Kind.WORD: _TEXT, Kind.NUMBER: _ORDERED, Kind.DATE: _ORDERED}
_COMPARED = {"$lt": lt, "$lte": le, "$gt": gt, "$gte": ge}
_LISTS = ("$in", "$nin", "$hasSome")


def predicate(said: Mapping[str, Any], fields: Mapping[str, Kind]) -> Predicate:
    """Whether a message passes the filter `said`.

    Raises:
        WixError: it is no filter of `fields`.
    """
    parts = [_part(name, condition, fields) for name, condition in said.items()]
    return lambda message: all(part(message) for part in parts)


def conjuncts(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The conditions of a filter that must all hold: field (or `$or`, `$not`) and what it says."""
    for name, condition in said.items():
        if name == "$and" and isinstance(condition, list):
            for each in condition:
                yield from conjuncts(each)
        else:
            yield name, condition


def named_values(condition: Any) -> list[str] | None:
    """The values of which a field must have one for its condition to hold, None where others would do."""
    if isinstance(condition, str):
        return [condition]
    if not isinstance(condition, Mapping):
        return None
    if "$eq" in condition:
        return [condition["$eq"]]
    listed = condition.get("$in", condition.get("$hasSome"))
    return list(listed) if isinstance(listed, list) else None


def value_at(message: Message, path: str) -> Any:
    """What stands at `path`, None if nothing does.

    >>> value_at({"points": {"balance": 5}}, "points.balance"), value_at({}, "tier.id")
    (5, None)
    """
    found: Any = message
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def sorted_by(
    found: Sequence[dict[str, Any]], sort: Sequence[tuple[str, bool]], fields: Mapping[str, Kind]
) -> list[dict[str, Any]]:
    """`found` in the order of `sort`: fields, and whether each descends; where nothing is said comes first."""
    ordered = list(found)
    for name, descends in reversed(sort):
        ordered.sort(key=lambda message, name=name: _rank(message, name, fields[name]), reverse=descends)  # type: ignore[misc]
    return ordered


def place_of(message: Message, sort: Sequence[tuple[str, bool]]) -> tuple[Any, ...]:
    """What `sort` reads of an account, and its id: where it stands in that order."""
    named = {**message, "memberId": message["id"]}
    return (*(value_at(named, name) for name, _ in sort), message["id"])


def rank_of(place: Sequence[Any], sort: Sequence[tuple[str, bool]], fields: Mapping[str, Kind]) -> tuple[Any, ...]:
    """A place in the form in which places compare: as `sorted_by` has it, and by ids where that leaves it open."""
    *values, id_ = place
    ranks = []
    for value, (name, descends) in zip(values, sort, strict=True):
        rank = _rank_of(value, fields[name])
        ranks.append(_Descending(rank) if descends else rank)
    return (*ranks, id_)


@dataclass(frozen=True, slots=True)
class _Descending:
    """A rank that compares the other way around."""

    rank: tuple[bool, Any]

    def __lt__(self, other: _Descending) -> bool:
        return other.rank < self.rank


def orders(sort: Sequence[Any], fields: Mapping[str, Kind]) -> list[tuple[str, bool]]:
    """What a request's `sort` says: fields, and whether each descends.

    Raises:
        WixError: it names something else than `fields`.
    """
    read = []
    for each in sort:
        name = each.get("fieldName") if isinstance(each, Mapping) else None
        order = each.get("order", "ASC") if isinstance(each, Mapping) else None
        if name not in fields or order not in ("ASC", "DESC"):
            raise not_served(f"an order by {str(name)[:100]}")
        read.append((str(name), order == "DESC"))
    return read


def not_served(what: str) -> WixError:
    """That a question is refused rather than answered wrongly."""
    return WixError(400, "INVALID_ARGUMENT", f"{what} is not served here")


def _part(name: str, condition: Any, fields: Mapping[str, Kind]) -> Predicate:
    if name in ("$and", "$or"):
        if not isinstance(condition, list) or not all(isinstance(each, Mapping) for each in condition):
            raise not_served(f"{name} without a list of filters")
        parts = [predicate(each, fields) for each in condition]
        whole = all if name == "$and" else any
        return lambda message: whole(part(message) for part in parts)
    if name == "$not":
        if not isinstance(condition, Mapping):
            raise not_served("$not without a filter")
        part = predicate(condition, fields)
        return lambda message: not part(message)
    if name not in fields:
        raise not_served(f"a filter on {name[:100]}")
    kind = fields[name]
    conditions = condition if isinstance(condition, Mapping) else {"$eq": condition}
    tests = [_test(name, kind, operator, operand) for operator, operand in conditions.items()]
    return lambda message: all(test(_read(value_at(message, name), kind)) for test in tests)


def _test(name: str, kind: Kind, operator: str, operand: Any) -> Callable[[Any], bool]:
    refused = not_served(f"this filter on {name}")
    if operator not in _OPERATORS[kind]:
        raise refused
    if operator == "$exists":
        if not isinstance(operand, bool):
            raise refused
        return lambda value: (value is not None) is operand
    if operator in _LISTS:
        if not isinstance(operand, list) or len(operand) > VALUES_MAX:
            raise refused
        wanted = [_operand(each, kind, refused) for each in operand]
        return (lambda value: value not in wanted) if operator == "$nin" else (lambda value: value in wanted)
    one = _operand(operand, kind, refused)
    if operator == "$eq":
        return lambda value: bool(value == one)
    if operator == "$ne":
        return lambda value: bool(value != one)
    if operator == "$startsWith":
        return lambda value: value is not None and str(value).startswith(one)
    compared = _COMPARED[operator]
    return lambda value: value is not None and bool(compared(value, one))


def _operand(said: Any, kind: Kind, refused: WixError) -> Any:
    if kind is Kind.NUMBER:
        if isinstance(said, bool) or not isinstance(said, int | float | Decimal):
            raise refused
        return said
    if not isinstance(said, str):
        raise refused
    read = _read(said, kind)
    if read is None:
        raise refused
    return read


def _read(value: Any, kind: Kind) -> Any:
    """`value` in the form in which values of its kind compare; None for none, and for what is no such value."""
    if value is None or kind in (Kind.ID, Kind.WORD, Kind.NUMBER):
        return value
    if kind is Kind.GUID:
        return value.lower()
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _rank(message: Message, name: str, kind: Kind) -> tuple[bool, Any]:
    return _rank_of(value_at(message, name), kind)


def _rank_of(said: Any, kind: Kind) -> tuple[bool, Any]:
    value = _read(said, kind)
    return value is not None, 0 if value is None else value
