"""What several families of operations share on the wire."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict

from ziggurat import limits
from ziggurat.errors import Fault
from ziggurat.http.fields import instant_of, plain_text_of
from ziggurat.http.problems import wire_fault
from ziggurat.http.strict_bodies import STRICT


def _whole_number(text: Any) -> Any:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 9 else text  # noqa: PLR2004


def _switch(text: Any) -> Any:
    return {"true": True, "false": False}.get(text, text)


def _instant_of_parameter(text: Any) -> Any:
    # A plus sign that nobody encoded arrives as a space: in an instant it can be nothing else.
    return instant_of(text.replace(" ", "+")) if isinstance(text, str) else text


QueryInstant: TypeAlias = Annotated[
    int, BeforeValidator(_instant_of_parameter), WithJsonSchema({"type": "string", "format": "date-time"})
]
QueryFlag: TypeAlias = Annotated[bool, BeforeValidator(_switch), WithJsonSchema({"type": "boolean"})]
Limit: TypeAlias = Annotated[
    int,
    BeforeValidator(_whole_number),
    Field(ge=1, le=limits.PAGE_ITEMS_MAX, description=f"Items on a page; {limits.PAGE_ITEMS_DEFAULT} when left out."),
]
Cursor: TypeAlias = Annotated[str, Field(description="`next_cursor` of the page before.")]
Comment: TypeAlias = Annotated[str, Field(max_length=limits.TEXT_CHARACTERS_MAX), AfterValidator(plain_text_of)]


@with_config(STRICT)
class PageQuery(TypedDict):
    """Which page of a list."""

    cursor: NotRequired[Cursor]
    limit: NotRequired[Limit]


@with_config(STRICT)
class Commented(TypedDict):
    """What somebody says about a decision."""

    comment: NotRequired[Comment]


class FaultModel(TypedDict):
    """One thing wrong with, or odd about, a document."""

    pointer: NotRequired[str]
    detail: str
    remedy: NotRequired[str]


def fault_model(fault: Fault) -> dict[str, str]:
    """A fault on the wire."""
    return wire_fault(fault).on_the_wire()


NextCursor: TypeAlias = Annotated[str | None, Field(description="Where the next page starts; null on the last one.")]
