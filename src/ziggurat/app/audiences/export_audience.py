"""Write out who is in an audience: CSV that spreadsheets take for nothing but text, or Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import IO, Any

from ziggurat import limits
from ziggurat.app.audiences.audience_views import AudienceMemberView
from ziggurat.app.audiences.list_audience_members import list_audience_members
from ziggurat.app.context import Context
from ziggurat.app.pages import Position
from ziggurat.program.amounts import SCALE, format_units
from ziggurat.program.audience_fields import TIER_ATTRIBUTES
from ziggurat.program.calendar import calendar
from ziggurat.program.exact_json import write_exact
from ziggurat.program.formulas import defused

_TEXTS = ("member", "email", "phone", "full_name", "status", "country", "region", "city")
_INSTANTS = ("created_at", "enrolled_at", "last_order_at", "last_activity_at")
_RANKS = ("activity_rank", "purchase_frequency_rank", "monetary_rank")
COLUMNS = (*_TEXTS, "since", *_INSTANTS, *TIER_ATTRIBUTES, *_RANKS, "metadata")
_QUOTED = frozenset(',;"\t\r\n')
"""A text with one of these is quoted, whatever separates the fields where it is read."""
_UTC = calendar("UTC")


def export_csv(context: Context, audience: str) -> Iterator[str]:
    """The members of an audience as CSV, a piece at a time, the first line naming the columns.

    A text that a spreadsheet would take for a formula gets an apostrophe before it. Amounts are decimals, instants
    ISO 8601 in UTC.

    Raises:
        NotFoundError: there is no such audience; raised before the first piece.
    """
    pages = _pages(context, audience)
    first = next(pages)
    return _lines(first, pages)


def export_parquet(context: Context, audience: str, target: IO[bytes]) -> int:
    """Write the members of an audience as Parquet; how many they were.

    Amounts are decimal(19, 4), instants UTC microseconds, metadata JSON text.

    Raises:
        NotFoundError: there is no such audience.
    """
    import pyarrow as pa  # noqa: PLC0415 - slow to import, rarely needed
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow to import, rarely needed

    types: dict[str, Any] = dict.fromkeys((*_TEXTS, "metadata"), pa.string())
    types |= dict.fromkeys(("since", *_INSTANTS), pa.timestamp("us", "UTC"))
    types |= dict.fromkeys(TIER_ATTRIBUTES, pa.decimal128(19, 4)) | dict.fromkeys(_RANKS, pa.int8())
    schema = pa.schema([(name, types[name]) for name in COLUMNS])
    count = 0
    with pq.ParquetWriter(target, schema) as writer:
        for page in _pages(context, audience):
            rows = [_values(item) for item in page]
            columns = []
            for place, name in enumerate(COLUMNS):
                values = [row[place] for row in rows]
                if name in TIER_ATTRIBUTES:
                    columns.append(pa.array([_decimal(value) for value in values], types[name]))
                else:
                    columns.append(pa.array(values, types[name]))
            writer.write_table(pa.table(columns, schema=schema))
            count += len(rows)
    return count


def _decimal(units: int) -> Any:
    return Decimal(units) / SCALE


def _lines(first: tuple[AudienceMemberView, ...], rest: Iterator[tuple[AudienceMemberView, ...]]) -> Iterator[str]:
    yield _csv([COLUMNS])
    yield _csv(map(_cell, COLUMNS, _values(item)) for item in first)
    for page in rest:
        yield _csv(map(_cell, COLUMNS, _values(item)) for item in page)


def _pages(context: Context, audience: str) -> Iterator[tuple[AudienceMemberView, ...]]:
    after: Position | None = None
    while True:
        page = list_audience_members(context, audience, after=after, limit=limits.PROFILES_PER_STEP)
        yield page.items
        after = page.next
        if after is None:
            return


def _values(item: AudienceMemberView) -> list[Any]:
    profile = item.profile
    return [
        *[getattr(profile, name) for name in _TEXTS],
        item.since,
        *[getattr(profile, name) for name in _INSTANTS],
        *[profile.amounts[name] for name in TIER_ATTRIBUTES],
        *[profile.ranks[name] for name in _RANKS],
        write_exact(profile.metadata) if profile.metadata else None,
    ]


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column in TIER_ATTRIBUTES:
        return format_units(value)
    if column == "since" or column in _INSTANTS:
        return _UTC.format(value)
    if not isinstance(value, str):
        return str(value)
    text = defused(value).replace('"', '""')
    return text if _QUOTED.isdisjoint(text) else f'"{text}"'


def _csv(rows: Iterable[Iterable[str]]) -> str:
    return "".join(f"{','.join(row)}\r\n" for row in rows)
