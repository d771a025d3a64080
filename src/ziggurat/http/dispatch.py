"""From a request to its operation and back: the conventions of the native API, applied to all operations alike.

In this order, which is the order of precedence of docs/errors.md: path, method, key, scope, rate, content type, size,
form of body and parameters, preconditions, idempotency key; then the use case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

from anyio import to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ziggurat.app.access.claim_request import carrying_out
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.principal import Principal
from ziggurat.http.answers import NOT_MODIFIED, Answer, Sendable, sendable
from ziggurat.http.auth import Authenticator, require_scope
from ziggurat.http.entity_tags import expected_version, is_known
from ziggurat.http.exchange import exchange_of
from ziggurat.http.fields import identifier_of
from ziggurat.http.idempotency import Fingerprint, answer_once, idempotency_key
from ziggurat.http.json_logs import log
from ziggurat.http.json_pointers import pointer_of_path
from ziggurat.http.operations import JSON, Call, IfMatch, Operation
from ziggurat.http.path_slashes import restored
from ziggurat.http.problems import Refusal, WireFault, problem_of, refusal_of
from ziggurat.http.request_bodies import media_type_of, read_bytes
from ziggurat.http.service import Service
from ziggurat.http.strict_bodies import read_query, refused

T = TypeVar("T")


@dataclass(slots=True)
class _Beside:
    """What goes with an answer, whether it is one or a refusal."""

    headers: dict[str, str] = field(default_factory=dict)
    afterwards: BackgroundTask | None = None


class Dispatcher:
    """Answers requests with `operations`."""

    def __init__(self, service: Service, operations: Sequence[Operation]) -> None:
        self.service = service
        self.authenticator = Authenticator(service)
        self.operations = operations

    def routes(self) -> list[Route]:
        """One route for each path, whatever the method."""
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in self.operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        return [Route(path, _Endpoint(self, path, methods)) for path, methods in by_path.items()]

    async def answer(self, request: Request, path: str, by_method: Mapping[str, Operation]) -> Response:
        """The response to `request`, whatever happens."""
        exchange = exchange_of(request.scope)
        exchange.route = path
        beside = _Beside()
        try:
            made = await self._answer(request, by_method, beside)
        except Exception as error:  # noqa: BLE001 - every error has an answer
            made = _refused(error, exchange.request_id)
        headers = {**made.headers, **beside.headers}
        if made.stream is not None:
            return StreamingResponse(made.stream, made.status, headers, background=beside.afterwards)
        return Response(made.body, made.status, headers, background=beside.afterwards)

    async def _answer(self, request: Request, by_method: Mapping[str, Operation], beside: _Beside) -> Sendable:
        operation = by_method.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            allow = ", ".join(sorted({*by_method, *(["HEAD"] if "GET" in by_method else [])}))
            raise Refusal("method_not_allowed", headers={"allow": allow})
        now = self.service.clock()
        if operation.body is None:

            def all_of_it() -> Sendable:
                principal = self._admit(request, operation, now, beside)
                return self._carry_out(request, operation, principal, now, b"", JSON)

            return await self._use_database(all_of_it, operation)
        principal = await self._use_database(lambda: self._admit(request, operation, now, beside))
        body, media_type = b"", JSON
        if not operation.body.optional or "content-type" in request.headers:
            media_type = media_type_of(request, operation.body.media_types)
        body = await read_bytes(request, operation.body.bytes_max)
        if body and "content-type" not in request.headers:
            media_type_of(request, operation.body.media_types)
        return await self._use_database(
            lambda: self._carry_out(request, operation, principal, now, body, media_type), operation
        )

    async def _use_database(self, work: Callable[[], T], operation: Operation | None = None) -> T:
        """Point reads of a SQLite file are quicker than a change of threads; everything else waits in a thread."""
        inline = operation is None or operation.inline
        if inline and self.service.database.is_sqlite:
            return work()
        reads = operation is None or operation.method == "GET"
        return await to_thread.run_sync(work, limiter=self.service.slots if reads else self.service.writers)

    def _admit(self, request: Request, operation: Operation, now: int, beside: _Beside) -> Principal:
        principal = self.authenticator.by_bearer(request.headers.get("authorization"))
        fields = exchange_of(request.scope).fields
        fields["organization"] = principal.scope.organization_id
        fields["key_id"] = principal.key_id
        require_scope(principal, operation.scope)
        beside.headers.update(self.service.limiter.take(principal.key_id, now))
        if self.service.key_uses.is_due(principal, now):
            beside.afterwards = BackgroundTask(self.service.key_uses.write, principal, now)
        return principal

    def _carry_out(
        self, request: Request, operation: Operation, principal: Principal, now: int, body: bytes, media_type: str
    ) -> Sendable:
        context = Context(
            database=self.service.database, scope=principal.scope, actor=f"key:{principal.key_id}", now=now
        )
        key = idempotency_key(request.headers.get("idempotency-key")) if operation.method == "POST" else None
        if key is not None and operation.shows_secret:
            says = "this answer shows a secret once and is never kept"
            raise Refusal("invalid_header", says, faults=[WireFault(says, header="Idempotency-Key")])
        at_work = context if key is None else carrying_out(context, key)
        call = self._understand(request, operation, principal, at_work, body, media_type)
        if key is None:
            made = sendable(_run(operation, call))
            etag = made.headers.get("etag")
            if etag and operation.method == "GET" and is_known(request.headers.get("if-none-match"), etag):
                return Sendable(NOT_MODIFIED, {"etag": etag}, b"")
            return made
        target = f"{request.scope['path']}?{request.url.query}"
        fingerprint = Fingerprint(operation.method, target, media_type, body)
        request_id = exchange_of(request.scope).request_id

        def answer() -> Sendable:
            try:
                return sendable(_run(operation, call))
            except Exception as error:  # noqa: BLE001 - every error has an answer
                return _refused(error, request_id)

        return answer_once(context, key, fingerprint, answer)

    def _understand(
        self,
        request: Request,
        operation: Operation,
        principal: Principal,
        context: Context,
        body: bytes,
        media_type: str,
    ) -> Call:
        version = None
        if operation.if_match is not IfMatch.NOT_READ:
            version = expected_version(request.headers.get("if-match"))
        faults: list[WireFault] = []
        said = _or_fault(faults, lambda: operation.body.parse(body, media_type) if operation.body else None)
        path = _or_fault(faults, lambda: _path_parameters(request)) or {}
        given = request.query_params.multi_items()
        query = _or_fault(faults, lambda: _query_parameters(operation, given)) or {}
        if faults:
            raise refused(faults)
        if operation.if_match is IfMatch.REQUIRED and "if-match" not in request.headers:
            raise Refusal("precondition_required")
        without_cursor = sorted((name, value) for name, value in given if name not in ("cursor", "limit"))
        return Call(
            service=self.service,
            principal=principal,
            context=context,
            path=path,
            query=query,
            body=said,
            media_type=media_type,
            expected_version=version,
            cursor_query=f"{principal.scope.organization_id} {request.scope['path']}?{urlencode(without_cursor)}",
        )


class _Endpoint:
    """An ASGI application for one path: unlike a function, it gets requests of every method."""

    def __init__(self, dispatcher: Dispatcher, path: str, by_method: Mapping[str, Operation]) -> None:
        self.dispatcher = dispatcher
        self.path = path
        self.by_method = by_method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.dispatcher.answer(Request(scope, receive), self.path, self.by_method)
        await response(scope, receive, send)


def _run(operation: Operation, call: Call) -> Answer:
    """What `operation` answers; a value that it refuses stands in the body, if it has one."""
    try:
        return operation.run(call)
    except InvalidRequestError as error:
        if operation.body is None:
            raise
        fault = WireFault(error.problem, pointer=pointer_of_path(error.field))
        raise Refusal(error.code, str(error), faults=[fault]) from None


def _or_fault(faults: list[WireFault], read: Callable[[], T]) -> T | None:
    """What `read` makes; the faults of an invalid request are collected, so that all of them are told at once."""
    try:
        return read()
    except Refusal as refusal:
        if refusal.code != "invalid_request":
            raise
        faults.extend(refusal.faults)
        return None


def _query_parameters(operation: Operation, given: list[tuple[str, str]]) -> Mapping[str, object]:
    if operation.query_adapter is not None:
        query: Mapping[str, object] = read_query(operation.query_adapter, given, operation.query_lists)
        return query
    if given:
        raise refused(
            [WireFault("is not a parameter here", parameter=name, remedy="leave it out") for name, _ in given]
        )
    return {}


def _path_parameters(request: Request) -> Mapping[str, str]:
    found: dict[str, str] = {}
    faults: list[WireFault] = []
    for name, value in request.path_params.items():
        try:
            found[name] = identifier_of(restored(value))
        except ValueError as error:
            faults.append(WireFault(str(error), parameter=name))
    if faults:
        raise refused(faults)
    return found


def _refused(error: Exception, request_id: str) -> Sendable:
    refusal = refusal_of(error)
    problem = problem_of(refusal, request_id)
    if refusal is not error and problem.status >= 500:  # noqa: PLR2004 - what is ours to explain
        log(logging.ERROR, "an operation failed", {"request_id": request_id, "code": problem.code}, error)
    return Sendable(problem.status, problem.headers, problem.body)
