"""From a draft to a live tier: created, submitted, approved by somebody else."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.faces.capillary.conftest import CLUB, PLATINUM, TIERS, create, good, make_program, publish, refusal
from ziggurat.app.principal import KeyScope

APPROVE = {"approvalStatus": "APPROVE"}


def shown(client: TestClient) -> list[tuple[str, str, int]]:
    tiers = good(client.get(TIERS, params={"programId": 973}))["tiers"]
    return [(tier["name"], tier["status"], tier["serialNumber"]) for tier in tiers]


def native_tiers(native: TestClient, club: str) -> list[dict[str, Any]]:
    tiers: list[dict[str, Any]] = native.get(f"/v1/programs/{club}").json()["document"]["tiers"]
    return tiers


def test_a_tier_is_live_once_it_is_approved_and_not_before(
    club: str, maker: TestClient, checker: TestClient, native: TestClient
) -> None:
    made = create(maker)
    good(maker.post(f"{TIERS}/{made['objectId']}/submit"))
    assert len(native_tiers(native, club)) == 1

    data = good(checker.post(f"{TIERS}/{made['objectId']}/approve", json={**APPROVE, "comment": "fine"}))

    assert (data["status"], data["version"], data["parentId"], data["comments"]) == ("ACTIVE", 1, None, "fine")
    assert isinstance(data["slabId"], int)
    gold, platinum = native_tiers(native, club)
    assert gold == CLUB["tiers"][0]
    assert (platinum["name"], platinum["from"], platinum["color"]) == ("Super Platinum", 100_000, "#E5E4E2")
    assert platinum["expiration"] == {"type": "fixed_duration", "period": {"months": 12}, "check": "month_end"}
    assert shown(maker) == [("Blue", "LIVE", 1), ("Gold", "LIVE", 2), ("Super Platinum", "LIVE", 3)]


def test_maker_and_checker_differ(club: str, maker: TestClient, checker: TestClient) -> None:
    made = create(maker)
    good(checker.post(f"{TIERS}/{made['objectId']}/submit"))

    assert refusal(maker.post(f"{TIERS}/{made['objectId']}/approve", json=APPROVE)) == (403, [999999])
    assert refusal(checker.post(f"{TIERS}/{made['objectId']}/approve", json=APPROVE)) == (403, [999999])


def test_an_edit_while_it_waits_makes_its_author_a_maker(club: str, maker: TestClient, checker: TestClient) -> None:
    made = create(maker)
    good(maker.post(f"{TIERS}/{made['objectId']}/submit"))
    good(checker.put(f"{TIERS}/{made['objectId']}", json={"color": "#000000"}))

    assert refusal(checker.post(f"{TIERS}/{made['objectId']}/approve", json=APPROVE)) == (403, [999999])


def test_whoever_began_it_stays_a_maker_however_many_others_went_on(
    club: str, maker: TestClient, checker: TestClient, served: Any, new_pair: Any
) -> None:
    from tests.http.faces.capillary.conftest import basic

    pair = new_pair()
    third = served.with_headers(basic(pair.key_id, pair.secret))
    url = f"{TIERS}/{create(maker)['objectId']}"
    good(third.put(url, json={"color": "#000000"}))
    good(third.post(f"{url}/submit"))

    assert refusal(maker.post(f"{url}/approve", json=APPROVE)) == (403, [999999])
    assert refusal(third.post(f"{url}/approve", json=APPROVE)) == (403, [999999])
    assert good(checker.post(f"{url}/approve", json=APPROVE))["status"] == "ACTIVE"


def test_an_organization_may_let_people_approve_their_own(
    club: str, maker: TestClient, checker: TestClient, native: TestClient
) -> None:
    seen = native.get("/v1/organization")
    native.patch("/v1/organization", json={"self_approval": True}, headers={"if-match": seen.headers["etag"]})
    made = create(maker)

    assert publish(maker, maker, made["objectId"])["status"] == "ACTIVE"


def test_the_organizations_own_wish_for_approval_is_met(
    club: str, maker: TestClient, checker: TestClient, native: TestClient
) -> None:
    seen = native.get("/v1/organization")
    native.patch("/v1/organization", json={"requires_approval": True}, headers={"if-match": seen.headers["etag"]})
    made = create(maker)

    assert publish(maker, checker, made["objectId"])["status"] == "ACTIVE"


def test_a_rejected_tier_goes_back_to_its_maker_with_the_comment(
    club: str, maker: TestClient, checker: TestClient
) -> None:
    made = create(maker)
    good(maker.post(f"{TIERS}/{made['objectId']}/submit"))

    said = {"approvalStatus": "REJECT", "comment": "too dear"}
    data = good(checker.post(f"{TIERS}/{made['objectId']}/approve", json=said))

    assert (data["status"], data["comments"], data["slabId"]) == ("DRAFT", "too dear", None)
    assert good(maker.post(f"{TIERS}/{made['objectId']}/submit"))["status"] == "PENDING_APPROVAL"


def test_what_waits_for_approval_is_listed(club: str, maker: TestClient) -> None:
    queue = f"{TIERS}/approvals"
    assert good(maker.get(queue, params={"programId": 973})) == []
    made = create(maker)
    submitted = good(maker.post(f"{TIERS}/{made['objectId']}/submit"))

    assert good(maker.get(queue, params={"programId": 973})) == [submitted]
    assert submitted["validity"] == {**PLATINUM["validity"], "renewal": {"criteriaType": "Same as eligibility"}}
    assert (submitted["downgrade"], submitted["engineConfig"]) == (None, None)


@pytest.mark.parametrize("status", ["approve", "Approve", "YES", None])
def test_the_approval_status_is_case_sensitive(club: str, maker: TestClient, checker: TestClient, status: Any) -> None:
    made = create(maker)
    good(maker.post(f"{TIERS}/{made['objectId']}/submit"))

    answer = checker.post(f"{TIERS}/{made['objectId']}/approve", json={"approvalStatus": status})

    assert refusal(answer) == (400, [999999])


def test_only_what_was_submitted_is_decided_on_and_only_drafts_are_submitted(
    club: str, maker: TestClient, checker: TestClient
) -> None:
    made = create(maker)
    url = f"{TIERS}/{made['objectId']}"

    assert refusal(checker.post(f"{url}/approve", json=APPROVE)) == (409, [999999])
    good(maker.post(f"{url}/submit"))
    assert refusal(maker.post(f"{url}/submit")) == (409, [999999])
    good(checker.post(f"{url}/approve", json=APPROVE))
    assert refusal(maker.post(f"{url}/submit")) == (409, [999999])


def test_only_drafts_are_deleted_and_only_by_their_object_id(club: str, maker: TestClient) -> None:
    made = create(maker)
    assert refusal(maker.delete(f"{TIERS}/{made['tierUniqueId']}")) == (404, [9056])
    gone = maker.delete(f"{TIERS}/{made['objectId']}")

    assert (gone.status_code, gone.content) == (204, b"")
    assert refusal(maker.get(f"{TIERS}/{made['tierUniqueId']}")) == (404, [9056])
    assert ("Super Platinum", "DRAFT", 3) not in shown(maker)
    again = create(maker)
    good(maker.post(f"{TIERS}/{again['objectId']}/submit"))
    assert refusal(maker.delete(f"{TIERS}/{again['objectId']}")) == (409, [999999])


def test_one_draft_at_a_time(club: str, maker: TestClient) -> None:
    made = create(maker)
    second = {**PLATINUM, "name": "Diamond", "eligibility": {**PLATINUM["eligibility"], "threshold": 200_000}}

    assert refusal(maker.post(TIERS, json=second)) == (409, [999999])
    good(maker.post(f"{TIERS}/{made['objectId']}/submit"))
    assert good(maker.post(TIERS, json=second))["serialNumber"] == 4


def test_a_live_tier_and_its_draft_are_both_got(club: str, maker: TestClient, checker: TestClient) -> None:
    made = create(maker)
    slab = publish(maker, checker, made["objectId"])["slabId"]
    draft = good(maker.put(f"{TIERS}/{slab}", params={"programId": 973}, json={"color": "#111111"}))

    both = good(maker.get(f"{TIERS}/{slab}"))

    assert [(tier["status"], tier["origin"], tier["color"]) for tier in both] == [
        ("LIVE", "BOTH", "#E5E4E2"),
        ("DRAFT", "BOTH", "#111111"),
    ]
    assert both == good(maker.get(f"{TIERS}/{made['tierUniqueId']}"))
    assert both[1] == draft


def test_tiers_made_elsewhere_are_listed_but_not_got(club: str, maker: TestClient) -> None:
    blue, gold = good(maker.get(TIERS, params={"programId": 973}))["tiers"]

    assert (blue["eligibility"], blue["origin"]) == (
        {"kpiType": "CURRENT_POINTS", "upgradeType": "LAZY"},
        "LEGACY_SQL_ONLY",
    )
    assert refusal(maker.get(f"{TIERS}/{gold['slabId']}")) == (404, [9056])
    asked = {"programId": 973, "tier": gold["slabId"]}
    assert good(maker.get(TIERS, params=asked))["tiers"] == [gold]


def test_of_a_tier_made_elsewhere_that_is_edited_both_versions_are_got(club: str, maker: TestClient) -> None:
    slab = good(maker.get(TIERS, params={"programId": 973}))["tiers"][1]["slabId"]
    draft = good(maker.put(f"{TIERS}/{slab}", params={"programId": 973}, json={"color": "#FFD700"}))

    both = good(maker.get(f"{TIERS}/{draft['tierUniqueId']}"))

    assert [(tier["status"], tier["origin"], tier["color"]) for tier in both] == [
        ("LIVE", "BOTH", ""),
        ("DRAFT", "BOTH", "#FFD700"),
    ]
    assert refusal(maker.get(f"{TIERS}/{slab}")) == (404, [9056])


def test_the_list_knows_no_status_filter_and_needs_a_program(club: str, maker: TestClient) -> None:
    assert refusal(maker.get(TIERS, params={"programId": 973, "status": "DRAFT"})) == (400, [9057])
    assert refusal(maker.get(TIERS)) == (400, [999999])
    assert refusal(maker.get(TIERS, params={"programId": 974})) == (400, [999999])


def test_what_an_edit_leaves_alone_stays_even_where_the_vendor_cannot_say_it(
    maker: TestClient, checker: TestClient, native: TestClient
) -> None:
    gold = {
        **CLUB["tiers"][0],
        "expiration": {"type": "calendar", "every": "quarter"},
        "benefits": ["lounge"],
        "downgrade": "never",
    }
    club = make_program(native, {**CLUB, "tiers": [gold]})
    slab = good(maker.get(TIERS, params={"programId": 973}))["tiers"][1]["slabId"]
    draft = good(maker.put(f"{TIERS}/{slab}", params={"programId": 973}, json={"name": "Golden"}))
    publish(maker, checker, draft["objectId"])

    assert native_tiers(native, club) == [{**gold, "name": "Golden"}]


def test_a_request_with_an_idempotency_key_is_carried_out_once(club: str, maker: TestClient) -> None:
    headers = {"idempotency-key": "one"}
    first = maker.post(TIERS, json=PLATINUM, headers=headers)
    again = maker.post(TIERS, json=PLATINUM, headers=headers)

    assert first.json() == again.json()
    other = maker.post(TIERS, json={**PLATINUM, "name": "Other"}, headers=headers)
    assert refusal(other) == (409, [999999])


def test_another_organizations_key_sees_nothing(club: str, maker: TestClient, served: Any, new_pair: Any) -> None:
    from tests.http.faces.capillary.conftest import basic

    made = create(maker)
    pair = new_pair(organization="second")
    stranger = served.with_headers(basic(pair.key_id, pair.secret))

    assert good(stranger.get("/capillary/v3/programs")) == []
    assert refusal(stranger.get(TIERS, params={"programId": 973})) == (400, [999999])
    assert refusal(stranger.put(f"{TIERS}/{made['objectId']}", json={})) == (404, [9056])
    assert refusal(stranger.delete(f"{TIERS}/{made['objectId']}")) == (404, [9056])
    assert refusal(stranger.post(f"{TIERS}/{made['objectId']}/submit")) == (404, [9056])
    assert refusal(stranger.post(f"{TIERS}/{made['objectId']}/approve", json=APPROVE)) == (404, [9056])
    assert refusal(stranger.get(f"{TIERS}/{made['tierUniqueId']}")) == (404, [9056])


def test_each_permission_opens_its_own_operations(club: str, served: Any, new_pair: Any, maker: TestClient) -> None:
    from tests.http.faces.capillary.conftest import basic

    made = create(maker)
    pair = new_pair(frozenset({KeyScope.READ}))
    reader = served.with_headers(basic(pair.key_id, pair.secret))

    assert good(reader.get(TIERS, params={"programId": 973}))
    assert refusal(reader.put(f"{TIERS}/{made['objectId']}", json={})) == (403, [999999])
    assert refusal(reader.get(f"{TIERS}/approvals", params={"programId": 973})) == (403, [999999])


def test_no_or_a_wrong_key_is_refused_and_a_token_opens_like_its_key(club: str, served: Any, new_pair: Any) -> None:
    from tests.http.faces.capillary.conftest import basic

    pair = new_pair()
    anybody = served.anonymous()
    assert refusal(anybody.get(TIERS)) == (401, [999999])
    wrong = anybody.get(TIERS, headers=basic(pair.key_id, "wrong"))
    assert refusal(wrong) == (401, [999999])
    asked = {"key": pair.key_id, "secret": pair.secret}
    made = good(anybody.post("/capillary/v3/oauth/token/generate", json=asked))
    assert made["ttlSeconds"] == 3600
    for name in ("X-CAP-API-OAUTH-TOKEN", "CAP-API-ACCESS-TOKEN"):
        assert good(anybody.get("/capillary/v3/programs", headers={name: made["accessToken"]}))
    served.clock.pass_seconds(3600)
    late = anybody.get("/capillary/v3/programs", headers={name: made["accessToken"]})
    assert refusal(late) == (401, [999999])
    bad = anybody.post("/capillary/v3/oauth/token/generate", json={**asked, "secret": "x"})
    assert refusal(bad) == (401, [999999])
