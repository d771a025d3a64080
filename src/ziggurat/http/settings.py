"""What can be set about the service: each setting has a name in the environment, a default and a sentence.

docs/settings.md is generated from here (`python -m ziggurat.http.settings`), and a test compares.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeAlias

from ziggurat import limits
from ziggurat.errors import ZigguratError

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_PREFIX = "ZIGGURAT_"
_PORT_MAX = 65_535


class InvalidSettingError(ZigguratError):
    """A setting in the environment has a value that it cannot have."""

    code = "invalid_setting"

    def __init__(self, name: str, value: str, wanted: str) -> None:
        self.name = name
        self.wanted = wanted
        super().__init__(f"{name}={value}: {wanted}")


Reader: TypeAlias = Callable[[str], Any]


def _switch(text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise ValueError("write on or off")


def _count(text: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit():
        raise ValueError("write a whole number")
    return int(text)


def _positive(text: str) -> int:
    count = _count(text)
    if not count:
        raise ValueError("write a whole number above zero")
    return count


def _port(text: str) -> int:
    port = _count(text)
    if port > _PORT_MAX:
        raise ValueError(f"ports reach to {_PORT_MAX}")
    return port


def _one_of(*words: str) -> Reader:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"write one of {', '.join(word or '(empty)' for word in words)}")
        return text

    return read


def _setting(default: Any, says: str, reader: Reader = str) -> Any:
    return field(default=default, metadata={"says": says, "reader": reader})


FACES = ("fanfare", "capillary", "voucherify", "wix")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one process serves. The field `database_url` is `ZIGGURAT_DATABASE_URL` in the environment, and so on."""

    database_url: str = _setting(
        "sqlite:///ziggurat.db",
        "Where everything is kept: `sqlite:///FILE` (made when missing) or `postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    host: str = _setting("127.0.0.1", "Address to listen on. `0.0.0.0` is every address of the machine.")
    port: int = _setting(8000, "Port to listen on; 0 takes a free one.", _port)
    face: str = _setting("", "Vendor face served at the root, instead of the native API.", _one_of("", *FACES))
    worker_threads: int = _setting(
        1,
        "Threads for timers and jobs inside `ziggurat serve`, with one more for webhooks and one for syncs; 0: none.",
        _count,
    )
    database_connections: int = _setting(
        limits.DATABASE_CONNECTIONS_MAX, "Connections to the database that one process opens at most.", _positive
    )
    lock_timeout_ms: int = _setting(
        limits.LOCK_TIMEOUT_MS, "How long a writer waits for another one, in milliseconds.", _positive
    )
    statement_timeout_ms: int = _setting(
        limits.STATEMENT_TIMEOUT_MS, "How long one statement may take, in milliseconds (PostgreSQL).", _positive
    )
    sqlite_synchronous: str = _setting(
        "FULL",
        "`FULL`: what was answered survives a power cut; `NORMAL`: only a killed process.",
        _one_of("FULL", "NORMAL"),
    )
    rate_limit_per_minute: int = _setting(
        0, "Requests a minute that one key may send to one process; 0 is no limit.", _count
    )
    webhook_private_targets: bool = _setting(
        False, "Whether webhooks and syncs may go to private and loopback addresses.", _switch
    )
    objects: str = _setting(
        "ziggurat-objects", "Where files for imports are kept: a folder, or `s3://BUCKET/PREFIX` (extra `objects`)."
    )
    metrics: bool = _setting(True, "Whether `/metrics` answers.", _switch)
    log_level: str = _setting("info", "What is logged.", _one_of("debug", "info", "warning", "error"))
    log_format: str = _setting("json", "One JSON object a line, or text for people.", _one_of("json", "text"))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **chosen: Any) -> Settings:
        """The settings of `environment` (the process's own by default); `chosen` ones that are not None win.

        Raises:
            InvalidSettingError: a value cannot be read, or nothing is called so.
        """
        given = os.environ if environment is None else environment
        known = {_PREFIX + each.name.upper(): each for each in fields(cls)}
        values: dict[str, Any] = {}
        for name, each in known.items():
            if name not in given:
                continue
            try:
                values[each.name] = each.metadata["reader"](given[name])
            except ValueError as error:
                raise InvalidSettingError(name, given[name], str(error)) from None
        values |= {name: value for name, value in chosen.items() if value is not None}
        return cls(**values)


def settings_table() -> str:
    """docs/settings.md, in full."""
    lines = [
        "# Settings",
        "",
        "<!-- Written by `python -m ziggurat.http.settings`; a test compares. -->",
        "",
        "Every setting is an environment variable; options of `ziggurat serve` win over them.",
        "",
        "| variable | default | says |",
        "|---|---|---|",
    ]
    for each in fields(Settings):
        assert each.default is not MISSING
        shown = {True: "on", False: "off"}.get(each.default, each.default) if each.type == "bool" else each.default
        default = f"`{shown}`" if shown != "" else ""
        lines.append(f"| `{_PREFIX}{each.name.upper()}` | {default} | {each.metadata['says']} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(settings_table(), end="")  # noqa: T201 - the table is the answer
