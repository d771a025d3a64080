"""Who asks: `Authorization: Bearer SECRET`; publishable keys are for another API of the vendor's."""

from __future__ import annotations

from starlette.requests import Request

from ziggurat.app.principal import Principal
from ziggurat.http.auth import Authenticator
from ziggurat.http.faces.fanfare.errors import FanfareError

_BEARER = "bearer"
_PUBLISHABLE = "pk_"


def principal_of(authenticator: Authenticator, request: Request) -> Principal:
    """Who stands behind the secret (unknown 32: no key or an unknown one is 401, a publishable one too).

    Raises:
        FanfareError: 401.
    """
    scheme, _, secret = request.headers.get("authorization", "").strip().partition(" ")
    secret = secret.strip() if scheme.lower() == _BEARER else ""
    if secret.startswith(_PUBLISHABLE) or (not secret and "x-publishable-key" in request.headers):
        raise FanfareError(401, "Secret key required", {"www-authenticate": "Bearer"})
    principal = authenticator.by_secret(secret)
    if principal is None:
        raise FanfareError(401, "Authentication required", {"www-authenticate": "Bearer"})
    return principal
