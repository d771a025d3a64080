"""UUIDs for everything: those made here are stored as they are, others are derived from what they are called."""

from __future__ import annotations

import secrets
from uuid import UUID

from ziggurat.app.context import Context
from ziggurat.http.face_support.ids import derived_uuid, is_uuid

FACE = "fanfare"
_RANDOM_BITS = 80
_VERSION, _VARIANT = 7, 0b10


def organization_uuid(context: Context) -> str:
    """The organization's id on the wire."""
    return derived_uuid(FACE, "organization", str(context.scope.organization_id))


def shown_uuid(kind: str, name: str) -> str:
    """The id on the wire of what is called `name` here: itself if it is a UUID."""
    return name.lower() if is_uuid(name) else derived_uuid(FACE, kind, name)


def new_uuid(now: int) -> str:
    """A new UUID of version 7, which sorts by the instant (UTC microseconds) of its making."""
    random = secrets.randbits(_RANDOM_BITS)
    value = ((now // 1_000) & ((1 << 48) - 1)) << 80 | random
    value = value & ~(0xF << 76) | _VERSION << 76
    value = value & ~(0b11 << 62) | _VARIANT << 62
    return str(UUID(int=value))
