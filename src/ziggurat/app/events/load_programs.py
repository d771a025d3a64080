"""Programs with their revisions as the engine reads them: parsed once, kept for as long as nobody changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from ziggurat.app.context import Context
from ziggurat.app.events.own_histories import own_histories
from ziggurat.program.calendar import BEGINNING, Calendar, calendar
from ziggurat.program.model import Enrolment, Program, Revision, Status, Tier
from ziggurat.program.read import read_program
from ziggurat.store.database import Connection, Database
from ziggurat.store.errors import NotFoundError
from ziggurat.store.histories import Histories
from ziggurat.store.repositories import programs
from ziggurat.store.repositories.programs import ProgramRow, RevisionRow
from ziggurat.store.tables.base import canonical_json

_loaded: WeakKeyDictionary[Database, dict[tuple[int, int], LoadedProgram]] = WeakKeyDictionary()
_versions: WeakKeyDictionary[Database, dict[int, tuple[int, list[LoadedProgram]]]] = WeakKeyDictionary()
"""By organization: the sum of the versions of its programs, which only grows, and the programs at that sum."""
_PARSED_MAX = 1_000


@dataclass(frozen=True)
class LoadedProgram:
    """A program and all its revisions, oldest first.

    `published` are those that everybody has been evaluated by; the rest are scheduled or on the way.
    """

    row: ProgramRow
    rows: tuple[RevisionRow, ...]
    revisions: tuple[Revision, ...]

    @property
    def id(self) -> int:
        """Its number in the database."""
        return self.row.id

    @cached_property
    def published(self) -> tuple[Revision, ...]:
        """The revisions that stored states have seen: what is shown now."""
        return self.revisions[: self.row.published_revision]

    @cached_property
    def ladders(self) -> tuple[tuple[Tier, ...], ...]:
        """The ladder of each revision."""
        return tuple(revision.program.ladder for revision in self.revisions)

    def known_by(self, as_of: int, now: int) -> tuple[Revision, ...]:
        """What judges a question about `as_of` asked at `now`: for the future also what is scheduled."""
        return self.revisions if as_of > now else self.published

    def in_force(self, at: int) -> Revision | None:
        """The published revision in force at `at`, None before the first."""
        found = None
        for revision in self.published:
            if revision.effective_from is None or revision.effective_from <= at:
                found = revision
        return found

    @property
    def newest(self) -> Revision | None:
        """The newest revision, in force or not."""
        return self.revisions[-1] if self.revisions else None

    @property
    def calendar(self) -> Calendar:
        """The calendar of the newest revision."""
        return calendar(self.newest.program.time_zone if self.newest else "UTC")

    def own(self, histories: Histories) -> Histories:
        """`histories` without persons' decisions about other programs."""
        return own_histories(histories, self.row.public_id)

    def tier_name(self, key: str | None, revision: int) -> str:
        """The name under which the tier `key` was shown by revision number `revision`; "" for none."""
        if not key:
            return ""
        for ladder in reversed(self.ladders[: max(revision, 1)]):
            for tier in ladder:
                if tier.key == key:
                    return tier.name
        return key

    def takes_unknown_members(self) -> bool:
        """Whether an unknown member's first event makes the member, as far as this program is concerned."""
        newest = self.newest
        return newest is not None and newest.program.enrolment is Enrolment.ON_FIRST_EVENT


def load_programs(connection: Connection, context: Context) -> list[LoadedProgram]:
    """All programs of the organization, oldest first."""
    return [_loaded_from(connection, context, row) for row in programs.every(connection, context.scope)]


def load_known(context: Context, version: int) -> list[LoadedProgram] | None:
    """All programs of the organization if they have been loaded at that `version` (of a glance), else None."""
    known = _versions.get(context.database, {}).get(context.scope.organization_id)
    return known[1] if known is not None and known[0] == version else None


def load_at(context: Context, version: int) -> list[LoadedProgram]:
    """All programs, oldest first, remembered for `load_known` if they still are those of `version`."""
    with context.database.reading() as connection:
        found = load_programs(connection, context)
    if sum(program.row.version for program in found) == version:
        _versions.setdefault(context.database, {})[context.scope.organization_id] = (version, found)
    return found


def load_evaluated(connection: Connection, context: Context, *, hold: bool = False) -> list[LoadedProgram]:
    """The programs that members have states in: those with a published revision.

    With `hold` no revision of them is put in force until the transaction ends: needed by whoever writes states.
    """
    rows = programs.every(connection, context.scope, hold=hold)
    return [_loaded_from(connection, context, row) for row in rows if row.published_revision]


def load_program(connection: Connection, context: Context, public_id: str, *, lock: bool = False) -> LoadedProgram:
    """One program; with `lock` held until the transaction ends.

    Raises:
        NotFoundError: the organization has no such program.
    """
    row = programs.get(connection, context.scope, public_id)
    if row is not None and lock:
        row = programs.lock(connection, context.scope, row.id)
    if row is None:
        raise NotFoundError("program", public_id)
    return _loaded_from(connection, context, row)


def underway(connection: Connection, context: Context) -> frozenset[str]:
    """The programs (public ids) of which everybody is being evaluated by a new revision right now, unseen so far."""
    rows = [row for row in programs.every(connection, context.scope) if row.latest_revision > row.published_revision]
    begun = [program for row in rows if last_effect(program := _loaded_from(connection, context, row)) <= context.now]
    return frozenset(program.row.public_id for program in begun)


def parse_document(document: Mapping[str, Any]) -> Program:
    """The program that a stored document says."""
    return _parsed(canonical_json(document))


@lru_cache(maxsize=_PARSED_MAX)
def _parsed(text: str) -> Program:
    from json import loads  # noqa: PLC0415 - one use

    return read_program(loads(text))


def _loaded_from(connection: Connection, context: Context, row: ProgramRow) -> LoadedProgram:
    kept = _loaded.setdefault(context.database, {})
    key = (context.scope.organization_id, row.id)
    found = kept.get(key)
    if found is not None and found.row == row:
        return found
    rows = tuple(programs.revisions(connection, context.scope, row.id))
    found = LoadedProgram(row, rows, tuple(map(_revision_of, rows)))
    kept[key] = found
    return found


def _revision_of(row: RevisionRow) -> Revision:
    return Revision(
        program=parse_document(row.document),
        effective_from=row.effective_from,
        status=row.status,
        activation=row.activation,
        number=row.number,
    )


def status_at(program: LoadedProgram, at: int) -> Status:
    """The status in force at `at`."""
    revision = program.in_force(at)
    return revision.status if revision else Status.DRAFT


def last_effect(program: LoadedProgram) -> int:
    """From when the newest revision is in force: a further one cannot be earlier."""
    newest = program.newest
    return BEGINNING if newest is None or newest.effective_from is None else newest.effective_from
