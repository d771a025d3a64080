"""Messages as they are posted: the vendor's envelope, headers and signature."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from ziggurat.app.context import Context
from ziggurat.app.webhooks.deliver_webhooks import Shipment
from ziggurat.http.faces.fanfare.webhook_events import envelope
from ziggurat.http.json_text import render

_SECOND = 1_000_000


def fanfare_envelope(context: Context, shipment: Shipment) -> tuple[bytes, Mapping[str, str]]:
    """The body, and the vendor's headers; at every further try some more."""
    message, delivery, endpoint = shipment.message, shipment.delivery, shipment.endpoint
    said = envelope(context, message)
    body = render(said)
    timestamp = str(context.now // _SECOND)
    headers = {
        "user-agent": "Fanfare-Webhooks/1.0",
        "x-fanfare-signature": f"sha256={signature(endpoint.secrets[0], timestamp, body)}",
        "x-fanfare-timestamp": timestamp,
        "x-fanfare-event-type": said["type"],
        "x-fanfare-delivery-id": f"whd_{delivery.id}",
    }
    if delivery.attempts:
        headers |= {
            "x-fanfare-retry-count": str(delivery.attempts),
            "x-fanfare-original-time": str(message.occurred_at // _SECOND),
            "x-fanfare-webhook-id": endpoint.public_id,
        }
    return body, headers


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The vendor's signature: HMAC with SHA-256 over `TIMESTAMP.BODY`, in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, "sha256").hexdigest()
