"""Files in a bucket, over real HTTP: a small server on loopback speaks as much of S3 as there is to it."""

import io
import re
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from ziggurat.store.objects import Objects, ObjectsUnavailableError, open_objects


class Bucket(BaseHTTPRequestHandler):
    """Objects by path; uploads in parts by their number."""

    protocol_version = "HTTP/1.1"
    kept: ClassVar[dict[str, bytes]] = {}
    parts: ClassVar[dict[int, bytes]] = {}
    broken: ClassVar[bool] = False

    def answer(self, status: int, body: bytes = b"", length: int | None = None) -> None:
        self.send_response(503 if Bucket.broken else status)
        self.send_header("content-length", str(len(body) if length is None else length))
        self.send_header("etag", '"x"')
        self.send_header("last-modified", "Tue, 01 Jul 2025 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def asked(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        return parts.path, parse_qs(parts.query, keep_blank_values=True)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def do_PUT(self) -> None:
        path, query = self.asked()
        if "partNumber" in query:
            Bucket.parts[int(query["partNumber"][0])] = self.body()
        else:
            Bucket.kept[path] = self.body()
        self.answer(200)

    def do_POST(self) -> None:
        path, query = self.asked()
        self.body()
        if "uploads" in query:
            self.answer(200, b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
        elif "delete" in query:
            Bucket.kept.clear()
            self.answer(200, b"<DeleteResult></DeleteResult>")
        else:
            Bucket.kept[path] = b"".join(part for _, part in sorted(Bucket.parts.items()))
            done = b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"
            self.answer(200, done)

    def do_HEAD(self) -> None:
        found = Bucket.kept.get(self.asked()[0])
        self.answer(404 if found is None else 200, length=len(found or b""))

    def do_GET(self) -> None:
        found = Bucket.kept.get(self.asked()[0])
        self.answer(404 if found is None else 200, found or b"")

    def do_DELETE(self) -> None:
        Bucket.kept.pop(self.asked()[0], None)
        self.answer(204)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Objects]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = Thread(target=server.serve_forever)
    thread.start()
    Bucket.kept.clear()
    Bucket.parts.clear()
    Bucket.broken = False
    said = {"ENDPOINT": f"http://127.0.0.1:{server.server_port}", "ALLOW_HTTP": "true", "REGION": "eu-west-1"}
    said |= {"ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret"}
    for name, value in said.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    try:
        yield open_objects("s3://lists/loyalty")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("size", [0, 100, 12_000_000])
def test_a_file_goes_into_the_bucket_and_comes_back(bucket: Objects, size: int) -> None:
    assert bucket.size("imports/a.csv") is None
    assert bucket.put("imports/a.csv", io.BytesIO(b"x" * size), 20_000_000) == size
    assert list(Bucket.kept) == ["/lists/loyalty/imports/a.csv"]
    assert bucket.size("imports/a.csv") == size
    with bucket.opened("imports/a.csv") as source:
        assert source.read() == b"x" * size
    bucket.delete("imports/a.csv")
    bucket.delete("imports/a.csv")
    assert bucket.size("imports/a.csv") is None


def test_a_client_puts_a_file_itself_with_a_signed_address(bucket: Objects) -> None:
    address = bucket.upload_url("imports/b.csv")
    assert address
    assert re.search("X-Amz-Signature=[0-9a-f]{64}", address)
    request = urllib.request.Request(address, data=b"email\n", method="PUT")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    assert bucket.size("imports/b.csv") == 6


def test_a_bucket_that_is_away_says_so(bucket: Objects) -> None:
    Bucket.broken = True
    with pytest.raises(ObjectsUnavailableError):
        bucket.size("imports/a.csv")
