"""List members by program, tier, expiry and attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ziggurat.app.context import Context
from ziggurat.app.errors import UnknownTierError
from ziggurat.app.events.evaluate_members import values_at
from ziggurat.app.events.load_programs import LoadedProgram, load_program, load_programs
from ziggurat.app.members.read_member import standing_view
from ziggurat.app.members.views import MemberView, StandingView
from ziggurat.app.pages import Page, Position
from ziggurat.engine.timeline import State
from ziggurat.program.amounts import ceil_units
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories
from ziggurat.store.repositories import history, members, states
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.states import MemberState

_SCAN = 1_000


def list_members(
    context: Context,
    *,
    program: str | None = None,
    tier: str | None = None,
    expires_before: int | None = None,
    attributes: Mapping[str, str] | None = None,
    after: Position | None = None,
    limit: int,
) -> Page[MemberView]:
    """Members by external id, where stored states say they stand: as fresh as the worker, which takes what is due.

    Values are reckoned on the spot: events that move nobody leave stored states alone.

    Args:
        context: who asks.
        program: public id; needed for `tier` and `expires_before`.
        tier: name or id, "" for those without any.
        expires_before: UTC microseconds.
        attributes: values that attributes must have.
        after: the `next` of the page before.
        limit: members on a page.

    Raises:
        NotFoundError: no such program.
        UnknownTierError: it has no such tier.
    """
    start = str(after[0] or "") if after else ""
    wanted = dict(attributes or {})
    shown: list[Member] = []
    with context.database.reading() as connection:
        chosen = load_program(connection, context, program) if program is not None else None
        index = None if tier is None or chosen is None else _index(chosen, tier, context.now)
        while len(shown) <= limit:
            size = max(limit + 1, _SCAN if wanted else 0)
            page = _page(connection, context, chosen, index, expires_before, start, size)
            shown += [each for each in page if all(each.attributes.get(k) == v for k, v in wanted.items())]
            if len(page) < size:
                break
            start = page[-1].external_id
        views = _views(connection, context, shown[:limit], chosen)
    return Page(tuple(views), (shown[limit - 1].external_id,) if len(shown) > limit else None)


def _page(
    connection: Connection,
    context: Context,
    program: LoadedProgram | None,
    index: int | None,
    expires_before: int | None,
    start: str,
    size: int,
) -> list[Member]:
    if program is None:
        return members.page(connection, context.scope, after=start, limit=size)
    listed = states.page(
        connection,
        context.scope,
        program.id,
        after=start,
        limit=size,
        tier_index=index,
        expiring_before=expires_before,
    )
    found = members.by_ids(connection, context.scope, [each.state.member_id for each in listed])
    return [found[each.state.member_id] for each in listed]


def _index(program: LoadedProgram, tier: str, now: int) -> int:
    if not tier:
        return -1
    revision = program.in_force(now)
    ladder = revision.program.ladder if revision else ()
    for index, each in enumerate(ladder):
        if tier in (each.name, each.key):
            return index
    raise UnknownTierError(program.row.public_id, tier, (each.name for each in ladder))


def _views(
    connection: Connection, context: Context, shown: Sequence[Member], program: LoadedProgram | None
) -> list[MemberView]:
    programs = {each.id: each for each in ([program] if program else load_programs(connection, context))}
    found = states.of_members(connection, context.scope, [m.id for m in shown])
    histories = history.load(connection, context.scope, sorted({member_id for member_id, _ in found}))
    values = {number: member_values(program, histories, context.now) for number, program in programs.items()}
    stored: dict[int, list[StandingView]] = {}
    for (member_id, number), state in found.items():
        if number in programs:
            now = state._replace(value=values[number].get(member_id))
            stored.setdefault(member_id, []).append(stored_standing(programs[number], now))
    first = history.first_events(connection, context.scope, [m.id for m in shown if m.enrolled_at is None])
    into = members.by_ids(connection, context.scope, {m.merged_into for m in shown if m.merged_into is not None})
    return [
        MemberView(
            id=member.external_id,
            enrolled_at=first.get(member.id) if member.enrolled_at is None else member.enrolled_at,
            attributes=member.attributes,
            created_at=member.created_at,
            merged_into=into[member.merged_into].external_id if member.merged_into else None,
            programs=tuple(stored.get(member.id, ())),
            erased_at=member.erased_at,
        )
        for member in shown
    ]


def member_values(program: LoadedProgram, histories: Histories, as_of: int) -> dict[int, int]:
    """What the program's measure comes to for each of the members, those to whom something has happened."""
    return values_at(program.published, program.own(histories), as_of) if program.published else {}


def stored_standing(program: LoadedProgram, stored: MemberState) -> StandingView:
    """What is shown of a stored state."""
    if not stored.revision or stored.since is None:
        return standing_view(program, program.in_force(stored.evaluated_at), None)
    revision = program.revisions[stored.revision - 1]
    ladder = revision.program.ladder
    following = ladder[stored.tier_index + 1] if stored.tier_index + 1 < len(ladder) else None
    value = stored.value or 0
    missing = None if following is None or following.start is None else max(0, ceil_units(following.start) - value)
    state = State(
        tier=ladder[stored.tier_index].name if stored.tier_index >= 0 else "",
        index=stored.tier_index,
        since=stored.since,
        expires_at=stored.expires_at,
        grace_until=stored.grace_until,
        value=value,
        next_tier=following.name if following else "",
        missing=missing,
        next_decision_at=stored.next_decision_at,
        revision=stored.revision - 1,
    )
    return standing_view(program, revision, state)
