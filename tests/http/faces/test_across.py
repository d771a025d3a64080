"""All dialects and the native API see the same programs and the same members, and what does not fit is reported."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

import ziggurat
from tests.docs.dialect_concepts import CONCEPTS, HELD, document_of
from tests.http.conftest import Served, serve_with, served, sqlite_file
from tests.http.faces.speakers import PROGRAM_NUMBER, Body, done, post, speakers
from ziggurat.app.upkeep.run_due import run_due
from ziggurat.http.face_translations import translate, translators
from ziggurat.program.model import Program
from ziggurat.program.read import read_program

__all__ = ["serve_with", "served", "sqlite_file"]

MEMBER = "0a3bd2b1-6b6f-4b7c-9d0a-4a3f0d2f9c11"
"""A GUID, as Wix wants its contacts to have."""
TWIN = "twin"
LOWEST = "Member"
STEPS = [("Silver", 500), ("Gold", 2000)]
NAMED: Body = {"base_tier": {"name": "Member"}, "tiers": [{"name": name, "from": points} for name, points in STEPS]}
LADDERS: dict[str, Body] = {
    "fanfare": {"name": "Club", "qualification": {"measure": "points_lifetime"}},
    "wix": {
        "name": "tiers program",
        "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
    },
    "capillary": {
        "name": "Club",
        "qualification": {"measure": "points_balance"},
        "expiration": {"type": "fixed_duration", "period": {"months": 12}, "check": "month_end"},
        "downgrade": "single_level",
        "award": "split",
        "metadata": {"capillary": {"programId": PROGRAM_NUMBER}},
    },
    "voucherify": {
        "name": "Club",
        "qualification": {"measure": "points_earned", "window": {"calendar": "quarter"}},
        "expiration": {"type": "calendar", "dates": [{"month": 12, "day": 31}]},
        "downgrade": {"type": "single_level", "grace_period": {"months": 1, "round_up": True}},
    },
    "voucherify-2026-08": {
        "name": "Club",
        "qualification": {"measure": "points_balance"},
        "expiration": {
            "type": "sliding",
            "period": {"months": 6},
            "activities": ["earning", "spending"],
            "round_up": "day",
        },
        "downgrade": "to_qualified",
    },
}
"""A ladder that each dialect can say in full."""
LOST: dict[str, dict[str, list[str]]] = {
    "fanfare": {
        "capillary": ["base_tier", "tiers[0].from", "tiers[0].below", "expiration", "tiers[1].below"],
        "fanfare": [],
        "voucherify": ["qualification.measure", "qualification.window"],
        "voucherify-2026-08": ["qualification.measure", "qualification.window"],
        "wix": [
            "qualification.measure",
            "qualification.window",
            "base_tier",
            "tiers[0].below",
            "tiers[1].below",
        ],
    },
    "wix": {
        "fanfare": ["qualification.measure", "qualification.window", "base_tier"],
        "capillary": ["qualification.window", "expiration"],
        "voucherify": ["qualification.window"],
        "voucherify-2026-08": ["qualification.window"],
        "wix": [],
    },
    "capillary": {
        "fanfare": ["downgrade", "base_tier", "tiers[0].expiration", "tiers[1].expiration", "award"],
        "capillary": [],
        "voucherify": ["award", "tiers[0].expiration", "tiers[1].expiration"],
        "voucherify-2026-08": ["award", "tiers[0].expiration", "tiers[1].expiration"],
        "wix": [
            "qualification.measure",
            "qualification.window",
            "downgrade",
            "tiers[0].expiration",
            "tiers[1].expiration",
            "award",
        ],
    },
    "voucherify": {
        "fanfare": ["qualification.measure", "qualification.window", "expiration", "downgrade"],
        "capillary": [
            "downgrade.grace_period",
            "base_tier",
            "tiers[0].from",
            "tiers[0].below",
            "expiration",
            "tiers[1].below",
        ],
        "voucherify": [],
        "voucherify-2026-08": [],
        "wix": [
            "qualification.window",
            "expiration",
            "downgrade",
            "base_tier",
            "tiers[0].below",
            "tiers[1].below",
        ],
    },
    "voucherify-2026-08": {
        "fanfare": ["expiration"],
        "capillary": ["base_tier", "tiers[0].from", "tiers[0].below", "expiration", "tiers[1].below"],
        "voucherify": [],
        "voucherify-2026-08": [],
        "wix": [
            "qualification.measure",
            "qualification.window",
            "expiration",
            "base_tier",
            "tiers[0].below",
            "tiers[1].below",
        ],
    },
}
"""Made in the first dialect, said in the second: what is lost."""
BALANCE: Body = {"name": "Club", "qualification": {"measure": "points_balance"}, **NAMED}


@pytest.mark.parametrize("dialect", list(translators()))
def test_what_a_dialect_can_say_in_full_is_the_same_ladder_when_it_is_made_there(served: Served, dialect: str) -> None:
    spoken = speakers(served)
    native = spoken["native"]
    meant = read_program({**LADDERS[dialect], **NAMED})
    said = translate(meant, dialect)

    program = spoken[dialect].make(said.payload)

    assert {loss.path for loss in said.losses} <= {"name"}
    assert native.payload(program, dialect) == said.payload
    assert set(native.lost(program)[dialect]) <= {"name"}
    assert native.steps(program) == STEPS


@pytest.mark.parametrize("dialect", list(translators()))
def test_a_ladder_made_in_one_dialect_appears_in_all_others_and_what_does_not_fit_is_reported(
    served: Served, dialect: str
) -> None:
    spoken = speakers(served)
    said = translate(read_program({**LADDERS[dialect], **NAMED}), dialect)

    program = spoken[dialect].make(said.payload)

    for other, speaker in spoken.items():
        assert speaker.steps(program) == STEPS, other
    assert spoken["native"].lost(program) == LOST[dialect]


def test_a_ladder_made_natively_appears_in_all_dialects(served: Served) -> None:
    spoken = speakers(served)

    program = spoken["native"].make(BALANCE)

    for dialect, speaker in spoken.items():
        assert speaker.steps(program) == STEPS, dialect


def test_what_a_face_keeps_for_itself_is_neither_shown_nor_changed_by_another(served: Served) -> None:
    spoken = speakers(served)
    own = {"capillary": {"programId": PROGRAM_NUMBER}, "crm": 7}
    there = spoken["voucherify"]
    payload = translate(read_program({**LADDERS["voucherify"], **NAMED}), "voucherify").payload
    structure = post(there.client, f"{there.base}/tier-structures", payload["tier_structure"])["id"]
    path, native = f"/v1/programs/{structure}/draft", spoken["native"].client
    document = done(native.get(path))["document"]
    tagged = {**document, "metadata": {**document["metadata"], **own}}
    done(native.put(path, json=tagged, headers={"if-match": "*"}))

    shown = done(there.client.get(f"{there.base}/tier-structures/{structure}"))["metadata"]
    done(there.client.put(f"{there.base}/tier-structures/{structure}", json={"metadata": None}))

    assert shown == {"crm": 7}
    kept = done(native.get(path))["document"]["metadata"]
    assert kept["capillary"] == own["capillary"]
    assert "crm" not in kept


def retold(served: Served, program: str) -> None:
    """What happened to the member happens to her twin too, told natively."""
    native = speakers(served)["native"].client
    for event in done(native.get(f"/v1/members/{MEMBER}/events"))["items"]:
        said = {name: value for name, value in event.items() if name not in ("sequence", "recorded_at", "id")}
        if event["type"] == "tier.override":
            said = {name: event[name] for name in ("tier", "mode", "until", "reason") if name in event}
            done(native.post(f"/v1/members/{TWIN}/overrides", json={"program": program, **said}))
        else:
            done(native.post("/v1/events", json=[{**said, "member": TWIN, "id": f"twin of {event['sequence']}"}]))


def agree(spoken: dict[str, Any], program: str, tier: str) -> None:
    """Every dialect says that the member has that tier."""
    assert {dialect: speaker.tier(program, MEMBER) for dialect, speaker in spoken.items()} == dict.fromkeys(
        spoken, tier
    )


def test_a_member_moved_through_any_dialect_is_the_same_member_with_the_same_tier_and_explanation(
    served: Served,
) -> None:
    spoken = speakers(served)
    native = spoken["native"]
    program = native.make(BALANCE)

    spoken["wix"].earn(program, MEMBER, 600)
    card = spoken["voucherify"].join(program, MEMBER)
    agree(spoken, program, "Silver")

    spoken["voucherify"].earn(card, 1500)
    agree(spoken, program, "Gold")

    done(native.client.post("/v1/events", json=[spent(1800)]))
    agree(spoken, program, "Member")

    spoken["capillary"].lift(program, MEMBER, "Gold")
    agree(spoken, program, "Gold")

    assert [each["id"] for each in done(native.client.get("/v1/members"))["items"]] == [MEMBER]
    retold(served, program)
    sentence, why = native.said(program, MEMBER)
    assert sentence == native.said(program, TWIN)[0]
    assert "a friend of the house" in str(why)
    served.clock.pass_seconds(40 * 86_400)
    run_due(served.service.database, served.clock())  # audiences follow what time does with the worker
    agree(spoken, program, "Member")


def spent(points: int) -> Body:
    occurred = "2025-07-01T12:00:00Z"
    return {"id": "s", "member": MEMBER, "type": "points.spent", "occurred_at": occurred, "points": points}


def events() -> Iterator[Body]:
    """Three lives of three years: points, orders, visits and spending, some of it taken back."""
    random = Random("lives")
    for member in ("ann", "bob", "cem"):
        begun: Body = {"id": member, "member": member, "type": "points.earned", "points": 100}
        yield {**begun, "occurred_at": datetime(2023, 12, 31, tzinfo=UTC)}
        for number in range(40):
            at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=random.randrange(3 * 365 * 24))
            event: Body = {"id": f"{member} {number}", "member": member, "occurred_at": at}
            kind = random.choice(["points.earned", "points.earned", "order.placed", "points.spent"])
            amount = random.choice([20, 300, 700, 1500])
            event["type"] = kind
            event |= {"amount": amount, "points": amount} if kind == "order.placed" else {"points": amount}
            yield event | ({"points": 1} if kind == "points.spent" else {})


def moves(program: Program) -> list[tuple[Any, ...]]:
    """Who moves when, from where to where, until when; in the lowest tier nothing ends that would matter."""
    told = ziggurat.evaluate(program, list(events()), as_of="2027-06-01").transitions
    return [
        (row["member"], row["at"], row["kind"], row["from"], row["to"], row["to"] != LOWEST and row["expires_at"])
        for row in told
        if (row["kind"], row["to"]) != ("renewed", LOWEST)
    ]


@pytest.mark.parametrize("dialect", list(translators()))
def test_what_a_dialect_says_in_full_means_the_same_when_it_is_made_there(served: Served, dialect: str) -> None:
    """All that docs/faces.md answers with yes."""
    said_in_full = 0
    for number, concept in enumerate(CONCEPTS):
        document = {**document_of(concept), "name": "tiers program"}
        if dialect == "wix" and "qualification" not in concept.says:
            document |= LADDERS["wix"]
        if dialect == "capillary" and "expiration" not in concept.says:
            document |= HELD
        meant = read_program(document)
        said = translate(meant, dialect)
        if {loss.path for loss in said.losses} <= {"name"}:
            spoken = speakers(served, f"organization {number}")
            program = spoken[dialect].make(said.payload)
            made = read_program(spoken["native"].document(program))
            assert moves(made) == moves(meant), concept.name
            said_in_full += 1
    assert said_in_full >= 3
