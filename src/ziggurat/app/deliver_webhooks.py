"""Send the messages that are due, signed as the Standard Webhooks specification says, and remember what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any, TypeAlias

import httpx2
from standardwebhooks import Webhook

from ziggurat.app.context import Context
from ziggurat.app.create_endpoint import NATIVE
from ziggurat.app.endpoint_views import message_id
from ziggurat.app.errors import WebhookTargetRefusedError
from ziggurat.app.rotate_secret import ROTATED_AT
from ziggurat.app.run_due import WORKER
from ziggurat.app.webhook_outcomes import note_outcome
from ziggurat.app.webhook_targets import Target, resolve_target
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Connection, Database
from ziggurat.store.repositories import outbox, webhooks
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.repositories.webhooks import Attempt, Delivery, Endpoint
from ziggurat.store.scope import Scope

Renderer: TypeAlias = Callable[[Context, Endpoint, Message], tuple[bytes, Mapping[str, str]]]
"""A message in a dialect's envelope: the body, and headers of its own. The context is the organization's, now."""

_LEASE_US = 120_000_000
_TIMEOUT_S = 15.0
_AT_ONCE = 8
_BATCH = 64
_ANSWER_BYTES = 1_000
_OLD_SECRET_US = 86_400_000_000
_UTC = calendar("UTC")
_random = SystemRandom().random


@dataclass(frozen=True, slots=True)
class Shipment:
    """One message on its way to one endpoint."""

    endpoint: Endpoint
    delivery: Delivery
    message: Message


def native_envelope(
    context: Context,  # noqa: ARG001 - a renderer's signature
    endpoint: Endpoint,  # noqa: ARG001
    message: Message,
) -> tuple[bytes, Mapping[str, str]]:
    """The native body: type, timestamp and data."""
    said = {"type": message.type, "timestamp": _UTC.format(message.occurred_at), "data": message.payload}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode(), {}


def deliver_webhooks(
    database: Database,
    clock: Callable[[], int],
    *,
    private_targets: bool = False,
    renderers: Mapping[str, Renderer] | None = None,
    jitter: Callable[[], float] = _random,
    limit: int = _BATCH,
) -> int:
    """Send up to `limit` due messages of each organization; how many were tried.

    Of one member's messages to an endpoint the next is only sent when the one before is done with. Nothing is written
    while sending, and a sender that dies leaves its messages to others after two minutes: receivers know a repetition
    by its `webhook-id`.

    Args:
        database: where everything is kept.
        clock: the time, UTC microseconds.
        private_targets: whether addresses that are not on the open internet are allowed.
        renderers: the envelopes of dialects other than the native one.
        jitter: a number from 0 to 1, by which repetitions are spread.
        limit: messages at once for each organization.
    """
    now = clock()
    envelopes = {NATIVE: native_envelope, **(renderers or {})}
    with database.reading() as connection:
        waiting = webhooks.organizations_waiting(connection, now)
    sent = 0
    for scope in waiting:
        shipments = database.write(lambda connection, scope=scope: _claim(connection, scope, now, limit))  # type: ignore[misc]
        with httpx2.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            at_work = Context(database, scope, WORKER, now)
            sender = _Sender(at_work, client, clock, envelopes, private_targets=private_targets)
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                for shipment, attempt in zip(shipments, pool.map(sender.send, shipments), strict=True):
                    context = Context(database, scope, WORKER, clock())
                    note_outcome(context, shipment.endpoint, shipment.delivery, attempt, jitter())
        sent += len(shipments)
    return sent


def _claim(connection: Connection, scope: Scope, now: int, limit: int) -> list[Shipment]:
    taken = webhooks.claim_due(connection, scope, now=now, lease_until=now + _LEASE_US, limit=limit)
    endpoints = {endpoint.id: endpoint for endpoint in webhooks.endpoints(connection, scope)}
    messages = outbox.get_many(connection, scope, {delivery.outbox_id for delivery in taken})
    return [Shipment(endpoints[each.endpoint_id], each, messages[each.outbox_id]) for each in taken]


class _Sender:
    def __init__(
        self,
        context: Context,
        client: httpx2.Client,
        clock: Callable[[], int],
        envelopes: Mapping[str, Renderer],
        *,
        private_targets: bool,
    ) -> None:
        self.context = context
        self.client = client
        self.clock = clock
        self.envelopes = envelopes
        self.private_targets = private_targets

    def send(self, shipment: Shipment) -> Attempt:
        """Try once; what happened, whatever it was."""
        began = self.clock()
        status, error, answer = None, None, None
        try:
            target = resolve_target(shipment.endpoint.url, private_targets=self.private_targets)
            status, answer = self._post(target, *self._signed(shipment, began))
        except WebhookTargetRefusedError as refused:
            error = refused.problem
        except httpx2.TimeoutException:
            error = "no answer in time"
        except httpx2.HTTPError as failure:
            error = f"{type(failure).__name__}: {failure}"[:200]
        except Exception as failure:  # noqa: BLE001 - one message's trouble is not the others'
            error = type(failure).__name__
        number, took = shipment.delivery.attempts + 1, self.clock() - began
        return Attempt(shipment.delivery.id, number, began, status, took, error, answer)

    def _signed(self, shipment: Shipment, now: int) -> tuple[bytes, dict[str, str]]:
        context = replace(self.context, now=now)
        body, headers = self.envelopes[shipment.endpoint.dialect](context, shipment.endpoint, shipment.message)
        id_, seconds = message_id(shipment.message.id), now // 1_000_000
        signed = {
            "content-type": "application/json",
            "user-agent": "Ziggurat-Webhooks/1",
            "webhook-id": id_,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signatures(shipment.endpoint, id_, seconds, body, now),
        }
        return body, {**signed, **headers}

    def _post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Post to the very address that was checked; the status, and the beginning of the answer."""
        address = f"[{target.address}]" if ":" in target.address else target.address
        url = f"{target.scheme}://{address}:{target.port}{target.path}"
        extensions: dict[str, Any] = {"sni_hostname": target.hostname} if target.scheme == "https" else {}
        all_headers = {**headers, "host": target.host}
        with self.client.stream("POST", url, content=body, headers=all_headers, extensions=extensions) as response:
            answer = b""
            for part in response.iter_raw(_ANSWER_BYTES):
                answer += part
                if len(answer) >= _ANSWER_BYTES:
                    break
            return response.status_code, answer[:_ANSWER_BYTES].decode(errors="replace")


def signatures(endpoint: Endpoint, id_: str, seconds: int, body: bytes, now: int) -> str:
    """The signatures of a message, one for each secret that is still good."""
    rotated = endpoint.settings.get(ROTATED_AT, 0)
    good = endpoint.secrets if now - rotated < _OLD_SECRET_US else endpoint.secrets[:1]
    at = datetime.fromtimestamp(seconds, UTC)
    return " ".join(Webhook(secret).sign(id_, at, body.decode()) for secret in good)
