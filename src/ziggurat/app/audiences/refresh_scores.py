"""Let everybody's scores decay to today, and rank them: what changes though nothing happens to a member."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.events.event_columns import event_columns
from ziggurat.app.events.keep_profiles import keep_profiles
from ziggurat.app.events.load_programs import load_evaluated
from ziggurat.app.events.settle_members import refresh_values
from ziggurat.app.events.tell_scores import asked_scores, tell_steps
from ziggurat.engine.scores import day_of, member_amounts, ranks
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audience_upkeep, history, members, profiles
from ziggurat.store.repositories.audience_upkeep import Upkeep


def refresh_scores(context: Context) -> int:
    """How many members' scores or ranks changed. Does nothing for an organization that uses no audiences.

    Scores are reckoned from the whole histories: refreshed today or every day, they are the same.
    """
    return sum(score_steps(context))


def score_steps(context: Context) -> Iterator[int]:
    """The same step by step, each a transaction: how many members changed in it. Begun again, nothing is lost."""
    with context.database.reading() as connection:
        upkeep = audience_upkeep.get(connection, context.scope)
    if upkeep is None:
        return
    if upkeep.scores_day is None or upkeep.scores_day < day_of(context.now):
        everybody = upkeep.scores_day is None  # by another half life, scores may come back from nothing
        after = -1
        while True:
            with context.database.reading() as connection:
                ids = profiles.ids_page(
                    connection, context.scope, after=after, limit=limits.PROFILES_PER_STEP, scored=not everybody
                )
            if not ids:
                break
            yield context.database.write(lambda connection, ids=ids: _decay(connection, context, upkeep, ids))  # type: ignore[misc]
            after = ids[-1]
    yield from _rank_steps(context)
    told = yield from tell_steps(context)
    context.database.write(lambda connection: _note_day(connection, context, upkeep, told))


def _note_day(connection: Connection, context: Context, upkeep: Upkeep, told: Sequence[str]) -> None:
    """Remember that scores are those of today, unless a program has begun meanwhile to ask for one."""
    asked = asked_scores(load_evaluated(connection, context, hold=True))
    if set(asked) <= set(told):
        audience_upkeep.set_scores_day(connection, context.scope, day_of(context.now), upkeep.half_life_days)


def build_profiles(context: Context) -> int:
    """Give everybody a profile who has none yet, as an organization that begins to use audiences needs; how many."""
    return sum(profile_steps(context))


def profile_steps(context: Context) -> Iterator[int]:
    """The same step by step, each a transaction: how many profiles it made. Begun again, nothing is lost."""
    after = -1
    while True:
        with context.database.reading() as connection:
            upkeep = audience_upkeep.get(connection, context.scope)
            if upkeep is None or upkeep.profiles_ready_at is not None:
                return
            ids = members.ids_page(connection, context.scope, after=after, limit=limits.PROFILES_PER_STEP)
        if not ids:
            break
        yield context.database.write(
            lambda connection, ids=ids, upkeep=upkeep: _build(connection, context, upkeep, ids)  # type: ignore[misc]
        )
        after = ids[-1]
    for _ in _rank_steps(context):
        yield 0
    context.database.write(
        lambda connection: audience_upkeep.set_profiles_ready(
            connection, context.scope, context.now, day_of(context.now)
        )
    )


def _build(connection: Connection, context: Context, upkeep: Upkeep, ids: Sequence[int]) -> int:
    """Profiles of those members, and the values in their states, which rules ask about; both follow from now on."""
    programs = load_evaluated(connection, context, hold=True)
    held = members.lock(connection, context.scope, ids)
    alone = {id_: each for id_, each in held.items() if each.merged_into is None and each.erased_at is None}
    histories = history.load(connection, context.scope, alone)
    refresh_values(connection, context, programs, alone, histories)
    return len(keep_profiles(connection, context, upkeep, alone, histories))


def _decay(connection: Connection, context: Context, upkeep: Upkeep, ids: Sequence[int]) -> int:
    """Reckon the scores of those members anew, held so that no event comes between."""
    members.lock(connection, context.scope, ids)
    known = profiles.by_ids(connection, context.scope, ids)
    histories = history.load(connection, context.scope, sorted(known))
    amounts = member_amounts(event_columns(histories, context.now), context.now, upkeep.half_life_days)
    columns = [getattr(amounts, name).tolist() for name in profiles.SCORES]
    rows = []
    for member_id, *scores in zip(histories.member_ids, *columns, strict=True):
        if tuple(scores) != tuple(getattr(known[member_id], name) for name in profiles.SCORES):
            rows.append((*scores, member_id))
    profiles.save_scores(connection, context.scope, rows)
    return len(rows)


def rank_members(context: Context) -> int:
    """Rank everybody by the scores as they are, and write the ranks that changed; how many members that were."""
    return sum(_rank_steps(context))


def _rank_steps(context: Context) -> Iterator[int]:
    with context.database.reading() as connection:
        table = profiles.scores_and_ranks(connection, context.scope)
    fresh = np.stack([ranks(table[:, column]) for column in (1, 2, 3)], axis=1)
    moved = np.flatnonzero((fresh != table[:, 4:7]).any(axis=1))
    moved = moved[np.argsort(table[moved, 0])]
    rows = [(*ranks, member) for ranks, member in zip(fresh[moved].tolist(), table[moved, 0].tolist(), strict=True)]
    for start in range(0, len(rows), limits.PROFILES_PER_STEP):
        step = rows[start : start + limits.PROFILES_PER_STEP]
        context.database.write(lambda connection, step=step: _save_ranks(connection, context, step))  # type: ignore[misc]
        yield len(step)


def _save_ranks(connection: Connection, context: Context, rows: Sequence[tuple[int, int, int, int]]) -> None:
    members.lock(connection, context.scope, [member_id for *_, member_id in rows])
    profiles.save_ranks(connection, context.scope, rows)
