"""Send signed messages, several at once, each within a time that no receiver can stretch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import httpx2
from standardwebhooks import Webhook

from ziggurat.app.context import Context
from ziggurat.app.errors import WebhookTargetRefusedError
from ziggurat.app.webhooks.create_endpoint import is_signing_secret
from ziggurat.app.webhooks.endpoint_views import message_id
from ziggurat.app.webhooks.rotate_secret import ROTATED_AT
from ziggurat.app.webhooks.webhook_targets import Target, resolve_target
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.repositories.webhooks import Attempt, Delivery, Endpoint

DEADLINE_S = 15.0
"""How long one try may take altogether, however slowly an answer drips in."""
_AT_ONCE = 8
_ANSWER_BYTES = 1_000
_OLD_SECRET_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Shipment:
    """One message on its way to one endpoint."""

    endpoint: Endpoint
    delivery: Delivery
    message: Message


Renderer: TypeAlias = Callable[[Context, Shipment], tuple[bytes, Mapping[str, str]]]
"""A message in a dialect's envelope: the body, and headers of its own. The context is the organization's, now."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends an organization's messages. `envelopes` are the renderers by dialect."""

    context: Context
    clock: Callable[[], int]
    envelopes: Mapping[str, Renderer]
    private_targets: bool
    deadline_s: float = DEADLINE_S

    def send_all(self, shipments: Sequence[Shipment]) -> list[Attempt]:
        """Try each once; what happened to each, whatever it was, in their order."""
        return asyncio.run(self._send_all(shipments))

    async def _send_all(self, shipments: Sequence[Shipment]) -> list[Attempt]:
        places = asyncio.Semaphore(_AT_ONCE)
        async with httpx2.AsyncClient(timeout=self.deadline_s, follow_redirects=False, trust_env=False) as client:

            async def one(shipment: Shipment) -> Attempt:
                async with places:
                    return await self._send(client, shipment)

            return await asyncio.gather(*map(one, shipments))

    async def _send(self, client: httpx2.AsyncClient, shipment: Shipment) -> Attempt:
        began = self.clock()
        status, error, answer = None, None, None
        try:
            target, body, headers = await asyncio.to_thread(self._made_ready, shipment, began)
            status, answer = await self._post(client, target, body, headers)
        except WebhookTargetRefusedError as refused:
            error = refused.problem
        except (TimeoutError, httpx2.TimeoutException):
            error = "no answer in time"
        except httpx2.HTTPError as failure:
            error = f"{type(failure).__name__}: {failure}"[:200]
        except Exception as failure:  # noqa: BLE001 - one message's trouble is not the others'
            error = type(failure).__name__
        number, took = shipment.delivery.attempts + 1, self.clock() - began
        return Attempt(shipment.delivery.id, number, began, status, took, error, answer)

    def _made_ready(self, shipment: Shipment, now: int) -> tuple[Target, bytes, dict[str, str]]:
        """Where to, and what: looking up names and rendering may wait, for a name server or the database."""
        endpoint, message = shipment.endpoint, shipment.message
        target = resolve_target(endpoint.url, private_targets=self.private_targets)
        body, headers = self.envelopes[endpoint.dialect](replace(self.context, now=now), shipment)
        id_, seconds = message_id(message.id), now // 1_000_000
        signed = {
            "content-type": "application/json",
            "user-agent": "Ziggurat-Webhooks/1",
            "webhook-id": id_,
            "webhook-timestamp": str(seconds),
        }
        if signature := signatures(endpoint, id_, seconds, body, now):
            signed["webhook-signature"] = signature
        return target, body, {**signed, **headers}

    async def _post(
        self, client: httpx2.AsyncClient, target: Target, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        """Post to the very address that was checked; the status, and the beginning of the answer.

        The status is the answer: what comes after it is only for the log, and may break off or take too long.
        """
        address = f"[{target.address}]" if ":" in target.address else target.address
        url = f"{target.scheme}://{address}:{target.port}{target.path}"
        extensions: dict[str, Any] = {"sni_hostname": target.hostname} if target.scheme == "https" else {}
        all_headers = {**headers, "host": target.host}
        status, answer = None, b""
        try:
            async with (
                asyncio.timeout(self.deadline_s),
                client.stream("POST", url, content=body, headers=all_headers, extensions=extensions) as response,
            ):
                status = response.status_code
                async for part in response.aiter_raw():
                    answer += part
                    if len(answer) >= _ANSWER_BYTES:
                        break
        except (TimeoutError, httpx2.HTTPError):
            if status is None:
                raise
        assert status is not None, "there was an answer"
        return status, answer[:_ANSWER_BYTES].decode(errors="replace").replace("\0", "\ufffd")  # no NUL in PostgreSQL


def signatures(endpoint: Endpoint, id_: str, seconds: int, body: bytes, now: int) -> str:
    """The signatures of a message, one for each secret that is still good.

    Secrets in a form of somebody else's are for the signatures of dialects only.
    """
    rotated = endpoint.settings.get(ROTATED_AT, 0)
    good = endpoint.secrets if now - rotated < _OLD_SECRET_US else endpoint.secrets[:1]
    at = datetime.fromtimestamp(seconds, UTC)
    return " ".join(Webhook(secret).sign(id_, at, body.decode()) for secret in good if is_signing_secret(secret))
