"""The documents say what is so: pages made from the code are up to date, and what a reader may type works."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from tests.cli.running import ROOT, ziggurat
from tests.docs.cli_page import page
from ziggurat.cli.main import COMMANDS

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [text for word, text in fenced if word == language]


def commands() -> list[str]:
    lines = "".join(blocks("")).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("ziggurat ")]


OF_THE_SERVICE = {"serve", "worker", "migrate", "keys", "import", "export", "verify"}


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == page(), "run script/docs"


@pytest.mark.parametrize("command", commands())
def test_every_command_in_the_readme_works(command: str) -> None:
    words = shlex.split(command, comments=True)
    assert ziggurat(*words[1:]).stdout


def test_the_readme_shows_each_command_that_reads_files() -> None:
    shown = {command.split()[1] for command in commands()}
    assert shown == {command.name for command in COMMANDS} - {"demo"} - OF_THE_SERVICE


def test_the_program_in_the_readme_is_the_one_in_the_examples() -> None:
    assert blocks("yaml")[0] == (ROOT / "examples" / "club.yaml").read_text(encoding="utf-8")


def test_the_python_in_the_readme_works() -> None:
    (code,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ada is Gold since 1 May 2025")
