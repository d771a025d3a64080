"""CSV files as they come: parted by something else than commas, or without a line of names."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.bulk.files import read, refusal
from ziggurat.bulk import text_blocks

HEADER = ["customer", "date", "note", "total"]
ROWS = [["0007", "1997-01-01", "a", "11.77"], ["0007", "1997-01-12", "", "12"], ["Zoë", "1998-02-01", "b", "0.5"]]
AS_ORDERS = {
    "mapping": {"member": "customer", "occurred_at": "date", "amount": "total", "reason": "note"},
    "defaults": {"type": "order.placed"},
}
EXPECTED = [("0007", 117_700), ("0007", 120_000), ("Zoë", 5_000)]
MASTER = " 00001 19970101  1   11.77\r\n 00002 19970112  1   12.00\r\n\t00002\t19970112  5   77.00 \r\n"
"""The layout of the CDNOW log: blanks in any number, and no names."""


def told(path: Path, **options: object) -> list[tuple[str, int | None]]:
    return [(event.member, event.amount) for event in read(path, **options)[0]]


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("ending", ["csv", "tsv", "txt", "csv.gz", "txt.gz"])
def test_what_parts_the_first_line_parts_the_file(tmp_path: Path, separator: str, ending: str) -> None:
    text = "".join(f"{separator.join(row)}\n" for row in [HEADER, *ROWS])
    path = tmp_path / f"orders.{ending}"
    path.write_bytes(gzip.compress(text.encode()) if ending.endswith("gz") else text.encode())
    assert told(path, **AS_ORDERS) == EXPECTED


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", "  "])
def test_names_may_be_given_where_the_first_line_is_an_event(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("".join(f"{separator.join(value or '-' for value in row)}\n" for row in ROWS), "utf-8")
    assert told(path, columns=HEADER, **AS_ORDERS) == EXPECTED


def test_separators_within_quoted_values_and_names_part_nothing(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text('member,"type; of; the; event",occurred_at,reason\nm,member.enrolled,2025-01-01,"a;b\nc;d"\n')
    assert len(read(path, mapping={"type": "type; of; the; event"})[0]) == 1
    path.write_text('member;type;occurred_at;"said, as usual, by whom"\n"a;b";member.enrolled;2025-01-01;x,y,z\n')
    assert [event.member for event in read(path)[0]] == ["a;b"]


@pytest.mark.parametrize("block", [text_blocks.BLOCK_BYTES, 40])
def test_a_log_parted_by_blanks_needs_names_and_no_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", block)
    path = tmp_path / "master.txt"
    path.write_bytes(MASTER.encode())
    names = ["member", "occurred_at", "discs", "amount"]
    assert told(path, columns=names, defaults={"type": "order.placed"}) == [
        ("00001", 117_700),
        ("00002", 120_000),
        ("00002", 770_000),
    ]


def test_lines_are_counted_in_every_layout(tmp_path: Path) -> None:
    path = tmp_path / "master.txt"
    path.write_bytes(b"\n" + MASTER.encode() + b"\n   \n0003 1997 1 2\n0004 19970101 2\n")
    options = {"columns": ["member", "occurred_at", "discs", "amount"], "defaults": {"type": "order.placed"}}
    said = refusal(path, **options)
    assert [line.partition(" (")[0] for line in said] == [
        'master.txt:7: occurred_at: "1997" is a number, not a date or a time',
        "master.txt:8: it has 3 columns where there should be 4",
    ]
    path.write_text('member;type;occurred_at;reason\nm;member.enrolled;2025-01-01;"two\nlines"\nm;member.enrolled;x;\n')
    assert refusal(path)[0].startswith('master.txt:4: occurred_at: "x" is not a date')
    path.write_text("member\ttype\toccurred_at\nm\tmember.enrolled\n")
    assert refusal(path) == [
        "master.txt:2: it has 2 columns where the header has 3 (write a tab for an empty value too)"
    ]


def test_a_file_that_begins_with_an_event_asks_for_names(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for text, line in ((MASTER, "00001 19970101  1   11.77"), ("7,1997-01-01,3\n", "7,1997-01-01,3")):
        path.write_text(text)
        assert refusal(path) == [
            f'a.csv: its first line says no names of columns: "{line}" (write the columns\' names there)'
        ]


def test_as_many_names_are_given_as_there_are_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("7,1997-01-01,3\n")
    assert refusal(path, columns=["member", "amount"]) == [
        (
            'a.csv: its first line, "7,1997-01-01,3", has not the 2 columns that were named '
            "(name all of its columns, in their order)"
        )
    ]
    (tmp_path / "a.jsonl").write_text("{}\n")
    assert refusal(tmp_path / "a.jsonl", columns=["member", "amount"]) == [
        "a.jsonl: it names its columns itself (read it without names for them)"
    ]
