"""When profiles change because an event that is dated in the future happens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    """Add the column and its index."""
    op.add_column("member_profiles", sa.Column("due_at", LONG, nullable=True))
    op.create_index(
        "ix_member_profiles_due",
        "member_profiles",
        ["organization_id", "due_at"],
        unique=False,
        sqlite_where=DUE,
        postgresql_where=DUE,
    )
