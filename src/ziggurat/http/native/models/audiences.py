"""Audiences, their rules and members on the wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema, with_config
from typing_extensions import TypedDict

from ziggurat import limits
from ziggurat.app.audiences.audience_views import (
    AudienceChangeView,
    AudienceGroup,
    AudienceMemberView,
    AudienceView,
    MembershipView,
    PreviewView,
    ProfileView,
    RefreshView,
)
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.http.fields import (
    FreeForm,
    Identifier,
    InstantText,
    Name,
    Number,
    instant_text,
    optional_instant,
    plain_text_of,
)
from ziggurat.http.json_text import number
from ziggurat.http.native.models.common import Comment, Cursor, Limit, NextCursor, QueryFlag
from ziggurat.http.strict_bodies import STRICT


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | Decimal):
        return value
    raise ValueError("write a text, a number, true, false or null")


Value: TypeAlias = Annotated[
    Any, PlainValidator(_scalar), WithJsonSchema({"type": ["string", "number", "boolean", "null"]})
]
OperatorName: TypeAlias = Literal[
    "equals",
    "not_equals",
    "greater_than",
    "greater_than_or_equal",
    "less_than",
    "less_than_or_equal",
    "between",
    "contains",
    "not_contains",
    "in",
    "not_in",
    "exists",
    "not_exists",
]
KindName: TypeAlias = Literal["dynamic", "static", "synced", "tier"]
FieldName: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=limits.FIELD_CHARACTERS_MAX), AfterValidator(plain_text_of)
]
Interval: TypeAlias = Annotated[
    int,
    Field(
        ge=limits.REFRESH_INTERVAL_S_MIN,
        le=limits.REFRESH_INTERVAL_S_MAX,
        description="Seconds between two looks at everybody; left out: daily where rules ask about what decays.",
    ),
]


@with_config(STRICT)
class NewRule(TypedDict):
    """One condition: a field, an operator, and what to compare with (docs/audiences.md)."""

    field: FieldName
    operator: OperatorName
    values: NotRequired[Annotated[list[Value], Field(max_length=limits.AUDIENCE_VALUES_MAX)]]


Groups: TypeAlias = Annotated[
    list[Annotated[list[NewRule], Field(min_length=1, max_length=limits.AUDIENCE_RULES_MAX)]],
    Field(max_length=limits.AUDIENCE_GROUPS_MAX, description="All rules of a group must hold, of at least one group."),
]


@with_config(STRICT)
class GroupModel(TypedDict):
    """What an audience is part of."""

    key: Identifier
    name: NotRequired[Name]
    kind: NotRequired[Name]


@with_config(STRICT)
class NewAudience(TypedDict):
    """A new audience; `rules` are for kind `dynamic`, `program` and `tier` for kind `tier`."""

    name: Name
    kind: NotRequired[KindName]
    rules: NotRequired[Groups]
    program: NotRequired[Identifier]
    tier: NotRequired[Name]
    description: NotRequired[Comment]
    metadata: NotRequired[FreeForm]
    group: NotRequired[GroupModel | None]
    position: NotRequired[Annotated[int, Field(ge=0, le=1_000_000)]]
    refresh_interval_s: NotRequired[Interval | None]


@with_config(STRICT)
class AudienceChange(TypedDict):
    """What is to be different; what is left out stays."""

    name: NotRequired[Name]
    rules: NotRequired[Groups]
    description: NotRequired[Comment]
    metadata: NotRequired[FreeForm]
    group: NotRequired[GroupModel | None]
    position: NotRequired[Annotated[int, Field(ge=0, le=1_000_000)]]
    refresh_interval_s: NotRequired[Interval | None]


@with_config(STRICT)
class PreviewBody(TypedDict):
    """Rules to try."""

    rules: Groups
    limit: NotRequired[Annotated[int, Field(ge=0, le=limits.PREVIEW_MEMBERS_MAX)]]


@with_config(STRICT)
class MemberNames(TypedDict):
    """Members by id."""

    members: Annotated[list[Identifier], Field(min_length=1, max_length=limits.LISTED_MEMBERS_PER_REQUEST_MAX)]


@with_config(STRICT)
class IdentityBody(TypedDict):
    """What is known of a member; what is left out stays, null forgets it, `metadata` is replaced whole."""

    email: NotRequired[str | None]
    phone: NotRequired[str | None]
    full_name: NotRequired[str | None]
    status: NotRequired[str | None]
    country: NotRequired[str | None]
    region: NotRequired[str | None]
    city: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any] | None]


@with_config(STRICT)
class SettingsBody(TypedDict):
    """How scores fade."""

    half_life_days: Annotated[int, Field(ge=1, le=limits.HALF_LIFE_DAYS_MAX)]


@with_config(STRICT)
class AudiencesQuery(TypedDict):
    """Which audiences."""

    kind: NotRequired[KindName]
    group: NotRequired[Identifier]
    archived: NotRequired[QueryFlag]
    cursor: NotRequired[Cursor]
    limit: NotRequired[Limit]


@with_config(STRICT)
class MembersQuery(TypedDict):
    """Which members: `search` is a part of id, email, phone or name."""

    search: NotRequired[
        Annotated[str, Field(min_length=limits.SEARCH_CHARACTERS_MIN, max_length=200), AfterValidator(plain_text_of)]
    ]
    cursor: NotRequired[Cursor]
    limit: NotRequired[Limit]


@with_config(STRICT)
class ChangesQuery(TypedDict):
    """Which joins and leaves."""

    member: NotRequired[Identifier]
    cursor: NotRequired[Cursor]
    limit: NotRequired[Limit]


class Rule(TypedDict):
    """One condition."""

    id: str
    field: str
    operator: str
    values: list[Value]


class Group(TypedDict):
    """What an audience is part of."""

    key: str
    name: str
    kind: str


class Audience(TypedDict):
    """An audience."""

    id: str
    name: str
    kind: KindName
    description: str
    metadata: dict[str, Any]
    rules: list[list[Rule]]
    program: str | None
    tier: str | None
    group: Group | None
    position: int
    refresh_interval_s: int | None
    refreshed_at: InstantText | None
    stale: bool
    members: int
    archived: bool
    created_by: str
    created_at: InstantText
    updated_by: str
    updated_at: InstantText
    version: int


class Audiences(TypedDict):
    """A page of audiences."""

    items: list[Audience]
    next_cursor: NextCursor


class AllAudiences(TypedDict):
    """Audiences, all of them."""

    items: list[Audience]


class Count(TypedDict):
    """How many members an audience has."""

    audience: str
    members: int


class Refreshed(TypedDict):
    """What a refresh changed."""

    audience: str
    joined: int
    left: int
    members: int


class ListChange(TypedDict):
    """What a change of a list changed; `unknown` are ids that no member has."""

    audience: str
    changed: int
    unknown: list[str]


class Profile(TypedDict):
    """A member as audiences see her."""

    member: str
    email: str | None
    phone: str | None
    full_name: str | None
    status: str | None
    country: str | None
    region: str | None
    city: str | None
    metadata: dict[str, Any]
    attributes: dict[str, str]
    created_at: InstantText
    enrolled_at: InstantText | None
    last_order_at: InstantText | None
    last_activity_at: InstantText | None
    points_balance: Number
    points_lifetime: Number
    lifetime_value: Number
    order_count: Number
    average_order_value: Number
    activity_score: Number
    purchase_frequency_score: Number
    monetary_score: Number
    activity_rank: int
    purchase_frequency_rank: int
    monetary_rank: int


class AudienceMember(TypedDict):
    """A member of an audience; `since` is null where several audiences are asked about."""

    since: InstantText | None
    profile: Profile


class AudienceMembers(TypedDict):
    """A page of members."""

    items: list[AudienceMember]
    next_cursor: NextCursor


class Preview(TypedDict):
    """Whom rules would mean: how many, and the first of them."""

    members: int
    first: list[Profile]


class Verdict(TypedDict):
    """Whether one rule holds; `value` is what it looked at, null for nothing."""

    group: int
    rule: Rule
    value: str | None
    holds: bool


class Membership(TypedDict):
    """Why a member is in an audience or not; `matches` is null for lists."""

    audience: str
    member: str
    is_member: bool
    since: InstantText | None
    matches: bool | None
    verdicts: list[Verdict]
    sentence: str


class Change(TypedDict):
    """A member joining or leaving."""

    member: str
    joined: bool
    at: InstantText
    cause: str


class Changes(TypedDict):
    """A page of joins and leaves."""

    items: list[Change]
    next_cursor: NextCursor


def said_rules(groups: list[list[Any]]) -> tuple[SaidRule, ...]:
    """Rules as use cases take them."""
    return tuple(
        SaidRule(rule["field"], rule["operator"], tuple(rule.get("values", ())), str(place))
        for place, group in enumerate(groups)
        for rule in group
    )


def said_group(group: Any) -> AudienceGroup | None:
    """A group as use cases take it."""
    return None if group is None else AudienceGroup(group["key"], group.get("name", ""), group.get("kind", ""))


def rule_model(rule: SaidRule) -> dict[str, Any]:
    """A rule on the wire."""
    return {"id": rule.id, "field": rule.field, "operator": rule.operator, "values": list(rule.values)}


def audience_model(view: AudienceView) -> dict[str, Any]:
    """An audience on the wire."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for rule in view.rules:
        groups.setdefault(rule.group, []).append(rule_model(rule))
    group = view.group
    return {
        "id": view.id,
        "name": view.name,
        "kind": str(view.kind),
        "description": view.description,
        "metadata": dict(view.metadata),
        "rules": list(groups.values()),
        "program": view.program,
        "tier": view.tier,
        "group": None if group is None else {"key": group.key, "name": group.name, "kind": group.kind},
        "position": view.position,
        "refresh_interval_s": view.refresh_interval_s,
        "refreshed_at": optional_instant(view.refreshed_at),
        "stale": view.stale,
        "members": view.members,
        "archived": view.archived,
        "created_by": view.created_by,
        "created_at": instant_text(view.created_at),
        "updated_by": view.updated_by,
        "updated_at": instant_text(view.updated_at),
        "version": view.version,
    }


