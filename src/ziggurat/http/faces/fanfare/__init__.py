"""Fanfare: audiences, loyalty tiers and consumers of the vendor's Admin API, over the same programs and members."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp

from ziggurat.app.webhooks.deliver_webhooks import Renderer
from ziggurat.http.face_support.losses import Translator
from ziggurat.http.service import Service


def create_face(service: Service) -> ASGIApp:
    """The face, to be mounted."""
    from ziggurat.http.faces.fanfare.application import create_fanfare_app  # noqa: PLC0415 - the command line needs none

    return create_fanfare_app(service)


def webhook_renderers() -> Mapping[str, Renderer]:
    """The envelopes in which the face's webhooks go out, by dialect."""
    from ziggurat.http.faces.fanfare.webhook_envelope import fanfare_envelope  # noqa: PLC0415

    return {"fanfare": fanfare_envelope}


def translators() -> Mapping[str, Translator]:
    """What says a program in the face's words, by dialect."""
    from ziggurat.http.faces.fanfare.to_payload import to_payload  # noqa: PLC0415

    return {"fanfare": to_payload}
