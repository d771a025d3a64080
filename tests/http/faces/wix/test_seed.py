"""UpdateTiersProgramSettings, sentence by sentence of its reference page."""

import json
import shlex
import shutil
import subprocess

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import (
    PROGRAM,
    SETTINGS,
    TIERS,
    activate,
    application_error,
    make_tier,
    settings_body,
    violations,
)
from tests.support.loopback import listening_on_loopback
from ziggurat.app.principal import ALL_SCOPES, KeyScope

AS_PRINTED = """curl -X PATCH \\
  'https://www.wixapis.com/loyalty-tiers/v1/tiers/program-settings' \\
  -H 'Authorization: <AUTH>' \\
  -H 'Content-Type: application/json' \\
  --data-raw '{
    "programSettings": {
      "status": "PAUSED",
      "revision": "1",
      "baseTierDefinition": {
        "name": "Basic",
        "description": "Basic tier",
        "icon": {
          "url": "shapes/11062b_0a8e17936d5b4d46971649be036c781b.svg"
        }
      },
      "rollingWindow": {
        "durationInMonths": 12
      }
    }
  }'"""


def example() -> dict[str, object]:
    words = shlex.split(AS_PRINTED)
    said: dict[str, object] = json.loads(words[words.index("--data-raw") + 1])
    return said


