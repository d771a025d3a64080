"""Members and the append-only ledger of what happened to them, with its packed copy for evaluation."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, SmallInteger, Table, UniqueConstraint
from sqlalchemy import text as sql

from ziggurat.store.tables.base import (
    Long,
    amount,
    binary,
    document,
    instant,
    key,
    metadata,
    number,
    organization_column,
    text,
)

members = Table(
    "members",
    metadata,
    organization_column(),
    key("id"),
    text("external_id"),
    document("attributes"),
    instant("created_at"),
    instant("enrolled_at", optional=True),
    number("merged_into", optional=True),
    number("absorbed"),
    instant("erased_at", optional=True),
    Column("version", Long, nullable=False),
    UniqueConstraint("organization_id", "external_id"),
    Index(
        "ix_members_merged_into",
        "organization_id",
        "merged_into",
        sqlite_where=sql("merged_into IS NOT NULL"),
        postgresql_where=sql("merged_into IS NOT NULL"),
    ),
)
"""`absorbed` counts the members that were merged into this one."""

events = Table(
    "events",
    metadata,
    organization_column(),
    key("member_id"),
    key("occurred_at"),
    key("sequence"),
    text("external_id", optional=True),
    Column("type", SmallInteger, nullable=False),
    instant("recorded_at"),
    binary("content_hash"),
    amount("points", optional=True),
    amount("amount", optional=True),
    amount("quantity", optional=True),
    Column("qualifying", Boolean, nullable=False),
    text("currency", optional=True),
    text("activity", optional=True),
    number("reverses_sequence", optional=True),
    document("details", optional=True),
    UniqueConstraint("organization_id", "external_id"),
    sqlite_with_rowid=False,
)
"""In a member's order: `occurred_at`, then arrival (`sequence`). Rows are never changed, but for erasure.

`type` is a code of `packing.TYPE_CODES`; `details` holds what few events say (attribute, value, tier, mode, until,
reason, reverses).
"""

member_history = Table(
    "member_history",
    metadata,
    organization_column(),
    key("member_id"),
    Column("chunk", Integer, primary_key=True, autoincrement=False),
    instant("first_at"),
    instant("last_at"),
    Column("events", Integer, nullable=False),
    binary("records"),
    text("names", optional=True),
    text("extras", optional=True),
)
"""Derived: the ledger packed for evaluation, see `packing`."""
