"""What use cases refuse, as domain errors with stable codes. What the store refuses is in `ziggurat.store.errors`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ziggurat.errors import ZigguratError
from ziggurat.program.near_words import did_you_mean


class InvalidRequestError(ZigguratError):
    """A value that no such request can have; `field` names it."""

    code = "invalid_request"

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field} {problem}")


class WrongStateError(ZigguratError):
    """What it is asked of is not in a state that allows it; `allowed` are those that do."""

    code = "wrong_state"

    def __init__(self, kind: str, key: str, state: str, allowed: tuple[str, ...]) -> None:
        self.kind = kind
        self.key = key
        self.state = state
        self.allowed = allowed
        super().__init__(f"{kind} {key} is {state}; this is for {', '.join(allowed) or 'none'}")


class OwnDraftError(ZigguratError):
    """A draft is approved or rejected by somebody who has not written or submitted it."""

    code = "own_draft"

    def __init__(self, draft: str) -> None:
        self.draft = draft
        super().__init__(f"draft {draft} is to be decided on by somebody else than its author")


class ApprovalRequiredError(ZigguratError):
    """The organization wants drafts to be approved before they are activated."""

    code = "approval_required"

    def __init__(self, program: str) -> None:
        self.program = program
        super().__init__(f"a draft of {program} must be approved before it is activated")


class OutdatedDraftError(ZigguratError):
    """The draft was made on an earlier revision than the latest: look at it again and save it."""

    code = "outdated_draft"

    def __init__(self, draft: str, base_revision: int, latest_revision: int) -> None:
        self.draft = draft
        self.base_revision = base_revision
        self.latest_revision = latest_revision
        super().__init__(f"draft {draft} changes revision {base_revision}, but the latest is {latest_revision}")


class ActivationPendingError(ZigguratError):
    """A revision is scheduled, or still being put in force: further ones wait until it is."""

    code = "activation_pending"

    def __init__(self, program: str, revision: int, effective_from: int | None) -> None:
        self.program = program
        self.revision = revision
        self.effective_from = effective_from
        super().__init__(f"revision {revision} of {program} is not yet in force for everybody")


class UnknownTierError(ZigguratError):
    """The program has no such tier; `tiers` are those it has."""

    code = "unknown_tier"

    def __init__(self, program: str, tier: str, tiers: Iterable[str]) -> None:
        self.program = program
        self.tier = tier
        self.tiers = tuple(tiers)
        remedy = f": {did_you_mean(tier, self.tiers)}" if self.tiers else ""
        super().__init__(f"{program} has no tier {tier}{remedy}")


class MemberMergedError(ZigguratError):
    """The member has been merged into another one, who is to be asked instead."""

    code = "member_merged"

    def __init__(self, member: str, into: str) -> None:
        self.member = member
        self.into = into
        super().__init__(f"member {member} was merged into {into}")


class MemberErasedError(ZigguratError):
    """The member has been erased; only anonymous totals remain."""

    code = "member_erased"

    def __init__(self, member: str) -> None:
        self.member = member
        super().__init__(f"member {member} was erased")


class RefusedEventError(ZigguratError):
    """The one event that a use case wanted to write was not accepted; `reason` is the ledger's."""

    code = "event_refused"

    def __init__(self, event_code: str, reason: str) -> None:
        self.event_code = event_code
        self.reason = reason
        super().__init__(reason)


class IdempotencyKeyReusedError(ZigguratError):
    """The idempotency key was used for another request."""

    code = "idempotency_key_reused"

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"idempotency key {key} was used for another request")


class RequestInFlightError(ZigguratError):
    """The first request with this idempotency key is still being answered."""

    code = "request_in_flight"

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"the first request with idempotency key {key} is still being answered")


class AnswerLostError(ZigguratError):
    """The request with this idempotency key was carried out, but there is no answer to show any more."""

    code = "answer_lost"

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"the request with idempotency key {key} was carried out; read what has become of it")


class WebhookTargetRefusedError(ZigguratError):
    """Messages are not sent there: not an address on the open internet, or not one at all."""

    code = "webhook_target_refused"

    def __init__(self, url: str, problem: str) -> None:
        self.url = url
        self.problem = problem
        super().__init__(f"{url} {problem}")


class BatchTooLargeError(ZigguratError):
    """More events than one request may bring."""

    code = "batch_too_large"

    def __init__(self, events: int, events_max: int) -> None:
        self.events = events
        self.events_max = events_max
        super().__init__(f"{events} events in one request; {events_max} at most")


class SyncInProgressError(ZigguratError):
    """The audience is being synced already, one at a time."""

    code = "sync_in_progress"

    def __init__(self, audience: str) -> None:
        self.audience = audience
        super().__init__(f"audience {audience} is being synced already")


@dataclass(frozen=True, slots=True)
class MemberFault:
    """What is wrong with one of several members, by her place in the request from 0.

    `code` is invalid, taken (another member has that), unknown_member or refused.
    """

    place: int
    field: str
    code: str
    problem: str

    def __str__(self) -> str:
        return f"[{self.place}].{self.field} {self.problem}"


class InvalidMembersError(ZigguratError):
    """What is said of members cannot be kept; nothing of it was. Carries every fault."""

    code = "invalid_members"

    def __init__(self, faults: Sequence[MemberFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))
