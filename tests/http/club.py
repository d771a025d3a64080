"""A coffee club to ask about: a program in force, members with histories, and everything else an organization has."""

from typing import Any

from starlette.testclient import TestClient

DOCUMENT: dict[str, Any] = {
    "name": "Coffee Club",
    "time_zone": "Europe/Paris",
    "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
    "expiration": {"type": "fixed_duration", "period": {"months": 12}},
    "base_tier": {"name": "Member"},
    "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}],
}
MARK = "only-first-knows"
"""What is found wherever the filled organization shows."""
EARNED = {"type": "points.earned", "occurred_at": "2025-06-01T10:00:00Z"}


def event(number: int, member: str, points: float) -> dict[str, Any]:
    return {"id": f"event-{number}", "member": member, "points": points, **EARNED}


def start_program(client: TestClient, document: dict[str, Any] = DOCUMENT) -> str:
    """The id of a program in force."""
    made = client.post("/v1/programs", json=document)
    assert made.status_code == 201, made.text
    program: str = made.json()["id"]
    activated = client.post(f"/v1/programs/{program}/activate")
    assert activated.status_code == 200, activated.text
    return program


def send(client: TestClient, *events: dict[str, Any]) -> dict[str, Any]:
    """What became of `events`."""
    answer = client.post("/v1/events", json=list(events))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def filled(client: TestClient) -> dict[str, str]:
    """Gives the client's organization one of everything; the value of each path parameter."""
    document = DOCUMENT | {"name": f"Club {MARK}"}
    program = start_program(client, document)
    client.put(f"/v1/programs/{program}/draft", json=document | {"description": MARK}, headers={"if-match": "*"})
    member = f"ada-{MARK}"
    send(client, event(1, member, 600), event(2, member, 1500))
    override = client.post(
        f"/v1/members/{member}/overrides", json={"program": program, "tier": "Gold", "mode": "floor", "reason": MARK}
    )
    endpoint = client.post("/v1/webhook-endpoints", json={"url": f"https://{MARK}.example/hook"}).json()["endpoint"]
    delivery = client.post(f"/v1/webhook-endpoints/{endpoint['id']}/ping").json()
    key = client.post("/v1/keys", json={"name": MARK, "scopes": ["read"]}).json()["key"]
    audiences = filled_audiences(client, member)
    jobs = client.get("/v1/jobs").json()["items"]
    return {
        "program": program,
        "member": member,
        "override": override.json()["id"],
        "endpoint": endpoint["id"],
        "delivery": delivery["id"],
        "key_id": key["key_id"],
        "job": jobs[0]["id"] if jobs else "none",
        "number": "1",
        **audiences,
    }


def filled_audiences(client: TestClient, member: str) -> dict[str, str]:
    """Gives the client's organization a list with an import, and a synced one with a source in a group."""
    group = {"key": f"group-{MARK}", "name": MARK}
    named = {"name": f"List {MARK}", "kind": "static", "group": group}
    listed = client.post("/v1/audiences", json=named)
    assert listed.status_code == 201, listed.text
    audience = listed.json()["id"]
    client.post(f"/v1/audiences/{audience}/members", json={"members": [member]})
    client.put(f"/v1/members/{member}/profile", json={"email": f"{MARK}@shop.example"})
    imported = client.post(f"/v1/audiences/{audience}/imports").json()["id"]
    return {"audience": audience, "group": group["key"], "import": imported}
