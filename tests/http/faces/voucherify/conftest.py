"""A client of each dialect, and what they need before a structure can be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from ziggurat.http.faces.voucherify.cards import LEDGER

DAY = 86_400
SEED, NEWER = "/voucherify/v2/loyalties", "/voucherify-2026-08/v2/loyalties"
Body = dict[str, Any]


@dataclass
class Vendor:
    """Calls one dialect and expects 200 unless told otherwise; `served.clock` is the present."""

    served: Served
    client: TestClient
    base: str

    def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.client.request(method, self.base + path, json=body)
        assert answer.status_code == status, answer.text
        self.served.clock.pass_seconds(1)
        return answer.json()

    def get(self, path: str, status: int = 200) -> Any:
        return self.call("GET", path, None, status)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self.call("POST", path, body, status)

    def put(self, path: str, body: Any, status: int = 200) -> Any:
        return self.call("PUT", path, body, status)

    def delete(self, path: str, status: int = 200) -> Any:
        return self.call("DELETE", path, None, status)

    def structure(self, **said: Any) -> Any:
        """A new structure that tracks the balance of the ledger."""
        tracked: Body = {"card_definition_id": LEDGER}
        if "point_earned" in said and self.base == NEWER:
            said["point_earned"] = {**tracked, **said["point_earned"]}
        elif self.base == NEWER:
            said["point_balance"] = tracked
        else:
            said |= tracked
        type_ = "POINT_EARNED" if "point_earned" in said else "POINT_BALANCE"
        return self.post("/tier-structures", {"name": "Coffee Club", "type": type_, **said})

    def tier(self, structure: Body, name: str, low: int, high: int | None = None, **said: Any) -> Any:
        """A new tier of a structure."""
        points: Body = {"min_value": low} | ({} if high is None else {"max_value": high})
        rules = {"type": "POINTS", **(points if self.base == SEED else {"points": points})}
        body = {"name": name, "qualification_rules": rules, **said}
        return self.post(f"/tier-structures/{structure['id']}/tiers", body)

    def update(self, structure: Body, body: Body, status: int = 200) -> Any:
        """The answer to an update of a structure."""
        return self.put(f"/tier-structures/{structure['id']}", body, status)

    def step(self, structure: Body, doing: str, status: int = 200) -> Any:
        """The answer to activate, deactivate or draft."""
        return self.post(f"/tier-structures/{structure['id']}/{doing}", None, status)


@pytest.fixture
def vendor_of(served: Served) -> Callable[..., Vendor]:
    """Makes clients."""

    def make(base: str = SEED, organization: str = "first") -> Vendor:
        return Vendor(served, served.client(organization), base)

    return make


@pytest.fixture
def seed(vendor_of: Callable[..., Vendor]) -> Vendor:
    return vendor_of()


@pytest.fixture
def newer(vendor_of: Callable[..., Vendor]) -> Vendor:
    return vendor_of(NEWER)


@dataclass
class Joined:
    """A customer in a program with one card, on a structure that is active."""

    vendor: Vendor
    structure: Body
    program: Body
    member: Body
    card: str

    @property
    def path(self) -> str:
        return f"/programs/{self.program['id']}/members/{self.member['id']}"

    def points(self, points: int, status: int = 200) -> Any:
        return self.vendor.post(f"{self.path}/cards/{self.card}/points", {"points": points}, status)

    @property
    def progress(self) -> Any:
        path = f"/programs/{self.program['id']}/memberships/{self.member['customer_id']}"
        return self.vendor.get(path)["cards"][0]["tier_progress"]

    @property
    def tier(self) -> str | None:
        """The tier now, by name."""
        current = self.progress["current"]
        named = current if self.vendor.base == SEED else current["tier"]
        return named["name"] if named else None

    @property
    def moves(self) -> list[tuple[str, str, str | None]]:
        """Type, start and end of every tier transaction, oldest first."""
        told = self.vendor.get(f"{self.path}/tiers/transactions?order=created_at&limit=100")["data"]
        return [(each["type"], each["created_at"], each["details"]["expires_at"]) for each in told]


def join(vendor: Vendor, structure: Body, source_id: str = "alice") -> Joined:
    """Activate `structure`, and make a customer a member of a program with it."""
    vendor.step(structure, "activate")
    body = {
        "name": "Program",
        "status": "ACTIVE",
        "card_definitions": [{"id": LEDGER}],
        "tier_structures": [{"id": structure["id"]}],
    }
    program = vendor.post("/programs", body)
    named = {"customer_identification": {"type": "customer_source_id", "customer_source_id": source_id}}
    member = vendor.post(f"/programs/{program['id']}/members", named)
    shown = vendor.get(f"/programs/{program['id']}/members/{member['id']}")
    return Joined(vendor, structure, program, member, shown["cards"][0]["id"])


@pytest.fixture(params=[SEED, NEWER], ids=["seed", "newer"])
def vendor(request: pytest.FixtureRequest, vendor_of: Callable[..., Vendor]) -> Vendor:
    """A client of each dialect in turn."""
    return vendor_of(request.param)
