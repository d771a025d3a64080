"""Files of members are read from wherever reading was left off."""

import io
from random import Random

import pytest

from ziggurat import limits
from ziggurat.bulk.member_csv import RowReader, count_rows
from ziggurat.bulk.member_rows import MemberRow

FIELDS = (
    "a@b.example",
    "",
    '"x, y"',
    '"two\nlines"',
    '"two\rlines"',
    '"he said ""no"""',
    "é",
    "=1+1",
    '"long' + "g" * 40 + '"',
)
ENDS = ("\n", "\r\n", "\r", "\n\n", "\r\n\r\n")


def rows_of(source: io.BytesIO, skip: int = 0, offset: int | None = None) -> list[MemberRow]:
    return list(RowReader(source, skip=skip, offset=offset))


@pytest.mark.parametrize("seed", range(20))
def test_a_reader_goes_on_where_another_one_has_stopped(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IMPORT_FIELD_CHARACTERS_MAX", 30)
    random = Random(seed)
    text = random.choice(["", "\ufeff"]) + random.choice(["", "\n"]) + "email,name" + random.choice(ENDS)
    for _ in range(12):
        cells = [random.choice(FIELDS) for _ in range(random.choice([2, 2, 2, 1, 3]))]
        text += ",".join(cells) + random.choice(ENDS)
    source = io.BytesIO((text + random.choice(["", "last@b.example,x"])).encode())
    whole = rows_of(source)
    assert len(whole) == count_rows(source) > 0

    for stop in range(len(whole) + 1):
        first = RowReader(source)
        assert [next(first) for _ in range(stop)] == whole[:stop]
        assert first.number == stop
        assert rows_of(source, stop, first.offset) == whole[stop:]
        assert rows_of(source, stop) == whole[stop:]
