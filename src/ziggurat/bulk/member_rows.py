"""Members as they come in files and feeds: records checked one by one, every fault with its row and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ziggurat import limits
from ziggurat.errors import ZigguratError
from ziggurat.program.amounts import parse_decimal, to_units
from ziggurat.program.check_metadata import metadata_fault, text_problem
from ziggurat.program.exact_json import read_exact

_NAMES = {
    "member": ("member", "memberid", "id", "externalid", "customerid"),
    "email": ("email", "emailaddress"),
    "phone": ("phone", "phonenumber", "mobile"),
    "first_name": ("firstname",),
    "last_name": ("lastname",),
    "full_name": ("fullname", "name"),
    "status": ("status",),
    "country": ("country",),
    "region": ("region", "state"),
    "city": ("city",),
    "tags": ("tags",),
    "points": ("points", "loyaltypoints"),
    "metadata": ("metadata",),
}
COLUMN_OF = {alias: name for name, aliases in _NAMES.items() for alias in aliases}
"""The columns that are known, by their names without case, spaces, dots, dashes and underscores."""
IDENTIFIERS = ("member", "email", "phone")
_TEXTS = ("status", "country", "region", "city", "full_name", "first_name", "last_name")
_PHONE = re.compile(r"\+?[0-9]{6,15}")
_PHONE_SIGNS = re.compile(r"[\s().\-/]")


class UnreadableFileError(ZigguratError):
    """A file that no row of can be used: `problem` says why."""

    code = "unreadable_file"

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one row; `column` "" is all of it. The value itself is not repeated."""

    column: str
    code: str
    problem: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One record. `number` counts from 1; `said` has what it says of the member, `metadata` and `points` beside."""

    number: int
    member: str | None = None
    email: str | None = None
    phone: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    points: int | None = None
    faults: tuple[RowFault, ...] = ()


def known_columns(header: Sequence[str]) -> list[str]:
    """What each column of a file is: a known name, or `metadata.NAME` for one that is kept as metadata.

    Raises:
        UnreadableFileError: none says who is meant, one comes twice, or there are too many.
    """
    if len(header) > limits.IMPORT_COLUMNS_MAX:
        raise UnreadableFileError(f"has {len(header)} columns; {limits.IMPORT_COLUMNS_MAX} at most")
    names = []
    for place, title in enumerate(header, 1):
        shown = title.strip()
        if not shown:
            raise UnreadableFileError(f"column {place} has no name in the first line")
        if problem := text_problem(shown, limits.METADATA_KEY_CHARACTERS_MAX):
            raise UnreadableFileError(f"column {place} has a name that {problem}")
        names.append(_column_of(shown))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableFileError(f"column {twice[0]} comes twice")
    if not set(names) & set(IDENTIFIERS):
        raise UnreadableFileError(f"has no column that says who is meant: {', '.join(IDENTIFIERS)}")
    return names


def _column_of(title: str) -> str:
    return COLUMN_OF.get(re.sub(r"[\s._-]", "", title.lower()), f"metadata.{title.removeprefix('metadata.')}")


def read_row(number: int, values: Mapping[str, Any]) -> MemberRow:
    """One record by columns (as `known_columns` names them), with every fault."""
    reader = _Reader(values)
    email, phone, member = reader.email(), reader.phone(), reader.text("member", limits.IDENTIFIER_CHARACTERS_MAX)
    said = {name: text for name in _TEXTS if (text := reader.text(name, limits.NAME_CHARACTERS_MAX))}
    first, last = said.pop("first_name", ""), said.pop("last_name", "")
    if "full_name" not in said and (first or last):
        said["full_name"] = f"{first} {last}".strip()
    metadata = reader.metadata()
    points = reader.points()
    if not reader.faults and not (email or phone or member):
        reader.faults.append(RowFault("", "no_identifier", "says neither member nor email nor phone"))
    return MemberRow(number, member, email, phone, said, metadata, points, tuple(reader.faults))


def read_records(records: Iterable[Any]) -> Iterator[MemberRow]:
    """Members from plain values, such as JSON objects."""
    for number, record in enumerate(records, 1):
        if not isinstance(record, Mapping):
            yield MemberRow(number, faults=(RowFault("", "unreadable", "is no object"),))
            continue
        values: dict[str, Any] = {}
        for key, value in record.items():
            values[_column_of(str(key))] = value
        yield read_row(number, values)


class _Reader:
    """Reads the values of one record, and keeps what is wrong with them."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.faults: list[RowFault] = []

    def fault(self, column: str, code: str, problem: str) -> None:
        self.faults.append(RowFault(column, code, problem))

    def text(self, column: str, longest: int) -> str | None:
        value = self.values.get(column)
        if value is None:
            return None
        text = str(value).strip() if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None
        if text is None:
            self.fault(column, "not_text", "is no text")
        elif len(text) > longest:
            self.fault(column, "too_long", f"is longer than {longest} characters")
        elif not text.isprintable():
            self.fault(column, "control_characters", "has characters that do not show")
        else:
            return text or None
        return None

    def email(self) -> str | None:
        text = self.text("email", limits.NAME_CHARACTERS_MAX)
        if text is None:
            return None
        name, at, domain = text.rpartition("@")
        if not (name and at and domain) or "@" in name or " " in text or domain.startswith(".") or "," in text:
            self.fault("email", "bad_email", "is no email address")
            return None
        return text

    def phone(self) -> str | None:
        text = self.text("phone", limits.NAME_CHARACTERS_MAX)
        if text is None:
            return None
        digits = _PHONE_SIGNS.sub("", text)
        if not _PHONE.fullmatch(digits):
            self.fault("phone", "bad_phone", "is no phone number of 6 to 15 digits")
            return None
        return digits

    def points(self) -> int | None:
        text = self.text("points", limits.NUMBER_CHARACTERS_MAX)
        if text is None:
            return None
        try:
            return to_units(parse_decimal(text))
        except ValueError as error:
            problem = "is too large" if "too large" in str(error) else "is no number with at most four decimal places"
            self.fault("points", "bad_points", problem)
            return None

    def metadata(self) -> dict[str, Any]:
        said = self.values.get("metadata")
        found: dict[str, Any] = {}
        if isinstance(said, str):
            try:
                said = read_exact(said) if said.strip() else None
            except (ValueError, RecursionError):
                said = ()
        if isinstance(said, Mapping):
            found |= said
        elif said is not None:
            self.fault("metadata", "bad_metadata", "is no JSON object")
        for column, value in self.values.items():
            if column.startswith("metadata.") and value not in (None, ""):
                found[column.removeprefix("metadata.")] = value
        tags = self.values.get("tags")
        if isinstance(tags, str):
            tags = [tag.strip() for tag in tags.split(",") if tag.strip()]
        if tags:
            found["tags"] = tags
        if found and (fault := metadata_fault(found)):
            self.fault("metadata", "bad_metadata", f"{fault.path} {fault.problem}")
            return {}
        return found
