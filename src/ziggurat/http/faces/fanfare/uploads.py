"""Where the files of imports are put: an address that nobody can guess, good for an hour, and needing no key.

What is kept is a digest of the last part of the address, so that reading the database opens no address.
"""

from __future__ import annotations

import hmac
import io
import secrets
from hashlib import sha256
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ziggurat.app.audiences.import_members import read_import, upload_import
from ziggurat.app.context import Context
from ziggurat.app.faces.face_documents import ensure_face_document, read_face_document
from ziggurat.http.exchange import exchange_of
from ziggurat.http.faces.fanfare.errors import FanfareError, refused
from ziggurat.http.faces.fanfare.ids import FACE
from ziggurat.http.problems import Refusal
from ziggurat.http.request_bodies import read_bytes
from ziggurat.http.service import Service
from ziggurat.store.scope import Scope

FILE_BYTES_MAX = 10 * 1024 * 1024
LIFETIME_S = 3_600
PATH = "/uploads/{organization}/{import_id}/{ticket}"
_KIND = "upload"
_TICKET_BYTES = 32
_SECOND = 1_000_000
_DIGITS_MAX = 18


def upload_address(request: Request, context: Context, import_id: str) -> str:
    """A new address for the file of an import, on the host that the request came to."""
    ticket = secrets.token_urlsafe(_TICKET_BYTES)
    made: dict[str, Any] = {"digest": _digest(ticket), "until": context.now + LIFETIME_S * _SECOND}
    ensure_face_document(context, FACE, _KIND, import_id, lambda: made)
    path = f"{request.scope.get('root_path', '')}/uploads/{context.scope.organization_id}/{import_id}/{ticket}"
    return str(request.url.replace(path=path, query="", fragment=""))


def upload_route(service: Service) -> Route:
    """`PUT` of a file to such an address."""

    async def upload(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        exchange.route = PATH
        try:
            context = await to_thread.run_sync(lambda: _admit(service, request.path_params), limiter=service.slots)
            body = await _read(request)
            await to_thread.run_sync(
                lambda: upload_import(context, service.objects, request.path_params["import_id"], io.BytesIO(body)),
                limiter=service.slots,
            )
        except Exception as error:  # noqa: BLE001 - every error has an answer
            return refused(error, exchange.request_id)
        return Response(None, 200)

    return Route(PATH, upload, methods=["PUT"])


async def _read(request: Request) -> bytes:
    try:
        return await read_bytes(request, FILE_BYTES_MAX)
    except Refusal as refusal:
        if refusal.code == "body_too_large":
            raise FanfareError(413, "File is larger than 10 MB", {"connection": "close"}) from None
        raise


def _admit(service: Service, path: dict[str, str]) -> Context:
    """The organization that the address was made for, in the name of whoever asked for it.

    Raises:
        FanfareError: nobody made such an address, or it is too old.
    """
    number, import_id = path["organization"], path["import_id"]
    refusal = FanfareError(403, "Upload address is unknown or expired")
    if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS_MAX and import_id.isprintable()):
        raise refusal
    now = service.clock()
    context = Context(service.database, Scope(int(number)), "upload", now)
    known = read_face_document(context, FACE, _KIND, import_id)
    given = _digest(path["ticket"])
    if known is None or not hmac.compare_digest(str(known["digest"]), given) or known["until"] < now:
        raise refusal
    made = read_import(context, import_id)
    return Context(service.database, context.scope, made.created_by, now)


def _digest(ticket: str) -> str:
    return sha256(ticket.encode(errors="replace")).hexdigest()
