"""Capillary's tier API (v3) and its members' tiers (v2), over the same programs and members."""

from __future__ import annotations

from starlette.types import ASGIApp

from ziggurat.http.service import Service


def create_face(service: Service) -> ASGIApp:
    """The face, to be mounted."""
    from ziggurat.http.faces.capillary.application import (  # noqa: PLC0415 - the command line needs no server
        create_capillary_app,
    )

    return create_capillary_app(service)
