"""What of a program the dialects can say: whatever program there is, and what the native API tells of it."""

import json
import re
from typing import Any

from hypothesis import given, settings
from starlette.testclient import TestClient

from tests.http.conftest import client, serve_with, served, sqlite_file
from tests.strategies.programs import programs
from ziggurat.http.face_mounts import installed_faces
from ziggurat.http.face_translations import translate_all, translators
from ziggurat.http.json_text import render
from ziggurat.program.model import Program

__all__ = ["client", "serve_with", "served", "sqlite_file"]

CLUB: dict[str, Any] = {
    "name": "Club",
    "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
    "base_tier": {"name": "Member"},
    "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}],
}


def lost(items: list[dict[str, Any]], dialect: str) -> dict[str, str]:
    (item,) = [each for each in items if each["dialect"] == dialect]
    assert item["complete"] is not bool(item["losses"])
    return {loss["path"]: loss["lost"] for loss in item["losses"]}


PROGRAM_FIELD = "name|description|time_zone|currency|enrolment|qualification|expiration|renewal|downgrade|late_events"
PROGRAM_FIELD += "|award|metadata"
TIER_FIELD = "name|description|color|icon|benefits|metadata|from|below|requires|expiration|renewal|downgrade"
PLACE = re.compile(rf"({PROGRAM_FIELD})(\.\w+)*|tiers|(tiers\[(?P<tier>\d+)\]|base_tier)(\.({TIER_FIELD})(\.\w+)*)?")


def test_every_face_translates() -> None:
    assert {name.partition("-")[0] for name in translators()} >= set(installed_faces())


@settings(max_examples=60, deadline=None)
@given(program=programs(decorated=True))
def test_every_program_is_translated_and_each_loss_names_its_place(program: Program) -> None:
    for said in translate_all(program):
        json.loads(render(said.payload))
        assert len(set(said.losses)) == len(said.losses)
        for loss in said.losses:
            place = PLACE.fullmatch(loss.path)
            assert loss.lost
            assert place, (said.dialect, loss.path)
            assert place["tier"] is None or int(place["tier"]) < len(program.tiers), (said.dialect, loss.path)


def test_the_native_api_tells_what_each_dialect_loses(client: TestClient) -> None:
    made = client.post("/v1/programs", json=CLUB).json()["id"]
    client.post(f"/v1/programs/{made}/activate")

    told = client.get(f"/v1/programs/{made}/dialects").json()

    assert told["of"] == "in_force"
    assert [item["dialect"] for item in told["items"]] == list(translators())
    assert lost(told["items"], "wix") == {}
    assert "qualification.window" in lost(told["items"], "capillary")
    assert "qualification.window" in lost(told["items"], "voucherify")
    (wix,) = [item for item in told["items"] if item["dialect"] == "wix"]
    assert wix["payload"]["programSettings"]["rollingWindow"] == {"durationInMonths": 12}


def test_of_a_program_that_was_never_in_force_the_draft_is_meant(client: TestClient) -> None:
    made = client.post("/v1/programs", json=CLUB).json()["id"]

    told = client.get(f"/v1/programs/{made}/dialects").json()

    assert told["of"] == "draft"
    assert client.get(f"/v1/programs/{made}/dialects", params={"of": "in_force"}).status_code == 404
    client.post(f"/v1/programs/{made}/activate")
    assert client.get(f"/v1/programs/{made}/dialects", params={"of": "draft"}).status_code == 404
    changed = {**CLUB, "expiration": "never"}
    client.put(f"/v1/programs/{made}/draft", json=changed, headers={"if-match": "*"})
    before = client.get(f"/v1/programs/{made}/dialects").json()
    after = client.get(f"/v1/programs/{made}/dialects", params={"of": "draft"}).json()
    assert set(lost(after["items"], "wix")) - set(lost(before["items"], "wix")) == {"expiration"}
