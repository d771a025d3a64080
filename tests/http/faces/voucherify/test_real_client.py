"""Over a real socket: the page's request sent with curl as printed, and the vendor's own client for Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from voucherify.api.async_actions_api import AsyncActionsApi
from voucherify.api_client import ApiClient
from voucherify.configuration import Configuration
from voucherify.exceptions import NotFoundException

from tests.http.conftest import Served
from tests.http.faces.voucherify.conftest import Vendor
from tests.http.faces.voucherify.test_seed_update import AS_PRINTED, WORDS
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.http.faces.voucherify.cards import LEDGER


@dataclass
class Listening:
    """A server on a real port, and a key."""

    address: str
    key_id: str
    secret: str


@pytest.fixture
def listening(served: Served) -> Iterator[Listening]:
    made = create_first_key(served.service.database, served.clock(), organization="first")
    config = uvicorn.Config(served.app, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    socket.listen()  # who comes before the server is ready waits
    thread = threading.Thread(target=server.run, args=([socket],))
    thread.start()
    yield Listening(f"http://127.0.0.1:{socket.getsockname()[1]}", made.key.key_id, made.secret)
    server.should_exit = True
    thread.join()
    socket.close()


def curl(listening: Listening, structure: str, body: str = "") -> tuple[int, Any]:
    """The page's command with another address, id and keys, and another body if one is given: status and answer."""
    address = f"{listening.address}/voucherify"
    words = [word.replace("https://api.voucherify.io", address).replace("{id}", structure) for word in WORDS]
    words = [word.replace("<api-key>", listening.key_id if "X-App-Id" in word else listening.secret) for word in words]
    words[-1] = body or words[-1]
    command = [*words, "--silent", "--write-out", "\n%{http_code}"]
    told, _, status = subprocess.run(command, capture_output=True, text=True, check=True).stdout.rpartition("\n")
    return int(status), json.loads(told)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_pages_command_is_answered_as_the_page_says(seed: Vendor, listening: Listening) -> None:
    made = seed.structure()
    status, told = curl(listening, made["id"])
    assert (status, told["key"]) == (400, "invalid_payload")
    assert told["details"] == "Property .point_earned must be null for type POINT_BALANCE"
    asked = {**AS_PRINTED, "point_earned": None, "card_definition_id": LEDGER}
    status, told = curl(listening, made["id"], json.dumps(asked, indent=2))
    assert status == 200
    assert {name: told[name] for name in asked} == asked


def test_the_vendors_client_reaches_the_server(seed: Vendor, listening: Listening) -> None:
    keys = {"X-App-Id": listening.key_id, "X-App-Token": listening.secret}
    client = ApiClient(Configuration(host=f"{listening.address}/voucherify", api_key=keys))

    def call(method: str, path: str, body: Any = None) -> Any:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        asked = client.param_serialize(
            method=method, resource_path=path, header_params=headers, body=body, auth_settings=list(keys)
        )
        answer = client.call_api(*asked)
        answer.read()  # type: ignore[no-untyped-call]
        return client.response_deserialize(answer, {"200": "object"}).data

    body = {"name": "Coffee Club", "type": "POINT_BALANCE", "card_definition_id": LEDGER}
    made = call("POST", "/v2/loyalties/tier-structures", body)
    assert seed.get(f"/tier-structures/{made['id']}") == made
    assert call("GET", "/v2/loyalties/tier-structures")["data"] == [made]
    with pytest.raises(NotFoundException) as refused:
        call("GET", "/v2/loyalties/tier-structures/lts_0")
    assert json.loads(refused.value.body or "{}")["key"] == "not_found"


def test_the_vendors_client_reads_what_became_of_a_batch(seed: Vendor, listening: Listening) -> None:
    made = seed.post("/programs", {"name": "Program", "status": "ACTIVE", "card_definitions": [{"id": LEDGER}]})
    bob = {"customer_identification": {"type": "customer_source_id", "customer_source_id": "bob"}}
    told = seed.post(f"/programs/{made['id']}/members/batch", [bob, bob], 202)
    keys = {"X-App-Id": listening.key_id, "X-App-Token": listening.secret}
    client = ApiClient(Configuration(host=f"{listening.address}/voucherify", api_key=keys))

    action = AsyncActionsApi(client).get_async_action(told["async_action_id"])

    assert (action.id, action.status, action.operation_status) == (told["async_action_id"], "DONE", "SUCCESS")
    assert action.result is not None
    assert [row["created"] for row in action.result["rows"]] == [True, False]


def test_a_token_opens_the_door_for_a_quarter_of_an_hour(seed: Vendor, served: Served) -> None:
    made = create_first_key(served.service.database, served.clock(), organization="first")
    anonymous = served.anonymous()
    form = {"grant_type": "client_credentials"}
    pair = (made.key.key_id, made.secret)
    token = anonymous.post("/voucherify/v1/oauth/token", data=form, auth=pair).json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 900)
    headers = {"authorization": f"Bearer {token['access_token']}"}
    path = "/voucherify/v2/loyalties/tier-structures"
    assert anonymous.get(path, headers=headers).status_code == 200
    asked = {"token": token["access_token"]}
    told = anonymous.post("/voucherify/v1/oauth/introspect", data=asked, auth=pair).json()
    assert (told["active"], told["client_id"]) == (True, made.key.key_id)
    forged = token["access_token"][:-1] + ("0" if token["access_token"][-1] != "0" else "1")
    assert anonymous.get(path, headers={"authorization": f"Bearer {forged}"}).status_code == 401
    served.clock.pass_seconds(901)
    assert anonymous.get(path, headers=headers).status_code == 401
    assert not anonymous.post("/voucherify/v1/oauth/introspect", data=asked, auth=pair).json()["active"]
    wrong = anonymous.post("/voucherify/v1/oauth/token", data=form, auth=(made.key.key_id, "no"))
    assert wrong.json() == {"code": 401, "message": "Unauthorized", "key": "unauthorized"}
    other = anonymous.post("/voucherify/v1/oauth/token", data={"grant_type": "password"}, auth=pair)
    assert other.json()["key"] == "invalid_payload"


def test_limits_are_told_in_the_vendors_headers(serve_with: Any) -> None:
    served = serve_with(rate_limit_per_minute=1)
    client = served.client()
    first = client.get("/voucherify/v2/loyalties/tier-structures")
    assert (first.headers["x-rate-limit-limit"], first.headers["x-rate-limit-remaining"]) == ("1", "0")
    second = client.get("/voucherify/v2/loyalties/tier-structures")
    assert (second.status_code, second.json()["key"]) == (429, "too_many_requests")
    assert second.headers["x-rate-limit-type"] == "api_calls"
    assert int(second.headers["retry-after"]) > 0


def test_browsers_may_ask(served: Served) -> None:
    headers = {
        "origin": "http://localhost:3010",
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type,x-app-id,x-app-token,x-voucherify-api-version",
    }
    answer = served.anonymous().options("/voucherify/v2/loyalties/tier-structures/lts_0", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
