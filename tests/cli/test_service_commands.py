"""The service's commands keep their contract, on a database file of their own."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.running import CLUB, EVENTS, ziggurat


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'club.db'}"


def test_a_new_key_is_printed_once_and_is_of_no_use_when_revoked(url: str) -> None:
    made = json.loads(ziggurat("keys", "create", "--organization", "acme", "--database", url, "--json").stdout)
    assert set(made) == {"organization", "key_id", "secret", "scopes"}
    assert made["scopes"] == ["read", "ingest", "design", "approve", "admin"]

    listed = ziggurat("keys", "list", "--organization", "acme", "--database", url, "--json").stdout
    assert made["secret"] not in listed
    assert [key["key_id"] for key in json.loads(listed)] == [made["key_id"]]

    revoked = ziggurat("keys", "revoke", made["key_id"], "--organization", "acme", "--database", url, "--json").stdout
    assert json.loads(revoked)[0]["revoked_at"] is not None


def test_a_key_gets_the_scopes_asked_for_and_no_others(url: str) -> None:
    made = ziggurat("keys", "create", "--scopes", "read,ingest", "--database", url, "--json").stdout
    assert json.loads(made)["scopes"] == ["read", "ingest"]
    said = ziggurat("keys", "create", "--scopes", "read,ingst", "--database", url, code=2).stderr
    assert said.startswith("--scopes: 'ingst' is not a scope (did you mean \"ingest\"?)")


def test_revoking_asks_for_a_key_and_an_organization_that_are_there(url: str) -> None:
    assert "ziggurat keys revoke KEY_ID" in ziggurat("keys", "revoke", "--database", url, code=2).stderr
    ziggurat("keys", "list", "--organization", "nobody", "--database", url, code=1)


def test_what_is_imported_comes_out_again_and_replays_to_the_same_moves(url: str, tmp_path: Path) -> None:
    ziggurat("import", EVENTS, "--program", CLUB, "--database", url)
    ziggurat("export", tmp_path / "out.csv", "--database", url)

    ziggurat("replay", CLUB, EVENTS, "--transitions", tmp_path / "before.csv", "--tiers", tmp_path / "tiers.csv")
    ziggurat("replay", CLUB, tmp_path / "out.csv", "--transitions", tmp_path / "after.csv")

    before = sorted((tmp_path / "before.csv").read_text().splitlines())
    assert before == sorted((tmp_path / "after.csv").read_text().splitlines())
    assert len(before) > 1


def test_the_same_import_again_changes_nothing(url: str) -> None:
    first = json.loads(ziggurat("import", EVENTS, "--program", CLUB, "--database", url, "--json").stdout)
    again = json.loads(ziggurat("import", EVENTS, "--program", CLUB, "--database", url, "--json").stdout)
    assert (first["rows"], first["accepted"], first["resumed"]) == (15, 15, 0)
    assert (again["rows"], again["resumed"]) == (15, 15)
    assert "accepted" not in again


def test_times_without_zone_are_those_of_the_programs_in_force(url: str, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("member,type,occurred_at,points\nzoe,points.earned,2025-07-01,5\n")
    ziggurat("import", EVENTS, "--program", CLUB, "--database", url)
    ziggurat("import", tmp_path / "more.csv", "--database", url)
    ziggurat("export", tmp_path / "out.csv", "--database", url)
    (zoe,) = [line for line in (tmp_path / "out.csv").read_text().splitlines() if "zoe" in line]
    assert "2025-06-30T22:00:00+00:00" in zoe


def test_a_file_that_cannot_be_read_leaves_nothing_behind(url: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("member,type,occurred_at,points\nada,points.earned,2025-01-01,5\nada,points.earned,soon,5\n")
    assert "bad.csv:3" in ziggurat("import", bad, "--database", url, code=1).stderr
    ziggurat("keys", "create", "--database", url, "--json")
    assert json.loads(ziggurat("verify", "--database", url, "--json").stdout)[0]["events"] == 0


def test_verify_finds_what_was_changed_behind_its_back_and_repairs_it(url: str, tmp_path: Path) -> None:
    ziggurat("import", EVENTS, "--program", CLUB, "--database", url)
    with sqlite3.connect(tmp_path / "club.db") as connection:
        connection.execute("UPDATE member_states SET tier_key = 'Platinum'")
    connection.close()

    assert "--repair writes anew" in ziggurat("verify", "--database", url, code=1).stderr
    found = json.loads(ziggurat("verify", "--database", url, "--json", code=1).stdout)[0]
    assert {each["what"] for each in found["differences"]} == {"state"}
    ziggurat("verify", "--repair", "--database", url)
    assert json.loads(ziggurat("verify", "--database", url, "--json").stdout)[0]["differences"] == []


def test_a_database_is_migrated_once(url: str) -> None:
    assert "is this version's now" in ziggurat("migrate", "--database", url).stdout
    assert "already" in ziggurat("migrate", "--database", url).stdout
    assert ziggurat("worker", "--once", "--database", url).stdout == "0 things done\n"


@pytest.mark.parametrize("words", [("verify",), ("export", "out.csv"), ("keys", "list"), ("keys", "revoke", "key_1")])
def test_who_asks_for_a_file_that_is_not_there_is_told_and_none_is_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "mistyped.db"
    assert (
        f"there is no file {file}" in ziggurat(*words, "--database", f"sqlite:///{file}", cwd=tmp_path, code=1).stderr
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("member,points\n" * 100)
    assert f"{file}: file is not a database" in ziggurat("migrate", "--database", f"sqlite:///{file}", code=1).stderr
    below = ziggurat("migrate", "--database", f"sqlite:///{file}/club.db", code=1).stderr
    assert f"{file}: the folder cannot be made: " in below


@pytest.mark.parametrize("words", [("verify",), ("migrate",), ("worker", "--once"), ("import", EVENTS)])
def test_a_file_of_a_newer_version_is_left_alone(url: str, tmp_path: Path, words: tuple[str | Path, ...]) -> None:
    ziggurat("migrate", "--database", url)
    with sqlite3.connect(tmp_path / "club.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "knows up to" in ziggurat(*words, "--database", url, code=1).stderr
