"""Programs, drafts, revisions and jobs on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from pydantic import Field, WithJsonSchema, with_config
from typing_extensions import TypedDict

from ziggurat.app.programs.views import (
    ActivationView,
    ChangeView,
    CheckView,
    DraftView,
    FlowView,
    JobView,
    ProgramView,
    RevisionView,
    TierCount,
)
from ziggurat.http.fields import Instant, InstantText, instant_text, optional_instant
from ziggurat.http.native.models.common import Comment, Cursor, FaultModel, Limit, NextCursor, QueryInstant, fault_model
from ziggurat.http.native.models.members import StatusName
from ziggurat.http.strict_bodies import STRICT

DOCUMENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "ProgramDocument",
    "description": "A tier program as written in YAML or JSON (docs/program-document.md).",
    "required": ["name", "tiers"],
    "properties": {
        "edition": {"const": 1},
        "name": {"type": "string"},
        "tiers": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["name"]}},
    },
}
Document: TypeAlias = Annotated[dict[str, Any], WithJsonSchema(DOCUMENT_SCHEMA)]
ActivationName: TypeAlias = Literal["reevaluate", "upgrades_only", "at_next_decision"]
ActivationChoice: TypeAlias = Annotated[
    ActivationName, Field(description="What happens to current members; `reevaluate` when left out.")
]
EffectiveFrom: TypeAlias = Annotated[Instant, Field(description="When it takes effect; now when left out.")]


class Draft(TypedDict):
    """A document on its way to a revision."""

    id: str
    program: str
    state: Literal["draft", "submitted", "approved", "rejected", "activated", "discarded"]
    base_revision: int
    author: str
    submitted_by: str | None
    submitted_at: InstantText | None
    decided_by: str | None
    decided_at: InstantText | None
    comment: str
    created_at: InstantText
    updated_at: InstantText
    version: int
    document: dict[str, Any]


class Drafts(TypedDict):
    """A page of a program's drafts."""

    items: list[Draft]
    next_cursor: NextCursor


class Program(TypedDict):
    """A program: `document`, `status` and `revision` are those in force (null before the first); `draft` is open."""

    id: str
    name: str
    status: StatusName
    revision: int | None
    created_at: InstantText
    updated_at: InstantText
    version: int
    document: dict[str, Any] | None
    draft: Draft | None


class Programs(TypedDict):
    """A page of programs."""

    items: list[Program]
    next_cursor: NextCursor


class Revision(TypedDict):
    """An immutable revision. `effective_from` null is "from the beginning"; `published`: everybody is judged by it."""

    number: int
    status: StatusName
    activation: ActivationName
    effective_from: InstantText | None
    published: bool
    checksum: str
    note: str
    created_by: str
    created_at: InstantText
    document: dict[str, Any]


class Revisions(TypedDict):
    """A page of a program's history."""

    items: list[Revision]
    next_cursor: NextCursor


class Job(TypedDict):
    """A background job; `done` of `total` members."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int
    total: int | None
    error: str | None
    result: Any
    created_at: InstantText
    started_at: InstantText | None
    finished_at: InstantText | None


class Jobs(TypedDict):
    """A page of jobs, newest first."""

    items: list[Job]
    next_cursor: NextCursor


class ActivationResult(TypedDict):
    """A revision that was made; `job` puts it in force for everybody when that takes longer."""

    program: Program
    revision: Revision
    job: Job | None


class Check(TypedDict):
    """What checking a draft found; `ladder` shows the compiled tiers, lowest first."""

    valid: bool
    faults: list[FaultModel]
    warnings: list[FaultModel]
    ladder: list[dict[str, Any]]


class Change(TypedDict):
    """One difference; null stands for "not there"."""

    path: str
    before: Any
    after: Any


class Diff(TypedDict):
    """What a draft changes in the revision in force."""

    items: list[Change]


class TierMembers(TypedDict):
    """How many members show a tier; an empty name is no tier."""

    tier: str
    tier_id: str
    members: int


class TierMembersList(TypedDict):
    """Every tier of a program, lowest first."""

    items: list[TierMembers]


class Flow(TypedDict):
    """How many members moved so on a day of the program's zone."""

    day: Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
    kind: Literal["joined", "upgraded", "downgraded", "renewed", "left"]
    from_tier: str
    to_tier: str
    members: int


