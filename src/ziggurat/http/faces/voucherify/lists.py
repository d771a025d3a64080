"""Lists as the vendor has them: a limit, orders, filters and a cursor, all in the query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from ziggurat import limits
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import Visit
from ziggurat.http.faces.voucherify.errors import ApiError
from ziggurat.http.problems import Refusal

LIMIT_MAX = 100
LIMIT_DEFAULT = 10
_PART = re.compile(r"\[([^\[\]]*)\]")
_MANY = frozenset({"$in", "$not_in"})
_MANY_MAX = {"id": 100, "string": 10, "enum": 10}
_OPERATORS = {
    "id": ("$is", "$is_not", "$in", "$not_in"),
    "string": (
        *("$is", "$is_not", "$in", "$not_in", "$contains", "$not_contain"),
        *("$starts_with", "$ends_with", "$has_value", "$is_unknown"),
    ),
    "enum": ("$is", "$is_not", "$in", "$not_in"),
    "date": ("$is", "$before", "$after", "$more_than", "$less_than", "$has_value", "$is_unknown"),
}
_FILTERS_MAX = 50


@dataclass(frozen=True, slots=True)
class ListKind:
    """What a list can be ordered and filtered by. `filters` says the kind of each field; `prefix` names its cursors.

    Where `id` is among the orders, the order of ids is that in which the items are given: oldest first.
    """

    prefix: str
    orders: tuple[str, ...] = ("created_at",)
    filters: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rounds_limit: bool = False

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """The parameters for the OpenAPI document."""
        orders = [sign + name for name in self.orders for sign in ("", "-")]
        said: list[dict[str, Any]] = [
            _parameter("limit", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}),
            _parameter("order", {"type": "array", "items": {"type": "string", "enum": orders}}),
            _parameter("cursor", {"type": "string", "pattern": f"^{self.prefix}_[a-f0-9]+$"}),
        ]
        if self.filters:
            fields = {name: {"type": "object"} for name in self.filters}
            schema = {
                "type": "object",
                "properties": {"junction": {"enum": ["AND", "OR"]}, **fields},
                "additionalProperties": False,
            }
            said.append({**_parameter("filters", schema), "style": "deepObject", "explode": True})
        return said


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter of one field."""

    field: str
    kind: str
    operator: str
    values: tuple[str, ...]


