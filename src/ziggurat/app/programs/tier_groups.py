"""Tier groups: a ladder as a set of audiences, one for each tier. A tier group is a program; see `follow_ladder`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from ziggurat.app.audiences.audience_views import AudienceGroup, AudienceView
from ziggurat.app.audiences.define_audience import fill
from ziggurat.app.audiences.follow_ladder import TIERS, follow_ladder, tier_rows
from ziggurat.app.audiences.read_audience import list_group
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.events.load_programs import LoadedProgram, load_evaluated, load_program
from ziggurat.app.events.tell_scores import tell_everybodys_scores
from ziggurat.app.programs.add_revision import add_revision
from ziggurat.app.programs.publish_program import publish
from ziggurat.program.audience_fields import find_field
from ziggurat.program.model import Activation, Program, Status
from ziggurat.program.read import read_program
from ziggurat.program.write import program_document
from ziggurat.store.database import Connection
from ziggurat.store.errors import AlreadyExistsError, NotFoundError
from ziggurat.store.repositories import audience_lists, programs

Document = Mapping[str, Any]


def create_tier_group(
    context: Context, program: str, document: Document, kind: str = TIERS
) -> tuple[AudienceView, ...]:
    """A new program with the public id `program`, in force at once, and an audience for each of its tiers.

    Raises:
        AlreadyExistsError: there is such a program.
        InvalidProgramError, ApprovalRequiredError: as for `publish_program`.
    """

    def work(connection: Connection) -> None:
        if programs.get(connection, context.scope, program) is not None:
            raise AlreadyExistsError("program", program)
        publish(connection, context, document, program)
        loaded = load_program(connection, context, program)
        follow_ladder(connection, context, loaded, AudienceGroup(program, kind=kind))
        record(connection, context, "audience_group.put", f"audience_group:{program}")

    context.database.write(work)
    return _filled(context, program)


def change_tier_group(
    context: Context, program: str, edit: Callable[[Program], Document | None]
) -> tuple[AudienceView, ...]:
    """The group after its program was replaced by what `edit` makes of it (None: nothing is left, it is archived).

    What is the same as before makes no revision. `edit` may be called more than once. Members are placed anew at once,
    by the worker where there are many.

    Raises:
        NotFoundError: no such program has a tier group.
        InvalidProgramError, ApprovalRequiredError, ActivationPendingError: as for `publish_program`.
    """

    def work(connection: Connection) -> bool:
        before = _require(connection, context, program)
        document = edit(before)
        if document is None:
            _archive(connection, context, program)
            return False
        if program_document(read_program(document)) == program_document(before):
            return True  # it is that already
        publish(connection, context, document, program)  # the audiences follow it
        record(connection, context, "audience_group.put", f"audience_group:{program}")
        return True

    return _filled(context, program) if context.database.write(work) else ()


def archive_tier_group(context: Context, program: str) -> None:
    """Take a tier group out of use, and its program with it.

    Raises:
        NotFoundError: no such program has a tier group.
        ActivationPendingError: a revision is still being put in force.
    """

    def work(connection: Connection) -> None:
        _require(connection, context, program)
        _archive(connection, context, program)

    context.database.write(work)


def adopt_ladders(context: Context, kind: str = TIERS) -> None:
    """Give a tier group to every program in force that has none: it was made through another door."""
    with context.database.reading() as connection:
        grouped = set(audience_lists.group_keys(connection, context.scope))
        known = load_evaluated(connection, context)
    for program in known:
        if program.row.public_id not in grouped and _is_adoptable(program):
            with suppress(InvalidRequestError):  # no room for more audiences
                context.database.write(lambda connection, program=program: _adopt(connection, context, program, kind))  # type: ignore[misc]
                _filled(context, program.row.public_id)


def tier_programs(context: Context, asked: Iterable[str]) -> dict[str, Program]:
    """Those programs as their newest revisions say; unknown ones are left out."""
    found = {}
    with context.database.reading() as connection:
        for public_id in set(asked):
            try:
                newest = load_program(connection, context, public_id).newest
            except NotFoundError:
                continue
            if newest is not None:
                found[public_id] = newest.program
    return found


def has_tier_group(context: Context, program: str) -> bool:
    """Whether the tiers of `program` (a public id, or any other text) are a group of audiences."""
    with context.database.reading() as connection:
        return bool(tier_rows(connection, context, program))


def _is_adoptable(program: LoadedProgram) -> bool:
    is_in_use = program.newest is not None and program.newest.status is not Status.ARCHIVED
    return is_in_use and find_field(f"program.{program.row.public_id}.tier") is not None


def _adopt(connection: Connection, context: Context, program: LoadedProgram, kind: str) -> None:
    loaded = load_program(connection, context, program.row.public_id, lock=True)
    if _is_adoptable(loaded) and not tier_rows(connection, context, loaded.row.public_id):
        follow_ladder(connection, context, loaded, AudienceGroup(loaded.row.public_id, kind=kind))


def _filled(context: Context, program: str) -> tuple[AudienceView, ...]:
    """The group, its audiences brought up to date: at once for few members, by the worker for many."""
    if fill(context, [view.id for view in list_group(context, program)]):
        tell_everybodys_scores(context)
    return list_group(context, program)


def _require(connection: Connection, context: Context, program: str) -> Program:
    if programs.get(connection, context.scope, program) is None:
        raise NotFoundError("group", program)
    loaded = load_program(connection, context, program, lock=True)
    if loaded.newest is None or not tier_rows(connection, context, program):
        raise NotFoundError("group", program)
    return loaded.newest.program


def _archive(connection: Connection, context: Context, program: str) -> None:
    loaded = load_program(connection, context, program, lock=True)
    add_revision(
        connection,
        context,
        loaded,
        loaded.rows[-1].document,
        status=Status.ARCHIVED,
        effective_from=None,
        activation=Activation.AT_NEXT_DECISION,
        note="",
        action="program.status_changed",
    )
    record(connection, context, "audience_group.archived", f"audience_group:{program}")
