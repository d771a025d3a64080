"""The vendor's headers: `Authorization` holds the bare secret, `wix-site-id` names the site.

`wix-member-id`, which is ours, names the member for whom a site's server asks.
"""

from __future__ import annotations

from starlette.requests import Request

from ziggurat.app.principal import Principal
from ziggurat.http.auth import Authenticator
from ziggurat.http.problems import Refusal

SITE = "wix-site-id"
MEMBER = "wix-member-id"
_BEARER = "bearer "


def principal_of(authenticator: Authenticator, request: Request) -> Principal:
    """Who stands behind the secret.

    The vendor wants no `Bearer` before it; some clients write it all the same, and a secret never starts so.

    Raises:
        Refusal: `authentication_required` or `invalid_key`.
    """
    given = request.headers.get("authorization", "").strip()
    secret = given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else given
    if not secret:
        raise Refusal("authentication_required")
    principal = authenticator.by_secret(secret)
    if principal is None:
        raise Refusal("invalid_key")
    return principal


def site_of(request: Request) -> str | None:
    """The site that the request names."""
    return request.headers.get(SITE, "").strip() or None


def member_of(request: Request) -> str | None:
    """The member on whose behalf the request is made: an extension, since the vendor's tokens say it."""
    return request.headers.get(MEMBER, "").strip() or None
