"""How an attribute is spread over all consumers, for cutting it into tiers."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from ziggurat.app.audiences.measure_distribution import Bucket, measure_distribution
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare import wire_consumers as wire
from ziggurat.http.faces.fanfare.consumer_view import MONEY
from ziggurat.http.faces.fanfare.fields import TIER_FIELDS
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Issue
from ziggurat.http.json_text import number
from ziggurat.program.amounts import format_units

_NAMES = ("field", "attribute")
_CENT = Decimal("0.01")


def _distribution(visit: Visit) -> Any:
    """Unknown 29: the attribute is asked for as `field` (or `attribute`)."""
    given = dict(visit.request.query_params)
    name = next((name for name in _NAMES if name in given), _NAMES[0])
    field = given.get(name)
    if field not in TIER_FIELDS:
        listed = " | ".join(f'"{each}"' for each in TIER_FIELDS)
        received = "undefined" if field is None else f'"{field[:100]}"'
        message = f"Invalid type: Expected ({listed}) but received {received}"
        raise InvalidInputError([Issue((name,), "picklist", f"({listed})", received, message)], given)
    found = measure_distribution(visit.context, TIER_FIELDS[field])

    def shown(units: int) -> Any:
        return format_units(units) if field in MONEY else number(units)

    def bucket(each: Bucket) -> dict[str, Any]:
        percentage = Decimal(100 * each.members) / found.members
        return {
            "range": f"{format_units(each.low)}-{format_units(each.high)}",
            "value": each.members,
            "x": number((each.low + each.high) // 2),
            "percentage": percentage.quantize(_CENT, ROUND_HALF_EVEN),
            "minValue": shown(each.low),
            "maxValue": shown(each.high),
        }

    return {
        "field": field,
        "buckets": [bucket(each) for each in found.buckets],
        "stats": {
            "min": shown(found.least),
            "max": shown(found.most),
            "mean": shown(found.mean),
            "median": shown(found.median),
            "stdDev": shown(found.deviation),
        },
        "totalCount": found.members,
    }


DISTRIBUTION_ROUTES = (
    FaceRoute(
        method="GET",
        path="/consumers/distribution",
        scope=KeyScope.READ,
        run=_distribution,
        summary="See how an attribute is spread over consumers",
        answer=wire.ConsumerDistribution,
        parameters=[
            {"name": "field", "in": "query", "required": True, "schema": {"type": "string", "enum": list(TIER_FIELDS)}}
        ],
    ),
)
