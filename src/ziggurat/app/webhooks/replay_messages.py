"""Send all messages about a stretch of time to a webhook endpoint once more."""

from __future__ import annotations

from collections.abc import Collection

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, WrongStateError
from ziggurat.app.webhooks.endpoint_views import require_endpoint
from ziggurat.app.webhooks.ping_endpoint import pending
from ziggurat.store.database import Connection
from ziggurat.store.repositories import outbox, webhooks

REPLAYED_MAX = 1_000


def replay_messages(context: Context, endpoint: str, *, types: Collection[str], since: int, until: int) -> int:
    """How many messages go to the endpoint again, under the ids they had; each in the order of the first time.

    Messages of these types about what happened from `since` to (not including) `until`, UTC microseconds.

    Raises:
        NotFoundError: no such endpoint.
        WrongStateError: it is switched off.
        InvalidRequestError: `until` is not after `since`, or there are more than REPLAYED_MAX messages.
    """
    if until <= since:
        raise InvalidRequestError("until", "must be after since")

    def work(connection: Connection) -> int:
        found = require_endpoint(connection, context, endpoint)
        if not found.enabled:
            raise WrongStateError("webhook endpoint", endpoint, "switched off", ("enabled",))
        again = outbox.page(connection, context.scope, types=types, since=since, until=until, limit=REPLAYED_MAX + 1)
        if len(again) > REPLAYED_MAX:
            raise InvalidRequestError("until", f"makes it more than {REPLAYED_MAX} messages: ask for less time")
        webhooks.add_deliveries(
            connection, context.scope, [pending(found.id, one.id, one.member_id, context.now) for one in again]
        )
        record(connection, context, "webhook.replayed", f"webhook:{endpoint}", messages=len(again))
        return len(again)

    return context.database.write(work)
