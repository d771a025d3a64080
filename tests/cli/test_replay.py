"""`ziggurat replay` keeps its contract: columns, formats, exit codes, messages."""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.running import AS_ORDERS, CLUB, EVENTS, ORDER_COLUMNS, ORDERS, SPENDERS, ziggurat

TIERS = ["member", "tier", "since", "expires_at", "value", "next_tier", "missing"]
TRANSITIONS = ["member", "at", "kind", "from", "to", "cause", "value", "expires_at"]
ADA = ["ada", "Silver", "2025-06-01T00:00:00+02:00", "2026-06-01T00:00:00+02:00", "1200", "Gold", "800"]
CYD = ["cyd", "Platinum", "2024-05-17T09:30:00+02:00", "", "0", "", ""]


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="") as stream:
        return list(csv.reader(stream))


def test_csv_has_the_columns_of_the_contract(tmp_path: Path) -> None:
    ziggurat("replay", CLUB, EVENTS, "--tiers", tmp_path / "t.csv", "--transitions", tmp_path / "m.csv")
    tiers, moves = rows_of(tmp_path / "t.csv"), rows_of(tmp_path / "m.csv")
    assert tiers[0] == TIERS
    assert tiers[1] == ADA
    assert CYD in tiers
    assert len(tiers) == 8
    assert moves[0] == TRANSITIONS
    assert [row[2:6] for row in moves if row[0] == "ada"] == [
        ["joined", "", "Silver", "event"],
        ["upgraded", "Silver", "Gold", "event"],
        ["downgraded", "Gold", "Silver", "grace_end"],
    ]


def test_json_lines_say_null_where_there_is_nothing(tmp_path: Path) -> None:
    ziggurat("replay", CLUB, EVENTS, "--tiers", tmp_path / "t.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert rows[0] == dict(zip(TIERS, ADA, strict=True))
    cyd = next(row for row in rows if row["member"] == "cyd")
    assert cyd["expires_at"] is None
    assert cyd["missing"] is None
    assert cyd["next_tier"] == ""


def test_parquet_has_utc_microseconds_and_exact_decimals(tmp_path: Path) -> None:
    ziggurat("replay", CLUB, EVENTS, "--tiers", tmp_path / "t.parquet", "--transitions", tmp_path / "m.parquet")
    tiers, moves = pq.read_table(tmp_path / "t.parquet"), pq.read_table(tmp_path / "m.parquet")
    assert tiers.column_names == TIERS
    assert moves.column_names == TRANSITIONS
    assert tiers.schema.field("since").type == pa.timestamp("us", "UTC")
    assert tiers.schema.field("value").type == pa.decimal128(19, 4)
    assert [str(value) for value in tiers["missing"].to_pylist()[:2]] == ["800.0000", "1390.0000"]


def test_without_files_tables_are_printed() -> None:
    text = ziggurat("replay", CLUB, EVENTS).stdout
    assert text.startswith("Coffee Club as of 2025-06-30T23:59:59+02:00: 7 members")
    assert " ".join(ADA) in " ".join(text.split())


def test_json_holds_counts_and_the_rows_that_no_file_was_named_for(tmp_path: Path) -> None:
    answer = json.loads(ziggurat("replay", CLUB, EVENTS, "--json", "--transitions", tmp_path / "m.csv").stdout)
    assert answer["as_of"] == "2025-06-30T23:59:59+02:00"
    assert {each["tier"]: each["members"] for each in answer["ladder"]} == {
        "Platinum": 1,
        "Gold": 2,
        "Silver": 3,
        "Member": 1,
    }
    assert answer["moves"] == {"joined": 7, "upgraded": 3, "downgraded": 2}
    assert answer["tiers"][0] == dict(zip(TIERS, ADA, strict=True))
    assert "transitions" not in answer


def test_as_of_is_local_to_the_program_and_later_events_have_not_happened(tmp_path: Path) -> None:
    ziggurat("replay", CLUB, EVENTS, "--as-of", "2024-05-01", "--tiers", tmp_path / "t.csv")
    assert rows_of(tmp_path / "t.csv")[1:] == [
        ["ada", "Gold", "2024-05-01T00:00:00+02:00", "2025-05-01T00:00:00+02:00", "2100", "Platinum", "7900"],
        ["ben", "Member", "2024-03-09T18:12:00+01:00", "", "120", "Silver", "380"],
    ]


def test_foreign_columns_are_mapped_and_missing_ones_filled_in(tmp_path: Path) -> None:
    ziggurat("replay", SPENDERS, ORDERS, *AS_ORDERS, "--tiers", tmp_path / "t.csv")
    assert [row[:2] + row[4:] for row in rows_of(tmp_path / "t.csv")[1:]] == [
        ["1017", "Regular", "450.4", "Patron", "549.6"],
        ["1033", "Regular", "358", "Patron", "642"],
        ["1040", "Shopper", "75.25", "Regular", "174.75"],
    ]


def test_several_files_of_several_formats_are_one_history(tmp_path: Path) -> None:
    lines = EVENTS.read_text().splitlines(keepends=True)
    (tmp_path / "a.csv").write_text("".join(lines[:8]))
    header = lines[0].strip().split(",")
    rest = [dict(zip(header, line.strip().split(","), strict=True)) for line in lines[8:]]
    said = [{key: value for key, value in row.items() if value} for row in rest]
    (tmp_path / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in said))
    apart = ziggurat("replay", CLUB, tmp_path / "a.csv", tmp_path / "b.jsonl", "--json").stdout
    assert apart == ziggurat("replay", CLUB, EVENTS, "--json").stdout


