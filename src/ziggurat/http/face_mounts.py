"""Where the vendor faces hang: each under its own name, or one of them at the root.

A face is a package `ziggurat.http.faces.NAME` with a function `create_face(service) -> ASGI application`. It brings its
own wire models, error renderer and OpenAPI document.
"""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec

from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from ziggurat.app.webhooks.deliver_webhooks import Renderer
from ziggurat.errors import ZigguratError
from ziggurat.http.service import Service
from ziggurat.http.settings import FACES

FACES_PACKAGE = "ziggurat.http.faces"


class UnknownFaceError(ZigguratError):
    """No such face is installed."""

    code = "unknown_face"

    def __init__(self, face: str) -> None:
        self.face = face
        super().__init__(f"there is no face {face}")


def installed_faces() -> tuple[str, ...]:
    """The faces that can be served."""
    return tuple(name for name in FACES if find_spec(f"{FACES_PACKAGE}.{name}") is not None)


def face_routes(service: Service) -> list[BaseRoute]:
    """A mount for each face, or only the one that the settings want at the root.

    Raises:
        UnknownFaceError: the settings want a face that is not installed.
    """
    wanted = service.settings.face
    if wanted and wanted not in installed_faces():
        raise UnknownFaceError(wanted)
    if wanted:
        return [_mount(service, wanted, "")]
    return [mount for name in installed_faces() for mount in (_mount(service, name, f"/{name}"), *_more(service, name))]


def _more(service: Service, name: str) -> list[Mount]:
    """Other dialects of a face: what its `more_faces(service)` answers, by address."""
    more = getattr(import_module(f"{FACES_PACKAGE}.{name}"), "more_faces", None)
    return [_at(f"/{path}", app, path) for path, app in more(service).items()] if more else []


def _mount(service: Service, name: str, path: str) -> Mount:
    return _at(path, import_module(f"{FACES_PACKAGE}.{name}").create_face(service), name)


def _at(path: str, app: ASGIApp, name: str) -> Mount:
    mount = Mount(path, app=app, name=name)
    # a path may hold an encoded line feed, and the face words that refusal too
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def face_renderers() -> dict[str, Renderer]:
    """The webhook envelopes of all faces, by dialect: for the worker. A face without any has no `webhook_renderers`."""
    found: dict[str, Renderer] = {}
    for name in installed_faces():
        renderers = getattr(import_module(f"{FACES_PACKAGE}.{name}"), "webhook_renderers", None)
        found |= renderers() if renderers else {}
    return found
