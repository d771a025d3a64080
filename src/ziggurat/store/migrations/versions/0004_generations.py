"""States and moves of an activation stand beside those that are shown, until one number says that they are."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = ["organization_id", "member_id", "program_id", "generation"]
INDEXES = {
    "ix_member_states_due": (["next_decision_at"], "next_decision_at IS NOT NULL"),
    "ix_member_states_expiring": (["expires_at"], "expires_at IS NOT NULL"),
    "ix_member_states_tier": (["tier_index", "member_id"], None),
}
_END = str(2**63 - 1)


def upgrade() -> None:
    """Add the columns, and the list of what is to be told. What an activation has staged is worked out again."""
    for name in INDEXES:
        op.drop_index(name, "member_states")
    if op.get_bind().dialect.name == "sqlite":
        _make_states_anew()
    else:
        op.add_column("member_states", sa.Column("generation", LONG, nullable=False, server_default=sa.text("0")))
        op.alter_column("member_states", "generation", server_default=None)
        op.drop_constraint("pk_member_states", "member_states", type_="primary")
        op.create_primary_key("pk_member_states", "member_states", KEY)
    for name, (columns, condition) in INDEXES.items():
        where = None if condition is None else sa.text(condition)
        all_of_it = ["organization_id", "program_id", "generation", *columns]
        op.create_index(name, "member_states", all_of_it, sqlite_where=where, postgresql_where=where)

    op.add_column("programs", sa.Column("generation", LONG, nullable=False, server_default=sa.text("0")))
    op.add_column("programs", sa.Column("staging", LONG, nullable=True))
    op.add_column("programs", sa.Column("telling", LONG, nullable=True))

    op.add_column("transitions", sa.Column("from_generation", LONG, nullable=False, server_default=sa.text("0")))
    op.add_column("transitions", sa.Column("until_generation", LONG, nullable=False, server_default=sa.text(_END)))
    op.execute("UPDATE transitions SET until_generation = 0 WHERE superseded_at IS NOT NULL")

    op.create_table(
        "moves_to_tell",
        sa.Column("organization_id", LONG, autoincrement=False, nullable=False),
        sa.Column("program_id", LONG, autoincrement=False, nullable=False),
        sa.Column("generation", LONG, autoincrement=False, nullable=False),
        sa.Column("member_id", LONG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "program_id", "generation", "member_id", name="pk_moves_to_tell"),
        sqlite_with_rowid=False,
    )
    op.drop_table("staged_states")


def _make_states_anew() -> None:
    """SQLite cannot change a table's key."""
    op.rename_table("member_states", "older_member_states")
    columns: list[sa.Column[Any]] = [
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
    ]
    names = ", ".join(column.name for column in columns)
    keys = [sa.Column(name, LONG, autoincrement=False, nullable=False) for name in KEY]
    op.create_table("member_states", *keys, *columns, sa.PrimaryKeyConstraint(*KEY, name="pk_member_states"))
    op.execute(
        f"INSERT INTO member_states (organization_id, member_id, program_id, generation, {names}) "  # noqa: S608 - ours
        f"SELECT organization_id, member_id, program_id, 0, {names} FROM older_member_states"
    )
    op.drop_table("older_member_states")
