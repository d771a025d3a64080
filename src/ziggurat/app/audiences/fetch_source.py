"""Fetch the list of a sync source: over HTTP from the very address that was checked, or from the place for files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic as clock
from typing import IO, Any

import httpx2

from ziggurat import limits
from ziggurat.app.errors import WebhookTargetRefusedError
from ziggurat.app.webhooks.webhook_targets import resolve_target
from ziggurat.bulk.member_csv import RowReader, count_rows
from ziggurat.bulk.member_rows import MemberRow, UnreadableFileError, read_records
from ziggurat.program.exact_json import read_exact
from ziggurat.store.objects import Objects, ObjectTooLargeError
from ziggurat.store.repositories.sync_sources import SourceRow

_OK = 200


class FetchFailedError(Exception):
    """The source did not give its list; the text says why and may be shown."""


def fetch_source(source: SourceRow, objects: Objects, key: str, *, private_targets: bool) -> str:
    """The key under which the source's list is now; `key` is where a fetched one goes.

    Raises:
        FetchFailedError: it could not be fetched.
    """
    if source.kind == "object":
        size = objects.size(source.location)
        if size is None:
            raise FetchFailedError(f"there is no object {source.location}")
        if size > limits.IMPORT_BYTES_MAX:
            raise FetchFailedError(f"more than {limits.IMPORT_BYTES_MAX} bytes")
        return source.location
    try:
        target = resolve_target(source.location, private_targets=private_targets)
        address = f"[{target.address}]" if ":" in target.address else target.address
        url = f"{target.scheme}://{address}:{target.port}{target.path}"
        extensions: dict[str, Any] = {"sni_hostname": target.hostname} if target.scheme == "https" else {}
        headers = {"user-agent": "Ziggurat-Sync/1", **source.settings.get("headers", {}), "host": target.host}
        client = httpx2.Client(timeout=limits.SYNC_TIMEOUT_S, follow_redirects=False, trust_env=False)
        with client, client.stream("GET", url, headers=headers, extensions=extensions) as response:
            if response.status_code != _OK:
                raise FetchFailedError(f"the source answered {response.status_code}")
            objects.put(key, _Stream(response.iter_bytes(), clock() + limits.SYNC_FETCH_S), limits.IMPORT_BYTES_MAX)
    except WebhookTargetRefusedError as refused:
        raise FetchFailedError(f"the address {refused.problem}") from None
    except ObjectTooLargeError as error:
        raise FetchFailedError(str(error)) from None
    except httpx2.TimeoutException:
        raise FetchFailedError("the source did not answer in time") from None
    except httpx2.HTTPError as error:
        raise FetchFailedError(f"the source could not be reached ({type(error).__name__})") from None
    return key


@contextmanager
def opened_rows(objects: Objects, key: str, format_: str) -> Iterator[Iterator[MemberRow]]:
    """The rows of a list that has been fetched.

    Raises:
        UnreadableFileError: no row of it can be used.
    """
    with objects.opened(key) as source:
        if format_ == "csv":
            count_rows(source)
            yield RowReader(source)
        else:
            yield read_records(_records(source))


def _records(source: IO[bytes]) -> list[Any]:
    """A list of objects, an object with such a list under `data` or `members`, or an object a line."""
    try:
        text = source.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFileError("is not UTF-8") from None
    try:
        said = read_exact(text)
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        said = next((said[name] for name in ("data", "members") if isinstance(said.get(name), list)), None)
    if said is None:
        try:
            said = [read_exact(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            said = None
    if not isinstance(said, list):
        raise UnreadableFileError("is no JSON list of objects")
    if len(said) > limits.IMPORT_ROWS_MAX:
        raise UnreadableFileError(f"has more than {limits.IMPORT_ROWS_MAX} records")
    return said


class _Stream:
    """Parts that come one after the other, as a file to read; not for longer than until `deadline`."""

    def __init__(self, parts: Iterator[bytes], deadline: float) -> None:
        self._parts = parts
        self._deadline = deadline

    def read(self, size: int, /) -> bytes:  # noqa: ARG002 - a part is what it is
        """The next part that is not empty, b"" at the end."""
        for part in self._parts:
            if clock() > self._deadline:
                raise FetchFailedError(f"the source took longer than {limits.SYNC_FETCH_S} seconds")
            if part:
                return part
        return b""
