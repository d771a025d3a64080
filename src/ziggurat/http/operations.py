"""An operation of the native API: what it is called, what it takes and answers, and the function that carries it out.

The same description serves requests (`dispatch`), the OpenAPI document (`openapi`) and the tests, so none of them can
say anything that the others don't.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.pages import Page
from ziggurat.app.principal import KeyScope, Principal
from ziggurat.http.answers import Answer
from ziggurat.http.service import Service
from ziggurat.http.strict_bodies import read_body

T = TypeVar("T")

JSON = "application/json"


class IfMatch(Enum):
    """Whether an operation reads `If-Match`."""

    NOT_READ = auto()
    OPTIONAL = auto()
    REQUIRED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, checked and understood, as an operation's function gets it.

    `path` holds the path's parameters, `query` and `body` what their adapters made of them, `media_type` what the body
    is. `expected_version` comes from `If-Match` (None: any).
    """

    service: Service
    principal: Principal
    context: Context
    path: Mapping[str, str]
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    media_type: str = JSON
    expected_version: int | None = None
    cursor_query: str = ""

    @property
    def limit(self) -> int:
        """How many items a page has."""
        limit: int = self.query.get("limit", limits.PAGE_ITEMS_DEFAULT)
        return limit

    @property
    def after(self) -> tuple[str | int | None, ...] | None:
        """Where the page starts."""
        cursor = self.query.get("cursor")
        return None if cursor is None else self.service.cursors.read(cursor, self.cursor_query, self.context.now)

    def page(self, page: Page[T], item: Callable[[T], Any]) -> Answer:
        """`page` as an answer, each of its items made by `item`."""
        cursor = None
        if page.next is not None:
            cursor = self.service.cursors.make(page.next, self.cursor_query, self.context.now)
        return Answer({"items": [item(each) for each in page.items], "next_cursor": cursor})


@dataclass(frozen=True)
class Body:
    """What an operation reads: a TypedDict (`type`), or whatever `read` makes of the bytes and their media type.

    `more_types` and `more_examples` are those of media types that say it otherwise.
    """

    type: Any
    example: Any
    media_types: tuple[str, ...] = (JSON,)
    read: Callable[[bytes, str], Any] | None = None
    bytes_max: int = limits.DOCUMENT_BYTES_MAX
    optional: bool = False
    more_examples: Mapping[str, Any] = field(default_factory=dict)
    more_types: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Checks the plain value."""
        return TypeAdapter(self.type)

    def parse(self, body: bytes, media_type: str) -> Any:
        """What `body` says; an absent one that is optional says `{}`.

        Raises:
            Refusal: `malformed_body`, `invalid_request`.
        """
        if self.optional and not body:
            return {}
        return read_body(self.adapter, body) if self.read is None else self.read(body, media_type)


@dataclass(frozen=True)
class Operation:
    """One method on one path. `run` is synchronous; `inline` says that it is quicker than handing it to a thread.

    `refusals` are the codes it may answer with beyond those that any operation may. `shows_secret`: its answer holds a
    secret that is shown once, so nothing of it may be kept.
    """

    method: str
    path: str
    name: str
    summary: str
    tag: str
    scope: KeyScope
    run: Callable[[Call], Answer]
    answer: Any = None
    example: Any = None
    answer_type: str = JSON
    status: int = 200
    query: Any = None
    body: Body | None = None
    refusals: Sequence[str] = ()
    if_match: IfMatch = IfMatch.NOT_READ
    has_version: bool = False
    inline: bool = False
    shows_secret: bool = False
    description: str = ""

    @cached_property
    def query_adapter(self) -> TypeAdapter[Any] | None:
        """Checks the query parameters."""
        return None if self.query is None else TypeAdapter(self.query)

    @cached_property
    def query_lists(self) -> frozenset[str]:
        """The parameters that may be repeated."""
        if self.query is None:
            return frozenset()
        return frozenset(name for name, hint in get_type_hints(self.query).items() if "list[" in str(hint))
