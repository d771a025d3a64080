"""Who may ask: secrets, scopes, revocation."""

from hashlib import md5

import pytest
from starlette.testclient import TestClient

from tests.http.conftest import Served
from ziggurat import limits
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.app.access.revoke_key import revoke_key
from ziggurat.app.context import Context
from ziggurat.app.principal import ALL_SCOPES, KeyScope
from ziggurat.http.auth import Authenticator
from ziggurat.http.native.registry import OPERATIONS
from ziggurat.store.scope import Scope


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer \x7f", "Token zig_x", "x" * 10_000]
)
def test_without_a_bearer_secret_nothing_is_told(served: Served, header: str | None) -> None:
    client = served.with_headers({} if header is None else {"authorization": header})
    answer = client.get("/v1/organization")
    assert answer.status_code == 401
    assert answer.json()["code"] == "authentication_required"
    assert answer.headers["www-authenticate"] == 'Bearer realm="ziggurat"'


@pytest.mark.parametrize("secret", ["zig_unknown", "é", "' OR 1=1 --", "0" * 512])
def test_an_unknown_secret_opens_nothing(served: Served, secret: str) -> None:
    headers = {b"authorization": f"Bearer {secret}".encode()}
    answer = served.with_headers({}).get("/v1/organization", headers=headers)
    assert answer.status_code == 401


def test_a_new_key_works_and_a_revoked_one_does_not(served: Served, client: TestClient) -> None:
    made = client.post("/v1/keys", json={"name": "till", "scopes": ["read"]})
    assert made.status_code == 201
    till = served.with_headers({"authorization": f"Bearer {made.json()['secret']}"})
    assert till.get("/v1/organization").status_code == 200
    revoked = client.delete(made.headers["location"])
    assert revoked.json()["revoked_at"] == "2025-07-01T12:00:00Z"
    assert till.get("/v1/organization").json()["code"] == "invalid_key"


def test_secrets_are_shown_once(client: TestClient) -> None:
    secret = client.post("/v1/keys", json={"name": "till", "scopes": ["read"]}).json()["secret"]
    assert secret not in client.get("/v1/keys").text
    assert secret not in client.get("/v1/audit").text


def test_a_secret_is_never_kept_for_an_idempotent_answer(served: Served, client: TestClient) -> None:
    headers = {"idempotency-key": "make-a-key"}
    answer = client.post("/v1/keys", json={"name": "till", "scopes": ["read"]}, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["header"] == "Idempotency-Key"
    assert len(client.get("/v1/keys").json()["items"]) == 1


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_wants_its_scope(served: Served, operation: object) -> None:
    wanted = next(each for each in OPERATIONS if each is operation)
    lacking = served.client(scopes=ALL_SCOPES - {wanted.scope})
    path = wanted.path.replace("{", "").replace("}", "")
    answer = lacking.request(wanted.method, path)
    assert answer.status_code == 403
    assert answer.json()["code"] == "scope_missing"
    assert answer.json()["params"] == {"scope": str(wanted.scope)}


def test_reading_needs_no_more_than_the_scope_to_read(served: Served) -> None:
    reader = served.client(scopes=frozenset({KeyScope.READ}))
    assert reader.get("/v1/organization").status_code == 200
    assert reader.get("/v1/keys").status_code == 403


def test_a_key_revoked_elsewhere_is_of_no_use_within_a_second(served: Served, client: TestClient) -> None:
    made = client.post("/v1/keys", json={"name": "till", "scopes": ["read"]}).json()
    till = served.with_headers({"authorization": f"Bearer {made['secret']}"})
    assert till.get("/v1/organization").status_code == 200
    context = Context(served.service.database, Scope(1), "cli", served.clock.now)
    revoke_key(context, made["key"]["key_id"])
    served.clock.pass_seconds(limits.KEY_REMEMBERED_SECONDS)
    assert till.get("/v1/organization").status_code == 401


def test_pairs_of_key_and_secret_open_the_same(served: Served) -> None:
    made = create_first_key(served.service.database, 0)
    other = create_first_key(served.service.database, 0)
    authenticator = Authenticator(served.service)
    hashed = md5(made.secret.encode(), usedforsecurity=False).hexdigest()
    by_secret = authenticator.by_secret(made.secret)
    assert by_secret is not None
    assert authenticator.by_pair(made.key.key_id, made.secret) == by_secret
    assert authenticator.by_pair(made.key.key_id, hashed, md5=True) == by_secret
    assert authenticator.by_pair(made.key.key_id, hashed) is None
    assert authenticator.by_pair(other.key.key_id, made.secret) is None
    assert authenticator.by_pair(made.key.key_id, "") is None
    assert authenticator.by_secret("é" * 9) is None


def test_the_last_use_of_a_key_is_known_to_the_minute(served: Served, client: TestClient) -> None:
    def last_use() -> str:
        used: str = client.get("/v1/keys").json()["items"][0]["last_used_at"]
        return used

    client.get("/v1/organization")
    assert last_use() == "2025-07-01T12:00:00Z"
    served.clock.pass_seconds(59)
    client.get("/v1/organization")
    assert last_use() == "2025-07-01T12:00:00Z"
    served.clock.pass_seconds(1)
    client.get("/v1/organization")
    assert last_use() == "2025-07-01T12:01:00Z"
