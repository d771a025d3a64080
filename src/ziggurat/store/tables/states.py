"""Derived member states and transitions: the shown answer of the engine, rebuilt from the ledger at any time."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table
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

OPEN_END = 2**63 - 1
"""The `until_generation` of a move that is still true."""

member_states = Table(
    "member_states",
    metadata,
    organization_column(),
    key("member_id"),
    key("program_id"),
    key("generation"),
    Column("tier_index", Integer, nullable=False),
    text("tier_key", optional=True),
    instant("since", optional=True),
    instant("expires_at", optional=True),
    instant("grace_until", optional=True),
    instant("next_decision_at", optional=True),
    amount("value", optional=True),
    number("revision"),
    number("timeline_checksum"),
    instant("evaluated_at"),
    number("through_sequence"),
    binary("checkpoint", optional=True),
    Index(
        "ix_member_states_due",
        "organization_id",
        "program_id",
        "generation",
        "next_decision_at",
        sqlite_where=sql("next_decision_at IS NOT NULL"),
        postgresql_where=sql("next_decision_at IS NOT NULL"),
    ),
    Index("ix_member_states_tier", "organization_id", "program_id", "generation", "tier_index", "member_id"),
    Index(
        "ix_member_states_expiring",
        "organization_id",
        "program_id",
        "generation",
        "expires_at",
        sqlite_where=sql("expires_at IS NOT NULL"),
        postgresql_where=sql("expires_at IS NOT NULL"),
    ),
)
"""One row per program and member that is shown: that of the program's generation. Others are an activation's, which
works out everybody's new state before anybody sees one, or left over from before. `tier_index` counts in the program's
ladder, -1 is no tier; `timeline_checksum` says whether the timeline changed at all; `value`, `through_sequence` (the
last event counted) and `evaluated_at` are of when the row was written, which an event that changes nothing else only
does where there are audiences."""

transitions = Table(
    "transitions",
    metadata,
    organization_column(),
    key("member_id"),
    key("program_id"),
    key("sequence"),
    Column("position", Integer, nullable=False),
    instant("at"),
    text("kind"),
    text("cause"),
    Column("from_index", Integer, nullable=False),
    text("from_key", optional=True),
    Column("to_index", Integer, nullable=False),
    text("to_key", optional=True),
    amount("value", optional=True),
    amount("threshold", optional=True),
    instant("expires_at", optional=True),
    number("revision"),
    instant("recorded_at"),
    Column("correction", Boolean, nullable=False),
    instant("superseded_at", optional=True),
    document("details", optional=True),
    Column("from_generation", Long, nullable=False, server_default=sql("0")),
    Column("until_generation", Long, nullable=False, server_default=sql(str(OPEN_END))),
    Index("ix_transitions_at", "organization_id", "program_id", "at"),
)
"""`position` counts in the member's timeline; a superseded row keeps its own and is no longer part of the timeline.

A row is part of the timeline while the program's generation lies within [from_generation, until_generation): from 0, or
from the activation that added it; until for ever, the activation that superseded it, or 0 for one that anything else
superseded."""

moves_to_tell = Table(
    "moves_to_tell",
    metadata,
    organization_column(),
    key("program_id"),
    key("generation"),
    key("member_id"),
    sqlite_with_rowid=False,
)
"""Members whose moves by an activation nobody has been told of yet."""
