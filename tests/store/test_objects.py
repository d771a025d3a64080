"""Files from outside are kept whole or not at all, in a folder and in a bucket alike."""

import io
from pathlib import Path

import pytest

from ziggurat.store.objects import (
    BucketObjects,
    LocalObjects,
    Objects,
    ObjectsUnavailableError,
    ObjectTooLargeError,
    open_objects,
)


@pytest.fixture(params=["folder", "bucket"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    return open_objects(str(tmp_path / "objects") if request.param == "folder" else "memory:///")


def test_what_is_put_is_there(objects: Objects) -> None:
    assert objects.size("a/b.csv") is None
    assert objects.put("a/b.csv", io.BytesIO(b"x" * 3_000_000), 5_000_000) == 3_000_000
    assert objects.put("a/b.csv", io.BytesIO(b"second"), 100) == 6
    assert objects.size("a/b.csv") == 6
    with objects.opened("a/b.csv") as source:
        assert source.read() == b"second"
        source.seek(0)
        assert source.readline() == b"second"


def test_too_much_leaves_nothing(objects: Objects) -> None:
    with pytest.raises(ObjectTooLargeError):
        objects.put("big", io.BytesIO(b"x" * 11), 10)
    assert objects.size("big") is None


def test_what_is_not_there_cannot_be_read(objects: Objects) -> None:
    with pytest.raises(ObjectsUnavailableError), objects.opened("none"):
        pass


def test_a_key_stays_in_the_folder(tmp_path: Path) -> None:
    inside = LocalObjects(tmp_path / "objects")
    with pytest.raises(ObjectsUnavailableError):
        inside.put("../outside", io.BytesIO(b""), 10)
    assert inside.upload_url("a") is None


def test_a_bucket_that_cannot_be_is_refused() -> None:
    with pytest.raises(ObjectsUnavailableError):
        BucketObjects("nonsense://x")