def test_the_engines_answer_the_same() -> None:
    local = ziggurat("replay", CLUB, EVENTS, "--json", "--engine", "local").stdout
    assert local == ziggurat("replay", CLUB, EVENTS, "--json", "--engine", "reference").stdout


def test_an_engine_that_is_not_there_says_so_and_ends_with_one() -> None:
    assert "the engine spark is not there" in ziggurat("replay", CLUB, EVENTS, "--engine", "spark", code=1).stderr


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("ada,points.earned,2025-02-30,5", 'e.csv:2: occurred_at: "2025-02-30" is not a date or a time'),
        ("ada,points.earned,2025-02-03,1.00001", 'e.csv:2: points: "1.00001" is too fine'),
        ("ada,points.earned,2025-02-03,NaN", 'e.csv:2: points: "NaN" is not a number'),
        ("ada,points.earnt,2025-02-03,5", 'e.csv:2: type: "points.earnt" is not'),
        (",points.earned,2025-02-03,5", "e.csv:2: member:"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(tmp_path: Path, rows: str, message: str) -> None:
    (tmp_path / "e.csv").write_text(f"member,type,occurred_at,points\n{rows}\nben,points.earned,2025-01-01,7\n")
    done = ziggurat("replay", CLUB, "e.csv", "--tiers", "t.csv", cwd=tmp_path, code=1)
    assert message in done.stderr
    assert "--skip-bad-rows" in done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["e.csv"]

    skipped = ziggurat("replay", CLUB, "e.csv", "--tiers", "t.csv", "--skip-bad-rows", cwd=tmp_path)
    assert message in skipped.stderr
    assert "1 of 2 rows left out" in skipped.stderr
    assert [row[0] for row in rows_of(tmp_path / "t.csv")] == ["member", "ben"]


def test_a_missing_column_is_guessed_at() -> None:
    done = ziggurat("replay", SPENDERS, ORDERS, code=1)
    assert "say --map member=customer" in done.stderr
    assert "--default type=order.placed" in ziggurat("replay", SPENDERS, ORDERS, *ORDER_COLUMNS, code=1).stderr


def test_a_log_without_names_needs_a_line_of_options_and_no_code(tmp_path: Path) -> None:
    (tmp_path / "master.txt").write_text(" 00001 19970101  1  251.77\n 00002 19970112  1   12.00\n")
    assert "--columns member,occurred_at" in ziggurat("replay", SPENDERS, "master.txt", cwd=tmp_path, code=1).stderr
    names = ("--columns", "member,occurred_at,discs,amount", "--default", "type=order.placed")
    ziggurat("replay", SPENDERS, "master.txt", *names, "--tiers", "t.csv", cwd=tmp_path)
    assert [row[:2] for row in rows_of(tmp_path / "t.csv")[1:]] == [["00001", "Regular"], ["00002", "Shopper"]]


def test_what_to_say_of_a_column_can_be_pasted(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("Customer ID,occurred_at,type\n1,2025-01-01,member.enrolled\n")
    said = ziggurat("replay", CLUB, "o.csv", cwd=tmp_path, code=1).stderr
    assert said == (
        "o.csv: member: there is no such column (did you mean \"Customer ID\"? say --map 'member=Customer ID')\n"
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "none.csv: there is no such file" in ziggurat("replay", CLUB, "none.csv", cwd=tmp_path, code=1).stderr
    assert "none.yaml: there is no such file" in ziggurat("replay", "none.yaml", EVENTS, cwd=tmp_path, code=1).stderr


def test_a_result_that_cannot_be_placed_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    for name, why in (("none/t.csv", 'there is no folder "none" (make it first)'), ("out.csv", "it is a folder")):
        done = ziggurat("replay", CLUB, "not-there.csv", "--tiers", name, cwd=tmp_path, code=1)
        assert done.stderr.startswith(f"{name}: {why}")
        assert "not-there" not in done.stderr


@pytest.mark.parametrize(
    ("ending", "room", "first"), [("csv", 160_000, "m"), ("jsonl", 160_000, "m"), ("parquet", 9_000, "t")]
)
def test_when_the_disk_is_full_no_file_appears_at_all(tmp_path: Path, ending: str, room: int, first: str) -> None:
    rows = "".join(f"m{n},points.earned,2025-01-01,600\n" for n in range(20_000))
    (tmp_path / "e.csv").write_text(f"member,type,occurred_at,points\n{rows}")
    words = ("replay", str(CLUB), "e.csv", "--tiers", "t.parquet", "--transitions", f"m.{ending}")
    ziggurat("replay", CLUB, "e.csv", cwd=tmp_path)  # compiles, if that was never done
    done = subprocess.run(
        [sys.executable, "-m", "ziggurat", *words],
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{first}.{ending}: it cannot be written: File too large (make room, or write elsewhere)\n"
    assert [path.name for path in tmp_path.iterdir()] == ["e.csv"]


def test_rows_said_again_are_counted_once_and_mentioned(tmp_path: Path) -> None:
    row = "e1,ada,points.earned,2025-01-01,500\n"
    (tmp_path / "e.csv").write_text(f"id,member,type,occurred_at,points\n{row}{row}")
    done = ziggurat("replay", CLUB, "e.csv", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["tiers"][0]["value"] == "500"
    assert done.stderr == "1 row said again, word for word under the same id: each counts once\n"


def test_when_every_row_is_left_out_there_is_nothing_to_answer(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("member,type,occurred_at,points\n   ,points.earned,2025-01-01,500\n")
    done = ziggurat("replay", CLUB, "e.csv", "--skip-bad-rows", "--tiers", "t.csv", cwd=tmp_path, code=1)
    assert done.stderr.splitlines() == [
        'left out: e.csv:2: member: "   " is blank (fill it in, or leave it empty where nothing is said)',
        "1 of 1 row left out",
        "no event is left (mend the rows)",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["e.csv"]


def test_a_person_who_names_a_tier_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(
        "member,type,occurred_at,points,tier,mode\n"
        "ada,points.earned,2025-01-01,5,,\nada,tier.override,2025-01-02,,Goold,fixed\nada,tier.override,2025-01-03,,Gold,floor\n"
    )
    done = ziggurat("replay", CLUB, "e.csv", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["tiers"][0]["tier"] == "Gold"
    assert done.stderr == (
        'tier.override to "Goold" does nothing: the program has no such tier (did you mean "Gold"?)\n'
    )
