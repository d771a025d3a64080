"""docs/faces/wix.md says of every documented field, status, code and rule what becomes of it, and says the truth."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from tests.http.faces.wix.conftest import violations
from ziggurat.http.faces.wix import (
    account_lists,
    account_query,
    account_view,
    accounts,
    board,
    envelope,
    errors,
    filters,
    reading,
    tiers,
    transactions,
    wire,
)
from ziggurat.http.faces.wix import wire_accounts as of_accounts
from ziggurat.http.faces.wix import wire_transactions as of_transactions
from ziggurat.http.faces.wix.application import wix_document

PAGE = (Path(__file__).parents[4] / "docs" / "faces" / "wix.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in PAGE.splitlines() if line.startswith("| ")]
FIELDS = {row[0].strip("`"): row[1] for row in ROWS if "." in row[0] and "wix." not in row[0]}
STATUSES = ("UNKNOWN", "DISABLED", "DRAFT", "ACTIVE", "PAUSED")
GENERIC_CODES = [
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "ABORTED",
    "RESOURCE_EXHAUSTED",
    "OUT_OF_RANGE",
    "INVALID_ARGUMENT",
    "INVALID_REVISION",
    "REVISION_MISMATCH",
    "BASIC_TIERS_LIMIT_REACHED",
]
RULES = [
    "VALIDATION",
    "OTHER",
    "MAX",
    "MIN",
    "MAX_LENGTH",
    "MIN_LENGTH",
    "MAX_SIZE",
    "MIN_SIZE",
    "FORMAT",
    "DECIMAL_LTE",
    "DECIMAL_GTE",
    "DECIMAL_LT",
    "DECIMAL_GT",
    "DECIMAL_MAX_SCALE",
    "INVALID_ENUM_VALUE",
    "REQUIRED_FIELD",
    "FIELD_NOT_ALLOWED",
    "ONE_OF_ALIGNMENT",
    "REQUIRED_ONE_OF_FIELD",
    "CUSTOM",
]
MODULES = (
    account_lists,
    account_query,
    account_view,
    accounts,
    board,
    errors,
    filters,
    reading,
    tiers,
    transactions,
)
SOURCE = "".join(map(inspect.getsource, MODULES))
READ: dict[str, type[BaseModel]] = {
    "tier": wire.NewTier,
    "programSettings": wire.ChangedSettings,
    "loyaltyProgram": wire.ChangedProgram,
    "account": of_accounts.CreateAccountRequest,
    "earnPoints": of_accounts.EarnPointsRequest,
    "adjustPoints": of_accounts.AdjustPointsRequest,
    "query": of_accounts.Query,
    "search": of_accounts.Search,
    "count": of_accounts.CountAccountsRequest,
    "bulkAdjust": of_accounts.BulkAdjustPointsRequest,
}
ANSWERED: dict[str, type[BaseModel]] = {
    "tier": wire.Tier,
    "programSettings": wire.TiersProgramSettings,
    "loyaltyProgram": wire.LoyaltyProgram,
    "results": wire.BulkResult,
    "bulkActionMetadata": wire.BulkActionMetadata,
    "account": of_accounts.Account,
    "pagingMetadata": of_accounts.PagingMetadata,
    "tierTotals": of_accounts.TierTotal,
    "aggregationData": of_accounts.AggregationData,
    "countAccounts": of_accounts.CountAccountsResponse,
    "bulkAdjust": of_accounts.BulkAdjustPointsResponse,
    "transaction": of_transactions.Transaction,
}


def leaves(model: type[BaseModel], at: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        kinds = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type)]
        inner = next((kind for kind in kinds if issubclass(kind, BaseModel)), None)
        if inner is None or inner in (wire.Tier, of_accounts.Search):
            yield f"{at}.{name}"
        else:
            yield from leaves(inner, f"{at}.{name}")


def said(rows_with: str) -> dict[str, str]:
    """The second cell by the first, of the table whose rows start with `rows_with`."""
    return {row[0].strip("`"): row[1] for row in ROWS if re.fullmatch(rows_with, row[0])}


def test_every_field_that_is_read_or_answered_is_in_the_table() -> None:
    read = {path for name, model in READ.items() for path in leaves(model, name)} | {"tier.revision"}
    answered = {path for name, model in ANSWERED.items() for path in leaves(model, name)}
    alike = {path for path in answered if path.startswith("programSettings.baseTierDefinition.icon.")}

    assert {path for path, how in FIELDS.items() if how == "supported"} == read
    assert {path for path, how in FIELDS.items() if how == "read-only"} == answered - read - alike
    assert {how for path, how in FIELDS.items() if path not in read | answered} == {"passed over"}


def test_every_method_that_is_supported_is_served_and_no_other() -> None:
    served = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path.split("/", 2)[2]))
        for path, methods in wix_document()["paths"].items()
        for method in methods
        if not path.startswith("/ziggurat/")
    }
    rows = [(row[1].strip("`").split(" "), row[2]) for row in ROWS if row[1].startswith(("`GET", "`P", "`DELETE"))]
    told = {(method, re.sub(r"\{\w+\}", "{}", path[1:])): how for (method, path), how in rows}

    assert {route for route, how in told.items() if how == "supported"} == served
    assert len(told) == len(rows) == 29


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_in_the_table_as_it_is_answered(wix: TestClient, status: str) -> None:
    body = {"programSettings": {"status": status, "rollingWindow": {"durationInMonths": 12}}}
    answer = wix.post("/wix/v1/tiers/program-settings", json=body)

    if answer.status_code == 200:
        assert said("`[A-Z]+`")[status] == "supported"
    else:
        (rule,) = violations(answer).values()
        assert said("`[A-Z]+`")[status] == f"refused: `{rule}`"


def test_every_code_is_in_the_table_and_used_as_it_says() -> None:
    codes = {row[0].strip("`"): row[1] for row in ROWS if len(row) > 1 and re.fullmatch(r"\d+|never", row[1])}
    used = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+|UNAUTHENTICATED|ABORTED)"', SOURCE)) - set(RULES)

    assert set(codes) >= set(GENERIC_CODES)
    assert {code for code, status in codes.items() if status != "never"} == used


def test_every_rule_is_in_the_table_and_used_as_it_says() -> None:
    table: dict[str, Any] = {row[0].strip("`"): row[1] for row in ROWS if row[0].isupper() and row[1] in ("yes", "no")}
    used = {rule for rule in RULES if f'"{rule}"' in SOURCE}

    assert {rule for rule, how in table.items() if how == "yes"} == used
    assert set(table) == set(RULES)


def test_every_event_that_is_sent_is_in_the_table() -> None:
    table = {row[0].strip("`"): row[1] for row in ROWS if row[0].startswith("`wix.loyalty.v1.")}
    source = inspect.getsource(envelope)
    changes = re.findall(r'"(tier|program)", "(\w+)"', source)
    changes_told = {f"wix.loyalty.v1.{entity}_{slug}" for entity, slug in changes}
    accounts_told = {f"wix.loyalty.v1.account_{slug}" for slug in re.findall(r'"account", "(\w+)"', source)}

    assert {name for name, sent in table.items() if sent == "yes"} == changes_told | accounts_told
    assert len(table) == 8
