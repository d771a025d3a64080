"""ETag and If-Match: nobody overwrites what they haven't seen."""

import pytest
from starlette.testclient import TestClient

from ziggurat.http.entity_tags import is_known


def test_a_change_wants_the_version_it_was_made_from(client: TestClient) -> None:
    answer = client.patch("/v1/organization", json={"requires_approval": True})
    assert answer.status_code == 428
    assert client.get("/v1/organization").json()["requires_approval"] is False


def test_a_change_with_the_version_read_is_made_once(client: TestClient) -> None:
    etag = client.get("/v1/organization").headers["etag"]
    changed = client.patch("/v1/organization", json={"requires_approval": True}, headers={"if-match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag
    again = client.patch("/v1/organization", json={"requires_approval": False}, headers={"if-match": etag})
    assert again.status_code == 412
    assert again.json()["code"] == "stale_version"
    assert client.get("/v1/organization").json()["requires_approval"] is True


def test_a_star_takes_any_version(client: TestClient) -> None:
    answer = client.patch("/v1/organization", json={"self_approval": True}, headers={"if-match": "*"})
    assert answer.json()["self_approval"] is True


@pytest.mark.parametrize("tag", ['"x"', 'W/"1"', '"01x"', '"999"', '""'])
def test_a_tag_of_no_version_matches_nothing(client: TestClient, tag: str) -> None:
    answer = client.patch("/v1/organization", json={"self_approval": True}, headers={"if-match": tag})
    assert answer.status_code == 412


@pytest.mark.parametrize("tag", ["1", '"1', '"1", "2"', ""])
def test_what_is_no_tag_is_an_invalid_header(client: TestClient, tag: str) -> None:
    answer = client.patch("/v1/organization", json={"self_approval": True}, headers={"if-match": tag})
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["header"] == "If-Match"


def test_what_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    etag = client.get("/v1/organization").headers["etag"]
    answer = client.get("/v1/organization", headers={"if-none-match": f'"0", {etag}'})
    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["etag"] == etag
    assert client.get("/v1/organization", headers={"if-none-match": '"0"'}).status_code == 200


def test_reading_compares_tags_weakly() -> None:
    assert is_known('W/"3"', '"3"')
    assert is_known("*", '"3"')
    assert not is_known('"13"', '"3"')
    assert not is_known(None, '"3"')
