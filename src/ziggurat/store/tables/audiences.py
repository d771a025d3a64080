"""Audiences: their rules and members, the profiles they are matched against, imports, and sources to sync from."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB

from ziggurat.store.tables.base import (
    Long,
    Words,
    amount,
    document,
    instant,
    key,
    metadata,
    number,
    organization_column,
    text,
    text_key,
)


class AudienceKind(StrEnum):
    """How an audience comes by its members."""

    DYNAMIC = "dynamic"
    STATIC = "static"
    SYNCED = "synced"
    TIER = "tier"


class ImportMode(StrEnum):
    """What an import does with rows whose member is known: leave her as she is, update her, or refuse the row."""

    SKIP = "skip"
    UPDATE = "update"
    CREATE = "create"


class ImportState(StrEnum):
    """Where an import stands. `waiting` is for its file."""

    WAITING = "waiting"
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class SyncState(StrEnum):
    """Where the latest sync stands."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


Facts = Text().with_variant(JSONB(), "postgresql")
"""Open values by path, encoded (`program.open_values`): read inside the database, so PostgreSQL has it parsed."""


def _partial(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sql(condition), "postgresql_where": sql(condition)}


audience_upkeep = Table(
    "audience_upkeep",
    metadata,
    organization_column(),
    Column("half_life_days", Integer, nullable=False),
    instant("profiles_asked_at"),
    instant("profiles_ready_at", optional=True),
    Column("scores_day", Integer),
    Column("version", Long, nullable=False),
)
"""There is a row once an organization uses audiences: from then on profiles are kept. `scores_day` counts from 1970."""

member_profiles = Table(
    "member_profiles",
    metadata,
    organization_column(),
    key("member_id"),
    text("member"),
    text("email", optional=True),
    text("email_folded", optional=True),
    text("phone", optional=True),
    text("full_name", optional=True),
    text("status", optional=True),
    text("country", optional=True),
    text("region", optional=True),
    text("city", optional=True),
    instant("created_at"),
    instant("enrolled_at", optional=True),
    instant("last_order_at", optional=True),
    instant("last_activity_at", optional=True),
    amount("points_balance"),
    amount("points_lifetime"),
    amount("lifetime_value"),
    amount("order_count"),
    amount("average_order_value"),
    amount("activity_score"),
    amount("purchase_frequency_score"),
    amount("monetary_score"),
    number("activity_rank"),
    number("purchase_frequency_rank"),
    number("monetary_rank"),
    Column("facts", Facts, nullable=False),
    Column("changed_at", Long, nullable=False),
    instant("due_at", optional=True),
    Index("ix_member_profiles_due", "organization_id", "due_at", **_partial("due_at IS NOT NULL")),
    Index("ix_member_profiles_member", "organization_id", "member"),
    Index("ix_member_profiles_email", "organization_id", "email_folded", **_partial("email_folded IS NOT NULL")),
    Index("ix_member_profiles_phone", "organization_id", "phone", **_partial("phone IS NOT NULL")),
    sqlite_with_rowid=False,
)
"""What rules ask about members that stand for themselves; derived from ledger, `members` and `member_identities`.

`due_at` is when the next of the member's events happens that are dated in the future.
"""

member_identities = Table(
    "member_identities",
    metadata,
    organization_column(),
    key("member_id"),
    text("email", optional=True),
    text("phone", optional=True),
    text("full_name", optional=True),
    text("status", optional=True),
    text("country", optional=True),
    text("region", optional=True),
    text("city", optional=True),
    text("metadata"),
    instant("created_at"),
    instant("updated_at"),
    Column("version", Long, nullable=False),
)
"""Who members are, as said from outside. `metadata` is JSON text with exact numbers."""

