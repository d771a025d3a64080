"""Files into lists, and lists that come from elsewhere."""

from __future__ import annotations

import io
from typing import Any

from pydantic import TypeAdapter

from ziggurat import limits
from ziggurat.app.audiences.import_members import (
    create_import,
    list_import_faults,
    list_imports,
    read_import,
    start_import,
    upload_import,
)
from ziggurat.app.audiences.sync_sources import put_sync_source, read_sync_source, start_sync
from ziggurat.app.principal import KeyScope
from ziggurat.http.answers import Answer
from ziggurat.http.native import audience_examples as examples
from ziggurat.http.native.audiences import CSV, TAG
from ziggurat.http.native.examples import page_of
from ziggurat.http.native.models import imports as models
from ziggurat.http.native.models.common import PageQuery
from ziggurat.http.operations import JSON, Body, Call, Operation
from ziggurat.http.strict_bodies import read_body
from ziggurat.store.tables.audiences import ImportMode

_ONE = "/v1/audiences/{audience}"
_IMPORT = "/v1/imports/{import}"
_FILE: TypeAdapter[Any] = TypeAdapter(models.FileBody)


def _create(call: Call) -> Answer:
    mode = ImportMode(call.body.get("mode", "update"))
    view = create_import(call.context, call.path["audience"], mode)
    url = call.service.objects.upload_url(view.object_key)
    return Answer(models.import_model(view, url), status=201, location=f"/v1/imports/{view.id}")


def _list(call: Call) -> Answer:
    page = list_imports(call.context, call.path["audience"], after=call.after, limit=call.limit)
    return call.page(page, models.import_model)


def _read(call: Call) -> Answer:
    return Answer(models.import_model(read_import(call.context, call.path["import"])))


def _read_file(body: bytes, media_type: str) -> bytes:
    if media_type == JSON:
        text: str = read_body(_FILE, body)["csv"]
        return text.encode()
    return body


def _upload(call: Call) -> Answer:
    view = upload_import(call.context, call.service.objects, call.path["import"], io.BytesIO(call.body))
    return Answer(models.import_model(view), status=202)


def _start(call: Call) -> Answer:
    return Answer(models.import_model(start_import(call.context, call.service.objects, call.path["import"])), 202)


def _faults(call: Call) -> Answer:
    page = list_import_faults(call.context, call.path["import"], after=call.after, limit=call.limit)
    return call.page(page, models.fault_model)


def _put_source(call: Call) -> Answer:
    view = put_sync_source(
        call.context,
        call.path["audience"],
        kind=call.body["kind"],
        location=call.body["location"],
        settings=call.body.get("settings", {}),
        private_targets=call.service.settings.webhook_private_targets,
    )
    return Answer(models.source_model(view))


def _read_source(call: Call) -> Answer:
    return Answer(models.source_model(read_sync_source(call.context, call.path["audience"])))


def _sync(call: Call) -> Answer:
    return Answer(models.source_model(start_sync(call.context, call.path["audience"])), status=202)


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{_ONE}/imports",
        name="createImport",
        summary="Begin an import into a list; then send its file",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_create,
        body=Body(models.NewImport, {"mode": "update"}, optional=True),
        status=201,
        answer=models.Import,
        example={**examples.IMPORT, "state": "waiting", "progress": 0, "rows_done": 0, "rows_total": None},
        refusals=("not_found", "wrong_state", "objects_unavailable"),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/imports",
        name="listImports",
        summary="Imports into a list, newest first",
        tag=TAG,
        scope=KeyScope.READ,
        run=_list,
        query=PageQuery,
        answer=models.Imports,
        example=page_of(examples.IMPORT),
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path=_IMPORT,
        name="readImport",
        summary="How far an import is",
        tag=TAG,
        scope=KeyScope.READ,
        run=_read,
        answer=models.Import,
        example=examples.IMPORT,
        refusals=("not_found",),
    ),
    Operation(
        method="PUT",
        path=f"{_IMPORT}/file",
        name="uploadImport",
        summary="Send the file of an import; it is read in the background",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_upload,
        body=Body(
            models.FileBody,
            {"csv": examples.FILE},
            media_types=(JSON, CSV),
            read=_read_file,
            bytes_max=limits.UPLOAD_BYTES_MAX,
            more_examples={CSV: examples.FILE},
            more_types={CSV: str},
        ),
        status=202,
        answer=models.Import,
        example={**examples.IMPORT, "state": "pending", "progress": 0},
        refusals=("not_found", "wrong_state", "object_too_large", "objects_unavailable"),
    ),
    Operation(
        method="POST",
        path=f"{_IMPORT}/start",
        name="startImport",
        summary="Read the file that was put at `upload_url`",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_start,
        status=202,
        answer=models.Import,
        example={**examples.IMPORT, "state": "pending", "progress": 0},
        refusals=("not_found", "wrong_state", "object_too_large", "objects_unavailable"),
    ),
    Operation(
        method="GET",
        path=f"{_IMPORT}/faults",
        name="listImportFaults",
        summary="What is wrong with rows of an import",
        tag=TAG,
        scope=KeyScope.READ,
        run=_faults,
        query=PageQuery,
        answer=models.RowFaults,
        example=page_of(examples.ROW_FAULT),
        refusals=("not_found",),
    ),
    Operation(
        method="PUT",
        path=f"{_ONE}/sync-source",
        name="putSyncSource",
        summary="Say where the list of a synced audience comes from",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_put_source,
        body=Body(models.NewSource, {"kind": "http", "location": examples.SOURCE["location"]}),
        answer=models.Source,
        example=examples.SOURCE,
        refusals=("not_found", "wrong_state", "webhook_target_refused"),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/sync-source",
        name="readSyncSource",
        summary="Where the list of a synced audience comes from, and how the latest sync went",
        tag=TAG,
        scope=KeyScope.READ,
        run=_read_source,
        answer=models.Source,
        example=examples.SOURCE,
        refusals=("not_found", "wrong_state"),
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/sync",
        name="startSync",
        summary="Fetch the list anew, in the background",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_sync,
        status=202,
        answer=models.Source,
        example={**examples.SOURCE, "state": "pending", "asked_at": "2025-07-01T12:00:00Z"},
        refusals=("not_found", "wrong_state", "sync_in_progress"),
    ),
)
