"""Organizations, their keys, and the counters that number what belongs to them.

`organizations` and `api_keys` are read before the organization is known; on a distributed PostgreSQL they are
reference tables.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Sequence, Table, UniqueConstraint
from sqlalchemy import text as sql

from ziggurat.store.tables.base import (
    ANY_ORGANIZATION,
    Long,
    binary,
    document,
    instant,
    key,
    metadata,
    organization_column,
    text,
    text_key,
)

organizations = Table(
    "organizations",
    metadata,
    key("id"),
    text("name"),
    Column("requires_approval", Boolean, nullable=False),
    Column("self_approval", Boolean, nullable=False),
    document("settings"),
    instant("created_at"),
    Column("version", Long, nullable=False),
    UniqueConstraint("name"),
    info=ANY_ORGANIZATION,
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("organization_id", Long, ForeignKey("organizations.id"), primary_key=True, autoincrement=False),
    text_key("key_id"),
    text("name"),
    binary("secret_sha256"),
    binary("secret_md5_sha256"),
    document("scopes"),
    instant("created_at"),
    instant("revoked_at", optional=True),
    instant("last_used_at", optional=True),
    UniqueConstraint("key_id"),
    UniqueConstraint("secret_sha256"),
    info=ANY_ORGANIZATION,
)

counters = Table(
    "counters",
    metadata,
    organization_column(),
    text_key("series"),
    Column("taken", Long, nullable=False),
)
"""The last number taken of each series, where the database has no sequences (SQLite)."""

SERIES = ("definitions", "members", "events", "transitions", "outbox", "work")
SEQUENCES = {name: Sequence(f"{name}_numbers", metadata=metadata, data_type=Long) for name in SERIES}
ORGANIZATION_NUMBERS = Sequence("organization_numbers", metadata=metadata, data_type=Long)

face_documents = Table(
    "face_documents",
    metadata,
    organization_column(),
    text_key("face"),
    text_key("kind"),
    text_key("key"),
    text("parent"),
    text("subject", optional=True),
    document("document"),
    Column("position", Long, nullable=False),
    Column("version", Long, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    Index("ix_face_documents_parent", "organization_id", "face", "kind", "parent", "position"),
    Index(
        "ix_face_documents_subject",
        "organization_id",
        "subject",
        sqlite_where=sql("subject IS NOT NULL"),
        postgresql_where=sql("subject IS NOT NULL"),
    ),
)
"""What a vendor face remembers beyond the programs: its own ids, settings and metadata.

`subject` is the external id of the member whom the document is about; it goes with her.
"""
