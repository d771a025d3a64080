"""The two reference pages of loyalty tiers: their requests as printed, over real HTTP, and each thing that they say."""

import json
import re
import shlex
import shutil
import subprocess
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.fanfare.conftest import AUDIENCES, TIERS, issues_of, places_of
from tests.http.faces.fanfare.test_loyalty_tiers import LADDER, counts, earn, group_body, made, names, tier
from tests.support.loopback import listening_on_loopback
from ziggurat import limits
from ziggurat.app.audiences.run_audiences import run_audiences
from ziggurat.app.principal import KeyScope
from ziggurat.app.upkeep.worker import Share, Worker
from ziggurat.http.faces.fanfare.wire import ATTRIBUTES, GROUP_TYPES, OPERATORS, TYPES

AS_PRINTED = """curl --request POST \\
  --url https://admin.fanfare.io/api/audiences/loyalty-tiers \\
  --header 'Authorization: Bearer <token>' \\
  --header 'Content-Type: application/json' \\
  --data '
{
  "groupName": "<string>",
  "tiers": [
    {
      "name": "<string>",
      "order": 123,
      "startValue": 123,
      "endValue": 123,
      "iconName": "<string>"
    }
  ]
}
'"""
FILLED_IN = {"groupName": "Club", "attribute": "ltv", "tiers": [{**LADDER[0], "iconName": "<string>"}, *LADDER[1:]]}
"""The same with the attribute that the page requires, and with ranges that are some."""
AUDIENCE = {
    *("archived", "createdAt", "createdBy", "description", "groupId", "groupName", "groupType", "iconName", "id"),
    *("imports", "lastRefreshedAt", "metadata", "name", "organizationId", "primaryExternalId", "primaryLastSyncedAt"),
    *("primarySourceVendor", "primarySyncSource", "primarySyncSourceId", "refreshIntervalSeconds", "rules", "type"),
    *("updatedAt", "updatedBy"),
}
REQUIRED = {"id", "organizationId", "createdAt", "createdBy", "archived", "name", "type", "rules", "imports"}
RULE = {"audienceId", "field", "groupId", "id", "operator", "organizationId", "position", "values"}
IMPORT = {
    *("archived", "audienceId", "createdAt", "createdBy", "errorCount", "errors", "id", "organizationId"),
    *("processedConsumers", "progress", "s3Key", "status", "totalConsumers", "updatedAt", "updatedBy"),
}
SOURCE = {
    *("archived", "createdAt", "createdBy", "id", "lastSyncedAt", "organizationId", "sourceData", "syncSource"),
    *("syncSourceId", "syncStatus", "updatedAt", "updatedBy"),
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def require_audience(audience: dict[str, Any]) -> None:
    """An audience as the pages have it: every field, each of its type."""
    assert set(audience) == AUDIENCE
    assert all(audience[name] is not None for name in REQUIRED)
    assert UUID.fullmatch(audience["id"])
    assert UUID.fullmatch(audience["organizationId"])
    assert UUID.fullmatch(audience["groupId"])
    assert isinstance(audience["createdBy"], str)
    assert audience["archived"] in (True, False)
    assert len(audience["name"]) >= 1
    assert audience["type"] in TYPES
    assert audience["groupType"] in (*GROUP_TYPES, None)
    for name in ("createdAt", "updatedAt", "lastRefreshedAt", "primaryLastSyncedAt"):
        assert audience[name] is None or DATE_TIME.fullmatch(audience[name])
    for rule in audience["rules"]:
        assert set(rule) == RULE
        assert UUID.fullmatch(rule["id"])
        assert rule["audienceId"] == audience["id"]
        assert rule["operator"] in OPERATORS
        assert isinstance(rule["values"], list)


def with_curl(served: Served, printed: str) -> tuple[str, Any]:
    """Status and body of a printed command, sent to an application of ours."""
    with listening_on_loopback(served.app) as address:
        said = printed.replace("https://admin.fanfare.io", f"{address}/fanfare").replace("<token>", served.secret())
        command = [*shlex.split(said.replace("\\\n", "")), "--silent", "--write-out", "%{stderr}%{http_code}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stderr, json.loads(done.stdout)


# --- POST /audiences/loyalty-tiers


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_request_sent_with_curl_as_printed_lacks_the_attribute_that_the_page_requires(served: Served) -> None:
    status, body = with_curl(served, AS_PRINTED)

    assert (status, body["error"]) == ("400", "validation_error")
    (issue,) = body["issues"]
    assert (issue["kind"], issue["received"], issue["path"][0]["key"]) == ("schema", "undefined", "attribute")
    assert issue["path"][0]["input"]["groupName"] == "<string>"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_printed_request_with_its_blanks_filled_in_creates_the_tiers(served: Served) -> None:
    start = AS_PRINTED.index("--data '")
    status, body = with_curl(served, f"{AS_PRINTED[:start]}--data '{json.dumps(FILLED_IN)}'")

    assert status == "200"
    assert set(body) == {"audiences", "tierGroup"}
    for audience in body["audiences"]:
        require_audience(audience)
    assert [audience["iconName"] for audience in body["audiences"]] == ["<string>", None, "star"]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_each_attribute_of_the_page_makes_tiers(fanfare: TestClient, attribute: str) -> None:
    group = made(fanfare, attribute=attribute)

    assert {rule["field"] for audience in group["audiences"] for rule in audience["rules"]} == {attribute}
    assert {audience["metadata"]["tierAttribute"] for audience in group["audiences"]} == {attribute}


def test_no_other_attribute_does(fanfare: TestClient) -> None:
    (issue,) = issues_of(fanfare.post(TIERS, json=group_body("totalOrderValue")))

    listed = " | ".join(f'"{name}"' for name in ATTRIBUTES)
    assert (issue["type"], issue["expected"], issue["received"]) == ("picklist", f"({listed})", '"totalOrderValue"')
    assert issue["message"] == f'Invalid type: Expected ({listed}) but received "totalOrderValue"'


@pytest.mark.parametrize("missing", ["groupName", "attribute", "tiers"])
def test_group_name_attribute_and_tiers_are_required(fanfare: TestClient, missing: str) -> None:
    body = group_body()
    del body[missing]

    assert places_of(fanfare.post(TIERS, json=body)) == [missing]


@pytest.mark.parametrize("missing", ["name", "startValue", "order"])
def test_name_start_and_order_of_each_tier_are_required(fanfare: TestClient, missing: str) -> None:
    last = {name: value for name, value in LADDER[2].items() if name != missing}

    assert places_of(fanfare.post(TIERS, json=group_body(tiers=[*LADDER[:2], last]))) == [f"tiers.2.{missing}"]


def test_end_and_icon_may_be_null_or_left_out(fanfare: TestClient) -> None:
    group = made(fanfare, tiers=[tier("All", 0, 0, endValue=None, iconName=None)])
    other = made(fanfare, tiers=[tier("All", 0, 0)])

    for body in (group, other):
        (audience,) = body["audiences"]
        assert audience["iconName"] is None
        assert audience["metadata"]["tierBoundaries"] == {"min": 0, "max": None}


@pytest.mark.parametrize("value", [12.5, "12.5", "12.50", 12, "12", -3, "-3"], ids=repr)
def test_values_are_numbers_or_texts_and_are_answered_as_they_were_sent(fanfare: TestClient, value: Any) -> None:
    (audience,) = made(fanfare, attribute="ltv", tiers=[tier("All", value, 0)])["audiences"]

    answered = audience["rules"][0]["values"][0]
    assert (answered, type(answered)) == (value, type(value))
    assert audience["metadata"]["tierBoundaries"]["min"] == value


@pytest.mark.parametrize(("field", "value"), [("startValue", True), ("endValue", []), ("startValue", None)])
def test_other_values_are_refused(fanfare: TestClient, field: str, value: Any) -> None:
    (issue,) = issues_of(fanfare.post(TIERS, json=group_body(tiers=[{**LADDER[2], field: value}])))

    assert (issue["kind"], issue["type"], issue["expected"]) == ("schema", "union", "(number | string)")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [("name", 7, "string"), ("order", "1", "number"), ("iconName", 1, "string"), ("tiers", {}, "Array")],
)
def test_every_field_has_the_type_of_the_page(fanfare: TestClient, field: str, value: Any, expected: str) -> None:
    body = {**group_body(), "tiers": value} if field == "tiers" else group_body(tiers=[{**LADDER[2], field: value}])

    (issue,) = issues_of(fanfare.post(TIERS, json=body))

    assert (issue["kind"], issue["expected"]) == ("schema", expected)


def test_tiers_do_not_overlap_and_share_their_edges(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=99, grace=100, joan=499, mary=500)

    group = made(fanfare)

    assert {audience["name"]: names(native, audience) for audience in group["audiences"]} == {
        "Bronze": ["ada"],
        "Silver": ["grace", "joan"],
        "Gold": ["mary"],
    }


def test_the_answer_holds_the_group_and_an_audience_with_rules_for_each_tier(fanfare: TestClient) -> None:
    group = made(fanfare)

    assert UUID.fullmatch(group["tierGroup"])
    for place, audience in enumerate(group["audiences"]):
        require_audience(audience)
        said = {name: audience[name] for name in ("groupId", "groupName", "groupType", "type", "name", "archived")}
        assert said == {
            "groupId": group["tierGroup"],
            "groupName": "Club",
            "groupType": "SEGMENTED_VALUE",
            "type": "DYNAMIC",
            "name": LADDER[place]["name"],
            "archived": False,
        }
        assert audience["imports"] == []
        assert audience["primarySyncSource"] is None
        assert audience["lastRefreshedAt"] == "2025-07-01T12:00:00.000Z"
    silver = group["audiences"][1]
    told = [(rule["field"], rule["operator"], rule["values"], rule["position"]) for rule in silver["rules"]]
    assert told == [
        ("loyaltyBalance", "GREATER_THAN_OR_EQUAL", [100], 0),
        ("loyaltyBalance", "LESS_THAN", [500], 1),
    ]
    assert len({rule["groupId"] for rule in silver["rules"]}) == 1
    assert silver["metadata"] == {
        "tierGroup": group["tierGroup"],
        "tierAttribute": "loyaltyBalance",
        "tierOrder": 1,
        "tierBoundaries": {"min": 100, "max": 500},
    }
    assert [rule["operator"] for rule in group["audiences"][2]["rules"]] == ["GREATER_THAN_OR_EQUAL"]


def test_imports_and_sync_source_have_the_fields_of_the_pages(fanfare: TestClient) -> None:
    static = fanfare.post(AUDIENCES, json={"name": "List", "type": "STATIC_LIST"}).json()
    fanfare.post(f"{AUDIENCES}/{static['id']}/import")
    source = {"syncSource": "klaviyo:list", "syncSourceId": "XyZ", "sourceData": {"size": 3}}
    said = {"name": "Far", "type": "SYNCED_LIST", "primarySyncSource": source}
    synced = fanfare.post(AUDIENCES, json=said).json()

    (made_import,) = fanfare.get(f"{AUDIENCES}/{static['id']}").json()["imports"]
    assert set(made_import) == IMPORT
    assert set(synced["primarySyncSource"]) == SOURCE
    assert synced["primarySyncSource"]["syncStatus"] == "PENDING"
    assert (synced["primaryExternalId"], synced["primarySourceVendor"]) == ("XyZ", "klaviyo")


# --- PUT /audiences/loyalty-tiers/{groupId}


def put(fanfare: TestClient, group: dict[str, Any], **said: Any) -> dict[str, Any]:
    answer = fanfare.put(f"{TIERS}/{group['tierGroup']}", json=group_body(**said))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def ids(group: dict[str, Any]) -> dict[str, str]:
    return {audience["name"]: audience["id"] for audience in group["audiences"]}


def test_it_updates_the_audiences_in_the_group_which_stay_the_same(fanfare: TestClient) -> None:
    group = made(fanfare)

    after = put(fanfare, group, tiers=[LADDER[0], {**LADDER[1], "endValue": 900}, {**LADDER[2], "startValue": 900}])

    assert after["tierGroup"] == group["tierGroup"]
    assert ids(after) == ids(group)
    assert after["audiences"][1]["metadata"]["tierBoundaries"] == {"min": 100, "max": 900}
    for audience in after["audiences"]:
        require_audience(audience)


def test_members_are_placed_anew_at_once(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=150, grace=700)
    group = made(fanfare)
    assert counts(fanfare, group) == {"Bronze": 0, "Silver": 1, "Gold": 1}

    after = put(fanfare, group, tiers=[{**LADDER[0], "endValue": 200}, {**LADDER[2], "startValue": 800}])

    assert counts(fanfare, after) == {"Bronze": 1, "Gold": 0}


def test_when_they_were_placed_anew_is_told(fanfare: TestClient, native: TestClient, served: Served) -> None:
    earn(native, ada=150)
    group = made(fanfare)
    served.clock.pass_seconds(60)

    after = put(fanfare, group, tiers=[{**LADDER[0], "endValue": 200}, {**LADDER[2], "startValue": 800}])

    assert [one["lastRefreshedAt"] for one in after["audiences"]] == ["2025-07-01T12:01:00.000Z"] * 2


def test_with_many_members_the_status_tells_that_they_are_being_placed(
    fanfare: TestClient, native: TestClient, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    earn(native, ada=150, grace=700)
    group = made(fanfare)
    monkeypatch.setattr(limits, "MEMBERS_AT_ONCE_MAX", 1)
    served.clock.pass_seconds(60)

    after = put(fanfare, group, tiers=[{**LADDER[0], "endValue": 200}, {**LADDER[2], "startValue": 200}])

    one = f"{AUDIENCES}/{after['audiences'][0]['id']}"
    told = fanfare.get(f"{one}/status").json()
    assert (told["inProgress"], told["stale"], told["pendingShards"]) == (True, True, 1)
    Worker(served.service.database, served.clock, shares=[Share.DECISIONS]).run_until_idle()
    run_audiences(served.service.database, served.clock())
    told = fanfare.get(f"{one}/status").json()
    assert (told["inProgress"], told["stale"], told["pendingShards"]) == (False, False, 0)
    assert told["lastRefreshedAt"] == "2025-07-01T12:01:00.000Z"
    assert counts(fanfare, after) == {"Bronze": 1, "Gold": 1}


def test_a_tier_that_is_new_is_created_and_one_that_is_missing_is_archived(fanfare: TestClient) -> None:
    group = made(fanfare)
    top = tier("Platinum", 500, 7)

    after = put(fanfare, group, tiers=[*LADDER[:2], top])

    assert list(ids(after)) == ["Bronze", "Silver", "Platinum"]
    assert ids(after)["Platinum"] not in ids(group).values()
    gone = fanfare.get(f"{AUDIENCES}/{ids(group)['Gold']}").json()
    assert (gone["archived"], gone["name"]) == (True, "Gold")
    assert ids(group)["Gold"] not in [one["id"] for one in fanfare.get(AUDIENCES).json()["data"]]


def test_a_tier_is_known_by_its_name_and_else_by_its_order(fanfare: TestClient, native: TestClient) -> None:
    earn(native, grace=100)
    group = made(fanfare)

    after = put(fanfare, group, tiers=[LADDER[0], {**LADDER[1], "name": "Argent"}, {**LADDER[2], "order": 9}])

    assert ids(after) == {
        "Bronze": ids(group)["Bronze"],
        "Argent": ids(group)["Silver"],
        "Gold": ids(group)["Gold"],
    }
    moves = native.get("/v1/members/grace/timeline").json()["items"]
    assert len(moves) == 1  # renamed, it is the same tier


def test_a_name_is_the_same_however_it_is_spelled(fanfare: TestClient) -> None:
    group = made(fanfare)
    spelled = [{**LADDER[0], "name": " Bronze"}, {**LADDER[1], "name": "SILVER", "order": 5}, LADDER[2]]

    after = put(fanfare, group, tiers=spelled)

    assert ids(after) == {
        " Bronze": ids(group)["Bronze"],
        "SILVER": ids(group)["Silver"],
        "Gold": ids(group)["Gold"],
    }


def test_the_name_of_the_group_and_the_attribute_may_change(fanfare: TestClient, native: TestClient) -> None:
    order = {"member": "ada", "type": "order.placed", "amount": 120, "occurred_at": "2025-06-01T00:00:00Z"}
    assert native.post("/v1/events", json=[order]).status_code == 200
    earn(native, ada=600)
    group = made(fanfare)
    assert counts(fanfare, group)["Gold"] == 1

    after = put(fanfare, group, attribute="ltv", name="Spenders")

    assert ids(after) == ids(group)
    assert {audience["groupName"] for audience in after["audiences"]} == {"Spenders"}
    assert {rule["field"] for audience in after["audiences"] for rule in audience["rules"]} == {"ltv"}
    assert counts(fanfare, after) == {"Bronze": 0, "Silver": 1, "Gold": 0}


def test_the_same_request_again_changes_nothing(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=600)
    group = made(fanfare)

    assert put(fanfare, group) == put(fanfare, group)
    assert len(native.get("/v1/members/ada/timeline").json()["items"]) == 1
    assert native.get(f"/v1/programs/{group['tierGroup']}").json()["revision"] == 1


@pytest.mark.parametrize("group_id", ["nothing", "3c90c3cc-0d44-4b50-8888-8dd25736052a", "%00", "a%2Fb"])
def test_an_unknown_group_is_not_found(fanfare: TestClient, group_id: str) -> None:
    answer = fanfare.put(f"{TIERS}/{group_id}", json=group_body())

    assert (answer.status_code, answer.json()) == (404, {"error": "Audience group not found"})


def test_a_group_of_type_rfm_has_no_loyalty_tiers(fanfare: TestClient) -> None:
    group_id = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
    champions = {"name": "Champions", "type": "DYNAMIC", "groupId": group_id, "groupType": "RFM", "groupName": "RFM"}
    assert fanfare.post(AUDIENCES, json=champions).status_code == 200

    assert fanfare.put(f"{TIERS}/{group_id}", json=group_body()).status_code == 404


# --- both


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_without_a_key_it_is_unauthorized(served: Served, method: str) -> None:
    group = made(served.client())["tierGroup"]
    address = TIERS if method == "POST" else f"{TIERS}/{group}"

    for headers in ({}, {"authorization": "Bearer nobody"}, {"authorization": "Basic x"}):
        answer = served.with_headers(headers).request(method, address, json=group_body())
        assert (answer.status_code, answer.json()) == (401, {"error": "Authentication required"})
    answer = served.with_headers({"x-publishable-key": "pk_live_1"}).request(method, address, json=group_body())
    assert (answer.status_code, answer.json()) == (401, {"error": "Secret key required"})


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_with_a_key_that_may_only_read_it_is_forbidden(served: Served, method: str) -> None:
    group = made(served.client())["tierGroup"]
    reader = served.client(scopes=frozenset({KeyScope.READ}))

    answer = reader.request(method, TIERS if method == "POST" else f"{TIERS}/{group}", json=group_body())

    assert (answer.status_code, list(answer.json())) == (403, ["error"])


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_all_issues_are_told_each_with_its_path_from_the_root_to_the_leaf(fanfare: TestClient, method: str) -> None:
    address = TIERS if method == "POST" else f"{TIERS}/{made(fanfare)['tierGroup']}"
    tiers = [LADDER[0], {"name": "A", "startValue": 1, "order": "1"}]
    body = {"groupName": 5, "attribute": "zzz", "tiers": tiers}

    answer = fanfare.request(method, address, json=body)

    assert places_of(answer) == ["groupName", "attribute", "tiers.1.order"]
    path = issues_of(answer)[2]["path"]
    assert [(step["type"], step["key"], step["input"]) for step in path] == [
        ("object", "tiers", body),
        ("array", "1", tiers),
        ("object", "order", tiers[1]),
    ]


@pytest.mark.parametrize("prefix", ["/fanfare/api", "/fanfare/api/v1", "/fanfare/v1", "/fanfare"])
def test_it_answers_under_every_prefix_that_pages_have_used(fanfare: TestClient, prefix: str) -> None:
    group = fanfare.post(f"{prefix}/audiences/loyalty-tiers", json=group_body()).json()

    after = fanfare.put(f"{prefix}/audiences/loyalty-tiers/{group['tierGroup']}", json=group_body())

    assert after.json()["tierGroup"] == group["tierGroup"]


def test_served_alone_it_answers_at_the_root(serve_with: Any) -> None:
    alone = serve_with(face="fanfare").client()

    assert alone.post("/api/audiences/loyalty-tiers", json=group_body()).status_code == 200
    assert alone.post("/audiences/loyalty-tiers", json=group_body()).status_code == 200
