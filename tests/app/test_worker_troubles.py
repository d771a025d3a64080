"""What goes wrong in one place of the worker's work stays there: receivers that misbehave, and work that fails."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event as Flag
from threading import Thread

import pytest

from tests.app.programs import earned, publish
from tests.app.receiver import Receiver, receiver
from tests.app.test_webhooks import DAY, SECOND, STEADY, listen, states_of, types_of
from ziggurat.app.access.create_organization import create_organization
from ziggurat.app.access.read_organization import find_organization
from ziggurat.app.context import Context
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.programs.activation import ACTIVATION
from ziggurat.app.upkeep.run_due import run_due
from ziggurat.app.upkeep.worker import Share, Worker, start_workers
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.app.webhooks.deliver_webhooks import deliver_webhooks, native_envelope
from ziggurat.app.webhooks.dispatch_outbox import dispatch_outbox
from ziggurat.app.webhooks.list_deliveries import list_deliveries
from ziggurat.app.webhooks.ping_endpoint import ping_endpoint
from ziggurat.app.webhooks.read_endpoint import read_endpoint
from ziggurat.app.webhooks.views import DeliveryView
from ziggurat.store.errors import StoreError
from ziggurat.store.repositories import jobs, members, states


@pytest.fixture
def target() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def context(context: Context) -> Context:
    """As elsewhere, but now is now: signatures are only good for minutes."""
    return replace(context, now=time.time_ns() // 1_000)


def send(context: Context, later: int = 0, **options: float) -> int:
    now = context.now + later
    dispatch_outbox(context.database, now)
    return deliver_webhooks(context.database, lambda: now, private_targets=True, jitter=lambda: 0.5, **options)  # type: ignore[arg-type]


def only_delivery(context: Context, endpoint: str) -> DeliveryView:
    (delivery,) = list_deliveries(context, endpoint, limit=9).items
    return delivery


@contextmanager
def saying(*parts: bytes, for_ever: bytes = b"") -> Iterator[str]:
    """The address of somebody who answers anything with `parts` and then goes on with `for_ever` until hung up on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            try:
                heard, _ = listening.accept()
            except OSError:
                return
            with heard:
                heard.recv(65_536)
                try:
                    for part in parts:
                        heard.sendall(part)
                    while for_ever:
                        heard.sendall(for_ever)
                        threading.Event().wait(0.01)
                except OSError:
                    pass

        thread = Thread(target=talk, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    thread.join()


def test_an_answer_that_never_ends_is_not_waited_for(context: Context) -> None:
    with saying(b"HTTP/1.1 204 No Content\r\n", for_ever=b"x-more: to come\r\n") as url:
        made = create_endpoint(context, url=url, private_targets=True).endpoint
        ping_endpoint(context, made.id)
        assert send(context, deadline_s=0.3) == 1
    told = only_delivery(context, made.id)
    assert (told.state, told.log[0].status) == ("pending", None)
    assert told.log[0].error


def test_a_status_counts_whatever_becomes_of_the_rest(context: Context) -> None:
    begun = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nthank"
    with saying(begun, for_ever=b" you") as endless, saying(begun) as broken_off:
        for url in (endless, broken_off):
            made = create_endpoint(context, url=url, private_targets=True).endpoint
            ping_endpoint(context, made.id)
            assert send(context, deadline_s=0.3) == 1
            told = only_delivery(context, made.id)
            assert (told.state, told.log[0].status) == ("delivered", 200)
            assert (told.log[0].answer or "").startswith("thank")


def test_an_answer_of_bytes_that_no_database_keeps_as_text_is_logged(context: Context) -> None:
    with saying(b"HTTP/1.1 500 Oh\r\ncontent-length: 4\r\n\r\n\0\xff\xfea") as url:
        made = create_endpoint(context, url=url, private_targets=True).endpoint
        ping_endpoint(context, made.id)
        assert send(context) == 1
    assert only_delivery(context, made.id).log[0].answer == "\ufffd\ufffd\ufffda"


def test_what_is_on_its_way_when_an_endpoint_is_switched_off_is_not_tried_again(
    context: Context, target: Receiver
) -> None:
    made = listen(context, target)
    target.answers = [410, 500, 500]
    for _ in range(3):
        ping_endpoint(context, made.endpoint.id)
    assert send(context) == 3
    assert states_of(context, made).count("pending") == 0
    assert send(context, DAY) == 0
    assert len(target.received) == 3


def test_a_message_that_two_senders_deliver_is_logged_twice_and_done(context: Context, target: Receiver) -> None:
    """The first takes so long that its claim has lapsed when it comes to write down what happened."""
    made = listen(context, target)
    ping_endpoint(context, made.endpoint.id)
    slow: list[int] = []

    def envelope(*said: object) -> object:
        if not slow:
            slow.append(1)
            assert send(context, 301 * SECOND) == 1
        return native_envelope(*said)  # type: ignore[arg-type]

    renderers = {"native": envelope}
    target.answers = [204, 500]
    assert deliver_webhooks(context.database, lambda: context.now, private_targets=True, renderers=renderers) == 1  # type: ignore[arg-type]
    told = only_delivery(context, made.endpoint.id)
    assert (told.state, told.attempts) == ("delivered", 2)
    assert [(entry.number, entry.status) for entry in told.log] == [(1, 204), (2, 500)]
    assert send(context, DAY) == 0


def test_an_endpoint_changed_while_a_message_is_on_its_way_stays_changed(context: Context, target: Receiver) -> None:
    made = listen(context, target)
    target.answers = [500]
    ping_endpoint(context, made.endpoint.id)

    def envelope(*said: object) -> object:
        from ziggurat.app.webhooks.change_endpoint import change_endpoint

        change_endpoint(context, made.endpoint.id, types=["tier.joined"])
        return native_envelope(*said)  # type: ignore[arg-type]

    renderers = {"native": envelope}
    assert deliver_webhooks(context.database, lambda: context.now, private_targets=True, renderers=renderers) == 1  # type: ignore[arg-type]
    found = read_endpoint(context, made.endpoint.id)
    assert (found.types, found.failing_since) == (("tier.joined",), context.now)


def test_one_kind_of_work_that_fails_keeps_no_other_from_being_done(context: Context, target: Receiver) -> None:
    made = listen(context, target)
    with context.database.writing() as connection:
        parameters = {"program": "prg_that_never_was", "revision": 1}
        jobs.create(connection, context.scope, "job_1", ACTIVATION, parameters, created_at=context.now, total=1)
    ping_endpoint(context, made.endpoint.id)
    with pytest.raises(Exception, match="prg_that_never_was"):
        Worker(context.database, lambda: context.now).step()

    stop = Flag()
    later = context.now + 600 * SECOND  # the job's lease has lapsed: it fails once more
    threads = start_workers(
        lambda shares: Worker(context.database, lambda: later, private_targets=True, shares=shares, idle_s=0.01), stop
    )
    try:
        for _ in range(2_000):
            if target.received:
                break
            stop.wait(0.01)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert types_of(target) == ["ping"]
    assert [thread.name.rpartition("-")[0] for thread in threads] == [f"worker-{share}" for share in Share]


def test_the_trouble_of_one_organization_is_not_the_next_ones(context: Context) -> None:
    """The first one's program cannot be read: the second one's member is brought up to date all the same."""
    create_organization(context.database, "Later", context.now, "test")
    scope = find_organization(context.database, "Later")
    assert scope is not None
    later = replace(context, scope=scope)
    for each in (context, later):
        publish(each, STEADY)
        ingest_events(each, [replace(earned("m", "2025-05-01", 600), occurred_at=each.now + DAY)])
    with context.database.writing() as connection:
        first = context.scope.organization_id
        connection.exec_driver_sql(f"UPDATE programs SET status = 'flying' WHERE organization_id = {first}")
    with pytest.raises(ValueError, match="flying"):
        run_due(context.database, context.now + 2 * DAY)
    with context.database.reading() as connection:
        ids = members.ids_page(connection, scope, limit=9)
        (state,) = states.of_members(connection, scope, ids).values()
    assert state.tier_key is not None


def test_a_worker_outlives_a_failing_database(context: Context) -> None:
    with context.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE organizations RENAME TO gone")
    with pytest.raises(StoreError):
        Worker(context.database, lambda: context.now).step()
    stop = Flag()
    thread = Thread(target=Worker(context.database, lambda: context.now, idle_s=0.01).run, args=(stop,))
    thread.start()
    stop.wait(0.2)
    assert thread.is_alive()
    stop.set()
    thread.join()