def profile_model(view: ProfileView) -> dict[str, Any]:
    """A profile on the wire."""
    return {
        "member": view.member,
        "email": view.email,
        "phone": view.phone,
        "full_name": view.full_name,
        "status": view.status,
        "country": view.country,
        "region": view.region,
        "city": view.city,
        "metadata": dict(view.metadata),
        "attributes": dict(view.attributes),
        "created_at": instant_text(view.created_at),
        "enrolled_at": optional_instant(view.enrolled_at),
        "last_order_at": optional_instant(view.last_order_at),
        "last_activity_at": optional_instant(view.last_activity_at),
        **{name: number(units) for name, units in view.amounts.items()},
        **view.ranks,
    }


def member_model(view: AudienceMemberView) -> dict[str, Any]:
    """A member of an audience on the wire."""
    return {"since": optional_instant(view.since or None), "profile": profile_model(view.profile)}


def preview_model(view: PreviewView) -> dict[str, Any]:
    """A preview on the wire."""
    return {"members": view.members, "first": [profile_model(each) for each in view.first]}


def membership_model(view: MembershipView) -> dict[str, Any]:
    """Why a member is in an audience or not, on the wire."""
    places = {group: place for place, group in enumerate(dict.fromkeys(each.group for each in view.verdicts))}
    return {
        "audience": view.audience,
        "member": view.member,
        "is_member": view.is_member,
        "since": optional_instant(view.since),
        "matches": view.matches,
        "verdicts": [
            {"group": places[each.group], "rule": rule_model(each.rule), "value": each.value, "holds": each.holds}
            for each in view.verdicts
        ],
        "sentence": view.sentence,
    }


def change_model(view: AudienceChangeView) -> dict[str, Any]:
    """A join or leave on the wire."""
    return {"member": view.member, "joined": view.joined, "at": instant_text(view.at), "cause": view.cause}


def refreshed_model(view: RefreshView) -> dict[str, Any]:
    """What a refresh changed, on the wire."""
    return {"audience": view.audience, "joined": view.joined, "left": view.left, "members": view.members}
