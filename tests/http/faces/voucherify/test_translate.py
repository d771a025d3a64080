"""Translation both ways, without any server: whatever program there is can be shown, and what is shown can be sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies.programs import programs
from ziggurat.http import json_text
from ziggurat.http.faces.voucherify import wire_newer, wire_seed
from ziggurat.http.faces.voucherify.dialect import Dialect
from ziggurat.http.faces.voucherify.errors import ApiError
from ziggurat.http.faces.voucherify.read_wire import read_body
from ziggurat.http.faces.voucherify.to_payload import to_payload
from ziggurat.http.faces.voucherify.translate_structures import changed, losses_of, new_structure, show_settings
from ziggurat.http.faces.voucherify.translate_tiers import add_tier
from ziggurat.program.model import Program
from ziggurat.program.read import load_program_text, read_program
from ziggurat.program.write import program_document

MODELS: dict[Dialect, Any] = {Dialect.SEED: wire_seed, Dialect.NEWER: wire_newer}
Body = dict[str, Any]
LADDER = """
name: Club
base_tier: Member
qualification: {measure: points_earned, window: {calendar: quarter}}
expiration: {type: fixed_duration, period: {weeks: 2}, round_up: day}
downgrade: {type: single_level, grace_period: {months: 1, round_up: true}}
tiers: [{name: Silver, from: 500}, {name: Gold, from: 2000, downgrade: never}]
"""


def rebuilt(payload: Body, dialect: Dialect) -> Program:
    """The program that the vendor's clients would make of a payload."""
    _, structure = read_body(MODELS[dialect].StructureCreate, json_text.render(payload["tier_structure"]))
    program = new_structure(structure, dialect, "UTC")
    for each in payload["tiers"]:
        _, tier = read_body(MODELS[dialect].TierCreate, json_text.render(each))
        program, _ = add_tier(program, tier, dialect, 0)
    return read_program(program_document(program))


@pytest.mark.parametrize("dialect", list(Dialect))
@settings(max_examples=60, deadline=None)
@given(program=programs())
def test_every_program_can_be_shown(dialect: Dialect, program: Program) -> None:
    payload, losses = to_payload(program, dialect)
    json.loads(json_text.render(payload))
    assert all(loss.path and loss.lost for loss in losses)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_ladder_that_the_vendor_can_say_survives_the_way_there_and_back(dialect: Dialect) -> None:
    program = load_program_text(LADDER)
    payload, _ = to_payload(program, dialect)
    again, losses = to_payload(rebuilt(payload, dialect), dialect)
    assert again == payload
    assert losses == []


def test_the_payload_of_a_ladder() -> None:
    payload, losses = to_payload(load_program_text(LADDER), Dialect.NEWER)
    assert payload["tier_structure"]["point_earned"]["period"] == {"value": 3, "unit": "MONTH"}
    assert payload["tier_structure"]["expiration"] == {
        "type": "FIXED_DURATION",
        "fixed_duration": {"period": {"value": 14, "unit": "DAY"}},
    }
    assert [(each["name"], each["qualification_rules"]["points"]) for each in payload["tiers"]] == [
        ("Member", {"min_value": 0, "max_value": 499}),
        ("Silver", {"min_value": 500, "max_value": 1999}),
        ("Gold", {"min_value": 2000}),
    ]
    assert losses == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ("qualification: {measure: spend}", "qualification.measure"),
        ("qualification: {measure: points_earned, window: {rolling: {months: 12}}}", "qualification.window"),
        ("expiration: {type: anniversary}", "expiration"),
        ("renewal: always", "renewal"),
        ("downgrade: to_base", "downgrade.type"),
        ("award: split", "award"),
        ("time_zone: Europe/Paris", "time_zone"),
        ("currency: EUR", "currency"),
        ("late_events: {cut_off: {days: 3}}", "late_events"),
    ],
)
@pytest.mark.parametrize("dialect", list(Dialect))
def test_what_the_vendor_cannot_say_is_reported(dialect: Dialect, change: str, path: str) -> None:
    field = change.split(":", 1)[0]
    kept = "\n".join(line for line in LADDER.splitlines() if not line.startswith(field + ":"))
    assert path in [loss.path for loss in losses_of(load_program_text(f"{kept}\n{change}"), dialect)]


