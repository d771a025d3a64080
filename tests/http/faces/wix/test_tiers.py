"""The other tiers methods, their rules and every error of theirs."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import (
    BULK,
    PROGRAM,
    SETTINGS,
    TIERS,
    activate,
    application_error,
    make_tier,
    settings_body,
    tier_body,
    violations,
)
from ziggurat.app.principal import KeyScope

NOBODY = "00000000-0000-4000-8000-000000000000"


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, application_error(answer)["code"]


def test_a_tier_is_created_with_a_guid_and_revision_1(wix: TestClient) -> None:
    made = make_tier(wix, "Silver", 500, description="Half way", icon={"url": "shapes/silver.svg"})

    assert len(made.pop("id")) == 36
    assert made == {
        "tierDefinition": {
            "name": "Silver",
            "description": "Half way",
            "icon": {"id": "", "url": "shapes/silver.svg", "height": 0, "width": 0},
        },
        "requiredPoints": 500,
        "revision": "1",
        "createdDate": "2025-07-01T12:00:00.000Z",
        "updatedDate": "2025-07-01T12:00:00.000Z",
    }


def test_tiers_are_listed_by_their_points(wix: TestClient) -> None:
    gold, silver, bronze = make_tier(wix, "Gold", 2000), make_tier(wix, "Silver", 500), make_tier(wix, "Bronze", 100)

    assert wix.get(TIERS).json() == {"tiers": [bronze, silver, gold]}
    assert wix.get(PROGRAM).json()["tiers"] == [bronze, silver, gold]
    assert wix.get(f"{TIERS}/{silver['id']}").json() == {"tier": silver}


def test_a_site_without_tiers_lists_none(wix: TestClient) -> None:
    assert wix.get(TIERS).json() == {"tiers": []}


def test_an_update_changes_what_it_says_and_grows_only_that_tiers_revision(wix: TestClient, served: Served) -> None:
    silver = make_tier(wix, "Silver", 500, description="Half way", icon={"url": "a.svg", "altText": "A"})
    gold = make_tier(wix, "Gold", 2000)
    served.clock.pass_seconds(60)

    answer = wix.patch(f"{TIERS}/{silver['id']}", json={"tier": {"revision": "1", "requiredPoints": 600}})

    assert answer.json() == {
        "tier": silver | {"requiredPoints": 600, "revision": "2", "updatedDate": "2025-07-01T12:01:00.000Z"}
    }
    assert wix.get(f"{TIERS}/{gold['id']}").json() == {"tier": gold}


def test_an_update_that_changes_nothing_is_a_revision_too(wix: TestClient) -> None:
    silver = make_tier(wix, "Silver", 500)
    body = {"tier": {**silver, "id": silver["id"]}}

    assert wix.patch(f"{TIERS}/{silver['id']}", json=body).json()["tier"]["revision"] == "2"
    body["tier"]["revision"] = "2"
    assert wix.patch(f"{TIERS}/{silver['id']}", json=body).json()["tier"]["revision"] == "3"


def test_an_empty_description_clears_and_null_is_absent(wix: TestClient) -> None:
    silver = make_tier(wix, "Silver", 500, description="Half way")
    path = f"{TIERS}/{silver['id']}"

    kept = wix.patch(path, json={"tier": {"revision": "1", "tierDefinition": {"description": None}}}).json()["tier"]
    cleared = wix.patch(path, json={"tier": {"revision": "2", "tierDefinition": {"description": ""}}}).json()["tier"]

    assert kept["tierDefinition"]["description"] == "Half way"
    assert cleared["tierDefinition"] == {"name": "Silver", "description": ""}


def test_a_renamed_tier_keeps_its_id_and_its_members(wix: TestClient, native: TestClient, served: Served) -> None:
    silver = make_tier(wix, "Silver", 500)
    activate(wix)
    points = {"member": "ann", "type": "points.earned", "occurred_at": "2025-07-01T11:00:00Z", "points": 600}
    native.post("/v1/events", json=[points])
    (before,) = native.get("/v1/members/ann").json()["programs"]
    served.clock.pass_seconds(60)

    body = {"tier": {"revision": "1", "tierDefinition": {"name": "Argent"}}}
    renamed = wix.patch(f"{TIERS}/{silver['id']}", json=body).json()["tier"]

    assert (renamed["id"], renamed["tierDefinition"]["name"]) == (silver["id"], "Argent")
    (standing,) = native.get("/v1/members/ann").json()["programs"]
    assert (standing["tier"], standing["since"]) == ("Argent", before["since"])


def test_tiers_may_change_places(wix: TestClient) -> None:
    silver, gold = make_tier(wix, "Silver", 500), make_tier(wix, "Gold", 2000)

    wix.patch(f"{TIERS}/{silver['id']}", json={"tier": {"revision": "1", "requiredPoints": 3000}})

    assert [tier["id"] for tier in wix.get(TIERS).json()["tiers"]] == [gold["id"], silver["id"]]


def test_members_of_a_deleted_tier_fall_to_the_next_they_qualify_for(wix: TestClient, native: TestClient) -> None:
    make_tier(wix, "Silver", 500)
    gold = make_tier(wix, "Gold", 2000)
    activate(wix)
    points = {"member": "ann", "type": "points.earned", "occurred_at": "2025-07-01T11:00:00Z", "points": 2500}
    native.post("/v1/events", json=[points])

    answer = wix.delete(f"{TIERS}/{gold['id']}", params={"revision": "1"})

    assert (answer.status_code, answer.json()) == (200, {})
    assert [tier["tierDefinition"]["name"] for tier in wix.get(TIERS).json()["tiers"]] == ["Silver"]
    (standing,) = native.get("/v1/members/ann").json()["programs"]
    assert standing["tier"] == "Silver"


def test_the_last_tier_may_be_deleted(wix: TestClient) -> None:
    silver = make_tier(wix, "Silver", 500)

    assert wix.delete(f"{TIERS}/{silver['id']}", params={"revision": "1"}).status_code == 200
    assert wix.get(TIERS).json() == {"tiers": []}


# --- refused


def test_names_and_points_are_each_tiers_own(wix: TestClient) -> None:
    silver, gold = make_tier(wix, "Silver", 500), make_tier(wix, "Gold", 2000)

    for answer in (
        wix.post(TIERS, json=tier_body(" silver ", 700)),
        wix.patch(f"{TIERS}/{gold['id']}", json={"tier": {"revision": "1", "tierDefinition": {"name": "Silver"}}}),
    ):
        assert told(answer) == (409, "TIER_NAME_ALREADY_EXISTS")
        assert application_error(answer)["data"] == {"tierId": silver["id"]}
    for answer in (
        wix.post(TIERS, json=tier_body("Bronze", 500)),
        wix.patch(f"{TIERS}/{gold['id']}", json={"tier": {"revision": "1", "requiredPoints": 500}}),
    ):
        assert told(answer) == (409, "TIER_REQUIRED_POINTS_ALREADY_EXISTS")
        assert application_error(answer)["data"] == {"tierId": silver["id"]}


def test_a_tier_cannot_be_called_as_the_base_tier_nor_the_base_tier_as_a_tier(wix: TestClient) -> None:
    wix.get(PROGRAM)
    wix.patch(SETTINGS, json=settings_body(baseTierDefinition={"name": "Basic"}))

    assert told(wix.post(TIERS, json=tier_body("Basic", 5))) == (409, "TIER_NAME_ALREADY_EXISTS")
    silver = make_tier(wix, "Silver", 500)
    clash = wix.patch(SETTINGS, json=settings_body("2", baseTierDefinition={"name": "Silver"}))
    assert (told(clash), application_error(clash)["data"]) == (
        (409, "TIER_NAME_ALREADY_EXISTS"),
        {"tierId": silver["id"]},
    )


def test_unknown_tiers_are_not_found(wix: TestClient) -> None:
    body = {"tier": {"revision": "1", "requiredPoints": 1}}
    for _ in ("no program", "a program"):
        for answer in (
            wix.get(f"{TIERS}/{NOBODY}"),
            wix.patch(f"{TIERS}/{NOBODY}", json=body),
            wix.delete(f"{TIERS}/{NOBODY}", params={"revision": "1"}),
        ):
            assert told(answer) == (404, "TIER_NOT_FOUND")
            assert application_error(answer)["data"] == {"tierId": NOBODY}
        wix.get(PROGRAM)


def test_ids_that_are_no_guids_are_refused(wix: TestClient) -> None:
    body = {"tier": {"revision": "1", "requiredPoints": 1}}

    assert violations(wix.get(f"{TIERS}/gold")) == {"tierId": "FORMAT"}
    assert violations(wix.patch(f"{TIERS}/gold", json=body)) == {"tier.id": "FORMAT"}
    assert violations(wix.delete(f"{TIERS}/gold", params={"revision": "1"})) == {"tierId": "FORMAT"}


def test_a_stale_revision_is_refused(wix: TestClient) -> None:
    silver = make_tier(wix, "Silver", 500)
    path = f"{TIERS}/{silver['id']}"
    wix.patch(path, json={"tier": {"revision": "1", "requiredPoints": 600}})

    for answer in (
        wix.patch(path, json={"tier": {"revision": "1", "requiredPoints": 700}}),
        wix.delete(path, params={"revision": "1"}),
    ):
        assert told(answer) == (409, "INVALID_REVISION")
        assert application_error(answer)["data"] == {"revisionViolation": {"entityId": silver["id"]}}
    assert wix.get(path).json()["tier"]["requiredPoints"] == 600


def test_update_and_delete_want_a_revision(wix: TestClient) -> None:
    path = f"{TIERS}/{make_tier(wix, 'Silver', 500)['id']}"

    assert violations(wix.patch(path, json={"tier": {"requiredPoints": 600}})) == {"tier.revision": "REQUIRED_FIELD"}
    assert violations(wix.delete(path)) == {"revision": "REQUIRED_FIELD"}
    assert violations(wix.delete(path, params={"revision": "one"})) == {"revision": "FORMAT"}
    assert wix.patch(path, json={"tier": {"requiredPoints": 600, "revision": 1}}).status_code == 200


@pytest.mark.parametrize(
    ("tier", "field", "rule"),
    [
        ({"tierDefinition": {"name": "A"}}, "tier.requiredPoints", "REQUIRED_FIELD"),
        ({"requiredPoints": 5}, "tier.tierDefinition", "REQUIRED_FIELD"),
        ({"tierDefinition": {}, "requiredPoints": 5}, "tier.tierDefinition.name", "REQUIRED_FIELD"),
        ({"tierDefinition": {"name": ""}, "requiredPoints": 5}, "tier.tierDefinition.name", "REQUIRED_FIELD"),
        ({"tierDefinition": {"name": "x" * 51}, "requiredPoints": 5}, "tier.tierDefinition.name", "MAX_LENGTH"),
        ({"tierDefinition": {"name": 7}, "requiredPoints": 5}, "tier.tierDefinition.name", "FORMAT"),
        (
            {"tierDefinition": {"name": "A", "description": "x" * 71}, "requiredPoints": 5},
            "tier.tierDefinition.description",
            "MAX_LENGTH",
        ),
        ({"tierDefinition": {"name": "A"}, "requiredPoints": -1}, "tier.requiredPoints", "MIN"),
        ({"tierDefinition": {"name": "A"}, "requiredPoints": 10_000_000}, "tier.requiredPoints", "MAX"),
        ({"tierDefinition": {"name": "A"}, "requiredPoints": 1.5}, "tier.requiredPoints", "FORMAT"),
        ({"tierDefinition": {"name": "A"}, "requiredPoints": "5"}, "tier.requiredPoints", "FORMAT"),
        ([], "tier", "FORMAT"),
        (None, "tier", "REQUIRED_FIELD"),
    ],
)
def test_each_violation_names_its_field_and_rule(wix: TestClient, tier: Any, field: str, rule: str) -> None:
    assert violations(wix.post(TIERS, json={"tier": tier})) == {field: rule}


def test_violations_come_in_the_vendors_envelope_with_their_data(wix: TestClient) -> None:
    answer = wix.post(TIERS, json=tier_body("A", 10_000_000))

    description = "must be less than or equal to 9999999"
    assert answer.json() == {
        "message": f"tier.requiredPoints {description}",
        "details": {
            "validationError": {
                "fieldViolations": [
                    {
                        "field": "tier.requiredPoints",
                        "description": description,
                        "violatedRule": "MAX",
                        "data": {"threshold": 9_999_999},
                    }
                ]
            }
        },
    }
    assert answer.headers["x-wix-request-id"]


def test_the_limits_themselves_are_allowed(wix: TestClient) -> None:
    made = make_tier(wix, "x" * 50, 9_999_999, description="😀" * 70)

    assert made["tierDefinition"]["description"] == "😀" * 70
    assert make_tier(wix, "Everybody", 0)["requiredPoints"] == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"NaN"])
def test_what_is_no_json_object_is_refused(wix: TestClient, body: bytes) -> None:
    assert wix.post(TIERS, content=body).status_code == 400


def test_the_21st_tier_is_refused(wix: TestClient) -> None:
    wix.post(BULK, json={"tiers": [tier_body(f"T{n}", n)["tier"] for n in range(1, 21)]})

    answer = wix.post(TIERS, json=tier_body("One more", 500))

    assert told(answer) == (428, "TIERS_LIMIT_REACHED")
    assert answer.json()["message"] == "Tiers limit reached [20]"


# --- many at once


def test_many_tiers_are_created_each_for_itself(wix: TestClient) -> None:
    items = [tier_body("Gold", 2000)["tier"], {"tierDefinition": {"name": ""}}, tier_body("Silver", 2000)["tier"]]
    items += ["no tier", tier_body("Bronze", 100)["tier"]]

    said = wix.post(BULK, json={"tiers": items}).json()

    assert said["bulkActionMetadata"] == {"totalSuccesses": 2, "totalFailures": 3, "undetailedFailures": 0}
    metadata = [result["itemMetadata"] for result in said["results"]]
    assert [each["originalIndex"] for each in metadata] == [0, 1, 2, 3, 4]
    assert [each["success"] for each in metadata] == [True, False, False, False, True]
    assert [each.get("error", {}).get("code") for each in metadata] == [
        None,
        "INVALID_ARGUMENT",
        "TIER_REQUIRED_POINTS_ALREADY_EXISTS",
        "INVALID_ARGUMENT",
        None,
    ]
    made = [said["results"][index]["item"] for index in (4, 0)]
    assert wix.get(TIERS).json() == {"tiers": made}
    assert metadata[0]["id"] == made[1]["id"]
    assert metadata[2]["error"]["data"] == {"tierId": made[1]["id"]}


def test_when_all_of_many_fail_nothing_changes(wix: TestClient) -> None:
    before = wix.get(PROGRAM).json()

    said = wix.post(BULK, json={"tiers": [{}]}).json()

    assert said["bulkActionMetadata"]["totalFailures"] == 1
    assert wix.get(PROGRAM).json() == before


def test_one_to_twenty_tiers_may_come_at_once(wix: TestClient) -> None:
    item = tier_body("A", 1)["tier"]

    assert violations(wix.post(BULK, json={"tiers": []})) == {"tiers": "MIN_SIZE"}
    assert violations(wix.post(BULK, json={"tiers": [item] * 21})) == {"tiers": "MAX_SIZE"}


# --- settings


def test_reading_the_program_or_the_settings_creates_default_ones_once(wix: TestClient, served: Served) -> None:
    first = wix.get(SETTINGS).json()["programSettings"]
    served.clock.pass_seconds(60)

    assert first == {
        "rollingWindow": {"durationInMonths": 12},
        "status": "DISABLED",
        "revision": "1",
        "createdDate": "2025-07-01T12:00:00.000Z",
        "updatedDate": "2025-07-01T12:00:00.000Z",
    }
    assert wix.get(PROGRAM).json() == {"tiers": [], "programSettings": first}


def test_settings_can_be_created_after_a_reading_has_made_default_ones(wix: TestClient) -> None:
    wix.get(PROGRAM)
    body = {"programSettings": {"status": "ACTIVE", "rollingWindow": {"durationInMonths": 24}}}

    created = wix.post(SETTINGS, json=body).json()["programSettings"]

    assert (created["status"], created["rollingWindow"]) == ("ACTIVE", {"durationInMonths": 24})
    assert told(wix.post(SETTINGS, json=body)) == (409, "ALREADY_EXISTS")


def test_created_settings_have_revision_1(wix: TestClient) -> None:
    body = {"programSettings": {"status": "DRAFT", "baseTierDefinition": {"name": "Basic"}}}

    created = wix.post(SETTINGS, json=body).json()["programSettings"]

    assert (created["revision"], created["status"]) == ("1", "DRAFT")
    assert created["baseTierDefinition"] == {"name": "Basic", "description": ""}


# --- who asks


def test_a_request_without_a_key_or_with_an_unknown_one_is_unauthenticated(served: Served) -> None:
    for headers in ({}, {"authorization": "nobody"}, {"authorization": "Basic abc"}):
        answer = served.with_headers(headers).get(TIERS)

        assert told(answer) == (401, "UNAUTHENTICATED")
        assert answer.json()["message"] == "Unauthorized"


def test_a_key_that_may_only_read_cannot_change(served: Served) -> None:
    reader = served.with_headers({"authorization": served.secret(scopes=frozenset({KeyScope.READ}))})

    assert reader.get(TIERS).status_code == 200
    assert told(reader.post(TIERS, json=tier_body("A", 1))) == (403, "PERMISSION_DENIED")


def test_another_organizations_key_sees_nothing(wix: TestClient, served: Served) -> None:
    silver = make_tier(wix, "Silver", 500)
    stranger = served.with_headers({"authorization": served.secret("second")})

    assert stranger.get(TIERS).json() == {"tiers": []}
    assert told(stranger.get(f"{TIERS}/{silver['id']}")) == (404, "TIER_NOT_FOUND")
    assert stranger.get(PROGRAM).json()["tiers"] == []
    assert told(stranger.delete(f"{TIERS}/{silver['id']}", params={"revision": "1"})) == (404, "TIER_NOT_FOUND")
    assert wix.get(TIERS).json() == {"tiers": [silver]}


def test_addresses_and_methods_that_the_vendor_lacks_are_not_found(wix: TestClient) -> None:
    assert told(wix.get("/wix/loyalty-tiers/v1/nothing")) == (404, "NOT_FOUND")
    assert told(wix.put(TIERS, json={})) == (404, "NOT_FOUND")
    assert told(wix.get("/wix/nothing%0Aat-all")) == (404, "NOT_FOUND")


def test_each_site_has_its_own_tiers(served: Served) -> None:
    secret = served.secret()
    one = served.with_headers({"authorization": secret, "wix-site-id": "site-1"})
    two = served.with_headers({"authorization": secret, "wix-site-id": "site-2"})
    silver = make_tier(one, "Silver", 500)

    assert two.get(TIERS).json() == {"tiers": []}
    gold = make_tier(two, "Gold", 500)
    assert one.get(TIERS).json() == {"tiers": [silver]}
    assert two.get(TIERS).json() == {"tiers": [gold]}
    unsaid = served.with_headers({"authorization": secret}).get(TIERS)
    assert told(unsaid) == (403, "PERMISSION_DENIED")


def test_it_can_be_served_at_the_root(serve_with: Callable[..., Served]) -> None:
    served = serve_with(face="wix")
    client = served.with_headers({"authorization": served.secret()})

    for path in ("/loyalty-tiers/v1/tiers", "/_api/loyalty-tiers/v1/tiers", "/v1/tiers"):
        assert client.get(path).json() == {"tiers": []}
