"""`Idempotency-Key`: a request sent again is answered as it was the first time, for a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ziggurat.http.answers import Sendable
from ziggurat.http.face_support.routes import Reply, Visit
from ziggurat.http.faces.capillary.errors import refused
from ziggurat.http.idempotency import HEADER, Fingerprint, answer_once, idempotency_key
from ziggurat.http.json_text import parse, render

_STATUS_DONE = 200


def once(visit: Visit, run: Callable[[], Any], status: int = _STATUS_DONE) -> Any:
    """What `run` answers, or what it answered when the request's key was used first.

    Raises:
        ZigguratError: `idempotency_key_reused`, `request_in_flight`.
    """
    key = idempotency_key(visit.request.headers.get(HEADER))
    if key is None:
        return Reply(run(), status)
    request = visit.request
    print_ = Fingerprint(request.method, f"capillary {request.url.path}?{request.url.query}", "json", visit.body)
    sent = answer_once(visit.context, key, print_, lambda: _sendable(run, status))
    return Reply(parse(sent.body), sent.status)


def _sendable(run: Callable[[], Any], status: int) -> Sendable:
    try:
        return Sendable(status, {"content-type": "application/json"}, render(run()))
    except Exception as error:  # noqa: BLE001 - a refusal is an answer too; faults of ours are not kept
        response = refused(error, "")
        return Sendable(response.status_code, {"content-type": "application/json"}, bytes(response.body))
