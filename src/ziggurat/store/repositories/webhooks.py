"""Webhook endpoints, the deliveries waiting for them, and the log of attempts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, select

from ziggurat.store.errors import StaleVersionError
from ziggurat.store.prepared import Prepared
from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.rows import write_rows
from ziggurat.store.scope import Scope, among, organizations_with
from ziggurat.store.sequences import take, take_one
from ziggurat.store.tables import webhook_attempts, webhook_deliveries, webhook_endpoints
from ziggurat.store.tables.service import DeliveryState


class Endpoint(NamedTuple):
    """Where to tell. `types` are the message types wanted (empty: all), `secrets` the signing secrets, newest first.

    `dialect` says in which envelope: the native one, or a vendor's.
    """

    id: int
    public_id: str
    url: str
    dialect: str
    types: list[str]
    secrets: list[str]
    settings: dict[str, Any]
    enabled: bool
    disabled_reason: str | None
    failing_since: int | None
    created_at: int
    updated_at: int
    version: int


class Delivery(NamedTuple):
    """One message for one endpoint."""

    id: int
    endpoint_id: int
    outbox_id: int
    member_id: int | None
    state: DeliveryState
    attempts: int
    next_attempt_at: int | None
    created_at: int
    finished_at: int | None


class Attempt(NamedTuple):
    """One try: the HTTP status, or None and an error; `answer` is the beginning of what came back."""

    delivery_id: int
    number: int
    at: int
    status: int | None
    took_us: int
    error: str | None
    answer: str | None


_ENDPOINT = columns_of(webhook_endpoints, Endpoint)
_DELIVERY = columns_of(webhook_deliveries, Delivery)
_ATTEMPT = columns_of(webhook_attempts, Attempt)
_TYPES = Prepared(
    lambda scope, _: scope.select(webhook_endpoints, webhook_endpoints.c.types).where(webhook_endpoints.c.enabled)
)


# --- endpoints


def create_endpoint(connection: Connection, scope: Scope, endpoint: Endpoint) -> Endpoint:
    """Store a new endpoint; it with its id."""
    stored = endpoint._replace(id=take_one(connection, scope, "definitions"), version=1)
    connection.execute(scope.insert(webhook_endpoints).values(stored._asdict()))
    return stored


def endpoint(connection: Connection, scope: Scope, public_id: str, *, lock: bool = False) -> Endpoint | None:
    """The endpoint with that public id; with `lock` nobody else changes it until the transaction ends."""
    query = scope.select(webhook_endpoints, *_ENDPOINT).where(webhook_endpoints.c.public_id == public_id)
    return one_of(connection, query.with_for_update() if lock else query, Endpoint)


def endpoints(connection: Connection, scope: Scope) -> list[Endpoint]:
    """The organization's endpoints, oldest first."""
    query = scope.select(webhook_endpoints, *_ENDPOINT).order_by(webhook_endpoints.c.id)
    return all_of(connection, query, Endpoint)


def types_asked_for(connection: Connection, scope: Scope) -> set[str]:
    """The message types that enabled endpoints of the organization name."""
    return {type_ for (types,) in _TYPES.rows(connection, scope) if types != "[]" for type_ in json.loads(types)}


def save_endpoint(connection: Connection, scope: Scope, endpoint: Endpoint) -> Endpoint:
    """Store the fields of `endpoint`, as read before; it with its new version.

    Raises:
        StaleVersionError: somebody else has changed it since.
    """
    changed = endpoint._replace(version=endpoint.version + 1)
    mine = and_(webhook_endpoints.c.id == endpoint.id, webhook_endpoints.c.version == endpoint.version)
    if connection.execute(scope.update(webhook_endpoints).where(mine).values(changed._asdict())).rowcount != 1:
        raise StaleVersionError("webhook endpoint", endpoint.public_id, endpoint.version)
    return changed


def delete_endpoint(connection: Connection, scope: Scope, endpoint_id: int) -> None:
    """Remove an endpoint with its deliveries and their log."""
    theirs = scope.select(webhook_deliveries, webhook_deliveries.c.id).where(
        webhook_deliveries.c.endpoint_id == endpoint_id
    )
    connection.execute(scope.delete(webhook_attempts).where(webhook_attempts.c.delivery_id.in_(theirs)))
    connection.execute(scope.delete(webhook_deliveries).where(webhook_deliveries.c.endpoint_id == endpoint_id))
    connection.execute(scope.delete(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id))


# --- deliveries


def add_deliveries(connection: Connection, scope: Scope, deliveries: Sequence[Delivery]) -> list[int]:
    """Store new deliveries; their ids, in the order given, which is the order of telling within a member."""
    numbers = list(take(connection, scope, "work", len(deliveries)))
    rows = [
        tuple(delivery._replace(id=number, state=str(delivery.state)))  # type: ignore[arg-type]
        for delivery, number in zip(deliveries, numbers, strict=True)
    ]
    write_rows(connection, scope, webhook_deliveries, Delivery._fields, rows)
    return numbers


def count_pending(connection: Connection, scope: Scope) -> int:
    """How many deliveries are not done with yet."""
    query = scope.select(webhook_deliveries, func.count()).where(webhook_deliveries.c.state == DeliveryState.PENDING)
    return int(connection.execute(query).scalar_one())


def organizations_waiting(connection: Connection, now: int) -> list[Scope]:
    """The organizations that have deliveries due."""
    query = organizations_with(webhook_deliveries, _is_due(now))
    return [Scope(number) for number in connection.execute(query).scalars()]


