"""Keys, outbox, webhooks, audit trail, idempotency records, jobs and the documents of faces."""

import pytest
from sqlalchemy import text

from ziggurat.store.database import Database
from ziggurat.store.errors import AlreadyExistsError, ConcurrentChangeError, StaleVersionError
from ziggurat.store.repositories import audit, faces, idempotency, jobs, keys, organizations, outbox, webhooks
from ziggurat.store.repositories.keys import ApiKey
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.repositories.webhooks import Attempt, Delivery, Endpoint
from ziggurat.store.scope import Scope
from ziggurat.store.tables.service import DeliveryState, JobState


def test_an_organization_is_named_once_and_changed_by_one_at_a_time(database: Database, scope: Scope) -> None:
    with database.writing() as connection:
        organization = organizations.get(connection, scope)
        organizations.save(connection, organization._replace(requires_approval=True, settings={"a": 1}))
        with pytest.raises(StaleVersionError):
            organizations.save(connection, organization)
        with pytest.raises(AlreadyExistsError):
            organizations.create(connection, "First", created_at=0)
        assert organizations.by_name(connection, "First") == organizations.get(connection, scope)
        assert organizations.get(connection, scope).settings == {"a": 1}


def test_a_key_is_found_by_its_secret_and_never_holds_it(database: Database, scope: Scope) -> None:
    key = ApiKey(scope.organization_id, "k1", "till", ["read"], 5, None, None)
    with database.writing() as connection:
        keys.create(connection, scope, "k1", "the secret", key)
        assert keys.by_secret(connection, "the secret") == key
        assert keys.by_id_and_secret(connection, "k1", "the secret") == key
        assert keys.by_id_and_secret(connection, "k1", "bb0ba16c2ea4d0ca3bad4b4dd0e3cbc5") is None
        assert keys.by_secret(connection, "another") is None
        assert keys.revoke(connection, scope, "k1", 9)
        assert not keys.revoke(connection, scope, "k1", 10)
        found = keys.by_secret(connection, "the secret")
        assert found is not None
        assert found.revoked_at == 9
        stored = connection.execute(text("SELECT * FROM api_keys")).one()
        assert not any(b"secret" in bytes(value) for value in stored if isinstance(value, bytes))


