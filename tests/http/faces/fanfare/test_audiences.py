"""The audiences operations: made, read, listed, changed, archived, counted; their rules, members, files and groups."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.fanfare.conftest import AUDIENCES, CONSUMERS, GROUPS, TIERS, places_of
from tests.http.faces.fanfare.test_loyalty_tiers import counts, earn, group_body
from tests.http.faces.fanfare.test_loyalty_tiers import made as made_tiers
from ziggurat.app.audiences.run_imports import run_imports

RULES = [{"field": "loyaltyBalance", "operator": "GREATER_THAN_OR_EQUAL", "values": [500]}]
SHARED = "3c90c3cc-0d44-4b50-8888-8dd25736052a"


def make(fanfare: TestClient, **said: Any) -> dict[str, Any]:
    answer = fanfare.post(AUDIENCES, json={"name": "Regulars", "type": "DYNAMIC", **said})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def read(fanfare: TestClient, audience: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = fanfare.get(f"{AUDIENCES}/{audience['id']}").json()
    return body


def emails(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [consumer["externalId"] for consumer in answer.json()["data"]]


# --- one audience


def test_an_audience_is_answered_as_it_was_said(fanfare: TestClient) -> None:
    said: dict[str, Any] = {
        "description": "",
        "iconName": "star",
        "metadata": {"size": 1.5, "tags": ["a"]},
        "refreshIntervalSeconds": 3600,
        "rules": [{"field": "ltv", "operator": "BETWEEN", "values": ["1.50", 2], "groupId": None, "position": None}],
    }
    audience = make(fanfare, **said)

    said_rules = said.pop("rules")
    assert {name: audience[name] for name in said} == said
    (rule,) = audience["rules"]
    assert [{name: rule[name] for name in said_rules[0]}] == said_rules
    assert read(fanfare, audience) == audience


def test_an_audience_follows_its_rules(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=600, bob=10)
    audience = make(fanfare, rules=RULES)

    earn(native, bob=490)

    assert sorted(emails(fanfare.get(f"{AUDIENCES}/{audience['id']}/members"))) == ["ada", "bob"]
    count = fanfare.get(f"{AUDIENCES}/{audience['id']}/count").json()
    assert count == {"audienceId": audience["id"], "count": 2, "source": "db_list"}


def test_rules_of_one_group_must_all_hold_and_one_group_is_enough(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=600, bob=10, cid=100)
    few = {"field": "loyaltyBalance", "operator": "LESS_THAN", "values": [50], "groupId": SHARED}
    grouped = [{**RULES[0], "groupId": "00000000-0000-4000-8000-000000000001"}, few]
    shown = make(fanfare, rules=grouped)["rules"]
    assert [rule["groupId"] for rule in shown] == [rule["groupId"] for rule in grouped]

    assert fanfare.get(f"{AUDIENCES}/{make(fanfare, rules=grouped)['id']}/count").json()["count"] == 2
    assert (
        fanfare.get(f"{AUDIENCES}/{make(fanfare, rules=[*RULES, {**few, 'groupId': None}])['id']}/count").json()[
            "count"
        ]
        == 0
    )


def test_any_field_is_taken_and_nobody_has_a_value_for_an_unknown_one(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=600)
    size = {"field": "shoeSize", "operator": "EQUALS", "values": [42]}
    audience, other = make(fanfare, rules=[size]), make(fanfare, rules=[{**size, "operator": "NOT_EQUALS"}])

    assert audience["rules"][0]["field"] == "shoeSize"
    assert [fanfare.get(f"{AUDIENCES}/{one['id']}/count").json()["count"] for one in (audience, other)] == [0, 1]


def test_a_change_says_what_is_different(fanfare: TestClient) -> None:
    audience = make(fanfare, rules=RULES, description="Many", metadata={"a": 1})

    changed = fanfare.put(f"{AUDIENCES}/{audience['id']}", json={"name": "Others", "description": None}).json()

    assert "rules" not in changed
    after = read(fanfare, audience)
    assert {**after, "updatedAt": None} == {**audience, "name": "Others", "description": None, "updatedAt": None}
    assert places_of(fanfare.put(f"{AUDIENCES}/{audience['id']}", json={"type": "STATIC_LIST"})) == ["type"]
    assert (
        fanfare.put(f"{AUDIENCES}/{audience['id']}", json={"metadata": None, "iconName": "x"}).json()["metadata"]
        is None
    )


def test_a_deleted_audience_is_archived_and_can_only_be_read(fanfare: TestClient) -> None:
    one = f"{AUDIENCES}/{make(fanfare, rules=RULES)['id']}"

    assert fanfare.delete(one).json()["archived"] is True
    assert fanfare.get(one).json()["archived"] is True
    assert fanfare.get(AUDIENCES).json()["data"] == []
    for answer in (fanfare.delete(one), fanfare.put(one, json={}), fanfare.put(f"{one}/rules", json={"rules": []})):
        assert (answer.status_code, answer.json()) == (404, {"error": "Audience not found"})


def test_a_status_tells_how_fresh_it_is(fanfare: TestClient) -> None:
    audience = make(fanfare, rules=RULES)

    assert fanfare.get(f"{AUDIENCES}/{audience['id']}/status").json() == {
        "audienceId": audience["id"],
        "version": 1,
        "stale": False,
        "inProgress": False,
        "syncStatus": None,
        "lastSyncedAt": None,
        "lastRefreshedAt": audience["lastRefreshedAt"],
        "refreshIntervalSeconds": None,
        "pendingShards": 0,
    }


@pytest.mark.parametrize("audience_id", ["nothing", SHARED, "%00", "a%2Fb"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in ("", "/count", "/members", "/rules", "/status", "/import", f"/rules/{SHARED}")),
        *(("PUT", path) for path in ("", "/rules", f"/rules/{SHARED}")),
        *(("POST", path) for path in ("/members", "/rules", "/import", "/sync")),
        *(("DELETE", path) for path in ("", "/members", f"/rules/{SHARED}")),
    ],
)
def test_an_unknown_audience_is_not_found(fanfare: TestClient, method: str, path: str, audience_id: str) -> None:
    answer = fanfare.request(method, f"{AUDIENCES}/{audience_id}{path}", json={})

    assert (answer.status_code, answer.json()) == (404, {"error": "Audience not found"})


# --- lists of audiences


def test_pages_go_both_ways_and_end_with_null(fanfare: TestClient) -> None:
    made = [make(fanfare, name=f"A{place}")["name"] for place in range(5)]

    def page(**query: Any) -> tuple[list[str], str | None, str | None]:
        body = fanfare.get(AUDIENCES, params=query).json()
        return [one["name"] for one in body["data"]], body["pageInfo"]["startCursor"], body["pageInfo"]["endCursor"]

    first, start, end = page(first=2)
    assert (first, start) == (made[:2:-1], None)
    second, back, further = page(first=2, after=end)
    assert second == [made[2], made[1]]
    assert page(last=2, before=back)[:2] == (first, None)
    third, _, last = page(first=2, after=further)
    assert (third, last) == ([made[0]], None)
    assert page(last=2)[0] == [made[1], made[0]]
    assert page(sortBy="name", sortDir="asc")[0] == made
    assert page(sortBy="lastRefreshedAt")[0] == made[::-1]
    assert places_of(fanfare.get(AUDIENCES, params={"after": end, "sortBy": "name"})) == ["after"]
    assert fanfare.get(AUDIENCES).json()["data"][0]["rules"] == []


def test_members_are_searched_and_paged(fanfare: TestClient, native: TestClient) -> None:
    earn(native, **{f"member{place}": 600 for place in range(5)})
    members = f"{AUDIENCES}/{make(fanfare, rules=RULES)['id']}/members"
    seen: list[str] = []
    query: dict[str, Any] = {"first": 2}
    while True:
        body = fanfare.get(members, params=query).json()
        seen += [one["externalId"] for one in body["data"]]
        if body["pageInfo"]["endCursor"] is None:
            break
        query["after"] = body["pageInfo"]["endCursor"]

    assert sorted(seen) == [f"member{place}" for place in range(5)]
    assert emails(fanfare.get(members, params={"search": "ber3"})) == ["member3"]
    assert emails(fanfare.get(members.replace("members", "consumers"), params={"search": "ber3"})) == ["member3"]


# --- rules


def test_rules_are_added_read_changed_and_deleted_one_by_one(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=600)
    audience = make(fanfare)
    rules, own = f"{AUDIENCES}/{audience['id']}/rules", {"audienceId": audience["id"]}
    assert fanfare.get(rules).json() == []

    added = fanfare.post(rules, json={**RULES[0], **own, "position": 3}).json()
    assert (added["position"], added["audienceId"], added["values"]) == (3, audience["id"], [500])
    assert fanfare.get(f"{rules}/{added['id']}").json() == added
    assert fanfare.get(f"{AUDIENCES}/{audience['id']}/count").json()["count"] == 1
    changed = fanfare.put(f"{rules}/{added['id']}", json={"values": ["600.0001"], "position": None}).json()
    assert changed == {**added, "values": ["600.0001"], "position": None}
    assert fanfare.get(f"{AUDIENCES}/{audience['id']}/count").json()["count"] == 0
    assert fanfare.delete(f"{rules}/{added['id']}").json() == changed
    for method in ("GET", "PUT", "DELETE"):
        answer = fanfare.request(method, f"{rules}/{added['id']}", json={})
        assert (answer.status_code, answer.json()) == (404, {"error": "Rule not found"})


def test_all_rules_are_replaced_at_once(fanfare: TestClient) -> None:
    audience = make(fanfare, rules=RULES)
    rules, own = f"{AUDIENCES}/{audience['id']}/rules", {"audienceId": audience["id"]}
    wanted = [
        {"field": "email", "operator": "EXISTS", "values": [], **own, "position": 0},
        {**RULES[0], **own, "position": 1},
    ]

    replaced = fanfare.put(rules, json={"rules": wanted}).json()

    assert [{name: rule[name] for name in wanted[0]} for rule in replaced] == wanted
    assert audience["rules"][0]["id"] not in [rule["id"] for rule in replaced]
    assert fanfare.get(rules).json() == replaced
    several = fanfare.post(rules, json=wanted).json()
    assert len(several) == 2
    assert len(fanfare.get(rules).json()) == 4


def test_a_rule_says_whose_it_is(fanfare: TestClient) -> None:
    rules = f"{AUDIENCES}/{make(fanfare)['id']}/rules"

    assert places_of(fanfare.post(rules, json=RULES[0])) == ["audienceId"]
    assert places_of(fanfare.post(rules, json={**RULES[0], "audienceId": SHARED})) == ["audienceId"]
    assert places_of(fanfare.put(rules, json={"rules": [{**RULES[0], "audienceId": SHARED}]})) == ["rules.0.audienceId"]


# --- lists, files and sources


def test_consumers_are_put_on_lists_and_taken_off(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=1, bob=1)
    one = f"{AUDIENCES}/{make(fanfare, type='STATIC_LIST')['id']}"
    ids = {consumer["externalId"]: consumer["id"] for consumer in fanfare.get(CONSUMERS).json()["data"]}

    assert fanfare.post(f"{one}/members", json={"consumerIds": list(ids.values())}).json()["addedCount"] == 2
    assert fanfare.get(f"{one}/consumers/{ids['ada']}").json() == {"isMember": True, "matchedRules": []}
    removed = fanfare.request("DELETE", f"{one}/members", json={"consumerIds": [ids["ada"]]}).json()
    assert removed["removedCount"] == 1
    assert emails(fanfare.get(f"{one}/members")) == ["bob"]


def test_only_static_lists_take_members_and_files(fanfare: TestClient) -> None:
    for kind in ("DYNAMIC", "SYNCED_LIST"):
        one = f"{AUDIENCES}/{make(fanfare, type=kind)['id']}"
        for path, body in (("members", {"consumerIds": []}), ("import", None)):
            answer = fanfare.post(f"{one}/{path}", json=body)
            assert (answer.status_code, answer.json()) == (400, {"error": "Audience is not a static list"})


def test_a_file_is_put_at_the_upload_address_without_a_key_and_read(fanfare: TestClient, served: Served) -> None:
    one = f"{AUDIENCES}/{make(fanfare, type='STATIC_LIST')['id']}"
    assert fanfare.get(f"{one}/import").json() == {"error": "Import not found"}
    begun = fanfare.post(f"{one}/import").json()
    assert (begun["status"], begun["progress"], begun["totalConsumers"], begun["errors"]) == ("PENDING", 0, None, None)
    anonymous = served.anonymous()
    file = b"email,fullName,externalId\nada@example.com,Ada,ada\nnobody,Bob,\n,,\n"

    put = anonymous.put(begun["uploadUrl"], content=file, headers={"content-type": "text/csv"})
    assert (put.status_code, put.content) == (200, b"")
    again = anonymous.put(begun["uploadUrl"], content=file)
    assert again.status_code == 409
    run_imports(served.service.database, served.service.objects, "w", served.clock)

    done = fanfare.get(f"{one}/import").json()
    assert (done["id"], done["status"], done["progress"]) == (begun["id"], "COMPLETED", 100)
    assert (done["totalConsumers"], done["processedConsumers"], done["errorCount"]) == (3, 3, 2)
    assert [(row["row"], [issue["code"] for issue in row["issues"]]) for row in done["errors"]] == [
        (2, ["bad_email"]),
        (3, ["no_identifier"]),
    ]
    assert fanfare.get(one).json()["imports"] == [done]
    assert emails(fanfare.get(f"{one}/members")) == ["ada"]


def test_faults_of_a_file_name_its_columns_as_the_vendor_does(fanfare: TestClient, served: Served) -> None:
    one = f"{AUDIENCES}/{make(fanfare, type='STATIC_LIST')['id']}"
    address = fanfare.post(f"{one}/import").json()["uploadUrl"]
    bell = "\a"

    file = f"externalId,fullName,loyaltyPoints,phone\n{bell},{bell},many,1\n"
    fanfare.put(address, content=file.encode()).raise_for_status()
    run_imports(served.service.database, served.service.objects, "w", served.clock)

    (row,) = fanfare.get(f"{one}/import").json()["errors"]
    told = {issue["column"] for issue in row["issues"]}
    assert told == {"externalId", "fullName", "loyaltyPoints", "phone"}


def test_whom_a_file_makes_is_in_the_tier_that_holds_nothing_yet(fanfare: TestClient, served: Served) -> None:
    group = made_tiers(fanfare)
    one = f"{AUDIENCES}/{make(fanfare, type='STATIC_LIST')['id']}"
    address = fanfare.post(f"{one}/import").json()["uploadUrl"]

    fanfare.put(address, content=b"externalId,loyaltyPoints\nann,\nbob,150\n")
    run_imports(served.service.database, served.service.objects, "w", served.clock)

    assert counts(fanfare, group) == {"Bronze": 1, "Silver": 1, "Gold": 0}


def test_an_upload_address_cannot_be_guessed_or_used_late(fanfare: TestClient, served: Served) -> None:
    one = f"{AUDIENCES}/{make(fanfare, type='STATIC_LIST')['id']}"
    address = fanfare.post(f"{one}/import").json()["uploadUrl"]
    anonymous = served.anonymous()
    parts = address.split("/")

    wrong = ["/".join([*parts[:-1], "x"]), "/".join([*parts[:-2], "imp_1", parts[-1]])]
    for other in (*wrong, "/".join([*parts[:-3], "99", *parts[-2:]]), "/".join([*parts[:-3], "x", *parts[-2:]])):
        answer = anonymous.put(other, content=b"email\n")
        assert (answer.status_code, answer.json()) == (403, {"error": "Upload address is unknown or expired"})
    served.clock.pass_seconds(3_601)
    assert anonymous.put(address, content=b"email\n").status_code == 403


def test_a_file_of_more_than_ten_megabytes_is_refused(fanfare: TestClient) -> None:
    one = f"{AUDIENCES}/{make(fanfare, type='STATIC_LIST')['id']}"
    address = fanfare.post(f"{one}/import").json()["uploadUrl"]

    answer = fanfare.put(address, content=b"x" * (10 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()) == (413, {"error": "File is larger than 10 MB"})
    assert fanfare.get(f"{one}/import").json()["status"] == "PENDING"


@pytest.mark.parametrize("vendor", ["klaviyo", "mailchimp", "sendgrid"])
def test_lists_of_vendors_become_synced_audiences_that_wait_for_a_source(fanfare: TestClient, vendor: str) -> None:
    body = fanfare.post(f"{AUDIENCES}/import/{vendor}", json={"listIds": ["XyZ", "AbC", "XyZ"]}).json()

    assert [(one["listId"], one["status"]) for one in body["imported"]] == [("XyZ", "PENDING"), ("AbC", "PENDING")]
    (skipped,) = body["skipped"]
    assert (skipped["listId"], skipped["reason"]) == ("XyZ", "Already synced")
    audience = fanfare.get(f"{AUDIENCES}/{skipped['existingAudienceId']}").json()
    source = audience["primarySyncSource"]
    assert (audience["type"], audience["name"]) == ("SYNCED_LIST", "XyZ")
    assert (source["syncSource"], source["syncSourceId"]) == (f"{vendor}:list", "XyZ")
    assert body["imported"][0]["syncSourceId"] == source["id"] == audience["primarySyncSourceId"]
    again = fanfare.post(f"{AUDIENCES}/import/{vendor}", json={"listIds": ["AbC"]}).json()
    assert (again["imported"], len(again["skipped"])) == ([], 1)
    assert places_of(fanfare.post(f"{AUDIENCES}/import/{vendor}", json={"listIds": ["x"] * 101})) == ["listIds"]
    assert places_of(fanfare.post(f"{AUDIENCES}/import/{vendor}", json={"listIds": [1]})) == ["listIds.0"]


def test_a_synced_list_is_fetched_again_where_it_has_a_source(fanfare: TestClient, native: TestClient) -> None:
    audience = make(fanfare, type="SYNCED_LIST")
    one = f"{AUDIENCES}/{audience['id']}"
    dynamic = fanfare.post(f"{AUDIENCES}/{make(fanfare)['id']}/sync")
    assert (dynamic.status_code, dynamic.json()) == (400, {"error": "Audience is not a synced list"})
    bare = fanfare.post(f"{one}/sync")
    assert (bare.status_code, bare.json()) == (400, {"error": "Audience has no sync source"})

    source = {"kind": "object", "location": "lists/vip.csv"}
    assert native.put(f"/v1/audiences/{audience['id']}/sync-source", json=source).status_code == 200
    started = fanfare.post(f"{one}/sync").json()

    assert (started["success"], started["status"]) == (True, "PENDING")
    assert started["syncSourceId"] == fanfare.get(one).json()["primarySyncSourceId"]
    assert fanfare.get(f"{one}/status").json()["syncStatus"] == "PENDING"
    again = fanfare.post(f"{one}/sync")
    assert (again.status_code, again.json()) == (409, {"error": "Sync already in progress"})


# --- groups


def test_a_group_is_made_by_audiences_that_share_it(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=600, bob=10)
    shared = {"groupId": SHARED, "groupName": "Segments", "groupType": "RFM"}
    best = make(fanfare, name="Champions", rules=RULES, **shared)
    rest = make(fanfare, name="Others", rules=[{**RULES[0], "operator": "LESS_THAN"}], **shared)
    group = f"{GROUPS}/{SHARED}"

    assert fanfare.get(group).json() == [best, rest]
    assert sorted(emails(fanfare.get(f"{group}/members"))) == ["ada", "bob"]
    assert emails(fanfare.get(f"{group}/members", params={"audienceId": best["id"]})) == ["ada"]
    elsewhere = make(fanfare)
    assert fanfare.get(f"{group}/members", params={"audienceId": elsewhere["id"]}).status_code == 404
    gone = fanfare.delete(group).json()
    assert [(one["id"], one["archived"]) for one in gone] == [(best["id"], True), (rest["id"], True)]
    for answer in (fanfare.get(group), fanfare.delete(group), fanfare.get(f"{group}/members")):
        assert (answer.status_code, answer.json()) == (404, {"error": "Audience group not found"})


def test_a_group_of_tiers_is_deleted_with_its_program(fanfare: TestClient, native: TestClient) -> None:
    group = made_tiers(fanfare)

    gone = fanfare.delete(f"{GROUPS}/{group['tierGroup']}").json()

    assert [one["archived"] for one in gone] == [True] * 3
    assert native.get(f"/v1/programs/{group['tierGroup']}").json()["status"] == "archived"
    assert fanfare.put(f"{TIERS}/{group['tierGroup']}", json=group_body()).status_code == 404


def test_what_several_say_of_an_audience_at_once_is_all_kept(fanfare: TestClient) -> None:
    audience = make(fanfare, rules=RULES)
    one = f"{AUDIENCES}/{audience['id']}"
    rule = {**RULES[0], "audienceId": audience["id"], "position": 7}

    with ThreadPoolExecutor(3) as pool:
        for place in range(10):
            said = [
                pool.submit(fanfare.put, one, json={"iconName": f"icon {place}"}),
                pool.submit(fanfare.post, f"{one}/rules", json=rule),
                pool.submit(fanfare.put, one, json={"metadata": {"place": place}}),
            ]
            assert [each.result().status_code for each in said] == [200] * 3
            after = fanfare.get(one).json()
            assert (after["iconName"], after["metadata"]) == (f"icon {place}", {"place": place})
            assert [each["position"] for each in after["rules"]] == [0] + [7] * (place + 1)


def test_what_two_say_of_a_tier_at_once_is_all_kept(fanfare: TestClient) -> None:
    group = made_tiers(fanfare)
    one = f"{AUDIENCES}/{group['audiences'][1]['id']}"

    with ThreadPoolExecutor(2) as pool:
        for place in range(5):
            said = [{"name": f"Argent {place}"}, {"iconName": f"icon {place}", "metadata": {"place": place}}]
            answers = list(pool.map(lambda body: fanfare.put(one, json=body), said))
            assert [answer.status_code for answer in answers] == [200] * 2, [answer.text for answer in answers]
            after = fanfare.get(one).json()
            assert (after["name"], after["iconName"]) == (f"Argent {place}", f"icon {place}")
            assert after["metadata"]["place"] == place
