"""Results arrive whole, and say what the table said."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ziggurat.bulk.format_instants import format_instants, timestamps
from ziggurat.bulk.write_results import UnwritableResultError, check_output, write_results
from ziggurat.program.calendar import Calendar

ZONES = ["UTC", "Europe/Paris", "America/Juneau", "Asia/Kolkata", "Africa/Casablanca", "Australia/Lord_Howe"]
JULY = 1751320800000000


def results(rows: int = 2) -> pa.Table:
    names = ["=m,1", 'say "x"\n', *(f"m{n}" for n in range(2, rows))][:rows]
    return pa.table(
        {
            "member": pa.array(names).dictionary_encode(),
            "since": timestamps(np.array([JULY, -1, *range(2, rows)][:rows]), -1),
            "value": pa.array(["500", None, *("1" for _ in range(2, rows))][:rows]),
        }
    )


@given(st.lists(st.integers(0, 7_258_118_400_000_000 - 1), max_size=5), st.sampled_from(ZONES))
def test_instants_are_written_as_the_calendar_writes_them(instants: list[int], zone: str) -> None:
    column = pa.array(instants, pa.timestamp("us", "UTC"))
    assert format_instants(column, zone).to_pylist() == [Calendar(zone).format(instant) for instant in instants]


def test_csv_quotes_what_needs_it_and_escapes_nothing(tmp_path: Path) -> None:
    write_results(results(), tmp_path / "out.csv", "Europe/Paris")
    with (tmp_path / "out.csv").open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert (tmp_path / "out.csv").read_text().startswith('member,since,value\n"=m,1",2025-07-01T00:00:00+02:00,500\n')
    assert rows == [["member", "since", "value"], ["=m,1", "2025-07-01T00:00:00+02:00", "500"], ['say "x"\n', "", ""]]


def test_json_lines_hold_one_object_a_row(tmp_path: Path) -> None:
    write_results(results(), tmp_path / "out.jsonl", "Europe/Paris")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert rows == [
        {"member": "=m,1", "since": "2025-07-01T00:00:00+02:00", "value": "500"},
        {"member": 'say "x"\n', "since": None, "value": None},
    ]


def test_parquet_holds_utc_microseconds(tmp_path: Path) -> None:
    write_results(results(), tmp_path / "out.parquet", "Europe/Paris")
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.schema.field("since").type == pa.timestamp("us", "UTC")
    assert table.column("since").cast(pa.int64()).to_pylist() == [JULY, None]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_empty_result_is_a_file_too(tmp_path: Path, ending: str) -> None:
    write_results(results().slice(0, 0), tmp_path / f"out.{ending}", "UTC")
    assert (tmp_path / f"out.{ending}").exists()
    if ending == "csv":
        assert (tmp_path / "out.csv").read_text() == "member,since,value\n"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old")
    with pytest.raises(pl.exceptions.ComputeError):
        write_results(pa.table({"list": [[1], [2]]}), tmp_path / "out.csv", "UTC")
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text() == "old"


def test_an_ending_that_says_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnwritableResultError, match=r"out\.xlsx: its ending says no format \(name it \.csv, "):
        check_output(tmp_path / "out.xlsx")
    with pytest.raises(UnwritableResultError, match="there is no folder"):
        check_output(tmp_path / "none" / "out.csv")
    with pytest.raises(UnwritableResultError, match="it cannot be written: No such file or directory"):
        write_results(results(), tmp_path / "none" / "out.csv", "UTC")
    check_output(tmp_path / "out.csv")
