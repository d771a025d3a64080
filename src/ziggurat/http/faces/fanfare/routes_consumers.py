"""The consumers operations."""

from __future__ import annotations

from ziggurat.http.face_support.routes import FaceRoute

CONSUMER_ROUTES: tuple[FaceRoute, ...] = ()
