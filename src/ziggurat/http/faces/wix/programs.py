"""The loyalty program around the tiers: its name, and what its points are called."""

from __future__ import annotations

from typing import Any

from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.wix import wire
from ziggurat.http.faces.wix.board import change_board, open_board
from ziggurat.http.faces.wix.edits import with_program
from ziggurat.http.faces.wix.headers import SITE, site_of
from ziggurat.http.faces.wix.reading import read_body
from ziggurat.http.faces.wix.seen import PREMIUM_FEATURES, program_message

_SITE_PARAMETER = {"name": SITE, "in": "header", "required": False, "schema": {"type": "string"}}


def _get(visit: Visit) -> Any:
    return {"loyaltyProgram": program_message(open_board(visit.context, site_of(visit.request)).program)}


def _update(visit: Visit) -> Any:
    asked = read_body(wire.UpdateProgramRequest, visit.body).loyaltyProgram
    site = site_of(visit.request)
    board = open_board(visit.context, site)
    if with_program(board.ladder, asked) != board.ladder.document:
        board = change_board(visit.context, site, lambda seen: (with_program(seen.ladder, asked), None))
    return {"loyaltyProgram": program_message(board.program)}


def _premium_features(_visit: Visit) -> Any:
    return dict(PREMIUM_FEATURES)


def _route(method: str, path: str, scope: KeyScope, run: Any, summary: str, **said: Any) -> FaceRoute:
    parameters = (_SITE_PARAMETER,)
    return FaceRoute(method=method, path=path, scope=scope, run=run, summary=summary, parameters=parameters, **said)


PROGRAM_ROUTES = (
    _route(
        "GET",
        "/v1/program",
        KeyScope.READ,
        _get,
        "Get the loyalty program",
        answer=wire.ProgramResponse,
    ),
    _route(
        "PATCH",
        "/v1/program",
        KeyScope.DESIGN,
        _update,
        "Update the loyalty program",
        body=wire.UpdateProgramRequest,
        answer=wire.ProgramResponse,
        refusals=(409, 428),
    ),
    _route(
        "GET",
        "/v1/program/premium-features",
        KeyScope.READ,
        _premium_features,
        "Get which premium features there are",
        answer=wire.PremiumFeatures,
    ),
)
