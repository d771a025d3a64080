"""Audiences: whom they hold, how they follow what happens, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.app.conftest import At
from tests.app.programs import COFFEE, earned, order, publish, reversal
from ziggurat import limits
from ziggurat.app.audiences.audience_views import AudienceGroup, AudienceView
from ziggurat.app.audiences.change_audience import archive_audience, change_audience
from ziggurat.app.audiences.change_half_life import change_half_life, read_half_life
from ziggurat.app.audiences.change_list import add_to_list, remove_from_list
from ziggurat.app.audiences.create_audience import NewAudience, create_audience
from ziggurat.app.audiences.list_audience_members import (
    explain_membership,
    list_audience_changes,
    list_audience_members,
    list_group_members,
)
from ziggurat.app.audiences.preview_audience import preview_audience
from ziggurat.app.audiences.put_audience_group import archive_audience_group, put_audience_group
from ziggurat.app.audiences.put_identity import put_identity
from ziggurat.app.audiences.read_audience import list_audiences, list_audiences_of, list_group, read_audience
from ziggurat.app.audiences.refresh_audience import refresh_audience, refresh_now
from ziggurat.app.audiences.refresh_scores import refresh_scores
from ziggurat.app.audiences.run_audiences import run_audiences
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, UnknownTierError, WrongStateError
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.app.members.erase_member import erase_member
from ziggurat.app.members.merge_members import merge_members
from ziggurat.app.members.unmerge_member import unmerge_member
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.app.upkeep.worker import Share, Worker
from ziggurat.program.audience_rules import InvalidAudienceError
from ziggurat.program.calendar import HOUR_US
from ziggurat.program.events import Event, EventType
from ziggurat.store.errors import NotFoundError, StaleVersionError
from ziggurat.store.repositories import identities, outbox, webhooks
from ziggurat.store.repositories.webhooks import Endpoint
from ziggurat.store.tables.audiences import AudienceKind

DAY = 24 * HOUR_US


def rich(least: int = 100) -> list[SaidRule]:
    return [SaidRule("points_balance", "greater_than_or_equal", (least,))]


def spent(member: str, at: str, points: int) -> Event:
    return replace(earned(member, at, points), type=EventType.POINTS_SPENT)


def people(context: Context, audience: AudienceView) -> list[str]:
    page = list_audience_members(context, audience.id, limit=100)
    assert page.next is None
    return [item.profile.member for item in page.items]


def listen(context: Context) -> None:
    with context.database.writing() as connection:
        endpoint = Endpoint(0, "whe_1", "https://hooks.example/", "", [], [], {}, True, None, None, 0, 0, 1)
        webhooks.create_endpoint(connection, context.scope, endpoint)


def told(context: Context) -> list[tuple[str, Any]]:
    with context.database.reading() as connection:
        found = outbox.page(connection, context.scope, limit=1_000)
    return [(one.type, one.payload.get("member")) for one in found if one.type.startswith("audience")]


def test_an_audience_is_filled_when_it_is_made_and_follows_every_event(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 150), earned("bob", "2025-06-01", 99)])
    audience = create_audience(context, "Rich", rules=rich())
    assert (people(context, audience), audience.members, audience.stale) == (["ann"], 1, False)
    ingest_events(context, [earned("bob", "2025-06-02", 1, "e1"), earned("eve", "2025-06-02", 500)])
    assert people(context, audience) == ["ann", "bob", "eve"]
    ingest_events(context, [reversal("bob", "2025-06-03", "e1"), spent("ann", "2025-06-03", 60)])
    assert people(context, audience) == ["eve"]
    changes = list_audience_changes(context, audience.id, limit=50).items
    assert [(one.member, one.joined, one.cause) for one in changes] == [
        ("ann", True, "refresh"),
        ("bob", True, "event"),
        ("eve", True, "event"),
        ("ann", False, "event"),
        ("bob", False, "event"),
    ]


def test_joins_and_leaves_are_announced_but_those_of_a_first_filling_in_one_message(context: Context) -> None:
    listen(context)
    ingest_events(context, [earned("ann", "2025-06-01", 150), earned("bob", "2025-06-01", 99)])
    audience = create_audience(context, "Rich", rules=rich())
    assert told(context) == [("audience.rebuilt", None)]
    ingest_events(context, [earned("bob", "2025-06-02", 1), spent("ann", "2025-06-02", 100)])
    assert told(context)[1:] == [("audience.member_left", "ann"), ("audience.member_joined", "bob")]
    change_audience(context, audience.id, rules=rich(10))
    assert told(context)[3:] == [("audience.rebuilt", None)]


def test_other_rules_fill_an_audience_anew(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 150), earned("bob", "2025-06-01", 50)])
    audience = create_audience(context, "Rich", rules=rich())
    changed = change_audience(context, audience.id, audience.version, rules=rich(40), name="Some")
    assert (changed.name, changed.members, changed.rules_version) == ("Some", 2, 2)
    none = change_audience(context, audience.id, rules=[])
    assert none.members == 0
    with pytest.raises(StaleVersionError):
        change_audience(context, audience.id, audience.version, name="Late")


def test_an_archived_audience_is_neither_shown_nor_follows(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 150)])
    audience = create_audience(context, "Rich", rules=rich())
    assert [one.id for one in list_audiences_of(context, "ann")] == [audience.id]
    archive_audience(context, audience.id)
    ingest_events(context, [earned("bob", "2025-06-01", 150)])
    assert read_audience(context, audience.id).archived
    assert people(context, audience) == ["ann"]
    assert list_audiences(context, limit=5).items == ()
    assert [one.id for one in list_audiences(context, archived=True, limit=5).items] == [audience.id]
    assert list_audiences_of(context, "ann") == ()
    with pytest.raises(NotFoundError):
        archive_audience(context, audience.id)


def test_scores_decay_and_ranks_move_though_nothing_happens(context: Context) -> None:
    ingest_events(
        context, [order("ann", "2025-07-01", 100), order("bob", "2025-06-30", 10), order("eve", "2025-06-29", 1)]
    )
    audience = create_audience(context, "Active", rules=[SaidRule("monetary_score", "greater_than_or_equal", (50,))])
    top = create_audience(context, "Top", rules=[SaidRule("monetary_rank", "equals", (5,))])
    assert audience.refresh_interval_s == 86_400
    assert (people(context, audience), people(context, top)) == (["ann"], ["ann"])
    month_later = replace(context, now=context.now + 30 * DAY)
    refresh_scores(month_later)
    refresh_audience(month_later, audience.id)
    assert people(month_later, audience) == ["ann"]
    next_day = replace(context, now=context.now + 31 * DAY)
    ingest_events(next_day, [order("bob", "2025-07-31", 1_000)])
    refresh_scores(next_day)
    refreshed = refresh_audience(next_day, audience.id)
    refresh_audience(next_day, top.id)
    assert (refreshed.joined, refreshed.left, refreshed.members) == (0, 1, 1)
    assert (people(next_day, audience), people(next_day, top)) == (["bob"], ["bob"])
    assert refresh_scores(next_day) == 0


def test_an_audience_of_a_tier_follows_the_program(context: Context, at: At) -> None:
    program = publish(context)
    ingest_events(context, [earned("ann", "2025-06-01", 600), earned("bob", "2025-06-01", 10)])
    silver = create_audience(context, "Silver members", AudienceKind.TIER, program=program, tier="Silver")
    assert people(context, silver) == ["ann"]
    ingest_events(context, [earned("bob", "2025-06-02", 600)])
    assert people(context, silver) == ["ann", "bob"]
    ingest_events(context, [earned("bob", "2025-06-03", 6_000)])
    assert people(context, silver) == ["ann"]
    assert "program" in explain_membership(context, silver.id, "bob").sentence
    with pytest.raises(UnknownTierError):
        create_audience(context, "No", AudienceKind.TIER, program=program, tier="Diamond")
    with pytest.raises(NotFoundError):
        create_audience(context, "No", AudienceKind.TIER, program="prg_none", tier="Gold")
    with pytest.raises(InvalidAudienceError):
        create_audience(context, "No", AudienceKind.TIER)


def test_a_list_holds_whom_it_is_told_to(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 1), earned("bob", "2025-06-01", 1)])
    audience = create_audience(context, "Guests", AudienceKind.STATIC)
    added = add_to_list(context, audience.id, ["bob", "ann", "bob", "nobody"])
    assert (added.changed, added.unknown) == (2, ("nobody",))
    assert add_to_list(context, audience.id, ["ann"]).changed == 0
    assert remove_from_list(context, audience.id, ["ann"]).changed == 1
    assert people(context, audience) == ["bob"]
    assert explain_membership(context, audience.id, "ann").sentence == "ann is not in Guests: she is not on its list."
    dynamic = create_audience(context, "Rich", rules=rich())
    with pytest.raises(WrongStateError):
        add_to_list(context, dynamic.id, ["ann"])
    with pytest.raises(InvalidAudienceError):
        create_audience(context, "Both", AudienceKind.STATIC, rules=rich())


def test_what_is_known_of_a_member_moves_her_at_once(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 1)])
    audience = create_audience(
        context,
        "French or VIP",
        rules=[
            SaidRule("country", "equals", ("FR",), "a"),
            SaidRule("metadata.tags", "contains", ("vip",), "b"),
            SaidRule("attributes.segment", "equals", ("gold",), "c"),
        ],
    )
    assert people(context, audience) == []
    profile = put_identity(context, "ann", {"email": "Ann@Shop.example", "country": "FR", "metadata": {"n": 1}})
    assert (profile.email, profile.metadata) == ("Ann@Shop.example", {"n": 1})
    assert people(context, audience) == ["ann"]
    put_identity(context, "ann", {"country": None})
    assert people(context, audience) == []
    put_identity(context, "ann", {"metadata": {"tags": ["vip", 2]}})
    assert people(context, audience) == ["ann"]
    put_identity(context, "ann", {"metadata": None})
    segment = Event("ann", EventType.ATTRIBUTE_SET, context.now - DAY, attribute="segment", value="gold")
    ingest_events(context, [segment])
    assert people(context, audience) == ["ann"]


@pytest.mark.parametrize(
    "said",
    [
        {"email": "nobody"},
        {"shoe_size": "42"},
        {"phone": 33},
        {"full_name": "a\0b"},
        {"metadata": [1]},
        {"metadata": {"a": 1.5}},
        {"metadata": {"": 1}},
        {"metadata": {str(number): number for number in range(limits.METADATA_VALUES_MAX + 1)}},
    ],
)
def test_identities_that_cannot_be_kept_are_refused(context: Context, said: dict[str, Any]) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 1)])
    with pytest.raises(InvalidRequestError):
        put_identity(context, "ann", said)


def test_a_preview_says_whom_rules_would_mean(context: Context) -> None:
    ingest_events(context, [earned(f"m{number}", "2025-06-01", number) for number in range(1, 8)])
    preview = preview_audience(context, rich(3), limit=2)
    assert preview.members == 5
    assert [profile.member for profile in preview.first] == ["m3", "m4"]
    assert list_audiences(context, limit=5).items == ()


def test_why_she_is_in_and_why_not(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 150), earned("bob", "2025-06-01", 99)])
    rules = [*rich(), SaidRule("country", "not_equals", ("DE",))]
    audience = create_audience(context, "Rich", rules=rules)
    why = explain_membership(context, audience.id, "ann")
    assert (why.is_member, why.matches, [verdict.holds for verdict in why.verdicts]) == (True, True, [True, True])
    assert why.sentence == (
        "ann is in Rich: points_balance is at least 100 holds (hers is 150); country is not DE holds (she has none)."
    )
    why_not = explain_membership(context, audience.id, "bob")
    assert why_not.sentence == "bob is not in Rich: points_balance is at least 100 does not hold (hers is 99)."
    assert why_not.verdicts[0].value == "99"
    with pytest.raises(NotFoundError):
        explain_membership(context, audience.id, "nobody")


def test_members_are_listed_in_pages_and_found_by_a_part_of_what_is_known(context: Context) -> None:
    ingest_events(context, [earned(f"m{number}", "2025-06-01", 100) for number in range(5)])
    put_identity(context, "m3", {"email": "Carol_100%@shop.example", "full_name": "Carol Øre"})
    audience = create_audience(context, "Rich", rules=rich())
    first = list_audience_members(context, audience.id, limit=3)
    assert [item.profile.member for item in first.items] == ["m0", "m1", "m2"]
    rest = list_audience_members(context, audience.id, after=first.next, limit=3)
    assert ([item.profile.member for item in rest.items], rest.next) == (["m3", "m4"], None)
    for text in ("carol_100%", "CAROL", "m3", "shop"):
        found = list_audience_members(context, audience.id, search=text, limit=3).items
        assert [item.profile.member for item in found] == ["m3"]
    assert list_audience_members(context, audience.id, search="c_r", limit=3).items == ()
    with pytest.raises(InvalidRequestError):
        list_audience_members(context, audience.id, search="m", limit=3)


def test_a_group_shows_its_audiences_and_their_members_once(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 150), earned("bob", "2025-06-01", 50)])
    group = AudienceGroup("tiers-1", "Tiers", "SEGMENTED_VALUE")
    low = create_audience(context, "Low", rules=rich(10), group=group, position=1)
    high = create_audience(context, "High", rules=rich(100), group=group, position=0)
    assert [one.id for one in list_group(context, "tiers-1")] == [high.id, low.id]
    page = list_group_members(context, "tiers-1", limit=10)
    assert [item.profile.member for item in page.items] == ["ann", "bob"]
    with pytest.raises(NotFoundError):
        list_group(context, "none")


def test_audiences_of_another_organization_are_not_there(context: Context, stranger: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 150)])
    ingest_events(stranger, [earned("ann", "2025-06-01", 150)])
    audience = create_audience(context, "Rich", rules=rich())
    theirs = create_audience(stranger, "Rich", rules=rich())
    assert (people(context, audience), people(stranger, theirs)) == (["ann"], ["ann"])
    for ask in (read_audience, refresh_audience, archive_audience):
        with pytest.raises(NotFoundError):
            ask(stranger, audience.id)
    assert [one.id for one in list_audiences(stranger, limit=5).items] == [theirs.id]


def test_an_organization_without_audiences_keeps_no_profiles(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 150)])
    assert refresh_scores(context) == 0
    late = create_audience(context, "Rich", rules=rich())
    assert people(context, late) == ["ann"]


def test_names_and_intervals_that_cannot_be_kept_are_refused(context: Context) -> None:
    wrongs: list[dict[str, Any]] = [
        {"name": " "},
        {"name": "x" * 201},
        {"refresh_interval_s": 1},
        {"metadata": {"a": float("nan")}},
    ]
    for wrong in wrongs:
        with pytest.raises(InvalidRequestError):
            create_audience(context, **({"name": "Right"} | wrong))


def test_the_worker_refreshes_what_is_due(context: Context) -> None:
    ingest_events(context, [order("ann", "2025-07-01", 100)])
    audience = create_audience(context, "Active", rules=[SaidRule("monetary_score", "greater_than", (60,))])
    rarely = create_audience(context, "Rich", rules=rich(), refresh_interval_s=7 * 86_400)
    assert people(context, audience) == ["ann"]
    assert run_audiences(context.database, context.now + HOUR_US) == 0
    month_later = context.now + 30 * DAY
    assert run_audiences(context.database, month_later) == 3
    assert people(context, audience) == []
    assert run_audiences(context.database, month_later) == 0
    assert read_audience(context, rarely.id).refreshed_at == month_later


def test_ranks_are_as_fresh_as_the_interval_of_the_audience_that_asks(context: Context) -> None:
    ingest_events(context, [order("ann", "2025-07-01", 100), order("bob", "2025-07-01", 50)])
    top = [SaidRule("monetary_rank", "equals", (5,))]
    hourly = create_audience(context, "Top", rules=top, refresh_interval_s=3_600)
    daily = create_audience(context, "Top of the day", rules=top)
    assert people(context, hourly) == ["ann"]
    ingest_events(context, [order("bob", "2025-07-01", 500)])
    assert people(context, hourly) == ["ann"]
    run_audiences(context.database, context.now + HOUR_US)
    assert people(context, hourly) == ["bob"]
    assert people(context, daily) == ["ann"]
    refresh_now(context, daily.id)
    assert people(context, daily) == ["bob"]


def test_an_event_dated_ahead_moves_its_member_when_its_time_comes(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 50), earned("bob", "2025-06-01", 50)])
    audience = create_audience(context, "Rich", rules=rich())
    ingest_events(context, [earned("ann", "2025-07-03", 60), earned("ann", "2025-07-02", 30)])
    assert people(context, audience) == []
    assert run_audiences(context.database, context.now + DAY - 1) == 0
    assert run_audiences(context.database, context.now + DAY) > 0
    assert people(context, audience) == []
    put_identity(context, "ann", {"country": "FR"})
    run_audiences(context.database, context.now + 2 * DAY)
    assert people(context, audience) == ["ann"]
    (change,) = list_audience_changes(context, audience.id, limit=5).items
    assert (change.cause, change.at) == ("event", context.now + 2 * DAY)
    assert run_audiences(context.database, context.now + 2 * DAY) == 0


def test_numbers_set_as_attributes_are_compared_as_numbers(context: Context) -> None:
    said = [Event(name, EventType.ATTRIBUTE_SET, context.now - DAY, attribute="score", value=value)
            for name, value in (("ann", "9.5"), ("bob", "10"), ("eve", "many"))]  # fmt: skip
    ingest_events(context, said)
    rules = [SaidRule("attributes.score", "greater_than", (9,))]
    audience = create_audience(context, "Scored", rules=rules)
    assert people(context, audience) == ["ann", "bob"]
    why = explain_membership(context, audience.id, "eve")
    assert why.verdicts[0].value == "many"


def test_with_many_members_the_worker_fills_an_audience(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 1)
    monkeypatch.setattr(limits, "PROFILES_PER_STEP", 2)
    monkeypatch.setattr(limits, "AUDIENCE_CHANGES_PER_STEP", 2)
    ingest_events(context, [earned(f"m{number}", "2025-06-01", 100 + number) for number in range(5)])
    audience = create_audience(context, "Rich", rules=rich())
    assert (audience.members, audience.stale) == (0, True)
    ingest_events(context, [earned("m9", "2025-06-01", 500)])
    assert people(context, audience) == ["m9"]
    run_audiences(context.database, context.now)
    assert people(context, audience) == ["m0", "m1", "m2", "m3", "m4", "m9"]
    assert not read_audience(context, audience.id).stale


def test_a_new_ladder_moves_the_audiences_of_its_tiers(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    program = publish(context)
    ingest_events(context, [earned("ann", "2025-06-01", 600), earned("bob", "2025-06-01", 10)])
    silver = create_audience(context, "Silver members", AudienceKind.TIER, program=program, tier="Silver")
    publish_program(
        context, {**COFFEE, "tiers": [{"name": "Silver", "from": 5}, {"name": "Gold", "from": 500}]}, program
    )
    assert people(context, silver) == ["bob"]
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 0)
    publish_program(context, COFFEE, program)
    Worker(context.database, lambda: context.now + 1, shares=[Share.DECISIONS]).run_until_idle()
    assert people(context, silver) == ["ann"]


def test_a_merged_member_leaves_and_comes_back_and_an_erased_one_is_forgotten(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 60), earned("bob", "2025-06-01", 70)])
    put_identity(context, "bob", {"email": "bob@shop.example"})
    some = create_audience(context, "Some", rules=rich(50))
    rich_ones = create_audience(context, "Rich", rules=rich())
    merge_members(context, "bob", "ann")
    assert (people(context, some), people(context, rich_ones)) == (["ann"], ["ann"])
    unmerge_member(context, "bob")
    assert (people(context, some), people(context, rich_ones)) == (["ann", "bob"], [])
    erase_member(context, "bob")
    assert people(context, some) == ["ann"]
    assert preview_audience(context, [SaidRule("email", "exists")]).members == 0
    with context.database.reading() as connection:
        assert identities.by_ids(connection, context.scope, range(100)) == {}


def test_a_group_is_put_whole_or_not_at_all(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 150), earned("bob", "2025-06-01", 50)])
    group = AudienceGroup("g1", "Tiers", "SEGMENTED_VALUE")
    low = NewAudience(name="Low", rules=rich(10), position=0, metadata={"a": 1})
    high = NewAudience(name="High", rules=rich(100), position=1)
    first = put_audience_group(context, group, [low, high])
    assert [(one.name, one.members, one.group) for one in first] == [("Low", 2, group), ("High", 1, group)]
    top = NewAudience(name="Top", rules=rich(149), position=2)
    renamed = replace(low, id=first[0].id, name="Lowest")
    raised = replace(high, id=first[1].id, rules=rich(151))
    second = put_audience_group(context, group, [renamed, raised, top])
    assert [(one.name, one.members, one.rules_version) for one in second] == [
        ("Lowest", 2, 1),
        ("High", 0, 2),
        ("Top", 1, 1),
    ]
    assert [one.id for one in second[:2]] == [one.id for one in first]
    wrong = NewAudience(name="Wrong", rules=[SaidRule("shoe_size", "exists")])
    with pytest.raises(InvalidAudienceError):
        put_audience_group(context, group, [replace(low, id=first[0].id, name="Gone"), wrong])
    assert [one.name for one in list_group(context, "g1")] == ["Lowest", "High", "Top"]
    third = put_audience_group(context, group, [replace(top, id=second[2].id)])
    assert [one.name for one in third] == ["Top"]
    assert read_audience(context, first[0].id).archived
    assert archive_audience_group(context, "g1") == (second[2].id,)
    with pytest.raises(NotFoundError):
        archive_audience_group(context, "g1")


def test_another_half_life_reckons_all_scores_anew(context: Context) -> None:
    ingest_events(context, [order("ann", "2025-06-01", 100)])
    create_audience(context, "All", rules=[SaidRule("member", "exists")])
    assert read_half_life(context) == 30
    assert preview_audience(context, [SaidRule("monetary_score", "equals", (50,))]).members == 1
    change_half_life(context, 15)
    assert preview_audience(context, [SaidRule("monetary_score", "equals", (25,))]).members == 1
    with pytest.raises(InvalidRequestError):
        change_half_life(context, 0)


def test_scores_come_back_from_nothing_and_their_audiences_follow(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest_events(context, [order("ann", "2025-03-01", 100), order("bob", "2025-06-30", 1)])
    rules = [SaidRule("monetary_score", "greater_than", (50,))]
    audience = create_audience(context, "Spenders", rules=rules)
    change_half_life(context, 1)
    assert preview_audience(context, [SaidRule("monetary_score", "equals", (0,))]).members == 1
    change_half_life(context, 3_650)
    assert people(context, audience) == ["ann"]
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 0)
    monkeypatch.setattr(limits, "PROFILES_PER_STEP", 1)
    monkeypatch.setattr(limits, "PROFILE_STEPS_PER_TURN", 1)
    change_half_life(context, 1)
    assert run_audiences(context.database, context.now) == 1
    assert people(context, audience) == ["ann"]
    while run_audiences(context.database, context.now):
        pass
    assert people(context, audience) == []


def test_whoever_refreshes_and_changes_rules_while_events_come_in_all_agree_in_the_end(context: Context) -> None:
    ingest_events(context, [earned(f"m{number}", "2025-06-01", 50) for number in range(20)])
    audience = create_audience(context, "Rich", rules=rich(60))

    def events(worker: int) -> None:
        for step in range(15):
            for number in range(worker, 20, 4):
                change = earned if (step + number) % 2 else spent
                ingest_events(context, [change(f"m{number}", "2025-06-02", 15)])

    def definitions() -> None:
        for step in range(12):
            change_audience(context, audience.id, rules=rich(45 + step % 3 * 10))
            refresh_audience(context, audience.id)

    with ThreadPoolExecutor(5) as pool:
        jobs = [*[pool.submit(events, worker) for worker in range(4)], pool.submit(definitions)]
        for job in jobs:
            job.result()
    refreshed = refresh_audience(context, audience.id)
    assert (refreshed.joined, refreshed.left) == (0, 0)
