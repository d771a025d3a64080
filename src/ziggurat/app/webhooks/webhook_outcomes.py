"""What a try to deliver means: done, once more later, given up, or the endpoint switched off."""

from __future__ import annotations

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.webhooks.endpoint_views import message_id
from ziggurat.app.webhooks.webhook_types import DELIVERY_FAILED
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Connection
from ziggurat.store.repositories import members, outbox, webhooks
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.repositories.webhooks import Attempt, Delivery, Endpoint
from ziggurat.store.tables.service import DeliveryState

_FIRST_WAIT_US = 5_000_000
_LONGEST_WAIT_US = 6 * 3_600_000_000
_WAITS_GROW_BY = 3
_GIVE_UP_AFTER_US = 3 * 86_400_000_000
_SWITCH_OFF_AFTER_US = 5 * 86_400_000_000
_GONE = 410
_OK = range(200, 300)


def note_outcome(context: Context, endpoint: Endpoint, delivery: Delivery, attempt: Attempt, jitter: float) -> None:
    """Log `attempt` and decide what becomes of the delivery; `jitter` (0 to 1) spreads repetitions.

    Waits grow threefold from five seconds to six hours; after three days the delivery has failed. An endpoint that has
    taken nothing for five days, or says that it is gone, is switched off.
    """

    def work(connection: Connection) -> None:
        found = webhooks.endpoint(connection, context.scope, endpoint.public_id, lock=True)
        if found is None:
            return  # removed while the message was on its way
        current = webhooks.delivery(connection, context.scope, delivery.id, lock=True)
        if current is None:
            return
        told = _without_names(connection, context, current, attempt._replace(number=current.attempts + 1))
        if told.status is not None and told.status in _OK:
            webhooks.record_attempt(connection, context.scope, told, DeliveryState.DELIVERED)
            if found.failing_since is not None:
                webhooks.save_endpoint(connection, context.scope, found._replace(failing_since=None))
            return
        if current.state is not DeliveryState.PENDING:  # given up, or done by another sender, while this one tried
            webhooks.record_attempt(connection, context.scope, told, current.state)
            return
        again = told.at + wait_after(told.number, jitter)
        is_over = again >= current.created_at + _GIVE_UP_AFTER_US
        state = DeliveryState.FAILED if is_over else DeliveryState.PENDING
        webhooks.record_attempt(connection, context.scope, told, state, next_attempt_at=None if is_over else again)
        is_off = _note_failure(connection, context, found, told)
        if is_over or is_off:
            _announce(connection, context, found, current, told)

    context.database.write(work)


def _without_names(connection: Connection, context: Context, delivery: Delivery, attempt: Attempt) -> Attempt:
    """An answer may repeat what was sent: it is not kept if the member was erased meanwhile."""
    about = [] if delivery.member_id is None else [delivery.member_id]
    gone = any(member.erased_at is not None for member in members.by_ids(connection, context.scope, about).values())
    return attempt._replace(answer=None, error=None) if gone else attempt


def wait_after(number: int, jitter: float) -> int:
    """How long to wait after try `number`, in microseconds: up to a fifth more or less than planned."""
    planned = min(_FIRST_WAIT_US * _WAITS_GROW_BY ** min(number - 1, 20), _LONGEST_WAIT_US)
    return int(planned * (0.8 + 0.4 * jitter))


def _announce(
    connection: Connection, context: Context, endpoint: Endpoint, delivery: Delivery, attempt: Attempt
) -> None:
    """Tell other endpoints that ask for it; what tells of a failure may fail in its turn, but is not told of again."""
    if DELIVERY_FAILED not in webhooks.types_asked_for(connection, context.scope):
        return
    message = outbox.get_many(connection, context.scope, {delivery.outbox_id})[delivery.outbox_id]
    if message.type == DELIVERY_FAILED:
        return
    data = {
        "endpoint": endpoint.public_id,
        "delivery": str(delivery.id),
        "message": message_id(message.id),
        "type": message.type,
        "attempts": attempt.number,
        "status": attempt.status,
        "at": calendar("UTC").format(attempt.at),
    }
    outbox.add(connection, context.scope, [Message(DELIVERY_FAILED, data, context.now, context.now)])


def _note_failure(connection: Connection, context: Context, endpoint: Endpoint, attempt: Attempt) -> bool:
    """Note since when an endpoint fails; whether it was switched off."""
    since = endpoint.failing_since if endpoint.failing_since is not None else attempt.at
    is_gone = attempt.status == _GONE
    is_off = is_gone or attempt.at - since >= _SWITCH_OFF_AFTER_US
    if is_off:
        reason = "it answered 410 Gone" if is_gone else "nothing was taken for five days"
        off = endpoint._replace(enabled=False, disabled_reason=reason, failing_since=since, updated_at=context.now)
        webhooks.save_endpoint(connection, context.scope, off)
        webhooks.cancel_pending(connection, context.scope, endpoint.id, context.now)
        record(connection, context, "webhook.switched_off", f"webhook:{endpoint.public_id}", reason=reason)
    elif endpoint.failing_since is None:
        webhooks.save_endpoint(connection, context.scope, endpoint._replace(failing_since=since))
    return is_off
