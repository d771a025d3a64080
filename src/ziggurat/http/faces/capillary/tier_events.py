"""Members' moves as the vendor's events, and registering for them (an extension: there it is done in a console)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.read_program import read_program
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.app.webhooks.deliver_webhooks import Shipment
from ziggurat.http.face_support.ids import derived_uuid
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.capillary import wire_members as wire
from ziggurat.http.faces.capillary.numbers import FACE, member_number, organization_number, program_number
from ziggurat.http.faces.capillary.reading import read_body
from ziggurat.http.faces.capillary.shown import answer
from ziggurat.http.json_text import render
from ziggurat.program.read import read_program as parse_program
from ziggurat.store.repositories.outbox import Message

EVENT_NAMES = {
    "tier.upgraded": "tierUpgraded",
    "tier.renewed": "tierRenewed",
    "tier.downgraded": "tierDowngraded",
}
_MILLISECOND = 1_000


def capillary_envelope(context: Context, shipment: Shipment) -> tuple[bytes, Mapping[str, str]]:
    """The message as the body that is posted to the endpoint."""
    endpoint, message = shipment.endpoint, shipment.message
    event_id = derived_uuid(FACE, "event", endpoint.public_id, str(message.id))
    event = {
        "eventName": EVENT_NAMES.get(message.type, message.type),
        "eventId": event_id,
        "orgId": organization_number(str(context.scope.organization_id)),
        "refId": event_id,
        "apiRequestId": event_id,
        "createdAt": message.occurred_at // _MILLISECOND,
        "data": _data(context, message) if message.type in EVENT_NAMES else dict(message.payload),
        "loyaltyEventId": event_id,
    }
    return render(event), {"content-type": "application/json"}


def _data(context: Context, message: Message) -> dict[str, Any]:
    move = message.payload
    view = read_program(context, move["program"])
    program = parse_program(view.document or {})
    tiers = [{"tierNumber": place, "tierName": tier.name} for place, tier in enumerate(program.ladder, 1)]
    numbers = {tier["tierName"]: tier["tierNumber"] for tier in tiers}
    number, member = program_number(view.id, program), move["member"]
    before, after = numbers.get(move["from_tier"], 0), numbers.get(move["to_tier"], 0)
    moved: dict[str, Any] = {
        "tier.upgraded": {"previousTierNumber": before, "upgradedTierNumber": after, "upgradeType": "STRATEGY"},
        "tier.renewed": {"currentTierNumber": after, "renewType": "STRATEGY"},
        "tier.downgraded": {"previousTierNumber": before, "downgradedTierNumber": after},
    }[message.type]
    return {
        "customerIdentifiers": {"customerId": member_number(member), "externalId": member},
        "entityInformation": {"entityId": member_number(member), "entityType": "CUSTOMER"},
        "loyaltyProgramId": number,
        "loyaltyProgramDetails": {"id": number, "name": program.name, "tiers": tiers},
        "triggeringActivity": move["cause"],
        "tierExpiryDate": move["expires_at"],
        "notes": "",
        **moved,
    }


def _register(visit: Visit) -> Any:
    asked = read_body(wire.WebhookRequest, visit.body)
    made = create_endpoint(
        visit.context,
        url=asked["url"],
        types=tuple(EVENT_NAMES),
        settings={},
        dialect=FACE,
        private_targets=visit.service.settings.webhook_private_targets,
    )
    return answer({"id": made.endpoint.id, "url": asked["url"], "secret": made.secret})


EVENT_ROUTES = (
    FaceRoute(
        method="POST",
        path="/ziggurat/v1/webhooks",
        scope=KeyScope.ADMIN,
        run=_register,
        summary="Register a webhook (not one of the vendor's operations)",
        body=wire.WebhookRequest,
        answer=wire.WebhookAnswer,
    ),
)