class Flows(TypedDict):
    """All moves of a stretch of days."""

    items: list[Flow]


@with_config(STRICT)
class ProgramsQuery(TypedDict):
    """Which programs."""

    status: NotRequired[StatusName]
    cursor: NotRequired[Cursor]
    limit: NotRequired[Limit]


@with_config(STRICT)
class FlowsQuery(TypedDict):
    """Which days: from the one of `since` to before the one of `until`."""

    since: QueryInstant
    until: QueryInstant


@with_config(STRICT)
class ActivationRequest(TypedDict):
    """When the draft takes effect, and what that does to current members."""

    effective_from: NotRequired[EffectiveFrom]
    activation: NotRequired[ActivationChoice]
    note: NotRequired[Comment]


@with_config(STRICT)
class RollBackRequest(TypedDict):
    """Which revision's document to put in force again."""

    revision: Annotated[int, Field(ge=1, le=10**9)]
    effective_from: NotRequired[EffectiveFrom]
    activation: NotRequired[ActivationChoice]
    note: NotRequired[Comment]


@with_config(STRICT)
class StatusRequest(TypedDict):
    """When the status changes."""

    effective_from: NotRequired[EffectiveFrom]
    note: NotRequired[Comment]


def draft_model(view: DraftView) -> dict[str, Any]:
    """A draft on the wire."""
    return {
        "id": view.id,
        "program": view.program,
        "state": str(view.state),
        "base_revision": view.base_revision,
        "author": view.author,
        "submitted_by": view.submitted_by,
        "submitted_at": optional_instant(view.submitted_at),
        "decided_by": view.decided_by,
        "decided_at": optional_instant(view.decided_at),
        "comment": view.comment,
        "created_at": instant_text(view.created_at),
        "updated_at": instant_text(view.updated_at),
        "version": view.version,
        "document": view.document,
    }


def program_model(view: ProgramView) -> dict[str, Any]:
    """A program on the wire."""
    return {
        "id": view.id,
        "name": view.name,
        "status": str(view.status),
        "revision": view.revision,
        "created_at": instant_text(view.created_at),
        "updated_at": instant_text(view.updated_at),
        "version": view.version,
        "document": view.document,
        "draft": None if view.draft is None else draft_model(view.draft),
    }


def revision_model(view: RevisionView) -> dict[str, Any]:
    """A revision on the wire."""
    return {
        "number": view.number,
        "status": str(view.status),
        "activation": str(view.activation),
        "effective_from": optional_instant(view.effective_from),
        "published": view.published,
        "checksum": view.checksum,
        "note": view.note,
        "created_by": view.created_by,
        "created_at": instant_text(view.created_at),
        "document": view.document,
    }


def job_model(view: JobView) -> dict[str, Any]:
    """A job on the wire."""
    return {
        "id": view.id,
        "kind": view.kind,
        "state": str(view.state),
        "done": view.done,
        "total": view.total,
        "error": view.error,
        "result": view.result,
        "created_at": instant_text(view.created_at),
        "started_at": optional_instant(view.started_at),
        "finished_at": optional_instant(view.finished_at),
    }


def activation_model(view: ActivationView) -> dict[str, Any]:
    """What an activation, a roll-back or a change of status made, on the wire."""
    return {
        "program": program_model(view.program),
        "revision": revision_model(view.revision),
        "job": None if view.job is None else job_model(view.job),
    }


def check_model(view: CheckView) -> dict[str, Any]:
    """A check on the wire."""
    return {
        "valid": view.valid,
        "faults": [fault_model(each) for each in view.faults],
        "warnings": [fault_model(each) for each in view.warnings],
        "ladder": list(view.ladder),
    }


def diff_model(changes: tuple[ChangeView, ...]) -> Diff:
    """A diff on the wire."""
    return {"items": [{"path": each.path, "before": each.before, "after": each.after} for each in changes]}


def tier_counts_model(counts: tuple[TierCount, ...]) -> TierMembersList:
    """Tier counts on the wire."""
    return {"items": [{"tier": each.tier, "tier_id": each.tier_id, "members": each.members} for each in counts]}


def flow_model(view: FlowView) -> dict[str, Any]:
    """A flow on the wire."""
    return {
        "day": view.day,
        "kind": str(view.kind),
        "from_tier": view.from_tier,
        "to_tier": view.to_tier,
        "members": view.members,
    }
