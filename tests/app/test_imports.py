"""Imports of files into lists: every bad row named, progress kept, nothing lost or doubled by a crash."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.app.programs import earned, publish
from ziggurat import limits
from ziggurat.app.audiences.audience_views import AudienceView, ImportView
from ziggurat.app.audiences.change_audience import archive_audience
from ziggurat.app.audiences.create_audience import create_audience
from ziggurat.app.audiences.export_audience import export_csv
from ziggurat.app.audiences.import_members import (
    create_import,
    list_import_faults,
    list_imports,
    read_import,
    start_import,
    upload_import,
)
from ziggurat.app.audiences.list_audience_members import list_audience_members
from ziggurat.app.audiences.run_imports import run_imports
from ziggurat.app.context import Context
from ziggurat.app.errors import WrongStateError
from ziggurat.app.events.ingest_events import ingest_events
from ziggurat.app.events.said_rules import SaidRule
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.store.errors import NotFoundError
from ziggurat.store.objects import LocalObjects, ObjectTooLargeError
from ziggurat.store.repositories import outbox
from ziggurat.store.tables.audiences import AudienceKind, ImportMode, ImportState

SECOND = 1_000_000


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "objects")


@pytest.fixture
def guests(context: Context) -> AudienceView:
    return create_audience(context, "Guests", AudienceKind.STATIC)


def run(context: Context, objects: LocalObjects, worker: str = "w1") -> None:
    while run_imports(context.database, objects, worker, lambda: context.now):
        pass


def imported(
    context: Context,
    objects: LocalObjects,
    audience: AudienceView,
    text: str | bytes,
    mode: ImportMode = ImportMode.UPDATE,
) -> ImportView:
    made = create_import(context, audience.id, mode)
    data = text.encode() if isinstance(text, str) else text
    assert upload_import(context, objects, made.id, io.BytesIO(data)).state is ImportState.PENDING
    run(context, objects)
    return read_import(context, made.id, faults=100)


def faults(view: ImportView) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in view.faults]


def counts(view: ImportView) -> tuple[int, int, int, int]:
    return view.members_created, view.members_updated, view.members_added, view.rows_failed


def people(context: Context, audience: AudienceView) -> dict[str | None, str]:
    items = list_audience_members(context, audience.id, limit=1_000).items
    return {item.profile.email: item.profile.member for item in items}


FILE = """\ufeffEmail,Full Name,Country,Tags,metadata,Shoe Size
ann@shop.example,Ann A,FR,"vip,new","{""size"": 1.5}",38
bob@shop.example,Bob,DE,,,
"""


def test_members_of_whom_a_file_says_no_event_are_as_the_ledger_has_them(
    context: Context, objects: LocalObjects, guests: AudienceView
) -> None:
    publish(context)
    view = imported(context, objects, guests, "member,email\nada,ada@example.com\n", ImportMode.CREATE)
    assert view.members_created == 1
    assert verify_states(context).differences == ()
    assert verify_states(context, repair=True).differences == ()
    ingest_events(context, [earned("ada", "2025-06-01", 600)])
    assert verify_states(context).differences == ()


def test_a_file_makes_members_and_puts_them_on_the_list(
    context: Context, objects: LocalObjects, guests: AudienceView
) -> None:
    french = create_audience(context, "French", rules=[SaidRule("country", "equals", ("FR",))])
    done = imported(context, objects, guests, FILE)
    assert (done.state, done.progress, done.rows_total, done.rows_done) == (ImportState.COMPLETED, 100, 2, 2)
    assert counts(done) == (2, 0, 2, 0)
    ann = next(iter(list_audience_members(context, french.id, limit=5).items)).profile
    assert (ann.email, ann.full_name) == ("ann@shop.example", "Ann A")
    assert {key: str(value) for key, value in ann.metadata.items()} == {
        "size": "1.5",
        "tags": "['vip', 'new']",
        "Shoe Size": "38",
    }


def test_the_same_file_twice_changes_nothing(context: Context, objects: LocalObjects, guests: AudienceView) -> None:
    text = "email,points,city\nann@shop.example,120,Lyon\nbob@shop.example,5.5,\n"
    assert counts(imported(context, objects, guests, text)) == (2, 0, 2, 0)
    again = imported(replace(context, now=context.now + SECOND), objects, guests, text)
    assert (again.state, counts(again)) == (ImportState.COMPLETED, (0, 0, 0, 0))
    amounts = [item.profile.amounts for item in list_audience_members(context, guests.id, limit=5).items]
    assert sorted(one["points_balance"] for one in amounts) == [55_000, 1_200_000]
    assert [one.id for one in list_imports(context, guests.id, limit=1).items] == [again.id]


def test_members_whom_a_file_makes_or_changes_are_told(
    context: Context, objects: LocalObjects, guests: AudienceView
) -> None:
    imported(context, objects, guests, "member,city,points\nann,Lyon,5\n")
    create_endpoint(context, url="https://example.com/hook")
    later = replace(context, now=context.now + SECOND)
    imported(later, objects, guests, "member,city,points\nann,Paris,\nbob,Lyon,7\n")

    with context.database.reading() as connection:
        told = [(one.type, one.payload) for one in outbox.page(connection, context.scope, limit=99)]

    mine = [(type_, said["member"], said.get("fields")) for type_, said in told if type_.startswith("member.")]
    assert mine == [("member.created", "bob", None), ("member.changed", "ann", ["city"])]


@pytest.mark.parametrize(
    ("mode", "expected", "city"),
    [
        (ImportMode.SKIP, (1, 0, 2, 0), "Paris"),
        (ImportMode.UPDATE, (1, 1, 2, 0), "Lyon"),
        (ImportMode.CREATE, (1, 0, 1, 1), "Paris"),
    ],
)
def test_known_members_are_left_or_updated_or_refused(
    context: Context,
    objects: LocalObjects,
    guests: AudienceView,
    mode: ImportMode,
    expected: tuple[int, int, int, int],
    city: str,
) -> None:
    other = create_audience(context, "Others", AudienceKind.STATIC)
    imported(context, objects, other, "email,city\nann@shop.example,Paris\n")
    done = imported(context, objects, guests, "email,city\nANN@shop.example,Lyon\nbob@shop.example,Rome\n", mode)
    assert counts(done) == expected
    ann = list_audience_members(context, other.id, limit=5).items[0].profile
    assert ann.city == city


def test_every_bad_row_is_named_and_the_good_ones_count(
    context: Context, objects: LocalObjects, guests: AudienceView
) -> None:
    ingest_events(context, [earned("m1", "2025-06-01", 10)])
    text = (
        "member,email,phone,points,metadata\n"
        "m1,,,,\n"
        ",not-an-address,,,\n"
        ",,12ab,,\n"
        ",,,,\n"
        "m2,a@b.example,+33 6 12-34-56-78,many,{\n"
        "m3,,,\n"
        f"{'x' * 201},,,,\n"
        'm4,"a\tb@c.example",,,\n'
        ",,+33 1 23 45 67 89,,\n"
        ",,+33123456789,,\n"
    )
    done = imported(context, objects, guests, text)
    assert faults(done) == [
        (2, "email", "bad_email"),
        (3, "phone", "bad_phone"),
        (4, "", "no_identifier"),
        (5, "metadata", "bad_metadata"),
        (5, "points", "bad_points"),
        (6, "", "ragged"),
        (7, "member", "too_long"),
        (8, "email", "control_characters"),
    ]
    assert (done.rows_done, counts(done)) == (10, (1, 0, 2, 7))
    page = list_import_faults(context, done.id, limit=3)
    rest = list_import_faults(context, done.id, after=page.next, limit=10)
    assert [*page.items, *rest.items] == list(done.faults)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"name,city\nAnn,Lyon\n", "no column that says who is meant"),
        (b"email,Email\na@b.example,a@b.example\n", "comes twice"),
        (b"email,\na@b.example,x\n", "column 2 has no name"),
        ("email\né@b.example\n".encode("latin-1"), "is not UTF-8: line 2"),
        ("email\na@b.example\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04", "a spreadsheet"),
        (b"email" + b",c" * 300, "columns; 200 at most"),
        ("email\na@b.example\n".encode("utf-16-le"), "may be UTF-16"),
        (b"email," + b"c" * 101 + b"\na@b.example,x\n", "column 2 has a name that is longer than 100 characters"),
        (b"email,a\x07b\na@b.example,x\n", "column 2 has a name that has control characters"),
    ],
)
def test_a_file_that_cannot_be_read_fails_whole(
    context: Context, objects: LocalObjects, guests: AudienceView, data: bytes, said: str
) -> None:
    done = imported(context, objects, guests, data)
    assert done.state is ImportState.FAILED
    assert said in (done.error or "")
    assert people(context, guests) == {}


def test_awkward_but_readable_files_are_read(context: Context, objects: LocalObjects, guests: AudienceView) -> None:
    text = 'email;full_name\r\n"ann@shop.example";"A\r\nnn, ""the"" first"\r\n\r\nbob@shop.example;=1+1\r\n'
    done = imported(context, objects, guests, text)
    assert faults(done) == [(1, "full_name", "control_characters")]
    assert list(people(context, guests)) == ["bob@shop.example"]
    old = imported(context, objects, guests, 'email,city\rkim@shop.example,"Lyon\rold"\rlee@shop.example,Lyon\r')
    assert faults(old) == [(1, "city", "control_characters")]
    assert "lee@shop.example" in people(context, guests)
    broken = imported(context, objects, guests, "email,city\neve@shop.example\0,x\nzoe@shop.example,Rome\n")
    assert [fault[0] for fault in faults(broken)] == [1]
    assert "zoe@shop.example" in people(context, guests)


def test_metadata_is_bounded_as_it_is_everywhere_else(
    context: Context, objects: LocalObjects, guests: AudienceView
) -> None:
    deep = "[" * 9 + "]" * 9
    many = json.dumps(dict.fromkeys(map(str, range(limits.METADATA_VALUES_MAX)), 1))
    rows = [
        ("a@shop.example", f'{{"x": {deep}}}'),
        ("b@shop.example", "[1]"),
        ("c@shop.example", '{"x": NaN}'),
        ("d@shop.example", f'{{"{"k" * 101}": 1}}'),
        ("e@shop.example", f'{{"x": "{"y" * 4_001}"}}'),
        ("f@shop.example", "[" * 5_000),
        ("g@shop.example", many),
        ("g@shop.example", '{"more": 1}'),
        ("h@shop.example", "{}"),
    ]
    text = io.StringIO()
    csv.writer(text).writerows([("email", "metadata"), *rows])
    done = imported(context, objects, guests, text.getvalue())
    assert faults(done) == [(row, "metadata", "bad_metadata") for row in (1, 2, 3, 4, 5, 6, 8)]
    assert sorted(map(str, people(context, guests))) == ["g@shop.example", "h@shop.example"]


def test_what_was_written_out_comes_back_as_it_was(
    context: Context, objects: LocalObjects, guests: AudienceView
) -> None:
    texts = ["=1+1", "+33 1", "'tis", "-2", "a;b", 'say "x"', "@me", "'=1", " =2", "\uff1dSUM(A1)"]
    text = io.StringIO()
    rows = [(f"m{place}", cell.replace("'=", "''=")) for place, cell in enumerate(texts)]
    csv.writer(text).writerows([("member", "City"), *rows])
    imported(context, objects, guests, text.getvalue())
    written = "".join(export_csv(context, guests.id))
    cells = [row["city"] for row in csv.DictReader(io.StringIO(written))]
    assert [cell for cell in cells if cell.lstrip("' ").startswith(tuple("=+-@\uff1d"))] == [
        "'=1+1",
        "'+33 1",
        "'-2",
        "'@me",
        "''=1",
        "'=2",
        "'\uff1dSUM(A1)",
    ]
    kept = [item.profile.city for item in list_audience_members(context, guests.id, limit=20).items]
    assert kept == [cell.strip() for cell in texts]
    back = "member,city\n" + "".join(
        f"{line.split(',')[0]},{cell}\n"
        for line, cell in zip(
            written.splitlines()[1:], (f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in cells), strict=True
        )
    )
    assert counts(imported(context, objects, guests, back)) == (0, 0, 0, 0)


def test_a_file_comes_to_the_same_wherever_it_is_cut_into_steps(
    context: Context, stranger: Context, objects: LocalObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(where: Context, audience: AudienceView) -> list[tuple[str | None, ...]]:
        items = list_audience_members(where, audience.id, limit=1_000).items
        found = [(one.profile.email, one.profile.phone, one.profile.city, str(one.profile.amounts)) for one in items]
        return sorted(found, key=str)

    random = Random(7)
    lists = {where: create_audience(where, "Guests", AudienceKind.STATIC) for where in (context, stranger)}
    for mode in [ImportMode.UPDATE, ImportMode.SKIP, ImportMode.UPDATE, ImportMode.CREATE, ImportMode.UPDATE]:
        lines = ["member,email,phone,city,points"]
        for number in range(14):
            member = random.choice(["", "", "", "ann", "bob"])
            email = random.choice(["", "a@b.example", "A@b.example", "c@d.example", "wrong"])
            phone = random.choice(["", "", "123456", "+123457"])
            lines.append(f"{member},{email},{phone},{random.choice(['', 'Lyon', 'Rome'])},{number}")
        outcomes = []
        for where, rows in ((context, 1), (stranger, 1_000)):
            monkeypatch.setattr(limits, "IMPORT_ROWS_PER_STEP", rows)
            monkeypatch.setattr(limits, "IMPORT_STEPS_PER_TURN", 3)
            done = imported(where, objects, lists[where], "\n".join(lines), mode)
            outcomes.append((done.state, counts(done), faults(done), known(where, lists[where])))
        assert outcomes[0] == outcomes[1]


def test_a_list_that_was_archived_takes_no_more_and_files_that_are_read_are_gone(
    context: Context, objects: LocalObjects, guests: AudienceView
) -> None:
    done = imported(context, objects, guests, "email\na@b.example\n")
    assert objects.size(done.object_key) is None
    made = create_import(context, guests.id)
    upload_import(context, objects, made.id, io.BytesIO(b"email\nlate@b.example\n"))
    archive_audience(context, guests.id)
    run(context, objects)
    failed = read_import(context, made.id)
    assert (failed.state, failed.rows_done) == (ImportState.FAILED, 0)
    assert objects.size(failed.object_key) is None
    assert list(people(context, guests)) == ["a@b.example"]


def test_files_and_states_that_do_not_fit_are_refused(
    context: Context, objects: LocalObjects, guests: AudienceView, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create_import(context, guests.id)
    with pytest.raises(NotFoundError):
        start_import(context, objects, made.id)
    monkeypatch.setattr(limits, "IMPORT_BYTES_MAX", 10)
    with pytest.raises(ObjectTooLargeError):
        upload_import(context, objects, made.id, io.BytesIO(b"email\n" * 5))
    assert objects.size(made.object_key) is None
    objects.put(made.object_key, io.BytesIO(b"email\n" * 5), 100)
    with pytest.raises(ObjectTooLargeError):
        start_import(context, objects, made.id)
    assert objects.size(made.object_key) is None
    upload_import(context, objects, made.id, io.BytesIO(b"email\n"))
    with pytest.raises(WrongStateError):
        upload_import(context, objects, made.id, io.BytesIO(b"email\n"))
    dynamic = create_audience(context, "All", rules=[SaidRule("member", "exists")])
    with pytest.raises(WrongStateError):
        create_import(context, dynamic.id)
    with pytest.raises(NotFoundError):
        read_import(context, "imp_none")


def test_an_import_takes_turns_and_shows_its_progress(
    context: Context, objects: LocalObjects, guests: AudienceView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "IMPORT_ROWS_PER_STEP", 10)
    monkeypatch.setattr(limits, "IMPORT_STEPS_PER_TURN", 2)
    made = create_import(context, guests.id)
    rows = "".join(f"a{number}@shop.example\n" for number in range(50))
    upload_import(context, objects, made.id, io.BytesIO(f"email\n{rows}".encode()))
    seen = []
    while run_imports(context.database, objects, "w1", lambda: context.now):
        view = read_import(context, made.id)
        seen.append((view.state, view.progress))
    assert seen == [
        (ImportState.PROCESSING, 40),
        (ImportState.PROCESSING, 80),
        (ImportState.COMPLETED, 100),
    ]


KILLED = """
import sys
from ziggurat import limits
from ziggurat.app.audiences.run_imports import run_imports
from ziggurat.store.database import Database
from ziggurat.store.objects import open_objects
limits.IMPORT_ROWS_PER_STEP, limits.IMPORT_STEPS_PER_TURN = 100, 1_000_000
run_imports(Database(sys.argv[1]), open_objects(sys.argv[2]), "victim", lambda: int(sys.argv[3]))
"""


def large_file(rows: int, bad_each: int) -> tuple[bytes, list[tuple[int, str, str]]]:
    """A file with a bad row each so many, and what is wrong with them."""
    lines, wrong = ["email,full_name,points"], []
    for number in range(1, rows + 1):
        if number % bad_each == 0:
            lines.append(f"nobody-{number},Nobody,1")
            wrong.append((number, "email", "bad_email"))
        else:
            lines.append(f"m{number}@shop.example,Member {number},{number % 7}")
    return ("\n".join(lines) + "\n").encode(), wrong


def check_killed_import(
    context: Context, objects: LocalObjects, guests: AudienceView, rows: int, killed_after: int
) -> list[int]:
    """Import that many rows, the worker killed after some of them; the progress that was seen until then."""
    data, wrong = large_file(rows, 100)
    made = create_import(context, guests.id)
    upload_import(context, objects, made.id, io.BytesIO(data))
    url = context.database.url.render_as_string(hide_password=False)
    victim = subprocess.Popen([sys.executable, "-c", KILLED, url, str(objects.folder), str(context.now)])
    seen = [0]
    while victim.poll() is None and (at := read_import(context, made.id).rows_done) < killed_after:
        seen += [at] if at > seen[-1] else []
        os.sched_yield()
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    halfway = read_import(context, made.id)
    assert halfway.state is ImportState.PROCESSING
    assert killed_after <= halfway.rows_done < rows
    assert run_imports(context.database, objects, "heir", lambda: context.now) == 0
    later = replace(context, now=context.now + (limits.IMPORT_LEASE_S + 1) * SECOND)
    run(later, objects, "heir")
    done = read_import(later, made.id, faults=rows)
    assert (done.state, done.rows_done, faults(done)) == (ImportState.COMPLETED, rows, wrong)
    assert counts(done) == (rows - len(wrong), 0, rows - len(wrong), len(wrong))
    total = sum(number % 7 for number in range(1, rows + 1) if number % 100) * 10_000
    balance, listed, after = 0, 0, None
    while True:
        page = list_audience_members(later, guests.id, after=after, limit=1_000)
        balance += sum(item.profile.amounts["points_balance"] for item in page.items)
        listed += len(page.items)
        after = page.next
        if after is None:
            break
    assert (listed, balance) == (rows - len(wrong), total)
    return seen


def test_an_import_killed_halfway_is_finished_by_another_worker(
    context: Context, objects: LocalObjects, guests: AudienceView
) -> None:
    check_killed_import(context, objects, guests, 3_000, killed_after=100)


@pytest.mark.slow
def test_a_hundred_thousand_rows_with_a_thousand_bad_ones_killed_halfway(
    context: Context, objects: LocalObjects, guests: AudienceView
) -> None:
    seen = check_killed_import(context, objects, guests, 100_000, killed_after=50_000)
    assert len(seen) > 100, "progress moves all the time"
