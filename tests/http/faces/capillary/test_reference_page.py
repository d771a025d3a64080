"""docs/faces/capillary.md says of every field, value and number what becomes of it, and says the truth."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from tests.http.faces.capillary.conftest import TIERS, create, refusal
from ziggurat.http.faces.capillary import customers, errors, routes_customers, wire, wire_customers, wire_members
from ziggurat.http.faces.capillary.application import capillary_document
from ziggurat.http.faces.capillary.tier_events import EVENT_NAMES

PAGE = (Path(__file__).parents[4] / "docs" / "faces" / "capillary.md").read_text(encoding="utf-8")


def table(section: str) -> list[list[str]]:
    """The rows of the section's table, without its head."""
    text = PAGE.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")][1:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


FIELDS = {row[0]: row[1] for row in table("Fields")}
READ: dict[str, type[BaseModel]] = {
    "tier": wire.UpdateTierBody,
    "decision": wire.ApproveBody,
    "adjustment": wire_members.ManualAdjustment,
    "token": wire_members.TokenRequest,
    "settings": wire_members.AdvancedSettings,
    "webhook": wire_members.WebhookRequest,
}
ANSWERED: dict[str, list[type[BaseModel]]] = {
    "tier": [wire.EditorTier, wire.RecordTier],
    "errors": [wire.Said, wire_members.V2Said],
    "adjusted": [wire_members.AdjustmentAnswer],
    "customer": [wire_members.TierDetails],
}
VALUES: dict[str, Any] = {
    "kpiType": wire.KpiType,
    "upgradeType": wire.UpgradeType,
    "conditions.type": wire.ConditionType,
    "periodType": wire.PeriodType,
    "unit": wire.Unit,
    "slabAction": wire_members.SlabAction,
    "manualSlabActionValidity": wire_members.SlabValidity,
    "approvalStatus": wire.ApproveBody.model_fields["approvalStatus"].annotation,
    "target": wire_members.DowngradeSettings.model_fields["target"].annotation,
    "onReturn": wire_members.DowngradeSettings.model_fields["onReturn"].annotation,
    "extendBy": wire_members.RenewalSettings.model_fields["extendBy"].annotation,
    "criteriaType": wire.RenewalBody.model_fields["criteriaType"].annotation,
}
DETAILS: list[type[BaseModel]] = [
    each
    for each in vars(wire_customers).values()
    if isinstance(each, type) and issubclass(each, wire.Answered) and each is not wire.Answered
]
SCHEMAS: dict[str, Any] = capillary_document()["components"]["schemas"]
CONDITIONS = {"conditions": [{"type": "POINTS", "value": "1"}, {"type": "POINTS", "value": "2"}]}
ADJUSTMENT = {"programId": 973, "slabAction": "RENEWAL", "manualSlabActionValidity": "AS_PER_TIER_STRATEGY"}
REFUSED = [path for path, how in FIELDS.items() if how.startswith("refused")]


