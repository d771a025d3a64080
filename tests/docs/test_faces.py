"""docs/faces.md is what the faces' own pages and translators say, and their rows are what is served."""

from __future__ import annotations

import re

import pytest

from tests.docs.documented import DOCUMENTED
from tests.docs.face_documents import answered, asked, documents_of, parameters, words_asked
from tests.docs.faces_page import DOCS, PAGES, Row, page, rows
from tests.http.conftest import Served, serve_with, served, sqlite_file
from ziggurat.http.face_mounts import installed_faces

__all__ = ["serve_with", "served", "sqlite_file"]

OPERATION = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`]*)`")
HEADER = re.compile(r"`([A-Z][\w-]+-[\w-]+|Authorization)`")
OURS: dict[str, set[str]] = {
    "capillary": {"program"},
    "wix": {"loyaltyAccounts", "loyaltyTransaction", "loyaltyTransactions", "publicKey", "transactionId"},
}
"""What stands around the answers, and fields of operations that are no vendor's: the pages tell them in their text."""


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z0-9][A-Za-z0-9_-]*", text))


def named(face: str) -> set[str]:
    """Every word that the rows of a face's tables name."""
    return {word for row in rows(face) for word in words(row.name)}


def test_the_page_of_faces_is_what_their_pages_and_translators_say() -> None:
    assert (DOCS / "faces.md").read_text(encoding="utf-8") == page(), "run script/docs"


def test_every_face_has_its_page_and_every_page_its_face() -> None:
    assert set(PAGES) == set(installed_faces()) == set(DOCUMENTED)


@pytest.mark.parametrize("face", PAGES)
def test_every_field_of_a_request_has_its_row(face: str) -> None:
    read = {name for document in documents_of(face) for name in asked(document)}
    assert read
    assert read <= named(face)


@pytest.mark.parametrize("face", PAGES)
def test_every_field_of_an_answer_has_its_row(face: str) -> None:
    told = {name for document in documents_of(face) for name in answered(document)}
    assert told
    assert told <= named(face) | OURS.get(face, set())


@pytest.mark.parametrize("face", PAGES)
def test_every_word_of_a_request_has_its_row(face: str) -> None:
    read = {word for document in documents_of(face) for word in words_asked(document)}
    text = "\n".join(f"{row.name} {row.more}" for row in rows(face))
    assert [word for word in read if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)] == []


@pytest.mark.parametrize("face", PAGES)
def test_no_row_calls_a_field_supported_that_there_is_not(face: str) -> None:
    documents = documents_of(face)
    known = {name for document in documents for name in asked(document) | answered(document) | parameters(document)}
    supported = [row for row in rows(face) if row.kind in ("field", "parameter") and row.answered == "supported"]
    assert supported
    stray = [row.name for row in supported if not words(row.name.split("` ")[0].rpartition(".")[2]) & known]
    assert [name for name in stray if not HEADER.match(name)] == []


@pytest.mark.parametrize("face", PAGES)
def test_everything_that_the_vendor_documents_has_its_row(face: str) -> None:
    told = {word for row in rows(face) for word in words(f"{row.name} {row.more}")}
    assert [word for word in DOCUMENTED[face].split() if word not in told] == []


def refused_operations() -> list[tuple[str, Row]]:
    found = [(face, row) for face in PAGES for row in rows(face) if row.answered.startswith("refused")]
    return [(face, row) for face, row in found if OPERATION.search(row.name)]


@pytest.mark.parametrize(
    ("face", "row"), refused_operations(), ids=lambda each: each if isinstance(each, str) else each.name
)
def test_an_operation_that_is_refused_is_refused_as_its_row_says(served: Served, face: str, row: Row) -> None:
    found = OPERATION.search(row.name)
    assert found is not None
    path = re.sub(r"\{\w+\}", "7", found[2])
    prefix = {"voucherify": "/voucherify/v2"}.get(face, f"/{face}")
    secret = served.secret()
    keys = {"authorization": secret if face == "wix" else f"Bearer {secret}"}
    if face == "capillary":
        keys = {"x-cap-api-oauth-token": token(served)}

    answer = served.anonymous().request(found[1], prefix + path, headers=keys)

    assert answer.status_code in (404, 405)
    assert re.sub(r"^refused: `?([\w]+).*", r"\1", row.answered) in answer.text


def token(served: Served) -> str:
    from ziggurat.app.access.create_first_key import create_first_key

    made = create_first_key(served.service.database, served.clock(), organization="first")
    asked_for = {"key": made.key.key_id, "secret": made.secret}
    answer = served.anonymous().post("/capillary/v3/oauth/token/generate", json=asked_for)
    return str(answer.json()["data"]["accessToken"])