def claim_due(connection: Connection, scope: Scope, *, now: int, lease_until: int, limit: int) -> list[Delivery]:
    """Take up to `limit` due deliveries for this sender: nobody else gets them before `lease_until`.

    Of one member's messages to one endpoint only the oldest unfinished is ever given out, so they arrive in order.
    Send outside of the transaction, then tell `record_attempt`.
    """
    older = webhook_deliveries.alias("older")
    held_up = (
        select(older.c.id)
        .where(
            scope.owns(older),
            older.c.endpoint_id == webhook_deliveries.c.endpoint_id,
            older.c.member_id == webhook_deliveries.c.member_id,
            older.c.id < webhook_deliveries.c.id,
            older.c.state == DeliveryState.PENDING,
        )
        .exists()
    )
    query = (
        scope.select(webhook_deliveries, *_DELIVERY)
        .where(_is_due(now), ~held_up)
        .order_by(webhook_deliveries.c.next_attempt_at, webhook_deliveries.c.id)
        .limit(limit)
    )
    if connection.dialect.name != "sqlite":
        query = query.with_for_update(skip_locked=True, of=webhook_deliveries)
    taken = all_of(connection, query, Delivery)
    ids = [delivery.id for delivery in taken]
    mine = among(connection, webhook_deliveries.c.id, ids)
    connection.execute(scope.update(webhook_deliveries).where(mine).values(next_attempt_at=lease_until))
    return [delivery._replace(next_attempt_at=lease_until) for delivery in taken]


def record_attempt(
    connection: Connection,
    scope: Scope,
    attempt: Attempt,
    state: DeliveryState,
    *,
    next_attempt_at: int | None = None,
) -> None:
    """Log a try, and what it means for its delivery: finished in `state`, or pending until `next_attempt_at`."""
    connection.execute(scope.insert(webhook_attempts).values(attempt._asdict()))
    finished = None if state is DeliveryState.PENDING else attempt.at
    statement = scope.update(webhook_deliveries).where(webhook_deliveries.c.id == attempt.delivery_id)
    values = {"state": state, "attempts": attempt.number, "next_attempt_at": next_attempt_at, "finished_at": finished}
    connection.execute(statement.values(values))


def deliveries(
    connection: Connection, scope: Scope, endpoint_id: int, *, before: int | None = None, limit: int
) -> list[Delivery]:
    """The newest `limit` deliveries of an endpoint with ids before `before`: its log."""
    query = scope.select(webhook_deliveries, *_DELIVERY).where(webhook_deliveries.c.endpoint_id == endpoint_id)
    if before is not None:
        query = query.where(webhook_deliveries.c.id < before)
    return all_of(connection, query.order_by(webhook_deliveries.c.id.desc()).limit(limit), Delivery)


def delivery(connection: Connection, scope: Scope, delivery_id: int, *, lock: bool = False) -> Delivery | None:
    """The delivery with that id; with `lock` nobody else changes it until the transaction ends."""
    query = scope.select(webhook_deliveries, *_DELIVERY).where(webhook_deliveries.c.id == delivery_id)
    return one_of(connection, query.with_for_update() if lock else query, Delivery)


def attempts(connection: Connection, scope: Scope, delivery_ids: Iterable[int]) -> dict[int, list[Attempt]]:
    """The tries of those deliveries, in order."""
    query = scope.select(webhook_attempts, *_ATTEMPT).where(
        among(connection, webhook_attempts.c.delivery_id, delivery_ids)
    )
    found: dict[int, list[Attempt]] = {}
    in_order = query.order_by(webhook_attempts.c.delivery_id, webhook_attempts.c.number)
    for attempt in all_of(connection, in_order, Attempt):
        found.setdefault(attempt.delivery_id, []).append(attempt)
    return found


def forget_answers(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> None:
    """Forget what receivers answered to messages about those members: it may repeat what they were sent."""
    about = scope.select(webhook_deliveries, webhook_deliveries.c.id).where(
        among(connection, webhook_deliveries.c.member_id, member_ids)
    )
    mine = scope.update(webhook_attempts).where(webhook_attempts.c.delivery_id.in_(about))
    connection.execute(mine.values(answer=None, error=None))


def purge(connection: Connection, scope: Scope, before: int, limit: int) -> int:
    """Forget up to `limit` of the oldest deliveries, if they were done with before that instant; how many it was."""
    columns = (webhook_deliveries.c.id, webhook_deliveries.c.finished_at)
    oldest = scope.select(webhook_deliveries, *columns).order_by(webhook_deliveries.c.id).limit(limit)
    ids = [number for number, finished in connection.execute(oldest).all() if finished and finished < before]
    connection.execute(scope.delete(webhook_attempts).where(among(connection, webhook_attempts.c.delivery_id, ids)))
    return connection.execute(
        scope.delete(webhook_deliveries).where(among(connection, webhook_deliveries.c.id, ids))
    ).rowcount


def cancel_pending(connection: Connection, scope: Scope, endpoint_id: int, at: int) -> int:
    """Give up what waits for an endpoint; how many deliveries it was."""
    waiting = and_(webhook_deliveries.c.endpoint_id == endpoint_id, webhook_deliveries.c.state == DeliveryState.PENDING)
    statement = scope.update(webhook_deliveries).where(waiting)
    return connection.execute(statement.values(state=DeliveryState.CANCELLED, finished_at=at)).rowcount


def _is_due(now: int) -> Any:
    return and_(webhook_deliveries.c.state == DeliveryState.PENDING, webhook_deliveries.c.next_attempt_at <= now)
