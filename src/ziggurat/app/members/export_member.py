"""Hand out everything that is kept about a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.events.find_member import find_standing
from ziggurat.app.members.ledger_of import ledger_of
from ziggurat.app.members.list_overrides import member_overrides
from ziggurat.app.members.read_member import member_view
from ziggurat.app.members.read_timeline import read_timeline
from ziggurat.program.amounts import format_units
from ziggurat.program.calendar import calendar
from ziggurat.program.events import Event

_UTC = calendar("UTC")
_INSTANTS = frozenset(
    {
        "at",
        "by",
        "since",
        "until",
        "occurred_at",
        "recorded_at",
        "created_at",
        "enrolled_at",
        "erased_at",
        "ended_at",
        "expires_at",
        "grace_until",
        "next_decision_at",
        "superseded_at",
    }
)
_AMOUNTS = frozenset({"points", "amount", "quantity", "missing", "threshold"})


def export_member(context: Context, member: str) -> Mapping[str, Any]:
    """Everything about the member as JSON values: instants ISO 8601 in UTC, amounts decimal text.

    Raises:
        NotFoundError: no such member.
    """
    moves = read_timeline(context, member, superseded=True, limit=limits.EVENTS_PER_REQUEST_MAX)
    with context.database.reading() as connection:
        view = member_view(connection, context, member)
        _, standing = find_standing(connection, context, member)
        rows = ledger_of(connection, context, standing)
        overrides = member_overrides(connection, context, standing)
    return {
        "exported_at": _UTC.format(context.now),
        "member": _plain(asdict(view), "value"),
        "events": [{**_event(row.event), "recorded_at": _UTC.format(row.recorded_at)} for row in rows],
        "timeline": [_plain(asdict(move), "value") for move in moves.items],
        "overrides": [_plain(asdict(override)) for override in overrides],
    }


def _event(event: Event) -> dict[str, Any]:
    said = {name: value for name, value in _plain(asdict(event)).items() if value not in (None, "")}
    if event.qualifying:
        del said["qualifying"]
    return said


def _plain(value: Any, *amounts: str) -> Any:
    if isinstance(value, dict):
        return {key: _field(key, each, amounts) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, *amounts) for each in value]
    return value


def _field(key: str, value: Any, amounts: tuple[str, ...]) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        if key in _INSTANTS:
            return _UTC.format(value)
        if key in _AMOUNTS or key in amounts:
            return format_units(value)
    return _plain(value, *amounts)
