"""One coherent set of examples for the OpenAPI document: a coffee club, Ada, and her way to Gold.

A test checks that every example fits its schema.
"""

from __future__ import annotations

from typing import Any

DOCUMENT: dict[str, Any] = {
    "edition": 1,
    "name": "Coffee Club",
    "time_zone": "Europe/Paris",
    "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
    "expiration": {"type": "fixed_duration", "period": {"months": 12}},
    "downgrade": {"type": "single_level", "grace_period": {"months": 1}},
    "base_tier": {"name": "Member"},
    "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}],
}
DOCUMENT_YAML = """\
edition: 1
name: Coffee Club
time_zone: Europe/Paris
qualification: {measure: points_earned, window: {rolling: {months: 12}}}
expiration: {type: fixed_duration, period: {months: 12}}
downgrade: {type: single_level, grace_period: {months: 1}}
base_tier: {name: Member}
tiers:
  - {name: Silver, from: 500}
  - {name: Gold, from: 2000}
"""
_TIMES = {"created_at": "2025-01-01T09:00:00Z", "updated_at": "2025-06-01T09:00:00Z"}

DRAFT: dict[str, Any] = {
    "id": "dft_1f0c8a52d1b7e643",
    "program": "prg_7d2e90b1c4a85f36",
    "state": "draft",
    "base_revision": 0,
    "author": "key:key_5a1c2b3d4e5f6071",
    "submitted_by": None,
    "submitted_at": None,
    "decided_by": None,
    "decided_at": None,
    "comment": "",
    **_TIMES,
    "version": 1,
    "document": DOCUMENT,
}
PROGRAM: dict[str, Any] = {
    "id": "prg_7d2e90b1c4a85f36",
    "name": "Coffee Club",
    "status": "draft",
    "revision": None,
    **_TIMES,
    "version": 1,
    "document": None,
    "draft": DRAFT,
}
REVISION: dict[str, Any] = {
    "number": 1,
    "status": "active",
    "activation": "reevaluate",
    "effective_from": None,
    "published": True,
    "checksum": "5b7c1e",
    "note": "",
    "created_by": "key:key_5a1c2b3d4e5f6071",
    "created_at": "2025-06-01T09:00:00Z",
    "document": DOCUMENT,
}
JOB: dict[str, Any] = {
    "id": "job_0b9d8c7a6f5e4d3c",
    "kind": "activation",
    "state": "running",
    "done": 250000,
    "total": 1000000,
    "error": None,
    "result": None,
    "created_at": "2025-06-01T09:00:00Z",
    "started_at": "2025-06-01T09:00:01Z",
    "finished_at": None,
}
ACTIVATION: dict[str, Any] = {
    "program": {**PROGRAM, "status": "active", "revision": 1, "document": DOCUMENT, "draft": None},
    "revision": REVISION,
    "job": None,
}
CHECK: dict[str, Any] = {
    "valid": True,
    "faults": [],
    "warnings": [],
    "ladder": [{"tier": "Member"}, {"tier": "Silver", "from": 500}, {"tier": "Gold", "from": 2000}],
}
DIFF: dict[str, Any] = {"items": [{"path": "tiers[1].from", "before": 2000, "after": 1500}]}
TIER_COUNTS: dict[str, Any] = {
    "items": [
        {"tier": "Member", "tier_id": "Member", "members": 8120},
        {"tier": "Silver", "tier_id": "Silver", "members": 1034},
        {"tier": "Gold", "tier_id": "Gold", "members": 87},
    ]
}
DIALECTS: dict[str, Any] = {
    "of": "in_force",
    "items": [
        {
            "dialect": "wix",
            "complete": False,
            "losses": [{"path": "expiration", "lost": "no tier is held there"}],
            "payload": {
                "programSettings": {"rollingWindow": {"durationInMonths": 12}, "status": "ACTIVE"},
                "tiers": [{"tierDefinition": {"name": "Silver", "description": ""}, "requiredPoints": 500}],
            },
        }
    ],
}
FLOWS: dict[str, Any] = {
    "items": [{"day": "2025-07-01", "kind": "upgraded", "from_tier": "Silver", "to_tier": "Gold", "members": 3}]
}