def test_the_example_is_answered_with_the_updated_settings(wix: TestClient) -> None:
    created = wix.get(PROGRAM).json()["programSettings"]

    answer = wix.patch(SETTINGS, json=example())

    assert answer.status_code == 200
    assert answer.json() == {
        "programSettings": {
            "rollingWindow": {"durationInMonths": 12},
            "status": "PAUSED",
            "revision": "2",
            "createdDate": created["createdDate"],
            "updatedDate": "2025-07-01T12:00:00.000Z",
            "baseTierDefinition": {
                "name": "Basic",
                "description": "Basic tier",
                "icon": {
                    "id": "",
                    "url": "shapes/11062b_0a8e17936d5b4d46971649be036c781b.svg",
                    "height": 0,
                    "width": 0,
                },
            },
        }
    }


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_example_sent_with_curl_as_printed_is_answered(wix: TestClient, served: Served) -> None:
    wix.get(PROGRAM)
    with listening_on_loopback(served.app) as address:
        printed = AS_PRINTED.replace("https://www.wixapis.com", f"{address}/wix").replace("<AUTH>", served.secret())
        command = [*shlex.split(printed.replace("\\\n", "")), "--silent", "--write-out", "%{stderr}%{http_code}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    assert done.stderr == "200"
    settings = json.loads(done.stdout)["programSettings"]
    assert (settings["status"], settings["revision"], settings["baseTierDefinition"]["name"]) == (
        "PAUSED",
        "2",
        "Basic",
    )


@pytest.mark.parametrize("prefix", ["/wix/loyalty-tiers", "/wix/_api/loyalty-tiers", "/wix"])
def test_it_answers_under_each_prefix_that_clients_use_and_the_page_prints(wix: TestClient, prefix: str) -> None:
    wix.get(PROGRAM)

    assert wix.patch(f"{prefix}/v1/tiers/program-settings", json=example()).status_code == 200


def test_it_updates_settings_that_apply_to_all_of_a_sites_tiers_and_leaves_the_tiers_alone(wix: TestClient) -> None:
    silver, gold = make_tier(wix, "Silver", 500), make_tier(wix, "Gold", 2000)
    activate(wix)

    assert wix.get(TIERS).json() == {"tiers": [silver, gold]}


def test_by_default_the_status_is_disabled(wix: TestClient) -> None:
    assert wix.get(PROGRAM).json()["programSettings"]["status"] == "DISABLED"


def test_it_must_be_updated_to_active_by_this_method_to_have_an_effect(wix: TestClient, native: TestClient) -> None:
    make_tier(wix, "Silver", 500)
    points = {"member": "ann", "type": "points.earned", "occurred_at": "2025-07-01T11:00:00Z", "points": 600}
    native.post("/v1/events", json=[points])
    (before,) = native.get("/v1/members/ann").json()["programs"]

    activate(wix)

    (after,) = native.get("/v1/members/ann").json()["programs"]
    assert (before["tier"], after["tier"]) == ("(base tier)", "Silver")


@pytest.mark.parametrize(
    ("missing", "violation"),
    [
        ("status", {"programSettings.status": "REQUIRED_FIELD"}),
        ("revision", {"programSettings.revision": "REQUIRED_FIELD"}),
        ("rollingWindow", {"programSettings.period": "REQUIRED_ONE_OF_FIELD"}),
    ],
)
def test_status_revision_and_rolling_window_must_be_passed(
    wix: TestClient, missing: str, violation: dict[str, str]
) -> None:
    wix.get(PROGRAM)
    body = settings_body()
    del body["programSettings"][missing]

    assert violations(wix.patch(SETTINGS, json=body)) == violation


def test_program_settings_must_be_passed(wix: TestClient) -> None:
    wix.get(PROGRAM)

    assert violations(wix.patch(SETTINGS, json={})) == {"programSettings": "REQUIRED_FIELD"}


def test_it_needs_the_permission_to_manage_loyalty(wix: TestClient, served: Served) -> None:
    wix.get(PROGRAM)
    others = served.with_headers({"authorization": served.secret(scopes=ALL_SCOPES - {KeyScope.DESIGN})})
    manager = served.with_headers({"authorization": served.secret(scopes=frozenset({KeyScope.DESIGN}))})

    answer = others.patch(SETTINGS, json=example())

    assert (answer.status_code, application_error(answer)["code"]) == (403, "PERMISSION_DENIED")
    assert manager.patch(SETTINGS, json=example()).status_code == 200


def test_the_base_tier_is_that_of_any_account_that_meets_no_other_tiers_points(
    wix: TestClient, native: TestClient
) -> None:
    make_tier(wix, "Silver", 500)
    wix.patch(SETTINGS, json=settings_body(baseTierDefinition={"name": "Basic"}))
    for member, points in (("ann", 499), ("bob", 500)):
        event = {"member": member, "type": "points.earned", "occurred_at": "2025-07-01T11:00:00Z", "points": points}
        native.post("/v1/events", json=[event])

    tiers = [native.get(f"/v1/members/{member}").json()["programs"][0]["tier"] for member in ("ann", "bob")]

    assert tiers == ["Basic", "Silver"]
    account = wix.get("/wix/loyalty-accounts/v1/accounts/ann").json()["account"]
    assert (account["tier"]["points"], "id" in account["tier"]) == (499, False)


def test_created_and_updated_dates_tell_when_the_program_was_made_and_changed_last(
    wix: TestClient, served: Served
) -> None:
    wix.get(PROGRAM)
    served.clock.pass_seconds(60)
    make_tier(wix, "Silver", 500)
    served.clock.pass_seconds(60)
    told = wix.patch(SETTINGS, json=settings_body()).json()["programSettings"]
    served.clock.pass_seconds(60)

    assert (told["createdDate"], told["updatedDate"]) == ("2025-07-01T12:00:00.000Z", "2025-07-01T12:02:00.000Z")
    assert wix.get(SETTINGS).json()["programSettings"] == told


def test_the_base_tier_is_not_required_but_reset_to_nothing_when_it_is_not_passed(wix: TestClient) -> None:
    wix.get(PROGRAM)
    wix.patch(SETTINGS, json=example())

    answer = wix.patch(SETTINGS, json=settings_body("2", "PAUSED"))

    assert answer.status_code == 200
    assert "baseTierDefinition" not in answer.json()["programSettings"]
    assert "baseTierDefinition" not in wix.get(SETTINGS).json()["programSettings"]


def test_fields_of_the_base_tier_that_are_not_passed_are_empty_again(wix: TestClient) -> None:
    wix.get(PROGRAM)
    wix.patch(SETTINGS, json=example())

    answer = wix.patch(SETTINGS, json=settings_body("2", baseTierDefinition={"name": "Start"}))

    assert answer.json()["programSettings"]["baseTierDefinition"] == {"name": "Start", "description": ""}


def test_a_site_has_one_set_of_settings(wix: TestClient) -> None:
    body = {"programSettings": {"rollingWindow": {"durationInMonths": 24}}}
    assert wix.post(SETTINGS, json=body).status_code == 200

    second = wix.post(SETTINGS, json=body)

    assert (second.status_code, application_error(second)["code"]) == (409, "ALREADY_EXISTS")


def test_only_points_accumulated_during_the_window_determine_the_tier(
    wix: TestClient, native: TestClient, served: Served
) -> None:
    make_tier(wix, "Silver", 500)
    activate(wix)
    events = [
        {"member": "old", "type": "points.earned", "occurred_at": "2024-06-30T12:00:00Z", "points": 600},
        {"member": "new", "type": "points.earned", "occurred_at": "2024-07-01T12:00:01Z", "points": 600},
    ]
    native.post("/v1/events", json=events)

    def tier(member: str) -> str:
        (standing,) = native.get(f"/v1/members/{member}").json()["programs"]
        shown: str = standing["tier"]
        return shown

    assert (tier("old"), tier("new")) == ("(base tier)", "Silver")
    served.clock.pass_seconds(1)
    assert tier("new") == "(base tier)"


@pytest.mark.parametrize(("months", "rule"), [(11, "MIN"), (37, "MAX")])
def test_the_window_is_12_to_36_months_long(wix: TestClient, months: int, rule: str) -> None:
    wix.get(PROGRAM)

    answer = wix.patch(SETTINGS, json=settings_body(months=months))

    assert violations(answer) == {"programSettings.rollingWindow.durationInMonths": rule}
    assert wix.patch(SETTINGS, json=settings_body(months=36)).json()["programSettings"]["rollingWindow"] == {
        "durationInMonths": 36
    }


@pytest.mark.parametrize("status", ["DISABLED", "DRAFT", "ACTIVE", "PAUSED"])
def test_every_status_can_be_set_and_is_told_back(wix: TestClient, status: str) -> None:
    wix.get(PROGRAM)
    wix.patch(SETTINGS, json=settings_body("1", "ACTIVE"))

    assert wix.patch(SETTINGS, json=settings_body("2", status)).json()["programSettings"]["status"] == status
    assert wix.get(SETTINGS).json()["programSettings"]["status"] == status


@pytest.mark.parametrize("status", ["UNKNOWN", "OFF", "active"])
def test_an_unknown_status_cannot_be_set(wix: TestClient, status: str) -> None:
    wix.get(PROGRAM)

    assert violations(wix.patch(SETTINGS, json=settings_body(status=status))) == {
        "programSettings.status": "INVALID_ENUM_VALUE"
    }


@pytest.mark.parametrize("status", ["DISABLED", "DRAFT", "PAUSED"])
def test_unless_tiers_are_active_everybody_is_in_the_base_tier(
    wix: TestClient, native: TestClient, status: str
) -> None:
    make_tier(wix, "Silver", 500)
    revision = activate(wix)["revision"]
    points = {"member": "ann", "type": "points.earned", "occurred_at": "2025-07-01T11:00:00Z", "points": 600}
    native.post("/v1/events", json=[points])

    wix.patch(SETTINGS, json=settings_body(revision, status))

    (standing,) = native.get("/v1/members/ann").json()["programs"]
    assert (standing["tier"], standing["progress"]["value"]) == ("(base tier)", 600)


def test_the_revision_grows_by_1_with_each_update_also_one_that_changes_nothing(wix: TestClient) -> None:
    wix.get(PROGRAM)
    told = [wix.patch(SETTINGS, json=settings_body(str(n))).json()["programSettings"]["revision"] for n in (1, 2, 3)]

    assert told == ["2", "3", "4"]


def test_a_revision_that_is_not_the_current_one_is_refused_and_nothing_changes(wix: TestClient) -> None:
    wix.get(PROGRAM)
    current = wix.patch(SETTINGS, json=settings_body("1")).json()

    stale = wix.patch(SETTINGS, json=settings_body("1", "PAUSED"))

    assert (stale.status_code, application_error(stale)["code"]) == (409, "INVALID_REVISION")
    assert application_error(stale)["data"]["revisionViolation"]["entityId"]
    assert wix.get(SETTINGS).json() == current


def test_changing_a_tier_is_no_update_of_the_settings(wix: TestClient) -> None:
    before = wix.get(SETTINGS).json()
    make_tier(wix, "Silver", 500)

    assert wix.get(SETTINGS).json() == before


def test_settings_wrapped_twice_as_in_the_pages_samples_are_refused(wix: TestClient) -> None:
    wix.get(PROGRAM)

    answer = wix.patch(SETTINGS, json={"programSettings": settings_body()})

    assert set(violations(answer)) == {
        "programSettings.revision",
        "programSettings.status",
        "programSettings.period",
    }


def test_read_only_and_unknown_members_are_passed_over(wix: TestClient) -> None:
    wix.get(PROGRAM)
    body = settings_body(
        createdDate="x", vipPlan=True, baseTierDefinition={"name": "B", "icon": {"url": "u", "height": 9}}
    )

    answer = wix.patch(SETTINGS, json=body | {"fields": ["status"]})

    assert answer.json()["programSettings"]["baseTierDefinition"]["icon"]["height"] == 0
