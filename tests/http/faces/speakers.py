"""One organization spoken to in every dialect: each can make a ladder, read it, and see and move a member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from starlette.testclient import TestClient

from tests.http.conftest import Served
from tests.http.faces.capillary.conftest import basic
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.faces.fanfare.ids import shown_uuid
from ziggurat.http.faces.voucherify.cards import LEDGER
from ziggurat.http.faces.voucherify.ids import customer_id, structure_id
from ziggurat.http.json_text import render

Body = dict[str, Any]
Steps = list[tuple[str, int]]
"""The tiers that ask for points: name and how many. A base tier is one from 0 where there are only ranges."""
PROGRAM_NUMBER = 973


class Speaker(Protocol):
    """A client of one dialect."""

    def make(self, payload: Body) -> str:
        """The id of the program in force that the requests of `payload` make."""

    def steps(self, program: str) -> Steps:
        """The ladder as the dialect shows it."""

    def tier(self, program: str, member: str) -> str:
        """The member's tier as the dialect shows it."""


def post(client: TestClient, url: str, body: Any, **more: Any) -> Any:
    """What is answered to `body`, its numbers sent digit by digit."""
    headers = {"content-type": "application/json", **more}
    return done(client.post(url, content=render(body), headers=headers))


def done(answer: Any) -> Any:
    """What is answered by a request that succeeds."""
    assert answer.status_code < 300, answer.text
    return answer.json()


@dataclass
class Native:
    client: TestClient

    def make(self, document: Body) -> str:
        made: str = post(self.client, "/v1/programs", document)["id"]
        done(self.client.post(f"/v1/programs/{made}/activate"))
        return made

    def document(self, program: str) -> Body:
        document: Body = done(self.client.get(f"/v1/programs/{program}"))["document"]
        return document

    def newest(self) -> str:
        made: str = max(done(self.client.get("/v1/programs"))["items"], key=lambda each: each["created_at"])["id"]
        return made

    def steps(self, program: str) -> Steps:
        tiers = self.document(program)["tiers"]
        return [(tier["name"], tier["from"]) for tier in tiers if tier["from"] > 0]

    def tier(self, program: str, member: str) -> str:
        seen = done(self.client.get(f"/v1/members/{member}", params={"program": program}))["programs"]
        tier: str = seen[0]["tier"]
        return tier

    def said(self, program: str, member: str) -> tuple[str, Any]:
        """Why the member is where she is, without her name."""
        told = done(self.client.get(f"/v1/members/{member}/explain", params={"program": program}))["items"][0]
        return told["sentence"].replace(member, "she"), told

    def lost(self, program: str) -> dict[str, list[str]]:
        """What each dialect loses."""
        items = done(self.client.get(f"/v1/programs/{program}/dialects"))["items"]
        return {each["dialect"]: [loss["path"] for loss in each["losses"]] for each in items}

    def payload(self, program: str, dialect: str) -> Body:
        items = done(self.client.get(f"/v1/programs/{program}/dialects"))["items"]
        found: Body = next(each["payload"] for each in items if each["dialect"] == dialect)
        return found


@dataclass
class Wix:
    client: TestClient
    native: Native

    def make(self, payload: Body) -> str:
        post(self.client, "/wix/v1/tiers/program-settings", {"programSettings": payload["programSettings"]})
        for tier in payload["tiers"]:
            post(self.client, "/wix/v1/tiers", {"tier": tier})
        program = self.native.newest()
        named = {"loyaltyProgram": payload["loyaltyProgram"]}
        url = "/wix/loyalty-programs/v1/program"
        done(self.client.patch(url, json=named, headers={"wix-site-id": program}))
        return program

    def steps(self, program: str) -> Steps:
        tiers = self._tiers(program)
        steps = [(tier["tierDefinition"]["name"], tier["requiredPoints"]) for tier in tiers]
        return [(name, points) for name, points in steps if points > 0]

    def tier(self, program: str, member: str) -> str:
        account = done(self.client.get(f"/wix/v1/accounts/{member}", headers={"wix-site-id": program}))["account"]
        held = account["tier"].get("id")
        named = {tier["id"]: tier["tierDefinition"]["name"] for tier in self._tiers(program)}
        return named[held] if held else str(self._base(program))

    def earn(self, program: str, member: str, points: int) -> None:
        headers = {"wix-site-id": program}
        if self.client.get(f"/wix/v1/accounts/{member}", headers=headers).status_code == 404:
            post(self.client, "/wix/v1/accounts", {"contactId": member}, **headers)
        body = {"amount": points, "appId": "shop", "idempotencyKey": f"{member} {points}"}
        post(self.client, f"/wix/v1/accounts/{member}/earn-points", body, **headers)

    def _tiers(self, program: str) -> list[Body]:
        tiers: list[Body] = done(self.client.get("/wix/v1/tiers", headers={"wix-site-id": program}))["tiers"]
        return tiers

    def _base(self, program: str) -> str:
        seen = done(self.client.get("/wix/v1/tiers/program", headers={"wix-site-id": program}))
        name: str = seen["programSettings"]["baseTierDefinition"]["name"]
        return name


