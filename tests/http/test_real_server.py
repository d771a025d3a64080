"""`ziggurat serve` as a process of its own: real sockets, real signals."""

import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx2
import pytest

from tests.http.club import event
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.store.schema import open_database

SECONDS = 60
Start = Callable[..., str]


def command_line(options: Mapping[str, object]) -> list[str]:
    """`ziggurat serve` with `options`."""
    said = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return [sys.executable, "-c", "from ziggurat.cli.main import run; run()", "serve", *said]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a server over a new file; its address."""
    running: list[subprocess.Popen[str]] = []

    def started(**options: object) -> str:
        database = f"sqlite:///{tmp_path / 'served.db'}"
        asked = {"database": database, "port": 0, **options}
        command = f"import sys; from ziggurat.cli.serve import serve; sys.exit(serve(**{asked!r}))"
        log = (tmp_path / "log.jsonl").open("w")
        process = subprocess.Popen([sys.executable, "-c", command], stdout=subprocess.PIPE, stderr=log, text=True)
        log.close()
        running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"Ziggurat listens on (http://127\.0\.0\.1:\d+)\n", line)
        assert found, (line, (tmp_path / "log.jsonl").read_text())
        return found[1]

    yield started
    for process in running:
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=SECONDS)
        assert process.returncode in (0, -signal.SIGTERM)
        assert out == ""


@pytest.fixture
def key(tmp_path: Path) -> Callable[[], dict[str, str]]:
    """The header of a new key to the served file."""

    def made() -> dict[str, str]:
        database = open_database(f"sqlite:///{tmp_path / 'served.db'}")
        secret = create_first_key(database, 0).secret
        database.dispose()
        return {"authorization": f"Bearer {secret}"}

    return made


def test_it_makes_its_file_and_answers(start: Start, key: Callable[[], dict[str, str]]) -> None:
    address = start()
    with httpx2.Client(base_url=address, headers=key(), timeout=SECONDS) as client:
        assert client.get("/readyz").json() == {"status": "ok"}
        answer = client.post("/v1/events", json=[event(1, "a/b", 5)])
        assert answer.json()["counts"]["accepted"] == 1
        assert client.get("/v1/members/a%2Fb").json()["id"] == "a/b"
        assert client.head("/v1/organization").content == b""
        assert "server" not in answer.headers


def test_many_at_once_are_all_answered(start: Start, key: Callable[[], dict[str, str]]) -> None:
    address, headers = start(), key()
    answers: list[int] = []

    def send(number: int) -> None:
        with httpx2.Client(base_url=address, headers=headers, timeout=SECONDS) as client:
            for step in range(5):
                one = event(number * 5 + step, f"member-{step}", 1)
                answers.append(client.post("/v1/events", json=one).json()["counts"]["accepted"])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [1] * 40


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-a: " + b"a" * 200_000,
    ],
)
def test_broken_requests_leave_it_standing(start: Start, sent: bytes) -> None:
    address = start()
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as raw:
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        try:
            while raw.recv(65_536):
                pass
        except ConnectionResetError:
            pass
    assert httpx2.get(f"{address}/healthz", timeout=SECONDS).status_code == 200


def test_what_cannot_be_served_is_said_and_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for options, told in (
            ({"database": "mysql://x"}, "sqlite:///FILE"),
            ({"database": f"sqlite:///{tmp_path}"}, "unable to open"),
            ({"database": f"sqlite:///{tmp_path / 'x.db'}", "port": port}, f"cannot listen on 127.0.0.1 port {port}"),
            ({"database": f"sqlite:///{tmp_path / 'x.db'}", "face": "none"}, "none"),
        ):
            words = command_line(options)
            run = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)
            assert run.returncode == 1, run.stderr
            assert told in run.stderr
            assert run.stdout == ""
