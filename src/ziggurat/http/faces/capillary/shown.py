"""Answers: a tier as an editor sees it, a record as a reviewer does, a live tier as the list tells it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.capillary.changes import content_of
from ziggurat.http.faces.capillary.errors import Said, messages
from ziggurat.http.faces.capillary.numbers import slab_number
from ziggurat.http.faces.capillary.records import Ladder, Record
from ziggurat.program.model import Tier

_MODES = ("upgrade", "renewal", "downgrade", "reminders")


def answer(data: Any, warnings: tuple[Said, ...] = ()) -> dict[str, Any]:
    """What is answered on success."""
    return {"data": data, "errors": None, "warnings": messages(warnings)}


def second_text(microseconds: int) -> str:
    """An instant in UTC to the second.

    >>> second_text(1_781_181_276_000_000)
    '2026-06-11T12:34:36Z'
    """
    return millisecond_text(microseconds)[:-5] + "Z"


def editor_view(ladder: Ladder, record: Record) -> dict[str, Any]:
    """A record as the answer to an update."""
    said: dict[str, Any] = {
        "tierUniqueId": record.tierUniqueId,
        "objectId": record.object_id,
        "name": record.name,
        "description": record.description,
        "color": record.color,
        "serialNumber": record.serialNumber,
        "eligibility": eligibility_shown(record.eligibility),
        "meta": meta(record),
        "status": record.status,
        "origin": "MONGO_ONLY" if ladder.tier(record.tier) is None else "BOTH",
    }
    return said | _renewal(record.validity)


def record_view(ladder: Ladder, record: Record, organization: int) -> dict[str, Any]:
    """A record as a reviewer sees it."""
    live = ladder.tier(record.tier)
    validity = record.validity
    return {
        "objectId": record.object_id,
        "tierUniqueId": record.tierUniqueId,
        "orgId": organization,
        "programId": ladder.number,
        "status": record.status,
        "parentId": record.parentId,
        "version": record.version,
        "slabId": slab_number(ladder.id, live) if live else None,
        "name": record.name,
        "description": record.description,
        "color": record.color,
        "serialNumber": record.serialNumber,
        "eligibility": eligibility_shown(record.eligibility),
        "validity": None if validity is None else dict(validity),
        "downgrade": None,
        "engineConfig": None,
        "meta": meta(record),
        "comments": record.comments,
    }


def live_view(ladder: Ladder, tier: Tier, *, customers: int | None, now: int) -> dict[str, Any]:
    """A published tier."""
    record = ladder.active(tier)
    content = content_of(ladder.program, tier)
    said: dict[str, Any] = {"slabId": slab_number(ladder.id, tier)}
    draft = ladder.draft(tier.key)
    if record:
        said |= {"tierUniqueId": record.tierUniqueId, "objectId": record.object_id}
    elif draft:  # made elsewhere, and edited here
        said["tierUniqueId"] = draft.tierUniqueId
    dates = {"createdAt": second_text(ladder.created_at), "updatedAt": second_text(ladder.created_at)}
    said |= {
        "name": tier.name,
        "description": tier.description,
        "color": tier.color,
        "serialNumber": ladder.serial_of(tier),
        "tierStartDate": second_text(record.row.created_at if record else ladder.created_at),
        "eligibility": eligibility_shown(content["eligibility"]),
        "communicationModeConfig": {mode: [] for mode in _MODES},
        "meta": meta(record) if record else dates,
    }
    if customers is not None:
        said |= {"customerCount": customers, "countRefreshedAt": second_text(now)}
    said |= {"status": "LIVE", "origin": "BOTH" if record or draft else "LEGACY_SQL_ONLY"}
    return said | _renewal(content["validity"])


def meta(record: Record) -> dict[str, Any]:
    """Who made and changed a record, and when."""
    return {
        "createdBy": record.createdBy.removeprefix("key:"),
        "createdAt": second_text(record.row.created_at),
        "updatedBy": record.updatedBy.removeprefix("key:"),
        "updatedAt": second_text(record.updatedAt),
    }


def eligibility_shown(said: Mapping[str, Any]) -> dict[str, Any]:
    """An eligibility as it is answered: the threshold always with a fraction."""
    if "threshold" not in said:
        return dict(said)
    threshold = said["threshold"]
    return {**said, "threshold": Decimal(threshold if "." in threshold else f"{threshold}.0")}


def _renewal(validity: Mapping[str, Any] | None) -> dict[str, Any]:
    """The period as an editor sees it, where it is text; nothing without a period."""
    if validity is None:
        return {}
    return {
        "renewal": {
            "periodType": validity["periodType"],
            "periodValue": str(validity["periodValue"]),
            "unit": validity["unit"],
            "criteriaType": validity["renewal"]["criteriaType"],
        }
    }