@dataclass
class Capillary:
    maker: TestClient
    checker: TestClient
    native: Native

    def make(self, payload: Body) -> str:
        """Programs are made in a console there: what it begins with is made natively."""
        base = payload["baseTier"]
        program = self.native.make(
            {
                "name": "Made there",
                "qualification": {"measure": "points_balance"},
                "base_tier": base,
                "tiers": [],
                "metadata": {"capillary": {"programId": PROGRAM_NUMBER}},
            }
        )
        url = f"/capillary/programs/{PROGRAM_NUMBER}/updateTierAdvancedSettings"
        post(self.maker, url, payload["settings"])
        for tier in payload["tiers"]:
            body = {"programId": PROGRAM_NUMBER, **tier}
            id_ = post(self.maker, "/capillary/v3/tiers", body)["data"]["objectId"]
            done(self.maker.post(f"/capillary/v3/tiers/{id_}/submit"))
            post(self.checker, f"/capillary/v3/tiers/{id_}/approve", {"approvalStatus": "APPROVE"})
        return program

    def number(self, program: str) -> int:
        known = done(self.maker.get("/capillary/v3/programs"))["data"]
        number: int = next(each["programId"] for each in known if each["program"] == program)
        return number

    def steps(self, program: str) -> Steps:
        query = {"programId": self.number(program)}
        tiers = done(self.maker.get("/capillary/v3/tiers", params=query))["data"]["tiers"]
        steps = [(tier["name"], tier["eligibility"].get("threshold", 0)) for tier in tiers]
        return [(name, points) for name, points in steps if points > 0]

    def tier(self, program: str, member: str) -> str:
        query = {"programId": self.number(program)}
        told = done(self.maker.get(f"/capillary/v2/customers/{member}/tierDetails", params=query))
        tier: str = told["programTiers"][0]["currentTierName"]
        return tier

    def lift(self, program: str, member: str, tier: str) -> None:
        whom = {"source": "INSTORE", "identifierName": "externalId", "identifierValue": member}
        body = {
            "programId": self.number(program),
            "slabAction": "UPGRADE",
            "toSlabName": tier,
            "manualSlabActionValidity": "FIXED_DURATION",
            "manualSlabActionValidityUpto": 30,
            "slabChangeReason": "a friend of the house",
        }
        done(self.checker.post("/capillary/v2/slab/manualSlabAdjustment", params=whom, json=body))


@dataclass
class Voucherify:
    client: TestClient
    dialect: str

    @property
    def base(self) -> str:
        return f"/{self.dialect}/v2/loyalties"

    def make(self, payload: Body) -> str:
        made = post(self.client, f"{self.base}/tier-structures", payload["tier_structure"])["id"]
        for tier in payload["tiers"]:
            post(self.client, f"{self.base}/tier-structures/{made}/tiers", tier)
        done(self.client.post(f"{self.base}/tier-structures/{made}/activate"))
        return str(made)

    def steps(self, program: str) -> Steps:
        made = self._structure(program)
        tiers = done(self.client.get(f"{self.base}/tier-structures/{made}/tiers"))["data"]
        rules = [(tier["name"], tier["qualification_rules"]) for tier in tiers]
        least = [(name, rule.get("points", rule)["min_value"]) for name, rule in rules]
        return sorted(((name, points) for name, points in least if points > 0), key=lambda step: step[1])

    def tier(self, program: str, member: str) -> str:
        current = self._progress(self._structure(program), member)["current"]
        named = current.get("tier", current)
        return str(named["name"])

    def join(self, program: str, member: str) -> str:
        """The path of the member's card in a program with the ladder."""
        body = {
            "name": "There",
            "status": "ACTIVE",
            "card_definitions": [{"id": LEDGER}],
            "tier_structures": [{"id": self._structure(program)}],
        }
        there = post(self.client, f"{self.base}/programs", body)["id"]
        named = {"customer_identification": {"type": "customer_source_id", "customer_source_id": member}}
        joined = post(self.client, f"{self.base}/programs/{there}/members", named)["id"]
        path = f"{self.base}/programs/{there}/members/{joined}"
        return f"{path}/cards/{done(self.client.get(path))['cards'][0]['id']}"

    def earn(self, card: str, points: int) -> None:
        post(self.client, f"{card}/points", {"points": points})

    def _progress(self, structure: str, member: str) -> Body:
        """In the program that the ladder was given to."""
        there = done(self.client.get(f"{self.base}/programs"))["data"][0]["id"]
        given = done(self.client.get(f"{self.base}/programs/{there}/tier-structures"))["data"]
        assert structure in str(given)
        found = done(self.client.get(f"{self.base}/programs/{there}/memberships/{customer_id(member)}"))
        progress: Body = found["cards"][0]["tier_progress"]
        return progress

    def _structure(self, program: str) -> str:
        return structure_id(program)


@dataclass
class Fanfare:
    client: TestClient

    def make(self, payload: Body) -> str:
        made: str = post(self.client, "/fanfare/api/audiences/loyalty-tiers", payload)["tierGroup"]
        return made

    def steps(self, program: str) -> Steps:
        group = done(self.client.get(f"/fanfare/api/audiences/groups/{shown_uuid('group', program)}"))
        starts = [(one["name"], one["metadata"]["tierBoundaries"]["min"]) for one in group]
        return [(name, points) for name, points in starts if points]

    def tier(self, program: str, member: str) -> str:
        told = done(self.client.get(f"/fanfare/api/consumers/{member}/audiences"))
        (tier,) = [one["name"] for one in told if one["groupId"] == shown_uuid("group", program)]
        return str(tier)


def speakers(served: Served, organization: str = "first") -> dict[str, Any]:
    """A client of each dialect, all of one organization."""
    first, second = (
        create_first_key(served.service.database, served.clock(), organization=organization) for _ in range(2)
    )
    bearer = served.with_headers({"authorization": f"Bearer {first.secret}"})
    native = Native(bearer)
    maker = served.with_headers(basic(first.key.key_id, first.secret))
    checker = served.with_headers(basic(second.key.key_id, second.secret))
    return {
        "native": native,
        "fanfare": Fanfare(bearer),
        "wix": Wix(served.with_headers({"authorization": first.secret}), native),
        "capillary": Capillary(maker, checker, native),
        "voucherify": Voucherify(bearer, "voucherify"),
        "voucherify-2026-08": Voucherify(bearer, "voucherify-2026-08"),
    }