def leaves(model: type[BaseModel], at: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        kinds = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type)]
        inner = next((kind for kind in kinds if issubclass(kind, BaseModel)), None)
        if inner is None:
            yield f"{at}.{name}"
        else:
            yield from leaves(inner, f"{at}.{name}")


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models within a type: alone, in a list, or optional."""
    kinds = [annotation, *(kind for each in get_args(annotation) for kind in (each, *get_args(each)))]
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


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


def test_every_field_that_is_answered_is_in_the_table_and_no_other() -> None:
    rows = {row[0].rpartition(".")[2] for row in table("Answers") if row[1] != "never"}
    models: list[type[BaseModel]] = [
        wire_members.ProgramTier,
        wire_members.SideEffect,
        wire_members.Token,
        wire.Meta,
        wire.ShownRenewal,
        wire.Modes,
    ]
    models += [model for listed in ANSWERED.values() for model in listed] + DETAILS
    inside = {"meta", "communicationModeConfig", "programTiers", "sideEffects"}
    inside |= {name for model in DETAILS for name, field in model.model_fields.items() if models_in(field.annotation)}
    fields = {field.alias or name for model in models for name, field in model.model_fields.items()}
    both = {"gapToUpgrade", "gap_to_upgrade", "status"}  # of an object, and of a value elsewhere
    named = fields - inside | {"data"} | both

    assert rows == named - {"warnings"}
    never = {row[0] for row in table("Answers") if row[1] == "never"}
    assert not never & {name for schema in SCHEMAS.values() for name in schema.get("properties", {})}


def test_every_parameter_is_in_the_table() -> None:
    rows = table("Parameters and headers")
    operations = [operation for path in capillary_document()["paths"].values() for operation in path.values()]
    served = {each["name"] for operation in operations for each in operation["parameters"] if each["in"] == "query"}
    headers = {"Authorization", "X-CAP-API-OAUTH-TOKEN", "CAP-API-ACCESS-TOKEN", "Idempotency-Key"}

    assert {row[0] for row in rows if row[2] == "supported"} == served | headers


@pytest.mark.parametrize("row", [row for row in table("Operations") if row[2] != "supported"], ids=lambda row: row[1])
def test_an_operation_that_is_refused_is_refused_as_the_table_says(maker: TestClient, row: list[str]) -> None:
    method, path = row[1].split(" ")

    answer = maker.request(method, f"/capillary{re.sub('{.*?}', '7', path)}")

    assert refusal(answer) == (404, [int(row[2].removeprefix("refused: "))])


def test_every_value_is_in_the_table() -> None:
    rows = table("Values")
    for of, literal in VALUES.items():
        assert {row[0] for row in rows if row[1] == of and row[2] == "supported"} == set(get_args(literal))
    assert {row[0] for row in rows if row[1] == "source"} == {*wire_members.SOURCES, "ALL"}
    assert {row[0] for row in rows if row[1] == "identifierName"} == set(wire_members.IDENTIFIERS)
    assert {row[0] for row in rows if row[1] == "status"} == {*wire.STATUSES, "LIVE"}
    assert {row[0] for row in rows if row[1] == "origin"} == set(wire.ORIGINS)


@pytest.mark.parametrize(
    "row", [row for row in table("Values") if row[2].startswith("refused")], ids=lambda row: row[0]
)
def test_a_value_that_is_refused_is_refused_as_the_table_says(
    club: str, maker: TestClient, native: TestClient, row: list[str]
) -> None:
    value, of, how = row
    event = {"id": "e", "member": "ann", "type": "member.enrolled", "occurred_at": "2025-06-01T10:00:00Z"}
    assert native.post("/v1/events", json=[event]).status_code == 200
    whom = {"source": "INSTORE", "identifierName": "externalId", "identifierValue": "ann"}
    v2 = "/capillary/v2"
    if of == "type":
        answer = maker.post(f"{v2}/slab/manualSlabAdjustment", params={**whom, of: value}, json=ADJUSTMENT)
    elif of == "entityType":
        answer = maker.get(f"{v2}/customers/lookup/tierDetails", params={**whom, of: value})
    else:
        body = {"validity": {of: value}} if of == "periodType" else {"eligibility": {of: value, **CONDITIONS}}
        answer = maker.put(f"{TIERS}/{create(maker)['objectId']}", json=body)

    assert (answer.status_code, [each["code"] for each in answer.json()["errors"]]) == (400, [int(how.split()[1])])


def test_every_number_is_in_the_table() -> None:
    rows = table("Error numbers")
    v2 = {value for name, value in vars(customers).items() if re.fullmatch(r"(BAD|NO|NOT)_[A-Z]+", name)}
    v1 = ("RETRIEVED", "NO_CUSTOMER", "PARTLY", "NONE_FOUND", "BAD_INPUT")
    v2 |= {getattr(routes_customers, name) for name in v1}
    known = {*errors.NUMBERS.values(), errors.STATUS_FILTER, errors.GENERIC, *v2}

    assert {int(row[0]) for row in rows if row[3] == "yes"} == known
    assert {row[1]: int(row[0]) for row in rows if row[1].startswith("TIER.")} == errors.NUMBERS
    conflicts = {errors.NOT_EDITABLE, errors.NAME_TAKEN, errors.NOT_DELETABLE}
    assert {row[1] for row in rows if row[2] == "409"} == conflicts


def test_every_operation_is_in_the_table() -> None:
    served = {
        f"{method.upper()} {re.sub(r'{.*?}', '{}', path)}"
        for path, methods in capillary_document()["paths"].items()
        for method in methods
    }

    shown = {re.sub(r"{.*?}", "{}", row[1]) for row in table("Operations") if row[2] == "supported"}
    assert shown == served


def test_every_event_is_in_the_table() -> None:
    names = {row[0] for row in table("Events") if row[0].startswith("tier") and row[1] == "yes"}

    assert names == set(EVENT_NAMES.values())
