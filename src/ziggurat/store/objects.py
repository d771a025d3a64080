"""Files from outside, kept by key until they are read: in a local folder, or in a bucket that speaks S3.

Addresses are a folder's path or `file:` URL, or `s3://BUCKET/PREFIX` (with the extra `objects`; region, endpoint and
credentials come from the environment, `AWS_...`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit

from ziggurat.store.errors import StoreError

_BLOCK = 1 << 20
_UPLOAD_HOURS = 1


class ObjectsUnavailableError(StoreError):
    """The place for files is not there, is full, or an object is missing."""

    code = "objects_unavailable"


class ObjectTooLargeError(StoreError):
    """More bytes than a file may have."""

    code = "object_too_large"

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        super().__init__(f"more than {bytes_max} bytes")


class Readable(Protocol):
    """Something that gives bytes until there are no more."""

    def read(self, size: int, /) -> bytes:
        """Some bytes, b"" at the end."""


class Objects(Protocol):
    """A place for files. Keys are paths of our own making; what is put is there whole or not at all."""

    def put(self, key: str, source: Readable, bytes_max: int) -> int:
        """Keep all of `source` under `key`; how many bytes it was."""

    def opened(self, key: str) -> Any:
        """A context with a binary file to read, which can seek."""

    def delete(self, key: str) -> None:
        """Forget what is under `key`, if there is anything; a place that is away keeps it."""

    def size(self, key: str) -> int | None:
        """How many bytes there are under `key`, None if there is nothing."""

    def upload_url(self, key: str) -> str | None:
        """Where a client may put the file itself, for a while; None: only through us."""


def open_objects(address: str) -> Objects:
    """The place for files at `address`.

    Raises:
        ObjectsUnavailableError: no such place, or the extra for it is not installed.
    """
    parts = urlsplit(address)
    if parts.scheme in ("", "file"):
        return LocalObjects(Path(unquote(parts.path) if parts.scheme else address))
    return BucketObjects(address)


class LocalObjects:
    """Files in a folder, which is made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, source: Readable, bytes_max: int) -> int:
        """See Objects."""
        path = self._path(key)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as target:
                size = _copy(source, target, bytes_max)
                target.flush()
                os.fsync(target.fileno())
            part.replace(path)
        except OSError as error:
            raise ObjectsUnavailableError(f"the file could not be kept: {error.strerror}") from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        return size

    @contextmanager
    def opened(self, key: str) -> Iterator[IO[bytes]]:
        """See Objects."""
        try:
            source = self._path(key).open("rb")
        except OSError as error:
            raise ObjectsUnavailableError(f"the file cannot be read: {error.strerror}") from error
        with source:
            yield source

    def delete(self, key: str) -> None:
        """See Objects."""
        with suppress(OSError):
            self._path(key).unlink(missing_ok=True)

    def size(self, key: str) -> int | None:
        """See Objects."""
        path = self._path(key)
        return path.stat().st_size if path.is_file() else None

    def upload_url(self, key: str) -> str | None:  # noqa: ARG002 - as in Objects
        """None: uploads come through us."""
        return None

    def _path(self, key: str) -> Path:
        path = (self.folder / key).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise ObjectsUnavailableError("a key leads out of the folder")
        return path


class BucketObjects:
    """Objects in a bucket, through the library `obstore`."""

    def __init__(self, address: str) -> None:
        try:
            from obstore import store  # noqa: PLC0415 - an extra
        except ImportError:
            raise ObjectsUnavailableError("buckets need the extra: pip install 'ziggurat[objects]'") from None
        try:
            self._store: Any = store.from_url(address)
        except Exception as error:  # the library has no common ancestor for what it raises
            raise ObjectsUnavailableError(f"{address} cannot be used: {error}") from error

    def put(self, key: str, source: Readable, bytes_max: int) -> int:
        """See Objects."""
        import tempfile  # noqa: PLC0415 - only here

        import obstore  # noqa: PLC0415 - an extra

        with tempfile.TemporaryFile() as whole:  # a bucket gets it whole or not at all
            size = _copy(source, whole, bytes_max)
            whole.seek(0)
            self._try(lambda: obstore.put(self._store, key, whole))
        return size

    @contextmanager
    def opened(self, key: str) -> Iterator[IO[bytes]]:
        """See Objects."""
        import tempfile  # noqa: PLC0415 - only here

        import obstore  # noqa: PLC0415 - an extra

        with tempfile.TemporaryFile() as local:
            for block in self._try(lambda: obstore.get(self._store, key)).stream(min_chunk_size=_BLOCK):
                local.write(block)
            local.seek(0)
            yield local

    def delete(self, key: str) -> None:
        """See Objects."""
        import obstore  # noqa: PLC0415 - an extra

        with suppress(Exception):  # the library has no common ancestor for what it raises
            obstore.delete(self._store, key)

    def size(self, key: str) -> int | None:
        """See Objects."""
        import obstore  # noqa: PLC0415 - an extra

        try:
            return int(obstore.head(self._store, key)["size"])
        except FileNotFoundError:
            return None
        except Exception as error:
            raise ObjectsUnavailableError(str(error)) from error

    def upload_url(self, key: str) -> str | None:
        """A signed address, good for an hour."""
        import obstore  # noqa: PLC0415 - an extra

        return str(self._try(lambda: obstore.sign(self._store, "PUT", key, timedelta(hours=_UPLOAD_HOURS))))

    def _try(self, work: Any) -> Any:
        try:
            return work()
        except Exception as error:
            raise ObjectsUnavailableError(str(error)) from error


def _copy(source: Readable, target: IO[bytes], bytes_max: int) -> int:
    size = 0
    while block := source.read(_BLOCK):
        size += len(block)
        if size > bytes_max:
            raise ObjectTooLargeError(bytes_max)
        target.write(block)
    return size
