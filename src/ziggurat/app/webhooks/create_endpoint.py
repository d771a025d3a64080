"""Make a webhook endpoint."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from secrets import token_bytes
from typing import Any

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.public_ids import new_id
from ziggurat.app.webhooks.endpoint_views import endpoint_view
from ziggurat.app.webhooks.views import CreatedEndpoint
from ziggurat.app.webhooks.webhook_targets import check_url
from ziggurat.app.webhooks.webhook_types import WEBHOOK_TYPES
from ziggurat.program.near_words import did_you_mean
from ziggurat.store.database import Connection
from ziggurat.store.repositories import webhooks
from ziggurat.store.repositories.webhooks import Endpoint

NATIVE = "native"
_PREFIX = "whsec_"
_SECRET_MIN, _SECRET_MAX = 8, 200


def create_endpoint(
    context: Context,
    *,
    url: str,
    types: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    dialect: str = NATIVE,
    private_targets: bool = False,
    secret: str | None = None,
) -> CreatedEndpoint:
    """A new endpoint, and its signing secret, which is shown this once.

    Args:
        context: who asks.
        url: where to post to.
        types: the message types wanted (webhook_types), () for all.
        settings: the caller's own.
        dialect: in which envelope messages go: `native`, or one that a face knows.
        private_targets: whether addresses that are not on the open internet are allowed.
        secret: one of the caller's own for the signatures of a dialect, in any form; None makes one.

    Raises:
        WebhookTargetRefusedError: nothing is posted to that URL.
        InvalidRequestError: an unknown type, or a secret that is none.
    """
    check_url(url, private_targets=private_targets)
    require_types(types)
    signing = new_signing_secret() if secret is None else _checked_secret(secret)

    def work(connection: Connection) -> CreatedEndpoint:
        made = webhooks.create_endpoint(
            connection,
            context.scope,
            Endpoint(
                id=0,
                public_id=new_id("whe"),
                url=url,
                dialect=dialect,
                types=list(types),
                secrets=[signing],
                settings=dict(settings or {}),
                enabled=True,
                disabled_reason=None,
                failing_since=None,
                created_at=context.now,
                updated_at=context.now,
                version=1,
            ),
        )
        record(connection, context, "webhook.created", f"webhook:{made.public_id}", url=url, types=list(types))
        return CreatedEndpoint(endpoint_view(made), signing)

    return context.database.write(work)


def new_signing_secret() -> str:
    """A new secret in the form of the Standard Webhooks specification: 256 random bits."""
    return _PREFIX + b64encode(token_bytes(32)).decode()


def is_signing_secret(secret: str) -> bool:
    """Whether a secret has the form of the Standard Webhooks specification."""
    try:
        return bool(b64decode(secret.removeprefix(_PREFIX), validate=True))
    except ValueError:
        return False


def _checked_secret(secret: str) -> str:
    if not _SECRET_MIN <= len(secret) <= _SECRET_MAX or not (secret.isascii() and secret.isprintable()):
        raise InvalidRequestError("secret", f"must be {_SECRET_MIN} to {_SECRET_MAX} printable ASCII characters")
    return secret


def require_types(types: Sequence[str]) -> None:
    """See that every type is one that messages have.

    Raises:
        InvalidRequestError: one is not.
    """
    unknown = [type_ for type_ in types if type_ not in WEBHOOK_TYPES]
    if unknown:
        raise InvalidRequestError(
            "types", f"has {unknown[0]!r}, which is no type of message: {did_you_mean(unknown[0], WEBHOOK_TYPES)}"
        )