def test_never_and_immediately_are_not_confused_between_dialects() -> None:
    """The older NO_EXPIRATION is for ever, the newer NO_RETENTION not at all (unknown 1 of the sheet)."""
    base: Body = {"name": "x", "type": "POINT_BALANCE", "downgrade": {"type": "MULTI_LEVEL"}}
    old = new_structure(
        {**base, "card_definition_id": "c", "expiration": {"type": "NO_EXPIRATION"}}, Dialect.SEED, "UTC"
    )
    assert show_settings(old, "c", Dialect.NEWER, [])["downgrade"] == {"type": "NO_DOWNGRADE"}
    assert "downgrade" in [loss.path for loss in losses_of(old, Dialect.NEWER)]
    tracked = {"point_balance": {"card_definition_id": "c"}}
    new = new_structure({**base, **tracked, "expiration": {"type": "NO_RETENTION"}}, Dialect.NEWER, "UTC")
    assert show_settings(new, "c", Dialect.SEED, [])["expiration"] is None
    assert losses_of(new, Dialect.SEED) == []


period = st.fixed_dictionaries({"value": st.integers(1, 5), "unit": st.sampled_from(["DAY", "MONTH", "YEAR"])})
expirations = st.one_of(
    st.just({"type": "NO_RETENTION"}),
    st.builds(lambda each: {"type": "FIXED_DURATION", "fixed_duration": {"period": each}}, period),
    st.builds(
        lambda each, spends: {
            "type": "SLIDING_EXPIRATION",
            "sliding_expiration": {"period": each, "earning_activity": True, "spending_activity": spends},
        },
        period,
        st.booleans(),
    ),
    st.just({"type": "CALENDAR_EXPIRATION", "calendar_expiration": {"calendar_dates": [{"day": 29, "month": 2}]}}),
)
downgrades = st.one_of(
    st.builds(lambda type_: {"type": type_}, st.sampled_from(["MULTI_LEVEL", "SINGLE_LEVEL", "NO_DOWNGRADE"])),
    st.builds(
        lambda each, up: {"type": "MULTI_LEVEL", "grace_period": {**each, "round_up": up}}, period, st.booleans()
    ),
)


@settings(max_examples=60, deadline=None)
@given(expiration=expirations, downgrade=downgrades)
def test_what_was_sent_is_what_is_shown(expiration: Body, downgrade: Body) -> None:
    said = {"name": "x", "type": "POINT_BALANCE", "point_balance": {"card_definition_id": "lcdef_1"}}
    program = new_structure({**said, "expiration": expiration, "downgrade": downgrade}, Dialect.NEWER, "UTC")
    shown = show_settings(read_program(program_document(program)), "lcdef_1", Dialect.NEWER, [])
    assert (shown["expiration"], shown["downgrade"]) == (expiration, downgrade)


@pytest.mark.parametrize(
    ("dialect", "said", "details"),
    [
        (Dialect.NEWER, {"expiration": {"type": "NO_RETENTION", "fixed_duration": {"period": {}}}}, "must be null"),
        (Dialect.NEWER, {"expiration": {"type": "FIXED_DURATION"}}, "must have required property 'fixed_duration'"),
        (Dialect.SEED, {"expiration": {"type": "ROLLING_EXPIRATION"}}, "required property 'rolling_expiration'"),
        (
            Dialect.NEWER,
            {"downgrade": {"type": "NO_DOWNGRADE", "grace_period": {"value": 1, "unit": "DAY"}}},
            "grace_period must be null",
        ),
        (
            Dialect.NEWER,
            {"expiration": {"type": "SLIDING_EXPIRATION", "sliding_expiration": {"period": None}}},
            "period must not be null",
        ),
        (Dialect.NEWER, {"type": "POINT_EARNED"}, "required property 'point_earned'"),
        (Dialect.NEWER, {"type": "POINT_BALANCE"}, "required property 'point_balance'"),
        (Dialect.NEWER, {"metadata": {"voucherify": 1}}, "must not have property 'voucherify'"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(dialect: Dialect, said: Body, details: str) -> None:
    with pytest.raises(ApiError) as refused:
        changed(load_program_text(LADDER), said, dialect)
    assert refused.value.key == "invalid_payload"
    assert details in refused.value.details
