"""Profiles: what audiences' rules ask about, one row for every member that stands for itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, func, or_

from ziggurat.engine.audience_match import Facts
from ziggurat.program.audience_fields import PROFILE_FIELDS, STANDING_FIELDS, FieldKind
from ziggurat.program.audience_rules import RuleSet
from ziggurat.program.open_values import Encoded, safe
from ziggurat.store.audience_sql import condition
from ziggurat.store.id_arrays import fetch_ids, fetch_rows
from ziggurat.store.repositories.programs import shown_generation
from ziggurat.store.repositories.records import columns_of
from ziggurat.store.repositories.states import MemberState
from ziggurat.store.rows import OnConflict, update_rows, write_rows
from ziggurat.store.scope import Scope, among, organizations_with
from ziggurat.store.tables import member_profiles, member_states
from ziggurat.store.tables.base import canonical_json


class Profile(NamedTuple):
    """A member as audiences see her. Amounts are ten-thousandths, instants microseconds, `facts` encoded values.

    `due_at` is when the next of her events happens that are dated in the future.
    """

    member_id: int
    member: str
    email: str | None
    email_folded: str | None
    phone: str | None
    full_name: str | None
    status: str | None
    country: str | None
    region: str | None
    city: str | None
    created_at: int
    enrolled_at: int | None
    last_order_at: int | None
    last_activity_at: int | None
    points_balance: int
    points_lifetime: int
    lifetime_value: int
    order_count: int
    average_order_value: int
    activity_score: int
    purchase_frequency_score: int
    monetary_score: int
    activity_rank: int
    purchase_frequency_rank: int
    monetary_rank: int
    facts: Mapping[str, Encoded]
    changed_at: int
    due_at: int | None = None


SCORES = ("activity_score", "purchase_frequency_score", "monetary_score")
RANKS = ("activity_rank", "purchase_frequency_rank", "monetary_rank")
_COLUMNS = columns_of(member_profiles, Profile)
_FACTS = Profile._fields.index("facts")
_STANDING = {"tier": "tier_key", "value": "value", "since": "since", "expires_at": "expires_at"}
assert _STANDING.keys() == STANDING_FIELDS.keys(), "every standing is read from a column"


def facts_text(facts: Mapping[str, Encoded]) -> str:
    """Open values as the JSON text that is stored; paths have nothing in them that JSON would escape."""
    return canonical_json({safe(path): value for path, value in facts.items()}) if facts else "{}"


def save(connection: Connection, scope: Scope, profiles: Sequence[Profile]) -> None:
    """Write profiles, new ones and known ones alike. Their members must be locked."""
    rows = [(*profile[:_FACTS], facts_text(profile.facts), *profile[_FACTS + 1 :]) for profile in profiles]
    write_rows(connection, scope, member_profiles, Profile._fields, rows, OnConflict.REPLACE)


def save_scores(connection: Connection, scope: Scope, rows: Sequence[tuple[int, int, int, int]]) -> None:
    """Write the three scores of members that are locked: (activity, purchase frequency, monetary, member)."""
    update_rows(connection, scope, member_profiles, "member_id", SCORES, rows)


def save_ranks(connection: Connection, scope: Scope, rows: Sequence[tuple[int, int, int, int]]) -> None:
    """Write the three ranks: (activity, purchase frequency, monetary, member)."""
    update_rows(connection, scope, member_profiles, "member_id", RANKS, rows)


def scores_and_ranks(connection: Connection, scope: Scope) -> NDArray[np.int64]:
    """(member, three scores, three ranks) of everybody, in no order: int64[members, 7]."""
    columns = [member_profiles.c[name] for name in ("member_id", *SCORES, *RANKS)]
    return fetch_rows(connection, scope.select(member_profiles, *columns))


def amounts_of_all(connection: Connection, scope: Scope, name: str) -> NDArray[np.int64]:
    """One amount of everybody, in no order."""
    return fetch_ids(connection, scope.select(member_profiles, member_profiles.c[name]))


def ids_page(connection: Connection, scope: Scope, *, after: int = -1, limit: int, scored: bool = False) -> list[int]:
    """The next `limit` members; with `scored` only those with a score that is not 0."""
    query = scope.select(member_profiles, member_profiles.c.member_id).where(member_profiles.c.member_id > after)
    if scored:
        query = query.where(or_(*[member_profiles.c[name] != 0 for name in SCORES]))
    return list(connection.execute(query.order_by(member_profiles.c.member_id).limit(limit)).scalars())


def due_ids(connection: Connection, scope: Scope, now: int, limit: int) -> list[int]:
    """Up to `limit` members of whom an event has happened by `now` that was dated in the future."""
    query = scope.select(member_profiles, member_profiles.c.member_id).where(member_profiles.c.due_at <= now)
    return list(connection.execute(query.order_by(member_profiles.c.due_at).limit(limit)).scalars())


def organizations_due(connection: Connection, now: int) -> list[Scope]:
    """The organizations that have such members."""
    query = organizations_with(member_profiles, member_profiles.c.due_at <= now)
    return [Scope(number) for number in connection.execute(query).scalars()]


def delete(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> None:
    """Forget those profiles."""
    connection.execute(scope.delete(member_profiles).where(among(connection, member_profiles.c.member_id, member_ids)))


def by_ids(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> dict[int, Profile]:
    """Those members' profiles, by member."""
    query = scope.select(member_profiles, *_COLUMNS).where(among(connection, member_profiles.c.member_id, member_ids))
    return {profile.member_id: profile for profile in map(profile_of, connection.execute(query))}


