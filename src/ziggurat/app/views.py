"""What use cases answer: frozen values.

Instants are UTC microseconds, amounts ten-thousandths, tiers names ("" is none); `tier_id` is what stays the same when
a tier is renamed. Doors turn these into their own wire formats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from ziggurat.errors import Fault
from ziggurat.program.events import Event, OverrideMode
from ziggurat.program.model import Activation, Status

T = TypeVar("T")
Position: TypeAlias = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A stretch of a list; `next` is the `after` of the page that follows, None on the last one."""

    items: tuple[T, ...]
    next: Position | None


# --- organizations, keys, audit trail


@dataclass(frozen=True, slots=True)
class OrganizationView:
    """A tenant and its rules of approval."""

    name: str
    requires_approval: bool
    self_approval: bool
    settings: Mapping[str, Any]
    created_at: int
    version: int


@dataclass(frozen=True, slots=True)
class KeyView:
    """An API key without its secret."""

    key_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: int
    revoked_at: int | None
    last_used_at: int | None


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A new key with its secret, which nobody can read again."""

    key: KeyView
    secret: str


@dataclass(frozen=True, slots=True)
class AuditView:
    """Who did what to what. `hash` (hexadecimal) covers the entry and the hash of the one before."""

    number: int
    at: int
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """Whether the trail is as it was written; `first_broken` is the number of the first entry that is not."""

    entries: int
    intact: bool
    first_broken: int | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer that was given to the first request with an idempotency key."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# --- members


@dataclass(frozen=True, slots=True)
class OverrideView:
    """A person's decision about one member. `id` is its event's; `ended_at` says when it was lifted or ran out."""

    id: str
    program: str
    tier: str
    mode: OverrideMode
    until: int | None
    reason: str
    author: str
    at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class RiskView:
    """What happens at `at` if nothing more does; `amount` is what is short of keeping the tier, None if not known."""

    at: int
    kind: str
    tier_after: str
    amount: int | None


@dataclass(frozen=True, slots=True)
class OpportunityView:
    """What is still needed for `tier`: `missing` on the program's measure, before `by` if the value shrinks then."""

    tier: str
    missing: int
    by: int | None


@dataclass(frozen=True, slots=True)
class StandingView:
    """Where a member stands in one program.

    `measure` says what `value` counts; `missing` is how much is short of `next_tier`, None where that is not on the
    program's measure.
    """

    program: str
    program_name: str
    status: Status
    tier: str
    tier_id: str
    since: int | None
    expires_at: int | None
    grace_until: int | None
    value: int
    measure: str
    next_tier: str
    missing: int | None
    next_decision_at: int | None
    revision: int
    override: OverrideView | None = None
    risks: tuple[RiskView, ...] = ()
    opportunities: tuple[OpportunityView, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member and where she stands in every program asked about."""

    id: str
    enrolled_at: int | None
    attributes: Mapping[str, str]
    created_at: int
    merged_into: str | None
    programs: tuple[StandingView, ...]
    erased_at: int | None = None


@dataclass(frozen=True, slots=True)
class TransitionView:
    """One move. `event_id` is the id of the event that caused it, "" for time or an event without id."""

    program: str
    at: int
    kind: str
    cause: str
    from_tier: str
    to_tier: str
    value: int | None
    threshold: int | None
    expires_at: int | None
    event_id: str
    revision: int
    correction: bool = False
    superseded_at: int | None = None


@dataclass(frozen=True, slots=True)
class EventView:
    """An event of the ledger, when it was recorded, and its place in the order of arrival."""

    event: Event
    recorded_at: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """Why a member is where she is: a sentence, and the same as JSON-ready data."""

    program: str
    sentence: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ErasureView:
    """That a person was erased: an entry of the audit trail (`receipt` its number, `proof` its hash) says so."""

    receipt: str
    erased_at: int
    events_kept: int
    proof: str


# --- events


class AwardShare(NamedTuple):
    """The part of an event's amounts that falls to `tier`."""

    tier: str
    points: int | None
    amount: int | None


class IngestMove(NamedTuple):
    """The tier just before and just after an event in one program; `award` divides its amounts where the two differ."""

    program: str
    tier_before: str
    tier_after: str
    award: tuple[AwardShare, ...] = ()


class IngestOutcome(NamedTuple):
    """What became of an event: `result` is accepted, duplicate, conflict or refused; `code`, `reason` say why not."""

    id: str
    member: str
    result: str
    code: str = ""
    reason: str = ""
    programs: tuple[IngestMove, ...] = ()


# --- programs


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


# --- webhooks


@dataclass(frozen=True, slots=True)
class EndpointView:
    """Where messages go. `types` () is all of them."""

    id: str
    url: str
    types: tuple[str, ...]
    enabled: bool
    disabled_reason: str | None
    failing_since: int | None
    settings: Mapping[str, Any]
    created_at: int
    updated_at: int
    version: int
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class CreatedEndpoint:
    """An endpoint with its new signing secret, which nobody can read again."""

    endpoint: EndpointView
    secret: str


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try to deliver."""

    number: int
    at: int
    status: int | None
    took_us: int
    error: str | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One message on its way to one endpoint."""

    id: str
    endpoint: str
    message_id: str
    type: str
    member: str | None
    state: str
    attempts: int
    next_attempt_at: int | None
    created_at: int
    finished_at: int | None
    log: tuple[AttemptView, ...] = ()


# --- the service


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """What is waiting, over all organizations; ages in microseconds."""

    due_members: int
    evaluation_lag_us: int
    outbox_waiting: int
    outbox_age_us: int
    deliveries_waiting: int
    jobs_open: int
