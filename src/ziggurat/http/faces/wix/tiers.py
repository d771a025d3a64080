"""The tiers methods: tiers, program settings, and both at once."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.ids import is_uuid
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.face_support.versions import Counted
from ziggurat.http.faces.wix import wire
from ziggurat.http.faces.wix.board import Board, change_board, find_board, make_board, open_board
from ziggurat.http.faces.wix.edits import Document, Ladder, with_changed_tier, with_settings, with_tier, without_tier
from ziggurat.http.faces.wix.errors import (
    InvalidFieldsError,
    Violation,
    WixError,
    malformed_guid,
    outdated_revision,
    required,
    settings_exist,
    tier_not_found,
)
from ziggurat.http.faces.wix.headers import SITE, site_of
from ziggurat.http.faces.wix.reading import check, read_body
from ziggurat.http.faces.wix.seen import SeenTier, settings_id, settings_message, tier_message
from ziggurat.program.model import Status
from ziggurat.program.read import read_program

_SITE_PARAMETER = {"name": SITE, "in": "header", "required": False, "schema": {"type": "string"}}
_REVISION = {"name": "revision", "in": "query", "required": True, "schema": {"type": "string"}}


# --- tiers


def _create(visit: Visit) -> Any:
    asked = read_body(wire.CreateTierRequest, visit.body).tier
    new_id = str(uuid4())
    board = change_board(
        visit.context, site_of(visit.request), lambda seen: (with_tier(seen.ladder, asked, new_id), None)
    )
    return {"tier": tier_message(board.tiers[new_id])}


def _create_many(visit: Visit) -> Any:
    """Each item for itself: what has faults, or clashes with an earlier one, fails alone (unknown 15)."""
    asked = read_body(wire.BulkCreateTiersRequest, visit.body).tiers
    ids = [str(uuid4()) for _ in asked]
    failures: dict[int, WixError] = {}

    def edit(seen: Board) -> tuple[Document, Status | None]:
        failures.clear()
        ladder = seen.ladder
        for index, item in enumerate(asked):
            try:
                tier = check(wire.NewTier, item, ("tiers", index))
                document = with_tier(ladder, tier, ids[index])
                ladder = Ladder(ladder.program_id, read_program(document), document, ladder.status)
            except InvalidFieldsError as error:
                data = {"fieldViolations": [violation.on_the_wire() for violation in error.violations]}
                failures[index] = WixError(400, "INVALID_ARGUMENT", str(error), data)
            except WixError as error:
                failures[index] = error
        return ladder.document, None

    site = site_of(visit.request)
    board = _unless_all_fail(visit, site, edit, failures, len(asked))
    results = [_result(index, ids[index], board, failures.get(index)) for index in range(len(asked))]
    counted = {
        "totalSuccesses": len(asked) - len(failures),
        "totalFailures": len(failures),
        "undetailedFailures": 0,
    }
    return {"results": results, "bulkActionMetadata": counted}


def _unless_all_fail(visit: Visit, site: str | None, edit: Any, failures: dict[int, WixError], count: int) -> Board:
    """The board after `edit`; left as it is when nothing would change."""
    board = open_board(visit.context, site)
    edit(board)
    return board if len(failures) == count else change_board(visit.context, site, edit)


def _result(index: int, id_: str, board: Board, failure: WixError | None) -> dict[str, Any]:
    if failure is not None:
        return {"itemMetadata": {"originalIndex": index, "success": False, "error": failure.on_the_wire()}}
    return {
        "itemMetadata": {"id": id_, "originalIndex": index, "success": True},
        "item": tier_message(board.tiers[id_]),
    }


def _get(visit: Visit) -> Any:
    board = find_board(visit.context, site_of(visit.request))
    return {"tier": tier_message(_tier(board, _guid(visit, "tierId")))}


def _update(visit: Visit) -> Any:
    id_ = _guid(visit, "tier.id")
    asked = read_body(wire.UpdateTierRequest, visit.body).tier

    def edit(seen: Board) -> tuple[Document, Status | None]:
        _refuse_outdated(_tier(seen, id_).revision, asked.revision, id_)
        return with_changed_tier(seen.ladder, id_, asked), None

    _tier(find_board(visit.context, site_of(visit.request)), id_)
    board = change_board(visit.context, site_of(visit.request), edit)
    return {"tier": tier_message(board.tiers[id_])}


def _delete(visit: Visit) -> Any:
    id_ = _guid(visit, "tierId")
    revision = visit.request.query_params.get("revision", "")
    if not revision:
        raise required("revision")  # unknown 16
    if not re.fullmatch(wire.REVISION_PATTERN, revision):
        raise InvalidFieldsError([Violation("revision", "has an invalid format", "FORMAT")])

    def edit(seen: Board) -> tuple[Document, Status | None]:
        _refuse_outdated(_tier(seen, id_).revision, revision, id_)
        return without_tier(seen.ladder, id_), None

    _tier(find_board(visit.context, site_of(visit.request)), id_)
    change_board(visit.context, site_of(visit.request), edit)
    return {}


def _list(visit: Visit) -> Any:
    return {"tiers": _tiers(find_board(visit.context, site_of(visit.request)))}


def _tiers(board: Board | None) -> list[dict[str, Any]]:
    """All tiers, the lowest points first (unknown 11)."""
    return [tier_message(tier) for tier in board.tiers.values()] if board else []


def _tier(board: Board | None, id_: str) -> Counted[SeenTier]:
    if board is None or id_ not in board.tiers:
        raise tier_not_found(id_)
    return board.tiers[id_]


def _guid(visit: Visit, field: str) -> str:
    id_ = visit.path["tier_id"]
    if not is_uuid(id_):
        raise malformed_guid(field)
    return id_.lower()


def _refuse_outdated(current: int, asked: str, entity_id: str) -> None:
    if int(asked) != current:
        raise outdated_revision(entity_id)


# --- settings


def _create_settings(visit: Visit) -> Any:
    """Made once; settings that only a reading made are taken for not made yet (unknown 10)."""
    asked = read_body(wire.CreateSettingsRequest, visit.body).programSettings
    site = site_of(visit.request)
    if find_board(visit.context, site) is None:
        return {"programSettings": settings_message(make_board(visit.context, site, asked).settings)}

    def edit(seen: Board) -> tuple[Document, Status | None]:
        if not seen.is_automatic:
            raise settings_exist()
        return with_settings(seen.ladder, asked, str(uuid4()))

    return {"programSettings": settings_message(change_board(visit.context, site, edit).settings)}


def _get_settings(visit: Visit) -> Any:
    return {"programSettings": settings_message(open_board(visit.context, site_of(visit.request)).settings)}


def _update_settings(visit: Visit) -> Any:
    asked = read_body(wire.UpdateSettingsRequest, visit.body).programSettings

    def edit(seen: Board) -> tuple[Document, Status | None]:
        _refuse_outdated(seen.settings.revision, asked.revision, settings_id(seen.ladder.program_id))
        return with_settings(seen.ladder, asked, str(uuid4()))

    return {"programSettings": settings_message(change_board(visit.context, site_of(visit.request), edit).settings)}


def _get_program(visit: Visit) -> Any:
    board = open_board(visit.context, site_of(visit.request))
    return {"tiers": _tiers(board), "programSettings": settings_message(board.settings)}


def _route(method: str, path: str, run: Any, summary: str, **said: Any) -> FaceRoute:
    scope = KeyScope.READ if method == "GET" else KeyScope.DESIGN
    parameters = (_SITE_PARAMETER, *said.pop("parameters", ()))
    return FaceRoute(method=method, path=path, scope=scope, run=run, summary=summary, parameters=parameters, **said)


TIER_ROUTES = (
    _route(
        "POST",
        "/v1/tiers",
        _create,
        "Create a tier",
        body=wire.CreateTierRequest,
        answer=wire.TierResponse,
        refusals=(409, 428),
    ),
    _route("GET", "/v1/tiers", _list, "List the tiers", answer=wire.TiersResponse),
    _route(
        "GET", "/v1/tiers/program", _get_program, "Get the tiers and the settings", answer=wire.TiersProgramResponse
    ),
    _route(
        "POST",
        "/v1/tiers/program-settings",
        _create_settings,
        "Create the settings",
        body=wire.CreateSettingsRequest,
        answer=wire.SettingsResponse,
        refusals=(409, 428),
    ),
    _route("GET", "/v1/tiers/program-settings", _get_settings, "Get the settings", answer=wire.SettingsResponse),
    _route(
        "PATCH",
        "/v1/tiers/program-settings",
        _update_settings,
        "Update the settings",
        body=wire.UpdateSettingsRequest,
        answer=wire.SettingsResponse,
        refusals=(409, 428),
    ),
    _route(
        "POST",
        "/v1/bulk/tiers/create",
        _create_many,
        "Create tiers, each for itself",
        body=wire.BulkCreateTiersRequest,
        answer=wire.BulkCreateTiersResponse,
        refusals=(409, 428),
    ),
    _route("GET", "/v1/tiers/{tier_id}", _get, "Get a tier", answer=wire.TierResponse, refusals=(404,)),
    _route(
        "PATCH",
        "/v1/tiers/{tier_id}",
        _update,
        "Update a tier",
        body=wire.UpdateTierRequest,
        answer=wire.TierResponse,
        refusals=(404, 409, 428),
    ),
    _route(
        "DELETE",
        "/v1/tiers/{tier_id}",
        _delete,
        "Delete a tier",
        parameters=(_REVISION,),
        answer=wire.Empty,
        refusals=(404, 409, 428),
    ),
)
"""In the order in which paths are tried: `program` and `program-settings` are no tier ids."""
