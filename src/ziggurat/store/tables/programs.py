"""Programs, their immutable revisions, and the drafts on the way to one."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Column, ForeignKeyConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql

from ziggurat.program.model import Activation, Status
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
)


class DraftState(StrEnum):
    """How far a draft has come. Only `draft` and `rejected` ones can be edited."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    ACTIVATED = "activated"
    DISCARDED = "discarded"


programs = Table(
    "programs",
    metadata,
    organization_column(),
    key("id"),
    text("public_id"),
    text("name"),
    Column("status", Words(Status), nullable=False),
    number("latest_revision"),
    number("published_revision"),
    document("settings"),
    instant("created_at"),
    instant("updated_at"),
    Column("version", Long, nullable=False),
    Column("generation", Long, nullable=False, server_default=sql("0")),
    number("staging", optional=True),
    number("telling", optional=True),
    UniqueConstraint("organization_id", "public_id"),
)
"""`latest_revision` is the newest number (0: none); `published_revision` the one that all stored states have seen.

`generation` says which of the stored states and moves are shown. An activation over a large base writes those of a
generation of its own (`staging`), shows them all by changing this one number, and then tells of it (`telling`)."""

program_revisions = Table(
    "program_revisions",
    metadata,
    organization_column(),
    key("program_id"),
    key("number"),
    document("document"),
    instant("effective_from", optional=True),
    Column("status", Words(Status), nullable=False),
    Column("activation", Words(Activation), nullable=False),
    binary("checksum"),
    text("note"),
    text("created_by"),
    instant("created_at"),
    number("draft_id", optional=True),
    ForeignKeyConstraint(["organization_id", "program_id"], ["programs.organization_id", "programs.id"]),
)

drafts = Table(
    "drafts",
    metadata,
    organization_column(),
    key("id"),
    number("program_id"),
    text("public_id"),
    document("document"),
    Column("state", Words(DraftState), nullable=False),
    number("base_revision"),
    text("author"),
    text("submitted_by", optional=True),
    instant("submitted_at", optional=True),
    text("decided_by", optional=True),
    instant("decided_at", optional=True),
    text("comment"),
    instant("created_at"),
    instant("updated_at"),
    Column("version", Long, nullable=False),
    UniqueConstraint("organization_id", "public_id"),
    ForeignKeyConstraint(["organization_id", "program_id"], ["programs.organization_id", "programs.id"]),
    Index("ix_drafts_program", "organization_id", "program_id", "state"),
)
