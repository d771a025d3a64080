"""What is only kept for a while goes, and what somebody may still want stays."""

from dataclasses import replace

from tests.app.programs import earned, publish
from tests.app.test_webhooks import DAY, STEADY
from ziggurat import limits
from ziggurat.app.access.claim_request import claim_request
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.upkeep.forget_expired import forget_expired
from ziggurat.app.upkeep.worker import Worker
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.app.webhooks.dispatch_outbox import dispatch_outbox
from ziggurat.app.webhooks.list_deliveries import list_deliveries
from ziggurat.app.webhooks.replay_delivery import replay_delivery
from ziggurat.store.repositories import outbox, webhooks
from ziggurat.store.tables.service import DeliveryState

KEPT = limits.MESSAGES_KEPT_DAYS * DAY


def rows(context: Context, table: str) -> int:
    with context.database.reading() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_answers_go_when_they_have_expired(context: Context) -> None:
    for key, expires in (("old", context.now + DAY), ("new", context.now + 2 * DAY)):
        assert claim_request(context, key, key.encode(), expires, 1) is None
    assert forget_expired(context.database, context.now + DAY) == 1
    assert rows(context, "idempotency_records") == 1
    assert forget_expired(context.database, context.now + DAY) == 0


def test_messages_stay_while_they_can_be_sent_again(context: Context) -> None:
    publish(context, STEADY)
    made = create_endpoint(context, url="http://127.0.0.1:9/", types=["tier.joined"], private_targets=True).endpoint
    ingest_events(context, [earned("m", "2025-05-01", 600), earned("n", "2025-05-01", 600)])
    dispatch_outbox(context.database, context.now)
    first, second = list_deliveries(context, made.id, limit=9).items
    with context.database.writing() as connection:
        for each in (first, second):
            attempt = webhooks.Attempt(int(each.id), 1, context.now, 204, 1, None, "")
            webhooks.record_attempt(connection, context.scope, attempt, DeliveryState.DELIVERED)
    later = replace(context, now=context.now + KEPT)
    assert forget_expired(context.database, later.now) == 0

    again = replay_delivery(later, made.id, first.id)
    messages = rows(context, "outbox")
    assert forget_expired(context.database, later.now + 1) == 2 + messages - 1
    assert [each.id for each in list_deliveries(context, made.id, limit=9).items] == [again.id]
    with context.database.reading() as connection:
        (left,) = outbox.page(connection, context.scope, limit=9)
    assert f"msg_{left.id}" == first.message_id
    assert rows(context, "webhook_attempts") == 0


def test_a_worker_keeps_house(context: Context) -> None:
    claim_request(context, "old", b"", context.now + 1, 1)
    Worker(context.database, lambda: context.now + 1).run_until_idle()
    assert rows(context, "idempotency_records") == 0
