"""What no group of tiers, audience or rule can be: told with every place, and nothing half-written."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.faces.fanfare.conftest import AUDIENCES, TIERS, issues_of, places_of
from tests.http.faces.fanfare.test_audiences import RULES, make
from tests.http.faces.fanfare.test_loyalty_tiers import earn, group_body, made, tier
from ziggurat import limits

A, B = tier("A", 0, 0, endValue=10), tier("B", 10, 1, endValue=20)
BAD_TIERS: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "no tiers": ([], ["tiers"]),
    "overlapping": ([A, {**B, "startValue": 9}], ["tiers.1.startValue"]),
    "overlapping by a ten-thousandth": ([A, {**B, "startValue": "9.9999"}], ["tiers.1.startValue"]),
    "listed the other way round": ([B, {**A, "endValue": 11}], ["tiers.0.startValue"]),
    "one inside the other": ([{**A, "endValue": 100}, B], ["tiers.1.startValue"]),
    "one inside the first of three": (
        [{**A, "endValue": 100}, B, tier("C", 50, 2, endValue=60)],
        ["tiers.1.startValue", "tiers.2.startValue"],
    ),
    "the same range twice": ([A, {**A, "name": "B", "order": 1}], ["tiers.1.startValue"]),
    "an end before the start": ([tier("A", 10, 0, endValue=5)], ["tiers.0.startValue"]),
    "an end at the start": ([tier("A", 10, 0, endValue="10.0")], ["tiers.0.startValue"]),
    "two open tiers": ([tier("A", 0, 0), tier("B", 10, 1)], ["tiers.1.startValue"]),
    "an open tier that is not the last": ([tier("A", 0, 0), B], ["tiers.1.startValue"]),
    "a name twice": ([A, {**B, "name": "A"}], ["tiers.1.name"]),
    "a name twice but for spaces": ([A, {**B, "name": " A "}], ["tiers.1.name"]),
    "a name twice but for case and spaces": ([{**A, "name": "Top tier"}, {**B, "name": "TOP  Tier"}], ["tiers.1.name"]),
    "orders out of all proportion": (
        [{**A, "order": 10**45}, {**B, "order": 10**46}],
        ["tiers.0.order", "tiers.1.order"],
    ),
    "an order twice": ([A, {**B, "order": 0}], ["tiers.1.order"]),
    "no name": ([{**A, "name": ""}], ["tiers.0.name"]),
    "a name of spaces": ([{**A, "name": "  "}], ["tiers.0.name"]),
    "a name too long": ([{**A, "name": "x" * 201}], ["tiers.0.name"]),
    "a name that does not show": ([{**A, "name": "a\x00b"}], ["tiers.0.name"]),
    "words for numbers": ([{**A, "startValue": "gold", "endValue": ""}], ["tiers.0.startValue", "tiers.0.endValue"]),
    "no finite number": (
        [{**A, "startValue": "NaN", "endValue": "Infinity"}],
        ["tiers.0.startValue", "tiers.0.endValue"],
    ),
    "other digits": (
        [{**A, "startValue": "1_000"}, {**B, "startValue": "٣"}],
        ["tiers.0.startValue", "tiers.1.startValue"],
    ),
    "out of all proportion": ([tier("A", "1e999", 0)], ["tiers.0.startValue"]),
    "finer than any value": ([tier("A", "0.0000000000001", 0)], ["tiers.0.startValue"]),
    "several faults": (
        [{**A, "startValue": "x"}, {**B, "endValue": 10}, {**B, "name": "A", "order": 5, "startValue": "y"}],
        ["tiers.0.startValue", "tiers.1.startValue", "tiers.2.startValue", "tiers.2.name"],
    ),
    "more tiers than a ladder has": (
        [tier(str(place), place, place, endValue=place + 1) for place in range(limits.TIERS_MAX + 1)],
        ["tiers"],
    ),
}


def test_what_a_program_refuses_is_told_with_what_was_received(fanfare: TestClient) -> None:
    (issue,) = issues_of(fanfare.post(TIERS, json=group_body(tiers=[{**A, "name": "x" * 201}])))
    assert (issue["received"], issue["message"]) == (f'"{"x" * 200}"', "Invalid value: has 201 characters")

    (issue,) = issues_of(fanfare.post(TIERS, json=group_body(tiers=[tier("A", 10**15, 0)])))
    assert (issue["received"], issue["path"][-1]["value"]) == ("1000000000000000", 10**15)


def everything(native: TestClient) -> Any:
    """All that a refused request could have left behind."""
    found = [native.get(path).json()["items"] for path in ("/v1/programs", "/v1/audiences", "/v1/audit")]
    return [*found, native.get("/v1/audiences", params={"archived": True}).json()["items"]]


@pytest.mark.parametrize("case", BAD_TIERS)
def test_tiers_that_make_no_group_are_refused_at_their_places(
    fanfare: TestClient, native: TestClient, case: str
) -> None:
    tiers, places = BAD_TIERS[case]
    group = made(fanfare)["tierGroup"]
    before = everything(native)

    for answer in (
        fanfare.post(TIERS, json=group_body(tiers=tiers)),
        fanfare.put(f"{TIERS}/{group}", json=group_body(tiers=tiers)),
    ):
        assert places_of(answer) == places
        assert {issue["kind"] for issue in issues_of(answer)} == {"validation"}
    assert everything(native) == before


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b"])
def test_a_group_has_a_name_that_can_be_kept(fanfare: TestClient, name: str) -> None:
    assert places_of(fanfare.post(TIERS, json=group_body(name=name))) == ["groupName"]


def test_gaps_are_allowed_and_whoever_is_in_one_has_no_tier(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=5, grace=15, joan=25)
    group = made(fanfare, tiers=[A, tier("C", 20, 1)])

    inside = [fanfare.get(f"{AUDIENCES}/{one['id']}/count").json()["count"] for one in group["audiences"]]
    assert inside == [1, 1]
    assert native.get("/v1/members/grace").json()["programs"][0]["tier"] == ""


def test_the_order_of_tiers_is_told_apart_from_their_ranges(fanfare: TestClient) -> None:
    group = made(fanfare, tiers=[tier("Low", 0, 2.5, endValue=10), tier("High", 10, 1)])

    told = [(one["name"], one["metadata"]["tierOrder"]) for one in group["audiences"]]
    assert told == [("High", 1), ("Low", 2.5)]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1,]", b"\xff", b'{"a": NaN}', b'{"a": "\\ud800"}', b"[" * 2_000, b'{"a":' * 40 + b"1" + b"}" * 40],
    ids=range(8),
)
def test_what_is_no_json_is_refused(fanfare: TestClient, body: bytes) -> None:
    answer = fanfare.post(TIERS, content=body, headers={"content-type": "application/json"})

    (issue,) = issues_of(answer)
    assert issue["message"].startswith("Invalid JSON in request body")


@pytest.mark.parametrize("body", [[], 1, "x", True])
def test_a_body_is_an_object(fanfare: TestClient, body: Any) -> None:
    (issue,) = issues_of(fanfare.post(TIERS, json=body))

    assert (issue["expected"], issue["path"]) == ("Object", [])


def test_a_body_that_is_too_large_is_refused(fanfare: TestClient) -> None:
    answer = fanfare.post(TIERS, json=group_body(name="x" * 1_100_000))

    assert (answer.status_code, answer.json()) == (413, {"error": "Request body is too large"})


def test_an_answer_to_many_faults_shows_so_much_of_the_request_and_no_more(fanfare: TestClient) -> None:
    tiers = [{"name": "x" * 5_000, "startValue": True, "order": "1"} for _ in range(150)]

    answer = fanfare.post(TIERS, json=group_body(tiers=tiers))

    assert len(issues_of(answer)) == limits.FAULTS_SHOWN_MAX
    assert len(answer.content) < 400_000


# --- audiences and rules


def rule(**said: Any) -> dict[str, Any]:
    return {**RULES[0], **said}


BAD_RULES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown operator": (rule(operator="STARTS_WITH"), "operator"),
    "no values": (rule(values=[]), "values"),
    "one value for a range": (rule(operator="BETWEEN", values=[1]), "values"),
    "three values for a range": (rule(operator="BETWEEN", values=[1, 2, 3]), "values"),
    "two values for one": (rule(values=[1, 2]), "values"),
    "a value where none is": (rule(operator="EXISTS", values=[1]), "values"),
    "none in a list": (rule(operator="IN", values=[]), "values"),
    "too many in a list": (rule(operator="IN", values=list(range(limits.AUDIENCE_VALUES_MAX + 1))), "values"),
    "a word for a number": (rule(values=["many"]), "values.0"),
    "an object for a value": (rule(values=[{}]), "values.0"),
    "no order of null": (rule(values=[None]), "values.0"),
    "no part of a number": (rule(operator="CONTAINS", values=["1"]), "operator"),
    "no date": (rule(field="lastOrderAt", values=["yesterday"]), "values.0"),
    "no field": (rule(field=""), "field"),
    "a field too long": (rule(field="x" * 300), "field"),
    "a field that does not show": (rule(field="a\x07"), "field"),
    "no uuid for a group": (rule(groupId="one"), "groupId"),
}


@pytest.mark.parametrize("case", BAD_RULES)
def test_rules_that_mean_nothing_are_refused_at_their_places(
    fanfare: TestClient, native: TestClient, case: str
) -> None:
    bad, place = BAD_RULES[case]
    audience = make(fanfare, rules=RULES)
    one = f"{AUDIENCES}/{audience['id']}"
    own = {**bad, "audienceId": audience["id"]}
    before = everything(native)

    said = {"name": "Bad", "type": "DYNAMIC", "rules": [RULES[0], bad]}
    assert places_of(fanfare.post(AUDIENCES, json=said)) == [f"rules.1.{place}"]
    assert places_of(fanfare.post(f"{one}/rules", json=own)) == [place]
    assert places_of(fanfare.put(f"{one}/rules", json={"rules": [own]})) == [f"rules.0.{place}"]
    assert places_of(fanfare.put(f"{one}/rules/{audience['rules'][0]['id']}", json=bad)) == [place]
    assert everything(native) == before


def test_there_are_so_many_rules_and_groups_and_no_more(fanfare: TestClient) -> None:
    many = [RULES[0]] * (limits.AUDIENCE_RULES_MAX + 1)
    groups = [
        {**RULES[0], "groupId": f"00000000-0000-4000-8000-{place:012}"}
        for place in range(limits.AUDIENCE_GROUPS_MAX + 1)
    ]

    for rules in (many, groups):
        (issue,) = issues_of(fanfare.post(AUDIENCES, json={"name": "Many", "type": "DYNAMIC", "rules": rules}))
        assert "Invalid rules" in issue["message"]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": None}, "name"),
        ({"type": "STATIC"}, "type"),
        ({"description": 5}, "description"),
        ({"description": "x" * 4_001}, "description"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"a": "x" * 70_000}}, "metadata"),
        ({"metadata": {"fanfare": 1}}, "metadata.fanfare"),
        ({"groupId": "one"}, "groupId"),
        ({"groupType": "BAND"}, "groupType"),
        ({"refreshIntervalSeconds": 1}, "refreshIntervalSeconds"),
        ({"refreshIntervalSeconds": 60.5}, "refreshIntervalSeconds"),
        ({"refreshIntervalSeconds": "60"}, "refreshIntervalSeconds"),
    ],
    ids=repr,
)
def test_what_cannot_be_said_of_an_audience_is_refused_at_its_place(
    fanfare: TestClient, native: TestClient, said: dict[str, Any], place: str
) -> None:
    audience = make(fanfare)
    before = everything(native)

    assert places_of(fanfare.post(AUDIENCES, json={"name": "Bad", "type": "DYNAMIC", **said})) == [place]
    assert places_of(fanfare.put(f"{AUDIENCES}/{audience['id']}", json=said)) == [place]
    assert everything(native) == before


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"type": "STATIC_LIST", "rules": RULES}, "rules"),
        ({"type": "DYNAMIC", "primarySyncSource": {"syncSource": "a:list", "syncSourceId": "1"}}, "primarySyncSource"),
        ({"type": "SYNCED_LIST", "primarySyncSource": {"syncSource": "a:list"}}, "primarySyncSource.syncSourceId"),
    ],
)
def test_rules_and_sources_are_for_audiences_that_have_them(
    fanfare: TestClient, said: dict[str, Any], place: str
) -> None:
    assert places_of(fanfare.post(AUDIENCES, json={"name": "Bad", **said})) == [place]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"name": "gold"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"iconName": "x" * 201}, "iconName"),
        ({"description": "x" * 4_001}, "description"),
        ({"groupName": "x" * 201}, "groupName"),
    ],
    ids=str,
)
def test_what_cannot_be_said_of_a_tier_is_refused_at_its_place(
    fanfare: TestClient, native: TestClient, said: dict[str, Any], place: str
) -> None:
    silver = made(fanfare)["audiences"][1]
    before = everything(native)

    answer = fanfare.put(f"{AUDIENCES}/{silver['id']}", json=said)

    assert places_of(answer) == [place]
    (issue,) = issues_of(answer)
    assert issue["received"].startswith(f'"{said[place][:10]}')
    assert everything(native) == before


def test_audiences_do_not_slip_into_a_group_of_tiers(fanfare: TestClient) -> None:
    group = made(fanfare)
    audience = make(fanfare)
    silver = group["audiences"][1]

    said = {"name": "More", "type": "DYNAMIC", "groupId": group["tierGroup"]}
    assert places_of(fanfare.post(AUDIENCES, json=said)) == ["groupId"]
    assert places_of(fanfare.put(f"{AUDIENCES}/{audience['id']}", json={"groupId": group["tierGroup"]})) == ["groupId"]
    assert places_of(fanfare.put(f"{AUDIENCES}/{silver['id']}", json={"groupId": None})) == ["groupId"]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"first": "0"}, "first"),
        ({"first": "101"}, "first"),
        ({"last": "x"}, "last"),
        ({"after": "nonsense"}, "after"),
        ({"before": "x" * 5_000}, "before"),
        ({"sortBy": "size"}, "sortBy"),
        ({"sortDir": "up"}, "sortDir"),
    ],
    ids=str,
)
def test_pages_that_are_none_are_refused(fanfare: TestClient, query: dict[str, str], place: str) -> None:
    assert places_of(fanfare.get(AUDIENCES, params=query)) == [place]


def test_a_search_has_two_characters(fanfare: TestClient) -> None:
    audience = make(fanfare)

    assert places_of(fanfare.get(f"{AUDIENCES}/{audience['id']}/members", params={"search": "a"})) == ["search"]


def test_unknown_consumers_are_passed_over(fanfare: TestClient, native: TestClient) -> None:
    earn(native, ada=5)
    audience = make(fanfare, type="STATIC_LIST")
    members = f"{AUDIENCES}/{audience['id']}/members"
    strangers = ["ada", "ada", "nobody", "3c90c3cc-0d44-4b50-8888-8dd25736052a", "", "x" * 500, "a\x00b"]

    assert fanfare.post(members, json={"consumerIds": strangers}).json()["addedCount"] == 1
    assert fanfare.post(members, json={"consumerIds": strangers}).json()["addedCount"] == 0
    assert places_of(fanfare.post(members, json={"consumerIds": ["ada", 5]})) == ["consumerIds.1"]
    assert places_of(fanfare.post(members, json={})) == ["consumerIds"]
    assert fanfare.request("DELETE", members, json={"consumerIds": strangers}).json()["removedCount"] == 1
