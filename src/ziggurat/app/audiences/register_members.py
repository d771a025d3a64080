"""Make members with all that is known of them and all they bring along: every one of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ziggurat import limits
from ziggurat.app.audiences.audience_views import ProfileView
from ziggurat.app.audiences.check_identities import TAKEN, Faults, Saying, checked_sayings, find_taken, merged_metadata
from ziggurat.app.audiences.define_audience import begin_profiles
from ziggurat.app.audiences.find_profiles import views_of
from ziggurat.app.audiences.opening_events import Opening, opening_events, opening_problems
from ziggurat.app.audiences.put_identity import changed_identity
from ziggurat.app.check_texts import text_problem
from ziggurat.app.context import Context
from ziggurat.app.errors import BatchTooLargeError
from ziggurat.app.events.announce_members import announce_changed
from ziggurat.app.events.evaluate_members import warm_up
from ziggurat.app.events.follow_members import follow_identities
from ziggurat.app.events.ingest_events import ingest
from ziggurat.app.events.load_programs import load_evaluated
from ziggurat.program.events import Event, EventType
from ziggurat.store import email_lock
from ziggurat.store.database import Connection
from ziggurat.store.repositories import identities, members
from ziggurat.store.repositories.members import Member


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member who is to be: her id, what is said of her, and what she brings along."""

    member: str
    saying: Saying
    opening: Opening = field(default_factory=Opening)

    def events(self, now: int) -> list[Event]:
        """Her first events: she is enrolled now."""
        enrolled = Event(self.member, EventType.MEMBER_ENROLLED, now)
        return [enrolled, *opening_events(self.member, self.opening, now)]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Who of those wanted is new, and who is there already: the member by place."""

    new: list[int]
    known: dict[int, Member]


def register_members(
    context: Context, wanted: Sequence[NewMember], *, unique_emails: bool = False, update: bool = False
) -> tuple[ProfileView, ...]:
    """The profiles of the members, in the order given.

    Args:
        context: who asks.
        wanted: who is to be made.
        unique_emails: refuse an address that another member has.
        update: one who is there already, by id or (with `unique_emails`) by email, is changed instead of refused; but
            she brings nothing along, since her amounts are what happened to her.

    Raises:
        InvalidMembersError: with every fault.
        BatchTooLargeError: they bring more orders than one request may write events.
    """
    events = sum(1 + one.opening.orders for one in wanted)
    if events > limits.EVENTS_PER_REQUEST_MAX:
        raise BatchTooLargeError(events, limits.EVENTS_PER_REQUEST_MAX)
    faults = Faults()
    checked = checked_sayings([one.saying for one in wanted], faults)
    for place, one in enumerate(wanted):
        if problem := text_problem(one.member, limits.IDENTIFIER_CHARACTERS_MAX) or ("" if one.member else "is empty"):
            faults.add(place, "member", problem)
        for name, problem in opening_problems(one.opening, context.now).items():
            faults.add(place, name, problem)
    begin_profiles(context)
    warm_up()

    def work(connection: Connection) -> tuple[ProfileView, ...]:
        told = Faults(list(faults.found))
        if unique_emails:
            email_lock.take(connection, context.scope)
        load_evaluated(connection, context, hold=True)  # programs before members, like everybody who needs both
        who = _sort(connection, context, wanted, checked, told, by_email=unique_emails, update=update)
        if unique_emails:
            owners = [who.known[place].id if place in who.known else None for place in range(len(wanted))]
            find_taken(connection, context, checked, owners, told)
        told.raise_any()
        people = members.ensure(connection, context.scope, [wanted[place].member for place in who.new], context.now)
        meant = {**{place: people[wanted[place].member] for place in who.new}, **who.known}
        _keep(connection, context, wanted, checked, meant, who)
        _ingest(connection, context, wanted, who.new, told)
        told.raise_any()
        views = views_of(connection, context, meant.values())
        return tuple(views[meant[place].id] for place in range(len(wanted)))

    return context.database.write(work)


def _sort(
    connection: Connection,
    context: Context,
    wanted: Sequence[NewMember],
    checked: Sequence[dict[str, object]],
    faults: Faults,
    *,
    by_email: bool,
    update: bool,
) -> _Sorted:
    names = [one.member for one in wanted]
    there = members.by_external_ids(connection, context.scope, names)
    by_mail = {}
    if by_email and update:
        mails = {str(said["email"]).casefold() for said in checked if said.get("email")}
        numbers = identities.by_emails(connection, context.scope, mails)
        people = members.by_ids(connection, context.scope, numbers.values())
        by_mail = {mail: people[number] for mail, number in numbers.items()}
    found = _Sorted([], {})
    seen: set[str] = set()
    for place, (one, said) in enumerate(zip(wanted, checked, strict=True)):
        known = there.get(one.member) or by_mail.get(str(said.get("email") or "").casefold())
        if one.member in seen:
            faults.add(place, "member", "is in the list twice", TAKEN)
        elif known is None:
            found.new.append(place)
        elif not update or known.merged_into is not None or known.erased_at is not None:
            faults.add(place, "member", "belongs to another member", TAKEN)
        elif opening_events(one.member, one.opening, context.now):
            faults.add(place, "opening", "is only for new members: her amounts are what happened to her")
        else:
            found.known[place] = known
        seen.add(one.member)
    held = members.lock(connection, context.scope, {member.id for member in found.known.values()})
    return _Sorted(found.new, {place: held[member.id] for place, member in found.known.items()})


def _keep(
    connection: Connection,
    context: Context,
    wanted: Sequence[NewMember],
    checked: Sequence[dict[str, object]],
    meant: dict[int, Member],
    who: _Sorted,
) -> None:
    """Store what is said; who was there already is placed by it at once, new members with their events."""
    before = identities.by_ids(connection, context.scope, {member.id for member in meant.values()})
    after = dict(before)
    for place, member in sorted(meant.items()):
        old = after.get(member.id) or identities.unknown(member.id, context.now)
        metadata = merged_metadata(old.metadata, wanted[place].saying, checked[place])
        after[member.id] = changed_identity(old, {**checked[place], "metadata": metadata}, context.now)
    changed = [one for id_, one in after.items() if one != before.get(id_) and one.version]
    identities.save(connection, context.scope, changed)
    known = {member.id: member for member in who.known.values()}
    renewed = [one for one in changed if one.member_id in known]
    announce_changed(connection, context, [(known[one.member_id], before.get(one.member_id), one) for one in renewed])
    if renewed:
        follow_identities(connection, context, known, [one.member_id for one in renewed])


def _ingest(
    connection: Connection, context: Context, wanted: Sequence[NewMember], places: Sequence[int], faults: Faults
) -> None:
    events, owners = [], []
    for place in places:
        said = wanted[place].events(context.now)
        events += said
        owners += [place] * len(said)
    if not events:
        return
    outcomes = ingest(connection, context, events, enforce_cut_off=False)
    for place, event, outcome in zip(owners, events, outcomes, strict=True):
        if outcome.result != "accepted":
            faults.add(place, str(event.type), outcome.reason, "refused")
