"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SEQUENCES = ("organization", "definitions", "members", "events", "transitions", "outbox", "work")


def upgrade() -> None:
    """Make every table."""
    for name in SEQUENCES:
        if op.get_bind().dialect.supports_sequences:
            op.execute(sa.schema.CreateSequence(sa.Sequence(f"{name}_numbers", data_type=sa.BigInteger())))
    op.create_table(
        "audit_entries",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("number", LONG, autoincrement=False, nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "number", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["organization_id", "subject", "number"])

    op.create_table(
        "counters",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("taken", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "series", name="pk_counters"),
    )
    op.create_table(
        "events",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, autoincrement=False, nullable=False),
        sa.Column("occurred_at", LONG, autoincrement=False, nullable=False),
        sa.Column("sequence", LONG, autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("recorded_at", LONG, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("points", LONG, nullable=True),
        sa.Column("amount", LONG, nullable=True),
        sa.Column("quantity", LONG, nullable=True),
        sa.Column("qualifying", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("reverses_sequence", LONG, nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "member_id", "occurred_at", "sequence", name="pk_events"),
        sa.UniqueConstraint("organization_id", "external_id", name="uq_events_organization_id_external_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "face_documents",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("face", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("position", LONG, nullable=False),
        sa.Column("version", LONG, nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("updated_at", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "face", "kind", "key", name="pk_face_documents"),
    )
    op.create_index(
        "ix_face_documents_parent", "face_documents", ["organization_id", "face", "kind", "parent", "position"]
    )

    op.create_table(
        "idempotency_records",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("expires_at", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "key", name="pk_idempotency_records"),
    )
    op.create_index("ix_idempotency_records_expired", "idempotency_records", ["organization_id", "expires_at"])

    op.create_table(
        "jobs",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("done", LONG, nullable=False),
        sa.Column("total", LONG, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", LONG, nullable=True),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("started_at", LONG, nullable=True),
        sa.Column("finished_at", LONG, nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_jobs"),
        sa.UniqueConstraint("organization_id", "public_id", name="uq_jobs_organization_id_public_id"),
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["organization_id", "kind", "id"],
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )

    op.create_table(
        "member_history",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, autoincrement=False, nullable=False),
        sa.Column("chunk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_at", LONG, nullable=False),
        sa.Column("last_at", LONG, nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("records", sa.LargeBinary(), nullable=False),
        sa.Column("names", sa.Text(), nullable=True),
        sa.Column("extras", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "member_id", "chunk", name="pk_member_history"),
    )
    op.create_table(
        "member_states",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, autoincrement=False, nullable=False),
        sa.Column("program_id", LONG, autoincrement=False, nullable=False),
        sa.Column("tier_index", sa.Integer(), nullable=False),
        sa.Column("tier_key", sa.Text(), nullable=True),
        sa.Column("since", LONG, nullable=True),
        sa.Column("expires_at", LONG, nullable=True),
        sa.Column("grace_until", LONG, nullable=True),
        sa.Column("next_decision_at", LONG, nullable=True),
        sa.Column("value", LONG, nullable=True),
        sa.Column("revision", LONG, nullable=False),
        sa.Column("timeline_checksum", LONG, nullable=False),
        sa.Column("evaluated_at", LONG, nullable=False),
        sa.Column("through_sequence", LONG, nullable=False),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "member_id", "program_id", name="pk_member_states"),
    )
    op.create_index(
        "ix_member_states_due",
        "member_states",
        ["organization_id", "program_id", "next_decision_at"],
        sqlite_where=sa.text("next_decision_at IS NOT NULL"),
        postgresql_where=sa.text("next_decision_at IS NOT NULL"),
    )
    op.create_index(
        "ix_member_states_expiring",
        "member_states",
        ["organization_id", "program_id", "expires_at"],
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(
        "ix_member_states_tier", "member_states", ["organization_id", "program_id", "tier_index", "member_id"]
    )

    op.create_table(
        "members",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("enrolled_at", LONG, nullable=True),
        sa.Column("merged_into", LONG, nullable=True),
        sa.Column("absorbed", LONG, nullable=False),
        sa.Column("erased_at", LONG, nullable=True),
        sa.Column("version", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_members"),
        sa.UniqueConstraint("organization_id", "external_id", name="uq_members_organization_id_external_id"),
    )
    op.create_index(
        "ix_members_merged_into",
        "members",
        ["organization_id", "merged_into"],
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )

    op.create_table(
        "organizations",
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("requires_approval", sa.Boolean(), nullable=False),
        sa.Column("self_approval", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("version", LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
        sa.UniqueConstraint("name", name="uq_organizations_name"),
        info={"any_organization": True},
    )
    op.create_table(
        "outbox",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("occurred_at", LONG, nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("dispatched_at", LONG, nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_outbox"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["organization_id", "id"],
        sqlite_where=sa.text("dispatched_at IS NULL"),
        postgresql_where=sa.text("dispatched_at IS NULL"),
    )

    op.create_table(
        "programs",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("latest_revision", LONG, nullable=False),
        sa.Column("published_revision", LONG, nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("updated_at", LONG, nullable=False),
        sa.Column("version", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_programs"),
        sa.UniqueConstraint("organization_id", "public_id", name="uq_programs_organization_id_public_id"),
    )
    op.create_table(
        "staged_states",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, autoincrement=False, nullable=False),
        sa.Column("program_id", LONG, autoincrement=False, nullable=False),
        sa.Column("tier_index", sa.Integer(), nullable=False),
        sa.Column("tier_key", sa.Text(), nullable=True),
        sa.Column("since", LONG, nullable=True),
        sa.Column("expires_at", LONG, nullable=True),
        sa.Column("grace_until", LONG, nullable=True),
        sa.Column("next_decision_at", LONG, nullable=True),
        sa.Column("value", LONG, nullable=True),
        sa.Column("revision", LONG, nullable=False),
        sa.Column("timeline_checksum", LONG, nullable=False),
        sa.Column("evaluated_at", LONG, nullable=False),
        sa.Column("through_sequence", LONG, nullable=False),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=True),
        sa.Column("transitions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "member_id", "program_id", name="pk_staged_states"),
    )
    op.create_table(
        "transitions",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, autoincrement=False, nullable=False),
        sa.Column("program_id", LONG, autoincrement=False, nullable=False),
        sa.Column("sequence", LONG, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("from_index", sa.Integer(), nullable=False),
        sa.Column("from_key", sa.Text(), nullable=True),
        sa.Column("to_index", sa.Integer(), nullable=False),
        sa.Column("to_key", sa.Text(), nullable=True),
        sa.Column("value", LONG, nullable=True),
        sa.Column("threshold", LONG, nullable=True),
        sa.Column("expires_at", LONG, nullable=True),
        sa.Column("revision", LONG, nullable=False),
        sa.Column("recorded_at", LONG, nullable=False),
        sa.Column("correction", sa.Boolean(), nullable=False),
        sa.Column("superseded_at", LONG, nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "member_id", "program_id", "sequence", name="pk_transitions"),
    )
    op.create_index("ix_transitions_at", "transitions", ["organization_id", "program_id", "at"])

    op.create_table(
        "webhook_endpoints",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("dialect", sa.Text(), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("failing_since", LONG, nullable=True),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("updated_at", LONG, nullable=False),
        sa.Column("version", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_webhook_endpoints"),
        sa.UniqueConstraint("organization_id", "public_id", name="uq_webhook_endpoints_organization_id_public_id"),
    )
    op.create_table(
        "api_keys",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("secret_md5_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("revoked_at", LONG, nullable=True),
        sa.Column("last_used_at", LONG, nullable=True),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_api_keys_organizations"),
        sa.PrimaryKeyConstraint("organization_id", "key_id", name="pk_api_keys"),
        sa.UniqueConstraint("key_id", name="uq_api_keys_key_id"),
        sa.UniqueConstraint("secret_sha256", name="uq_api_keys_secret_sha256"),
        info={"any_organization": True},
    )
    op.create_table(
        "drafts",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("program_id", LONG, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("base_revision", LONG, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", LONG, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", LONG, nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("updated_at", LONG, nullable=False),
        sa.Column("version", LONG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"], ["programs.organization_id", "programs.id"], name="fk_drafts_programs"
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_drafts"),
        sa.UniqueConstraint("organization_id", "public_id", name="uq_drafts_organization_id_public_id"),
    )
    op.create_index("ix_drafts_program", "drafts", ["organization_id", "program_id", "state"])

    op.create_table(
        "program_revisions",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("program_id", LONG, autoincrement=False, nullable=False),
        sa.Column("number", LONG, autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("effective_from", LONG, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("activation", sa.Text(), nullable=False),
        sa.Column("checksum", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("draft_id", LONG, nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["programs.organization_id", "programs.id"],
            name="fk_program_revisions_programs",
        ),
        sa.PrimaryKeyConstraint("organization_id", "program_id", "number", name="pk_program_revisions"),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("endpoint_id", LONG, nullable=False),
        sa.Column("outbox_id", LONG, nullable=False),
        sa.Column("member_id", LONG, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", LONG, nullable=True),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("finished_at", LONG, nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "endpoint_id"],
            ["webhook_endpoints.organization_id", "webhook_endpoints.id"],
            name="fk_webhook_deliveries_webhook_endpoints",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_webhook_deliveries"),
    )
    op.create_index(
        "ix_webhook_deliveries_member", "webhook_deliveries", ["organization_id", "endpoint_id", "member_id", "id"]
    )
    op.create_index(
        "ix_webhook_deliveries_waiting",
        "webhook_deliveries",
        ["organization_id", "next_attempt_at"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )

    op.create_table(
        "webhook_attempts",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("delivery_id", LONG, autoincrement=False, nullable=False),
        sa.Column("number", LONG, autoincrement=False, nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("took_us", LONG, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "delivery_id"],
            ["webhook_deliveries.organization_id", "webhook_deliveries.id"],
            name="fk_webhook_attempts_webhook_deliveries",
        ),
        sa.PrimaryKeyConstraint("organization_id", "delivery_id", "number", name="pk_webhook_attempts"),
    )
