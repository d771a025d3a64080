"""How the caller says what a file's columns mean, and which column each field is read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ziggurat.bulk.column_remedies import ColumnRemedies
from ziggurat.bulk.event_table import OPTIONAL_FIELDS
from ziggurat.bulk.row_faults import shown
from ziggurat.errors import ZigguratError
from ziggurat.program.near_words import did_you_mean, nearest

NEEDED_FIELDS = ("member", "type", "occurred_at")
FIELDS = ("id", *NEEDED_FIELDS, *(name for name in OPTIONAL_FIELDS if name != "id"))

COLUMNS_SHOWN = 20
_OTHER_NAMES = {
    "member": (
        *("member_id", "customer", "customer_id", "client", "client_id", "user", "user_id", "buyer", "buyer_id"),
        *("household_id", "account_id", "profile_id", "card_number", "email"),
    ),
    "occurred_at": (
        *("date", "time", "timestamp", "datetime", "created_at", "order_date", "purchase_date", "transaction_date"),
        *("invoice_date", "transaction_timestamp", "event_time", "at"),
    ),
    "type": ("event_type", "event", "kind", "event_name"),
    "amount": (
        *("total", "price", "sales_value", "revenue", "order_total", "total_price", "order_amount", "sales", "value"),
        "spend",
    ),
    "points": ("pts", "point", "points_earned"),
    "reverses": ("reversal_of", "original_id"),
    "activity": ("activity_type", "action"),
    "attribute": ("attribute_name", "property"),
    "tier": ("tier_name", "level"),
    "mode": ("override_mode",),
}


class UnknownFieldError(ZigguratError):
    """A mapping or a default names a field that events do not have."""

    code = "unknown_field"

    def __init__(self, name: str) -> None:
        super().__init__(f"{shown(name)} is not a field of events ({did_you_mean(name, FIELDS)})")
        self.name = name


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read events.

    mapping: field to the name of the column that holds it (default: the field's own name).
    defaults: field to the text that stands where a row says nothing.
    columns: the names of the columns of CSV files that begin with an event; empty: their first line says them.
    time_zone: the IANA zone of dates and of times without zone: the program's.
    skip_bad_rows: leave bad rows out and report them, instead of refusing everything.
    remedies: what the door calls its means to mend columns.

    Raises:
        UnknownFieldError: `mapping` or `defaults` names no field of events.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    columns: Sequence[str] = ()
    time_zone: str = "UTC"
    skip_bad_rows: bool = False
    remedies: ColumnRemedies = field(default_factory=ColumnRemedies)

    def __post_init__(self) -> None:
        for name in (*self.mapping, *self.defaults):
            if name not in FIELDS:
                raise UnknownFieldError(name)


class ColumnFault(NamedTuple):
    """A column that should be there and is not, or is there twice."""

    column: str
    problem: str
    remedy: str


def choose_columns(
    names: Sequence[str], options: ReadOptions, *, sparse: bool = False
) -> tuple[dict[str, str], list[ColumnFault]]:
    """The column of each field that a file with columns `names` has, and what is wrong with them.

    A column that `mapping` names no longer stands for its own name. `sparse` says that `names` need not be all of them
    (JSON lines), so that only needed fields are missed.
    """
    mapped = set(options.mapping.values())
    present = set(names)
    chosen: dict[str, str] = {}
    faults: list[ColumnFault] = []
    for name in FIELDS:
        column = options.mapping.get(name)
        if column is None and name not in mapped:
            column = name
        if column is not None and (column in present or (sparse and name not in NEEDED_FIELDS)):
            chosen[name] = column
            if names.count(column) > 1:
                faults.append(ColumnFault(column, "there are two columns of that name", "rename one of them"))
        elif name in options.mapping:
            near = nearest(options.mapping[name], names)
            remedy = f'did you mean "{near}"?' if near else f"its columns are {_listed(names)}"
            faults.append(ColumnFault(options.mapping[name], "there is no such column", remedy))
        elif name in NEEDED_FIELDS and name not in options.defaults:
            faults.append(ColumnFault(name, "there is no such column", _missing_remedy(name, names, chosen, options)))
    return chosen, faults


def missing_remedies(names: Sequence[str], chosen: Mapping[str, str], options: ReadOptions) -> dict[str, str]:
    """What to do about each field of which no column was `chosen` among those that a file has, `names`."""
    without = (name for name in FIELDS if chosen.get(name) not in names)
    return {name: _missing_remedy(name, names, chosen, options) for name in without}


def _missing_remedy(name: str, names: Sequence[str], chosen: Mapping[str, str], options: ReadOptions) -> str:
    """How to name the column of a field that has none: the likeliest one, if one is likely."""
    free = [column for column in names if column not in chosen.values() and (column not in FIELDS or column == name)]
    plain = {_letters(column): column for column in free}
    likely = next((plain[_letters(other)] for other in _OTHER_NAMES.get(name, ()) if _letters(other) in plain), None)
    likely = likely or nearest(name, free)
    if likely:
        return options.remedies.likely(name, likely)
    remedy = options.remedies.which(name)
    if name == "type":
        remedy += f", or {options.remedies.one_type()}"
    return f"{remedy}; the columns are {_listed(names)}" if names else remedy


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(name if name.isprintable() else shown(name) for name in names[:COLUMNS_SHOWN])
    return listed if len(names) <= COLUMNS_SHOWN else f"{listed} and {len(names) - COLUMNS_SHOWN} more"
