"""What creating and changing audiences have in common: checks, rows, and the moment at which definitions change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ziggurat import limits
from ziggurat.app.audiences.audience_views import AudienceGroup
from ziggurat.app.audiences.refresh_audience import refresh_audience
from ziggurat.app.audiences.refresh_scores import build_profiles
from ziggurat.app.check_texts import require_name, require_text
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, UnknownTierError
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.events.said_rules import SaidRule, grouped
from ziggurat.app.public_ids import new_id
from ziggurat.errors import Fault
from ziggurat.program.audience_fields import DECAYING
from ziggurat.program.audience_rules import InvalidAudienceError, RuleSet
from ziggurat.store import audience_lock
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audience_upkeep, audiences, members
from ziggurat.store.repositories.audiences import RuleRow
from ziggurat.store.tables.base import canonical_json

DAY_S = 86_400


def checked_rules(said: Sequence[SaidRule]) -> RuleSet:
    """The rules as evaluators read them.

    Raises:
        InvalidAudienceError: with every fault of the rules.
    """
    return grouped(said)


def checked_texts(name: str, description: str, metadata: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """What an audience is called and described with.

    Raises:
        InvalidRequestError: some of it cannot be kept.
    """
    kept = dict(metadata)
    try:
        size = len(canonical_json(kept).encode())
    except (TypeError, ValueError):
        raise InvalidRequestError("metadata", "must be plain JSON values") from None
    if size > limits.METADATA_BYTES_MAX:
        raise InvalidRequestError("metadata", f"is larger than {limits.METADATA_BYTES_MAX} bytes")
    return require_name("name", name), require_text("description", description), kept


def checked_interval(seconds: int | None) -> int | None:
    """How often an audience is refreshed.

    Raises:
        InvalidRequestError: too often, or hardly ever.
    """
    least, most = limits.REFRESH_INTERVAL_S_MIN, limits.REFRESH_INTERVAL_S_MAX
    if seconds is not None and not least <= seconds <= most:
        raise InvalidRequestError("refresh_interval_s", f"must be {least} to {most} seconds")
    return seconds


def default_interval(rules: RuleSet, seconds: int | None) -> int | None:
    """How often to refresh when nobody says: daily where rules ask about what decays, else never; events do it."""
    if seconds is None and any(field.key in DECAYING for field in rules.fields):
        return DAY_S
    return seconds


def checked_group(group: AudienceGroup | None) -> AudienceGroup | None:
    """The group with a name and a key that can be kept.

    Raises:
        InvalidRequestError: one of them cannot.
    """
    if group is None:
        return None
    key = require_name("group.key", group.key, limits.IDENTIFIER_CHARACTERS_MAX)
    name = require_text("group.name", group.name, limits.NAME_CHARACTERS_MAX)
    return AudienceGroup(key, name, require_text("group.kind", group.kind, limits.NAME_CHARACTERS_MAX))


def checked_tier(connection: Connection, context: Context, program: str | None, tier: str | None) -> str:
    """The id of the tier that an audience of kind `tier` holds; `tier` is its id or its name.

    Raises:
        InvalidAudienceError: program or tier are not said.
        NotFoundError: there is no such program.
        UnknownTierError: it has no such tier.
    """
    missing = [Fault(name, "must be said") for name, said in (("program", program), ("tier", tier)) if not said]
    if missing or program is None or tier is None:
        raise InvalidAudienceError(missing)
    loaded = load_program(connection, context, program)
    for ladder in reversed(loaded.ladders):
        for step in ladder:
            if tier in (step.key, step.name):
                return step.key
    raise UnknownTierError(program, tier, (step.name for ladder in loaded.ladders[-1:] for step in ladder))


def rule_rows(audience_id: int, said: Sequence[SaidRule]) -> list[RuleRow]:
    """Rules as they are stored; new ones get ids."""
    return [
        RuleRow(audience_id, place, rule.id or new_id("rul"), rule.group, rule.field, rule.operator, list(rule.values))
        for place, rule in enumerate(said)
    ]


def definitions_changed(connection: Connection, context: Context) -> None:
    """Say, last in a transaction that changes definitions, that what others have in memory of them is old."""
    audience_lock.take(connection, context.scope)
    audience_upkeep.begin(connection, context.scope, limits.HALF_LIFE_DAYS, context.now)
    audience_upkeep.touch(connection, context.scope)


def begin_profiles(context: Context) -> None:
    """Keep profiles from now on, if that has not begun yet; with few members, everybody has one afterwards."""
    with context.database.reading() as connection:
        upkeep = audience_upkeep.get(connection, context.scope)
    if upkeep is None:
        context.database.write(
            lambda connection: audience_upkeep.begin(connection, context.scope, limits.HALF_LIFE_DAYS, context.now)
        )
    if upkeep is None or upkeep.profiles_ready_at is None:
        fill(context, [])


def fill(context: Context, public_ids: Sequence[str]) -> bool:
    """Fill audiences whose definitions have just changed: at once for few members (True), by the worker for many."""
    with context.database.reading() as connection:
        few = members.is_at_most(connection, context.scope, limits.MEMBERS_AT_ONCE_MAX)
    if few:
        build_profiles(context)
        for public_id in public_ids:
            refresh_audience(context, public_id)
    return few


def require_room(connection: Connection, context: Context, more: int) -> None:
    """Refuse more audiences than are looked at for every event.

    Raises:
        InvalidRequestError: there would be too many.
    """
    if len(audiences.ruled(connection, context.scope)) + more > limits.AUDIENCES_MAX:
        raise InvalidRequestError("rules", f"would be the rules of more than {limits.AUDIENCES_MAX} audiences")
