"""Whether an organization uses audiences, and how far its profiles and scores are."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from ziggurat.store.prepared import Prepared
from ziggurat.store.repositories.records import columns_of
from ziggurat.store.rows import OnConflict, write_rows
from ziggurat.store.scope import Scope, organizations_with
from ziggurat.store.tables import audience_upkeep


class Upkeep(NamedTuple):
    """Profiles are kept since `profiles_asked_at`; everybody has one since `profiles_ready_at`.

    `scores_day` is the UTC day, in days since 1970, by which all scores have decayed.
    """

    half_life_days: int
    profiles_asked_at: int
    profiles_ready_at: int | None
    scores_day: int | None
    version: int


_GET = Prepared(lambda scope, _: scope.select(audience_upkeep, *columns_of(audience_upkeep, Upkeep)))


def get(connection: Connection, scope: Scope) -> Upkeep | None:
    """The organization's; None while it uses no audiences."""
    rows = _GET.rows(connection, scope)
    return Upkeep._make(rows[0]) if rows else None


def is_ready(connection: Connection, scope: Scope) -> bool:
    """Whether everybody has a profile, by which members are found."""
    upkeep = get(connection, scope)
    return upkeep is not None and upkeep.profiles_ready_at is not None


def begin(connection: Connection, scope: Scope, half_life_days: int, now: int) -> Upkeep:
    """Keep profiles from now on; what is there if that has been said before."""
    upkeep = Upkeep(half_life_days, now, None, None, 1)
    write_rows(connection, scope, audience_upkeep, Upkeep._fields, [upkeep], OnConflict.IGNORE)
    found = get(connection, scope)
    assert found is not None, "it was just made"
    return found


def touch(connection: Connection, scope: Scope) -> None:
    """Definitions have changed: what anybody has in memory of them is old."""
    connection.execute(scope.update(audience_upkeep).values(version=audience_upkeep.c.version + 1))


def set_half_life(connection: Connection, scope: Scope, days: int) -> None:
    """Let scores halve in `days`; they are all to be reckoned anew."""
    connection.execute(scope.update(audience_upkeep).values(half_life_days=days, scores_day=None))


def set_profiles_ready(connection: Connection, scope: Scope, at: int, scores_day: int) -> None:
    """Everybody has a profile, with scores of that day."""
    connection.execute(scope.update(audience_upkeep).values(profiles_ready_at=at, scores_day=scores_day))


def set_scores_day(connection: Connection, scope: Scope, day: int, half_life_days: int) -> None:
    """All scores have decayed to that day, by that half life; nothing is noted if it has changed meanwhile."""
    same = audience_upkeep.c.half_life_days == half_life_days
    connection.execute(scope.update(audience_upkeep).where(same).values(scores_day=day))


def ask_for_scores(connection: Connection, scope: Scope, day: int) -> None:
    """Have the scores of that day refreshed once more: somebody asks for them who did not before."""
    fresh = audience_upkeep.c.scores_day >= day
    connection.execute(scope.update(audience_upkeep).where(fresh).values(scores_day=day - 1))


def organizations_behind(connection: Connection, day: int) -> list[Scope]:
    """The organizations whose profiles are not ready, or whose scores have not decayed to `day`."""
    upkeep = audience_upkeep.c
    behind = upkeep.profiles_ready_at.is_(None) | upkeep.scores_day.is_(None) | (upkeep.scores_day < day)
    query = organizations_with(audience_upkeep, behind)
    return [Scope(number) for number in connection.execute(query).scalars()]
