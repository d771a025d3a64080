"""What use cases about audiences answer: frozen values. Instants are UTC microseconds, amounts ten-thousandths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ziggurat.app.events.said_rules import SaidRule
from ziggurat.store.tables.audiences import AudienceKind, ImportMode, ImportState, SyncState


@dataclass(frozen=True, slots=True)
class AudienceGroup:
    """A group that an audience is part of: `kind` is free, `name` is shown."""

    key: str
    name: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class AudienceView:
    """An audience.

    Args:
        members: how many it has.
        stale: its rules, everybody's values, or a program that it asks about, have changed since it was refreshed.
        program, tier: whom an audience of kind `tier` holds; the tier by its id.
        position: its place in its group.
    """

    id: str
    name: str
    kind: AudienceKind
    description: str
    metadata: Mapping[str, Any]
    rules: tuple[SaidRule, ...]
    program: str | None
    tier: str | None
    group: AudienceGroup | None
    position: int
    refresh_interval_s: int | None
    refreshed_at: int | None
    stale: bool
    members: int
    archived: bool
    created_by: str
    created_at: int
    updated_by: str
    updated_at: int
    version: int
    rules_version: int = 1


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A member as audiences see her: what is known of her, and her amounts by name (ten-thousandths; ranks 0-5).

    `number` is the organization's own for her; `updated_at` is when something was last said of her.
    """

    member: str
    number: int
    email: str | None
    phone: str | None
    full_name: str | None
    status: str | None
    country: str | None
    region: str | None
    city: str | None
    metadata: Mapping[str, Any]
    attributes: Mapping[str, str]
    created_at: int
    updated_at: int | None
    enrolled_at: int | None
    last_order_at: int | None
    last_activity_at: int | None
    amounts: Mapping[str, int]
    ranks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AudienceMemberView:
    """A member of an audience, and since when."""

    since: int
    profile: ProfileView


@dataclass(frozen=True, slots=True)
class PreviewView:
    """Whom rules mean: how many, and the first of them."""

    members: int
    first: tuple[ProfileView, ...]


@dataclass(frozen=True, slots=True)
class RuleVerdictView:
    """Whether one rule holds for a member; `value` is what it looked at, in words, None for nothing."""

    group: str
    rule: SaidRule
    value: str | None
    holds: bool


@dataclass(frozen=True, slots=True)
class MembershipView:
    """Why a member is in an audience or not.

    `is_member` is what is stored, `matches` what the rules say of her now (None: it is a list).
    """

    audience: str
    member: str
    is_member: bool
    since: int | None
    matches: bool | None
    verdicts: tuple[RuleVerdictView, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class AudienceChangeView:
    """A member joining or leaving an audience.

    `cause` is event, refresh, activation, list, import, sync, merged or erased.
    """

    audience: str
    member: str
    joined: bool
    at: int
    cause: str
    sequence: int


@dataclass(frozen=True, slots=True)
class RefreshView:
    """What refreshing an audience changed."""

    audience: str
    joined: int
    left: int
    members: int


@dataclass(frozen=True, slots=True)
class ListChangeView:
    """What changing a list changed; `unknown` are ids that no member has."""

    audience: str
    changed: int
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportFaultView:
    """What is wrong with one record (counted from 1) of an imported file; `column` "" is all of it."""

    row: int
    column: str
    code: str
    problem: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import of a file into a list. `progress` is 0-100."""

    id: str
    audience: str
    mode: ImportMode
    state: ImportState
    progress: int
    rows_total: int | None
    rows_done: int
    rows_failed: int
    members_created: int
    members_updated: int
    members_added: int
    object_key: str
    error: str | None
    created_by: str
    created_at: int
    started_at: int | None
    finished_at: int | None
    faults: tuple[ImportFaultView, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SyncSourceView:
    """Where the list of a synced audience comes from, and how the latest sync went.

    `result` has how many members were created, updated, added and removed and how many rows failed, and the first of
    those rows (`first_faults`); None before the first sync has ended.
    """

    id: str
    audience: str
    kind: str
    location: str
    settings: Mapping[str, Any]
    state: SyncState
    error: str | None
    asked_at: int | None
    synced_at: int | None
    result: Mapping[str, Any] | None
    created_by: str
    created_at: int
    updated_at: int
    version: int
