"""Every fault of a file is said once: where, what, and what to do."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.bulk.files import ENDINGS, read, refusal, write_rows
from ziggurat import limits
from ziggurat.bulk.read_events import read_events
from ziggurat.bulk.read_options import ReadOptions
from ziggurat.bulk.row_faults import BadEventsError
from ziggurat.bulk.text_blocks import UTF8_REMEDY

GOOD: dict[str, str | None] = {"member": "m", "type": "order.placed", "occurred_at": "2025-01-01", "amount": "1"}
DATE = "write 2025-03-01 or 2025-03-01T12:30:00+01:00"
NUMBER = "write digits with a decimal point, as in 12.50"
TAKE_BACK = "send a reversal of the order, or order.refunded, to take an amount back"
TYPES = (
    "points.earned, points.adjusted, points.spent, points.expired, points.returned, order.placed, order.refunded, "
    "reversal, activity, attribute.set, member.enrolled, tier.override"
)

FAULTS: list[tuple[dict[str, str | None], str]] = [
    ({"occurred_at": "31/12/2024"}, f'occurred_at: "31/12/2024" is not a date or a time in ISO 8601 ({DATE})'),
    ({"occurred_at": "2025-02-30"}, f'occurred_at: "2025-02-30" is not a date or a time in ISO 8601 ({DATE})'),
    ({"occurred_at": "1735689600"}, f'occurred_at: "1735689600" is a number, not a date or a time ({DATE})'),
    ({"occurred_at": "1812-01-01"}, 'occurred_at: "1812-01-01" is outside the years 1970 to 2199 (mend the year)'),
    ({"occurred_at": None}, "occurred_at: it is empty (say when it happened)"),
    ({"amount": "12.34567"}, 'amount: "12.34567" is too fine (amounts have at most four decimal places)'),
    ({"amount": "1e15"}, 'amount: "1e15" is too large (amounts reach to 100000000000000)'),
    ({"amount": "12,50"}, f'amount: "12,50" is not a number ({NUMBER})'),
    ({"amount": "NaN"}, f'amount: "NaN" is not a number ({NUMBER})'),
    ({"amount": "-inf"}, f'amount: "-inf" is not a number ({NUMBER})'),
    ({"amount": "-1"}, f"amount: order.placed cannot have less than zero ({TAKE_BACK})"),
    ({"amount": None}, "amount: order.placed needs amount or points (fill it in)"),
    ({"type": "order.place"}, 'type: "order.place" is not a type of event (did you mean "order.placed"?)'),
    ({"type": "zzz"}, f'type: "zzz" is not a type of event (use one of {TYPES})'),
    (
        {"type": None},
        "type: it is empty (fill it in)",
    ),
    ({"member": None}, "member: it is empty (say whose event it is)"),
    ({"member": "a\tb"}, 'member: "a\\tb" holds a control character (leave it out)'),
    ({"member": "m" * 201}, f'member: "{"m" * 57}..." is too long: 201 characters (it may have 200)'),
    ({"id": "a\x85b"}, 'id: "a\\x85b" holds a control character (leave it out)'),
    ({"id": "é" * 201}, f'id: "{"é" * 57}..." is too long: 201 characters (it may have 200)'),
    ({"qualifying": "maybe"}, 'qualifying: "maybe" is neither true nor false (write true or false)'),
    (
        {"type": "points.earned", "points": "-1"},
        "points: points.earned cannot have less than zero (send a reversal, or points.adjusted, to take points back)",
    ),
    (
        {"type": "points.spent", "points": "-1"},
        "points: points.spent cannot have less than zero (leave the minus sign out)",
    ),
    ({"type": "points.adjusted", "points": None}, "points: points.adjusted needs points (fill it in)"),
    ({"type": "activity"}, "activity: activity needs activity (fill it in)"),
    ({"type": "attribute.set", "value": "3"}, "attribute: attribute.set needs attribute (fill it in)"),
    ({"type": "reversal"}, "reverses: reversal needs reverses (fill it in)"),
    ({"type": "tier.override", "mode": "fixed"}, "tier: tier.override needs tier (fill it in)"),
    ({"type": "tier.override", "tier": "Gold"}, "mode: tier.override needs mode (fill it in)"),
    ({"type": "tier.override", "tier": "Gold", "mode": "flor"}, 'mode: "flor" is not a mode (did you mean "floor"?)'),
    (
        {"type": "tier.override", "tier": "Gold", "mode": "once", "until": "soon"},
        f'until: "soon" is not a date or a time in ISO 8601 ({DATE})',
    ),
]
EVERY_COLUMN: dict[str, str | None] = dict.fromkeys(
    ["id", "qualifying", "points", "activity", "attribute", "value", "reverses", "tier", "mode", "until"]
)
FIRST = {"csv": 2, "csv.gz": 2, "jsonl": 1, "jsonl.gz": 1, "parquet": 1}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_bad_row_is_named_with_its_fault_and_remedy(tmp_path: Path, ending: str) -> None:
    rows = [row for bad, _ in FAULTS for row in (GOOD, GOOD | EVERY_COLUMN | bad)]
    path = write_rows(tmp_path / f"a.{ending}", rows)
    expected = [f"a.{ending}:{2 * at + 1 + FIRST[ending]}: {message}" for at, (_, message) in enumerate(FAULTS)]
    said = refusal(path)
    assert said == [*expected[: limits.ROW_FAULTS_SHOWN_MAX], f"and {len(FAULTS) - limits.ROW_FAULTS_SHOWN_MAX} more"]
    events, report = read(path, skip_bad_rows=True)
    assert len(events) == report.accepted == len(FAULTS)
    assert report.refused == report.fault_count == len(FAULTS)
    assert [str(fault).rpartition("/")[2] for fault in report.faults if "/12/" not in str(fault)] == [
        line for line in expected if "/12/" not in line
    ]


@pytest.mark.parametrize(("bad", "message"), FAULTS)
def test_a_lone_bad_row_is_named_too(tmp_path: Path, bad: dict[str, str | None], message: str) -> None:
    assert refusal(write_rows(tmp_path / "a.csv", [GOOD | EVERY_COLUMN | bad])) == [f"a.csv:2: {message}"]


def test_several_faults_of_one_row_are_all_said(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [{"member": "", "type": "order.placed", "occurred_at": "now", "amount": "x"}])
    assert refusal(path) == [
        "a.csv:2: member: it is empty (say whose event it is)",
        f'a.csv:2: occurred_at: "now" is not a date or a time in ISO 8601 ({DATE})',
        f'a.csv:2: amount: "x" is not a number ({NUMBER})',
    ]


def csv_refusal(folder: Path, text: str | bytes, **options: object) -> list[str]:
    path = folder / "a.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return refusal(path, **options)


def test_missing_columns_are_said_once_with_the_likely_one(tmp_path: Path) -> None:
    assert csv_refusal(tmp_path, "customer_id,typ,Purchase,total\n1,x,2025-01-01,3\n") == [
        'a.csv: member: there is no such column (did you mean "customer_id"? rename it to "member")',
        'a.csv: type: there is no such column (did you mean "typ"? rename it to "type")',
        (
            'a.csv: occurred_at: there is no such column (rename the column that holds it to "occurred_at"; '
            "the columns are customer_id, typ, Purchase, total)"
        ),
    ]
    assert csv_refusal(tmp_path, "member,occurred_at,Total\n1,2025-01-01,3\n", mapping={"amount": "total"}) == [
        (
            'a.csv: type: there is no such column (rename the column that holds it to "type", or add one that says '
            "order.placed in every row; the columns are member, occurred_at, Total)"
        ),
        'a.csv: total: there is no such column (did you mean "Total"?)',
    ]
    assert csv_refusal(tmp_path, "member,type,occurred_at,ammount\n1,order.placed,2025-01-01,3\n") == [
        'a.csv:2: amount: order.placed needs amount or points (did you mean "ammount"? rename it to "amount")'
    ]
    path = tmp_path / "a.jsonl"
    path.write_text('{"user_id": "1", "type": "member.enrolled", "occurred_at": "2025-01-01"}\n')
    assert refusal(path) == ['a.jsonl: member: there is no such column (did you mean "user_id"? rename it to "member")']


def test_a_column_that_no_row_has_is_missed_once_for_the_file(tmp_path: Path) -> None:
    orders = "member,type,occurred_at,Order Total\n" + "m,order.placed,2025-01-01,3\n" * 300
    assert csv_refusal(tmp_path, orders + "m,order.placed,never,3\n") == [
        'a.csv:2: amount: order.placed needs amount or points (did you mean "Order Total"? rename it to "amount")',
        f'a.csv:302: occurred_at: "never" is not a date or a time in ISO 8601 ({DATE})',
        "and 300 more",
    ]
    events, report = read(tmp_path / "a.csv", write_rows(tmp_path / "b.csv", [GOOD]), skip_bad_rows=True)
    assert (len(events), report.refused, report.fault_count) == (1, 301, 302)


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    assert csv_refusal(tmp_path, "member,type,occurred_at,amount,amount\n1,order.placed,2025-01-01,3,4\n") == [
        "a.csv: amount: there are two columns of that name (rename one of them)"
    ]


def test_ragged_rows_and_broken_text_are_named(tmp_path: Path) -> None:
    head = b"member,type,occurred_at,amount\nm,order.placed,2025-01-01,1\n"
    tail = b"m,order.placed,2025-01-01\nm,order.placed,2025-01-01,1,2\n\nm\xff,order.placed,2025-01-01,1\n"
    assert csv_refusal(tmp_path, head + tail) == [
        "a.csv:3: it has 3 columns where the header has 4 (write a comma for an empty value too)",
        "a.csv:4: it has 5 columns where the header has 4 (quote values that hold commas)",
        f"a.csv:6: it is not text in UTF-8 ({UTF8_REMEDY})",
    ]
    events, report = read(tmp_path / "a.csv", skip_bad_rows=True)
    assert (len(events), report.refused) == (1, 3)


def test_a_quotation_mark_that_nothing_closes_is_found_where_it_opens(tmp_path: Path) -> None:
    text = 'member,type,occurred_at,points\na,points.earned,2025-01-01,5\n"b,points.earned,2\nc\n'
    remedy = "close it, or write it twice within quotes where it is part of the value"
    assert csv_refusal(tmp_path, text) == [f"a.csv:3: a quotation mark opens a value here that does not end ({remedy})"]


def test_lines_that_end_in_carriage_returns_alone_are_named(tmp_path: Path) -> None:
    assert csv_refusal(tmp_path, b"member,type,occurred_at\ra,points.earned,2025-01-01\r") == [
        r"a.csv: its lines end in the old Mac way (end them with \n or \r\n)"
    ]


def test_lines_are_counted_through_blank_lines_and_quoted_line_ends(tmp_path: Path) -> None:
    text = 'member,type,occurred_at,amount,reason\n\nm,order.placed,2025-01-01,1,"two\nlines"\n\nm,order.placed,x,1,\n'
    assert csv_refusal(tmp_path, text) == [f'a.csv:6: occurred_at: "x" is not a date or a time in ISO 8601 ({DATE})']


def test_lines_that_are_no_json_objects_are_named(tmp_path: Path) -> None:
    good = '{"member": "m", "type": "order.placed", "occurred_at": "2025-01-01", "amount": 1}'
    lines = [
        good,
        "{",
        "[1]",
        "",
        good.replace("1}", "NaN}"),
        good.replace("1}", "{}}"),
        good.replace("}", ', "amount": 2}'),
        good + good,
        good.replace('"m"', '"\\ud800"'),
        good.replace("1}", "1e99}"),
    ]
    path = tmp_path / "a.jsonl"
    path.write_bytes("\n".join(lines).encode() + b"\n\xff\n")
    one = "write one JSON object on each line"
    assert refusal(path) == [
        f"a.jsonl:2: it is not JSON: expecting property name enclosed in double quotes at column 2 ({one})",
        f'a.jsonl:3: "[1]" is not an object ({one})',
        "a.jsonl:5: NaN is not a number (leave the field out where nothing is said)",
        "a.jsonl:6: amount holds an object (write text or a number)",
        'a.jsonl:7: it says "amount" twice (say it once)',
        f"a.jsonl:8: it is not JSON: extra data at column {len(good) + 1} ({one})",
        'a.jsonl:9: member: "\\ud800" holds half a character (write whole characters)',
        'a.jsonl:10: amount: "1e99" is too large (amounts reach to 100000000000000)',
        "a.jsonl:11: it is not text in UTF-8 (save the file as UTF-8)",
    ]
    assert len(read(path, skip_bad_rows=True)[0]) == 1


def test_files_that_cannot_be_read_at_all_say_why(tmp_path: Path) -> None:
    def wrong(name: str, data: bytes) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    (tmp_path / "folder.csv").mkdir()
    long = b"member,type,occurred_at\n" + b"m" * (limits.EVENT_LINE_BYTES_MAX + 1) + b",x,y\n"
    line = b'{"member": "m", "type": "member.enrolled", "occurred_at": "2025-01-01"}\n'
    paths = [
        wrong("empty.csv", b""),
        wrong("empty.jsonl", b""),
        wrong("blank.csv", b"\n\n"),
        wrong("utf16.csv", "member".encode("utf-16")),
        wrong("long.csv", long),
        wrong("long.jsonl", line + b" " * (limits.EVENT_LINE_BYTES_MAX + 1)),
        wrong("a.xlsx", b"x"),
        wrong("half.csv.gz", gzip.compress(b"member,type\n" * 1000)[:-20]),
        wrong("text.parquet", b"member"),
        tmp_path / "none.csv",
        tmp_path / "folder.csv",
    ]
    said = refusal(*paths, skip_bad_rows=True)
    assert said[-3].startswith("text.parquet: it is not a whole Parquet file: ")
    assert [*said[:-3], *said[-2:]] == [
        "empty.csv: it is empty (give a file that holds events)",
        "empty.jsonl: it is empty (give a file that holds events)",
        "blank.csv: it has no column names (write them in the first line)",
        "utf16.csv: it is not text in UTF-8 (save it as UTF-8, as iconv -f UTF-16 -t UTF-8 does)",
        "long.csv: line 2 is longer than 1000000 bytes (events are short: is each on its own line?)",
        "long.jsonl: line 2 is longer than 1000000 bytes (events are short: is each on its own line?)",
        "a.xlsx: its ending says no format that is read (let it be .csv, .tsv, .txt, .jsonl, .ndjson, .parquet, .pq)",
        "half.csv.gz: it is not a whole gzip file (compress it anew)",
        "none.csv: there is no such file (check the name)",
        "folder.csv: it is a folder (name the files in it, as a shell does for FOLDER/*)",
    ]


def test_a_file_without_rows_holds_no_events(tmp_path: Path) -> None:
    assert csv_refusal(tmp_path, "member,type,occurred_at\n") == [
        "a.csv: it holds no events (give a file that holds some)"
    ]
    assert len(read(tmp_path / "a.csv", write_rows(tmp_path / "b.csv", [GOOD]))[0]) == 1


def test_columns_of_the_wrong_type_are_refused_whole(tmp_path: Path) -> None:
    table = pa.table(
        {
            "member": [1.5],
            "type": ["order.placed"],
            "occurred_at": [1_735_689_600],
            "amount": pa.array([[1]]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert refusal(tmp_path / "a.parquet", skip_bad_rows=True) == [
        "a.parquet: member: it holds double numbers, not names (cast it to text or integers)",
        (
            "a.parquet: occurred_at: it holds int64 numbers, not times "
            "(write ISO 8601 text, or cast it to a timestamp column)"
        ),
        "a.parquet: amount: it holds list<element: int64>, not numbers (cast it to a number)",
    ]


def test_floats_that_stand_for_no_amount_are_refused(tmp_path: Path) -> None:
    amounts = [0.1 + 0.2, float("nan"), float("inf"), 1e15, 12.1]
    table = pa.table({name: [value] * 5 for name, value in GOOD.items()} | {"amount": amounts})
    pq.write_table(table, tmp_path / "a.parquet")
    assert refusal(tmp_path / "a.parquet") == [
        'a.parquet:1: amount: "0.30000000000000004" is too fine (amounts have at most four decimal places)',
        f'a.parquet:2: amount: "nan" is not a number ({NUMBER})',
        f'a.parquet:3: amount: "inf" is not a number ({NUMBER})',
        'a.parquet:4: amount: "1000000000000000.0" is too large (amounts reach to 100000000000000)',
    ]


def test_a_default_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadEventsError, match=r'default type=order.place: .* \(did you mean "order.placed"\?\)'):
        read_events([GOOD], _options(type="order.place"))
    with pytest.raises(BadEventsError, match='default amount=x: "x" is not a number'):
        read_events([GOOD], _options(amount="x"))


def _options(**defaults: str) -> ReadOptions:
    return ReadOptions(defaults=defaults)


def test_faults_beyond_those_kept_are_counted(tmp_path: Path) -> None:
    rows = [GOOD | {"occurred_at": "never"}] * (limits.ROW_FAULTS_KEPT_MAX + 5) + [GOOD]
    events, report = read(write_rows(tmp_path / "a.csv", rows), skip_bad_rows=True)
    assert len(events) == 1
    assert len(report.faults) == limits.ROW_FAULTS_KEPT_MAX
    assert report.fault_count == report.refused == limits.ROW_FAULTS_KEPT_MAX + 5


def test_members_without_a_good_row_are_not_members(tmp_path: Path) -> None:
    rows = [GOOD, GOOD | {"member": "other", "amount": "x"}]
    table, _ = read_events(rows, ReadOptions(skip_bad_rows=True))
    assert table.members.to_pylist() == ["m"]


def test_a_total_that_no_engine_can_sum_is_refused(tmp_path: Path) -> None:
    rows = [GOOD | {"amount": str(limits.AMOUNT_MAX)}] * 10
    path = write_rows(tmp_path / "a.csv", rows)
    problem = "amount: the member's total is too large with it (it may reach 800000000000000)"
    assert refusal(path) == [f"a.csv:10: {problem}", f"a.csv:11: {problem}"]
    assert len(read(path, skip_bad_rows=True)[0]) == 8