def page_of(visit: Visit, kind: ListKind, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The page that the query asks for of all `items` (wire objects), as the vendor wraps it.

    Raises:
        ApiError: `invalid_query_params`, `invalid_or_expired_cursor`, `cursor_and_query_mismatch`.
    """
    query = _Query.read(visit, kind)
    found = [item for item in items if query.holds(item, visit.context.now)]
    ages = {str(item["id"]): f"{age:020}" for age, item in enumerate(items)} if "id" in kind.orders else {}
    for order in reversed(query.orders):
        name = order.removeprefix("-")
        values = ages if name == "id" else {}
        found.sort(
            key=lambda item, name=name, values=values: values.get(text := str(item.get(name) or ""), text),  # type: ignore[misc]
            reverse=order.startswith("-"),
        )
    start = query.start(visit, found)
    shown = found[start : start + query.limit]
    cursor = None
    if start + query.limit < len(found):
        now = visit.context.now
        made = visit.service.cursors.make((query.digest, start + query.limit), query.place(visit), now)
        expires = millisecond_text(now + limits.CURSOR_LIFETIME_SECONDS * 1_000_000)
        cursor = {"next": f"{kind.prefix}_{made.encode().hex()}", "expires_at": expires}
    return {"object": "list", "data": shown, "cursor": cursor}


@dataclass(frozen=True, slots=True)
class _Query:
    kind: ListKind
    limit: int
    orders: tuple[str, ...]
    cursor: str | None
    any_of: bool
    conditions: tuple[Condition, ...]
    digest: str

    @classmethod
    def read(cls, visit: Visit, kind: ListKind) -> _Query:
        given = visit.request.query_params.multi_items()
        single: dict[str, str] = {}
        orders: list[str] = []
        filters: list[tuple[str, str]] = []
        for name, value in given:
            if name in ("order", "order[]"):
                orders.append(value)
            elif name.startswith("filters[") and kind.filters:
                filters.append((name, value))
            elif name in single or name not in ("limit", "cursor"):
                raise refused(f"Query parameter '{name}' is not expected")
            else:
                single[name] = value
        cursor = single.get("cursor")
        if cursor is not None and not re.fullmatch(f"{kind.prefix}_[a-f0-9]+", cursor):
            raise refused(f'Property .cursor must match pattern "^{kind.prefix}_[a-f0-9]+$"')
        junction, conditions = _filters(filters, kind)
        signed = "\n".join(f"{name}={value}" for name, value in sorted(given) if name not in ("cursor", "limit"))
        return cls(
            kind,
            _limit(single.get("limit"), kind),
            _orders(orders, kind),
            cursor,
            junction == "OR",
            conditions,
            sha256(signed.encode()).hexdigest()[:16],
        )

    def place(self, visit: Visit) -> str:
        return f"{visit.principal.scope.organization_id} {self.kind.prefix} {visit.request.scope['path']}"

    def start(self, visit: Visit, found: Sequence[Any]) -> int:
        if self.cursor is None:
            return 0
        expired = ApiError("invalid_or_expired_cursor", "The provided cursor is invalid or has expired")
        try:
            text = bytes.fromhex(self.cursor.removeprefix(f"{self.kind.prefix}_")).decode()
            digest, start = visit.service.cursors.read(text, self.place(visit), visit.context.now)
        except (ValueError, Refusal):
            raise expired from None
        if digest != self.digest:
            raise ApiError("cursor_and_query_mismatch", "The cursor was made for another query")
        return min(int(start or 0), len(found))

    def holds(self, item: Mapping[str, Any], now: int) -> bool:
        if not self.conditions:
            return True
        results = (_holds(each, item.get(each.field), now) for each in self.conditions)
        return any(results) if self.any_of else all(results)


def refused(details: str) -> ApiError:
    """The refusal of a query."""
    return ApiError("invalid_query_params", details)


def only_parameters(visit: Visit, allowed: Sequence[str]) -> dict[str, str]:
    """The query of an operation that is no list.

    Raises:
        ApiError: `invalid_query_params`.
    """
    said: dict[str, str] = {}
    for name, value in visit.request.query_params.multi_items():
        if name not in allowed or name in said:
            raise refused(f"Query parameter '{name}' is not expected")
        said[name] = value
    return said


def read_filters(visit: Visit, kinds: Mapping[str, str]) -> tuple[dict[str, str], tuple[Condition, ...], bool]:
    """Single parameters, conditions, and whether one of them is enough."""
    given = visit.request.query_params.multi_items()
    filters = [(name, value) for name, value in given if name.startswith("filters[")]
    junction, conditions = _filters(filters, ListKind("", filters=kinds))
    return {name: value for name, value in given if not name.startswith("filters[")}, conditions, junction == "OR"


def matches(conditions: Sequence[Condition], item: Mapping[str, Any], now: int, *, any_of: bool) -> bool:
    """Whether `item` passes the conditions."""
    if not conditions:
        return True
    results = [_holds(each, item.get(each.field), now) for each in conditions]
    return any(results) if any_of else all(results)


def _limit(text: str | None, kind: ListKind) -> int:
    if text is None:
        return LIMIT_DEFAULT
    form = r"\d{1,6}(\.\d{1,6})?" if kind.rounds_limit else r"\d{1,6}"
    count = int(float(text) + 0.5) if text.isascii() and re.fullmatch(form, text) else 0
    if not 1 <= count <= LIMIT_MAX:
        raise refused(f"Query parameter 'limit' must be from 1 to {LIMIT_MAX}")
    return count


def _orders(given: Sequence[str], kind: ListKind) -> tuple[str, ...]:
    names = [order.removeprefix("-") for order in given]
    for order, name in zip(given, names, strict=True):
        if name not in kind.orders:
            allowed = ", ".join(f"{each}, -{each}" for each in kind.orders)
            raise refused(f"Query parameter 'order' must be one of [ {allowed} ]: {order[:50]}")
        if names.count(name) > 1:
            raise refused(f"Query parameter 'order' names {name} more than once")
    return tuple(given) or (("-id",) if "id" in kind.orders else ("-created_at",))


def _filters(given: Sequence[tuple[str, str]], kind: ListKind) -> tuple[str, tuple[Condition, ...]]:
    junction = "AND"
    values: dict[tuple[str, str], list[str]] = {}
    if len(given) > _FILTERS_MAX * LIMIT_MAX:
        raise refused("Query parameter 'filters' says too much")
    for name, value in given:
        steps = _PART.findall(name)
        if name != "filters" + "".join(f"[{step}]" for step in steps):
            raise refused(f"Query parameter '{name[:100]}' is not expected")
        if steps == ["junction"]:
            junction = value
            continue
        if len(steps) not in (3, 4) or steps[1] != "conditions" or steps[0] not in kind.filters:
            raise refused(f"Query parameter '{name[:100]}' is not expected")
        if steps[2] not in _OPERATORS[kind.filters[steps[0]]]:
            raise refused(f"Query parameter '{name[:100]}': no such condition")
        values.setdefault((steps[0], steps[2]), []).append(value)
    if junction not in ("AND", "OR"):
        raise refused("Query parameter 'filters[junction]' must be AND or OR")
    return junction, tuple(_condition(kind, *key, given_values) for key, given_values in values.items())


def _condition(kind: ListKind, name: str, operator: str, values: Sequence[str]) -> Condition:
    what = kind.filters[name]
    most = _MANY_MAX.get(what, 1) if operator in _MANY else 1
    place = f"Query parameter 'filters[{name}][conditions][{operator}]'"
    if len(values) > most:
        raise refused(f"{place} takes up to {most} values")
    allowed = kind.words.get(name)
    if allowed and any(value not in allowed for value in values):
        raise refused(f"{place} must be one of [ {', '.join(allowed)} ]")
    if what == "date" and operator in ("$before", "$after") and _instant(values[0]) is None:
        raise refused(f"{place} must be a date")
    if (
        what == "date"
        and operator in ("$is", "$more_than", "$less_than")
        and not re.fullmatch(r"[0-9]{1,6}", values[0])
    ):
        raise refused(f"{place} must be a number of days")
    return Condition(name, what, operator, tuple(values))


def _instant(text: str) -> str | None:
    """A date or instant in the form in which instants are compared; None if it is none."""
    try:
        if len(text) == len("2025-01-01"):
            return f"{date.fromisoformat(text).isoformat()}T00:00:00.000Z"
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _holds(condition: Condition, value: Any, now: int) -> bool:  # noqa: C901, PLR0911 - one line an operator
    text, first = "" if value is None else str(value), condition.values[0]
    if condition.kind == "date" and condition.operator in ("$is", "$more_than", "$less_than"):
        return _days_ago(condition.operator, text, int(first), now)
    match condition.operator:
        case "$is":
            return text == first
        case "$is_not":
            return text != first
        case "$in":
            return text in condition.values
        case "$not_in":
            return text not in condition.values
        case "$contains":
            return first.casefold() in text.casefold()
        case "$not_contain":
            return first.casefold() not in text.casefold()
        case "$starts_with":
            return text.startswith(first)
        case "$ends_with":
            return text.endswith(first)
        case "$before":
            return text < (_instant(first) or "")
        case "$after":
            return text > (_instant(first) or "")
        case "$is_unknown":
            return not text
    return bool(text)


def _days_ago(operator: str, text: str, days: int, now: int) -> bool:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now)
    age = (moment.date() - datetime.fromisoformat(text).date()).days
    if operator == "$is":
        return age == days
    return age > days if operator == "$more_than" else age < days


def _parameter(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": dict(schema)}
