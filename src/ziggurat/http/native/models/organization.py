"""Organization, keys and audit trail on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from pydantic import Field, with_config
from typing_extensions import TypedDict

from ziggurat.app.access.views import CreatedKey, KeyView, OrganizationView
from ziggurat.app.audit.views import AuditCheck, AuditView
from ziggurat.http.fields import FreeForm, Identifier, InstantText, Name, instant_text, optional_instant
from ziggurat.http.native.models.common import Cursor, Limit, NextCursor
from ziggurat.http.strict_bodies import STRICT

ScopeName: TypeAlias = Literal["read", "ingest", "design", "approve", "admin"]


class Organization(TypedDict):
    """An organization and how it wants changes approved."""

    name: str
    requires_approval: bool
    self_approval: bool
    settings: dict[str, Any]
    created_at: InstantText
    version: int


@with_config(STRICT)
class OrganizationChange(TypedDict):
    """What is to be different; what is left out stays."""

    name: NotRequired[Name]
    requires_approval: NotRequired[bool]
    self_approval: NotRequired[bool]
    settings: NotRequired[FreeForm]


class Key(TypedDict):
    """A key without its secret."""

    key_id: str
    name: str
    scopes: list[ScopeName]
    created_at: InstantText
    revoked_at: InstantText | None
    last_used_at: InstantText | None


class KeyWithSecret(TypedDict):
    """A new key; the secret is shown this once."""

    key: Key
    secret: str


class Keys(TypedDict):
    """All keys, revoked ones too."""

    items: list[Key]


@with_config(STRICT)
class NewKey(TypedDict):
    """What a new key is called and may do."""

    name: Name
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=5)]


class AuditEntry(TypedDict):
    """Who did what to what. `hash` covers the entry and the hash of the one before."""

    number: int
    at: InstantText
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    hash: str


class AuditEntries(TypedDict):
    """A page of the audit trail."""

    items: list[AuditEntry]
    next_cursor: NextCursor


class AuditVerdict(TypedDict):
    """Whether the audit trail is as it was written."""

    entries: int
    intact: bool
    first_broken: int | None


@with_config(STRICT)
class AuditQuery(TypedDict):
    """Which part of the audit trail."""

    subject: NotRequired[Identifier]
    cursor: NotRequired[Cursor]
    limit: NotRequired[Limit]


def organization_model(view: OrganizationView) -> Organization:
    """An organization on the wire."""
    return {
        "name": view.name,
        "requires_approval": view.requires_approval,
        "self_approval": view.self_approval,
        "settings": dict(view.settings),
        "created_at": instant_text(view.created_at),
        "version": view.version,
    }


def key_model(view: KeyView) -> dict[str, Any]:
    """A key on the wire."""
    return {
        "key_id": view.key_id,
        "name": view.name,
        "scopes": list(view.scopes),
        "created_at": instant_text(view.created_at),
        "revoked_at": optional_instant(view.revoked_at),
        "last_used_at": optional_instant(view.last_used_at),
    }


def created_key_model(created: CreatedKey) -> dict[str, Any]:
    """A new key on the wire."""
    return {"key": key_model(created.key), "secret": created.secret}


def audit_model(view: AuditView) -> AuditEntry:
    """An entry of the audit trail on the wire."""
    return {
        "number": view.number,
        "at": instant_text(view.at),
        "actor": view.actor,
        "action": view.action,
        "subject": view.subject,
        "details": dict(view.details),
        "hash": view.hash,
    }


def audit_verdict_model(check: AuditCheck) -> AuditVerdict:
    """The verdict on the wire."""
    return {"entries": check.entries, "intact": check.intact, "first_broken": check.first_broken}


ORGANIZATION_EXAMPLE = {
    "name": "Corner Roasters",
    "requires_approval": True,
    "self_approval": False,
    "settings": {},
    "created_at": "2025-01-01T09:00:00Z",
    "version": 2,
}
KEY_EXAMPLE = {
    "key_id": "zk_4q7m2x",
    "name": "till",
    "scopes": ["read", "ingest"],
    "created_at": "2025-01-01T09:00:00Z",
    "revoked_at": None,
    "last_used_at": "2025-07-01T12:00:00Z",
}
AUDIT_EXAMPLE = {
    "number": 7,
    "at": "2025-07-01T12:00:00Z",
    "actor": "key:zk_4q7m2x",
    "action": "program.activated",
    "subject": "program:coffee-club",
    "details": {"revision": 3},
    "hash": "9f2c4e0d6a1b8c7e5f3d2b1a0c9e8d7f6b5a4c3e2d1f0a9b8c7d6e5f4a3b2c1d",
}
