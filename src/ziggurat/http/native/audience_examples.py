"""Examples for the OpenAPI document: the regulars of the coffee club."""

from __future__ import annotations

from typing import Any

RULES: list[list[dict[str, Any]]] = [
    [
        {"field": "points_balance", "operator": "greater_than_or_equal", "values": [500]},
        {"field": "country", "operator": "in", "values": ["FR", "BE"]},
    ],
    [{"field": "metadata.tags", "operator": "contains", "values": ["vip"]}],
]
_RULES_KEPT = [
    [{"id": f"rul_0{group}{place}", **rule} for place, rule in enumerate(rules)] for group, rules in enumerate(RULES)
]
NEW_AUDIENCE: dict[str, Any] = {"name": "Regulars", "rules": RULES}
AUDIENCE: dict[str, Any] = {
    "id": "aud_77c1f0a4be1d2230",
    "name": "Regulars",
    "kind": "dynamic",
    "description": "",
    "metadata": {},
    "rules": _RULES_KEPT,
    "program": None,
    "tier": None,
    "group": None,
    "position": 0,
    "refresh_interval_s": None,
    "refreshed_at": "2025-07-01T12:00:00Z",
    "stale": False,
    "members": 5310,
    "archived": False,
    "created_by": "key:key_5a1c2b3d4e5f6071",
    "created_at": "2025-07-01T12:00:00Z",
    "updated_by": "key:key_5a1c2b3d4e5f6071",
    "updated_at": "2025-07-01T12:00:00Z",
    "version": 1,
}
PROFILE: dict[str, Any] = {
    "member": "ada",
    "email": "ada@coffee.example",
    "phone": "+33123456789",
    "full_name": "Ada L.",
    "status": None,
    "country": "FR",
    "region": None,
    "city": "Lyon",
    "metadata": {"tags": ["vip"]},
    "attributes": {},
    "created_at": "2025-01-05T09:00:00Z",
    "enrolled_at": None,
    "last_order_at": "2025-06-30T08:12:00Z",
    "last_activity_at": "2025-06-30T08:12:00Z",
    "points_balance": 1500,
    "points_lifetime": 2300,
    "lifetime_value": 412.5,
    "order_count": 61,
    "average_order_value": 6.7622,
    "activity_score": 12.25,
    "purchase_frequency_score": 9.5,
    "monetary_score": 71.125,
    "activity_rank": 4,
    "purchase_frequency_rank": 4,
    "monetary_rank": 3,
}
MEMBER: dict[str, Any] = {"since": "2025-06-12T07:45:00Z", "profile": PROFILE}
PREVIEW: dict[str, Any] = {"members": 5310, "first": [PROFILE]}
CHANGE: dict[str, Any] = {"member": "ada", "joined": True, "at": "2025-06-12T07:45:00Z", "cause": "event"}
MEMBERSHIP: dict[str, Any] = {
    "audience": "aud_77c1f0a4be1d2230",
    "member": "ada",
    "is_member": True,
    "since": "2025-06-12T07:45:00Z",
    "matches": True,
    "verdicts": [{"group": 0, "rule": _RULES_KEPT[0][0], "value": "1500", "holds": True}],
    "sentence": "ada is in Regulars: points_balance is at least 500 holds (hers is 1500).",
}
LIST_CHANGE: dict[str, Any] = {"audience": "aud_77c1f0a4be1d2230", "changed": 2, "unknown": ["nobody"]}
REFRESHED: dict[str, Any] = {"audience": "aud_77c1f0a4be1d2230", "joined": 3, "left": 1, "members": 5310}
IDENTITY: dict[str, Any] = {"email": "ada@coffee.example", "country": "FR", "metadata": {"tags": ["vip"]}}
IMPORT: dict[str, Any] = {
    "id": "imp_2a40c16d3f90b7e5",
    "audience": "aud_77c1f0a4be1d2230",
    "mode": "update",
    "state": "processing",
    "progress": 42,
    "rows_total": 100000,
    "rows_done": 42000,
    "rows_failed": 12,
    "members_created": 800,
    "members_updated": 120,
    "members_added": 41988,
    "error": None,
    "created_by": "key:key_5a1c2b3d4e5f6071",
    "created_at": "2025-07-01T12:00:00Z",
    "started_at": "2025-07-01T12:00:01Z",
    "finished_at": None,
    "upload_url": None,
}
ROW_FAULT: dict[str, Any] = {"row": 17, "column": "email", "code": "bad_email", "problem": "is no email address"}
SOURCE: dict[str, Any] = {
    "id": "src_90b7e52a40c16d3f",
    "audience": "aud_77c1f0a4be1d2230",
    "kind": "http",
    "location": "https://crm.example/lists/vip.csv",
    "settings": {"format": "csv", "mode": "update", "headers": {"authorization": "***"}},
    "state": "success",
    "error": None,
    "asked_at": None,
    "synced_at": "2025-07-01T11:00:00Z",
    "result": {"created": 3, "updated": 12, "added": 3, "removed": 1, "failed": 0, "first_faults": []},
    "created_by": "key:key_5a1c2b3d4e5f6071",
    "created_at": "2025-06-01T09:00:00Z",
    "updated_at": "2025-07-01T11:00:00Z",
}
EXPORT = "member,email\r\nada,ada@coffee.example\r\n"
FILE = "email,full_name\nada@coffee.example,Ada L.\n"
