"""What the README says about running the service is done as it stands there: in a shell, against real processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import EXAMPLES, ROOT
from tests.docs.test_pages import OF_THE_SERVICE, blocks
from tests.store.conftest import postgres
from tests.support.postgres import PostgresServer

__all__ = ["postgres"]

PATIENCE_S = 120
START, FIRST_STEPS, FILES, ON_POSTGRESQL = blocks("bash")
READY = re.compile(r"Ziggurat listens on http://127\.0\.0\.1:(\d+)\n")


class Shell:
    """A new folder with the examples, in which `ziggurat` is a command."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(EXAMPLES, folder / "examples")
        commands = folder / "bin"
        commands.mkdir()
        (commands / "ziggurat").write_text(f'#!/bin/sh\nexec {sys.executable} -m ziggurat "$@"\n')
        (commands / "ziggurat").chmod(0o755)
        self.folder = folder
        self.port = free_port()
        settings = {"ZIGGURAT_PORT": str(self.port), "PATH": f"{commands}:{os.environ['PATH']}", "NO_PROXY": "*"}
        self.environment = {**os.environ, **settings, "PYTHONPATH": str(ROOT / "src")}
        self.running: list[subprocess.Popen[str]] = []

    def run(self, script: str) -> str:
        """What `script` prints; it has to succeed, line by line."""
        script = script.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, line: str) -> str:
        """Run `line` until the end of the test; the first line that it prints."""
        words = ["bash", "-c", f"exec {line}"]
        log = (self.folder / "log").open("a")
        process = subprocess.Popen(
            words, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
        log.close()
        self.running.append(process)
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, (self.folder / "log").read_text()
        return said

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.communicate(timeout=PATIENCE_S)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path)
    yield made
    made.stop()


def lines_of(block: str) -> list[str]:
    return [line.partition("#")[0].strip() for line in block.splitlines()]


def test_the_service_runs_as_the_readme_says(shell: Shell) -> None:
    (serve,) = lines_of(START)
    ready = READY.fullmatch(shell.start(serve))
    assert ready
    assert int(ready[1]) == shell.port
    assert (shell.folder / "ziggurat.db").is_file()

    activated, taken, read, explained = map(json.loads, shell.run(FIRST_STEPS).splitlines())
    assert activated["program"]["status"] == "active"
    assert taken["items"][0]["result"] == "accepted"
    assert read["programs"][0]["tier"] == "Silver"
    assert "Silver" in explained["items"][0]["sentence"]

    said = shell.run(FILES)
    assert "15 rows: 15 accepted" in said
    assert "16 events written to ledger.parquet" in said
    assert "16 events: 0 differences" in said


@pytest.mark.slow
def test_it_runs_on_postgresql_as_the_readme_says(shell: Shell, postgres: PostgresServer) -> None:
    export, migrate, serve, worker = lines_of(ON_POSTGRESQL)
    name, _, shown = export.removeprefix("export ").partition("=")
    assert shown.startswith("postgresql://")
    database = postgres.create()
    shell.environment[name] = postgres.url_of(database)
    assert "is this version's now" in shell.run(migrate)
    assert READY.fullmatch(shell.start(serve))
    assert shell.start(worker) == "The worker is at work.\n"
    activated, taken, *_ = map(json.loads, shell.run(FIRST_STEPS).splitlines())
    assert activated["program"]["status"] == "active"
    assert taken["counts"]["accepted"] == 1
    assert "15 rows: 15 accepted" in shell.run(FILES)
    assert not (shell.folder / "ziggurat.db").exists()
    shell.stop()
    shell.running.clear()
    postgres.drop(database)


def test_the_readme_shows_each_command_of_the_service() -> None:
    shown = re.findall(r"\bziggurat ([a-z]+)", "\n".join(map("\n".join, map(lines_of, blocks("bash")))))
    assert set(shown) == OF_THE_SERVICE
