"""Audiences, the profiles they are matched against, imports and sync sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"


LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = sa.Text().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audience_changes",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("audience_id", LONG, autoincrement=False, nullable=False),
        sa.Column("sequence", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "audience_id", "sequence", name="pk_audience_changes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audience_members",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("audience_id", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, autoincrement=False, nullable=False),
        sa.Column("since", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "audience_id", "member_id", name="pk_audience_members"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_audience_members_member", "audience_members", ["organization_id", "member_id"], unique=False)
    op.create_table(
        "audience_upkeep",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("half_life_days", sa.Integer(), nullable=False),
        sa.Column("profiles_asked_at", LONG, nullable=False),
        sa.Column("profiles_ready_at", LONG, nullable=True),
        sa.Column("scores_day", sa.Integer(), nullable=True),
        sa.Column("version", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name="pk_audience_upkeep"),
    )
    op.create_table(
        "audiences",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("group_key", sa.Text(), nullable=True),
        sa.Column("group_name", sa.Text(), nullable=True),
        sa.Column("group_kind", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("refresh_interval_s", LONG, nullable=True),
        sa.Column("refresh_due_at", LONG, nullable=True),
        sa.Column("refreshed_at", LONG, nullable=True),
        sa.Column("rules_changed_at", LONG, nullable=False),
        sa.Column("rules_version", LONG, nullable=False),
        sa.Column("archived_at", LONG, nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("updated_at", LONG, nullable=False),
        sa.Column("version", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_audiences"),
        sa.UniqueConstraint("organization_id", "public_id", name="uq_audiences_organization_id_public_id"),
    )
    op.create_index(
        "ix_audiences_due",
        "audiences",
        ["organization_id", "refresh_due_at"],
        unique=False,
        sqlite_where=sa.text("refresh_due_at IS NOT NULL"),
        postgresql_where=sa.text("refresh_due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_audiences_group",
        "audiences",
        ["organization_id", "group_key"],
        unique=False,
        sqlite_where=sa.text("group_key IS NOT NULL"),
        postgresql_where=sa.text("group_key IS NOT NULL"),
    )
    op.create_table(
        "member_identities",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, autoincrement=False, nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("updated_at", LONG, nullable=False),
        sa.Column("version", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "member_id", name="pk_member_identities"),
    )
    op.create_table(
        "member_profiles",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, autoincrement=False, nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_folded", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("enrolled_at", LONG, nullable=True),
        sa.Column("last_order_at", LONG, nullable=True),
        sa.Column("last_activity_at", LONG, nullable=True),
        sa.Column("points_balance", LONG, nullable=False),
        sa.Column("points_lifetime", LONG, nullable=False),
        sa.Column("lifetime_value", LONG, nullable=False),
        sa.Column("order_count", LONG, nullable=False),
        sa.Column("average_order_value", LONG, nullable=False),
        sa.Column("activity_score", LONG, nullable=False),
        sa.Column("purchase_frequency_score", LONG, nullable=False),
        sa.Column("monetary_score", LONG, nullable=False),
        sa.Column("activity_rank", LONG, nullable=False),
        sa.Column("purchase_frequency_rank", LONG, nullable=False),
        sa.Column("monetary_rank", LONG, nullable=False),
        sa.Column("facts", FACTS, nullable=False),
        sa.Column("changed_at", LONG, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "member_id", name="pk_member_profiles"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_member_profiles_email",
        "member_profiles",
        ["organization_id", "email_folded"],
        unique=False,
        sqlite_where=sa.text("email_folded IS NOT NULL"),
        postgresql_where=sa.text("email_folded IS NOT NULL"),
    )
    op.create_index("ix_member_profiles_member", "member_profiles", ["organization_id", "member"], unique=False)
    op.create_index(
        "ix_member_profiles_phone",
        "member_profiles",
        ["organization_id", "phone"],
        unique=False,
        sqlite_where=sa.text("phone IS NOT NULL"),
        postgresql_where=sa.text("phone IS NOT NULL"),
    )
    op.create_table(
        "audience_imports",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("audience_id", LONG, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=True),
        sa.Column("rows_total", LONG, nullable=True),
        sa.Column("rows_done", LONG, nullable=False),
        sa.Column("rows_failed", LONG, nullable=False),
        sa.Column("members_created", LONG, nullable=False),
        sa.Column("members_updated", LONG, nullable=False),
        sa.Column("members_added", LONG, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("started_at", LONG, nullable=True),
        sa.Column("finished_at", LONG, nullable=True),
        sa.Column("version", LONG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "audience_id"],
            ["audiences.organization_id", "audiences.id"],
            name="fk_audience_imports_audiences",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_audience_imports"),
        sa.UniqueConstraint("organization_id", "public_id", name="uq_audience_imports_organization_id_public_id"),
    )
    op.create_index(
        "ix_audience_imports_audience", "audience_imports", ["organization_id", "audience_id", "id"], unique=False
    )
    op.create_index(
        "ix_audience_imports_open",
        "audience_imports",
        ["organization_id", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'processing')"),
        postgresql_where=sa.text("state IN ('pending', 'processing')"),
    )
    op.create_table(
        "audience_rules",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("audience_id", LONG, autoincrement=False, nullable=False),
        sa.Column("position", LONG, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("operands", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "audience_id"],
            ["audiences.organization_id", "audiences.id"],
            name="fk_audience_rules_audiences",
        ),
        sa.PrimaryKeyConstraint("organization_id", "audience_id", "position", name="pk_audience_rules"),
    )
    op.create_table(
        "sync_sources",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("audience_id", LONG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("asked_at", LONG, nullable=True),
        sa.Column("lease_until", LONG, nullable=True),
        sa.Column("synced_at", LONG, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("updated_at", LONG, nullable=False),
        sa.Column("version", LONG, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "audience_id"],
            ["audiences.organization_id", "audiences.id"],
            name="fk_sync_sources_audiences",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_sync_sources"),
        sa.UniqueConstraint("organization_id", "audience_id", name="uq_sync_sources_organization_id_audience_id"),
        sa.UniqueConstraint("organization_id", "public_id", name="uq_sync_sources_organization_id_public_id"),
    )
    op.create_table(
        "audience_import_faults",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("import_id", LONG, autoincrement=False, nullable=False),
        sa.Column("record", LONG, autoincrement=False, nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "import_id"],
            ["audience_imports.organization_id", "audience_imports.id"],
            name="fk_audience_import_faults_audience_imports",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "import_id", "record", "column_name", name="pk_audience_import_faults"
        ),
    )
