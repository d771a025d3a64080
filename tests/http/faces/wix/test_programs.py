"""The loyalty program around the tiers is the program: it is called the same everywhere."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.wix.conftest import activate, make_tier, violations
from tests.http.faces.wix.test_webhooks import Receiver, deliver, receiver, register, told

__all__ = ["receiver"]
PROGRAM = "/wix/loyalty-programs/v1/program"


@pytest.fixture
def served(serve_with: Callable[..., Served]) -> Served:
    """It may post to this machine."""
    return serve_with(webhook_private_targets=True)


def program(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["loyaltyProgram"]
    return found


def rename(wix: TestClient, **said: Any) -> Any:
    return wix.patch(PROGRAM, json={"loyaltyProgram": said})


def test_the_program_is_called_the_same_natively(wix: TestClient, native: TestClient) -> None:
    make_tier(wix, "Silver", 500)
    assert program(wix.get(PROGRAM))["name"] == "Loyalty tiers"

    assert program(rename(wix, name="Flowers"))["name"] == "Flowers"

    (seen,) = native.get("/v1/programs").json()["items"]
    assert seen["name"] == "Flowers"
    assert program(wix.get(PROGRAM))["name"] == "Flowers"
    assert [tier["tierDefinition"]["name"] for tier in wix.get("/wix/v1/tiers").json()["tiers"]] == ["Silver"]


def test_what_an_update_does_not_say_stays_and_the_same_again_is_no_update(wix: TestClient, served: Served) -> None:
    rename(wix, name="Flowers", pointDefinition={"customName": "Petals"})
    served.clock.pass_seconds(60)
    before = program(rename(wix, pointDefinition={"customName": "Leaves"}, status="PAUSED", pointsExpiration={"x": 1}))
    assert (before["name"], before["pointDefinition"], before["status"]) == (
        "Flowers",
        {"customName": "Leaves"},
        "ACTIVE",
    )
    served.clock.pass_seconds(60)
    assert program(rename(wix, name="Flowers", pointDefinition={})) == before
    assert program(rename(wix, pointDefinition={"customName": ""}))["pointDefinition"] == {"customName": "Points"}


def test_settings_and_tiers_do_not_count_its_updates(wix: TestClient) -> None:
    tier = make_tier(wix, "Silver", 500)
    settings = activate(wix)
    rename(wix, name="Flowers")

    assert wix.get(f"/wix/v1/tiers/{tier['id']}").json()["tier"]["revision"] == "1"
    assert wix.get("/wix/v1/tiers/program-settings").json()["programSettings"]["revision"] == settings["revision"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"name": "F"}, {"loyaltyProgram.name": "MIN_LENGTH"}),
        ({"name": "x" * 51}, {"loyaltyProgram.name": "MAX_LENGTH"}),
        ({"name": 5}, {"loyaltyProgram.name": "FORMAT"}),
        ({"pointDefinition": {"customName": "x" * 21}}, {"loyaltyProgram.pointDefinition.customName": "MAX_LENGTH"}),
    ],
)
def test_each_violation_names_its_field(wix: TestClient, said: dict[str, Any], found: dict[str, str]) -> None:
    assert violations(rename(wix, **said)) == found


def test_its_update_is_told(served: Served, receiver: Receiver, wix: TestClient) -> None:
    key = register(wix, receiver.url)["publicKey"]
    rename(wix, name="Flowers")
    deliver(served)

    types = [told(body, key)[0] for body in receiver.bodies]

    assert types == ["wix.loyalty.v1.program_updated"]
    _, event = told(receiver.bodies[0], key)
    assert event["updatedEvent"]["currentEntity"]["name"] == "Flowers"


def test_it_can_be_asked_what_is_premium_and_is_not_paused(wix: TestClient) -> None:
    assert wix.get(f"{PROGRAM}/premium-features").json() == {
        "loyaltyProgram": True,
        "tiers": True,
        "pointsExpiration": False,
    }
    for status in ("activate", "pause"):
        assert wix.post(f"{PROGRAM}/{status}", json={}).status_code == 404