def test_messages_are_dispatched_once_in_the_order_written(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    with database.writing() as connection:
        numbers = outbox.add(connection, scope, [Message("tier.upgraded", {"n": n}, n, 50 + n, 1) for n in range(5)])
        assert outbox.organizations_waiting(connection) == [scope]
        assert outbox.waiting(connection, scope) == (5, 50)
        first = outbox.claim(connection, scope, limit=3)
        assert [message.payload["n"] for message in first] == [0, 1, 2]
        outbox.mark_dispatched(connection, scope, [message.id for message in first], at=99)
        assert [message.id for message in outbox.claim(connection, scope, limit=9)] == numbers[3:]
        assert [message.id for message in outbox.page(connection, scope, limit=9)] == numbers
        assert outbox.claim(connection, other_scope, limit=9) == []


def test_a_members_deliveries_to_one_endpoint_go_out_one_after_the_other(database: Database, scope: Scope) -> None:
    with database.writing() as connection:
        endpoint = webhooks.create_endpoint(
            connection,
            scope,
            Endpoint(0, "we_1", "https://a.example", "native", [], ["s"], {}, True, None, None, 1, 1, 1),
        )
        made = [
            Delivery(0, endpoint.id, n, member, DeliveryState.PENDING, 0, 10, 10, None)
            for n, member in enumerate([1, 1, 2, None, None])
        ]
        ids = webhooks.add_deliveries(connection, scope, made)
        assert webhooks.organizations_waiting(connection, now=10) == [scope]
        taken = webhooks.claim_due(connection, scope, now=10, lease_until=20, limit=9)
        assert {delivery.id for delivery in taken} == {ids[0], ids[2], ids[3], ids[4]}
        assert webhooks.claim_due(connection, scope, now=19, lease_until=30, limit=9) == []
        attempt = Attempt(ids[0], 1, 15, 200, 5, None, "ok")
        webhooks.record_attempt(connection, scope, attempt, DeliveryState.DELIVERED)
        assert [d.id for d in webhooks.claim_due(connection, scope, now=19, lease_until=30, limit=9)] == [ids[1]]
        assert webhooks.attempts(connection, scope, ids) == {ids[0]: [attempt]}
        assert webhooks.cancel_pending(connection, scope, endpoint.id, at=40) == 4
        log = webhooks.deliveries(connection, scope, endpoint.id, limit=9)
        assert [delivery.id for delivery in log] == ids[::-1]
        webhooks.delete_endpoint(connection, scope, endpoint.id)
        assert webhooks.endpoints(connection, scope) == []


@pytest.mark.parametrize(
    ("damage", "number", "problem"),
    [
        ("UPDATE audit_entries SET actor = 'eve' WHERE number = 2", 2, "was changed"),
        ("UPDATE audit_entries SET details = '{}' WHERE number = 3", 3, "was changed"),
        ("DELETE FROM audit_entries WHERE number = 1", 1, "is missing"),
        ("DELETE FROM audit_entries WHERE number = 2", 2, "is missing"),
        ("DELETE FROM audit_entries WHERE number = 4", 4, "is not the entry noted earlier"),
    ],
)
def test_tampering_with_the_audit_trail_shows(
    database: Database, scope: Scope, damage: str, number: int, problem: str
) -> None:
    with database.writing() as connection:
        for n in range(4):
            audit.append(connection, scope, at=n, actor="ann", action="x", subject="prg_1", details={"n": n})
        last = audit.head(connection, scope)
        assert last is not None
        noted = (last.number, last.hash)
        assert audit.verify(connection, scope, noted) is None
        connection.execute(text(damage))
        assert audit.verify(connection, scope, noted) == audit.Break(number, problem)


def test_a_key_is_claimed_once_and_then_gives_the_stored_answer(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    with database.writing() as connection:
        assert idempotency.claim(connection, scope, "k", b"f", now=1, expires_at=10) is None
        pending = idempotency.claim(connection, scope, "k", b"f", now=2, expires_at=11)
        assert pending is not None
        assert pending.status is None
        idempotency.answer(connection, scope, "k", status=201, headers={"etag": "1"}, body=b"{}")
        stored = idempotency.claim(connection, scope, "k", b"g", now=3, expires_at=12)
        assert stored == idempotency.StoredAnswer("k", b"f", 201, {"etag": "1"}, b"{}", 1, 10)
        assert idempotency.claim(connection, other_scope, "k", b"f", now=3, expires_at=10) is None
        assert idempotency.claim(connection, scope, "k", b"g", now=10, expires_at=20) is None
        assert idempotency.purge(connection, scope, 20) == 1


def test_a_job_whose_worker_died_goes_on_with_another_where_it_was(database: Database, scope: Scope) -> None:
    with database.writing() as connection:
        jobs.create(connection, scope, "job_1", "activate", {"p": 1}, created_at=0)
        assert jobs.organizations_waiting(connection, now=1) == [scope]
        mine = jobs.claim(connection, scope, "w1", now=1, lease_until=10)
        assert mine is not None
        assert jobs.claim(connection, scope, "w2", now=9, lease_until=19) is None
        jobs.progress(connection, scope, mine._replace(cursor={"after": 7}, done=7, total=9))
        taken = jobs.claim(connection, scope, "w2", now=10, lease_until=20)
        assert taken is not None
        assert (taken.cursor, taken.done, taken.started_at) == ({"after": 7}, 7, 1)
        with pytest.raises(ConcurrentChangeError):
            jobs.progress(connection, scope, mine)
        jobs.finish(connection, scope, taken, at=15, result={"moved": 3})
        done = jobs.get(connection, scope, "job_1")
        assert done is not None
        assert (done.state, done.result) == (JobState.DONE, {"moved": 3})
        assert not jobs.cancel(connection, scope, "job_1", at=16)


def test_a_cancelled_job_cannot_go_on(database: Database, scope: Scope) -> None:
    with database.writing() as connection:
        jobs.create(connection, scope, "job_1", "activate", {}, created_at=0)
        mine = jobs.claim(connection, scope, "w1", now=1, lease_until=10)
        assert mine is not None
        assert jobs.cancel(connection, scope, "job_1", at=2)
        with pytest.raises(ConcurrentChangeError):
            jobs.finish(connection, scope, mine, at=3)


def test_the_documents_of_a_face_are_listed_in_the_order_of_creation(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    with database.writing() as connection:
        made = [
            faces.create(connection, scope, "wix", "account", f"k{n}", {"n": n}, parent=str(n % 2), created_at=n)
            for n in range(4)
        ]
        changed = faces.save(connection, scope, made[0]._replace(document={"n": 9}))
        with pytest.raises(StaleVersionError):
            faces.save(connection, scope, made[0])
        assert faces.get(connection, scope, "wix", "account", "k0") == changed
        assert faces.page(connection, scope, "wix", "account", limit=2) == [changed, made[1]]
        after = made[1].position
        assert faces.page(connection, scope, "wix", "account", after=after, parent="0", limit=2) == [made[2]]
        assert faces.page(connection, scope, "wix", "account", newest_first=True, limit=1) == [made[3]]
        assert faces.count(connection, scope, "wix", "account", "1") == 2
        assert faces.get(connection, other_scope, "wix", "account", "k0") is None
        assert faces.delete(connection, scope, "wix", "account", "k0")
        assert not faces.delete(connection, scope, "wix", "account", "k0")
