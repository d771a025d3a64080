"""The site's tiers program, read whole and changed in one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import uuid4

from ziggurat.app.context import Context
from ziggurat.app.programs.list_programs import list_programs
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.app.programs.read_history import HistoryView, read_history
from ziggurat.app.programs.read_program import read_program
from ziggurat.app.programs.views import ProgramView
from ziggurat.http.face_support.versions import Counted, count_changes
from ziggurat.http.faces.wix.edits import Document, Ladder, fresh_document, status_asked
from ziggurat.http.faces.wix.errors import WixError
from ziggurat.http.faces.wix.seen import (
    FACE,
    SeenProgram,
    SeenSettings,
    SeenTier,
    kept,
    seen_program,
    seen_settings,
    seen_tiers,
)
from ziggurat.http.faces.wix.tier_events import program_changes, tier_changes
from ziggurat.http.faces.wix.wire import NewSettings
from ziggurat.program.model import Program, Status
from ziggurat.program.read import read_program as parse_program
from ziggurat.store.errors import NotFoundError, StaleVersionError

_SITE = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_ATTEMPTS_MAX = 5
_FIRST_VERSION = 1
_PROGRAMS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Board:
    """A program as Wix sees it, with counted revisions."""

    ladder: Ladder
    version: int
    tiers: dict[str, Counted[SeenTier]]
    settings: Counted[SeenSettings]
    program: Counted[SeenProgram]

    @property
    def is_automatic(self) -> bool:
        """Whether nobody has asked for these settings."""
        return bool(kept(self.ladder.program).get("automatic"))


def find_board(context: Context, site: str | None) -> Board | None:
    """The site's program, None when there is none yet.

    Raises:
        WixError: the site does not say which of several programs it is.
    """
    found = _find_program(context, site)
    return None if found is None else _board(read_history(context, found))


def ladder_of(context: Context, site: str | None) -> Ladder | None:
    """The ladder of the site's program, None when there is no program yet.

    Raises:
        WixError: the site does not say which of several programs it is.
    """
    board = find_board(context, site)
    return board.ladder if board else None


def open_board(context: Context, site: str | None) -> Board:
    """The site's program; made with default settings when there is none (unknown 9)."""
    return find_board(context, site) or make_board(context, site, NewSettings(), automatic=True)


def make_board(context: Context, site: str | None, settings: NewSettings, *, automatic: bool = False) -> Board:
    """A program for a site that has none."""
    document = fresh_document(settings, str(uuid4()), automatic=automatic)
    status = status_asked(settings.status)
    with suppress(StaleVersionError):  # somebody else has just made it
        publish_program(context, document, _own_id(site), status=status, expected_version=_FIRST_VERSION)
    return _board(read_history(context, _own_id(site)))


def change_board(context: Context, site: str | None, edit: Callable[[Board], tuple[Document, Status | None]]) -> Board:
    """The board after `edit`, which is asked again when somebody else was quicker; made when there is none."""
    for attempt in range(_ATTEMPTS_MAX):
        board = open_board(context, site)
        document, status = edit(board)
        id_ = board.ladder.program_id
        try:
            publish_program(
                context,
                document,
                id_,
                status=status,
                expected_version=board.version,
                telling=_changes(board, parse_program(document), context.now),
            )
        except StaleVersionError:
            if attempt == _ATTEMPTS_MAX - 1:
                raise
            continue
        return _board(read_history(context, id_))
    raise AssertionError("unreachable")


def _changes(board: Board, program: Program, at: int) -> list[tuple[str, Mapping[str, Any]]]:
    """The messages about what `program` changes of the board."""
    tiers = tier_changes(board.ladder.program_id, board.tiers, program, at)
    return [*program_changes(board.ladder.program_id, board.program, program, at), *tiers]


def _find_program(context: Context, site: str | None) -> str | None:
    """Which program a site stands for (unknown 24).

    The one that is called as the site, or was made for it. A site that no program knows stands for the organization's
    only program, if that was not made for another site.
    """
    if site is not None and not _SITE.fullmatch(site):
        raise WixError(403, "PERMISSION_DENIED", "wix-site-id names no site")
    for named in (site, _own_id(site)):
        if named is not None and _exists(context, named):
            return named
    others = list(islice(_others(context, site), 2))
    if len(others) > 1:
        problem = "wix-site-id is missing" if site is None else "wix-site-id names no site"
        raise WixError(403, "PERMISSION_DENIED", f"{problem}: there are several programs")
    return others[0] if others else None


def _exists(context: Context, program: str) -> bool:
    try:
        read_program(context, program)
    except NotFoundError:
        return False
    return True


def _others(context: Context, site: str | None) -> Iterator[str]:
    """The programs that a site may stand for though they are not called so."""
    after = None
    while True:
        page = list_programs(context, after=after, limit=_PROGRAMS_AT_ONCE)
        yield from (view.id for view in page.items if view.status is not Status.ARCHIVED and _is_free(view, site))
        if page.next is None:
            return
        after = page.next


def _own_id(site: str | None) -> str:
    """The public id of a program that is made for a site."""
    return f"{FACE}-{site}" if site else FACE


def _is_free(view: ProgramView, site: str | None) -> bool:
    """Whether the program was not made for another site."""
    return site is None or not view.id.startswith(f"{FACE}-")


def _board(history: HistoryView) -> Board:
    view = history.program
    if not history.revisions:
        return _board_of_draft(view)
    id_ = view.id
    pairs = list(zip(history.revisions, history.programs, strict=True))
    tiers = count_changes((revision.created_at, seen_tiers(id_, program)) for revision, program in pairs)
    settings = count_changes(
        (revision.created_at, {"": seen_settings(program, revision.status)}) for revision, program in pairs
    )
    named = count_changes((revision.created_at, {"": seen_program(program)}) for revision, program in pairs)
    revision, program = pairs[-1]
    status = Status.ARCHIVED if view.status is Status.ARCHIVED else revision.status
    return Board(Ladder(id_, program, dict(revision.document), status), view.version, tiers, settings[""], named[""])


def _board_of_draft(view: ProgramView) -> Board:
    """A program that has never been in force is shown by its draft."""
    if view.draft is None:
        raise WixError(404, "NOT_FOUND", "The program has neither a revision nor a draft")
    document: dict[str, Any] = dict(view.draft.document)
    program: Program = parse_program(document)
    at = view.created_at
    tiers = count_changes([(at, seen_tiers(view.id, program))])
    settings = count_changes([(at, {"": seen_settings(program, Status.DRAFT)})])
    named = count_changes([(at, {"": seen_program(program)})])
    return Board(Ladder(view.id, program, document, Status.DRAFT), view.version, tiers, settings[""], named[""])
