"""Lists that come from elsewhere, over real HTTP on loopback, and audiences written out."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pyarrow.parquet as pq
import pytest

from tests.app.programs import earned
from ziggurat import limits
from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.audiences.change_list import add_to_list
from ziggurat.app.audiences.create_audience import create_audience
from ziggurat.app.audiences.export_audience import COLUMNS, export_csv, export_parquet
from ziggurat.app.audiences.list_audience_members import list_audience_changes, list_audience_members
from ziggurat.app.audiences.put_identity import put_identity
from ziggurat.app.audiences.run_audiences import run_audiences
from ziggurat.app.audiences.run_syncs import run_syncs
from ziggurat.app.audiences.sync_sources import put_sync_source, read_sync_source, start_sync
from ziggurat.app.context import Context
from ziggurat.app.errors import (
    InvalidRequestError,
    SyncInProgressError,
    WebhookTargetRefusedError,
    WrongStateError,
)
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.store.errors import NotFoundError
from ziggurat.store.objects import LocalObjects
from ziggurat.store.tables.audiences import AudienceKind, SyncState


class Source:
    """What the server answers, and the last request's headers."""

    answer: ClassVar[bytes] = b""
    status: ClassVar[int] = 200
    asked: ClassVar[dict[str, str]] = {}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        Source.asked = dict(self.headers)
        self.send_response(Source.status)
        self.send_header("content-length", str(len(Source.answer)))
        self.end_headers()
        self.wfile.write(Source.answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/list"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def url() -> Iterator[str]:
    Source.status = 200
    with serving() as address:
        yield address


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "objects")


@pytest.fixture
def synced(context: Context) -> AudienceView:
    return create_audience(context, "From elsewhere", AudienceKind.SYNCED)


def sync(context: Context, objects: LocalObjects, audience: AudienceView, **options: Any) -> SyncState:
    start_sync(context, audience.id)
    assert run_syncs(context.database, objects, lambda: context.now, **options) == 1
    return read_sync_source(context, audience.id).state


def people(context: Context, audience: AudienceView) -> list[str]:
    return [item.profile.member for item in list_audience_members(context, audience.id, limit=100).items]


def test_a_list_is_fetched_and_follows_its_source(
    context: Context, objects: LocalObjects, synced: AudienceView, url: str
) -> None:
    settings = {"headers": {"authorization": "Bearer s3cret"}}
    said = put_sync_source(context, synced.id, kind="http", location=url, settings=settings, private_targets=True)
    assert said.settings == {"format": "csv", "mode": "update", "headers": {"authorization": "***"}}
    Source.answer = b"member,email\nann,ann@shop.example\nbob,nonsense\neve,\n"
    assert sync(context, objects, synced, private_targets=True) is SyncState.SUCCESS
    assert Source.asked["authorization"] == "Bearer s3cret"
    assert people(context, synced) == ["ann", "eve"]
    Source.answer = b"member\neve\nzoe\n"
    assert sync(context, objects, synced, private_targets=True) is SyncState.SUCCESS
    assert people(context, synced) == ["eve", "zoe"]
    changes = list_audience_changes(context, synced.id, limit=10).items
    assert [(one.member, one.joined, one.cause) for one in changes] == [
        ("ann", True, "sync"),
        ("eve", True, "sync"),
        ("zoe", True, "sync"),
        ("ann", False, "sync"),
    ]


@pytest.mark.parametrize(
    "said",
    [
        [{"id": "ann", "email": "a@b.example", "tags": ["x"], "age": 3}, {"id": "bob"}, 7],
        {"data": [{"externalId": "ann"}, {"externalId": "bob"}]},
    ],
)
def test_json_lists_are_read(
    context: Context, objects: LocalObjects, synced: AudienceView, url: str, said: Any
) -> None:
    put_sync_source(context, synced.id, kind="http", location=url, settings={"format": "json"}, private_targets=True)
    Source.answer = json.dumps(said).encode()
    assert sync(context, objects, synced, private_targets=True) is SyncState.SUCCESS
    assert people(context, synced) == ["ann", "bob"]
    Source.answer = b'{"id": "ann"}\n{"id": "zoe"}\n'
    assert sync(context, objects, synced, private_targets=True) is SyncState.SUCCESS
    assert people(context, synced) == ["ann", "zoe"]


def test_a_source_that_fails_leaves_the_list_as_it_was(
    context: Context, objects: LocalObjects, synced: AudienceView, url: str
) -> None:
    put_sync_source(context, synced.id, kind="http", location=url, private_targets=True)
    Source.answer = b"member\nann\n"
    sync(context, objects, synced, private_targets=True)
    for answer, status, problem in ((b"member\nbob\n", 500, "answered 500"), (b"name\nBob\n", 200, "who is meant")):
        Source.answer, Source.status = answer, status
        assert sync(context, objects, synced, private_targets=True) is SyncState.FAILED
        assert problem in (read_sync_source(context, synced.id).error or "")
    assert sync(context, objects, synced) is SyncState.FAILED
    assert "not on the open internet" in (read_sync_source(context, synced.id).error or "")
    assert people(context, synced) == ["ann"]


