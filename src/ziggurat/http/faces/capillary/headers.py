"""Who asks: Basic with key id and secret (or the secret's MD5), or an access token that was exchanged for them."""

from __future__ import annotations

import base64
import binascii

from starlette.requests import Request

from ziggurat.app.access.access_tokens import authenticate_token
from ziggurat.app.principal import Principal
from ziggurat.http.auth import Authenticator
from ziggurat.http.problems import Refusal

TOKEN_HEADERS = ("x-cap-api-oauth-token", "cap-api-access-token")
_BASIC = "basic "
_CHALLENGE = {"www-authenticate": 'Basic realm="ziggurat"'}


def principal_of(authenticator: Authenticator, request: Request) -> Principal:
    """Who stands behind the headers.

    Raises:
        Refusal: `authentication_required` or `invalid_key`.
    """
    token = next((request.headers[name] for name in TOKEN_HEADERS if name in request.headers), None)
    if token is not None:
        service = authenticator.service
        principal = authenticate_token(service.database, token, service.clock())
    else:
        pair = basic_pair(request.headers.get("authorization", ""))
        if pair is None:
            raise Refusal("authentication_required", headers=_CHALLENGE)
        principal = authenticator.by_pair(*pair, md5=True)
    if principal is None:
        raise Refusal("invalid_key", headers=_CHALLENGE)
    return principal


def basic_pair(authorization: str) -> tuple[str, str] | None:
    """User and password of a Basic header, None if it is none."""
    if authorization[: len(_BASIC)].lower() != _BASIC:
        return None
    try:
        text = base64.b64decode(authorization[len(_BASIC) :].strip(), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon and user and password else None
