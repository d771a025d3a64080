"""The face of Voucherify's loyalty tiers (API v2), in the vendor's two dialects."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp

from ziggurat.app.webhooks.deliver_webhooks import Renderer
from ziggurat.http.face_support.losses import Translator
from ziggurat.http.service import Service


def create_face(service: Service) -> ASGIApp:
    """The seed's dialect."""
    from ziggurat.http.faces.voucherify.application import create_voucherify_app  # noqa: PLC0415 - as the other faces
    from ziggurat.http.faces.voucherify.dialect import Dialect  # noqa: PLC0415

    return create_voucherify_app(service, Dialect.SEED)


def more_faces(service: Service) -> Mapping[str, ASGIApp]:
    """The dialects that have an address of their own."""
    from ziggurat.http.faces.voucherify.application import create_voucherify_app  # noqa: PLC0415
    from ziggurat.http.faces.voucherify.dialect import Dialect  # noqa: PLC0415

    return {"voucherify-2026-08": create_voucherify_app(service, Dialect.NEWER)}


def webhook_renderers() -> Mapping[str, Renderer]:
    """The envelopes in which the face's webhooks go out, by dialect."""
    from ziggurat.http.faces.voucherify.envelope import voucherify_envelope  # noqa: PLC0415

    return {"voucherify": voucherify_envelope}


def translators() -> Mapping[str, Translator]:
    """What says a program in the face's words, by dialect."""
    from functools import partial  # noqa: PLC0415

    from ziggurat.http.faces.voucherify.dialect import Dialect  # noqa: PLC0415
    from ziggurat.http.faces.voucherify.to_payload import to_payload  # noqa: PLC0415

    return {"voucherify": to_payload, "voucherify-2026-08": partial(to_payload, dialect=Dialect.NEWER)}
