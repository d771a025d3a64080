"""Moves between tiers go out in the vendor's envelope under the vendor's signature, to a real receiver."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.http.conftest import Served
from tests.http.faces.voucherify.conftest import DAY, Vendor, join
from ziggurat.app.upkeep.worker import Worker
from ziggurat.http.face_mounts import face_renderers
from ziggurat.http.faces.voucherify.envelope import signature

Posted = list[tuple[bytes, str]]


@pytest.fixture
def posted() -> Iterator[tuple[str, Posted]]:
    """The address of a receiver, and what was posted there, with its signature."""
    kept: Posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.append((body, self.headers["x-voucherify-signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *said: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hooks", kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def served(serve_with: Callable[..., Served]) -> Served:
    """An application that may post to this machine."""
    return serve_with(webhook_private_targets=True)


@pytest.mark.parametrize(
    ("body", "start", "end"),
    [
        (b'{"a":1}', "a17d2ac2", "7d3ed2"),
        (b'{"a\\"b":1}', "f7cf9781", "483ffb"),
        (b"  message  ", "53ff9295", "42d3a358"),
    ],
)
def test_the_vendors_own_examples_are_signed_alike(body: bytes, start: str, end: str) -> None:
    signed = signature("secretKey", body)
    assert signed.startswith(start)
    assert signed.endswith(end)


def test_every_move_is_told_and_signed(vendor: Vendor, served: Served, posted: tuple[str, Posted]) -> None:
    url, kept = posted
    registered = vendor.call("POST", "/../ziggurat/webhooks", {"target_url": url})
    period = {"period": {"value": 1, "unit": "MONTH"}}
    held: dict[str, Any] = {"type": "ROLLING_EXPIRATION", "rolling_expiration": period}
    if vendor.base.startswith("/voucherify-"):
        held = {"type": "FIXED_DURATION", "fixed_duration": period}
    made = vendor.structure(expiration=held, downgrade={"type": "MULTI_LEVEL"})
    silver = vendor.tier(made, "Silver", 500, 1999)
    gold = vendor.tier(made, "Gold", 2000)
    joined = join(vendor, made)
    joined.points(500)
    joined.points(1500)
    worker = Worker(served.service.database, served.clock, private_targets=True, renderers=face_renderers(), idle_s=0)
    for points in (0, -1500, -500):
        joined.points(points)
        served.clock.pass_seconds(32 * DAY)
        worker.run_until_idle()
    told = [json.loads(body) for body, _ in kept]
    assert all(signed == signature(registered["secret_key"], body) for body, signed in kept)
    assert {each["event"]["type"] for each in told} <= set(registered["events"])
    told = [each for each in told if each["type"].startswith("customer.")]
    assert [each["type"].rsplit(".", 1)[1] for each in told] == [
        "joined",
        "upgraded",
        "prolonged",
        "downgraded",
        "left",
    ]
    upgrade = told[1]["data"]
    assert (upgrade["loyalty_tier_from"]["id"], upgrade["loyalty_tier_to"]["id"]) == (silver["id"], gold["id"])
    assert upgrade["customer"]["source_id"] == "alice"
    assert upgrade["campaign"]["id"] == made["id"]
    assert told[4]["data"]["loyalty_tier"]["name"] == "Silver"


def test_tiers_that_are_made_changed_and_deleted_are_told(
    vendor: Vendor, served: Served, posted: tuple[str, Posted]
) -> None:
    url, kept = posted
    registered = vendor.call("POST", "/../ziggurat/webhooks", {"target_url": url})
    made = vendor.structure()
    silver = vendor.tier(made, "Silver", 500)
    path = f"/tier-structures/{made['id']}/tiers/{silver['id']}"
    vendor.put(path, {"name": "Argent"})
    vendor.delete(path)
    renderers = face_renderers()
    worker = Worker(served.service.database, served.clock, private_targets=True, renderers=renderers, idle_s=0)
    worker.run_until_idle()

    told = sorted((json.loads(body) for body, _ in kept), key=lambda each: str(each["created_at"]))
    assert [each["type"] for each in told] == [
        f"campaign.loyalty_tier.{what}" for what in ("created", "updated", "deleted")
    ]
    assert {each["type"] for each in told} <= set(registered["events"])
    assert all(signed == signature(registered["secret_key"], body) for body, signed in kept)
    assert told[1]["data"]["loyalty_tier"] == {
        "id": silver["id"],
        "tier_structure_id": made["id"],
        "name": "Argent",
        "object": "tier",
    }
    assert told[1]["data"]["campaign"] == {"id": made["id"], "name": "Coffee Club", "object": "tier_structure"}
    assert [each["event"]["entity_id"] for each in told] == [silver["id"]] * 3


def test_an_address_that_nothing_is_posted_to_is_refused(vendor: Vendor) -> None:
    told = vendor.call("POST", "/../ziggurat/webhooks", {"target_url": "ftp://example.com"}, 400)
    assert told["key"] == "invalid_payload"
