"""Members made with all that is known of them, changed together, listed both ways and measured."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from statistics import median, pstdev
from typing import Any

import pytest

from tests.app.conftest import At
from ziggurat import limits
from ziggurat.app.audiences.audience_views import ProfileView
from ziggurat.app.audiences.check_identities import Saying
from ziggurat.app.audiences.create_audience import create_audience
from ziggurat.app.audiences.find_profiles import find_profiles
from ziggurat.app.audiences.list_profiles import ProfilesAsked, list_profiles
from ziggurat.app.audiences.measure_distribution import measure_distribution
from ziggurat.app.audiences.opening_events import Opening
from ziggurat.app.audiences.put_identities import put_identities
from ziggurat.app.audiences.put_identity import put_identity
from ziggurat.app.audiences.read_audience import list_audiences_of
from ziggurat.app.audiences.read_profile import read_profile
from ziggurat.app.audiences.refresh_scores import build_profiles
from ziggurat.app.audiences.register_members import NewMember, register_members
from ziggurat.app.context import Context
from ziggurat.app.errors import BatchTooLargeError, InvalidMembersError, InvalidRequestError
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.app.members.list_point_changes import list_point_changes
from ziggurat.app.members.merge_members import merge_members
from ziggurat.app.pages import Position
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.program.events import Event, EventType
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import outbox

SCALE = 10_000


def new(member: str, opening: Opening | None = None, **fields: Any) -> NewMember:
    return NewMember(member, Saying(fields), opening or Opening())


def faults(error: InvalidMembersError) -> list[tuple[int, str, str]]:
    return [(fault.place, fault.field, fault.code) for fault in error.faults]


def rules(field: str, least: int) -> tuple[SaidRule, ...]:
    return (SaidRule(field, "greater_than_or_equal", (least,)),)


def test_a_new_member_has_what_she_brings_and_is_where_that_belongs(context: Context) -> None:
    rich = create_audience(context, "Rich", rules=rules("points_balance", 300))
    opening = Opening(
        points_balance=300 * SCALE,
        points_lifetime=1_000 * SCALE,
        order_count=3,
        lifetime_value=100 * SCALE,
        last_order_at=context.now - 5 * 86_400_000_000,
        scores={"monetary_score": 55 * SCALE, "activity_score": 7 * SCALE},
    )

    (ann,) = register_members(context, [new("ann", opening, email="ann@example.com", metadata={"vip": True})])

    assert ann.amounts["points_balance"] == 300 * SCALE
    assert ann.amounts["points_lifetime"] == 1_000 * SCALE
    assert ann.amounts["lifetime_value"] == 100 * SCALE
    assert ann.amounts["order_count"] == 3 * SCALE
    assert ann.amounts["average_order_value"] == 100 * SCALE // 3
    assert ann.amounts["monetary_score"] == 55 * SCALE
    assert ann.amounts["activity_score"] == 7 * SCALE
    assert 0 < ann.amounts["purchase_frequency_score"] < 3 * SCALE
    assert ann.last_order_at == opening.last_order_at
    assert ann == read_profile(context, "ann")
    assert [one.id for one in list_audiences_of(context, "ann")] == [rich.id]
    changes = list_point_changes(context, "ann", limit=10)
    assert [change.points for change in changes.items] == [-700 * SCALE, 1_000 * SCALE]


def test_money_without_orders_is_one_order_and_cents_are_not_split(context: Context) -> None:
    one, three = register_members(
        context,
        [
            new("one", Opening(lifetime_value=99 * SCALE)),
            new("three", Opening(lifetime_value=100 * SCALE, order_count=3)),
        ],
    )
    assert (one.amounts["order_count"], one.amounts["average_order_value"]) == (1 * SCALE, 99 * SCALE)
    assert three.amounts["lifetime_value"] == 100 * SCALE


def test_all_faults_are_told_and_nobody_is_made(context: Context) -> None:
    register_members(context, [new("ann", email="ann@example.com")])
    wanted = [
        new("bob", email="ANN@example.com"),
        new("cat", email="cat@example.com"),
        new("dan", email="Cat@example.com"),
        new("eve", email="no address", full_name="x" * 500),
        new("ann"),
        new("fay", Opening(points_balance=-1, lifetime_value=-1, last_order_at=context.now + 1)),
        new("gus", Opening(scores={"karma": 1})),
        new("gus"),
        new("hal", metadata={"mine": 1}),
    ]
    wanted[-1] = replace(wanted[-1], saying=replace(wanted[-1].saying, part="mine"))

    with pytest.raises(InvalidMembersError) as refused:
        register_members(context, wanted, unique_emails=True)

    assert faults(refused.value) == [
        (0, "email", "taken"),
        (2, "email", "taken"),
        (3, "email", "invalid"),
        (3, "full_name", "invalid"),
        (4, "member", "taken"),
        (5, "lifetime_value", "invalid"),
        (5, "points_balance", "invalid"),
        (5, "last_order_at", "invalid"),
        (6, "karma", "invalid"),
        (7, "member", "taken"),
        (8, "metadata.mine", "invalid"),
    ]
    assert find_profiles(context, ["bob", "cat", "dan", "eve", "fay", "gus", "hal"]) == [None] * 7


def test_of_several_who_want_an_email_at_once_one_gets_it(context: Context) -> None:
    register_members(context, [new("ann")])

    def want(number: int) -> str:
        try:
            if number % 2:
                register_members(context, [new(f"n{number}", email="best@example.com")], unique_emails=True)
            else:
                put_identities(context, [("ann", Saying({"email": "best@example.com"}))], unique_emails=True)
        except InvalidMembersError as refused:
            return refused.faults[0].code
        return "n" if number % 2 else "ann"

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(want, range(8)))

    found = list_profiles(context, ProfilesAsked(email="best@example.com"), limit=9).items
    assert len(found) == 1
    assert answers - {"taken"} == {"n" if found[0].member.startswith("n") else "ann"}


def test_an_amount_that_the_ledger_does_not_take_refuses_everybody(context: Context) -> None:
    too_much = Opening(points_balance=limits.AMOUNT_MAX * SCALE + 1)
    with pytest.raises(InvalidMembersError) as refused:
        register_members(context, [new("ann"), new("bob", too_much)])
    assert faults(refused.value) == [(1, "points.adjusted", "refused")]
    assert find_profiles(context, ["ann", "bob"]) == [None, None]


def test_more_orders_than_a_request_may_write_are_refused(context: Context) -> None:
    with pytest.raises(BatchTooLargeError):
        register_members(context, [new("ann", Opening(order_count=limits.EVENTS_PER_REQUEST_MAX))])


def test_who_is_there_already_is_changed_if_so_wanted_and_brings_nothing(context: Context) -> None:
    register_members(context, [new("ann", email="ann@example.com", full_name="Ann")])
    known, fresh = register_members(
        context,
        [new("x1", email="Ann@example.com", full_name="Ann B."), new("bob")],
        unique_emails=True,
        update=True,
    )
    assert (known.member, known.full_name, fresh.member) == ("ann", "Ann B.", "bob")
    with pytest.raises(InvalidMembersError) as refused:
        register_members(context, [new("ann", Opening(points_balance=1))], update=True)
    assert faults(refused.value) == [(0, "opening", "invalid")]


def test_a_part_of_metadata_is_changed_beside_the_rest(context: Context) -> None:
    register_members(context, [NewMember("ann", Saying({"metadata": {"a": 1}}, "door", {"seen": True, "age": 3}))])
    (kept,) = put_identities(context, [("ann", Saying({"metadata": {"b": 2}}, "door", {"age": None}))])
    assert kept.metadata == {"b": 2, "door": {"seen": True}}
    (gone,) = put_identities(context, [(kept.number, Saying({}, "door", {"seen": None}))])
    assert gone.metadata == {"b": 2}


def test_changes_of_several_members_are_all_made_or_none(context: Context) -> None:
    register_members(context, [new("ann", email="ann@example.com"), new("bob", email="bob@example.com")])
    said = [("ann", Saying({"full_name": "Ann"})), ("bob", Saying({"email": "ann@example.com"})), ("zoe", Saying({}))]
    with pytest.raises(InvalidMembersError) as refused:
        put_identities(context, said, unique_emails=True)
    assert faults(refused.value) == [(1, "email", "taken"), (2, "id", "unknown_member")]
    assert read_profile(context, "ann").full_name is None
    swapped = put_identities(context, [*said[:1], ("bob", Saying({"email": "ann@example.com"}))])
    assert [view.full_name for view in swapped] == ["Ann", None]


def test_the_merged_answer_as_the_survivor_and_the_unknown_not_at_all(context: Context) -> None:
    ann, bob = register_members(context, [new("ann", Opening(points_balance=SCALE)), new("bob")])
    merge_members(context, "bob", into="ann")

    found = find_profiles(context, [ann.number, "bob", bob.number, 999_999, "zoe"])

    assert [one and one.member for one in found] == ["ann", "ann", "ann", None, None]
    assert [change.points for change in list_point_changes(context, bob.number, limit=9).items] == [SCALE]


def test_profiles_are_there_before_any_are_kept(context: Context) -> None:
    ingest_events(context, [Event("ann", EventType.POINTS_EARNED, context.now, points=5 * SCALE)])
    (ann,) = find_profiles(context, ["ann"])
    assert ann is not None
    assert ann.amounts["points_balance"] == 5 * SCALE


def test_what_is_said_of_members_is_taken_while_profiles_are_still_being_made(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 1)
    earned = [Event(name, EventType.POINTS_EARNED, context.now, points=SCALE) for name in ("ann", "bob", "cat")]
    ingest_events(context, earned)

    assert put_identity(context, "ann", {"full_name": "Ann"}).full_name == "Ann"
    (bob,) = put_identities(context, [("bob", Saying({"full_name": "Bob"}))])
    assert (bob.full_name, bob.amounts["points_balance"]) == ("Bob", SCALE)
    assert list_profiles(context, ProfilesAsked(), limit=9).items == ()
    build_profiles(context)
    assert [one.full_name for one in list_profiles(context, ProfilesAsked(), limit=9).items] == [None, "Bob", "Ann"]


def crowd(context: Context) -> list[str]:
    """Twenty-three members, some alike, some of whom nothing is known; their ids in order of creation."""
    names = []
    for number in range(23):
        later = replace(context, now=context.now + number * 1_000_000)
        fields: dict[str, Any] = {"full_name": f"N{number % 5}"} if number % 4 else {}
        if number % 3:
            fields["email"] = f"m{number:02d}@example.com"
        money = Opening(lifetime_value=number % 3 * SCALE, last_order_at=context.now - number % 3)
        register_members(later, [new(f"m{number:02d}", money, **fields)])
        names.append(f"m{number:02d}")
    return names


def walked(context: Context, *, backwards: bool, asked: ProfilesAsked, **how: Any) -> list[ProfileView]:
    """Everybody, page by page from one end to the other."""
    found: list[ProfileView] = []
    start: Position | None = None
    while True:
        page = list_profiles(context, asked, start=start, backwards=backwards, limit=4, **how)
        found = [*page.items, *found] if backwards else [*found, *page.items]
        start = page.previous if backwards else page.next
        if start is None:
            return found


def test_lists_go_to_the_end_in_both_directions_in_every_order(context: Context) -> None:
    names = crowd(context)
    later = replace(context, now=context.now + 60_000_000)
    keys: dict[str, Any] = {
        "created_at": lambda view: view.created_at,
        "email": lambda view: view.email or "",
        "full_name": lambda view: (view.full_name or "").lower(),
        "last_order_at": lambda view: -1 if view.last_order_at is None else view.last_order_at,
        "lifetime_value": lambda view: view.amounts["lifetime_value"],
        "order_count": lambda view: view.amounts["order_count"],
    }
    for order, key in keys.items():
        for descending in (False, True):
            there = walked(later, backwards=False, asked=ProfilesAsked(), order=order, descending=descending)
            back = walked(later, backwards=True, asked=ProfilesAsked(), order=order, descending=descending)
            assert there == back
            assert sorted(view.member for view in there) == names
            assert [key(view) for view in there] == sorted(map(key, there), reverse=descending)


def test_lists_are_searched_and_filtered(context: Context, stranger: Context, at: At) -> None:
    crowd(context)
    some = create_audience(context, "Some", rules=rules("lifetime_value", 2))

    def found(**asked: Any) -> list[str]:
        return [view.member for view in list_profiles(context, ProfilesAsked(**asked), limit=100).items]

    assert found(search="m07") == ["m07"]
    assert found(email="M08@example.com") == ["m08"]
    second = at("2025-07-01T00:00:01Z")
    assert found(created_after=second)[-1] == "m02"
    assert found(created_before=second) == ["m00"]
    assert found(audience=some.id) == [f"m{number:02d}" for number in range(22, -1, -1) if number % 3 == 2]
    put_identities(context, [("m22", Saying({"status": "gone"}))])
    assert found(without_status="gone")[0] == "m21"
    assert list_profiles(stranger, ProfilesAsked(), limit=100).items == ()
    with pytest.raises(NotFoundError):
        list_profiles(stranger, ProfilesAsked(audience=some.id), limit=100)
    with pytest.raises(InvalidRequestError):
        found(search="m")


def test_amounts_are_spread_over_buckets_that_hold_everybody(context: Context, stranger: Context) -> None:
    amounts = [0, 0, 5, 10, 10, 40, 100]
    register_members(
        context, [new(f"m{place}", Opening(points_balance=each * SCALE)) for place, each in enumerate(amounts)]
    )

    found = measure_distribution(context, "points_balance")

    assert (found.members, found.least, found.most) == (7, 0, 100 * SCALE)
    assert found.median == median(amounts) * SCALE
    assert found.mean == round(Decimal(165 * SCALE) / 7)
    assert abs(found.deviation - pstdev(amounts) * SCALE) < 1
    assert [bucket.members for bucket in found.buckets] == [3, 2, 0, 0, 1, 0, 0, 0, 0, 1]
    assert [bucket.low // SCALE for bucket in found.buckets] == list(range(0, 100, 10))
    assert measure_distribution(stranger, "points_balance").members == 0
    assert [one.members for one in measure_distribution(context, "order_count").buckets] == [7]


def test_points_are_told_newest_first_with_what_reversals_undo(context: Context) -> None:
    def event(kind: EventType, hours: int, **said: Any) -> Event:
        return Event("ann", kind, context.now - hours * 3_600_000_000, **said)

    ingest_events(
        context,
        [
            event(EventType.POINTS_EARNED, 9, id="e1", points=100 * SCALE),
            event(EventType.POINTS_SPENT, 8, id="s1", points=30 * SCALE),
            event(EventType.ORDER_PLACED, 7, id="o1", amount=50 * SCALE),
            event(EventType.POINTS_EXPIRED, 6, points=10 * SCALE),
            event(EventType.REVERSAL, 5, reverses="e1", points=20 * SCALE),
            event(EventType.REVERSAL, 4, reverses="s1"),
            event(EventType.POINTS_EARNED, -1, points=7 * SCALE),
        ],
    )
    first = list_point_changes(context, "ann", limit=3)
    rest = list_point_changes(context, "ann", after=first.next, limit=3)
    told = [(str(each.type), each.points // SCALE) for each in (*first.items, *rest.items)]
    assert told == [
        ("reversal", 30),
        ("reversal", -20),
        ("points.expired", -10),
        ("points.spent", -30),
        ("points.earned", 100),
    ]
    assert rest.next is None
    assert sum(points for _, points in told) * SCALE == read_points_balance(context)


def read_points_balance(context: Context) -> int:
    (ann,) = find_profiles(context, ["ann"])
    assert ann is not None
    return ann.amounts["points_balance"]


def test_new_members_and_what_is_newly_known_are_told(context: Context) -> None:
    create_endpoint(context, url="https://example.com/hook")
    register_members(context, [new("ann", email="ann@example.com")])
    ingest_events(context, [Event("bob", EventType.POINTS_EARNED, context.now, points=1)])
    later = replace(context, now=context.now + 1)
    put_identities(later, [("ann", Saying({"full_name": "Ann", "metadata": {"tags": ["a"]}}))])
    put_identities(later, [("ann", Saying({"full_name": "Ann"}))])
    ingest_events(later, [Event("bob", EventType.POINTS_EARNED, later.now, points=1)])

    with context.database.reading() as connection:
        told = [(message.type, message.payload) for message in outbox.page(connection, context.scope, limit=100)]

    mine = [(type_, data["member"], data.get("fields")) for type_, data in told if type_.startswith("member.")]
    assert mine == [
        ("member.created", "ann", None),
        ("member.created", "bob", None),
        ("member.changed", "ann", ["full_name", "metadata.tags"]),
    ]
