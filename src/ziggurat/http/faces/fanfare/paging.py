"""Two-way cursor pages: `first`/`after`, `last`/`before`, `sortBy`, `sortDir`.

`endCursor` is null on the last page and `startCursor` on the first, for clients page until they see null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ziggurat.app.pages import Position
from ziggurat.http.face_support.routes import Visit
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Issue, failed_check
from ziggurat.http.problems import Refusal

FIRST_DEFAULT = 20
FIRST_MAX = 100
DESCENDING, ASCENDING = "desc", "asc"
_DIGITS_MAX = 9


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which stretch of a list: `limit` items after `start` (the beginning), or `backwards` before it (the end)."""

    limit: int
    start: Position | None
    backwards: bool
    order: str
    descending: bool


def parameters(*more: str, orders: Sequence[str] = ()) -> tuple[Mapping[str, Any], ...]:
    """The query parameters of a list, for the OpenAPI document; `more` are texts."""
    number = {"type": "integer", "minimum": 1, "maximum": FIRST_MAX}
    said: dict[str, Mapping[str, Any]] = {"first": number, "last": number}
    said |= {name: {"type": "string"} for name in ("after", "before")}
    if orders:
        said["sortBy"] = {"type": "string", "enum": list(orders)}
        said["sortDir"] = {"type": "string", "enum": [ASCENDING, DESCENDING]}
    said |= {name: {"type": "string"} for name in more}
    return tuple({"name": name, "in": "query", "required": False, "schema": schema} for name, schema in said.items())


def read_page(visit: Visit, query: str, orders: Mapping[str, str] | None = None, default: str = "") -> PageAsked:
    """Which page the request's parameters ask for.

    Args:
        visit: the request.
        query: names the list and its filters: cursors of one list are none of another.
        orders: what `sortBy` may say, and how the use case calls it; the first is the default.
        default: `asc` or `desc`; newest first where nothing is said.

    Raises:
        InvalidInputError: with every issue of the parameters.
    """
    given = dict(visit.request.query_params)
    issues: list[Issue] = []
    backwards = "last" in given or ("before" in given and "after" not in given)
    limit = _count(given, "last" if backwards else "first", issues)
    orders = orders or {}
    order, direction = next(iter(orders.values()), ""), default or DESCENDING
    if orders and "sortBy" in given:
        order = orders.get(given["sortBy"], order)
        _require_word(given, "sortBy", orders, issues)
    if orders and "sortDir" in given:
        direction = given["sortDir"]
        _require_word(given, "sortDir", (ASCENDING, DESCENDING), issues)
    bound = f"fanfare {query} {order} {direction}"
    start = None
    name = "before" if backwards else "after"
    if given.get(name):
        try:
            start = visit.service.cursors.read(given[name], bound, visit.context.now)
        except Refusal as refusal:
            words = "has expired" if refusal.code == "expired_cursor" else "was not made for this list"
            issues.append(failed_check((name,), "cursor", given[name], f"Invalid cursor: {name} {words}"))
    if issues:
        raise InvalidInputError(issues, given)
    return PageAsked(limit, start, backwards, order, direction == DESCENDING)


def page_body(
    visit: Visit,
    query: str,
    asked: PageAsked,
    items: Iterable[Any],
    previous: Position | None,
    following: Position | None,
) -> dict[str, Any]:
    """`{data, pageInfo}`; `previous` and `following` are where the pages around this one begin, None if none does."""
    direction = DESCENDING if asked.descending else ASCENDING
    bound = f"fanfare {query} {asked.order} {direction}"

    def cursor(position: Position | None) -> str | None:
        return None if position is None else visit.service.cursors.make(position, bound, visit.context.now)

    return {"data": list(items), "pageInfo": {"startCursor": cursor(previous), "endCursor": cursor(following)}}


def _count(given: Mapping[str, str], name: str, issues: list[Issue]) -> int:
    text = given.get(name)
    if text is None:
        return FIRST_DEFAULT
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else 0
    if not 1 <= number <= FIRST_MAX:
        message = f"Invalid value: Expected 1 to {FIRST_MAX} but received {text[:20]}"
        issues.append(failed_check((name,), f"1..{FIRST_MAX}", text, message))
        return FIRST_DEFAULT
    return number


def _require_word(given: Mapping[str, str], name: str, words: Iterable[str], issues: list[Issue]) -> None:
    if given[name] not in set(words):
        listed = " | ".join(f'"{word}"' for word in words)
        message = f'Invalid type: Expected ({listed}) but received "{given[name][:100]}"'
        issues.append(Issue((name,), "picklist", f"({listed})", f'"{given[name][:100]}"', message))
