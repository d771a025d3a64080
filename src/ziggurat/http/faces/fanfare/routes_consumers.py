"""The consumers operations: members, as the vendor has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ziggurat.app.audiences.check_identities import Saying
from ziggurat.app.audiences.put_identities import UNKNOWN, put_identities
from ziggurat.app.audiences.read_audience import list_audiences_of
from ziggurat.app.audiences.register_members import NewMember, register_members
from ziggurat.app.errors import BatchTooLargeError, InvalidMembersError
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare import wire_consumers as wire
from ziggurat.http.faces.fanfare.audience_view import show_bare
from ziggurat.http.faces.fanfare.consumer_bodies import Amounts, as_issues, item_locs, new_member, saying_of
from ziggurat.http.faces.fanfare.consumer_ids import ref_of
from ziggurat.http.faces.fanfare.consumer_queries import (
    EXACT,
    FILTERS,
    INCLUDE,
    ORDERS,
    list_consumers,
    search_consumers,
    show_with_relations,
)
from ziggurat.http.faces.fanfare.consumer_view import ARCHIVED, find_consumer, show_consumer, show_consumers
from ziggurat.http.faces.fanfare.errors import FanfareError, not_found
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Loc, failed_check
from ziggurat.http.faces.fanfare.paging import parameters
from ziggurat.http.faces.fanfare.reading import check, read_json
from ziggurat.http.faces.fanfare.routes_distribution import DISTRIBUTION_ROUTES
from ziggurat.http.faces.fanfare.routes_transactions import TRANSACTION_ROUTES
from ziggurat.http.faces.fanfare.wire_answers import BareAudiences

BATCH_MAX = 500


def _get(visit: Visit) -> Any:
    return show_with_relations(visit, (find_consumer(visit),))[0]


def _create(visit: Visit) -> Any:
    body = read_json(visit.body)
    said = check(wire.NewConsumer, body)
    amounts = Amounts()
    wanted = new_member(said, (), visit.context.now, amounts)
    return _register(visit, [wanted], body, [()], amounts)[0]


def _create_batch(visit: Visit) -> Any:
    body = read_json(visit.body)
    _require_size(body)
    items: Sequence[wire.NewConsumer]
    items = check(wire.BareBatch, body).root if isinstance(body, list) else check(wire.ConsumersBatch, body).consumers
    locs = item_locs(body, len(items))
    amounts = Amounts()
    wanted = [new_member(item, loc, visit.context.now, amounts) for item, loc in zip(items, locs, strict=True)]
    return _register(visit, wanted, body, locs, amounts)


def _register(visit: Visit, wanted: list[NewMember], body: Any, locs: Sequence[Loc], amounts: Amounts) -> Any:
    if amounts.issues:
        raise InvalidInputError(amounts.issues, body)
    update = visit.request.query_params.get("upsert") == "true"
    try:
        made = register_members(visit.context, wanted, unique_emails=True, update=update)
    except InvalidMembersError as error:
        raise as_issues(error, body, locs) from None
    except BatchTooLargeError as error:
        message = f"Invalid value: {error.events} events in one request, {error.events_max} at most: send fewer orders"
        raise InvalidInputError([failed_check((), "orders", None, message)], body) from None
    return show_consumers(visit.context, made)


def _update(visit: Visit) -> Any:
    body = read_json(visit.body)
    said = check(wire.ConsumerUpdate, body)
    return _put(visit, [visit.path["consumerId"]], [said], body, [()])[0]


def _update_batch(visit: Visit) -> Any:
    body = read_json(visit.body)
    _require_size(body)
    is_bare = isinstance(body, list)
    items = check(wire.BareUpdates, body).root if is_bare else check(wire.UpdatesBatch, body).consumers
    return _put(visit, [item.id for item in items], items, body, item_locs(body, len(items)))


def _put(
    visit: Visit, consumers: Sequence[str], said: Sequence[wire.ConsumerUpdate], body: Any, locs: Sequence[Loc]
) -> Any:
    changes = [(ref_of(visit.context, consumer), saying_of(one)) for consumer, one in zip(consumers, said, strict=True)]
    try:
        changed = put_identities(visit.context, changes, unique_emails=True)
    except InvalidMembersError as error:
        if locs == [()] and any(fault.code == UNKNOWN for fault in error.faults):
            raise not_found("Consumer") from None
        raise as_issues(error, body, locs) from None
    return show_consumers(visit.context, changed)


def _archive(visit: Visit) -> Any:
    """The status says that she is archived; she stays a member like every other."""
    found = find_consumer(visit)
    if found.status == ARCHIVED:
        raise not_found("Consumer")
    (after,) = put_identities(visit.context, [(found.number, Saying({"status": ARCHIVED}))])
    return show_consumer(visit.context, after)


def _audiences(visit: Visit) -> Any:
    found = find_consumer(visit)
    return show_bare(visit.context, list_audiences_of(visit.context, found.member))


def _require_size(body: Any) -> None:
    items = body.get("consumers") if isinstance(body, dict) else body
    if isinstance(items, list) and len(items) > BATCH_MAX:
        raise FanfareError(400, f"Max batch size is {BATCH_MAX}")


def _text(*names: str) -> tuple[dict[str, Any], ...]:
    return tuple({"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in names)


_UPSERT = {"name": "upsert", "in": "query", "required": False, "schema": {"type": "string", "enum": ["true", "false"]}}
_READ, _WRITE = KeyScope.READ, KeyScope.INGEST


def _route(method: str, path: str, scope: KeyScope, run: Any, summary: str, **said: Any) -> FaceRoute:
    return FaceRoute(method=method, path=f"/consumers{path}", scope=scope, run=run, summary=summary, **said)


CONSUMER_ROUTES = (
    _route(
        "GET",
        "",
        _READ,
        list_consumers,
        "List consumers",
        answer=wire.Consumers,
        parameters=parameters(*FILTERS, INCLUDE, orders=tuple(ORDERS)),
        refusals=(404,),
    ),
    _route(
        "POST",
        "",
        _WRITE,
        _create,
        "Create a consumer",
        body=wire.NewConsumer,
        answer=wire.Consumer,
        parameters=[_UPSERT],
    ),
    _route(
        "POST",
        "/batch",
        _WRITE,
        _create_batch,
        "Create consumers",
        body=wire.AnyBatch,
        answer=wire.BareConsumers,
        parameters=[_UPSERT],
    ),
    _route("PUT", "/batch", _WRITE, _update_batch, "Update consumers", body=wire.AnyUpdates, answer=wire.BareConsumers),
    _route(
        "GET",
        "/search",
        _READ,
        search_consumers,
        "Find consumers",
        answer=wire.Consumers,
        parameters=parameters(*EXACT, INCLUDE, orders=tuple(ORDERS)),
    ),
    *DISTRIBUTION_ROUTES,
    _route(
        "GET",
        "/{consumerId}",
        _READ,
        _get,
        "Get a consumer",
        answer=wire.Consumer,
        parameters=_text(INCLUDE),
        refusals=(404,),
    ),
    _route(
        "PUT",
        "/{consumerId}",
        _WRITE,
        _update,
        "Update a consumer",
        body=wire.ConsumerUpdate,
        answer=wire.Consumer,
        refusals=(404,),
    ),
    _route(
        "PATCH",
        "/{consumerId}",
        _WRITE,
        _update,
        "Update a consumer, as on the oldest pages",
        body=wire.ConsumerUpdate,
        answer=wire.Consumer,
        refusals=(404,),
    ),
    _route("DELETE", "/{consumerId}", _WRITE, _archive, "Archive a consumer", answer=wire.Consumer, refusals=(404,)),
    _route(
        "GET",
        "/{consumerId}/audiences",
        _READ,
        _audiences,
        "List the audiences that a consumer is in",
        answer=BareAudiences,
        refusals=(404,),
    ),
    *TRANSACTION_ROUTES,
)
"""In the order in which paths are tried."""
