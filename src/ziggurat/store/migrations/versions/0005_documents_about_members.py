"""Whom a document of a face is about, so that it goes with her."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


ABOUT_SOMEBODY = sa.text("subject IS NOT NULL")


def upgrade() -> None:
    """Add the column and its index."""
    op.add_column("face_documents", sa.Column("subject", sa.Text(), nullable=True))
    op.create_index(
        "ix_face_documents_subject",
        "face_documents",
        ["organization_id", "subject"],
        unique=False,
        sqlite_where=ABOUT_SOMEBODY,
        postgresql_where=ABOUT_SOMEBODY,
    )
