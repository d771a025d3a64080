"""docs/faces/voucherify.md says of every field, word, operation and key what becomes of it, and says the truth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.http.faces.voucherify.conftest import Vendor
from tests.http.faces.voucherify.fields import REQUESTS, enums, leaves
from ziggurat.http.faces import voucherify
from ziggurat.http.faces.voucherify.application import all_routes
from ziggurat.http.faces.voucherify.cards import LEDGER
from ziggurat.http.faces.voucherify.dialect import Dialect
from ziggurat.http.faces.voucherify.errors import MESSAGES
from ziggurat.http.faces.voucherify.routes_batch import async_action_routes

PAGE = (Path(__file__).parents[4] / "docs" / "faces" / "voucherify.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip().strip("`") for cell in line.strip("| ").split(" | ")]
    for line in PAGE.split("## Answers")[0].splitlines()
    if line[:2] == "| "
]
SOURCE = "".join(file.read_text(encoding="utf-8") for file in Path(str(voucherify.__file__)).parent.glob("*.py"))
MODELS = {name: model for models in REQUESTS.values() for name, model in models.items()}
FIELDS = {row[0]: row[1] for row in ROWS if len(row) == 2 and re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", row[0])}
WORDS = [row for row in ROWS if len(row) == 3 and "." in row[0]]
OPERATIONS = {row[0]: row[1] for row in ROWS if re.match(r"(GET|POST|PUT|DELETE) ", row[0])}
KEYS = {row[0]: (row[1], row[2]) for row in ROWS if len(row) == 3 and row[1].isdigit()}
BODIES: dict[str, dict[str, Any]] = {
    "structure": {"name": "x", "type": "POINT_BALANCE"},
    "tier": {"name": "x", "qualification_rules": {"type": "POINTS", "points": {"min_value": 1}}},
    "card_definition": {"name": "x", "type": "INDIVIDUAL"},
    "program": {"name": "x"},
}


def test_every_field_is_in_the_table_and_no_other() -> None:
    assert set(FIELDS) == {path for name, model in MODELS.items() for path in leaves(model, name)}


def test_every_word_is_in_the_table_and_no_other() -> None:
    told = {(path, word) for path, word, how in WORDS if how == "supported"}
    assert told == {pair for name, model in MODELS.items() for pair in enums(model, name)}


@pytest.mark.parametrize("row", [row for row in WORDS if row[2] != "supported"], ids=lambda row: " ".join(row[:2]))
def test_a_word_that_is_refused_is_refused_as_the_table_says(row: list[str], seed: Vendor, newer: Vendor) -> None:
    path, word, how = row
    steps = path.split(".")
    vendor = newer if steps[0] == "newer" else seed
    kind = steps.pop(0) if steps[0] not in ("seed", "newer") else (steps.pop(0), steps.pop(0))[1]
    body: Any = {**BODIES[kind]}
    inner: Any = {steps[-1]: word}
    for step in steps[-2::-1]:
        inner = {step: inner}
    made = newer.structure()
    addresses = {
        "structure": "/tier-structures",
        "tier": f"/tier-structures/{made['id']}/tiers",
        "card_definition": "/card-definitions",
        "program": "/programs",
    }
    told = vendor.post(addresses[kind], {**body, **inner}, 400)
    assert how == f"refused: `{told['key']}"
    assert ".".join(steps) in told["details"]


@pytest.mark.parametrize("field", ["earning_rules", "rewards"])
def test_what_there_is_nothing_of_is_refused(vendor: Vendor, field: str) -> None:
    assert FIELDS[f"program.{field}.id"].startswith("refused: `invalid_payload")
    told = vendor.post("/programs", {"name": "x", field: [{"id": "lern_0"}]}, 400)
    assert told["key"] == "invalid_payload"
    assert vendor.post("/programs", {"name": "x", field: [], "card_definitions": [{"id": LEDGER}]})["status"] == "DRAFT"


@pytest.mark.parametrize("dialect", list(Dialect))
def test_every_operation_is_in_the_table(dialect: Dialect) -> None:
    served = {f"{route.method} {route.path}" for route in (*all_routes(dialect), *async_action_routes())}
    assert {name for name, how in OPERATIONS.items() if how == "supported"} == served


@pytest.mark.parametrize("operation", [name for name, how in OPERATIONS.items() if how != "supported"])
def test_an_operation_that_is_refused_is_refused_as_the_table_says(operation: str, vendor: Vendor) -> None:
    method, path = operation.split(" ")
    address = re.sub(r"\{\w+\}", "x", path).removeprefix("/loyalties")
    answer = vendor.client.request(method, vendor.base + address)
    told = answer.json()
    assert OPERATIONS[operation] == f"refused: `{told['key']}"
    assert "details" not in told  # there is no such address, rather than no such thing


def test_every_key_is_in_the_table_and_answered_as_it_says() -> None:
    answered = {key: status for key, (status, how) in KEYS.items() if how == "answered"}
    assert answered == {key: str(status) for key, (status, _) in MESSAGES.items()}
    limits = {key for key in answered if key.endswith("_assignments_limit_exceeded")}
    assert all(SOURCE.count(f'"{key}"') > 1 for key in set(answered) - limits)
    assert not any(f'"{key}"' in SOURCE for key, (_, how) in KEYS.items() if how == "never")
