"""Scenes of representative requests, kept with their answers in golden files (`tests/support/golden.py`).

Whatever is different in every run (random and derived ids, cursors, keys) is written as a placeholder that says which
of them it is, so that the same id is the same placeholder within a file. Instants are those of the test's clock.
"""

import re
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tests.support.golden import is_golden

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PREFIXED = r"(?:l[a-z]{1,9}|aa|v|whe|proj|key|imp)[_-][0-9a-f]{10,}"
_ID = re.compile(rf"\b(?:{_GUID}|{_PREFIXED})\b")
_SECRETS = {"next", "publicKey", "secret_key", "startCursor", "endCursor", "uploadUrl"}


class Golden:
    """Sends requests, and keeps them with their answers; `kept` are ids that are the same in every run."""

    def __init__(self, client: TestClient, prefix: str, kept: tuple[str, ...] = ()) -> None:
        self.client = client
        self.prefix = prefix
        self.exchanges: list[dict[str, Any]] = []
        self._names = {id_: id_ for id_ in kept}
        self._counts: dict[str, int] = {}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON answer to a request, which is kept."""
        answer = self.client.request(method, self.prefix + path, json=body, headers=headers)
        told = answer.json()
        request = {"method": method, "path": path} | ({"headers": headers} if headers else {})
        request |= {} if body is None else {"body": body}
        self.exchanges.append({"request": request, "answer": {"status": answer.status_code, "body": told}})
        return told

    def check(self, file: Path) -> None:
        """See that everything is as `file` says."""
        assert is_golden(file, self._plain(self.exchanges))

    def _plain(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {self._text(key): self._plain(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self._plain(each) for each in value]
        if not isinstance(value, str):
            return value
        return f"<{name}>" if name in _SECRETS else self._text(value)

    def _text(self, text: str) -> str:
        return _ID.sub(lambda match: self._placeholder(match[0]), text)

    def _placeholder(self, id_: str) -> str:
        if id_ not in self._names:
            kind = "guid" if re.fullmatch(_GUID, id_) else re.split("[_-]", id_)[0]
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[id_] = f"<{kind} {self._counts[kind]}>"
        return self._names[id_]
