"""What these use cases answer: frozen values.

Instants are UTC microseconds, amounts ten-thousandths, tiers names ("" is none).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ziggurat.errors import Fault
from ziggurat.program.model import Activation, Status


@dataclass(frozen=True, slots=True)
class DraftView:
    """A document on its way to a revision."""

    id: str
    program: str
    document: Mapping[str, Any]
    state: str
    base_revision: int
    author: str
    submitted_by: str | None
    submitted_at: int | None
    decided_by: str | None
    decided_at: int | None
    comment: str
    created_at: int
    updated_at: int
    version: int


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A program: `document`, `status`, `revision` are those in force now (None before the first); `draft` is open."""

    id: str
    name: str
    status: Status
    revision: int | None
    created_at: int
    updated_at: int
    version: int
    document: Mapping[str, Any] | None
    draft: DraftView | None


@dataclass(frozen=True, slots=True)
class RevisionView:
    """An immutable revision; `checksum` is hexadecimal, `effective_from` None is "from the beginning".

    `published` says that everybody has been evaluated by it.
    """

    number: int
    status: Status
    activation: Activation
    effective_from: int | None
    checksum: str
    note: str
    created_by: str
    created_at: int
    document: Mapping[str, Any]
    published: bool = True


@dataclass(frozen=True, slots=True)
class JobView:
    """A background job; `done` of `total` members."""

    id: str
    kind: str
    state: str
    done: int
    total: int | None
    error: str | None
    result: Any
    created_at: int
    started_at: int | None
    finished_at: int | None


@dataclass(frozen=True, slots=True)
class ActivationView:
    """A revision that was made; `job` puts it in force for everybody when that takes longer, or is yet to come."""

    program: ProgramView
    revision: RevisionView
    job: JobView | None


@dataclass(frozen=True, slots=True)
class CheckView:
    """What checking a draft found; `ladder` shows the compiled tiers, lowest first, as JSON-ready values."""

    valid: bool
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    ladder: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One difference between two documents; None stands for "not there"."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class TierCount:
    """How many members a tier shows."""

    tier: str
    tier_id: str
    members: int


@dataclass(frozen=True, slots=True)
class FlowView:
    """How many members moved from one tier to another on a local day (YYYY-MM-DD)."""

    day: str
    kind: str
    from_tier: str
    to_tier: str
    members: int
