"""Where a card's holder stands on a ladder, what threatens her, what she may reach, and how she came there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.members.read_member import read_member
from ziggurat.app.members.read_timeline import read_timeline
from ziggurat.app.members.views import StandingView, TransitionView
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.voucherify import tier_rules
from ziggurat.http.faces.voucherify.dialect import Dialect
from ziggurat.http.faces.voucherify.ids import derived_id, is_id, tier_id
from ziggurat.http.faces.voucherify.structures import Structure
from ziggurat.http.faces.voucherify.translate_tiers import shown_tiers
from ziggurat.http.json_text import number
from ziggurat.program.amounts import ceil_units
from ziggurat.program.model import Applies, Tier
from ziggurat.store.errors import NotFoundError

_PAGE = 500
TYPES = {
    "joined": "JOINED",
    "left": "LEFT",
    "upgraded": "UPGRADED",
    "downgraded": "DOWNGRADED",
    "renewed": "PROLONGED",
}
Wire = dict[str, Any]


def show_progress(context: Context, structure: Structure, member: str, dialect: Dialect) -> Wire | None:
    """`tier_progress` of a card whose points are kept under `member`; None where nobody knows her yet."""
    standing = _standing(context, structure, member, None)
    if standing is None:
        return None
    deferred = _deferred(context, structure, member, standing)
    named = {each["tier"]["id"] for each in deferred}
    opportunities = [each for each in _opportunities(structure, standing) if each["tier"]["id"] not in named]
    return {
        "current": _current(structure, standing, dialect),
        "tier_structure": {"id": structure.id, "object": "tier_structure"},
        "deferred": deferred,
        "risks": _risks(structure, standing),
        "opportunities": opportunities,
        "object": "member_tier_progress",
    }


def tier_transactions(context: Context, structure: Structure, member: str, ids: Mapping[str, Any]) -> list[Wire]:
    """Every move of a card's holder on the ladder, oldest first; `ids` say whose."""
    moves: list[TransitionView] = []
    after = None
    while True:
        try:
            page = read_timeline(
                context, member, program=structure.public_id, superseded=True, after=after, limit=_PAGE
            )
        except NotFoundError:
            return []
        moves += page.items
        if page.next is None:
            break
        after = page.next
    told = [_transaction(structure, place, move, ids) for place, move in enumerate(moves)]
    return [each for each in told if each is not None]


def _standing(context: Context, structure: Structure, member: str, as_of: int | None) -> StandingView | None:
    try:
        view = read_member(context, member, program=structure.public_id, as_of=as_of)
    except NotFoundError:
        return None
    return view.programs[0] if view.programs else None


def _current(structure: Structure, standing: StandingView, dialect: Dialect) -> Wire:
    tier = _tier(structure, standing.tier)
    points: Wire | None = None
    if tier is not None:
        ladder = shown_tiers(structure.program)
        rules = tier_rules.shown_rules(ladder, structure.program.qualification)[ladder.index(tier)][0]
        points = {"current": number(standing.value), "min": number(ceil_units(rules.low)) if rules.low else 0}
        if rules.high is not None:
            points["max"] = number(ceil_units(rules.high))
    told = {
        "start_at": _at(standing.since) if tier else None,
        "expires_at": _at(standing.expires_at) if tier else None,
        "points": points,
    }
    named = _named(structure, tier)
    return {"tier": named, **told} if dialect is Dialect.NEWER else {**(named or {"id": None, "name": None}), **told}


def _deferred(context: Context, structure: Structure, member: str, standing: StandingView) -> list[Wire]:
    """What the points of this period have reached, from the next one on."""
    own = structure.program.qualification
    if own.applies is not Applies.NEXT_PERIOD or standing.next_decision_at is None:
        return []
    then = _standing(context, structure, member, standing.next_decision_at)
    ladder = [tier.name for tier in shown_tiers(structure.program)]
    now = ladder.index(standing.tier) if standing.tier in ladder else -1
    if then is None or then.tier not in ladder or ladder.index(then.tier) <= now:
        return []
    named = _named(structure, _tier(structure, then.tier))
    return [{"tier": named, "start_at": _at(then.since), "expires_at": _at(then.expires_at)}]


def _risks(structure: Structure, standing: StandingView) -> list[Wire]:
    said = []
    for risk in standing.risks:
        tier = _tier(structure, risk.tier_after)
        kind = "TIER_LEFT" if tier is None else "TIER_DOWNGRADE"
        said.append({"type": kind, "date": _at(risk.at), "tier": _named(structure, tier)})
    return said


def _opportunities(structure: Structure, standing: StandingView) -> list[Wire]:
    said = []
    for each in standing.opportunities:
        tier = _tier(structure, each.tier)
        if tier is not None and each.tier != standing.tier:
            said.append({"valid_until": _at(each.by), "tier": _named(structure, tier), "points": number(each.missing)})
    return said


def _transaction(structure: Structure, place: int, move: TransitionView, ids: Mapping[str, Any]) -> Wire | None:
    before, after = _tier(structure, move.from_tier), _tier(structure, move.to_tier)
    kind = TYPES.get(move.kind, "")
    if move.kind != "renewed":
        kind = "JOINED" if before is None else "LEFT" if after is None else kind
    if (before is None and after is None) or not kind:
        return None  # within what the vendor does not show
    rejected = move.superseded_at is not None
    at = _at(move.at)
    shown_before = None if kind in ("JOINED", "PROLONGED") else _id(structure, before)
    return {
        "id": derived_id("lttx", structure.id, str(ids["card_id"]), str(move.at), str(place)),
        **ids,
        "tier_structure_id": structure.id,
        "tier_id": _id(structure, after),
        "type": kind,
        "details": {
            "points": None if move.value is None else number(move.value),
            "tier_from": shown_before,
            "tier_to": _id(structure, after),
            "origin": _origin(move, kind),
            "rejection": {"reason": "SUPERSEDED_BY_LATER_TRANSACTION", "details": None} if rejected else None,
            "start_at": at if after else None,
            "expires_at": _at(move.expires_at) if after else None,
        },
        # nothing is queued here (unknown 22 of the sheet)
        "status": "REJECTED" if rejected else "APPROVED",
        "created_at": at,
        "updated_at": at if move.superseded_at is None else _at(move.superseded_at),
        "object": "tier_transaction",
    }


def _origin(move: TransitionView, kind: str) -> Wire:
    if move.cause != "event":
        return {"type": "daily_task_operations", "card_transaction_ids": []}
    if is_id("lctx", move.event_id):
        return {"type": "card_operations", "card_transaction_ids": [move.event_id]}
    if kind == "JOINED" and move.event_id.startswith("lmbr_"):
        return {"type": "member_card_created", "card_transaction_ids": []}
    return {"type": "card_operations", "card_transaction_ids": []}


def _tier(structure: Structure, name: str) -> Tier | None:
    return next((tier for tier in shown_tiers(structure.program) if tier.name == name), None) if name else None


def _id(structure: Structure, tier: Tier | None) -> str | None:
    return tier_id(structure.public_id, tier.key) if tier else None


def _named(structure: Structure, tier: Tier | None) -> Wire | None:
    return {"id": _id(structure, tier), "name": tier.name} if tier else None


def _at(instant: int | None) -> str | None:
    return None if instant is None else millisecond_text(instant)
