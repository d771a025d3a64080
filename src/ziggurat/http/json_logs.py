"""Logs: one JSON object a line, without secrets and without who the members are.

A request is logged by its route's template, never by its path: paths hold members' names. Headers, queries and bodies
are never logged.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.json import Encoder

LOGGER = logging.getLogger("ziggurat.http")
_FIELDS = "ziggurat_fields"
_ENCODER = Encoder(enc_hook=str)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, and the fields given with it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = frames_of(record.exc_info[1])
        return _ENCODER.encode(line).decode()


class TextFormatter(logging.Formatter):
    """The same for people."""

    def format(self, record: logging.LogRecord) -> str:
        said = " ".join(f"{name}={value}" for name, value in getattr(record, _FIELDS, {}).items())
        line = f"{record.levelname.lower():7} {record.getMessage()} {said}".rstrip()
        if record.exc_info and record.exc_info[1]:
            line += f"\n{type(record.exc_info[1]).__name__}\n" + "\n".join(frames_of(record.exc_info[1]))
        return line


def frames_of(error: BaseException | None) -> list[str]:
    """Where `error` came from, without its message: messages of databases hold values."""
    if error is None:
        return []
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


def log(level: int, message: str, fields: Mapping[str, Any], error: BaseException | None = None) -> None:
    """Log `message` with `fields`. Where in our source that is says nobody anything, and costs much to find out."""
    if not LOGGER.isEnabledFor(level):
        return
    trace = (type(error), error, error.__traceback__) if error else None
    record = LOGGER.makeRecord(LOGGER.name, level, "", 0, message, (), trace)
    setattr(record, _FIELDS, dict(fields))
    LOGGER.handle(record)


def configure_logs(level: str, form: str) -> None:
    """Send Ziggurat's and the server's logs to standard error, as `form` (json or text) wants them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    for name in ("ziggurat", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name != "uvicorn.error" else []
        logger.setLevel(level.upper() if name == "ziggurat" else "WARNING")
        logger.propagate = name == "uvicorn.error"