def page(connection: Connection, scope: Scope, *, after: int = -1, limit: int) -> list[Profile]:
    """The next `limit` profiles by member."""
    query = scope.select(member_profiles, *_COLUMNS).where(member_profiles.c.member_id > after)
    return [profile_of(row) for row in connection.execute(query.order_by(member_profiles.c.member_id).limit(limit))]


def facts_of(profile: Profile, standings: Mapping[str, MemberState]) -> Facts:
    """What the in-memory evaluator asks about; `standings` are the member's, by the programs' public ids."""
    known: dict[str, Any] = {name: getattr(profile, name) for name in PROFILE_FIELDS}
    for name, kind in PROFILE_FIELDS.items():
        if kind is FieldKind.FOLDED:
            known[name] = getattr(profile, f"{name}_folded")
    known |= profile.facts
    for program, state in standings.items():
        for name, column in _STANDING.items():
            known[f"program.{program}.{name}"] = getattr(state, column)
    return known


def select_matching(
    connection: Connection, scope: Scope, rules: RuleSet, programs: Mapping[str, int], *columns: Any
) -> Select[Any]:
    """A SELECT of `columns` of the profiles that satisfy `rules`; `programs` are the numbers by public id."""
    query = scope.select(member_profiles, *columns)
    standings: dict[str, FromClause] = {}
    for place, public_id in enumerate(sorted(rules.programs)):
        if public_id in programs:
            states = member_states.alias(f"standing_{place}")
            same = and_(
                scope.owns(states),
                states.c.program_id == programs[public_id],
                states.c.generation == shown_generation(scope, programs[public_id]),
                states.c.member_id == member_profiles.c.member_id,
            )
            query = query.outerjoin(states, same)
            standings[public_id] = states
    return query.where(condition(connection, rules, standings))


def matching_ids(
    connection: Connection, scope: Scope, rules: RuleSet, programs: Mapping[str, int], limit: int | None = None
) -> list[int]:
    """The members that satisfy `rules`, ascending."""
    query = select_matching(connection, scope, rules, programs, member_profiles.c.member_id)
    return list(connection.execute(query.order_by(member_profiles.c.member_id).limit(limit)).scalars())


def count_matching(connection: Connection, scope: Scope, rules: RuleSet, programs: Mapping[str, int]) -> int:
    """How many members satisfy `rules`."""
    query = select_matching(connection, scope, rules, programs, func.count())
    return int(connection.execute(query).scalar_one())


def searched(text: str) -> ColumnElement[bool]:
    """That the member's id, email, phone or name contains `text`, whatever its case (of the Latin alphabet)."""
    wanted = f"%{text.lower().replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
    columns = (member_profiles.c.member, member_profiles.c.email, member_profiles.c.phone, member_profiles.c.full_name)
    return or_(*[func.lower(column).like(wanted, escape="!") for column in columns])


def each(connection: Connection, scope: Scope, batch: int = 10_000) -> Iterator[Profile]:
    """Every profile, read as it goes."""
    query = scope.select(member_profiles, *_COLUMNS).order_by(member_profiles.c.member_id)
    for row in connection.execution_options(yield_per=batch).execute(query):
        yield profile_of(row)


def profile_of(row: Any) -> Profile:
    """The profile that a row with all its columns says."""
    said = row[_FACTS]
    facts = json.loads(said) if isinstance(said, str) else said
    kept = {_unsafe(path): tuple(value) if isinstance(value, list) else value for path, value in facts.items()}
    return Profile._make((*row[:_FACTS], kept, *row[_FACTS + 1 :]))


def _unsafe(path: str) -> str:
    if "%" not in path:
        return path
    head, *rest = path.split("%")
    return head + "".join(chr(int(part[:2], 16)) + part[2:] for part in rest)
