"""When keys were last used, written now and then and after the answer: no request waits for it or fails for it."""

from __future__ import annotations

import logging
import threading

from ziggurat import limits
from ziggurat.app.access.mark_key_used import mark_key_used
from ziggurat.app.principal import Principal
from ziggurat.errors import ZigguratError
from ziggurat.http.json_logs import log
from ziggurat.store.database import Database

_MICROSECONDS = 1_000_000


class KeyUses:
    """Knows which uses this process has written already."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written: dict[str, int] = {}
        self._lock = threading.Lock()

    def is_due(self, principal: Principal, now: int) -> bool:
        """Whether a use at `now` (UTC microseconds) is worth writing; the caller who hears so writes it."""
        with self._lock:
            last = self._written.get(principal.key_id)
            if last is not None and now - last < limits.KEY_USE_SECONDS * _MICROSECONDS:
                return False
            if len(self._written) >= limits.KEYS_REMEMBERED_MAX:
                self._written.clear()
            self._written[principal.key_id] = now
            return True

    def write(self, principal: Principal, now: int) -> None:
        """Write the use; a database that cannot is logged."""
        try:
            mark_key_used(self._database, principal, now)
        except ZigguratError as error:
            log(logging.WARNING, "the use of a key was not written", {"key_id": principal.key_id, "code": error.code})
