"""Every way the API refuses, brought about once, with the status that its table says."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import event as sql_event
from starlette.testclient import TestClient

from tests.http.club import DOCUMENT, EARNED, event, send, start_program
from tests.http.conftest import Served
from ziggurat import limits
from ziggurat.app.access.claim_request import claim_request
from ziggurat.app.context import Context
from ziggurat.app.principal import KeyScope
from ziggurat.http.idempotency import Fingerprint
from ziggurat.http.problems import PROBLEMS
from ziggurat.store.scope import Scope

ServeWith = Callable[..., Served]
JSON = {"content-type": "application/json"}
NEEDS_CIRCUMSTANCES = {
    "object_too_large": "a file that came around the body's own limit",
    "invalid_members": "what only faces say of many members at once",
    "refused": "what future use cases refuse without a code of their own",
    "concurrent_change": "PostgreSQL only, after every attempt of a transaction has met another",
    "database_timeout": "PostgreSQL only",
}
"""Codes that no request brings about by itself on SQLite."""

PROVOKED: dict[str, Callable[[ServeWith], Response]] = {}


def provokes(code: str) -> Callable[[Callable[[ServeWith], Response]], Callable[[ServeWith], Response]]:
    def register(function: Callable[[ServeWith], Response]) -> Callable[[ServeWith], Response]:
        PROVOKED[code] = function
        return function

    return register


def file_of(served: Served) -> Path:
    return Path(served.service.settings.database_url.removeprefix("sqlite:///"))


PROVOKED["route_not_found"] = lambda serve: serve().client().get("/v1/nothing")
PROVOKED["method_not_allowed"] = lambda serve: serve().client().put("/v1/keys")
PROVOKED["authentication_required"] = lambda serve: serve().anonymous().get("/v1/keys")
PROVOKED["unsupported_media_type"] = lambda serve: serve().client().post("/v1/keys", content=b"name=till")
PROVOKED["body_too_large"] = lambda serve: (
    serve().client().post("/v1/keys", content=b" " * (limits.DOCUMENT_BYTES_MAX + 1), headers=JSON)
)
PROVOKED["malformed_body"] = lambda serve: serve().client().post("/v1/keys", content=b"{", headers=JSON)
PROVOKED["invalid_request"] = lambda serve: serve().client().post("/v1/keys", json={})
PROVOKED["invalid_header"] = lambda serve: (
    serve().client().patch("/v1/organization", json={}, headers={"if-match": "none"})
)
PROVOKED["invalid_cursor"] = lambda serve: serve().client().get("/v1/audit?cursor=x")
PROVOKED["precondition_required"] = lambda serve: serve().client().patch("/v1/organization", json={})
PROVOKED["stale_version"] = lambda serve: (
    serve().client().patch("/v1/organization", json={}, headers={"if-match": '"9"'})
)
PROVOKED["not_found"] = lambda serve: serve().client().get("/v1/programs/none")
PROVOKED["invalid_program"] = lambda serve: serve().client().post("/v1/programs", json=DOCUMENT | {"tiers": "none"})
PROVOKED["scope_missing"] = lambda serve: serve().client(scopes=frozenset({KeyScope.READ})).get("/v1/keys")
PROVOKED["webhook_target_refused"] = lambda serve: (
    serve().client().post("/v1/webhook-endpoints", json={"url": "http://127.0.0.1:9/hook"})
)


def synced(client: TestClient) -> str:
    """An audience with a source."""
    audience: str = client.post("/v1/audiences", json={"name": "Synced", "kind": "synced"}).json()["id"]
    source = {"kind": "object", "location": "list.csv"}
    assert client.put(f"/v1/audiences/{audience}/sync-source", json=source).status_code == 200
    return audience


@provokes("invalid_audience")
def _(serve: ServeWith) -> Response:
    rules = [[{"field": "shoe_size", "operator": "equals", "values": [42]}]]
    answer = serve().client().post("/v1/audiences", json={"name": "Big feet", "rules": rules})
    assert answer.json()["faults"][0]["pointer"] == "/rules/0/0/field"
    return answer


@provokes("sync_in_progress")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    audience = synced(client)
    assert client.post(f"/v1/audiences/{audience}/sync").status_code == 202
    return client.post(f"/v1/audiences/{audience}/sync")


@provokes("objects_unavailable")
def _(serve: ServeWith) -> Response:
    served = serve(objects=__file__)
    client = served.client()
    audience = client.post("/v1/audiences", json={"name": "List", "kind": "static"}).json()["id"]
    made = client.post(f"/v1/audiences/{audience}/imports").json()["id"]
    return client.put(f"/v1/imports/{made}/file", json={"csv": "email"})


@provokes("invalid_key")
def _(serve: ServeWith) -> Response:
    return serve().with_headers({"authorization": "Bearer zig_nobody"}).get("/v1/keys")


@provokes("rate_limited")
def _(serve: ServeWith) -> Response:
    client = serve(rate_limit_per_minute=1).client()
    client.get("/v1/keys")
    return client.get("/v1/keys")


@provokes("expired_cursor")
def _(serve: ServeWith) -> Response:
    served = serve()
    client = served.client()
    cursor = client.get("/v1/audit?limit=1").json()["next_cursor"]
    served.clock.pass_seconds(limits.CURSOR_LIFETIME_SECONDS + 1)
    return client.get(f"/v1/audit?limit=1&cursor={cursor}")


@provokes("idempotency_key_reused")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    client.post("/v1/programs", json=DOCUMENT, headers={"idempotency-key": "one"})
    return client.post("/v1/programs", json=DOCUMENT | {"name": "Tea"}, headers={"idempotency-key": "one"})


@provokes("request_in_flight")
def _(serve: ServeWith) -> Response:
    served = serve()
    client = served.client()
    fingerprint = Fingerprint("POST", "/v1/programs/x/submit?", "application/json", b"").digest()
    context = Context(served.service.database, Scope(1), "key:x", served.clock.now)
    claim_request(context, "one", fingerprint, served.clock.now + 1_000_000, 1_000_000)
    return client.post("/v1/programs/x/submit", headers={"idempotency-key": "one"})


@provokes("answer_lost")
def _(serve: ServeWith) -> Response:
    served = serve()
    client = served.client()
    path, keyed = "/v1/members", {"idempotency-key": "one"}
    client.post(path, json={"id": "ada"}, headers=keyed)
    client.delete(f"{path}/ada")  # the answer named her
    served.clock.pass_seconds(limits.IDEMPOTENCY_ABANDONED_SECONDS)
    return client.post(path, json={"id": "ada"}, headers=keyed)


@provokes("unknown_tier")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    program = start_program(client)
    send(client, event(1, "ada", 1))
    body = {"program": program, "tier": "Uranium", "mode": "fixed"}
    return client.post("/v1/members/ada/overrides", json=body)


@provokes("member_merged")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    send(client, event(1, "ada", 1), event(2, "bo", 1))
    client.post("/v1/members/bo/merge", json={"into": "ada"})
    return client.post("/v1/members/bo/merge", json={"into": "ada"})


@provokes("member_erased")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    send(client, event(1, "ada", 1))
    assert client.delete("/v1/members/ada").status_code == 200
    nameless = client.get("/v1/members").json()["items"][0]["id"]
    return client.delete(f"/v1/members/{nameless}")


@provokes("already_exists")
def _(serve: ServeWith) -> Response:
    served = serve()
    served.client("second")
    return served.client("first").patch("/v1/organization", json={"name": "second"}, headers={"if-match": "*"})


@provokes("batch_too_large")
def _(serve: ServeWith) -> Response:
    one = {"member": "ada", "points": 1, **EARNED}
    return serve().client().post("/v1/events", json=[one] * (limits.EVENTS_PER_REQUEST_MAX + 1))


@provokes("event_refused")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    start_program(client, DOCUMENT | {"late_events": {"cut_off": {"days": 30}}})
    return client.post("/v1/members", json={"id": "ada", "enrolled_at": "2020-01-01T00:00:00Z"})


@provokes("wrong_state")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    program = client.post("/v1/programs", json=DOCUMENT).json()["id"]
    return client.post(f"/v1/programs/{program}/approve")


@provokes("own_draft")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    client.patch("/v1/organization", json={"requires_approval": True}, headers={"if-match": "*"})
    program = client.post("/v1/programs", json=DOCUMENT).json()["id"]
    client.post(f"/v1/programs/{program}/submit")
    return client.post(f"/v1/programs/{program}/approve")


@provokes("approval_required")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    client.patch("/v1/organization", json={"requires_approval": True}, headers={"if-match": "*"})
    program = client.post("/v1/programs", json=DOCUMENT).json()["id"]
    return client.post(f"/v1/programs/{program}/activate")


@provokes("outdated_draft")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    program = start_program(client)
    client.put(f"/v1/programs/{program}/draft", json=DOCUMENT | {"description": "new"}, headers={"if-match": "*"})
    client.post(f"/v1/programs/{program}/rollback", json={"revision": 1})
    return client.post(f"/v1/programs/{program}/activate")


@provokes("activation_pending")
def _(serve: ServeWith) -> Response:
    client = serve().client()
    program = start_program(client)
    later = {"effective_from": "2026-01-01T00:00:00Z"}
    client.post(f"/v1/programs/{program}/pause", json=later)
    return client.post(f"/v1/programs/{program}/freeze")


@provokes("database_locked")
def _(serve: ServeWith) -> Response:
    served = serve(lock_timeout_ms=50)
    client = served.client()
    client.get("/v1/keys")
    other = sqlite3.connect(file_of(served), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        return client.post("/v1/keys", json={"name": "till", "scopes": ["read"]})
    finally:
        other.close()


def with_pragma(serve: ServeWith, pragma: str) -> Response:
    served = serve()
    client = served.client()
    client.get("/v1/keys")
    served.service.database.dispose()

    def on_connect(connection: sqlite3.Connection, record: object) -> None:
        connection.execute(pragma)

    sql_event.listen(served.service.database.engine, "connect", on_connect)
    settings = {"settings": {"long": "x" * 60_000}}
    return client.patch("/v1/organization", json=settings, headers={"if-match": "*"})


PROVOKED["database_full"] = lambda serve: with_pragma(serve, "PRAGMA max_page_count = 1")
PROVOKED["database_read_only"] = lambda serve: with_pragma(serve, "PRAGMA query_only = ON")


@provokes("database_unavailable")
def _(serve: ServeWith) -> Response:
    served = serve()
    client = served.client()
    served.service.database.dispose()
    file_of(served).write_bytes(b"this is no database " * 1_000)
    return client.get("/v1/keys")


def with_schema(serve: ServeWith, number: str) -> Response:
    served = serve()
    with served.service.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{number}'")
    return served.anonymous().get("/readyz")


@provokes("schema_older")
def _(serve: ServeWith) -> Response:
    served = serve()
    with served.service.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    return served.anonymous().get("/readyz")


PROVOKED["schema_newer"] = lambda serve: with_schema(serve, "9999")


@provokes("database_error")
def _(serve: ServeWith) -> Response:
    served = serve()
    client = served.client()
    with served.service.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_entries RENAME TO gone")
    return client.get("/v1/audit")


@provokes("internal_error")
def _(serve: ServeWith) -> Response:
    served = serve()
    client = served.client()
    with served.service.database.writing() as connection:
        connection.exec_driver_sql("UPDATE api_keys SET scopes = '[\"fly\"]'")
    return client.get("/v1/keys")


def test_every_problem_is_brought_about_or_excused() -> None:
    assert PROVOKED.keys() | NEEDS_CIRCUMSTANCES.keys() == PROBLEMS.keys()
    assert not PROVOKED.keys() & NEEDS_CIRCUMSTANCES.keys()


@pytest.mark.parametrize("code", PROVOKED)
def test_a_problem_is_as_the_table_says(serve_with: ServeWith, code: str) -> None:
    answer = PROVOKED[code](serve_with)
    said = answer.json()
    assert said["code"] == code, said
    assert answer.status_code == said["status"] == PROBLEMS[code].status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["type"] == f"urn:ziggurat:problem:{code}"
    assert said["title"] == PROBLEMS[code].title
    assert said["detail"]
    assert said["instance"] == f"urn:ziggurat:request:{answer.headers['x-request-id']}"
    if code == "invalid_program":
        assert said["faults"][0]["pointer"] == "/tiers"


def test_of_two_reasons_the_earlier_in_the_table_is_told(serve_with: ServeWith) -> None:
    served = serve_with()
    order = list(PROBLEMS)
    reader = served.client(scopes=frozenset({KeyScope.READ}))
    unread = reader.post("/v1/keys", content=b"{", headers={"content-type": "text/plain"})
    wrong = served.client().patch("/v1/organization?x=1", content=b"{", headers=JSON)
    unseen = served.client().put("/v1/programs/none/draft", json=DOCUMENT)
    told = [answer.json()["code"] for answer in (unread, wrong, unseen)]
    assert told == ["scope_missing", "malformed_body", "precondition_required"]
    assert order.index("scope_missing") < order.index("unsupported_media_type")
    assert order.index("malformed_body") < order.index("invalid_request") < order.index("precondition_required")
    assert order.index("precondition_required") < order.index("not_found")
