"""Webhook endpoints, and what was delivered to them."""

from __future__ import annotations

from ziggurat.app.principal import KeyScope
from ziggurat.app.webhooks.change_endpoint import change_endpoint
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.app.webhooks.delete_endpoint import delete_endpoint
from ziggurat.app.webhooks.list_deliveries import list_deliveries
from ziggurat.app.webhooks.list_endpoints import list_endpoints
from ziggurat.app.webhooks.ping_endpoint import ping_endpoint
from ziggurat.app.webhooks.read_endpoint import read_endpoint
from ziggurat.app.webhooks.replay_delivery import replay_delivery
from ziggurat.app.webhooks.rotate_secret import rotate_secret
from ziggurat.http.answers import NO_CONTENT, Answer
from ziggurat.http.native import examples
from ziggurat.http.native.models import webhooks as models
from ziggurat.http.native.models.common import PageQuery
from ziggurat.http.operations import Body, Call, IfMatch, Operation

TAG = "webhooks"
_ONE = "/v1/webhook-endpoints/{endpoint}"


def _create(call: Call) -> Answer:
    created = create_endpoint(
        call.context,
        url=call.body["url"],
        types=tuple(call.body.get("types", ())),
        settings=call.body.get("settings", {}),
        private_targets=call.service.settings.webhook_private_targets,
    )
    view = created.endpoint
    location = f"/v1/webhook-endpoints/{view.id}"
    return Answer(models.created_endpoint_model(created), status=201, version=view.version, location=location)


def _list(call: Call) -> Answer:
    return call.page(list_endpoints(call.context, after=call.after, limit=call.limit), models.endpoint_model)


def _read(call: Call) -> Answer:
    view = read_endpoint(call.context, call.path["endpoint"])
    return Answer(models.endpoint_model(view), version=view.version)


def _change(call: Call) -> Answer:
    said = dict(call.body)
    if "types" in said:
        said["types"] = tuple(said["types"])
    said["private_targets"] = call.service.settings.webhook_private_targets
    view = change_endpoint(call.context, call.path["endpoint"], call.expected_version, **said)
    return Answer(models.endpoint_model(view), version=view.version)


def _delete(call: Call) -> Answer:
    delete_endpoint(call.context, call.path["endpoint"], call.expected_version)
    return Answer(status=NO_CONTENT)


def _rotate(call: Call) -> Answer:
    created = rotate_secret(call.context, call.path["endpoint"])
    return Answer(models.created_endpoint_model(created), version=created.endpoint.version)


def _ping(call: Call) -> Answer:
    return Answer(models.delivery_model(ping_endpoint(call.context, call.path["endpoint"])), status=202)


def _deliveries(call: Call) -> Answer:
    page = list_deliveries(
        call.context,
        call.path["endpoint"],
        state=call.query.get("state"),
        after=call.after,
        limit=call.limit,
    )
    return call.page(page, models.delivery_model)


def _replay(call: Call) -> Answer:
    view = replay_delivery(call.context, call.path["endpoint"], call.path["delivery"])
    return Answer(models.delivery_model(view), status=202)


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/webhook-endpoints",
        name="createEndpoint",
        summary="Have messages sent to an address; the signing secret is shown once",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_create,
        body=Body(models.NewEndpoint, {"url": examples.ENDPOINT["url"], "types": ["member.upgraded"]}),
        status=201,
        answer=models.EndpointWithSecret,
        example=examples.ENDPOINT_WITH_SECRET,
        has_version=True,
        shows_secret=True,
        refusals=("webhook_target_refused",),
    ),
    Operation(
        method="GET",
        path="/v1/webhook-endpoints",
        name="listEndpoints",
        summary="List endpoints",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_list,
        query=PageQuery,
        answer=models.Endpoints,
        example=examples.page_of(examples.ENDPOINT),
    ),
    Operation(
        method="GET",
        path=_ONE,
        name="readEndpoint",
        summary="Read an endpoint",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_read,
        answer=models.Endpoint,
        example=examples.ENDPOINT,
        has_version=True,
        refusals=("not_found",),
    ),
    Operation(
        method="PATCH",
        path=_ONE,
        name="changeEndpoint",
        summary="Change an endpoint, switch it off or on again",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_change,
        body=Body(models.EndpointChange, {"enabled": True}),
        answer=models.Endpoint,
        example=examples.ENDPOINT,
        has_version=True,
        if_match=IfMatch.REQUIRED,
        refusals=("not_found", "webhook_target_refused"),
    ),
    Operation(
        method="DELETE",
        path=_ONE,
        name="deleteEndpoint",
        summary="Send no more messages there",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_delete,
        status=NO_CONTENT,
        if_match=IfMatch.REQUIRED,
        refusals=("not_found",),
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/rotate-secret",
        name="rotateSecret",
        summary="Sign with a new secret; the old one signs too for a while",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_rotate,
        answer=models.EndpointWithSecret,
        example=examples.ENDPOINT_WITH_SECRET,
        has_version=True,
        shows_secret=True,
        refusals=("not_found",),
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/ping",
        name="pingEndpoint",
        summary="Send a test message",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_ping,
        status=202,
        answer=models.Delivery,
        example={**examples.DELIVERY, "state": "pending", "type": "ping", "member": None},
        refusals=("not_found", "wrong_state"),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/deliveries",
        name="listDeliveries",
        summary="What was delivered, and what was not, with every attempt",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_deliveries,
        query=models.DeliveriesQuery,
        answer=models.Deliveries,
        example=examples.page_of(examples.DELIVERY),
        refusals=("not_found",),
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/deliveries/{{delivery}}/replay",
        name="replayDelivery",
        summary="Deliver a message again",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_replay,
        status=202,
        answer=models.Delivery,
        example={**examples.DELIVERY, "state": "pending"},
        refusals=("not_found", "wrong_state"),
    ),
)
