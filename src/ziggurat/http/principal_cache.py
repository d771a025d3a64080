"""Who a secret belongs to, remembered for a second: asking the database costs more than most answers.

A key that is revoked through this process is forgotten at once, elsewhere within `limits.KEY_REMEMBERED_SECONDS`.
Secrets are kept as digests only, and only those that opened something.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from hashlib import sha256

from ziggurat import limits
from ziggurat.app.principal import Principal

_MICROSECONDS = 1_000_000


class PrincipalCache:
    """Remembers principals by what was shown to prove them; `clock` says the present in UTC microseconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._known: dict[bytes, tuple[Principal, int]] = {}
        self._lock = threading.Lock()

    def get(self, shown: str, find: Callable[[], Principal | None]) -> Principal | None:
        """Whose `shown` is: remembered, or else what `find` says."""
        digest = sha256(shown.encode()).digest()
        now = self._clock()
        known = self._known.get(digest)
        if known is not None and known[1] > now:
            return known[0]
        found = find()
        with self._lock:
            if len(self._known) >= limits.KEYS_REMEMBERED_MAX:
                self._known.clear()
            if found is None:
                self._known.pop(digest, None)
            else:
                self._known[digest] = (found, now + limits.KEY_REMEMBERED_SECONDS * _MICROSECONDS)
        return found

    def forget(self) -> None:
        """Ask the database again about everybody: some key has changed."""
        with self._lock:
            self._known.clear()