def test_a_bad_row_does_not_take_its_member_off_the_list_and_is_told(
    context: Context, objects: LocalObjects, synced: AudienceView
) -> None:
    put_sync_source(context, synced.id, kind="object", location="vip.csv")
    objects.put("vip.csv", io.BytesIO(b"member,email\nann,\nbob,b@b.example\neve,\n"), 100)
    assert sync(context, objects, synced) is SyncState.SUCCESS
    objects.put("vip.csv", io.BytesIO(b"member,email,points\nann,nonsense,\n,b@b.example,many\n"), 100)
    assert sync(context, objects, synced) is SyncState.SUCCESS
    assert people(context, synced) == ["ann", "bob"]
    result = read_sync_source(context, synced.id).result or {}
    assert [result[name] for name in ("created", "updated", "added", "removed", "failed")] == [0, 0, 0, 1, 2]
    assert [(one["row"], one["column"], one["code"]) for one in result["first_faults"]] == [
        (1, "email", "bad_email"),
        (2, "points", "bad_points"),
    ]


def test_a_sync_that_another_worker_has_begun_again_is_left_to_it(
    context: Context, objects: LocalObjects, synced: AudienceView, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_sync_source(context, synced.id, kind="object", location="vip.csv")
    objects.put("vip.csv", io.BytesIO(b"member\nann\nbob\n"), 100)
    monkeypatch.setattr(limits, "IMPORT_ROWS_PER_STEP", 1)
    start_sync(context, synced.id)
    instants = iter([context.now, context.now])

    def clock() -> int:
        try:
            return next(instants)
        except StopIteration:  # the first worker has claimed the sync and is slow: its lease is over
            late = context.now + (limits.SYNC_LEASE_S + 1) * 1_000_000
            assert run_syncs(context.database, objects, lambda: late) == 1
            return late

    assert run_syncs(context.database, objects, clock) == 1
    source = read_sync_source(context, synced.id)
    assert (source.state, source.result and source.result["added"]) == (SyncState.SUCCESS, 2)
    assert people(context, synced) == ["ann", "bob"]


def test_one_sync_at_a_time(context: Context, objects: LocalObjects, synced: AudienceView) -> None:
    put_sync_source(context, synced.id, kind="object", location="lists/vip.csv")
    start_sync(context, synced.id)
    with pytest.raises(SyncInProgressError):
        start_sync(context, synced.id)
    run_syncs(context.database, objects, lambda: context.now)
    assert read_sync_source(context, synced.id).error == "there is no object lists/vip.csv"
    objects.put("lists/vip.csv", io.BytesIO(b"member\nann\n"), 100)
    assert sync(context, objects, synced) is SyncState.SUCCESS
    assert people(context, synced) == ["ann"]


def test_a_synced_audience_is_synced_by_its_interval(context: Context, objects: LocalObjects) -> None:
    audience = create_audience(context, "Hourly", AudienceKind.SYNCED, refresh_interval_s=3_600)
    put_sync_source(context, audience.id, kind="object", location="vip.csv")
    objects.put("vip.csv", io.BytesIO(b"member\nann\n"), 100)
    assert run_audiences(context.database, context.now) == 0
    hour_later = replace(context, now=context.now + 3_600_000_000)
    run_audiences(context.database, hour_later.now)
    assert run_syncs(context.database, objects, lambda: hour_later.now) == 1
    assert people(context, audience) == ["ann"]
    assert run_audiences(context.database, hour_later.now) == 0


def test_sources_that_cannot_be_used_are_refused(context: Context, synced: AudienceView) -> None:
    wrong: list[dict[str, Any]] = [
        {"kind": "ftp", "location": "x"},
        {"kind": "object", "location": "../secrets"},
        {"kind": "object", "location": "x", "settings": {"format": "xml"}},
        {"kind": "object", "location": "x", "settings": {"mode": "create"}},
        {"kind": "object", "location": "x", "settings": {"headers": {"a": "b\r\nc: d"}}},
        {"kind": "object", "location": "x", "settings": {"headers": {"Host": "elsewhere.example"}}},
        {"kind": "object", "location": "x", "settings": {"depth": 1}},
    ]
    for said in wrong:
        with pytest.raises(InvalidRequestError):
            put_sync_source(context, synced.id, **said)
    for address in ("http://127.0.0.1/x", "http://169.254.169.254/latest", "file:///etc/passwd"):
        with pytest.raises(WebhookTargetRefusedError):
            put_sync_source(context, synced.id, kind="http", location=address)
    with pytest.raises(NotFoundError):
        start_sync(context, synced.id)
    static = create_audience(context, "Static", AudienceKind.STATIC)
    with pytest.raises(WrongStateError):
        put_sync_source(context, static.id, kind="object", location="x")


def test_an_export_holds_everybody_and_nothing_that_a_spreadsheet_would_run(context: Context) -> None:
    ingest_events(context, [earned("ann", "2025-06-01", 12.5), earned("=cmd", "2025-06-01", 1)])
    put_identity(context, "ann", {"full_name": "-1+1", "email": "ann@shop.example", "metadata": {"n": 1}})
    audience = create_audience(context, "Guests", AudienceKind.STATIC)
    add_to_list(context, audience.id, ["ann", "=cmd"])
    rows = list(csv.DictReader(io.StringIO("".join(export_csv(context, audience.id)))))
    assert [row["member"] for row in rows] == ["'=cmd", "ann"]
    ann = rows[1]
    assert (ann["full_name"], ann["points_balance"], ann["since"]) == ("'-1+1", "12.5", "2025-07-01T00:00:00+00:00")
    assert ann["metadata"] == '{"n":1}'
    target = io.BytesIO()
    assert export_parquet(context, audience.id, target) == 2
    table = pq.read_table(io.BytesIO(target.getvalue()))
    assert table.column_names == list(COLUMNS)
    assert [str(value) for value in table["points_balance"].to_pylist()] == ["1.0000", "12.5000"]
    assert table["full_name"].to_pylist() == [None, "-1+1"]
    with pytest.raises(NotFoundError):
        export_csv(context, "aud_none")
