"""Tier groups: audiences that follow a program's ladder, whoever changes it, and programs that measure scores."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.app.conftest import At
from tests.app.programs import COFFEE, earned, order, publish
from ziggurat import limits
from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.audiences.list_audience_members import list_audience_members
from ziggurat.app.audiences.read_audience import list_audiences, list_group, read_audience
from ziggurat.app.audiences.refresh_audience import refresh_audience
from ziggurat.app.audiences.run_audiences import run_audiences
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.members.read_member import read_member
from ziggurat.app.programs.change_status import change_status
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.app.programs.roll_back import roll_back
from ziggurat.app.programs.run_activations import step_activations
from ziggurat.app.programs.tier_groups import (
    adopt_ladders,
    archive_tier_group,
    change_tier_group,
    create_tier_group,
    has_tier_group,
    tier_programs,
)
from ziggurat.app.upkeep.worker import Share, Worker
from ziggurat.errors import InvalidProgramError
from ziggurat.program.calendar import HOUR_US
from ziggurat.program.model import Program, Status
from ziggurat.program.write import program_document
from ziggurat.store.database import Database
from ziggurat.store.errors import AlreadyExistsError, NotFoundError

LOW_ID = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
LADDER: dict[str, Any] = {
    "name": "Bands",
    "qualification": {"measure": "points_balance"},
    "tiers": [{"name": "Low", "id": LOW_ID, "from": 0, "below": 100}, {"name": "High", "id": "high", "from": 100}],
}
DAY = 24 * HOUR_US


def people(context: Context, views: tuple[AudienceView, ...]) -> dict[str, list[str]]:
    pages = {view.name: list_audience_members(context, view.id, limit=100) for view in views}
    return {name: [item.profile.member for item in page.items] for name, page in pages.items()}


def some(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 60), earned("bob", "2025-06-01", 100)])


def renamed(program: Program, **names: str) -> dict[str, Any]:
    document = program_document(program)
    for tier in document["tiers"]:
        tier["name"] = names.get(tier["name"], tier["name"])
    return document


def test_a_group_holds_everybody_in_the_tier_of_the_program(context: Context) -> None:
    some(context)

    views = create_tier_group(context, "bands", LADDER, "kind")

    assert people(context, views) == {"Low": ["ann"], "High": ["bob"]}
    assert (views[0].id, views[0].group and views[0].group.kind) == (LOW_ID, "kind")
    assert [view.program for view in views] == ["bands", "bands"]
    with pytest.raises(AlreadyExistsError):
        create_tier_group(context, "bands", LADDER)
    ingest_events(context, [earned("ann", "2025-06-02", 40)])
    assert people(context, views) == {"Low": [], "High": ["ann", "bob"]}


def test_what_is_refused_leaves_nothing_behind(context: Context) -> None:
    with pytest.raises(InvalidProgramError):
        create_tier_group(context, "bands", {**LADDER, "tiers": []})
    assert not has_tier_group(context, "bands")
    views = create_tier_group(context, "bands", LADDER)
    with pytest.raises(InvalidProgramError):
        change_tier_group(context, "bands", lambda _: {**LADDER, "tiers": []})
    assert list_group(context, "bands") == views
    with pytest.raises(NotFoundError):
        change_tier_group(context, "nothing", lambda _: LADDER)
    with pytest.raises(NotFoundError):
        archive_tier_group(context, "nothing")


def test_a_tier_stays_the_same_audience_when_it_is_renamed_and_comes_back_after_it_was_retired(
    context: Context,
) -> None:
    some(context)
    low, high = create_tier_group(context, "bands", LADDER)

    after = change_tier_group(context, "bands", lambda program: renamed(program, High="Top"))
    assert [(view.id, view.name) for view in after] == [(low.id, "Low"), (high.id, "Top")]
    only_top = {**LADDER, "tiers": LADDER["tiers"][1:]}
    assert people(context, change_tier_group(context, "bands", lambda _: only_top)) == {"High": ["bob"]}
    assert read_audience(context, low.id).archived
    roll_back(replace(context, now=context.now + 1), "bands", revision=1)
    run_audiences(context.database, context.now + 1)
    again = list_group(context, "bands")
    assert [view.id for view in again] == [low.id, high.id]
    assert people(context, again) == {"Low": ["ann"], "High": ["bob"]}


def test_an_archived_group_is_an_archived_program_and_the_other_way_round(context: Context) -> None:
    for program, archive in (
        ("one", lambda: archive_tier_group(context, "one")),
        ("two", lambda: change_tier_group(context, "two", lambda _: None)),
        ("three", lambda: change_status(context, "three", Status.ARCHIVED)),
    ):
        document = {**LADDER, "tiers": [{"name": "All", "id": program, "from": 0}]}
        create_tier_group(context, program, document)
        archive()
        assert not has_tier_group(context, program)
        adopt_ladders(context)
        assert not has_tier_group(context, program)
    assert list_audiences(context, limit=9).items == ()


def test_programs_of_other_doors_get_a_group_and_keep_it(context: Context, stranger: Context) -> None:
    program = publish(context)
    ingest_events(context, [earned("ann", "2025-06-01", 600), earned("bob", "2025-06-01", 5)])
    odd = publish_program(context, LADDER, "an odd name").program.id

    adopt_ladders(context)
    adopt_ladders(context)

    assert people(context, list_group(context, program)) == {"Member": ["bob"], "Silver": ["ann"], "Gold": []}
    assert not has_tier_group(context, odd)  # rules cannot name it
    assert not has_tier_group(stranger, program)
    assert tier_programs(stranger, [program]) == {}
    assert tier_programs(context, [program, "nothing"])[program].name == "Coffee Club"
    publish_program(context, {**COFFEE, "name": "Tea Club", "tiers": COFFEE["tiers"][:1]}, program)
    views = list_group(context, program)
    assert [(view.name, view.group and view.group.name) for view in views] == [
        ("Member", "Tea Club"),
        ("Silver", "Tea Club"),
    ]


def test_with_many_members_the_worker_carries_it_out(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 1)
    some(context)
    worker = Worker(context.database, lambda: context.now + 1, shares=[Share.DECISIONS])

    views = create_tier_group(context, "bands", LADDER)
    assert [(view.members, view.stale) for view in views] == [(0, True), (0, True)]
    worker.run_until_idle()
    run_audiences(context.database, context.now + 1)
    views = list_group(context, "bands")
    assert people(context, views) == {"Low": ["ann"], "High": ["bob"]}

    later = replace(context, now=context.now + 2)
    higher = {**LADDER, "tiers": [{**LADDER["tiers"][0], "below": 200}, {**LADDER["tiers"][1], "from": 200}]}
    assert [view.id for view in change_tier_group(later, "bands", lambda _: higher)] == [view.id for view in views]
    Worker(context.database, lambda: later.now + 1, shares=[Share.DECISIONS]).run_until_idle()
    run_audiences(context.database, later.now + 1)
    assert people(context, views) == {"Low": ["ann", "bob"], "High": []}


SCORES = {
    **LADDER,
    "qualification": {"measure": {"attribute": "monetary_score_now"}},
    "tiers": [{"name": "Low", "from": 0, "below": 50}, {"name": "High", "from": 50}],
}


def test_scores_are_told_to_programs_that_measure_them_when_they_change_and_daily(context: Context, at: At) -> None:
    ingest_events(context, [order("ann", "2025-07-01", 80), order("bob", "2025-06-30", 10)])

    views = create_tier_group(context, "scores", SCORES)
    assert people(context, views) == {"Low": ["bob"], "High": ["ann"]}

    ingest_events(context, [order("bob", "2025-07-01", 70)])
    assert people(context, views) == {"Low": [], "High": ["ann", "bob"]}
    (standing,) = read_member(context, "bob").programs
    assert standing.tier == "High"
    later = replace(context, now=at("2025-08-02"))
    run_audiences(context.database, later.now)
    assert people(later, views) == {"Low": ["ann", "bob"], "High": []}
    ingest_events(later, [earned("cid", "2025-08-01", 1)])
    assert people(later, views)["Low"] == ["ann", "bob", "cid"]


def test_scores_are_told_to_nobody_who_does_not_ask(context: Context, at: At) -> None:
    ingest_events(context, [order("ann", "2025-07-01", 80)])
    create_tier_group(context, "bands", LADDER)

    run_audiences(context.database, at("2025-08-02"))

    assert read_member(context, "ann").attributes == {}


def test_with_many_members_the_worker_tells_the_scores(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 1)
    monkeypatch.setattr(limits, "MEMBERS_PER_STEP", 1)
    ingest_events(context, [order("ann", "2025-07-01", 80), order("bob", "2025-06-30", 10)])

    create_tier_group(context, "scores", SCORES)
    Worker(context.database, lambda: context.now + 1, shares=[Share.DECISIONS]).run_until_idle()
    run_audiences(context.database, context.now + DAY // 24)
    run_audiences(context.database, context.now + DAY // 12)

    assert people(context, list_group(context, "scores")) == {"Low": ["bob"], "High": ["ann"]}


def test_scores_are_told_in_bounded_turns_and_by_another_worker_after_a_crash(
    context: Context, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 1)
    monkeypatch.setattr(limits, "MEMBERS_PER_STEP", 1)
    monkeypatch.setattr(limits, "PROFILE_STEPS_PER_TURN", 1)
    everybody = [f"m{place}" for place in range(5)]
    ingest_events(context, [order(member, "2025-07-01", 80) for member in everybody])
    create_tier_group(context, "bands", LADDER)
    settle(context)

    create_tier_group(context, "scores", SCORES)
    assert [step_activations(context.database, "worker", context.now + step) for step in range(1, 60)][-1] is False
    told = [count_told(context, everybody)]
    while told[-1] < 3 and len(told) < 20:
        run_audiences(context.database, context.now + 1)
        told.append(count_told(context, everybody))
    assert told[-1] == 3
    assert max(after - before for before, after in pairwise(told)) == 1

    another = Database(database_url)
    settle(replace(context, database=another))
    another.dispose()
    assert count_told(context, everybody) == 5
    assert people(context, list_group(context, "scores")) == {"Low": [], "High": everybody}


def settle(context: Context) -> None:
    """Let a worker do all that is due."""
    Worker(context.database, lambda: context.now + 1, shares=[Share.DECISIONS]).run_until_idle()


def count_told(context: Context, everybody: list[str]) -> int:
    later = replace(context, now=context.now + 1)
    known = [read_member(later, member).attributes for member in everybody]
    return sum("monetary_score_now" in attributes for attributes in known)


def test_groups_that_change_while_orders_come_in_hold_whom_the_programs_say(context: Context) -> None:
    url = context.database.url.render_as_string(hide_password=False)
    patient = Database(url, synchronous="OFF", lock_timeout_ms=60_000)  # SQLite's writers wait in no order
    context = replace(context, database=patient)
    names = [f"m{number}" for number in range(8)]
    ingest_events(context, [order(name, "2025-07-01", 40) for name in names])
    create_tier_group(context, "bands", {**LADDER, "qualification": {"measure": "spend"}})
    create_tier_group(context, "scores", SCORES)

    def orders(worker: int) -> None:
        for step in range(3):
            for name in names[worker::2]:
                ingest_events(context, [order(name, "2025-07-01", 10 + step)])

    def ladders() -> None:
        for step in range(3):
            for group, amounts in (("bands", LADDER), ("scores", SCORES)):
                edge = 60 + 10 * step
                low, high = amounts["tiers"]
                tiers = [{**low, "below": edge}, {**high, "from": edge}]
                change_tier_group(context, group, lambda program, tiers=tiers: with_tiers(program, tiers))  # type: ignore[misc]

    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(orders, 0), pool.submit(orders, 1), pool.submit(ladders)]
        for job in jobs:
            job.result()

    for group in ("bands", "scores"):
        views = list_group(context, group)
        told = {name: view.name for view in views for name in people(context, (view,))[view.name]}
        standings = {name: read_member(context, name).programs for name in names}
        assert told == {name: one.tier for name, found in standings.items() for one in found if one.program == group}
        assert [refresh_audience(context, view.id).joined for view in views] == [0, 0]
    patient.dispose()


def with_tiers(program: Program, tiers: list[dict[str, Any]]) -> dict[str, Any]:
    known = {tier.name: tier.key for tier in program.tiers}
    return {**program_document(program), "tiers": [{**tier, "id": known[tier["name"]]} for tier in tiers]}
