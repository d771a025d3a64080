"""The organization's key pair for webhooks: messages are JSON web tokens, which receivers check with the public key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ziggurat.app.context import Context
from ziggurat.app.faces.face_documents import ensure_face_document
from ziggurat.http.faces.wix.seen import FACE

ALGORITHM = "RS256"
_KIND = "signing_key"
_CURRENT = "current"
_BITS = 2048
_EXPONENT = 65_537


def public_key(context: Context) -> str:
    """What receivers check with, as PEM; the pair is made when it is asked for first."""
    return str(_pair(context)["public"])


def signed(context: Context, claims: Mapping[str, Any]) -> bytes:
    """`claims` as a signed token."""
    return jwt.encode(dict(claims), str(_pair(context)["private"]), algorithm=ALGORITHM).encode()


def _pair(context: Context) -> Mapping[str, Any]:
    return ensure_face_document(context, FACE, _KIND, _CURRENT, _new_pair)


def _new_pair() -> Mapping[str, Any]:
    private = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_BITS)
    return {
        "private": private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        "public": private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    }
