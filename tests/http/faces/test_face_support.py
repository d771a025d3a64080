"""What faces share: ids that follow from names, instants as vendors write them, and counted revisions."""

import doctest
import importlib
import pkgutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from ziggurat.app.principal import KeyScope
from ziggurat.http import face_support
from ziggurat.http.face_support.ids import derived_uuid, is_uuid
from ziggurat.http.face_support.openapi import face_document
from ziggurat.http.face_support.routes import FaceRoute, Reply, Visit
from ziggurat.http.face_support.versions import count_changes
from ziggurat.http.faces import wix

MODULES = [
    module.name
    for package in (face_support, wix)
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_different_names_have_different_ids(one: list[str], other: list[str]) -> None:
    assert is_uuid(derived_uuid("wix", *one))
    assert (derived_uuid("wix", *one) == derived_uuid("wix", *other)) is (one == other)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)), min_size=1))
def test_a_revision_counts_the_states_that_differ_from_the_one_before(states: list[dict[str, int]]) -> None:
    told = count_changes(enumerate(states))

    assert {key: part.seen for key, part in told.items()} == states[-1]
    for key, part in told.items():
        began = next((at for at in range(len(states), 0, -1) if key not in states[at - 1]), 0)
        seen = [state[key] for state in states[began:]]
        changes = [began + at for at in range(1, len(seen)) if seen[at] != seen[at - 1]]
        assert (part.created_at, part.revision) == (began, 1 + len(changes))
        assert part.updated_at == (changes[-1] if changes else began)


class _Error(BaseModel):
    message: str


def test_a_documented_answer_without_content_has_no_content() -> None:
    def delete(_: Visit) -> Reply:
        return Reply(None, 204)

    route = FaceRoute(method="DELETE", path="/tiers/{id}", scope=KeyScope.DESIGN, run=delete, summary="-", status=204)
    said = face_document("A face", "Some.", [route], prefix="", error=_Error, security={})
    responses = said["paths"]["/tiers/{id}"]["delete"]["responses"]

    assert responses["204"] == {"description": "Done."}
    assert "content" in responses["404"]
