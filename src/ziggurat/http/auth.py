"""Who is asking, and may they: keys by their secret, scopes, and the headers that carry them.

The native API and the vendor faces all come here; a face with another header shape takes the secret out of its header
and calls `Authenticator`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ziggurat.app.access.authenticate import authenticate, authenticate_pair
from ziggurat.app.principal import KeyScope, Principal
from ziggurat.http.problems import Refusal
from ziggurat.http.service import Service

_BEARER = re.compile(r"[Bb]earer +([\x21-\x7e]{1,512})")
_SECRET_CHARACTERS_MAX = 512


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Turns secrets into principals, with the service's short memory."""

    service: Service

    def by_secret(self, secret: str) -> Principal | None:
        """Whose secret that is; None for nobody's."""
        if not secret or len(secret) > _SECRET_CHARACTERS_MAX or not secret.isascii():
            return None
        database, clock = self.service.database, self.service.clock
        return self.service.principals.get(f"secret {secret}", lambda: authenticate(database, secret, clock()))

    def by_pair(self, key_id: str, secret: str, *, md5: bool = False) -> Principal | None:
        """Whose key id and secret (with `md5`, or its MD5 in hexadecimal) that is; None for nobody's."""
        if not secret or len(secret) > _SECRET_CHARACTERS_MAX or not (key_id + secret).isascii():
            return None
        database, clock = self.service.database, self.service.clock
        shown = f"{'md5' if md5 else 'pair'} {key_id} {secret}"
        return self.service.principals.get(shown, lambda: authenticate_pair(database, key_id, secret, clock(), md5=md5))

    def by_bearer(self, authorization: str | None) -> Principal:
        """Who stands behind an `Authorization: Bearer SECRET` header.

        Raises:
            Refusal: `authentication_required` without a usable header, `invalid_key` for nobody's secret.
        """
        found = _BEARER.fullmatch(authorization.strip()) if authorization else None
        if found is None:
            challenge = 'Bearer realm="ziggurat"'
            raise Refusal("authentication_required", headers={"www-authenticate": challenge})
        principal = self.by_secret(found[1])
        if principal is None:
            challenge = 'Bearer realm="ziggurat", error="invalid_token"'
            raise Refusal("invalid_key", headers={"www-authenticate": challenge})
        return principal


def require_scope(principal: Principal, scope: KeyScope) -> None:
    """Nothing, if `principal` holds `scope`.

    Raises:
        Refusal: `scope_missing`.
    """
    if scope not in principal.scopes:
        raise Refusal("scope_missing", f"the key lacks the scope {scope}", params={"scope": str(scope)})
