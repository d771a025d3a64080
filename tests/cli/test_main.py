"""What holds for every command: quick help, exit codes, one message."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import CLUB, EVENTS, ziggurat
from ziggurat.cli.main import COMMANDS

HEAVY = ("numpy", "numba", "polars", "pyarrow", "pandas", "whenever", "ruamel", "fastapi", "sqlalchemy", "uvicorn")


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('modules', *{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_no_command_and_nothing_heavy() -> None:
    loaded = modules_after("from ziggurat.cli.main import main\nmain(['--help'])")
    assert "cyclopts" in loaded
    assert not loaded & set(HEAVY)


def test_the_library_loads_nothing_until_a_name_is_used() -> None:
    assert not modules_after("import ziggurat") & {*HEAVY, "cyclopts", "rich"}
    assert "whenever" in modules_after("import ziggurat\nziggurat.Program")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_help(command: object) -> None:
    assert isinstance(command, tuple)
    done = ziggurat(command[0], "--help")
    assert f"ziggurat {command[0]}" in done.stdout
    assert command[2] in done.stdout


def test_help_names_every_command() -> None:
    text = ziggurat("--help").stdout
    assert all(command.name in text for command in COMMANDS)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nonsense",), "nonsense"),
        (("replay",), "requires an argument"),
        (("replay", CLUB), "parameter EVENTS requires an argument"),
        (("import", EVENTS, "--time-zone", "Paris"), "--time-zone: 'Paris' is not a time zone (did you mean"),
        (("export", "out.csv", "--time-zone", "Mars/Base"), "--time-zone: 'Mars/Base' is not a time zone"),
        (("import", "--skip-bad-rows"), "parameter EVENTS requires an argument"),
        (("replay", CLUB, EVENTS, "--engine", "warp"), 'Invalid value "warp" for --engine'),
        (("replay", CLUB, EVENTS, "--no-such-option"), "--no-such-option"),
        (("replay", CLUB, EVENTS, "--as-of", "yesterday"), "--as-of: 'yesterday' is not a date or a time"),
        (("replay", CLUB, EVENTS, "--map", "member"), "--map member: write --map FIELD=COLUMN"),
        (("replay", CLUB, EVENTS, "--map", "membr=x"), '"membr" is not a field of events (did you mean "member"?)'),
        (("replay", CLUB, EVENTS, "--map", "id=a", "--map", "id=b"), "--map id is given twice"),
        (("replay", CLUB, EVENTS, "--tiers", "out.xlsx"), "out.xlsx: its ending says no format"),
        (("replay", CLUB, EVENTS, "--tiers", EVENTS), "events.csv is read from, and would be written over"),
        (("replay", CLUB, EVENTS, "--tiers", "a.csv", "--transitions", "a.csv"), "both name a.csv"),
        (("explain", CLUB, EVENTS), "--member"),
    ],
)
def test_wrong_usage_ends_with_two_and_says_where_help_is(words: tuple[str, ...], message: str) -> None:
    done = ziggurat(*words, code=2)
    assert message in done.stderr
    assert done.stdout == ""
    assert "--help" in done.stderr.splitlines()[-1]


def test_options_stand_anywhere_between_the_files() -> None:
    whole = ziggurat("explain", CLUB, EVENTS, EVENTS, "--member", "ada").stdout
    assert ziggurat("explain", "--member", "ada", CLUB, EVENTS, EVENTS).stdout == whole
    assert ziggurat("explain", CLUB, EVENTS, "--member", "ada", EVENTS).stdout == whole
    assert ziggurat("explain", CLUB, "--member", "ada", EVENTS, EVENTS).stdout == whole


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("words", [("check", CLUB), ("replay", CLUB, EVENTS, "--json")])
def test_an_answer_that_finds_no_room_is_one_message(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ziggurat", *map(str, words)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "standard output: it cannot be written: No space left on device (make room)\n"


def test_a_terminal_without_the_letters_of_a_name_gets_the_rest(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(
        "member,type,occurred_at,points\nZo\u00eb,points.earned,2025-01-01,5\n", "utf-8"
    )
    for more, shown in (((), "Zo? "), (("--json",), "Zo\\u00eb")):
        done = subprocess.run(
            [sys.executable, "-m", "ziggurat", "replay", CLUB, tmp_path / "events.csv", *more],
            capture_output=True,
            encoding="ascii",
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert shown in done.stdout