EVENT: dict[str, Any] = {
    "id": "order-1001",
    "member": "ada",
    "type": "points.earned",
    "occurred_at": "2025-07-01T12:00:00Z",
    "points": 1500,
}
EVENTS: list[dict[str, Any]] = [
    EVENT,
    {"id": "order-1002", "member": "ada", "type": "order.placed", "occurred_at": "2025-07-02T08:30:00Z", "amount": 4.8},
]
CLOUD_EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "order-1001",
    "source": "/tills/3",
    "type": "points.earned",
    "subject": "ada",
    "time": "2025-07-01T12:00:00Z",
    "data": {"points": 1500},
}
OUTCOMES: dict[str, Any] = {
    "counts": {"accepted": 1, "duplicate": 0, "conflict": 0, "refused": 0},
    "items": [
        {
            "id": "order-1001",
            "member": "ada",
            "result": "accepted",
            "programs": [
                {
                    "program": "prg_7d2e90b1c4a85f36",
                    "tier_before": "Silver",
                    "tier_after": "Gold",
                    "award": [{"tier": "Silver", "points": 1500, "amount": None}],
                }
            ],
        }
    ],
}
LEDGER_EVENT: dict[str, Any] = {**EVENT, "sequence": 5001, "recorded_at": "2025-07-01T12:00:01Z", "qualifying": True}

OVERRIDE: dict[str, Any] = {
    "id": "ovr_3c2b1a0f9e8d7c6b",
    "program": "prg_7d2e90b1c4a85f36",
    "tier": "Gold",
    "mode": "floor",
    "until": "2026-01-01T00:00:00Z",
    "reason": "apology for a lost order",
    "author": "key:key_5a1c2b3d4e5f6071",
    "at": "2025-07-01T12:00:00Z",
    "ended_at": None,
}
MEMBER: dict[str, Any] = {
    "id": "ada",
    "created_at": "2025-01-05T10:00:00Z",
    "enrolled_at": "2025-01-05T10:00:00Z",
    "erased_at": None,
    "merged_into": None,
    "attributes": {"city": "Paris"},
    "programs": [
        {
            "program": "prg_7d2e90b1c4a85f36",
            "program_name": "Coffee Club",
            "status": "active",
            "revision": 1,
            "tier": "Gold",
            "tier_id": "Gold",
            "since": "2025-07-01T12:00:00Z",
            "expires_at": "2026-07-01T12:00:00Z",
            "grace_until": None,
            "next_decision_at": "2025-09-14T16:20:00Z",
            "progress": {"measure": "points_earned", "value": 2140.5, "next_tier": "", "missing": None},
            "override": None,
            "risks": [{"at": "2026-07-01T12:00:00Z", "kind": "tier", "tier_after": "Silver", "amount": 640}],
            "opportunities": [],
        }
    ],
}
TRANSITION: dict[str, Any] = {
    "program": "prg_7d2e90b1c4a85f36",
    "at": "2025-07-01T12:00:00Z",
    "kind": "upgraded",
    "cause": "event",
    "from_tier": "Silver",
    "to_tier": "Gold",
    "value": 2140.5,
    "threshold": 2000,
    "expires_at": "2026-07-01T12:00:00Z",
    "event_id": "order-1001",
    "revision": 1,
    "correction": False,
    "superseded_at": None,
}
EXPLANATIONS: dict[str, Any] = {
    "items": [
        {
            "program": "prg_7d2e90b1c4a85f36",
            "sentence": "Gold since 1 July 2025: 2,140.5 points in 12 months reach 2,000; held until 1 July 2026.",
            "data": {"tier": "Gold", "value": 2140.5, "threshold": 2000},
        }
    ]
}
ERASURE: dict[str, Any] = {
    "receipt": "42",
    "erased_at": "2025-08-01T09:00:00Z",
    "events_kept": 118,
    "proof": "9f2c4e0d6a1b8c7e5f3d2b1a0c9e8d7f6b5a4c3e2d1f0a9b8c7d6e5f4a3b2c1d",
}
EXPORT: dict[str, Any] = {"member": {"id": "ada", "attributes": {"city": "Paris"}}, "events": [], "transitions": []}

ENDPOINT: dict[str, Any] = {
    "id": "whk_6e5d4c3b2a190807",
    "url": "https://merchant.example/hooks/tiers",
    "types": ["member.upgraded"],
    "enabled": True,
    "disabled_reason": None,
    "failing_since": None,
    "settings": {},
    **_TIMES,
    "version": 1,
}
ENDPOINT_WITH_SECRET: dict[str, Any] = {"endpoint": ENDPOINT, "secret": "whsec_c2VjcmV0IHNob3duIG9uY2U="}
DELIVERY: dict[str, Any] = {
    "id": "1207",
    "endpoint": "whk_6e5d4c3b2a190807",
    "message_id": "msg_90",
    "type": "member.upgraded",
    "member": "ada",
    "state": "delivered",
    "attempts": 1,
    "next_attempt_at": None,
    "created_at": "2025-07-01T12:00:01Z",
    "finished_at": "2025-07-01T12:00:02Z",
    "log": [{"number": 1, "at": "2025-07-01T12:00:02Z", "status": 204, "took_us": 41500, "error": None, "answer": ""}],
}


def page_of(item: Any) -> dict[str, Any]:
    """A last page with one item."""
    return {"items": [item], "next_cursor": None}
