"""Programs made elsewhere appear in Wix as far as it can say them, and what it changes leaves the rest alone."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import PROGRAM, SETTINGS, TIERS, activate, make_tier, settings_body
from ziggurat.http.faces.wix.losses import losses, to_payload
from ziggurat.program.read import read_program

RICH: dict[str, Any] = {
    "name": "Coffee Club",
    "time_zone": "Europe/Paris",
    "qualification": {"measure": "spend", "window": {"rolling": {"years": 2}}, "max_steps": 1},
    "expiration": {"type": "fixed_duration", "period": {"months": 12}},
    "base_tier": {"name": "Member", "color": "#fff"},
    "award": "split",
    "metadata": {"crm": 7},
    "tiers": [
        {"name": "Silver", "from": 499.5, "benefits": ["tea"]},
        {"name": "Gold", "from": 2000, "downgrade": "never"},
        {"name": "Friends", "requires": {"measure": "orders", "from": 100}},
    ],
}


def publish(native: TestClient, document: dict[str, Any]) -> str:
    made = native.post("/v1/programs", json=document)
    assert made.status_code == 201, made.text
    program: str = made.json()["id"]
    assert native.post(f"/v1/programs/{program}/activate").status_code == 200
    return program


def test_a_native_program_is_shown_as_far_as_wix_can_say_it(wix: TestClient, native: TestClient) -> None:
    publish(native, RICH)

    seen = wix.get(PROGRAM).json()

    assert seen["programSettings"] == {
        "rollingWindow": {"durationInMonths": 24},
        "status": "ACTIVE",
        "revision": "1",
        "createdDate": "2025-07-01T12:00:00.000Z",
        "updatedDate": "2025-07-01T12:00:00.000Z",
        "baseTierDefinition": {"name": "Member", "description": ""},
    }
    assert [(tier["tierDefinition"]["name"], tier["requiredPoints"]) for tier in seen["tiers"]] == [
        ("Silver", 500),
        ("Gold", 2000),
        ("Friends", 2000),
    ]


def test_ids_of_native_tiers_stay_the_same_and_open_the_same_tier(wix: TestClient, native: TestClient) -> None:
    publish(native, RICH)
    first, second = wix.get(TIERS).json(), wix.get(TIERS).json()

    assert first == second
    for tier in first["tiers"]:
        assert wix.get(f"{TIERS}/{tier['id']}").json() == {"tier": tier}


def test_a_change_through_wix_leaves_what_it_cannot_say(wix: TestClient, native: TestClient) -> None:
    program = publish(native, RICH)
    before = native.get(f"/v1/programs/{program}").json()["document"]
    silver = wix.get(TIERS).json()["tiers"][0]

    body = {"tier": {"revision": "1", "tierDefinition": {"name": "Argent"}, "requiredPoints": 600}}
    assert wix.patch(f"{TIERS}/{silver['id']}", json=body).json()["tier"]["id"] == silver["id"]

    after = native.get(f"/v1/programs/{program}").json()["document"]
    changed = {"name": "Argent", "id": "Silver", "from": 600, "benefits": ["tea"]}
    assert after == {**before, "tiers": [changed, *before["tiers"][1:]]}


def test_a_native_change_of_a_tier_grows_its_revision_in_wix(
    wix: TestClient, native: TestClient, served: Served
) -> None:
    program = publish(native, RICH)
    served.clock.pass_seconds(60)
    tiers = [{"name": "Silver", "from": 800}, *RICH["tiers"][1:]]
    draft = {**RICH, "tiers": tiers}
    assert native.put(f"/v1/programs/{program}/draft", json=draft, headers={"if-match": "*"}).status_code < 300
    assert native.post(f"/v1/programs/{program}/activate").status_code == 200

    silver, gold, _ = wix.get(TIERS).json()["tiers"]

    assert (silver["revision"], silver["requiredPoints"], gold["revision"]) == ("2", 800, "1")
    assert (silver["createdDate"], silver["updatedDate"]) == ("2025-07-01T12:00:00.000Z", "2025-07-01T12:01:00.000Z")


def test_pausing_and_resuming_through_wix_pauses_and_resumes_the_program(wix: TestClient, native: TestClient) -> None:
    program = publish(native, RICH)

    wix.patch(SETTINGS, json=settings_body("1", "PAUSED", 24))
    assert native.get(f"/v1/programs/{program}").json()["status"] == "paused"

    wix.patch(SETTINGS, json=settings_body("2", "ACTIVE", 24))
    assert native.get(f"/v1/programs/{program}").json()["status"] == "active"


def test_a_program_that_is_only_a_draft_is_shown_as_one(wix: TestClient, native: TestClient) -> None:
    assert native.post("/v1/programs", json=RICH).status_code == 201

    assert wix.get(SETTINGS).json()["programSettings"]["status"] == "DRAFT"
    assert len(wix.get(TIERS).json()["tiers"]) == 3


def test_a_site_may_be_named_by_the_programs_id(served: Served, native: TestClient) -> None:
    one, two = publish(native, RICH), publish(native, {**RICH, "tiers": RICH["tiers"][:1]})
    secret = served.secret()

    def count(site: str) -> int:
        client = served.with_headers({"authorization": secret, "wix-site-id": site})
        return len(client.get(TIERS).json()["tiers"])

    assert (count(one), count(two)) == (3, 1)
    stranger = served.with_headers({"authorization": secret, "wix-site-id": "elsewhere"}).get(TIERS)
    assert stranger.status_code == 403


def test_a_ladder_made_in_wix_is_a_program(wix: TestClient, native: TestClient) -> None:
    silver = make_tier(wix, "Silver", 500, description="Half way", icon={"url": "a.svg", "altText": "A"})
    activate(wix)

    (program,) = native.get("/v1/programs").json()["items"]

    assert program["status"] == "active"
    assert program["document"] == {
        "edition": 1,
        "name": "Loyalty tiers",
        "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
        "base_tier": program["document"]["base_tier"],
        "tiers": [
            {
                "name": "Silver",
                "id": silver["id"],
                "from": 500,
                "description": "Half way",
                "icon": "a.svg",
                "metadata": {"wix": {"icon": {"altText": "A"}}},
            }
        ],
    }


def test_what_wix_cannot_say_is_reported_part_by_part() -> None:
    payload, lost = to_payload(read_program(RICH))

    assert payload["programSettings"] == {
        "rollingWindow": {"durationInMonths": 24},
        "status": "ACTIVE",
        "baseTierDefinition": {"name": "Member", "description": ""},
    }
    assert [tier["requiredPoints"] for tier in payload["tiers"]] == [500, 2000, 2000]
    assert [loss.path for loss in lost] == [
        "qualification.measure",
        "qualification.max_steps",
        "expiration",
        "time_zone",
        "base_tier.color",
        "tiers[0].from",
        "tiers[0].benefits",
        "tiers[1].downgrade",
        "tiers[2].from",
        "tiers[2].requires",
        "award",
        "metadata",
    ]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"qualification": {"measure": "points_earned"}}, "qualification.window"),
        ({"qualification": {"measure": "points_earned", "window": {"rolling": {"months": 6}}}}, "qualification.window"),
        (
            {
                "qualification": {
                    "measure": "points_earned",
                    "window": {"calendar": "year"},
                    "applies": "next_period",
                }
            },
            "qualification.applies",
        ),
        ({"renewal": "always"}, "renewal"),
        ({"downgrade": "to_base"}, "downgrade"),
        ({"base_tier": {"name": "x" * 51}}, "base_tier.name"),
        ({"base_tier": {"name": "B", "description": "x" * 71}}, "base_tier.description"),
        ({"base_tier": {"name": "B", "metadata": {"a": 1}}}, "base_tier.metadata"),
        ({"tiers": [{"name": "A", "from": 10_000_000}]}, "tiers[0].from"),
        ({"tiers": [{"name": f"T{n}", "from": n} for n in range(1, 22)]}, "tiers"),
        ({"late_events": {"cut_off": {"days": 9}}}, "late_events"),
        ({"enrolment": "explicit"}, "enrolment"),
        ({"description": "For friends"}, "description"),
        ({"currency": "EUR"}, "currency"),
    ],
)
def test_each_part_that_wix_lacks_is_a_loss(changes: dict[str, Any], path: str) -> None:
    plain = {
        "name": "Club",
        "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
        "base_tier": "Member",
        "tiers": [{"name": "Silver", "from": 500}],
    }
    before = {loss.path for loss in losses(read_program(plain))}

    after = losses(read_program(plain | changes))

    assert before == set()
    assert path in {loss.path for loss in after}
    assert all(loss.lost for loss in after)


def test_a_program_without_a_base_tier_says_so() -> None:
    document = {"name": "Club", "qualification": {"measure": "points_earned"}, "tiers": [{"name": "A", "from": 5}]}

    assert "base_tier" in {loss.path for loss in losses(read_program(document))}