audiences = Table(
    "audiences",
    metadata,
    organization_column(),
    key("id"),
    text("public_id"),
    text("name"),
    Column("kind", Words(AudienceKind), nullable=False),
    text("description"),
    document("metadata"),
    text("program", optional=True),
    text("tier", optional=True),
    text("group_key", optional=True),
    text("group_name", optional=True),
    text("group_kind", optional=True),
    Column("position", Integer, nullable=False),
    number("refresh_interval_s", optional=True),
    instant("refresh_due_at", optional=True),
    instant("refreshed_at", optional=True),
    instant("rules_changed_at"),
    number("rules_version"),
    instant("archived_at", optional=True),
    text("created_by"),
    instant("created_at"),
    text("updated_by"),
    instant("updated_at"),
    Column("version", Long, nullable=False),
    UniqueConstraint("organization_id", "public_id"),
    Index("ix_audiences_group", "organization_id", "group_key", **_partial("group_key IS NOT NULL")),
    Index("ix_audiences_due", "organization_id", "refresh_due_at", **_partial("refresh_due_at IS NOT NULL")),
)
"""`program` and `tier` say whom an audience of kind `tier` holds; `refreshed_at` is empty until its rules filled it."""

audience_rules = Table(
    "audience_rules",
    metadata,
    organization_column(),
    key("audience_id"),
    key("position"),
    text("public_id"),
    text("group_key"),
    text("field"),
    text("operator"),
    text("operands"),
    ForeignKeyConstraint(["organization_id", "audience_id"], ["audiences.organization_id", "audiences.id"]),
)
"""Rules with the same `group_key` must all hold. `operands` is JSON text with exact numbers."""

audience_members = Table(
    "audience_members",
    metadata,
    organization_column(),
    key("audience_id"),
    key("member_id"),
    instant("since"),
    Index("ix_audience_members_member", "organization_id", "member_id"),
    sqlite_with_rowid=False,
)

audience_changes = Table(
    "audience_changes",
    metadata,
    organization_column(),
    key("audience_id"),
    key("sequence"),
    number("member_id"),
    Column("joined", Boolean, nullable=False),
    instant("at"),
    text("cause"),
    sqlite_with_rowid=False,
)
"""Who joined or left, in the order in which it was found out."""

audience_imports = Table(
    "audience_imports",
    metadata,
    organization_column(),
    key("id"),
    text("public_id"),
    number("audience_id"),
    Column("mode", Words(ImportMode), nullable=False),
    Column("state", Words(ImportState), nullable=False),
    text("object_key"),
    text("checksum", optional=True),
    number("rows_total", optional=True),
    number("rows_done"),
    number("rows_failed"),
    number("members_created"),
    number("members_updated"),
    number("members_added"),
    text("error", optional=True),
    text("created_by"),
    instant("created_at"),
    instant("started_at", optional=True),
    instant("finished_at", optional=True),
    Column("version", Long, nullable=False),
    UniqueConstraint("organization_id", "public_id"),
    ForeignKeyConstraint(["organization_id", "audience_id"], ["audiences.organization_id", "audiences.id"]),
    Index("ix_audience_imports_audience", "organization_id", "audience_id", "id"),
    Index("ix_audience_imports_open", "organization_id", "id", **_partial("state IN ('pending', 'processing')")),
)

audience_import_faults = Table(
    "audience_import_faults",
    metadata,
    organization_column(),
    key("import_id"),
    key("record"),
    text_key("column_name"),
    text("code"),
    text("problem"),
    ForeignKeyConstraint(["organization_id", "import_id"], ["audience_imports.organization_id", "audience_imports.id"]),
)
"""`record` counts the file's records from 1, its header not among them; `column_name` "" is the whole row."""

sync_sources = Table(
    "sync_sources",
    metadata,
    organization_column(),
    key("id"),
    text("public_id"),
    number("audience_id"),
    text("kind"),
    text("location"),
    document("settings"),
    Column("state", Words(SyncState), nullable=False),
    text("error", optional=True),
    instant("asked_at", optional=True),
    instant("lease_until", optional=True),
    instant("synced_at", optional=True),
    document("result", optional=True),
    text("created_by"),
    instant("created_at"),
    instant("updated_at"),
    Column("version", Long, nullable=False),
    UniqueConstraint("organization_id", "public_id"),
    UniqueConstraint("organization_id", "audience_id"),
    ForeignKeyConstraint(["organization_id", "audience_id"], ["audiences.organization_id", "audiences.id"]),
)
"""Where the list of a synced audience comes from, one each. `asked_at` is set while a sync is wanted or runs."""
