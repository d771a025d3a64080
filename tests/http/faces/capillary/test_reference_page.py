"""docs/faces/capillary.md says of every field, value and number what becomes of it, and says the truth."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from tests.http.faces.capillary.conftest import TIERS, create, refusal
from ziggurat.http.faces.capillary import errors, routes_members, wire, wire_members
from ziggurat.http.faces.capillary.application import capillary_document
from ziggurat.http.faces.capillary.tier_events import EVENT_NAMES

PAGE = (Path(__file__).parents[4] / "docs" / "faces" / "capillary.md").read_text(encoding="utf-8")


def table(section: str) -> list[list[str]]:
    """The rows of the section's table, without its head."""
    text = PAGE.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


FIELDS = {row[0]: row[1] for row in table("Fields")}
READ: dict[str, type[BaseModel]] = {
    "tier": wire.UpdateTierBody,
    "decision": wire.ApproveBody,
    "adjustment": wire_members.ManualAdjustment,
}
VALUES: dict[str, Any] = {
    "kpiType": wire.KpiType,
    "upgradeType": wire.UpgradeType,
    "conditions.type": wire.ConditionType,
    "periodType": wire.PeriodType,
    "unit": wire.Unit,
    "slabAction": wire_members.SlabAction,
    "manualSlabActionValidity": wire_members.SlabValidity,
}
REFUSED = [path for path, how in FIELDS.items() if how.startswith("refused")]


def leaves(model: type[BaseModel], at: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        kinds = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type)]
        inner = next((kind for kind in kinds if issubclass(kind, BaseModel)), None)
        if inner is None:
            yield f"{at}.{name}"
        else:
            yield from leaves(inner, f"{at}.{name}")


def test_every_field_that_is_read_is_in_the_table_and_no_other_is_called_supported() -> None:
    read = {path for name, model in READ.items() for path in leaves(model, name)} | {"create.programId"}

    assert {path for path, how in FIELDS.items() if how == "supported"} == read
    assert set(wire.CreateTierBody.model_fields) == {*wire.UpdateTierBody.model_fields, "programId"}


@pytest.mark.parametrize("path", REFUSED)
def test_each_field_that_is_refused_is_refused_as_the_table_says(club: str, maker: TestClient, path: str) -> None:
    *objects, name = path.split(".")[1:]
    body: dict[str, Any] = {name: "x"}
    for each in reversed(objects):
        body = {each: body}

    answer = maker.put(f"{TIERS}/{create(maker)['objectId']}", json=body)

    assert refusal(answer) == (400, [int(FIELDS[path].removeprefix("refused: "))])


def test_every_value_is_in_the_table() -> None:
    rows = table("Values")
    for of, literal in VALUES.items():
        assert {row[0] for row in rows if row[1] == of and row[2] == "supported"} == set(get_args(literal))
    assert {row[0] for row in rows if row[1] == "criteriaType"} == {wire.SAME_AS_ELIGIBILITY, wire.CUSTOM}
    assert {row[0] for row in rows if row[1] == "status"} == {*wire.STATUSES, "LIVE"}
    assert {row[0] for row in rows if row[1] == "origin"} == set(wire.ORIGINS)


def test_a_value_of_unknown_meaning_is_refused(club: str, maker: TestClient) -> None:
    body = {"validity": {"periodType": "SLAB_UPGRADE_CYCLIC"}}

    assert refusal(maker.put(f"{TIERS}/{create(maker)['objectId']}", json=body)) == (400, [999999])


def test_every_number_is_in_the_table() -> None:
    rows = table("Error numbers")
    v2 = {value for name, value in vars(routes_members).items() if re.fullmatch(r"_(BAD|NO|NOT)_[A-Z]+", name)}
    known = {*errors.NUMBERS.values(), errors.STATUS_FILTER, errors.GENERIC, *v2}

    assert {int(row[0]) for row in rows if not row[1].startswith("never")} == known
    assert {row[1]: int(row[0]) for row in rows if row[1].startswith("TIER.")} == errors.NUMBERS
    conflicts = {errors.NOT_EDITABLE, errors.NAME_TAKEN, errors.NOT_DELETABLE}
    assert {row[1] for row in rows if row[2] == "409"} == conflicts


def test_every_operation_is_in_the_table() -> None:
    served = {
        f"{method.upper()} {re.sub(r'{.*?}', '{}', path)}"
        for path, methods in capillary_document()["paths"].items()
        for method in methods
    }

    assert {re.sub(r"{.*?}", "{}", row[1]) for row in table("Operations")} == served


def test_every_event_is_in_the_table() -> None:
    assert {row[0] for row in table("Events") if row[1] == "yes"} == set(EVENT_NAMES.values())
