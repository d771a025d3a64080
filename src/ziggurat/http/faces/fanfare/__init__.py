"""Fanfare: audiences, loyalty tiers and consumers of the vendor's Admin API, over the same programs and members."""

from __future__ import annotations

from starlette.types import ASGIApp

from ziggurat.http.service import Service


def create_face(service: Service) -> ASGIApp:
    """The face, to be mounted."""
    from ziggurat.http.faces.fanfare.application import create_fanfare_app  # noqa: PLC0415 - the command line needs none

    return create_fanfare_app(service)
