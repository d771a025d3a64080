"""Idempotency keys of faces: a request sent again is done once, and answered as it was the first time, for a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from ziggurat.app.access.claim_request import carrying_out
from ziggurat.http.answers import Sendable
from ziggurat.http.exchange import exchange_of
from ziggurat.http.face_support.routes import Reply, Visit
from ziggurat.http.idempotency import Fingerprint, answer_once, idempotency_key
from ziggurat.http.json_text import parse, render

Refused = Callable[[Exception, str], Response]


def once(visit: Visit, given: str | None, face: str, run: Callable[[Visit], Any], refused: Refused) -> Any:
    """What `run` answers, or what it answered when the key `given` was used first; without a key simply the former.

    Args:
        visit: the request.
        given: the key, as the vendor's header has it.
        face: whose requests these are.
        run: carries the request out.
        refused: words a refusal, given the request id: refusals are kept like other answers.

    Raises:
        Refusal: `invalid_header`.
        ZigguratError: `idempotency_key_reused`, `request_in_flight`, `answer_lost`.
    """
    key = idempotency_key(given)
    if key is None:
        return run(visit)
    request = visit.request
    print_ = Fingerprint(request.method, f"{face} {request.url.path}?{request.url.query}", "json", visit.body)
    at_work = replace(visit, context=carrying_out(visit.context, key))
    request_id = exchange_of(request.scope).request_id
    sent = answer_once(visit.context, key, print_, lambda: _sendable(at_work, run, refused, request_id))
    replayed = {name: value for name, value in sent.headers.items() if name == "idempotency-replayed"}
    return Reply(parse(sent.body), sent.status, replayed)


def _sendable(visit: Visit, run: Callable[[Visit], Any], refused: Refused, request_id: str) -> Sendable:
    headers = {"content-type": "application/json"}
    try:
        said = run(visit)
    except Exception as error:  # noqa: BLE001 - a refusal is an answer too; faults of ours are not kept
        response = refused(error, request_id)
        return Sendable(response.status_code, headers, bytes(response.body))
    reply = said if isinstance(said, Reply) else Reply(said)
    return Sendable(reply.status, headers, render(reply.body))
