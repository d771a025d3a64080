"""Names are numbered as they first come, however many, however long, in whatever layout."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ziggurat.bulk.name_table import NameTable

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LAYOUTS: dict[str, Any] = {
    "text": lambda texts: pa.array(texts, pa.string()),
    "large text": lambda texts: pa.array(texts, pa.large_string()),
    "views": lambda texts: pa.array(texts, pa.string_view()),
    "words": lambda texts: pa.array(texts, pa.string()).dictionary_encode(),
    "part of a longer column": lambda texts: pa.array(["x", *texts, "y"], pa.string()).slice(1, len(texts)),
}


def numbered(texts: list[str | None], known: dict[str, int]) -> list[int]:
    return [known.setdefault(text or "", len(known)) for text in texts]


@pytest.mark.parametrize("layout", LAYOUTS)
@given(parts=st.lists(st.lists(st.none() | names, max_size=20), max_size=4))
def test_the_codes_are_those_of_a_dictionary(layout: str, parts: list[list[str | None]]) -> None:
    table = NameTable()
    first: dict[int, str] = {}
    for texts in parts:
        codes = table.codes_of(LAYOUTS[layout](texts)).tolist()
        said = table.names().to_pylist()
        assert [said[code] for code in codes] == [text or "" for text in texts]
        first |= dict(enumerate(said[len(first) :], len(first)))
    assert table.names().to_pylist() == list(first.values())
    assert len(set(first.values())) == len(first)


def test_many_names_of_many_lengths_make_the_table_grow() -> None:
    texts = [f"{'-' * (n % 97)}{n % 30_011}" for n in range(100_000)]
    known: dict[str, int] = {}
    expected = numbered(list(texts), known)
    table = NameTable()
    codes = [*table.codes_of(pa.array(texts[:70_000])).tolist(), *table.codes_of(pa.array(texts[70_000:])).tolist()]
    assert codes == expected
    assert table.names().to_pylist() == list(known)
    assert table.names(len(known) - 2).to_pylist() == list(known)[-2:]
    assert len(table) == len(known)


def test_names_that_differ_only_at_one_byte_are_told_apart() -> None:
    texts = ["a" * length for length in range(40)]
    texts += [f"{'a' * place}b{'a' * (length - place - 1)}" for length in range(1, 40) for place in range(length)]
    table = NameTable()
    assert table.codes_of(pa.array(texts)).tolist() == list(range(len(texts)))
