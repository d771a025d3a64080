"""Who is in an audience, who joined and left it, and why somebody is in it or not."""

from __future__ import annotations

from ziggurat import limits
from ziggurat.app.audiences.audience_values import profile_views
from ziggurat.app.audiences.audience_views import (
    AudienceChangeView,
    AudienceMemberView,
    MembershipView,
    RuleVerdictView,
)
from ziggurat.app.audiences.word_audience import say_membership, say_value
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.events.load_audiences import LoadedAudience, load_audience, program_numbers
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.app.pages import Page, Position
from ziggurat.engine.audience_match import MatchReport, explain_match
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import audiences, members, memberships, profiles, states
from ziggurat.store.tables.audiences import AudienceKind


def list_audience_members(
    context: Context, audience: str, *, search: str = "", after: Position | None = None, limit: int
) -> Page[AudienceMemberView]:
    """The members of an audience by id; `search` looks for a part of id, email, phone or name.

    Raises:
        NotFoundError: there is no such audience.
        InvalidRequestError: too short a search.
    """
    with context.database.reading() as connection:
        row = load_audience(connection, context, audience).row
        return _members(connection, context, [row.id], search, after, limit)


def list_group_members(
    context: Context, group: str, *, search: str = "", after: Position | None = None, limit: int
) -> Page[AudienceMemberView]:
    """The members of all audiences of a group, each once.

    Raises:
        NotFoundError: no audience is part of such a group.
        InvalidRequestError: too short a search.
    """
    with context.database.reading() as connection:
        rows = audiences.of_group(connection, context.scope, group)
        if not rows:
            raise NotFoundError("group", group)
        return _members(connection, context, [row.id for row in rows], search, after, limit)


def _members(
    connection: Connection, context: Context, ids: list[int], search: str, after: Position | None, limit: int
) -> Page[AudienceMemberView]:
    if 0 < len(search.strip()) < limits.SEARCH_CHARACTERS_MIN:
        raise InvalidRequestError("search", f"must have at least {limits.SEARCH_CHARACTERS_MIN} characters")
    seen = after[0] if after else ""
    assert isinstance(seen, str), "a position of this list"
    found = memberships.members_page(connection, context.scope, ids, search=search.strip(), after=seen, limit=limit + 1)
    shown = found[:limit]
    views = profile_views(connection, context, [listed.profile for listed in shown])
    items = tuple(AudienceMemberView(one.since, view) for one, view in zip(shown, views, strict=True))
    return Page(items, (shown[-1].profile.member,) if len(found) > limit else None)


def list_audience_changes(
    context: Context, audience: str, *, member: str | None = None, after: Position | None = None, limit: int
) -> Page[AudienceChangeView]:
    """Who joined and left an audience, oldest first.

    Raises:
        NotFoundError: there is no such audience, or no such member.
    """
    seen = after[0] if after else 0
    assert isinstance(seen, int), "a position of this list"
    with context.database.reading() as connection:
        row = load_audience(connection, context, audience).row
        number = None
        if member is not None:
            asked = members.get(connection, context.scope, member)
            if asked is None:
                raise NotFoundError(members.KIND, member)
            number = asked.id
        found = memberships.changes_page(
            connection, context.scope, row.id, member_id=number, after=seen, limit=limit + 1
        )
        names = members.by_ids(connection, context.scope, {change.member_id for change in found})
    items = tuple(
        AudienceChangeView(
            row.public_id,
            names[change.member_id].external_id,
            change.joined,
            change.at,
            change.cause,
            change.sequence,
        )
        for change in found[:limit]
    )
    return Page(items, (items[-1].sequence,) if len(found) > limit else None)


def explain_membership(context: Context, audience: str, member: str) -> MembershipView:
    """Why a member is in an audience or is not: what each rule looked at, and whether it holds.

    Raises:
        NotFoundError: there is no such audience, or no such member.
    """
    with context.database.reading() as connection:
        loaded = load_audience(connection, context, audience)
        asked = members.get(connection, context.scope, member)
        if asked is None:
            raise NotFoundError(members.KIND, member)
        since = dict(memberships.audiences_of(connection, context.scope, asked.id)).get(loaded.row.id)
        report = _report(connection, context, loaded, asked.id) if loaded.has_rules else None
    verdicts: tuple[RuleVerdictView, ...] = ()
    if report is not None:
        said = _in_groups(loaded)
        verdicts = tuple(
            RuleVerdictView(
                said[verdict.group, verdict.place].group,
                said[verdict.group, verdict.place],
                say_value(verdict.rule.field, verdict.value),
                verdict.holds,
            )
            for verdict in report.verdicts
        )
    return MembershipView(
        audience=audience,
        member=member,
        is_member=since is not None,
        since=since,
        matches=None if report is None else report.matches,
        verdicts=verdicts,
        sentence=say_membership(loaded.row.name, member, since is not None, report),
    )


def _report(connection: Connection, context: Context, loaded: LoadedAudience, member_id: int) -> MatchReport | None:
    profile = profiles.by_ids(connection, context.scope, [member_id]).get(member_id)
    if profile is None:
        return None
    numbers = program_numbers(connection, context, loaded.rules.programs)
    publics = {number: public_id for public_id, number in numbers.items()}
    standings = {
        publics[state.program_id]: state
        for state in states.of_member(connection, context.scope, member_id)
        if state.program_id in publics
    }
    return explain_match(loaded.rules, profiles.facts_of(profile, standings))


def _in_groups(loaded: LoadedAudience) -> dict[tuple[int, int], SaidRule]:
    """The rules as said, by group and place; of an audience of a tier the one that it stands for."""
    if loaded.row.kind is AudienceKind.TIER:
        rule = loaded.rules.groups[0][0]
        return {(0, 0): SaidRule(rule.field.name, str(rule.operator), rule.values)}
    groups: dict[str, list[SaidRule]] = {}
    for said in loaded.said:
        groups.setdefault(said.group, []).append(said)
    return {(number, place): said for number, group in enumerate(groups.values()) for place, said in enumerate(group)}
