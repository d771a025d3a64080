"""Wix Loyalty Tiers: the tiers and account methods of the published client, over the same programs and members."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp

from ziggurat.app.webhooks.deliver_webhooks import Renderer
from ziggurat.http.face_support.losses import Translator
from ziggurat.http.service import Service


def create_face(service: Service) -> ASGIApp:
    """The face, to be mounted."""
    from ziggurat.http.faces.wix.application import create_wix_app  # noqa: PLC0415 - the command line needs no server

    return create_wix_app(service)


def webhook_renderers() -> Mapping[str, Renderer]:
    """The envelopes in which the face's webhooks go out, by dialect."""
    from ziggurat.http.faces.wix.envelope import wix_envelope  # noqa: PLC0415

    return {"wix": wix_envelope}


def translators() -> Mapping[str, Translator]:
    """What says a program in the face's words, by dialect."""
    from ziggurat.http.faces.wix.losses import to_payload  # noqa: PLC0415

    return {"wix": to_payload}
