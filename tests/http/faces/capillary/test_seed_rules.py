"""The page "Update Tier", what its tables say: who may, which states, how long, and that the same binds creating."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.capillary.conftest import (
    CLUB,
    PLATINUM,
    TIERS,
    basic,
    create,
    good,
    make_program,
    publish,
    refusal,
)
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.app.context import Context
from ziggurat.app.faces.change_face_documents import FaceDocuments, change_face_documents
from ziggurat.app.principal import KeyScope
from ziggurat.http.auth import Authenticator
from ziggurat.http.faces.capillary.numbers import FACE
from ziggurat.http.faces.capillary.records import KIND

CHANGE = {"description": "changed"}


def put_into(served: Served, pair: Any, object_id: str, status: str) -> None:
    """Give a record a status that nothing here leads to."""
    principal = Authenticator(served.service).by_pair(pair.key_id, pair.secret)
    assert principal is not None
    context = Context(served.service.database, principal.scope, principal.actor, served.clock())

    def work(docs: FaceDocuments) -> None:
        docs.save(docs.read(KIND, object_id), status=status)

    change_face_documents(context, FACE, work)


@pytest.mark.parametrize("status", ["REJECTED", "PUBLISH_FAILED"])
def test_updating_a_rejected_tier_edits_it_in_place_and_it_may_be_submitted_again(
    club: str, maker: TestClient, checker: TestClient, served: Served, new_pair: Any, status: str
) -> None:
    made = create(maker)
    put_into(served, new_pair(), made["objectId"], status)

    changed = good(maker.put(f"{TIERS}/{made['objectId']}", json=CHANGE))

    assert (changed["objectId"], changed["status"], changed["description"]) == (made["objectId"], status, "changed")
    assert publish(maker, checker, made["objectId"])["status"] == "ACTIVE"


def test_basic_auth_and_tokens_with_management_permissions_may_update(
    club: str, maker: TestClient, served: Served, new_pair: Any
) -> None:
    made = create(maker)
    url = f"{TIERS}/{made['objectId']}"
    pair = new_pair(frozenset({KeyScope.DESIGN, KeyScope.READ}))
    anybody = served.anonymous()
    asked = {"key": pair.key_id, "secret": pair.secret}
    token = good(anybody.post("/capillary/v3/oauth/token/generate", json=asked))["accessToken"]

    assert good(anybody.put(url, json=CHANGE, headers=basic(pair.key_id, pair.secret)))
    assert good(anybody.put(url, json=CHANGE, headers={"X-CAP-API-OAUTH-TOKEN": token}))
    assert refusal(anybody.put(url, json=CHANGE)) == (401, [999999])


@pytest.mark.parametrize("scope", [KeyScope.READ, KeyScope.INGEST, KeyScope.APPROVE])
def test_nobody_updates_without_management_permissions(
    club: str, maker: TestClient, served: Served, new_pair: Any, scope: KeyScope
) -> None:
    made = create(maker)
    pair = new_pair(frozenset({scope}))

    answer = served.with_headers(basic(pair.key_id, pair.secret)).put(f"{TIERS}/{made['objectId']}", json=CHANGE)

    assert refusal(answer) == (403, [999999])
    assert good(maker.get(f"{TIERS}/{made['tierUniqueId']}")) == [made]


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "x" * 50},
        {"description": "x" * 500},
        {"description": ""},
        {"color": "#abCD09"},
        {"eligibility": {"threshold": 2_147_483_647}},
        {"eligibility": {"threshold": 50_000.5}},
        {"eligibility": {"upgradeType": "EAGER"}},
        {"eligibility": {"upgradeType": "DYNAMIC"}},
        {"validity": {"periodValue": 1}},
        {"validity": {"periodType": "FIXED_CUSTOMER_REGISTRATION", "periodValue": 3}},
    ],
)
def test_what_lies_within_the_limits_is_taken(club: str, maker: TestClient, sent: dict[str, Any]) -> None:
    made = create(maker)

    assert good(maker.put(f"{TIERS}/{made['objectId']}", json=sent)) != made or sent == {"description": ""}


FAULTS: list[tuple[dict[str, Any], int]] = [
    ({"unknown": 1}, 999999),
    ({"downgrade": {"target": "BASE"}}, 999999),
    ({"renewal": {"periodValue": "6"}}, 999999),
    ({"status": "ACTIVE"}, 999999),
    ({"meta": {}}, 999999),
    ({"kpiType": "CURRENT_POINTS"}, 999999),
    ({"validity": {**PLATINUM["validity"], "endDate": "2027-01-01"}}, 9048),
    ({"validity": {**PLATINUM["validity"], "periodValue": -1}}, 999999),
    ({"name": "x" * 51}, 9002),
    ({"description": "x" * 501}, 9008),
    ({"color": "E5E4E2"}, 9006),
    ({"eligibility": {**PLATINUM["eligibility"], "kpiType": "STEPS"}}, 9004),
    ({"eligibility": {**PLATINUM["eligibility"], "conditions": [{"type": "STEPS", "value": "5"}]}}, 9004),
    ({"eligibility": {**PLATINUM["eligibility"], "upgradeType": "BUSY"}}, 9009),
    ({"eligibility": {**PLATINUM["eligibility"], "threshold": -5}}, 9005),
    ({"eligibility": {**PLATINUM["eligibility"], "threshold": 2_147_483_648}}, 9028),
    ({"eligibility": {**PLATINUM["eligibility"], "conditions": [{"type": "TRACKER", "value": "5"}]}}, 9029),
    ({"eligibility": {**PLATINUM["eligibility"], "kpiType": "LIFETIME_PURCHASES"}}, 9043),
    ({"eligibility": {**PLATINUM["eligibility"], "threshold": 50_000}}, 9044),
    ({"eligibility": {**PLATINUM["eligibility"], "threshold": 0}}, 9044),
]


@pytest.mark.parametrize(("sent", "number"), FAULTS)
def test_the_same_strict_rules_and_codes_hold_for_create_and_update(
    club: str, maker: TestClient, sent: dict[str, Any], number: int
) -> None:
    assert refusal(maker.post(TIERS, json={**PLATINUM, **sent})) == (400, [number])
    made = create(maker)
    assert refusal(maker.put(f"{TIERS}/{made['objectId']}", json=sent)) == (400, [number])


def test_the_symbolic_name_starts_the_message(club: str, maker: TestClient) -> None:
    answer = maker.post(TIERS, json={**PLATINUM, "color": "red"})

    assert answer.json()["errors"][0]["message"].startswith("TIER.INVALID_COLOR_CODE")


def test_a_threshold_stays_below_that_of_the_tier_above(club: str, maker: TestClient, checker: TestClient) -> None:
    publish(maker, checker, create(maker)["objectId"])
    tiers = good(maker.get(TIERS, params={"programId": 973}))["tiers"]
    gold = next(tier["slabId"] for tier in tiers if tier["name"] == "Gold")

    answer = maker.put(f"{TIERS}/{gold}", params={"programId": 973}, json={"eligibility": {"threshold": 100_000}})

    assert refusal(answer) == (400, [9044])


def test_updated_by_and_at_tell_who_made_this_update_and_when(
    club: str, maker: TestClient, served: Served, new_pair: Any
) -> None:
    made = create(maker)
    pair = new_pair()
    served.clock.pass_seconds(106)

    answer = served.with_headers(basic(pair.key_id, pair.secret)).put(f"{TIERS}/{made['objectId']}", json=CHANGE)

    meta = good(answer)["meta"]
    assert (meta["createdBy"], meta["createdAt"]) == (made["meta"]["createdBy"], made["meta"]["createdAt"])
    assert (meta["updatedBy"], meta["updatedAt"]) == (pair.key_id, "2025-07-01T12:01:46Z")


def test_the_new_draft_of_an_active_tier_carries_what_was_live_and_the_change(
    club: str, maker: TestClient, checker: TestClient
) -> None:
    made = create(maker)
    slab = publish(maker, checker, made["objectId"])["slabId"]

    draft = good(maker.put(f"{TIERS}/{slab}", params={"programId": 973}, json=CHANGE))

    alike = ("tierUniqueId", "name", "color", "serialNumber", "eligibility", "renewal")
    assert {name: draft[name] for name in alike} == {name: made[name] for name in alike}
    assert (draft["origin"], draft["description"]) == ("BOTH", "changed")
    (waiting,) = [tier for tier in good(maker.get(f"{TIERS}/{slab}")) if tier["status"] == "LIVE"]
    assert waiting["description"] == made["description"]


def test_the_object_id_that_is_answered_is_the_one_to_submit_and_delete_by(club: str, maker: TestClient) -> None:
    made = create(maker)
    changed = good(maker.put(f"{TIERS}/{made['objectId']}", json=CHANGE))

    assert maker.delete(f"{TIERS}/{changed['objectId']}").status_code == 204


def test_the_name_of_a_deleted_tier_is_free_again(club: str, maker: TestClient) -> None:
    made = create(maker)
    assert maker.delete(f"{TIERS}/{made['objectId']}").status_code == 204

    assert create(maker)["name"] == made["name"]


def test_a_version_in_progress_is_edited_rather_than_a_second_one_made(
    club: str, maker: TestClient, checker: TestClient
) -> None:
    made = create(maker)
    slab = publish(maker, checker, made["objectId"])["slabId"]
    good(maker.put(f"{TIERS}/{slab}", json=CHANGE))

    assert refusal(maker.put(f"{TIERS}/{slab}", json=CHANGE)) == (409, [999999])


def test_a_fifty_first_tier_is_refused(maker: TestClient, native: TestClient) -> None:
    tiers = [{"name": f"Tier {number}", "from": number * 10} for number in range(1, 49)]
    make_program(native, {**CLUB, "tiers": tiers})
    fiftieth = create(maker)
    good(maker.post(f"{TIERS}/{fiftieth['objectId']}/submit"))

    more = {**PLATINUM, "name": "One more", "eligibility": {**PLATINUM["eligibility"], "threshold": 200_000}}
    assert refusal(maker.post(TIERS, json=more)) == (409, [999999])


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"eligibility": {**PLATINUM["eligibility"], "upgradeType": "EAGER"}}, "holds for all tiers"),
        (
            {
                "eligibility": {
                    **PLATINUM["eligibility"],
                    "expressionRelation": "A OR B AND C",
                    "conditions": [{"type": "POINTS", "value": str(value)} for value in (1, 2, 3)],
                }
            },
            "(A OR B) AND C",
        ),
        ({"validity": {**PLATINUM["validity"], "renewal": {"criteriaType": "Custom"}}}, "keeps it at each check"),
    ],
)
def test_what_may_not_be_meant_is_warned_of(club: str, maker: TestClient, sent: dict[str, Any], words: str) -> None:
    answer = maker.post(TIERS, json={**PLATINUM, **sent})

    (warning,) = answer.json()["warnings"]
    assert warning["code"] == 999999
    assert words in warning["message"]


@pytest.mark.parametrize(
    ("sent", "kpi"),
    [
        ("CURRENT_POINTS", "CURRENT_POINTS"),
        ("LIFETIME_POINTS", "LIFETIME_POINTS"),
        ("CUMULATIVE_POINTS", "LIFETIME_POINTS"),
        ("LIFETIME_PURCHASES", "LIFETIME_PURCHASES"),
        ("CUMULATIVE_PURCHASES", "LIFETIME_PURCHASES"),
    ],
)
def test_the_first_tier_chooses_the_programs_kpi_by_either_of_its_names(
    maker: TestClient, checker: TestClient, native: TestClient, sent: str, kpi: str
) -> None:
    make_program(native, {**CLUB, "tiers": []})
    eligibility = {"kpiType": sent, "threshold": 100, "upgradeType": "LAZY"}
    made = create(maker, eligibility=eligibility)
    assert made["eligibility"]["kpiType"] == sent
    publish(maker, checker, made["objectId"])

    shown = good(maker.get("/capillary/programs/973/tierAdvancedSettings"))["upgrade"]
    assert shown["kpiType"] == kpi
    other = "CURRENT_POINTS" if kpi != "CURRENT_POINTS" else "LIFETIME_POINTS"
    more = {**PLATINUM, "name": "More", "eligibility": {**eligibility, "kpiType": other, "threshold": 200}}
    assert refusal(maker.post(TIERS, json=more)) == (400, [9043])


def test_the_path_of_the_page_is_served_at_the_root_when_the_face_is(serve_with: Any) -> None:
    served: Served = serve_with(face="capillary")
    pair = create_first_key(served.service.database, served.clock(), organization="first")
    client = served.with_headers(basic(pair.key.key_id, pair.secret))

    assert refusal(client.put("/v3/tiers/6a2121936497e74ec3517ad8", json=CHANGE)) == (404, [9056])
