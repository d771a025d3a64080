"""Adjust points by an amount, or to a balance: of one member, or of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, islice

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, RefusedEventError
from ziggurat.app.events.find_member import lock_member
from ziggurat.app.events.ingest_events import ingest
from ziggurat.app.events.point_totals import PointTotals, point_totals
from ziggurat.app.members.read_points import points_of
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Connection
from ziggurat.store.errors import StaleVersionError
from ziggurat.store.repositories import history, members


def adjust_points(
    context: Context,
    member: str,
    *,
    id: str,
    amount: int | None = None,
    balance: int | None = None,
    expected_events: int | None = None,
    reason: str = "",
) -> PointTotals:
    """The points after an adjustment at the context's now, reckoned and written with the member held.

    Args:
        context: who adjusts.
        member: whose points.
        id: of the event that is written.
        amount: by how much, in ten-thousandths; signed.
        balance: the balance that is wanted instead.
        expected_events: how many events the member has as last seen, None to go ahead whatever there is.
        reason: why.

    Raises:
        NotFoundError: no such member.
        MemberMergedError: the member was merged into another.
        StaleVersionError: the member has other events than `expected_events`.
        InvalidRequestError: the balance would be negative.
        RefusedEventError: the ledger does not take it.
    """

    def work(connection: Connection) -> PointTotals:
        found = lock_member(connection, context, member)
        before = points_of(connection, context, found)
        if expected_events is not None and before.events != expected_events:
            raise StaleVersionError("member", member, expected_events)
        by = amount or 0 if balance is None else balance - before.balance
        if before.balance + by < 0:
            raise InvalidRequestError("amount", "would make the balance negative")
        event = Event(member, EventType.POINTS_ADJUSTED, context.now, id=id, points=by, reason=reason)
        (outcome,) = ingest(connection, context, [event])
        if outcome.result != "accepted":
            raise RefusedEventError(outcome.code, outcome.reason)
        return points_of(connection, context, found)

    return context.database.write(work)


def adjust_any_number(
    context: Context,
    ids: Iterable[tuple[str, str]],
    *,
    amount: int | None = None,
    balance: int | None = None,
    reason: str = "",
) -> int:
    """How many members were adjusted, by `amount` or to `balance`.

    Up to `limits.MEMBERS_AT_ONCE_MAX` members in one transaction, all or nothing. More are read and adjusted step by
    step, each step a transaction of its own: nobody is held up for long, and what a step has done stands whatever
    becomes of the next. There, whom the ledger takes no event of is passed over.

    Whoever has the balance already is left as she is, and so is who would get below nothing; who is no member, or was
    merged into another, is passed over.

    Args:
        context: who adjusts.
        ids: members, each once, with the id of the event that is written.
        amount: by how much, in ten-thousandths; signed.
        balance: the balance that is wanted instead.
        reason: why.

    Raises:
        RefusedEventError: of few members, the ledger does not take one.
    """
    given = iter(ids)
    first = dict(islice(given, limits.MEMBERS_AT_ONCE_MAX))
    further = dict(islice(given, 1))
    if not further:
        return _adjust(context, first, amount, balance, reason, all_or_nothing=True)
    done = 0
    everyone = chain(first.items(), further.items(), given)
    while step := dict(islice(everyone, limits.MEMBERS_PER_STEP)):
        done += _adjust(context, step, amount, balance, reason, all_or_nothing=False)
    return done


def _adjust(
    context: Context,
    ids: Mapping[str, str],
    amount: int | None,
    balance: int | None,
    reason: str,
    *,
    all_or_nothing: bool,
) -> int:
    def work(connection: Connection) -> int:
        known = members.by_external_ids(connection, context.scope, ids)
        held = members.lock(connection, context.scope, [each.id for each in known.values()])
        standing = [each for each in held.values() if each.merged_into is None]
        histories = history.load(connection, context.scope, [each.id for each in standing])
        events = []
        for member in standing:
            before = point_totals(histories.events(member.id), context.now).balance
            by = amount or 0 if balance is None else balance - before
            if by and before + by >= 0:
                name = member.external_id
                kind = EventType.POINTS_ADJUSTED
                events.append(Event(name, kind, context.now, id=ids[name], points=by, reason=reason))
        outcomes = ingest(connection, context, events)
        refused = [outcome for outcome in outcomes if outcome.result != "accepted"]
        if refused and all_or_nothing:
            raise RefusedEventError(refused[0].code, refused[0].reason)
        return len(events) - len(refused)

    return context.database.write(work)
