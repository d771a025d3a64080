"""docs/faces/fanfare.md says of audiences and tiers what is read, answered and refused, and says the truth."""

import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from tests.http.faces.fanfare.conftest import AUDIENCES, TIERS
from tests.http.faces.fanfare.test_audiences import make
from tests.http.faces.fanfare.test_loyalty_tiers import group_body
from ziggurat.http.faces.fanfare import (
    errors,
    fields,
    headers,
    names,
    routes_audiences,
    routes_groups,
    routes_imports,
    routes_members,
    routes_rules,
    routes_tiers,
    uploads,
    wire,
    wire_answers,
)

PAGE = (Path(__file__).parents[4] / "docs" / "faces" / "fanfare.md").read_text(encoding="utf-8")
PART = PAGE.split("## Audiences\n")[1].split("\n## Consumers\n")[0]
ROWS = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in PART.splitlines() if line.startswith("| ")]
MODULES: tuple[ModuleType, ...] = (
    errors,
    headers,
    names,
    routes_audiences,
    routes_groups,
    routes_imports,
    routes_members,
    routes_rules,
    routes_tiers,
    uploads,
)
READ: dict[str, tuple[type[BaseModel], ...]] = {
    "audience": (wire.AudienceIn, wire.AudiencePatch),
    "rule": (wire.AddressedRuleIn, wire.RulePatch),
    "syncSource": (wire.SyncSourceIn,),
    "group": (wire.TierGroupIn,),
    "members": (wire.ConsumerIds,),
    "lists": (wire.ListIds,),
}
ANSWERED: dict[str, tuple[type[BaseModel], ...]] = {
    "audience": (wire_answers.Audience,),
    "rule": (wire_answers.Rule,),
    "syncSource": (wire_answers.SyncSource,),
    "import": (wire_answers.NewImport,),
    "status": (wire_answers.Status,),
    "count": (wire_answers.Count,),
    "group": (wire_answers.TierGroup,),
    "membership": (wire_answers.Membership,),
}
PASSED_OVER = {"audience.lastRefreshedAt"}


def fields_of(models: dict[str, tuple[type[BaseModel], ...]]) -> set[str]:
    return {f"{name}.{field}" for name, kinds in models.items() for kind in kinds for field in kind.model_fields}


def told(how: str) -> set[str]:
    """The fields that the page says this of, down to their second step."""
    found = {".".join(row[0].strip("`").split(".")[:2]) for row in ROWS if "." in row[0] and row[1] == how}
    return {name for name in found if name.split(".")[0] in {*READ, *ANSWERED}}


def values(heading: str) -> set[str]:
    return {row[0].strip("`") for row in ROWS if row[1] == heading}


def test_every_field_that_is_read_is_said_to_be() -> None:
    assert told("supported") == fields_of(READ) - PASSED_OVER


def test_every_field_that_is_answered_is_in_the_table() -> None:
    assert fields_of(ANSWERED) <= told("supported") | told("read-only")
    tiers = {row[0].strip("`") for row in ROWS if row[0].startswith("`group.tiers.")}
    assert tiers == {f"group.tiers.{name}" for name in wire.TierIn.model_fields}


def test_every_value_of_every_enumeration_is_in_the_table() -> None:
    known = {*wire.ATTRIBUTES, *wire.OPERATORS, *wire.TYPES, *wire.GROUP_TYPES, *wire.SYNC_STATUSES}
    rule_fields = {*fields.FIELDS, *fields.OLDER_FIELDS}

    assert values("yes") == known | set(wire.IMPORT_STATUSES) | rule_fields


def test_every_field_of_rules_is_told_with_what_it_stands_for() -> None:
    table = PART.split("### Fields of rules\n")[1].split("\n### ")[0]
    said = dict(re.findall(r"^\| `(\w+)` \| yes \| `([\w.]+)`", table, re.MULTILINE))

    assert said == {**fields.FIELDS, **fields.OLDER_FIELDS}


def test_every_refusal_is_in_the_table() -> None:
    source = "".join(inspect.getsource(module) for module in MODULES)
    phrases = re.findall(r'FanfareError\(\s*(\d+), "([^"]+)"', source)
    phrases += [(404, f"{what} not found") for what in re.findall(r'not_found\("([^"]+)"\)', source)]
    phrases += [(status, text) for status, text in errors._BY_CODE.values() if text]
    table = {row[0].strip("`"): row[1] for row in ROWS if re.fullmatch(r"\d{3}", row[1])}

    elsewhere = {"Consumer not found", "File is too large", "Changed by others meanwhile, try again"}
    elsewhere |= {text for _, text in phrases if "idempotency" in text}
    assert {text: str(status) for status, text in phrases if text not in elsewhere}.items() <= table.items()


@pytest.mark.parametrize("word", ["STATIC", "DYNAMIC_LIST", "dynamic"])
def test_another_type_is_refused(fanfare: TestClient, word: str) -> None:
    answer = fanfare.post(AUDIENCES, json={"name": "A", "type": word})

    assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")


def test_what_is_being_carried_out_or_wants_approval_is_a_conflict(
    fanfare: TestClient, native: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ziggurat import limits

    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 0)
    event = {"member": "ada", "type": "points.earned", "points": 5, "occurred_at": "2025-06-01T00:00:00Z"}
    native.post("/v1/events", json=[event]).raise_for_status()
    group = fanfare.post(TIERS, json=group_body()).json()["tierGroup"]

    answer = fanfare.put(f"{TIERS}/{group}", json=group_body(name="Another"))
    text = "An earlier change of these tiers is still being carried out"
    assert (answer.status_code, answer.json()) == (409, {"error": text})

    tag = native.get("/v1/organization").headers["etag"]
    rules = {"requires_approval": True, "self_approval": False}
    native.patch("/v1/organization", json=rules, headers={"if-match": tag}).raise_for_status()
    answer = fanfare.post(TIERS, json=group_body())
    assert (answer.status_code, answer.json()) == (
        409,
        {"error": "Changes of tiers are approved by somebody else here"},
    )
    assert make(fanfare)["name"] == "Regulars"


def test_too_many_requests_are_told_in_the_vendors_words(serve_with: object) -> None:
    assert callable(serve_with)
    limited = serve_with(rate_limit_per_minute=2).client()

    answers = [limited.get(AUDIENCES) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["x-ratelimit-limit"] == "2"
    assert answers[0].headers["x-ratelimit-remaining"] == "1"
    assert int(answers[0].headers["x-ratelimit-reset"]) > 0
    refused = answers[2]
    assert refused.json() == {"error": "Rate limit exceeded", "retryAfter": int(refused.headers["retry-after"])}


def test_a_method_that_an_address_has_not_is_refused(fanfare: TestClient) -> None:
    answer = fanfare.patch(AUDIENCES, json={})

    assert (answer.status_code, answer.json()) == (405, {"error": "Method not allowed"})
