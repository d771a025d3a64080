"""Webhooks: written with the change, signed, in order for each member, tried again, given up."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Event as Flag
from threading import Thread

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.app.programs import COFFEE, earned, publish
from tests.app.receiver import Receiver, receiver
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, WebhookTargetRefusedError, WrongStateError
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.members.erase_member import erase_member
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.app.upkeep.measure_service import measure_service
from ziggurat.app.upkeep.worker import Worker
from ziggurat.app.webhooks.change_endpoint import change_endpoint
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.app.webhooks.delete_endpoint import delete_endpoint
from ziggurat.app.webhooks.deliver_webhooks import deliver_webhooks
from ziggurat.app.webhooks.dispatch_outbox import dispatch_outbox
from ziggurat.app.webhooks.list_deliveries import list_deliveries
from ziggurat.app.webhooks.list_endpoints import list_endpoints
from ziggurat.app.webhooks.ping_endpoint import ping_endpoint
from ziggurat.app.webhooks.read_endpoint import read_endpoint
from ziggurat.app.webhooks.replay_delivery import replay_delivery
from ziggurat.app.webhooks.rotate_secret import rotate_secret
from ziggurat.app.webhooks.views import CreatedEndpoint
from ziggurat.app.webhooks.webhook_types import WEBHOOK_EXAMPLES, WEBHOOK_TYPES
from ziggurat.program.events import Event, EventType
from ziggurat.store.errors import NotFoundError

STEADY = {
    "name": "Steady",
    "qualification": {"measure": "points_earned"},
    "base_tier": {"name": "Member"},
    "tiers": [{"name": "Silver", "from": 500}],
}
"""Nothing happens by time alone."""
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR


@pytest.fixture
def target() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def context(context: Context) -> Context:
    """As elsewhere, but now is now: signatures are only good for minutes."""
    return replace(context, now=time.time_ns() // 1_000)


@dataclass
class Post:
    """Sends what is due at an instant, without spreading."""

    context: Context

    def __call__(self, later: int = 0) -> int:
        now = self.context.now + later
        dispatch_outbox(self.context.database, now)
        return deliver_webhooks(self.context.database, lambda: now, private_targets=True, jitter=lambda: 0.5)


@pytest.fixture
def post(context: Context) -> Post:
    return Post(context)


def listen(context: Context, target: Receiver, *types: str) -> CreatedEndpoint:
    return create_endpoint(context, url=target.url + "/hook?x=1", types=types, private_targets=True)


def types_of(target: Receiver) -> list[str]:
    return [json.loads(request.body)["type"] for request in target.received]


def states_of(context: Context, endpoint: CreatedEndpoint) -> list[str]:
    return [delivery.state for delivery in list_deliveries(context, endpoint.endpoint.id, limit=99).items]


def test_a_move_arrives_signed_for_the_public_library(context: Context, target: Receiver, post: Post) -> None:
    made = listen(context, target)
    program = publish(context, STEADY)
    ingest_events(context, [earned("m", "2025-05-01", 600)])
    post()
    assert sorted(types_of(target)) == ["program.activated", "tier.joined"]
    request = target.received[types_of(target).index("tier.joined")]
    told = Webhook(made.secret).verify(request.body, request.headers)
    assert told["data"]["program"] == program
    assert {name: told["data"][name] for name in ("member", "kind", "from_tier", "to_tier", "value", "threshold")} == {
        "member": "m",
        "kind": "joined",
        "from_tier": "",
        "to_tier": "Silver",
        "value": "600",
        "threshold": "500",
    }
    assert told["data"].keys() == WEBHOOK_EXAMPLES["tier.joined"].keys()
    assert told["timestamp"] == "2025-05-01T00:00:00+00:00"
    assert request.path == "/hook?x=1"
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(request.body + b" ", request.headers)
    assert post() == 0


def test_an_endpoint_gets_the_types_it_asked_for(context: Context, target: Receiver, post: Post) -> None:
    made = listen(context, target, "tier.upgraded")
    publish(context, STEADY)
    ingest_events(context, [earned("m", "2025-05-01", 1), earned("m", "2025-05-02", 600)])
    post()
    assert types_of(target) == ["tier.upgraded"]
    with pytest.raises(InvalidRequestError):
        listen(context, target, "tier.polished")
    change_endpoint(context, made.endpoint.id, types=["tier.joined"])
    ingest_events(context, [earned("n", "2025-05-01", 1), earned("n", "2025-05-02", 600)])
    post()
    assert types_of(target)[1:] == ["tier.joined"]


def test_a_correction_is_announced_with_what_it_replaces(context: Context, target: Receiver, post: Post) -> None:
    publish(context, STEADY)
    listen(context, target)
    ingest_events(context, [earned("m", "2025-05-01", 600)])
    ingest_events(context, [earned("m", "2025-04-01", 100)])
    post()
    post()
    assert types_of(target) == ["tier.joined", "tier.corrected"]
    data = json.loads(target.received[1].body)["data"]
    assert [(move["kind"], move["to_tier"]) for move in data["superseded"]] == [("joined", "Silver")]
    assert [(move["kind"], move["to_tier"]) for move in data["moves"]] == [("joined", "Member"), ("upgraded", "Silver")]
    assert data["tier"] == "Silver"
    assert data.keys() == WEBHOOK_EXAMPLES["tier.corrected"].keys()


def test_one_members_messages_wait_for_each_other_and_others_do_not(
    context: Context, target: Receiver, post: Post
) -> None:
    publish(context, STEADY)
    listen(context, target, "tier.joined", "tier.upgraded")
    ingest_events(context, [earned("m", "2025-05-01", 1), earned("m", "2025-05-02", 600)])
    target.answers = [500]
    post()
    ingest_events(context, [earned("n", "2025-05-01", 1)])
    post()
    assert types_of(target) == ["tier.joined", "tier.joined"]
    post(6 * SECOND)
    post(6 * SECOND)
    told = [json.loads(request.body) for request in target.received]
    assert [(each["type"], each["data"]["member"]) for each in told] == [
        ("tier.joined", "m"),
        ("tier.joined", "n"),
        ("tier.joined", "m"),
        ("tier.upgraded", "m"),
    ]
    assert target.received[0].headers["webhook-id"] == target.received[2].headers["webhook-id"]


def test_tries_come_ever_later_and_end_after_three_days(context: Context, target: Receiver, post: Post) -> None:
    made = listen(context, target)
    target.answers = [503] * 1_000
    ping_endpoint(context, made.endpoint.id)
    later, waits = 0, []
    while post(later):
        (delivery,) = list_deliveries(context, made.endpoint.id, limit=9).items
        if delivery.next_attempt_at is not None:
            waits.append(delivery.next_attempt_at - context.now - later)
            later += waits[-1]
    assert waits[:4] == [5 * SECOND, 15 * SECOND, 45 * SECOND, 135 * SECOND]
    assert waits == sorted(waits)
    assert waits[-1] == 6 * HOUR
    assert 2.5 * DAY < later < 3 * DAY
    (delivery,) = list_deliveries(context, made.endpoint.id, limit=9).items
    assert (delivery.state, delivery.attempts, len(delivery.log)) == ("failed", len(waits) + 1, len(waits) + 1)
    assert {(entry.status, entry.answer) for entry in delivery.log} == {(503, "ok")}
    assert read_endpoint(context, made.endpoint.id).failing_since == context.now


def test_an_endpoint_that_takes_nothing_for_days_is_switched_off(
    context: Context, target: Receiver, post: Post
) -> None:
    made = listen(context, target)
    target.answers = [500] * 2
    ping_endpoint(context, made.endpoint.id)
    post()
    post(5 * DAY)
    off = read_endpoint(context, made.endpoint.id)
    assert (off.enabled, off.failing_since) == (False, context.now)
    assert off.disabled_reason
    with pytest.raises(WrongStateError):
        ping_endpoint(context, made.endpoint.id)
    again = change_endpoint(context, made.endpoint.id, off.version, enabled=True)
    assert (again.enabled, again.disabled_reason, again.failing_since) == (True, None, None)
    ping_endpoint(context, made.endpoint.id)
    post(5 * DAY)
    assert "delivered" in states_of(context, made)


def test_an_endpoint_that_is_gone_is_switched_off_at_once(context: Context, target: Receiver, post: Post) -> None:
    made = listen(context, target)
    target.answers = [410]
    ping_endpoint(context, made.endpoint.id)
    ping_endpoint(context, made.endpoint.id)
    post()
    assert not read_endpoint(context, made.endpoint.id).enabled
    assert post(DAY) == 0


def test_what_is_given_up_is_told_to_others_who_ask_and_not_of_itself(
    context: Context, target: Receiver, post: Post
) -> None:
    with receiver() as watching:
        deaf = listen(context, target, "ping", "webhook.delivery_failed")
        watcher = listen(context, watching, "ping", "webhook.delivery_failed")
        other = listen(context, watching)
        target.answers = [500] * 1_000
        sent = ping_endpoint(context, deaf.endpoint.id)
        post()
        assert watching.received == []
        post(3 * DAY)  # the last try

        post(3 * DAY)
        (request,) = watching.received
        told = json.loads(request.body)
        assert told["type"] == "webhook.delivery_failed"
        assert told["data"].keys() == WEBHOOK_EXAMPLES["webhook.delivery_failed"].keys()
        said = {name: told["data"][name] for name in ("endpoint", "delivery", "type", "attempts", "status")}
        assert said == {
            "endpoint": deaf.endpoint.id,
            "delivery": sent.id,
            "type": "ping",
            "attempts": 2,
            "status": 500,
        }
        assert [states_of(context, each) for each in (deaf, watcher, other)] == [["failed"], ["delivered"], []]


def test_no_failure_to_tell_of_a_failure_is_told(context: Context, target: Receiver, post: Post) -> None:
    first = listen(context, target, "webhook.delivery_failed")
    second = listen(context, target, "webhook.delivery_failed")
    target.answers = [410] * 1_000
    ping_endpoint(context, first.endpoint.id)
    while post():
        pass

    assert types_of(target) == ["ping", "webhook.delivery_failed"]
    assert [states_of(context, each) for each in (first, second)] == [["cancelled"], ["cancelled"]]


def test_success_forgets_earlier_failures(context: Context, target: Receiver, post: Post) -> None:
    made = listen(context, target)
    target.answers = [500]
    ping_endpoint(context, made.endpoint.id)
    post()
    assert read_endpoint(context, made.endpoint.id).failing_since == context.now
    post(DAY)
    assert read_endpoint(context, made.endpoint.id).failing_since is None
    assert states_of(context, made) == ["delivered"]


def test_a_redirection_is_a_failure_and_is_not_followed(context: Context, target: Receiver, post: Post) -> None:
    made = listen(context, target)
    target.answers = [302]
    ping_endpoint(context, made.endpoint.id)
    post()
    assert [request.path for request in target.received] == ["/hook?x=1"]
    assert states_of(context, made) == ["pending"]


def test_nobody_there_is_a_failure_with_its_reason(context: Context, post: Post) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        made = create_endpoint(context, url=url, private_targets=True)
        ping_endpoint(context, made.endpoint.id)
        post()
    (delivery,) = list_deliveries(context, made.endpoint.id, limit=9).items
    assert (delivery.state, delivery.log[0].status) == ("pending", None)
    assert delivery.log[0].error


def test_a_message_is_sent_again_on_request_under_its_own_id(
    context: Context, stranger: Context, target: Receiver, post: Post
) -> None:
    made = listen(context, target)
    first = ping_endpoint(context, made.endpoint.id)
    post()
    second = replay_delivery(context, made.endpoint.id, first.id)
    assert (second.message_id, second.state) == (first.message_id, "pending")
    post()
    assert [request.headers["webhook-id"] for request in target.received] == [first.message_id] * 2
    for unknown in ("0", "x", "9" * 30):
        with pytest.raises(NotFoundError):
            replay_delivery(context, made.endpoint.id, unknown)
    with pytest.raises(NotFoundError):
        replay_delivery(stranger, made.endpoint.id, first.id)
    page = list_deliveries(context, made.endpoint.id, limit=1)
    rest = list_deliveries(context, made.endpoint.id, after=page.next, limit=1)
    assert [view.id for view in page.items + rest.items] == [second.id, first.id]
    assert list_deliveries(context, made.endpoint.id, state="failed", limit=9).items == ()


def test_a_rotated_secret_goes_with_the_one_before_for_a_day(context: Context, target: Receiver, post: Post) -> None:
    made = listen(context, target)
    rotated = rotate_secret(context, made.endpoint.id)
    ping_endpoint(context, made.endpoint.id)
    post()
    request = target.received[0]
    for secret in (made.secret, rotated.secret):
        Webhook(secret).verify(request.body, request.headers)
    ping_endpoint(context, made.endpoint.id)
    post(2 * DAY)
    assert " " not in target.received[1].headers["webhook-signature"]


def test_secrets_are_shown_once(context: Context, target: Receiver) -> None:
    made = listen(context, target)
    assert made.secret not in repr(read_endpoint(context, made.endpoint.id))
    assert made.secret not in repr(list_endpoints(context, limit=9))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://10.0.0.1/",
        "http://192.168.1.1:8080/",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
    ],
)
def test_messages_do_not_go_into_private_networks(context: Context, url: str) -> None:
    """Not as an address, and not by a name that leads to one."""
    try:
        made = create_endpoint(context, url=url)
    except WebhookTargetRefusedError:
        return
    ping_endpoint(context, made.endpoint.id)
    deliver_webhooks(context.database, lambda: context.now)
    (delivery,) = list_deliveries(context, made.endpoint.id, limit=9).items
    assert delivery.log[0].error is not None
    assert "not on the open internet" in delivery.log[0].error


@pytest.mark.parametrize(
    "url",
    ["", "ftp://example.org/", "http://", "http://a b/", "http://u:p@example.org/", "http://a:99999/", "x" * 3_000],
)
def test_what_is_no_url_to_post_to_is_refused(context: Context, url: str) -> None:
    with pytest.raises(WebhookTargetRefusedError):
        create_endpoint(context, url=url, private_targets=True)


def test_an_endpoint_is_changed_and_removed_only_by_its_own_organization(
    context: Context, stranger: Context, target: Receiver
) -> None:
    made = listen(context, target).endpoint
    with pytest.raises(NotFoundError):
        change_endpoint(stranger, made.id, enabled=False)
    with pytest.raises(NotFoundError):
        delete_endpoint(stranger, made.id)
    assert list_endpoints(stranger, limit=9).items == ()
    ping_endpoint(context, made.id)
    delete_endpoint(context, made.id, made.version)
    with pytest.raises(NotFoundError):
        read_endpoint(context, made.id)


def test_an_erased_person_is_not_named_in_messages_on_their_way(context: Context, target: Receiver, post: Post) -> None:
    publish(context, STEADY)
    listen(context, target)
    ingest_events(context, [earned("anna", "2025-05-01", 600)])
    erase_member(context, "anna")
    post()
    assert len(target.received) == 1
    assert b"anna" not in target.received[0].body


def test_every_type_of_message_has_an_example() -> None:
    assert WEBHOOK_TYPES.keys() == WEBHOOK_EXAMPLES.keys()


def test_a_worker_does_all_that_waits_until_it_is_stopped(context: Context, target: Receiver) -> None:
    made = listen(context, target)
    program = publish(context, window_of_a_day())
    ingest_events(context, [earned("m", "2025-05-01", 600)])
    then = context.now + 2 * DAY
    publish_program(context, window_of_a_day(), program, effective_from=context.now + DAY)
    assert measure_service(context.database, then).outbox_waiting == 3

    stop = Flag()
    worker = Worker(context.database, lambda: then, private_targets=True, idle_s=0.01)
    thread = Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        for _ in range(2_000):
            if len(target.received) >= 4:
                break
            stop.wait(0.01)
    finally:
        stop.set()
        thread.join()
    assert sorted(types_of(target)) == ["program.activated", "program.activated", "tier.downgraded", "tier.joined"]
    health = measure_service(context.database, then)
    assert (health.due_members, health.outbox_waiting, health.deliveries_waiting, health.jobs_open) == (0, 0, 0, 0)
    assert (health.evaluation_lag_us, health.outbox_age_us) == (0, 0)
    assert set(states_of(context, made)) == {"delivered"}


def window_of_a_day() -> dict[str, object]:
    immediate = {"expiration": {"type": "immediate"}, "downgrade": {"type": "to_qualified"}}
    return {**COFFEE, **immediate, "qualification": {"measure": "points_earned", "window": {"rolling": {"days": 90}}}}


def test_new_members_and_moved_points_are_told_to_those_who_ask_by_name(
    context: Context, target: Receiver, post: Post
) -> None:
    publish(context, STEADY)
    listen(context, target, "member.first_event", "points.moved")
    ingest_events(
        context, [earned("m", "2025-05-01", 100), earned("m", "2025-05-02", 600), earned("n", "2025-05-02", 5)]
    )
    visited = Event("m", EventType.ACTIVITY, context.now, activity="visit")
    ingest_events(context, [visited])  # no points
    spent = Event("m", EventType.POINTS_SPENT, context.now, points=600_000)
    ingest_events(context, [spent, replace(earned("m", "2025-05-01", 9), occurred_at=context.now + DAY)])
    while post():
        pass

    told = [json.loads(request.body) for request in target.received]
    mine = [(each["type"], each["data"]) for each in told if each["data"]["member"] == "m"]
    assert [type_ for type_, _ in mine] == ["member.first_event", "points.moved", "points.moved"]
    for type_, data in mine:
        assert data.keys() == WEBHOOK_EXAMPLES[type_].keys()
    assert [(data["balance"], data["earned"], data["spent"]) for _, data in mine[1:]] == [
        ("700", "700", "0"),
        ("640", "700", "60"),
    ]
    assert len(told) == 5


def test_who_wants_everything_is_not_flooded(context: Context, target: Receiver, post: Post) -> None:
    publish(context, STEADY)
    listen(context, target)
    listen(context, target, "points.moved")
    ingest_events(context, [earned("m", "2025-05-01", 1)])
    while post():
        pass
    assert sorted(types_of(target)) == ["points.moved", "tier.joined"]
