"""What the running service needs: outbox, webhooks, audit trail, idempotency records, background jobs."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, Table, UniqueConstraint
from sqlalchemy import text as sql

from ziggurat.store.tables.base import (
    Long,
    Words,
    binary,
    document,
    instant,
    key,
    metadata,
    number,
    organization_column,
    text,
    text_key,
)


class DeliveryState(StrEnum):
    """Where a webhook message to one endpoint stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobState(StrEnum):
    """Where a background job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


outbox = Table(
    "outbox",
    metadata,
    organization_column(),
    key("id"),
    number("member_id", optional=True),
    text("type"),
    document("payload"),
    instant("occurred_at"),
    instant("created_at"),
    instant("dispatched_at", optional=True),
    Index(
        "ix_outbox_waiting",
        "organization_id",
        "id",
        sqlite_where=sql("dispatched_at IS NULL"),
        postgresql_where=sql("dispatched_at IS NULL"),
    ),
)
"""Written with the change it tells of; `dispatched_at` once every endpoint that wants it has its delivery."""

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    organization_column(),
    key("id"),
    text("public_id"),
    text("url"),
    text("dialect"),
    document("types"),
    document("secrets"),
    document("settings"),
    Column("enabled", Boolean, nullable=False),
    text("disabled_reason", optional=True),
    instant("failing_since", optional=True),
    instant("created_at"),
    instant("updated_at"),
    Column("version", Long, nullable=False),
    UniqueConstraint("organization_id", "public_id"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    organization_column(),
    key("id"),
    number("endpoint_id"),
    number("outbox_id"),
    number("member_id", optional=True),
    Column("state", Words(DeliveryState), nullable=False),
    Column("attempts", Integer, nullable=False),
    instant("next_attempt_at", optional=True),
    instant("created_at"),
    instant("finished_at", optional=True),
    ForeignKeyConstraint(
        ["organization_id", "endpoint_id"], ["webhook_endpoints.organization_id", "webhook_endpoints.id"]
    ),
    Index("ix_webhook_deliveries_member", "organization_id", "endpoint_id", "member_id", "id"),
    Index(
        "ix_webhook_deliveries_waiting",
        "organization_id",
        "next_attempt_at",
        sqlite_where=sql("state = 'pending'"),
        postgresql_where=sql("state = 'pending'"),
    ),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    organization_column(),
    key("delivery_id"),
    key("number"),
    instant("at"),
    Column("status", Integer),
    Column("took_us", Long, nullable=False),
    text("error", optional=True),
    text("answer", optional=True),
    ForeignKeyConstraint(
        ["organization_id", "delivery_id"], ["webhook_deliveries.organization_id", "webhook_deliveries.id"]
    ),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    organization_column(),
    key("number"),
    instant("at"),
    text("actor"),
    text("action"),
    text("subject"),
    document("details"),
    binary("previous_hash"),
    binary("hash"),
    Index("ix_audit_entries_subject", "organization_id", "subject", "number"),
)

idempotency_records = Table(
    "idempotency_records",
    metadata,
    organization_column(),
    text_key("key"),
    binary("fingerprint"),
    Column("status", Integer),
    document("headers", optional=True),
    binary("body", optional=True),
    instant("created_at"),
    instant("expires_at"),
    Index("ix_idempotency_records_expired", "organization_id", "expires_at"),
)
"""`status` is NULL while the first request with the key is still being answered."""

jobs = Table(
    "jobs",
    metadata,
    organization_column(),
    key("id"),
    text("public_id"),
    text("kind"),
    Column("state", Words(JobState), nullable=False),
    document("parameters"),
    document("cursor", optional=True),
    document("result", optional=True),
    number("done"),
    number("total", optional=True),
    text("error", optional=True),
    text("worker", optional=True),
    instant("lease_until", optional=True),
    instant("created_at"),
    instant("started_at", optional=True),
    instant("finished_at", optional=True),
    UniqueConstraint("organization_id", "public_id"),
    Index(
        "ix_jobs_open",
        "organization_id",
        "kind",
        "id",
        sqlite_where=sql("state IN ('queued', 'running')"),
        postgresql_where=sql("state IN ('queued', 'running')"),
    ),
)
