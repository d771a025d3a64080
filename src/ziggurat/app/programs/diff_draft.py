"""Tell what a draft changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.read_draft import require_draft
from ziggurat.app.programs.views import ChangeView
from ziggurat.program.paths import child_path


def diff_draft(context: Context, program: str) -> tuple[ChangeView, ...]:
    """The differences between the latest revision's document and the open draft's, by path.

    Tiers are told apart by id or name. Against no revision everything is new.

    Raises:
        NotFoundError: no such program, or no open draft.
    """
    with context.database.reading() as connection:
        loaded = load_program(connection, context, program)
        draft = require_draft(connection, context, loaded)
    before = loaded.rows[-1].document if loaded.rows else {}
    return tuple(_changes("", before, draft.document))


def _changes(path: str, before: Any, after: Any) -> Iterator[ChangeView]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from _changes(child_path(path, key), before.get(key), after.get(key))
    elif _are_tiers(before) and _are_tiers(after):
        yield from _tier_changes(path, before, after)
    elif before != after:
        yield ChangeView(path, before, after)


def _are_tiers(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) and "name" in each for each in value)
    )


def _tier_changes(path: str, before: list[Any], after: list[Any]) -> Iterator[ChangeView]:
    old = {each.get("id") or each["name"]: each for each in before}
    new = {each.get("id") or each["name"]: each for each in after}
    for key in dict.fromkeys([*old, *new]):
        yield from _changes(f"{path}[{key}]", old.get(key), new.get(key))
    common = [key for key in old if key in new]
    moved = [key for key in new if key in old]
    if common != moved:
        yield ChangeView(path, common, moved)
